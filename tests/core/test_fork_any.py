"""Any small choreography, forked anywhere and forked again, ends as its source did."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st
from killing import BOOKKEEPING, log_faults
from stagehand import Made, Noted, Play, Step, Told, Vendor, Wanted, say, stage

from duanju.core.desk import Desk
from duanju.core.episode import Episode
from duanju.core.folds import Folds
from duanju.core.fork import make_fork
from duanju.core.hooks import effect, hookimpl
from duanju.core.rebuild import table_problems
from duanju.core.replay import replay
from duanju.events.calls import CallFailed, SpeechRequested, SpeechReturned
from duanju.events.cast import CharacterCast, Profile, Voice
from duanju.events.episode import EpisodeOpened, PartClosed, PartOpened

PROFILE = Profile("female", 30, "oval", "#fff", "bob", "#000", "#000", "slim", "suit", "#111", "#222", ())
STREAM = "episode/tea/one"
MOST_STEPS = 7

Deed = tuple[str, int]
DEEDS = st.tuples(
    st.sampled_from(["step", "note", "tell", "say", "want", "cast", "part", "close", "fail"]),
    st.integers(0, 3),
)
SCRIPTS = st.lists(st.lists(DEEDS, max_size=4), min_size=1, max_size=MOST_STEPS)


def plugins_of(script: list[list[Deed]]) -> dict[str, Any]:
    """Plugins that do at each step what the script says there, each looking at all that came before."""

    def seen(episode: Episode) -> str:
        kinds = (Step, Noted, Told, Made, SpeechReturned)
        return " ".join(str(len(episode.all(kind))) for kind in kinds) + f" {len(episode.cast)}"

    def deeds(number: int, episode: Episode) -> Iterator[Any]:
        for what, n in script[number] if number < len(script) else ():
            if what == "step" and number + 1 + n <= MOST_STEPS:
                yield Step(number + 1 + n)
            elif what == "note":
                yield Noted(n)
            elif what == "tell":
                yield Told(f"{number}", seen(episode))
            elif what in ("say", "fail"):
                yield say(f"L{n}", f"{what} {n}")
            elif what == "want":
                yield Wanted(f"w{number}", f"{n}")
            elif what == "cast":
                yield CharacterCast("tea", f"c{n}", PROFILE, Voice("female", 0, 50, 100), f"{number}")
            elif what == "part":
                yield PartOpened("cut", f"p{n}", episode.revision)
            elif what == "close" and f"p{n}" in episode.open_parts("cut"):
                yield PartClosed("cut", f"p{n}", episode.revision)

    out = (
        Step | Noted | Told | SpeechRequested | Wanted | CharacterCast | PartOpened | PartClosed
    )  # what a reaction here may emit

    @hookimpl
    def on_episode_opened(event: EpisodeOpened) -> Iterator[Step]:
        yield Step(0)

    @hookimpl
    def on_step(event: Step, episode: Episode) -> Any:
        if len(episode.all(Step)) <= 12:
            yield from deeds(event.n, episode)

    @hookimpl
    def on_noted(event: Noted, episode: Episode) -> Iterator[Told]:
        # what comes of an answer sees the answers that were there: a fork has those it uses again at once
        yield Told(f"noted {event.n}", seen(episode) if event.n < 10 else "")

    @hookimpl
    def on_speech_returned(event: SpeechReturned, episode: Episode) -> Iterator[Told | Noted]:
        if int(event.subject[1:]) % 2:
            yield Noted(10 + int(event.subject[1:]))
        yield Told(event.subject, "heard")

    @hookimpl
    def on_made(event: Made) -> Iterator[Told]:
        yield Told(event.what, event.inputs)

    @hookimpl
    @effect(lane="work", reuse=True)
    def on_wanted(event: Wanted, desk: Desk) -> Iterator[Made]:
        yield Made(event.what, event.inputs)

    on_step.__annotations__["return"] = Iterator[out]  # type: ignore[valid-type]
    names = on_episode_opened, on_step, on_noted, on_speech_returned, on_made, on_wanted

    def answer(event: SpeechRequested, desk: Desk) -> Iterator[Any]:
        if event.text.startswith("fail"):
            yield CallFailed(why="no", fallback=True)
        else:
            yield vendor.spoken(event, desk)

    vendor = Vendor("v", answer, price=20_000)
    return {"toy": stage("toy", *names), "v": vendor, "w": Vendor("w", price=30_000)}


def told(play: Play, stream: str) -> list[str]:
    """An episode as (kind, body) without positions and what calls, holds and reuse leave, sorted."""
    found = []
    for record in Folds(play.log, play.artifacts.read_sha256).now(stream):
        if record.kind in BOOKKEEPING | {"call_failed", "episode_opened", "episode_forked"}:
            continue
        body = orjson.loads(record.body)
        drop = {*play.plugins.codec.spec(type(record.event)).positions, "bill", "reused_from"}
        found.append(f"{record.kind} { {k: v for k, v in body.items() if k not in drop} }")
    return sorted(found)


@settings(max_examples=16, deadline=None, derandomize=True)
@given(script=SCRIPTS, where=st.lists(st.integers(0, 400), min_size=2, max_size=4))
def test_a_fork_anywhere_and_a_fork_of_it_end_as_the_source(
    script: list[list[Deed]], where: list[int]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        play = Play(Path(folder), plugins_of(script), routes=("v:m", "w:m"), lanes={"vendor": 1, "work": 1})
        play.open()
        play.run(inline=True)
        whole, source = told(play, STREAM), STREAM
        for number, pick in enumerate(where):
            positions = [r.position for r in Folds(play.log, play.artifacts.read_sha256).now(source)]
            own = [position for position in positions if position >= 2]
            at = own[pick % len(own)]
            made = make_fork(play.log, play.plugins, play.artifacts, source, at, f"f{number}", run=True)
            play.run(inline=True)
            assert told(play, made.stream) == whole, (source, at)
            replay(play.log, play.plugins, play.artifacts, made.stream)
            source = made.stream if pick % 2 else STREAM
        assert [one.what for one in table_problems(play.log, play.artifacts.read_sha256)] == []
        assert [one for one in log_faults(play.log) if "'core', 'part'" not in one] == []
        play.close()
