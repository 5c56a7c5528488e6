"""A toy studio for tests of the command line: three plugins that make an "episode" in milliseconds.

Run as a program it is `duanju` with these plugins, for tests that need real processes and signals.
A script's lines are its spoken lines; it needs the word INT. TOY_SLOW = seconds that each call takes;
TOY_UNTIL = a file that each call waits for;
TOY_FAIL, TOY_LOSE, TOY_OVER = a word: a call for a line with that word fails for good, its answer is lost,
or it is billed over its ceiling;
TOY_RAISE = the export raises; TOY_WITHOUT = a plugin to leave out;
TOY_BROKEN = one more plugin, which cannot be used.
"""

from __future__ import annotations

import os
import sys
import time
import types
from collections.abc import Iterator, Mapping
from typing import Any

from duanju.core.desk import Desk
from duanju.core.episode import Episode
from duanju.core.hooks import SELF, effect, hookimpl
from duanju.core.plugins import Plugins, load_plugins
from duanju.core.prices import Price
from duanju.events.calls import Bill, CallFailed, SpeechRequested, SpeechReturned
from duanju.events.cast import Voice
from duanju.events.dialogue import Direction, LineVoiced, MouthTimed
from duanju.events.episode import EpisodeDelivered, EpisodeHeld, EpisodeOpened, EpisodeRevised
from duanju.events.script import (
    Element,
    Line,
    SceneParsed,
    ScriptParsed,
    ShotListSettled,
    ShotPlanned,
    Unmapped,
)

TOML = """\
[routes]
image = []
speech = ["paid:voice"]
"""
MORE: dict[str, Any] = {}
"""Further plugins by name, which a test puts here."""
COST = 20_000  # micro-dollars a character: over `repeat_below` for any line


Parsed = ScriptParsed | SceneParsed | ShotPlanned


class ScriptError(ValueError):
    """As the real stage raises it."""


@hookimpl
@effect(lane="parse")
def on_episode_opened(event: EpisodeOpened, desk: Desk) -> Iterator[Parsed]:
    return _read(event, desk)


@hookimpl
@effect(lane="parse")
def on_episode_revised(event: EpisodeRevised, desk: Desk) -> Iterator[Parsed]:
    return _read(event, desk)


def _read(event: Any, desk: Desk) -> Iterator[Any]:
    rows = desk.artifacts.read(event.source).decode().splitlines()
    if not any("INT." in row for row in rows):
        raise ScriptError(f"{event.file}, line 1: no scene in it; start each scene with INT.")
    lost = tuple(Unmapped(number, row) for number, row in enumerate(rows, 1) if row.startswith("%%%"))
    spoken = [
        row
        for row in rows
        if row.strip() and not row.startswith("%%%") and "INT." not in row and not row.startswith("Title:")
    ]
    lines = [Line(f"L{number:03d}", "Mei", text, "", "spoken") for number, text in enumerate(spoken, 1)]
    elements = (Element("heading", "INT.", 1, 1),)
    revision, count, last = event.revision, len(lines), len(rows)
    yield ScriptParsed(revision, event.title, "en", "fountain", 1, count, last, (), lost, elements)
    yield SceneParsed(
        revision, "S01", 1, 1, "INT.", "room", True, "day", "en", 1, last, ("Mei",), elements
    )  # fmt: skip
    for number, line in enumerate(lines, 1):
        yield ShotPlanned(
            revision, "S01", f"S01-{number:02d}", number, count, "room", True, "day", "", "MS", "eye",
            "still", (), False, "", (), "neutral", (line,), "tts", 1000, number, number,
        )  # fmt: skip


@hookimpl
def on_shot_planned(event: ShotPlanned, episode: Episode) -> Iterator[ShotListSettled | SpeechRequested]:
    if event.number < event.of:
        return
    shots = episode.all(ShotPlanned)
    yield ShotListSettled(event.revision, f"{event.revision:032x}", len(shots), len(shots), 1000 * len(shots))
    for shot in shots:
        for line in shot.lines:
            yield SpeechRequested(
                event.revision, line.line, "line", 1, line.text, "en", Voice("female", 0, 50, 100),
                Direction(100, 0, 100, ""),
            )  # fmt: skip


@hookimpl
def on_speech_returned(
    event: SpeechReturned, episode: Episode
) -> Iterator[LineVoiced | MouthTimed | EpisodeDelivered]:
    shots = episode.all(ShotPlanned)
    shot = next(one for one in shots if one.lines[0].line == event.subject)
    line = shot.lines[0]
    yield LineVoiced(
        event.revision, 1, line.line, shot.shot, "Mei", line.text, event.audio, event.duration_ms, ()
    )
    yield MouthTimed(event.revision, 1, line.line, "Mei", event.duration_ms, ())
    if len({one.subject for one in episode.all(SpeechReturned)}) == len(shots):
        yield EpisodeDelivered(event.revision, "0" * 32, event.audio, event.audio, 1000 * len(shots), 0, 0)


@hookimpl
@effect(lane="export", while_held=True)
def on_episode_delivered(event: EpisodeDelivered, desk: Desk) -> None:
    if os.environ.get("TOY_RAISE"):
        raise OSError("the toy's disk is full")
    for name in ("episode.mp4", "episode.srt", "report.html", "report.json", "costs.csv"):
        (desk.out / name).write_text(f"revision {event.revision}", encoding="utf-8")


@hookimpl
@effect(lane="export", while_held=True)
def on_episode_held(event: EpisodeHeld, desk: Desk) -> None:
    (desk.out / "HELD.txt").write_text(event.why, encoding="utf-8")


class Paid:
    """A provider that costs money; `speech` calls are counted in `calls`."""

    calls = 0

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        self.name = name

    @hookimpl
    def duanju_prices(self) -> list[Price]:
        return [Price(f"{self.name}:voice", {"character": COST * 1_000_000}, "a test", "2026-01-01")]

    @hookimpl
    @effect(provider=SELF, lane="pay", doubt="hold")
    def on_speech_requested(
        self, event: SpeechRequested, desk: Desk
    ) -> Iterator[SpeechReturned | CallFailed]:
        Paid.calls += 1
        time.sleep(float(os.environ.get("TOY_SLOW", "0")))
        for _ in range(6000 if (until := os.environ.get("TOY_UNTIL")) else 0):
            if os.path.exists(until or ""):
                break
            time.sleep(0.01)
        if (word := os.environ.get("TOY_FAIL")) and word in event.text:
            yield CallFailed(why="the toy does not say that word", fallback=False)
            return
        if (word := os.environ.get("TOY_LOSE")) and word in event.text:
            raise ConnectionError("the answer was lost")
        assert desk.call is not None
        used = {"character": len(event.text)}
        if (word := os.environ.get("TOY_OVER")) and word in event.text:
            used = {"character": len(event.text) + 1}
        unknown = "strange" in event.text
        bill = Bill(
            cost=None if unknown else desk.call.price.cost(used),
            billing="unknown" if unknown else "billed",
            usage=used,
        )
        yield SpeechReturned(
            audio=desk.artifacts.put(event.text.encode(), "audio/wav"), duration_ms=100, bill=bill
        )


def toy_plugins(*_: Any, **__: Any) -> Plugins:
    """The plugins in force: the toy's, and nothing that is installed."""
    stage = types.ModuleType("toy")
    for name in (
        "on_episode_opened",
        "on_episode_revised",
        "on_shot_planned",
        "on_speech_returned",
    ):
        setattr(stage, name, globals()[name])
    export = types.ModuleType("toyout")
    export.on_episode_delivered = on_episode_delivered  # type: ignore[attr-defined]
    export.on_episode_held = on_episode_held  # type: ignore[attr-defined]
    extra: dict[str, Any] = {"toy": stage, "toyout": export, "paid": Paid("paid", {})}
    extra.update(MORE)
    if os.environ.get("TOY_WITHOUT"):
        extra.pop(os.environ["TOY_WITHOUT"])
    if os.environ.get("TOY_BROKEN"):
        broken = types.ModuleType("broken")
        broken.on_nothing_that_exists = hookimpl(lambda event: None)  # type: ignore[attr-defined]
        extra["broken"] = broken
    return load_plugins(extra=extra, only=",".join(extra))


def install() -> None:
    """Makes every studio of this process use the toy's plugins."""
    import duanju.core.plugins
    import duanju.core.studio

    duanju.core.studio.load_plugins = toy_plugins
    duanju.core.plugins.load_plugins = toy_plugins


if __name__ == "__main__":
    install()
    from duanju.cli.main import run

    sys.exit(run())
