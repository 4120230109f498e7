"""The table of every refusal, from the code: `python -m tests.architecture.refusals_document` writes it."""

from collections.abc import Iterable

from engine.fix_reasons import FIX_REASON, fix_field
from engine.refusals import CODES, REASONS
from engine.remedies import REMARKS, answers_with, remedy_of
from engine.vocabulary import AnswerCode, Reason
from tests.architecture.house_rules import ROOT

PATH = ROOT / "docs" / "refusals.md"

BEGINNING = """# Refusals

Every answer that is not a plain yes: what it is called, its number in the log, FIX's number for it, what it
means and what to do. A refusal is a result (`Ack.code`, `Ack.reason`), never an exception; `str(ack)` is the
sentence with the numbers filled in, `Ack.fix_reason` the number of FIX: of OrdRejReason (103), or of
CxlRejReason (102) where only a cancel or replace can be refused for it. Where several checks fail,
`Ack.violations` has them all and the reason is that of the first ([risk](risk.md)).

Made from [refusals](../engine/refusals.py), [remedies](../engine/remedies.py) and
[fix_reasons](../engine/fix_reasons.py) by `python -m tests.architecture.refusals_document`; a test holds it
equal to them.
"""
CODES_REMEDIES = {
    AnswerCode.CONFLICT: "use the next number, or another id; look at what the first command became",
    AnswerCode.VERSION_CONFLICT: "read the order again and decide anew; the number is still free",
    AnswerCode.GAP: "send what is missing first, or ask `last_seqs`",
    AnswerCode.STALE_TRADE_DATE: "submit a new order on the new date",
    AnswerCode.OVERLOADED: "send the same bytes again after the time it names",
    AnswerCode.NOT_READY: "send the same bytes again; the client does until its deadline",
    AnswerCode.LOW_SPACE: "cancel, let a day roll or raise a capacity; then send the same bytes again",
    AnswerCode.FENCED: "send the same bytes again, to the new owner; the client does so by itself",
}
"""What to do about an answer that is about the command's place or time and not about its content."""


def document() -> str:
    """The whole document."""
    refused = [reason for reason in REASONS if reason in FIX_REASON]
    odd = [reason for reason in REASONS if reason in REMARKS]
    others = [reason for reason in REASONS if reason not in FIX_REASON and reason not in REMARKS]
    return "\n".join(
        [
            BEGINNING,
            "## Answers that say no by themselves",
            "",
            "| answer | code | meaning | what to do |",
            "|---|---|---|---|",
            *(f"| {code.name} | {code} | {_plain(CODES[code])} | {CODES_REMEDIES[code]} |" for code in CODES),
            "",
            "## Orders and requests that are refused",
            "",
            *_table(refused),
            "",
            "## Commands that are malformed, or find no room",
            "",
            *_table(others),
            "",
            "## What is odd about a report that was accepted",
            "",
            *_table(odd),
            "",
        ]
    )


def _table(reasons: Iterable[Reason]) -> list[str]:
    return [
        "| reason | code | answer | FIX | meaning | what to do |",
        "|---|---|---|---|---|---|",
        *(_line(reason) for reason in sorted(reasons)),
    ]


def _line(reason: Reason) -> str:
    answers = ", ".join(code.name for code in answers_with(reason))
    number = f"{fix_field(reason)}={FIX_REASON[reason]}" if reason in FIX_REASON else ""
    cells = (reason.name, str(int(reason)), answers, number, _plain(REASONS[reason]), remedy_of(reason))
    return f"| {' | '.join(cells)} |"


def _plain(sentence: str) -> str:
    """A sentence without its numbers: what would stand there is named instead."""
    return sentence.format(
        limit="(limit)",
        observed="(observed)",
        mark="(mark)",
        version="(version)",
        expected_seq="(expected)",
    )


if __name__ == "__main__":
    PATH.write_text(document())
    print(f"wrote {PATH}")
