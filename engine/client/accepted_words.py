"""Which words of the vocabulary a client may send: the kernel's rules know what to do with these."""

from engine.kernel.reported_facts import EVENTS
from engine.vocabulary import OrdType, Scope, Side, TimeInForce

SIDES = (Side.BUY, Side.SELL, Side.SELL_SHORT, Side.SELL_SHORT_EXEMPT)
ORD_TYPES = (OrdType.MARKET, OrdType.LIMIT, OrdType.STOP, OrdType.STOP_LIMIT)
TIMES_IN_FORCE = (
    TimeInForce.DAY,
    TimeInForce.GTC,
    TimeInForce.IOC,
    TimeInForce.FOK,
    TimeInForce.GTD,
)
EXEC_TYPES = tuple(EVENTS)
SCOPES = (Scope.ALL, Scope.VENUE, Scope.ACCOUNT, Scope.STRATEGY, Scope.INSTRUMENT)
