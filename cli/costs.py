"""`duanju costs`: what was spent, on what, how well the models answered, and what was foreseen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core.errors import WrongUse
from ..core.words import columns, document, say
from .opening import name_of, open_studio, reading
from .options import Json, StudioFolder
from .sheet import sheet

if TYPE_CHECKING:
    from decimal import Decimal

    from ..core.ledger import Ledger
    from ..core.log import Log
    from ..core.studio import Studio
    from ..core.sums import Sums, Timing
    from .foreseen import Foreseen
    from .money import Currency
    from .span import Span

__all__ = ["costs"]


def costs(
    episode: Annotated[
        str | None,
        typer.Argument(
            metavar="[EPISODE|check]", help="NAME or SERIES/NAME; without it: all. check: re-compute a bill."
        ),
    ] = None,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE.csv]", help="The bill that costs check re-computes.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="model|provider|stage|series|episode|shot|purpose|day",
            help="Default: episode; for one episode: model.",
        ),
    ] = None,
    series: Annotated[str | None, typer.Option(metavar="SERIES", help="Only this series.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DAY", help="From this day on (UTC, of the admission): 2026-11-01.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="DAY", help="Up to this day, and with it.")] = None,
    calls: Annotated[
        bool, typer.Option("--calls", help="How each model answered: success rate and latency.")
    ] = False,
    against_estimate: Annotated[
        bool,
        typer.Option("--against-estimate", help="What was foreseen for the newest revision, and the error."),
    ] = False,
    currency: Annotated[
        str | None, typer.Option(metavar="CODE", help="Show amounts in this currency; needs --rate.")
    ] = None,
    rate: Annotated[
        str | None, typer.Option(metavar="RATE", help="How many of the currency a dollar is.")
    ] = None,
    compare: Annotated[
        str | None, typer.Option(metavar="RATE", help="The same spend at another exchange rate, like 7.3.")
    ] = None,
    json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the groups as CSV.")] = False,
    studio: StudioFolder = None,
) -> None:
    """Show what was spent: calls, cost, money in doubt, wasted, and answers used again.

    Wasted is what failed calls, rejected answers and replaced takes cost. duanju costs check FILE.csv
    re-computes a vendor's bill, a table with the columns model, tokens or mtok, price, amount.
    """
    from ..core.sums import GROUPS
    from .money import currency_of, rate_of
    from .span import Span

    if file is not None:
        chosen = (by, series, since, until, currency, rate, compare, calls or None, as_csv or None)
        _check(episode, file, json, any(one is not None for one in chosen) or against_estimate)
        return
    if json and as_csv:
        raise WrongUse("--json and --csv: choose one")
    group = by or ("episode" if episode is None else "model")
    if group not in GROUPS:
        raise WrongUse(f"--by {group}: no such grouping; there are: {', '.join(GROUPS)}")
    if against_estimate and episode is None:
        raise WrongUse("--against-estimate is about one episode: duanju costs EPISODE --against-estimate")
    money = currency_of(currency, rate)
    other = None if compare is None else rate_of(compare, "--compare")
    span = Span.of(since, until)
    place = open_studio(studio)
    with reading(place) as log:
        stream = None if episode is None else place.resolve(log, episode)
        ledger, whole = _ledgers(log, stream, series, span)
        credit = _credit(place, whole)
    foreseen = _foreseen(place, stream) if against_estimate and stream is not None else None
    groups, total = ledger.by(group), ledger.sums()
    doubts = ledger.doubts()
    timed = ledger.timings() if calls else None
    if json:
        document(
            {
                "episode": None if stream is None else name_of(stream),
                "by": group,
                "series": series,
                "since": span.since,
                "until": span.until,
                "unit": "micro-dollars",
                "groups": [{"name": name, **_plain(sums, money)} for name, sums in groups.items()],
                "total": _plain(total, money),
                "episodes": _episodes(ledger),
                "mean_per_episode": _mean_per_episode(ledger),
                "in_doubt": [{"name": name, **_plain(sums, money)} for name, sums in doubts.items()],
                "credit": credit,
                "currency": None if money.code == "USD" else {"code": money.code, "rate": str(money.rate)},
                "compare": None if other is None else _compared(total, money, other),
                "calls": None if timed is None else _timed(timed),
                "against_estimate": None if foreseen is None else foreseen.plain(),
            }
        )
        return
    if as_csv:
        _csv(group, groups, money)
        return
    _table(group, groups, total, money)
    _remarks(ledger, total, money)
    _doubts(doubts, money)
    if credit is not None:
        left, given = money.shown(credit["left"]), money.shown(credit["given"])
        say(f"credit: {given}, of which {left} are left")
    if other is not None:
        _compare(total, money, other)
    if timed is not None:
        _calls(timed)
    if foreseen is not None:
        foreseen.print(money)


def _check(word: str | None, file: Path, json: bool, others: bool) -> None:
    if word != "check":
        raise WrongUse(f"one episode at a time, or duanju costs check {file}")
    if others:
        raise WrongUse("duanju costs check FILE.csv takes no other option than --json")
    from .costs_check import costs_check

    costs_check(file, json)


def _ledgers(log: Log, stream: str | None, series: str | None, span: Span) -> tuple[Ledger, Ledger]:
    """The ledger that is asked for, and the whole studio's, whose money the credit is."""
    from ..core.folds import series_of
    from ..core.ledger import Ledger, shots_in
    from ..core.ledger_table import ledger_now

    whole = ledger_now(log)
    shots = shots_in(log, stream)
    if series is not None and all(series_of(one) != series for one in log.streams()):
        known = sorted({series_of(one) for one in log.streams()} - {""})
        raise WrongUse(f"--series {series}: no such series; there are: {', '.join(known) or 'none'}")
    entries = tuple(
        one
        for one in whole.entries
        if (stream is None or one.stream == stream)
        and (series is None or series_of(one.stream) == series)
        and span.holds(one.day)
    )
    return Ledger(entries, shots), whole


def _credit(place: Studio, whole: Ledger) -> dict[str, int] | None:
    given = place.settings().budget.credit
    if given is None:
        return None
    return {"given": given, "left": given - sum(one.committed for one in whole.entries)}


def _foreseen(place: Studio, stream: str) -> Foreseen:
    from .foreseen import foreseen

    return foreseen(place, stream)


def _episodes(ledger: Ledger) -> int:
    return len({one.stream for one in ledger.entries if one.stream.startswith("episode/")})


def _mean_per_episode(ledger: Ledger) -> int | None:
    number = _episodes(ledger)
    return None if not number else round(ledger.sums().cost / number)


def _plain(sums: Sums, money: Currency) -> dict[str, Any]:
    import attrs

    plain = {**attrs.asdict(sums), "mean": sums.mean}
    if money.code != "USD":
        plain["cost_in_currency"] = money.amount(sums.cost)
    return plain


def _csv(group: str, groups: dict[str, Sums], money: Currency) -> None:
    """The groups without their total, amounts as exact decimals."""
    head = ["calls", "cost", "mean", "reserved", "in_doubt", "wasted", "unknown", "reused", "currency"]
    rows: list[list[object]] = [[group, *head]]
    for name, sums in groups.items():
        amounts = (sums.cost, sums.mean, sums.reserved, sums.in_doubt, sums.wasted)
        cost, mean, reserved, in_doubt, wasted = map(money.exact, amounts)
        rows.append(
            [name, sums.calls, cost, mean, reserved, in_doubt, wasted, sums.unknown, sums.reused, money.code]
        )
    sheet(rows)


# -- what is printed --------------------------------------------------------------------------------------


def _table(group: str, groups: dict[str, Sums], total: Sums, money: Currency) -> None:
    def row(name: str, sums: Sums) -> list[object]:
        return [
            name,
            sums.calls,
            money.shown(sums.cost),
            "-" if sums.mean is None else money.shown(sums.mean),
            money.shown(sums.reserved),
            money.shown(sums.in_doubt),
            money.shown(sums.wasted),
            sums.unknown,
            sums.reused,
        ]

    head = ["calls", "cost", "a call", "reserved", "in doubt", "wasted", "unknown", "reused"]
    rows: list[list[object]] = [[group, *head]]
    rows += [row(name, sums) for name, sums in groups.items()]
    rows.append(row("total", total))
    columns(rows, right=range(1, 9))


def _remarks(ledger: Ledger, total: Sums, money: Currency) -> None:
    if (number := _episodes(ledger)) > 1:
        say(f"{money.shown(_mean_per_episode(ledger))} an episode, {number} episodes")
    if total.estimated:
        say(f"{money.shown(total.estimated)} of the cost is booked at the ceiling, for want of a bill")
    if total.unknown:
        say(f"{total.unknown} calls cost something that nobody knows; they are in no sum")


def _doubts(doubts: dict[str, Sums], money: Currency) -> None:
    for route, sums in doubts.items():
        calls = "1 call" if sums.doubts == 1 else f"{sums.doubts} calls"
        say(f"in doubt: {calls} to {route}, up to {money.shown(sums.in_doubt)}; see duanju review list")


def _compared(total: Sums, money: Currency, rate: Decimal) -> dict[str, Any]:
    """The same spend at the rate in force (1 where none is given) and at another one, in millionths."""
    from .money import Currency

    code = "CNY" if money.code == "USD" else money.code
    here, there = money.amount(total.cost) or 0, Currency(code, rate).amount(total.cost) or 0
    return {
        "currency": code,
        "rate": str(money.rate),
        "cost": here,
        "other_rate": str(rate),
        "other_cost": there,
        "difference": there - here,
    }


def _compare(total: Sums, money: Currency, rate: Decimal) -> None:
    from .money import Currency

    found = _compared(total, money, rate)
    shown = Currency(found["currency"], type(rate)(1)).shown
    part = f", {100 * found['difference'] / found['other_cost']:+.1f} %" if found["other_cost"] else ""
    say(
        f"at {found['rate']} {found['currency']} a dollar: {shown(found['cost'])}; at {rate}: "
        f"{shown(found['other_cost'])}; the difference is {shown(found['difference'])}{part}"
    )


def _timed(timed: dict[str, Timing]) -> list[dict[str, Any]]:
    import attrs

    return [
        {"name": name, **attrs.asdict(one), "success": round(one.success, 6)} for name, one in timed.items()
    ]


def _calls(timed: dict[str, Timing]) -> None:
    def ms(value: int | None) -> str:
        return "-" if value is None else f"{value} ms"

    rows: list[list[object]] = [["model", "ended", "success", "attempts", "mean", "p50", "p95"]]
    for name, one in timed.items():
        success = f"{100 * one.success:.2f} %"
        times = [ms(one.mean_ms), ms(one.p50_ms), ms(one.p95_ms)]
        rows.append([name, one.calls, success, one.attempts, *times])
    say()
    columns(rows, right=range(1, 7))
