"""Every limit of the storage layer, with its unit and its reason."""

CHUNK_ROWS = 32
"""Rows in one leaf of a block's body tree: evidence for one order discloses at most this many neighbours."""

ROW_BYTES_MAX = 1024
"""Bytes of one row: a header field is 16 bits wide, and wider rows belong in the annex."""

BLOCK_ROWS_MAX = 262_144
"""Rows of one block: at 192 bytes this is 48 MiB, below `BLOCK_BYTES_MAX` with room for the annex."""

BLOCK_BYTES_MAX = 64 * 2**20
"""Bytes of one block: an LMDB transaction may dirty 512 MiB, and one block must stay far below it."""

MAP_BYTES_DEFAULT = 64 * 2**30
"""Address space of one segment: virtual, costs nothing until written, set once and never resized."""

SEGMENT_BYTES_MAX_DEFAULT = 32 * 2**30
"""Bytes after which a segment is closed by a control block: half the map leaves room for the last blocks."""

READERS_MAX = 1024
"""Reader slots of one environment: one per reading process and thread, fixed by the first opener."""

SUB_DATABASES_MAX = 8
"""Named sub-databases of one environment: at most four are in use, the rest is room for later formats."""

SPARE_TXNS = 8
"""Idle read transactions kept for reuse by one process: about as many as it has reading threads."""

TAIL_BLOCKS = 8
"""Blocks verified at open: a crash can only harm the last commit, so a few more than one are enough."""

CHECKED_BLOCKS_MAX = 1_000_000
"""Blocks remembered as checked by one segment: about 100 MB, then the memory is cleared."""

VERIFY_STEP_BYTES = 64 * 2**20
"""Bytes verified inside one read transaction: longer ones would pin pages that a live writer has freed."""

SLOTS = 1024
"""Account slots of an engine: fixed for life, because an account's slot must never move by itself."""

DEAD_LETTERS_MAX = 10_000
"""Dead letters kept: enough to study a fault, small enough to list; the oldest go first."""

DEAD_LETTER_BYTES_MAX = 64 * 2**10
"""Bytes kept of one dead letter: longer input is cut, and its full length is recorded."""

DEAD_LETTER_STORED_BYTES_MAX = 72 * 2**10
"""Bytes that one dead letter takes on disk: what is kept of it, a sentence of ours, and whole pages."""

DEAD_LETTER_RINGS_PER_MAP = 4
"""Full rings that the map holds: LMDB reuses freed pages only two commits later, and not every gap fits."""

DEAD_LETTER_MAP_ROOM_BYTES = 16 * 2**20
"""Bytes of the map beside the letters: tree pages, counts and LMDB's list of free pages."""
