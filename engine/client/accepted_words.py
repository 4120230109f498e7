"""Which words of the vocabulary a client may send: the kernel's rules know what to do with these."""

from engine.kernel.reported_facts import EVENTS
from engine.vocabulary import Scope, Side, TimeInForce

SIDES = (Side.BUY, Side.SELL, Side.SELL_SHORT, Side.SELL_SHORT_EXEMPT)
TIMES_IN_FORCE = (TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC)
EXEC_TYPES = tuple(EVENTS)
SCOPES = (Scope.ALL, Scope.ACCOUNT, Scope.STRATEGY, Scope.INSTRUMENT)
