"""A film's process is killed at random moments: a sound log, nothing paid twice, and the same film.

Real stages, painter, cut and checks; the voices come from a paid vendor on a loopback port. After every kill
the log is walked and replayed, and a person gives up what is in doubt. `--soak N` deals out N kills.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import film_child
import pytest
from attrs import define, field
from film_child import STREAM
from filmkit import events_of, once
from killing import BOOKKEEPING, kill_trials, log_faults, run_killed, state_of
from paidvoice import Vendor, vendor

from duanju.core.artifacts import Artifacts
from duanju.core.log import Log
from duanju.core.plugins import Plugins
from duanju.core.replay import replay
from duanju.core.studio import Studio
from duanju.core.verify import walk
from duanju.events.calls import CallAdmitted, CallDoubted, CallFailed, DoubtSettled, SpeechReturned
from duanju.events.cut import EpisodeCut
from duanju.events.episode import EpisodeReleased

KILLS = 50
PARTS = 2
KILLS_A_FILM = 14
RECORDS_A_START = 6  # a start is killed after 0 to so many commits, so that some kills hit every stage
SPAN_S = 0.25
# A job whose third attempt is killed too has failed and waits for a person, who lets it go on. Every other
# failure (here: a vendor that refuses) must stand as often as in the uninterrupted film.
LEAVE = BOOKKEEPING | {"effect_failed"}
KILLED = "the process ended while it ran"


def _state(log: Log) -> list[str]:
    found = state_of(log, STREAM, LEAVE)
    return [one for one in found if not (one.startswith("call_failed ") and KILLED in one)]


class _Finished(Exception):
    """The film is finished: nothing is left to be killed."""


@define
class Film:
    """One film on trial: its folder, its vendor, and the person who settles what is in doubt."""

    root: Path
    server: Vendor
    plugins: Plugins
    rng: random.Random
    wrong: list[str] = field(factory=list)
    given_up: Counter[tuple[str, str]] = field(factory=Counter)
    doubts: int = 0
    released: int = 0

    def log(self) -> Log:
        """The film's log; nobody else has it."""
        return Log(Studio(self.root).log_path, self.plugins.codec)

    def command(self) -> list[str]:
        """How the film is made, or gone on with."""
        return [sys.executable, film_child.__file__, str(self.root)]

    def between(self) -> None:
        """After every run: looks whether the log is right, settles doubts, and draws the next moment."""
        (self.root / "ready-after").write_text(str(self.rng.randrange(RECORDS_A_START)))
        if not Studio(self.root).log_path.exists():
            return
        log = self.log()
        try:
            self.wrong += [f"position {one.position}: {one.what}" for one in walk(log).problems]
            if any(log.read(stream=STREAM)):
                found = replay(log, self.plugins, Artifacts(Studio(self.root).artifacts.root), STREAM)
                if found.changed or found.unverifiable or found.failed:
                    self.wrong.append(f"replay: {found}")
            self._settle(log)
        finally:
            log.close()
        if self.ends and _finished(self):
            raise _Finished

    @property
    def starts(self) -> int:
        """How often its process began to run."""
        return film_child.count(self.root / "starts")

    @property
    def ends(self) -> int:
        """How often its process came to its own end."""
        return film_child.count(self.root / "ends")

    def _settle(self, log: Log) -> None:
        for (cause,) in log.db.execute(
            "SELECT cause FROM work WHERE plugin = 'core' AND hook = 'doubt'"
        ).fetchall():
            doubt = log.at(cause)
            assert doubt is not None
            if any(one.admitted == doubt.event.admitted for one in events_of(log, STREAM, DoubtSettled)):
                continue
            admitted, request = log.at(doubt.event.admitted), log.at(doubt.event.request)
            assert admitted is not None and request is not None
            self.given_up[admitted.event.route.split(":")[1], request.event.text] += 1
            self.doubts += 1
            settled = DoubtSettled(request.position, admitted.position, "given_up", "a person", "")
            log.append(STREAM, [settled], by="cli.review", cause=doubt.position)
        for hold in sorted(_holds(log)):
            if hold.startswith(("effect:", "call:")):
                self.released += 1
                log.append(STREAM, [EpisodeReleased(hold, "a person", "killed too often")], by="cli.resume")

    def judge(self, whole: Whole) -> list[str]:
        """What is wrong with the finished film and its log; empty = nothing."""
        log = self.log()
        try:
            wrong = [*self.wrong, *log_faults(log), *self._payments(log)]
            state = _state(log)
            wrong += [f"missing {one[:200]}" for one in whole.state if one not in state]
            wrong += [f"too much {one[:200]}" for one in state if state.count(one) != whole.state.count(one)]
            cuts = events_of(log, STREAM, EpisodeCut)
            if [cut.film.sha256 for cut in cuts] != [whole.film]:
                wrong.append("the film has other bytes than the uninterrupted one")
            if _holds(log):
                wrong.append(f"still held: {_holds(log)}")
        finally:
            log.close()
        out = Studio(self.root).folder(STREAM)
        for name, data in whole.out.items():
            if not (out / name).exists() or (out / name).read_bytes() != data:
                wrong.append(f"out/{name} is not the uninterrupted film's")
        return wrong

    def _payments(self, log: Log) -> Iterator[str]:
        """Whether a dear call was sent while its outcome was unknown, and whether the books are right."""
        limit = Studio(self.root).settings().budget.repeat_below
        admissions = list(log.read(stream=STREAM, kind="call_admitted"))
        paid: list[CallAdmitted] = [one.event for one in admissions if one.event.ceiling]
        if sum(self.server.keys[one.id] for one in admissions) != sum(self.server.keys.values()):
            yield "something was submitted under a key that no admission has"
        for one in admissions:
            if self.server.keys[one.id] > 1:
                yield f"the admission at {one.position} was submitted {self.server.keys[one.id]} times"
        texts = {r.position: r.event.text for r in log.read(stream=STREAM, kind="speech_requested")}
        dear = {(a.route.split(":")[1], texts[a.request]) for a in paid if (a.ceiling or 0) >= limit}
        refused = Counter(
            (one.route.split(":")[1], texts.get(one.request, ""))
            for one in events_of(log, STREAM, CallFailed)
            if one.why.startswith("a text needs")
        )
        for call in dear:
            known = self.given_up[call] + refused[call]
            if self.server.said[call] > 1 + known:
                yield f"{call} was submitted {self.server.said[call]} times, with {known} outcomes known"
            if call[1] == "He never came home." and refused[call]:
                yield f"{call} was refused, though it is long enough"
        spent = sum(one.bill.cost or 0 for one in events_of(log, STREAM, SpeechReturned))
        ceilings = {one.position: one.event.ceiling or 0 for one in admissions}
        settled = {one.admitted for one in events_of(log, STREAM, DoubtSettled)}
        lost = sum(ceilings[one] for one in settled)
        open_doubt = sum(
            ceilings[one.admitted]
            for one in events_of(log, STREAM, CallDoubted)
            if one.admitted not in settled
        )
        row = log.db.execute(
            "SELECT sum(settled), sum(reserved), sum(in_doubt) FROM spend WHERE scope = ?", (STREAM,)
        ).fetchone()
        if tuple(row) != (spent + lost, 0, open_doubt):
            yield f"the books say {tuple(row)}, the log {(spent + lost, 0, open_doubt)}"


@define
class Whole:
    """The film as an uninterrupted run makes it: its state, its film's name, and what is in `out`."""

    state: list[str]
    film: str
    out: dict[str, bytes]


def _holds(log: Log) -> set[str]:
    held: set[str] = set()
    for record in log.read(stream=STREAM):
        if record.kind == "episode_held":
            held.add(record.event.hold)
        elif record.kind == "episode_released":
            held.discard(record.event.hold)
    return held


def _finished(film: Film) -> bool:
    log = film.log()
    try:
        carried = log.db.execute("SELECT carried FROM lease").fetchone()[0]
        return carried == log.head and not log.db.execute("SELECT count(*) FROM work").fetchone()[0]
    finally:
        log.close()


def _film(root: Path, server: Vendor, seed: int) -> Film:
    film_child.make_studio(root, server.server_port)
    if seed % 2:
        (root / "one-core").touch()
    plugins = film_child.plugins_for(Studio(root).settings())
    return Film(root, server, plugins, random.Random(seed))


def _uninterrupted(root: Path) -> Whole:
    with vendor() as server:
        film = _film(root, server, 0)
        with pytest.raises(_Finished):
            run_killed(film.command(), rng=film.rng, span=0.0, kills=0, ready=b"r", between=film.between)
        assert set(server.keys.values()) == set(server.said.values()) == {1}
        assert (film.doubts, film.wrong) == (0, [])
        log = film.log()
        try:
            state = _state(log)
            (cut,) = events_of(log, STREAM, EpisodeCut)
        finally:
            log.close()
    kinds = Counter(one.split(" ", 1)[0] for one in state)
    assert kinds["episode_delivered"] == 1 and kinds["shot_rendered"] == 2
    assert server.said["grand", "Is it done?"] == server.said["plain", "Is it done?"] == 1
    out = Studio(root).folder(STREAM)
    return Whole(state, cut.film.sha256, {n: (out / n).read_bytes() for n in ("episode.mp4", "episode.srt")})


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """The uninterrupted film: nothing in doubt, everything submitted once."""
    return once(tmp_path_factory, "uninterrupted", _uninterrupted)


def _trial(root: Path, seed: int, kills: int, whole: Whole) -> dict[str, Any]:
    with vendor() as server:
        film = _film(root / f"film-{seed}", server, seed)
        film.between()
        output, status = "", 0
        with suppress(_Finished):
            killed = run_killed(
                film.command(), rng=film.rng, span=SPAN_S, kills=kills, ready=b"r", between=film.between
            )
            for _ in range(6):  # what the last run found in doubt is settled now, and the rest is made
                output, status = killed.output, killed.status
                if status:
                    break
                killed = run_killed(
                    film.command(), rng=film.rng, span=0.0, kills=0, ready=b"r", between=film.between
                )
        wrong = [f"exit {status}: {output}"] if status else film.judge(whole)
    return {
        "seed": seed,
        "kills": film.starts - film.ends,
        "starts": film.starts,
        "wrong": wrong,
        "doubts": film.doubts,
        "released": film.released,
        "submits": sum(server.keys.values()),
    }


@pytest.mark.parametrize("part", range(PARTS))
def test_a_killed_film_ends_as_the_uninterrupted_one(
    tmp_path: Path, whole: Whole, part: int, pytestconfig: pytest.Config, record_property: Any
) -> None:
    wanted = -(-(int(pytestconfig.getoption("--soak")) or KILLS) // PARTS)
    results: list[dict[str, Any]] = []
    while (done := sum(one["kills"] for one in results)) < wanted:
        assert len(results) < 10 + wanted, "hardly any run is killed in time"
        seed = part + PARTS * len(results)
        left = min(KILLS_A_FILM, wanted - done)
        results += kill_trials([seed], lambda n, most=left: _trial(tmp_path, n, most, whole), processes=1)
    wrong = {one["seed"]: one["wrong"] for one in results if one["wrong"]}
    assert not wrong, json.dumps(wrong, indent=1, ensure_ascii=False)
    sums = {
        name: sum(one[name] for one in results)
        for name in ("kills", "starts", "doubts", "released", "submits")
    }
    record_property("kills", sums)
    print(f"{len(results)} films:", sums)
