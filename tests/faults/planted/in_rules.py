"""Bugs of the rules: what is recognised, what is remembered, in which order."""

from tests.faults.planted.bug import Bug, flow

_KERNEL = "engine/kernel/"

BUGS = [
    Bug(
        "the last number of an order is not recognised",
        _KERNEL + "owner.py",
        "    if seq <= last_seq:\n",
        "    if seq < last_seq:\n",
        flow(0),
        "flow 0: answer: SubmitOrder(",
    ),
    Bug(
        "an ExecID that is used again is taken for the same report",
        _KERNEL + "reporting.py",
        '    if execution["fingerprint"] == fingerprint(command):\n',
        '    if execution["fingerprint"] != 0:\n',
        flow(0),
        "flow 0: answer: ExecutionReport(",
    ),
    Bug(
        "the ExecIDs of an order are forgotten when it leaves memory, and its reports are taken again",
        _KERNEL + "recalling.py",
        '    if command["trade_date"] >= tables.venues[venue]["trade_date"]:\n',
        '    if command["trade_date"] >= 0:\n',
        flow(12),
        "flow 12: answer: ExecutionReport(",
    ),
    Bug(
        "a command that comes again does not find its order that left memory",
        _KERNEL + "frames.py",
        "    return names_closed(commands, i, tables)\n",
        "    return False\n",
        flow(12),
        "flow 12: answer: CancelOrder(",
    ),
    Bug(
        "a cancel reject is known without its request",
        _KERNEL + "keys.py",
        '    if command["kind"] == CommandKind.CANCEL_REJECT:\n',
        '    if command["kind"] == 0:\n',
        flow(0),
        "flow 0: answer: CancelReject(",
    ),
    Bug(
        "a mass cancel walks from the newest order to the oldest",
        _KERNEL + "mass_canceling.py",
        'for order_slot in range(np.int64(request["progress"]) + 1, tables.firm[0]["orders"] + 1):',
        'for order_slot in range(np.int64(tables.firm[0]["orders"]), np.int64(request["progress"]), -1):',
        flow(2),
        "flow 2: answer: MassCancel(",
    ),
    Bug(
        "what is granted to a partition is not counted",
        _KERNEL + "leasing.py",
        '        budget["granted"] += row["amount"]\n',
        "",
        flow(1),
        "flow 1: state of budgets",
    ),
]
