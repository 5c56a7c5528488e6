"""Money: what was settled, reserved and doubted, by scope and day, and what the caps still allow."""

from __future__ import annotations

import sqlite3
from typing import Literal

from attrs import define, frozen

from .settings import Budget

__all__ = ["Spend", "Verdict", "dollars"]


def dollars(amount: int | None) -> str:
    """Micro-dollars as people read them; an unknown amount says so."""
    if amount is None:
        return "unknown"
    sign = "-" if amount < 0 else ""
    whole, rest = divmod(abs(amount), 1_000_000)
    digits = f"{rest:06d}"
    return f"{sign}${whole}.{digits[:2]}{digits[2:].rstrip('0')}"


@define
class _Sums:
    settled: int = 0
    reserved: int = 0
    in_doubt: int = 0


@frozen
class Verdict:
    """What the caps say: pass, wait (reserves in flight may come free), or refuse."""

    says: Literal["pass", "wait", "refuse"]
    why: str = ""
    scope: str = ""


class Spend:
    """The spend table and its copy in memory; every change belongs to the open transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._sums: dict[tuple[str, str], _Sums] = {}
        self._totals: dict[str, _Sums] = {}
        self._changed: set[tuple[str, str]] = set()
        for scope, day, settled, reserved, in_doubt in db.execute("SELECT * FROM spend"):
            self._sums[scope, day] = _Sums(settled, reserved, in_doubt)
            total = self._totals.setdefault(scope, _Sums())
            total.settled += settled
            total.reserved += reserved
            total.in_doubt += in_doubt

    def change(
        self, scopes: tuple[str, ...], day: str, *, settled: int = 0, reserved: int = 0, in_doubt: int = 0
    ) -> None:
        """Adds to the sums of these scopes on a day."""
        if not (settled or reserved or in_doubt):
            return
        for scope in scopes:
            for sums in (
                self._sums.setdefault((scope, day), _Sums()),
                self._totals.setdefault(scope, _Sums()),
            ):
                sums.settled += settled
                sums.reserved += reserved
                sums.in_doubt += in_doubt
            self._changed.add((scope, day))

    def flush(self) -> None:
        """Writes the sums that changed in this turn, each once; only the engine writes this table."""
        if self._changed:
            sums = self._sums
            self._db.executemany(
                "INSERT OR REPLACE INTO spend VALUES (?, ?, ?, ?, ?)",
                [
                    (*key, sums[key].settled, sums[key].reserved, sums[key].in_doubt)
                    for key in sorted(self._changed)
                ],
            )
            self._changed.clear()

    def total(self, scope: str) -> tuple[int, int, int]:
        """(settled, reserved, in doubt) of a scope over all days."""
        sums = self._totals.get(scope, _Sums())
        return sums.settled, sums.reserved, sums.in_doubt

    def allows(self, budget: Budget, scopes: tuple[str, ...], day: str, ceiling: int) -> Verdict:
        """Whether one more call of at most `ceiling` fits under every cap."""
        if budget.call is not None and ceiling > budget.call:
            return Verdict(
                "refuse",
                f"this call may cost {dollars(ceiling)}, over the cap of {dollars(budget.call)} a call",
                "call",
            )
        waiting: Verdict | None = None
        for scope, cap, sums in (
            ("episode", budget.episode, self._totals.get(scopes[-1], _Sums())),
            ("series", budget.series, self._totals.get(scopes[1], _Sums())),
            ("day", budget.day, self._sums.get((scopes[0], day), _Sums())),
        ):
            if cap is None:
                continue
            sure = sums.settled + sums.in_doubt + ceiling
            if sure > cap:
                doubt = f" and {dollars(sums.in_doubt)} in doubt" if sums.in_doubt else ""
                why = (
                    f"{dollars(sums.settled)} spent{doubt} plus {dollars(ceiling)} for this call pass "
                    f"the cap of {dollars(cap)} for the {scope}"
                )
                return Verdict("refuse", why, scope)
            if sure + sums.reserved > cap:
                waiting = Verdict("wait", "calls in flight hold the rest of the budget", scope)
        return waiting or Verdict("pass")
