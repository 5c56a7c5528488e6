"""Estimates: what an episode will cost, by the same engine on a log in memory, without a call or a key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import attrs
from attrs import field, frozen

from ..events.artifact import Artifact
from ..events.calls import TranscriptionRequested
from ..events.episode import EpisodeHeld, EpisodeOpened
from ..events.record import Record, Unknown
from ..events.script import ShotPlanned
from .artifacts import Artifacts
from .engine import Engine
from .folds import Folds, scopes_of, series_of
from .ledger import Entry, Ledger, ledger_of, shots_in
from .log import Log
from .plugins import Plugins
from .prices import Price, Prices, units_of
from .quoting import Known, Quoting, Scrap, spoken_ms
from .settings import Budget, Settings
from .sums import shot_of

__all__ = [
    "GROUPS",
    "Cap",
    "Estimate",
    "Quoted",
    "Script",
    "Total",
    "caps",
    "estimate",
    "estimates",
    "outcomes_of",
    "recorded",
    "series_facts",
]

GROUPS = ("stage", "model", "shot", "purpose")
UNITS = ("call", "image", "second", "character", "input_token", "output_token")


@frozen
class Script:
    """What is estimated: the stream of its episode, its title, its file's name and bytes, and their form.

    `number` is the episode's in a file of several; 0 = the whole file.
    """

    stream: str
    title: str
    file: str
    data: bytes
    form: str = ""
    number: int = 0


@frozen
class Quoted:
    """One call that would be made: `expected` and `ceiling` in micro-dollars, None where nobody knows.

    `units` are counted whatever the model's price is for. A call that an answer of the log stands in for is
    `reused` and costs 0.
    """

    position: int
    stage: str
    capability: str
    purpose: str
    subject: str
    shot: str
    route: str
    rule: str
    reason: str
    expected: int | None
    ceiling: int | None
    units: dict[str, int]
    reused: bool


@frozen
class Total:
    """Sums of quoted calls: money in micro-dollars, `seconds` of speech and clips; `unknown` is in no sum."""

    calls: int = 0
    reused: int = 0
    unknown: int = 0
    expected: int = 0
    ceiling: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    images: int = 0
    characters: int = 0
    seconds: int = 0


@frozen
class Estimate:
    """What an episode will take. `whole`: the plan came as far as a film; else `holds` say where it stopped.

    `shots` and `film_ms` are of the plan; `failures` are the errors of effects that ran (reading the script);
    `left_out` names effects whose doings an estimate cannot tell.
    """

    stream: str
    day: str
    calls: tuple[Quoted, ...]
    shots: int
    film_ms: int
    whole: bool
    holds: tuple[EpisodeHeld, ...] = ()
    failures: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def total(self) -> Total:
        """The sums of all."""
        return _total(self.calls)

    def by(self, group: str) -> dict[str, Total]:
        """The sums by one of GROUPS, sorted. Raises KeyError for another word."""
        name = _NAMES[group]
        parts: dict[str, list[Quoted]] = {}
        for one in self.calls:
            parts.setdefault(name(one), []).append(one)
        return {key: _total(parts[key]) for key in sorted(parts)}

    def routes(self) -> list[str]:
        """The routes that calls go to, sorted; those of answers that are used again are not asked."""
        return sorted({one.route for one in self.calls if not one.reused})


_NAMES: dict[str, Callable[[Quoted], str]] = {
    "stage": lambda one: one.stage,
    "model": lambda one: one.route,
    "shot": lambda one: one.shot,
    "purpose": lambda one: one.purpose,
}


def _total(calls: Iterable[Quoted]) -> Total:
    calls = list(calls)
    asked = [one for one in calls if not one.reused]

    def units(name: str) -> int:
        return sum(one.units.get(name, 0) for one in asked)

    return Total(
        calls=len(asked),
        reused=len(calls) - len(asked),
        unknown=sum(one.ceiling is None for one in asked),
        expected=sum(one.expected or 0 for one in asked),
        ceiling=sum(one.ceiling or 0 for one in asked),
        input_tokens=units("input_token"),
        output_tokens=units("output_token"),
        images=units("image"),
        characters=units("character"),
        seconds=units("second"),
    )


# -- the run ----------------------------------------------------------------------------------------------


def estimate(
    plugins: Plugins,
    settings: Settings,
    script: Script,
    folder: Path,
    day: str,
    *,
    known: Known = lambda keys: None,
    facts: Iterable[Any] = (),
    anew: bool = False,
) -> Estimate:
    """Plays an episode through, as `estimates` does."""
    return estimates(plugins, settings, [script], folder, day, known=known, facts=facts, anew=anew)[0]


def estimates(
    plugins: Plugins,
    settings: Settings,
    scripts: Sequence[Script],
    folder: Path,
    day: str,
    *,
    known: Known = lambda keys: None,
    facts: Iterable[Any] = (),
    anew: bool = False,
) -> list[Estimate]:
    """Plays episodes of one series through with stand-ins, on a day (YYYY-MM-DD) whose prices count.

    What one of them makes, the next one uses again, as it would in the studio. `folder` is for files that
    may be thrown away afterwards. `known` finds what the studio would use again; `facts` are the events of
    the series so far. `anew`: what is known stands in and is quoted all the same, as if nothing had been
    made yet. Caps do not stop it: what they say is told by `caps`.
    """
    quoting = Quoting(plugins, known)
    standins = quoting.made()
    artifacts = Scrap(folder / "artifacts")
    free = attrs.evolve(settings, budget=Budget(unknown_prices=True))
    log = Log(None, plugins.codec, clock=lambda: f"{day}T00:00:00.000Z")
    try:
        log.append(f"series/{scripts[0].stream.split('/')[1]}", facts, by="cli.estimate")
        for script in scripts:
            _, series, name = script.stream.split("/")
            opened = EpisodeOpened(
                series,
                name,
                script.title,
                script.file,
                artifacts.put(script.data, "text/plain"),
                script.form,
                artifacts.put(free.to_json(), "application/json"),
                artifacts.put(plugins.prices.to_json(), "application/json"),
                number=script.number,
            )
            log.append(script.stream, [opened], by="cli.estimate")
        with Engine(log, standins, artifacts, folder / "out", inline=True) as engine:
            engine.run()
        if anew:
            quoting.reused.clear()
        return [_result(log, one.stream, plugins.prices, artifacts, day, quoting) for one in scripts]
    finally:
        log.close()


def _result(
    log: Log, stream: str, prices: Prices, artifacts: Artifacts, day: str, quoting: Quoting
) -> Estimate:
    now = Folds(log, artifacts.read_sha256).now(stream)
    shots = now.all(ShotPlanned)
    named = shots_in(log, stream)
    calls = []
    for entry in ledger_of(log, stream).entries:
        request = log.at(entry.request)
        if request is not None:
            shot = shot_of(stream, entry.subject, named)
            calls.append(_quoted(entry, request.event, shot, prices, day, quoting.reused))
    cuts = [record.event.duration_ms for record in log.read(stream=stream, kind="episode_cut")]
    delivered = next(log.read(stream=stream, kind="episode_delivered"), None)
    return Estimate(
        stream,
        day,
        tuple(calls),
        len(shots),
        cuts[-1] if cuts else sum(one.duration_ms for one in shots),
        bool(cuts) or delivered is not None,
        tuple(now.holds.values()),
        tuple(record.event.error for record in log.read(stream=stream, kind="effect_failed")),
        tuple(sorted(by for by, kind in quoting.left_out.items() if _told(log, stream, kind))),
    )


def _told(log: Log, stream: str, kind: str) -> bool:
    """Whether an event of this kind is in an episode, or in its series."""
    streams = (stream, f"series/{series_of(stream)}")
    return any(next(log.read(stream=one, kind=kind), None) is not None for one in streams)


def _quoted(entry: Entry, request: Any, shot: str, prices: Prices, day: str, reused: set[int]) -> Quoted:
    again = entry.state == "reused" or entry.position in reused
    price = prices.of(entry.route, day)
    free = price is not None and not price.rates
    return Quoted(
        position=entry.position,
        stage=entry.stage,
        capability=entry.capability,
        purpose=entry.purpose,
        subject=entry.subject,
        shot=shot,
        route=entry.route,
        rule=entry.rule,
        reason=entry.reason,
        expected=0 if again or free else entry.quote,
        ceiling=0 if again or free else entry.ceiling,
        units=_units(request, price or Price(entry.route)),
        reused=again,
    )


def _units(request: Any, price: Price) -> dict[str, int]:
    """The units of a request whatever its model is paid by; a line's seconds are those of its stand-in."""
    units, _ = units_of(request, attrs.evolve(price, rates=dict.fromkeys(UNITS, 1)))
    if isinstance(request, TranscriptionRequested):
        # Its seconds are those of a line that was counted when it was spoken.
        return {unit: n for unit, n in units.items() if unit in price.rates and unit != "second"}
    if "character" in units:
        units["second"] = -(-spoken_ms(request) // 1000)
    return units


# -- what a studio has already ----------------------------------------------------------------------------


def outcomes_of(log: Log, artifacts: Artifacts, before: int | None = None) -> Known:
    """Finds the outcomes that a studio would use again; `before` = only those below that position."""

    def find(keys: tuple[str, ...]) -> Any:
        for key in keys:
            row = log.db.execute("SELECT position FROM outcome WHERE key = ?", (key,)).fetchone()
            record = log.at(row[0]) if row is not None and (before is None or row[0] < before) else None
            if record is not None and all(artifacts.sound(one) for one in _files(record.event)):
                return record.event
        return None

    return find


def _files(event: Any) -> list[Artifact]:
    from .keys import artifacts_of

    return artifacts_of(event)


def series_facts(log: Log, stream: str, before: int | None = None) -> Iterator[Any]:
    """What is settled for an episode's series (its cast, above all); `before` = below that position."""
    upto = None if before is None else before - 1
    for record in log.read(stream=f"series/{stream.split('/')[1]}", upto=upto):
        if not isinstance(record.event, Unknown):
            yield record.event


def recorded(log: Log, stream: str, artifacts: Artifacts) -> tuple[Record, Script, Settings, Prices]:
    """What the newest revision of an episode was made from: its record, script, settings and prices.

    Raises BadArtifact where one of them is gone.
    """
    kinds = ("episode_opened", "episode_revised")
    records = [record for kind in kinds for record in log.read(stream=stream, kind=kind)]
    record = max(records, key=lambda one: one.position)
    event = record.event
    script = Script(stream, event.title, event.file, artifacts.read(event.source), event.format, event.number)
    settings = Settings.from_json(artifacts.read(event.settings))
    return record, script, settings, Prices.from_json(artifacts.read(event.prices))


# -- caps -------------------------------------------------------------------------------------------------


@frozen
class Cap:
    """What one cap says of an estimate: fits | may be reached (at the ceilings) | is passed (as expected)."""

    scope: str
    cap: int
    spent: int
    says: Literal["fits", "may be reached", "is passed"]
    routes: tuple[str, ...] = field(default=())


def caps(result: Estimate, budget: Budget, spent: Ledger) -> list[Cap]:
    """What the caps would say, with what the studio has spent already (money in doubt included)."""
    found = []
    if budget.call is not None:
        asked = [one for one in result.calls if not one.reused]
        over = tuple(sorted({one.route for one in asked if (one.ceiling or 0) > budget.call}))
        found.append(Cap("call", budget.call, 0, "is passed" if over else "fits", over))
    total = result.total()
    for scope, cap, already in (
        ("episode", budget.episode, lambda one: one.stream == result.stream),
        ("series", budget.series, lambda one: scopes_of(one.stream)[1] == scopes_of(result.stream)[1]),
        ("day", budget.day, lambda one: one.day == result.day),
    ):
        if cap is not None:
            sum_ = sum(one.committed for one in spent.entries if already(one))
            says: Literal["fits", "may be reached", "is passed"] = "fits"
            if sum_ + total.expected > cap:
                says = "is passed"
            elif sum_ + total.ceiling > cap:
                says = "may be reached"
            found.append(Cap(scope, cap, sum_, says))
    return found
