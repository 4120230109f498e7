"""Which words of the vocabulary a client may send: the kernel's rules know what to do with these."""

from engine.vocabulary import ExecType, Scope, Side, TimeInForce

SIDES = (Side.BUY, Side.SELL, Side.SELL_SHORT, Side.SELL_SHORT_EXEMPT)
TIMES_IN_FORCE = (TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC)
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
