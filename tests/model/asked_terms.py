"""What an order asks for: whether it is well formed, and which checks it fails."""

from tests.model.checks import Exposed, Judged
from tests.model.commands import (
    ReplaceOrder,
    SubmitOrder,
)
from tests.model.exposure import FIRM, LedgerKey, Total, can_value
from tests.model.in_doubt import InDoubt
from tests.model.orders import Order
from tests.model.reference_data import is_name
from tests.model.reporting import malformed_fill
from tests.model.terms import (
    PRICED,
    is_qty,
    malformed_prices,
    working_price,
)
from tests.model.words import (
    Check,
    OrdType,
    Reason,
    Side,
    TimeInForce,
)


class AskedTerms(InDoubt):
    """The part of a partition that looks at the terms of a submit or a replace."""

    # ---- what is malformed, whatever the market does

    def _malformed_terms(self, command: SubmitOrder | ReplaceOrder) -> Reason | None:
        if command.account not in self.accounts.rows:
            return Reason.UNKNOWN_ACCOUNT
        if command.instrument not in self.instruments.rows:
            return Reason.UNKNOWN_INSTRUMENT
        strategy = self.strategies.rows.get(command.strategy)
        if strategy is None or strategy.account != command.account:
            return Reason.UNKNOWN_STRATEGY
        if command.side not in list(Side):
            return Reason.BAD_SIDE
        if command.ord_type not in list(OrdType):
            return Reason.BAD_ORD_TYPE
        if command.time_in_force not in list(TimeInForce):
            return Reason.BAD_TIME_IN_FORCE
        if command.ord_type not in PRICED:
            return malformed_prices(command) if is_qty(command.qty) else Reason.BAD_QTY
        factor = self.instruments.rows[command.instrument].factor
        return malformed_fill(command.qty, command.price, factor) or malformed_prices(command)

    def _malformed_id(self, command: SubmitOrder) -> Reason | None:
        if not is_name(command.cl_ord_id, 20):
            return Reason.BAD_NAME
        account = self.accounts.rows[command.account].name
        if command.order_id != (command.trade_date, account, command.cl_ord_id):
            return Reason.BAD_ORDER_ID
        return None

    @staticmethod
    def _foreign_terms(command: ReplaceOrder, order: Order) -> Reason | None:
        """What a replace would change that only a new order can change."""
        fixed = [
            (command.account, order.account, Reason.UNKNOWN_ACCOUNT),
            (command.instrument, order.instrument, Reason.UNKNOWN_INSTRUMENT),
            (command.strategy, order.strategy, Reason.UNKNOWN_STRATEGY),
            (command.side, order.side, Reason.BAD_SIDE),
            (command.ord_type, order.ord_type, Reason.BAD_ORD_TYPE),
            (command.time_in_force, order.time_in_force, Reason.BAD_TIME_IN_FORCE),
            (is_name(command.cl_ord_id, 20), True, Reason.BAD_NAME),
        ]
        return next((reason for wanted, is_now, reason in fixed if wanted != is_now), None)

    # ---- checks

    def _judged(
        self, command: SubmitOrder | ReplaceOrder, more_qty: int, now: int, order: Order | None = None
    ) -> Judged:
        account, instrument = command.account, command.instrument
        limits = self.limits_for(account, instrument)
        row = self.instruments.rows[instrument]
        price = working_price(command, row, limits)
        lease = self.leases.own(row.currency)
        wanted = max(0, command.qty - (order.cum_qty if order else 0)) * price * row.factor
        return Judged(
            terms=command,
            price=price,
            more_qty=more_qty,
            state=self.strictest_state(account, command.strategy, instrument),
            is_venue_closed=self.is_closed(instrument),
            account=self.accounts.rows[account],
            strategy=self.strategies.rows[command.strategy],
            instrument=self.instruments.rows[instrument],
            limits=limits,
            held_qty=self.held_qty(account, instrument),
            working_buy_qty=self.working(Side.BUY, account, instrument)[0],
            working_sell_qty=self.working(Side.SELL, account, instrument)[0],
            own_qty=self.own_qty((account, command.strategy, instrument)),
            own_working_qty=self.working(command.side, account, instrument, command.strategy)[0],
            open_orders=self.open_orders(account),
            repeated=self.repeated.get((account, instrument, command.side == Side.BUY)),
            opposing=self.opposing(account, instrument, command.side),
            exposures=[
                self._exposed(key, command, price, more_qty, now) for key in self.limited_keys(account)
            ],
            used_credit=self.measured(LedgerKey(FIRM, row.currency))["credit"] if lease else 0,
            more_credit=wanted - (order.working_value(row.factor) if order else 0),
            lease=lease,
            exec_inst=command.exec_inst | (order.exec_inst if order else 0),
            now=now,
        )

    def _exposed(
        self, key: LedgerKey, command: SubmitOrder | ReplaceOrder, price: int, more_qty: int, now: int
    ) -> Exposed:
        """What an account has at stake with an order on top, in the currency of some of its limits."""
        row = self.instruments.rows[command.instrument]
        order = self.orders.get(command.order_id)
        done, works = (order.cum_qty, order.working_value(row.factor)) if order else (0, 0)
        working = max(command.qty - done, 0) * price * row.factor - works
        _, most, least = self._worst_qtys(command.account, command.instrument)
        is_sale = command.side != Side.BUY
        after = max(most, least + more_qty) if is_sale else max(most + more_qty, least)
        largest = self._largest(command.account, command.instrument) + abs(more_qty)
        added = {
            Check.WORKING_NOTIONAL: working,
            Check.CREDIT: working,
            Check.GROSS: (after - max(most, least)) * row.mark * row.factor,
            Check.NET: more_qty * row.mark * row.factor,
        }
        measures = {
            Check.WORKING_NOTIONAL: "working",
            Check.CREDIT: "credit",
            Check.GROSS: "gross",
            Check.NET: "short" if is_sale else "long",
        }
        limits, sums = self.exposure_limits[key], self.sums_of(command.account)
        totals = {
            check: self.total(key, sums, measure, (row.currency, added[check]), now)
            for check, measure in measures.items()
        }
        profit = self.total(key, sums, "profit", (row.currency, 0), now)
        totals[Check.LOSS] = profit._replace(amount=-profit.amount)
        totals[Check.DRAWDOWN] = profit._replace(amount=limits.peak - profit.amount)
        added[Check.LOSS] = int(more_qty >= 0)
        added[Check.DRAWDOWN] = int(more_qty >= 0 and limits.has_max_drawdown)
        if row.mark and not can_value(row, largest):
            for check in (Check.GROSS, Check.NET):
                added[check] = more_qty
                totals[check] = Total(0, totals[check].fault or "PAST")
        return Exposed(limits, totals, added)

    def _no_room_for_order(self) -> Reason | None:
        size = self.capacity
        if len(self.orders) >= size.bound(size.orders):
            return Reason.ORDERS_FULL
        if self.execution_rows >= size.bound(size.executions) or self.fees.is_crowded(size):
            return Reason.TABLE_FULL
        is_full = len(self.positions) >= size.bound(size.positions)
        return Reason.TABLE_FULL if is_full or self.ledger_rows >= size.bound(size.ledgers) else None
