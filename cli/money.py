"""Amounts as the command line shows them: dollars, or another currency at a rate that a person gives."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from attrs import frozen

from ..core.budget import dollars
from ..core.errors import WrongUse

__all__ = ["Currency", "currency_of", "rate_of"]

_CODE = re.compile(r"[A-Z]{3}")
MOST_RATE = Decimal(1_000_000)


@frozen
class Currency:
    """A currency and how many of it a dollar is worth; the default shows dollars as they are."""

    code: str = "USD"
    rate: Decimal = Decimal(1)

    def amount(self, micro: int | None) -> int | None:
        """Micro-dollars -> millionths of this currency, rounded half to even."""
        if micro is None:
            return None
        return int((micro * self.rate).to_integral_value(ROUND_HALF_EVEN))

    def exact(self, micro: int | None) -> Decimal | None:
        """Micro-dollars -> this currency, nothing rounded."""
        return None if micro is None else (micro * self.rate).scaleb(-6)

    def shown(self, micro: int | None) -> str:
        """Micro-dollars as people read them in this currency; an unknown amount says so."""
        if micro is None or self.code == "USD":
            return dollars(self.amount(micro))
        return f"{dollars(self.amount(micro)).replace('$', '')} {self.code}"


def rate_of(text: str, option: str) -> Decimal:
    """An exchange rate as people write it. Raises WrongUse, naming the option."""
    try:
        rate = Decimal(text)
    except InvalidOperation:
        rate = Decimal(0)
    if not rate.is_finite() or not 0 < rate <= MOST_RATE:
        raise WrongUse(f"{option} {text}: no exchange rate; write how many of it a dollar is, like 7.3")
    return rate


def currency_of(code: str | None, rate: str | None) -> Currency:
    """The currency of --currency and --rate. Raises WrongUse where one is missing or is none."""
    if code is None and rate is None:
        return Currency()
    code = "CNY" if code is None else code.upper()
    if not _CODE.fullmatch(code):
        raise WrongUse(f"--currency {code}: no currency; write its three letters, like CNY")
    if rate is None:
        if code == "USD":
            return Currency()
        raise WrongUse(f"--currency {code} needs --rate: how many {code} a dollar is, like --rate 7.3")
    if code == "USD":
        raise WrongUse("--rate is for another currency than USD: add --currency CNY, say")
    return Currency(code, rate_of(rate, "--rate"))
