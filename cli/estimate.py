"""`duanju estimate`: what a film will cost, before anything is called, spent or written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from ..core.errors import WrongUse
from ..core.words import columns, document, say, seconds, warn
from .opening import name_of, open_studio, reading, used_plugins
from .options import FORMAT_HELP, Json, StudioFolder

if TYPE_CHECKING:
    from ..core.estimate import Cap, Estimate, Script, Total
    from ..core.ledger import Ledger
    from ..core.plugins import Plugins
    from ..core.settings import Settings
    from ..core.studio import Studio

__all__ = ["estimate", "plain_total"]

SHOWN = ("stage", "model")


def estimate(
    script: Annotated[Path, typer.Argument(metavar="SCRIPT", help="A screenplay.")],
    profile: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="A set of model routes: local (free, no key), holysheep."),
    ] = None,
    delivery: Annotated[
        str | None, typer.Option(metavar="NAME", help="What the film must be: web-vertical or web-wide.")
    ] = None,
    form: Annotated[
        str | None,
        typer.Option("--format", metavar="FORMAT", help=FORMAT_HELP),
    ] = None,
    episodes: Annotated[
        str | None,
        typer.Option(metavar="all|1-3,5", help="Which episodes of a file that holds several."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(metavar="stage|model|shot|purpose", help="Default: by stage, and by model."),
    ] = None,
    json: Json = False,
    studio: StudioFolder = None,
) -> None:
    """Predict calls, tokens, seconds and money of a film as a range, without a call, a key or a network.

    Answers that the studio would use again cost nothing here either. Nothing is written. Exit code 1 where
    a price is unknown, a cap is passed, or the film would be held.
    """
    from ..core.estimate import GROUPS, caps
    from ..core.log import now
    from ..core.routing import check_routes
    from ..core.settings_file import load_settings
    from ..core.shutdowns import shutdowns
    from ..core.source import check_format, read_source
    from ..core.studio import SETTINGS_FILE, find_studio

    form = check_format(form)
    if by is not None and by not in GROUPS:
        raise WrongUse(f"--by {by}: no such grouping; there are: {', '.join(GROUPS)}")
    root = find_studio(studio, Path.cwd())
    place = None if root is None else open_studio(studio)
    file = None if root is None else root / SETTINGS_FILE
    settings = load_settings(file, os.environ, delivery=delivery, profile=profile)
    read_source(script)
    plugins = used_plugins(place, settings)
    try:
        check_routes(settings, plugins)
        day = now()[:10]
        results, ledger = _estimated(
            place, plugins, settings, _scripts(plugins, settings, script, form, episodes), day
        )
        told = []
        for result in results:
            warnings = [str(one) for one in shutdowns(plugins.prices, result.routes(), day)]
            told.append(
                Told(result, caps(result, settings.budget, ledger), warnings, _missing_keys(plugins, result))
            )
    finally:
        plugins.close()
    credit = _credit(settings, ledger)
    if json and episodes is None:
        document(_plain(told[0], credit))
    elif json:
        document({"episodes": [_plain(one, credit) for one in told], "total": plain_total(_sum(results))})
    else:
        for one in told:
            _print(one.result, (by,) if by else SHOWN)
            _advise(one, credit, settings)
        if len(told) > 1:
            _print_sum(results)
    raise typer.Exit(max(_code(one, settings) for one in told))


class Told(NamedTuple):
    """An estimate with what is to be said of it."""

    result: Estimate
    verdicts: list[Cap]
    warnings: list[str]
    keys: list[str]


def _scripts(
    plugins: Plugins, settings: Settings, file: Path, form: str, episodes: str | None
) -> list[Script]:
    """The episodes of the file that are meant."""
    from ..core.estimate import Script
    from ..core.manuscript import picked, read_manuscript

    script = read_manuscript(plugins, file, form)
    return [
        Script(script.stream(settings, number), script.title(number), script.file, script.data, form, number)
        for number in picked(script, episodes, "duanju estimate")
    ]


def _estimated(
    place: Studio | None, plugins: Plugins, settings: Settings, scripts: list[Script], day: str
) -> tuple[list[Estimate], Ledger]:
    """The estimates, and the ledger of what the studio has spent so far."""
    from ..core.estimate import estimates, outcomes_of, series_facts
    from ..core.ledger import Ledger, ledger_of

    with scrap() as folder:
        if place is None or not place.has_log():
            return estimates(plugins, settings, scripts, folder, day), Ledger(())
        with reading(place, plugins) as log:
            found = estimates(
                plugins,
                settings,
                scripts,
                folder,
                day,
                known=outcomes_of(log, place.artifacts),
                facts=series_facts(log, scripts[0].stream),
            )
            return found, ledger_of(log)


@contextmanager
def scrap() -> Iterator[Path]:
    """A folder for what an estimate makes on its way, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="duanju-estimate-") as folder:
        yield Path(folder)


def _missing_keys(plugins: Plugins, result: Estimate) -> list[str]:
    from ..core.desk import secret_variable
    from ..core.routing import provider_of

    found = []
    for name in sorted({provider_of(route) for route in result.routes()}):
        plugin = plugins.plugins.get(name)
        variable = secret_variable(name)
        if plugin is not None and getattr(plugin.object, "needs_key", False) and not os.environ.get(variable):
            found.append(f"to make it, {name} needs its key: export {variable}=...")
    return found


def _credit(settings: Settings, ledger: Ledger) -> int | None:
    """What is left of the credit, money in doubt and in flight taken off; None where there is none."""
    if settings.budget.credit is None:
        return None
    return settings.budget.credit - sum(one.committed for one in ledger.entries)


def _code(told: Told, settings: Settings) -> int:
    from .ending import script_error

    result, verdicts = told.result, told.verdicts
    if any(script_error(one) is not None for one in result.failures):
        return 2
    unknown = result.total().unknown and not settings.budget.unknown_prices
    held = not result.whole or result.holds
    return 1 if unknown or held or any(one.says == "is passed" for one in verdicts) else 0


# -- what is printed --------------------------------------------------------------------------------------


def plain_total(total: Total) -> dict[str, Any]:
    """A total for JSON."""
    import attrs

    return attrs.asdict(total)


def _plain(told: Told, credit: int | None) -> dict[str, Any]:
    import attrs

    from ..core.estimate import GROUPS

    result = told.result

    return {
        "episode": name_of(result.stream),
        "day": result.day,
        "unit": "micro-dollars",
        "whole": result.whole,
        "shots": result.shots,
        "film_ms": result.film_ms,
        "total": plain_total(result.total()),
        "by": {
            group: [{"name": name, **plain_total(total)} for name, total in result.by(group).items()]
            for group in GROUPS
        },
        "calls": [attrs.asdict(one) for one in result.calls],
        "caps": [attrs.asdict(one) for one in told.verdicts],
        "credit_left": credit,
        "holds": [attrs.asdict(one) for one in result.holds],
        "warnings": [*told.warnings, *told.keys],
        "left_out": list(result.left_out),
    }


def _print(result: Estimate, groups: Iterable[str]) -> None:
    from ..core.budget import dollars

    def row(name: str, one: Total) -> list[object]:
        range_ = f"{dollars(one.expected)} to {dollars(one.ceiling)}"
        return [
            name,
            one.calls,
            one.reused,
            one.input_tokens,
            one.output_tokens,
            one.images,
            one.seconds,
            f"{one.unknown} unknown" if one.unknown and one.unknown == one.calls else range_,
        ]

    head = ["calls", "reused", "tokens in", "tokens out", "pictures", "seconds", "money"]
    for group in groups:
        rows: list[list[object]] = [
            [group, *head],
            *(row(name, one) for name, one in result.by(group).items()),
        ]
        columns([*rows, row("total", result.total())], right=range(1, 8))
        say()
    say(f"{name_of(result.stream)}: {result.shots} shots, {seconds(result.film_ms / 1000)} of film")
    total = result.total()
    say(f"expected {dollars(total.expected)}, at most {dollars(total.ceiling)}; without retakes")


def _sum(results: list[Estimate]) -> Total:
    import attrs

    from ..core.estimate import Total

    totals = [attrs.asdict(one.total()) for one in results]
    return Total(**{name: sum(one[name] for one in totals) for name in totals[0]})


def _print_sum(results: list[Estimate]) -> None:
    from ..core.budget import dollars

    total = _sum(results)
    say()
    say(
        f"all {len(results)} episodes: {total.calls} calls, expected {dollars(total.expected)}, "
        f"at most {dollars(total.ceiling)}"
    )


def _advise(told: Told, credit: int | None, settings: Settings) -> None:
    from ..core.budget import dollars
    from .ending import script_error

    result = told.result
    total = result.total()
    for cap in told.verdicts:
        where = f" by {', '.join(cap.routes)}" if cap.routes else ""
        spent = f" ({dollars(cap.spent)} spent)" if cap.spent else ""
        say(f"the cap of {dollars(cap.cap)} a {cap.scope}{spent}: {cap.says}{where}")
    if credit is not None:
        say(f"credit left: {dollars(credit)}; after this film: {dollars(credit - total.expected)}")
    if total.unknown:
        allowed = settings.budget.unknown_prices
        next_ = "" if allowed else "; add the price, or set unknown_prices = true under [budget]"
        say(f"{total.unknown} calls cost something that nobody knows; they are in no sum{next_}")
    for name in result.left_out:
        say(f"not counted: what {name} does cannot be told beforehand")
    for text in (*told.warnings, *told.keys):
        warn(f"duanju: {text}")
    for text in result.failures:
        if (words := script_error(text)) is not None:
            warn(f"duanju: {words}")
            return
    for hold in result.holds:
        warn(f"it would be HELD ({hold.hold}): {hold.why}")
        warn(f"  next: {hold.next}")
    if not result.whole and not result.holds:
        warn("duanju: the plan ends before a film is cut; the figures are of what was asked for until then")
