"""Bills: what a vendor says that a call used, priced in whole micro-dollars, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ....core.prices import Price
from ....events.calls import Bill
from .sending import Reply

if TYPE_CHECKING:
    from ....core.desk import Desk

__all__ = ["bill_of", "count_of", "free_bill", "numbers_in"]

MOST = 1 << 40


def count_of(value: Any) -> int | None:
    """A count as a vendor reports it; None for what is no whole number of at least 0 (or absurdly large)."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return None
    if not 0 <= value <= MOST or value != int(value):
        return None
    return int(value)


def numbers_in(usage: Any, prefix: str = "") -> dict[str, int]:
    """Every whole number of a usage object, nested names joined by dots: what is recorded of it."""
    found: dict[str, int] = {}
    if isinstance(usage, dict):
        for name, value in list(usage.items())[:60]:
            path = f"{prefix}{name}"[:80]
            if isinstance(value, dict) and prefix.count(".") < 3:
                found.update(numbers_in(value, f"{path}."))
            elif (count := count_of(value)) is not None:
                found[path] = count
    return found


def bill_of(
    desk: Desk,
    reply: Reply,
    usage: Mapping[str, int] | None,
    units: Mapping[str, int] | None,
    *,
    vendor_id: str = "",
) -> Bill:
    """The bill of a call that was answered.

    `usage` as the vendor reported it, `units` the same in the units of the price entry. Without units, or
    with one that the entry does not price, nobody knows the cost: None and "unknown", never 0.
    """
    price = desk.call.price if desk.call is not None else Price("", {}, "")
    cost: int | None = None
    billing = "unknown"
    if units is not None:
        try:
            cost = price.cost(priced(units, price))
        except KeyError:
            cost = None
        if cost is not None:
            known = bool(price.rates) or price.source not in ("", "unknown")
            cost, billing = (cost, "billed" if cost else "free") if known else (None, "unknown")
    return Bill(
        cost=cost,
        billing=billing,
        price=price.id,
        usage=dict(usage or {}),
        latency_ms=reply.latency_ms,
        attempts=reply.attempts,
        vendor_id=(vendor_id or reply.request_id)[:200],
    )


def free_bill(desk: Desk, reply: Reply) -> Bill:
    """The bill of a call that the vendor surely did not take."""
    return Bill(
        cost=0,
        billing="free",
        price=desk.call.price.id if desk.call is not None else "",
        latency_ms=reply.latency_ms,
        attempts=reply.attempts,
        vendor_id=reply.request_id[:200],
    )


# A unit that an entry does not price by itself is priced as the one that it is a part of.
_PART_OF = {
    "cached_token": "input_token",
    "cache_write_token": "input_token",
    "reasoning_token": "output_token",
    "audio_input_token": "input_token",
    "image_input_token": "input_token",
}


def priced(units: Mapping[str, int], price: Price) -> dict[str, int]:
    """The units in the words of a price entry, parts without a price of their own added to their whole."""
    found: dict[str, int] = {}
    for unit, amount in units.items():
        name = unit if unit in price.rates else _PART_OF.get(unit, unit)
        found[name] = found.get(name, 0) + amount
    return found
