"""Which words of the vocabulary a client may send: the kernel's rules know what to do with these."""

from engine.vocabulary import ExecType, OrdType, Scope, Side, TimeInForce

SIDES = (Side.BUY, Side.SELL, Side.SELL_SHORT, Side.SELL_SHORT_EXEMPT)
ORD_TYPES = (OrdType.MARKET, OrdType.LIMIT, OrdType.STOP, OrdType.STOP_LIMIT)
TIMES_IN_FORCE = (
    TimeInForce.DAY,
    TimeInForce.GTC,
    TimeInForce.IOC,
    TimeInForce.FOK,
    TimeInForce.GTD,
)
EXEC_TYPES = (
    ExecType.NEW,
    ExecType.CANCELED,
    ExecType.REPLACED,
    ExecType.REJECTED,
    ExecType.EXPIRED,
    ExecType.RESTATED,
    ExecType.TRADE,
)
SCOPES = (Scope.ALL, Scope.ACCOUNT, Scope.STRATEGY, Scope.INSTRUMENT)
