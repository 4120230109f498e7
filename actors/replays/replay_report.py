"""What a replay found: how much was sent, what was refused, and which rules held."""

from dataclasses import asdict, dataclass
from pathlib import Path

SCHEMA = "orderfold.replay.1"
"""Version of the JSON document; a new one when a key changes its meaning."""

_SHOWN = (
    "messages",
    "commands",
    "refusals",
    "executed_visible",
    "executed_hidden",
    "r1_rows",
    "r1_rows_bad",
    "r1_cells",
    "r1_revealed",
    "r2_checked",
    "r2_deletes",
    "r2_bad",
    "cancels_checked",
    "cancels_bad",
    "state_digest",
    "seconds",
)


@dataclass(slots=True)
class ReplayReport:
    """Counts of one replay; a part of the file that an earlier run applied counts as well.

    R1: each row of the orderbook equals the engine's book, level by level; `r1_revealed` levels were taken
    from the row, all others (`r1_cells`) had to be there. R2: what the file takes from an order is there, and
    a deletion takes all. Cancels (market by order) name what is left. `executed_*` is what the engine has
    executed, in units of quantity. `seeded` and `slid_out` count price levels, like `r1_revealed`.
    `first_problem` is the first thing that was wrong, with file and line; `line_of_row_0` is where that
    file's rows begin. `assumed` says what the file's name has not told.
    """

    file: Path
    line_of_row_0: int = 1
    messages: int = 0
    commands: int = 0
    refusals: int = 0
    executed_visible: int = 0
    executed_hidden: int = 0
    r1_rows: int = 0
    r1_rows_bad: int = 0
    r1_cells: int = 0
    r1_revealed: int = 0
    r2_checked: int = 0
    r2_deletes: int = 0
    r2_bad: int = 0
    cancels_checked: int = 0
    cancels_bad: int = 0
    state_digest: str = ""
    seconds: float = 0.0
    seeded: int = 0
    slid_out: int = 0
    duplicates: int = 0
    first_problem: str = ""
    assumed: str = ""

    @property
    def is_exact(self) -> bool:
        """Whether nothing was refused and every rule held."""
        return not (self.refusals or self.r1_rows_bad or self.r2_bad or self.cancels_bad)

    def blame(self, row: int, problem: str) -> None:
        """Keep the first thing that was wrong, in words; rows count from 0."""
        self.first_problem = self.first_problem or self.at(row, problem)

    def at(self, row: int, problem: str) -> str:
        """A problem with the place of its row before it."""
        return f"{self.file}:{row + self.line_of_row_0}: {problem}"

    def as_json(self) -> dict[str, str | int | float]:
        """The document of `--json`: the counts, by their names."""
        counts = asdict(self)
        return {"schema": SCHEMA, **{name: counts[name] for name in _SHOWN}}
