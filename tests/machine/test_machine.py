"""The whole engine under a state machine: whatever happens, in any order, the log is what the model says."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

from account import Account, Key
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from stand import LANES, PAID, PLAIN, Cut, Run, Stand
from toyroom import PRICES, PROFILE, ROUTES, VERSIONS, VOICE, WANTS, Fact, Stamp, Wanted

from duanju.core.errors import CannotCommit
from duanju.core.folds import Folds
from duanju.core.replay import replay
from duanju.core.settings import Budget
from duanju.core.verify import walk
from duanju.core.verify_work import work_differences
from duanju.events.calls import (
    Bill,
    BudgetRaised,
    ChatReturned,
    DoubtSettled,
    SpeechReturned,
    VideoReturned,
    VideoSubmitted,
)
from duanju.events.cast import CharacterCast
from duanju.events.episode import EpisodeHeld, EpisodeReleased, PartClosed, PartOpened

EXAMPLES = int(os.environ.get("DUANJU_MACHINE_EXAMPLES") or 0)
"""How many plays; 0 = the same 90 every time. Any other number plays new ones, for `make soak`."""
STEPS = int(os.environ.get("DUANJU_MACHINE_STEPS") or 40)
SHRINK = os.environ.get("DUANJU_MACHINE_SHRINK") != "0"

ANY = st.integers(0, 1 << 16)
BUDGETS = (
    Budget(),
    Budget(day=900_000),
    Budget(episode=250_000),
    Budget(series=180_000),
    Budget(episode=900_000, call=120_000),
    Budget(day=400_000),
)
NEXT = st.sampled_from(("rest", "live", "turn", "live", "short", "wait"))


class Machine(RuleBasedStateMachine):
    """A person, four episodes in two series, plugins that come and go, and an engine that may die."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        force = {name: max(versions) for name, versions in VERSIONS.items()} | {"asker": 1, "echo": 1}
        self.stand = Stand(root, force)
        self.model = Account(ROUTES, PRICES, LANES, force)
        self.model.turn(self.stand.rows(0), 0, {}, {}, set(), {})
        self.late: dict[Key, str] = {}
        self.told = 0
        self.seen: list[tuple[str, int, str]] = []

    # -- what the person does ---------------------------------------------------------------------------

    def say(self, stream: str, *events: Any) -> None:
        """Appends, and tells the model."""
        self.stand.say(stream, *events)
        self.model.said(self.stand.rows(self.model.head))

    def stream(self, which: int) -> str:
        """One of the episodes."""
        streams = sorted(self.model.episodes)
        return streams[which % len(streams)]

    def n(self) -> int:
        """A number that no fact has yet."""
        self.told += 1
        return self.told

    @initialize(one=st.sampled_from(BUDGETS[:4]), two=st.sampled_from(BUDGETS[:4]))
    def first(self, one: Budget, two: Budget) -> None:
        """There are two episodes of one series."""
        self._open("a", "one", one)
        self._open("a", "two", two)

    @rule(series=st.sampled_from("ab"), name=st.sampled_from(("one", "two")), caps=st.sampled_from(BUDGETS))
    def open_episode(self, series: str, name: str, caps: Budget) -> None:
        """Another episode begins, or is begun again, which is nothing."""
        self._open(series, name, caps)

    def _open(self, series: str, name: str, caps: Budget) -> None:
        stream = f"episode/{series}/{name}"
        if stream not in self.model.episodes:
            self.say(stream, self.stand.opened(series, name, caps))
            self._caps(stream, caps)
            self.stand.engine.export(stream)  # as a command line does, which reads its index between turns

    def _caps(self, stream: str, caps: Budget) -> None:
        self.model.caps(stream, {name: getattr(caps, name) for name in ("call", "episode", "series", "day")})

    @rule(which=ANY, wants=st.sampled_from(WANTS), words=st.integers(0, 2), old=st.booleans(), then=NEXT)
    def fact(self, which: int, wants: str, words: int, old: bool, then: str) -> None:
        """A fact, now and then of a revision that is over."""
        stream = self.stream(which)
        newest = self.model.episodes[stream].revision()
        self.say(stream, Fact(max(1, newest - old), self.n(), wants, words))
        self.go(then)

    @rule(wants=st.sampled_from(("speech", "speech", "chat", "video")), words=st.integers(0, 2), then=NEXT)
    def same(self, wants: str, words: int, then: str) -> None:
        """Every episode wants the same."""
        for stream, episode in sorted(self.model.episodes.items()):
            self.say(stream, Fact(episode.revision(), self.n(), wants, words))
        self.go(then)

    @rule(which=ANY, count=st.integers(2, 5), wants=st.sampled_from(("speech", "chat", "video")), then=NEXT)
    def facts(self, which: int, count: int, wants: str, then: str) -> None:
        """More than the lanes have room for."""
        stream = self.stream(which)
        newest = self.model.episodes[stream].revision()
        self.say(stream, *[Fact(newest, self.n(), wants, 10 + self.told) for _ in range(count)])
        self.go(then)

    @rule(which=ANY, inputs=st.integers(0, 4), count=st.integers(1, 3), worn=st.booleans(), then=NEXT)
    def wanted(self, which: int, inputs: int, count: int, worn: bool, then: str) -> None:
        """Reusable effects, equal ones among them; perhaps the first of them fails for good."""
        stream = self.stream(which)
        newest = self.model.episodes[stream].revision()
        what = 100 + self.told if worn else inputs  # nobody has made that yet
        self.say(stream, *[Wanted(newest, self.n(), what) for _ in range(count + worn)])
        self.go("rest" if worn else then)
        for run in self.running() if worn else ():
            if run.job.hook.name == "make" and run.job.event.inputs == what:
                self.fail(run.row)
                break

    @rule(which=ANY, then=NEXT)
    def stamp(self, which: int, then: str) -> None:
        """An effect that must not run twice by itself."""
        stream = self.stream(which)
        self.say(stream, Stamp(self.model.episodes[stream].revision(), self.n()))
        self.go(then)

    @rule(series=st.sampled_from("ab"), character=st.integers(0, 2), then=NEXT)
    def cast(self, series: str, character: int, then: str) -> None:
        """A person casts; the first word stands."""
        self.say(f"series/{series}", CharacterCast("any", f"C{character}", PROFILE, VOICE, "a person"))
        self.go(then)

    @rule(which=ANY, part=st.sampled_from("xy"), closes=st.booleans(), then=NEXT)
    def part(self, which: int, part: str, closes: bool, then: str) -> None:
        """A part is opened or closed, in whatever order."""
        stream = self.stream(which)
        kind = PartClosed if closes else PartOpened
        self.say(stream, kind("cut", part, self.model.episodes[stream].revision()))
        self.go(then)

    @rule(which=ANY, caps=st.sampled_from(BUDGETS), then=NEXT)
    def revise(self, which: int, caps: Budget, then: str) -> None:
        """A new revision, with caps of its own."""
        stream = self.stream(which)
        revision = self.model.episodes[stream].revision() + 1
        if revision < 5:
            self.say(stream, self.stand.revised(revision, caps))
            self._caps(stream, caps)
        self.go(then)

    @rule(which=ANY, name=st.sampled_from(("note:x", "note:y")), then=NEXT)
    def hold(self, which: int, name: str, then: str) -> None:
        """A person holds an episode, perhaps twice."""
        stream = self.stream(which)
        self.say(stream, EpisodeHeld(name, "she says so", "", "", self.model.episodes[stream].revision()))
        self.go(then)

    @rule(which=ANY, hold=ANY, known=st.booleans(), then=NEXT)
    def release(self, which: int, hold: int, known: bool, then: str) -> None:
        """A person ends a hold, one that is not in force among them."""
        held = [s for s in sorted(self.model.episodes) if self.model.episodes[s].held()]
        stream = held[which % len(held)] if held else self.stream(which)
        holds = sorted(self.model.episodes[stream].held())
        name = holds[hold % len(holds)] if holds and known else "note:x"
        self.say(stream, EpisodeReleased(name, "a person", "go on"))
        self.go(then)

    @rule(
        which=ANY,
        scope=st.sampled_from(("episode", "series", "call", "day")),
        more=st.integers(0, 15),
        then=NEXT,
    )
    def raise_budget(self, which: int, scope: str, more: int, then: str) -> None:
        """A cap is set anew, to what is spent, reserved and in doubt, and little more."""
        stream = self.stream(which)
        name = {"episode": stream, "series": self.model.episodes[stream].series}.get(scope, "studio")
        cap = (0 if scope == "call" else sum(self.model.money(name))) + 50_000 * more
        self.say(stream, BudgetRaised(scope, cap, "a person"))
        self.go(then)

    @precondition(lambda self: self.doubts())
    @rule(which=ANY, how=st.sampled_from(("not_accepted", "given_up")), twice=st.booleans(), then=NEXT)
    def settle(self, which: int, how: str, twice: bool, then: str) -> None:
        """A person says how a doubt ends, perhaps twice."""
        doubts = self.doubts()
        call = self.model.calls[doubts[which % len(doubts)]]
        settled = DoubtSettled(call.request, call.position, how, "a person", "")
        self.say(call.stream, *[settled] * (1 + twice))
        self.go(then)

    @precondition(lambda self: self.doubts())
    @rule(which=ANY, job=st.booleans(), then=NEXT)
    def adopt(self, which: int, job: bool, then: str) -> None:
        """The vendor delivered after all: a person hands the outcome, or the job's name, in."""
        doubts = self.doubts()
        call = self.model.calls[doubts[which % len(doubts)]]
        request = self.model.requests[call.request]
        if not request.answered:
            settled = DoubtSettled(call.request, call.position, "returned", "a person", "")
            self.say(call.stream, self._outcome(call.position, job), settled)
        self.go(then)

    def _outcome(self, admitted: int, job: bool) -> Any:
        call = self.model.calls[admitted]
        request = self.model.requests[call.request]
        body = request.row.body
        given = {
            "request": call.request,
            "route": call.route,
            "revision": body["revision"],
            "subject": body["subject"],
            "take": body["take"],
        }
        bill = Bill(cost=call.ceiling // 2, billing="billed")
        found = self.stand.artifacts.put(b"found", "text/plain")
        if request.capability == "speech":
            return SpeechReturned(**given, audio=found, duration_ms=1, bill=bill)
        if request.capability == "chat":
            return ChatReturned(**given, text="found", finish="stop", bill=bill)
        if job:
            return VideoSubmitted(**given, job="found")
        return VideoReturned(**given, clip=found, bill=bill)

    def doubts(self) -> list[int]:
        """The calls that a person sees in doubt."""
        settled: dict[int, int] = {}
        for row in self.model.rows.values():
            if row.kind == "doubt_settled":
                settled[row.body["admitted"]] = row.position
        calls = self.model.calls.values()
        return [c.position for c in calls if c.doubtful and settled.get(c.position, 0) < c.doubt]

    # -- what effects do --------------------------------------------------------------------------------

    def running(self) -> list[Run]:
        """The runs that have not ended."""
        return [run for run in self.stand.runs.values() if not run.how]

    @precondition(lambda self: self.running())
    @rule(which=ANY, how=st.sampled_from(PAID), then=NEXT)
    def end(self, which: int, how: str, then: str) -> None:
        """A run ends, in any order and any way."""
        running = self.running()
        self.end_one(running[which % len(running)], how)
        self.go(then)

    @precondition(lambda self: self.running())
    @rule(how=st.sampled_from(("ok", "ok", "raise", "failed")), then=NEXT)
    def end_all(self, how: str, then: str) -> None:
        """All runs end, the last begun first."""
        for run in reversed(self.running()):
            self.end_one(run, how)
        self.go(then)

    @precondition(lambda self: self.running())
    @rule(which=ANY, then=NEXT)
    def wear_out(self, which: int, then: str) -> None:
        """A run fails as often as it is tried."""
        running = self.running()
        self.fail(running[which % len(running)].row)
        self.go(then)

    def fail(self, row: Key) -> None:
        """Ends the runs of this work badly, until its attempts are used up."""
        for _ in range(4):
            for run in self.running():
                if run.row == row:
                    self.end_one(run, "raise")
            self.turn()

    @precondition(lambda self: any(run.paid for run in self.running()))
    @rule(which=ANY, how=st.sampled_from(("ok", "cheaper", "failed")), between=NEXT, then=NEXT)
    def tarry(self, which: int, how: str, between: str, then: str) -> None:
        """A paid run passes its deadline and comes back all the same."""
        paid = [run for run in self.running() if run.paid]
        run = paid[which % len(paid)]
        self.end_one(run, "overdue")
        self.turn()
        self.go(between)
        if run.job.number in self.stand.late:
            self.come_late(sorted(self.stand.late).index(run.job.number), how, then)

    def end_one(self, run: Run, how: str) -> None:
        """Ends a run in this way, or well where it cannot end so."""
        awaits = run.job.hook.name == "on_video_submitted"
        if not run.routed and how not in PLAIN:
            how = "ok"
        if (awaits and how == "kept") or (run.job.hook.name == "on_video_requested" and how == "cheaper"):
            how = "ok"
        self.stand.end(run, how)

    @precondition(lambda self: self.stand.late)
    @rule(which=ANY, how=st.sampled_from(("ok", "cheaper", "failed", "raise")), then=NEXT)
    def come_late(self, which: int, how: str, then: str) -> None:
        """A run comes back after its deadline."""
        numbers = sorted(self.stand.late)
        run = self.stand.late.pop(numbers[which % len(numbers)])
        if not run.routed and how in ("cheaper", "failed"):
            how = "ok"
        if run.job.hook.name == "on_video_requested" and how == "cheaper":
            how = "ok"
        self.stand.come_late(run, how)
        self.late[run.row] = how
        self.go(then)

    # -- what the engine does ---------------------------------------------------------------------------

    def go(self, then: str) -> None:
        """Lets the engine work: until all is well, until it rests, for a turn, for one record, or not now."""
        if then == "live":
            self.live()
        elif then == "rest":
            self.rest()
        elif then != "wait":
            self.turn(short=then == "short")

    @rule(short=st.booleans())
    def turn(self, short: bool = False, cut: str = "") -> None:
        """One turn."""
        ended = {run.row: (run.attempt, run.how) for run in self.stand.runs.values() if run.how}
        late = {key: how for key, how in self.late.items() if self.model.expects_late(key, how)}
        self.stand.begun.clear()
        try:
            self.stand.turn(short, cut)
        except CannotCommit:
            assert cut == "commit"
            assert self.stand.rows(self.model.head) == [], "what was not committed stands"
            self.restart({})
            return
        except Cut:
            assert cut == "submit"
            self.take(ended, late)
            self.restart({})
            return
        self.take(ended, late)

    def take(self, ended: dict[Key, tuple[int, str]], late: dict[Key, str]) -> None:
        """The model looks at what a turn has left."""
        self.late.clear()
        for number, run in list(self.stand.runs.items()):
            if run.how:
                del self.stand.runs[number]
                if run.how == "overdue":
                    self.stand.late[number] = run
        ((carried,),) = self.stand.table("SELECT carried FROM lease")
        work = {row[:4]: row[4] for row in self.stand.table("SELECT * FROM work")}
        begun = {run.row for run in self.stand.begun}
        self.model.turn(self.stand.rows(self.model.head), carried, ended, work, begun, late)
        found = {
            scope: (settled, reserved, doubt)
            for scope, settled, reserved, doubt in self.stand.table(
                "SELECT scope, sum(settled), sum(reserved), sum(in_doubt) FROM spend GROUP BY scope"
            )
            if settled or reserved or doubt
        }
        if found != self.model.spend():
            self.model.wrong(f"the table of money has {found}, must have {self.model.spend()}")

    @rule()
    def rest(self) -> None:
        """Turns until nothing happens by itself; then whatever waits must have a reason to."""
        for _ in range(150):
            if self.stand.idle() and not any(run.how for run in self.stand.runs.values()):
                break
            self.turn()
        else:
            self.model.wrong("the engine does not come to rest")
        self.model.must_start()
        assert walk(self.stand.person).problems == []
        for stream in self.model.episodes:
            found = self.stand.engine.folds.episode(stream, self.model.head).digest()
            assert found == self.digest(stream, self.model.head), f"the fold of {stream} is not its rows"

    @rule()
    def live(self) -> None:
        """A good while: a person ends every hold, and whatever runs ends well."""
        for stream, episode in sorted(self.model.episodes.items()):
            for hold in sorted(episode.held()):
                self.say(stream, EpisodeReleased(hold, "a person", "go on"))
        self.rest()
        for _ in range(4):
            if not self.running():
                break
            for run in self.running():
                self.end_one(run, "ok")
            self.rest()

    @rule(cut=st.sampled_from(("commit", "submit")), short=st.booleans())
    def cut(self, cut: str, short: bool) -> None:
        """A turn that the disk refuses, or that the process does not survive."""
        self.turn(short, cut)

    @rule(change=st.dictionaries(st.sampled_from(sorted(VERSIONS)), st.integers(0, 3), max_size=2), then=NEXT)
    def crash(self, change: dict[str, int], then: str) -> None:
        """The process is killed; when it is started again, other plugins may be installed."""
        self.restart({name: VERSIONS[name][n % len(VERSIONS[name])] for name, n in change.items()})
        self.go(then)

    @rule(
        name=st.sampled_from(("dear", "film", "worker")),
        which=ANY,
        held=st.booleans(),
        hasty=st.booleans(),
        then=NEXT,
    )
    def leave(self, name: str, which: int, held: bool, hasty: bool, then: str) -> None:
        """A plugin is taken away while it owes work, and comes back.

        `held`: it owes work to an episode that is held. `hasty`: what it answered last is not carried yet.
        """
        if held:
            self.hold(which, "note:x", "wait")
            self.stamp(which, "rest")
        if hasty:
            wants = {"dear": "speech", "film": "video", "worker": "nothing"}[name]
            self.fact(which, wants, 20 + self.told, False, "rest")
            for run in self.running():
                if run.job.hook.plugin == name:
                    self.end_one(run, "ok")
            self.stamp(which, "short")
        self.restart({name: 0})
        self.go(then)
        self.restart({name: 1})

    @rule(then=NEXT)
    def stop(self, then: str) -> None:
        """The first Ctrl-C: nothing starts any more until it is started again."""
        if not self.model.stopping:
            self.stand.engine.stop()
            self.model.stopping = True
        self.go(then)

    def restart(self, change: dict[str, int]) -> None:
        """Another process on the same log."""
        force = {**self.stand.force, **change}
        self.late.clear()
        self.stand.crash(force)
        lost = self.model.restarted(force)
        self.stand.start()
        self.take(lost, {})
        self.model.must_name_absent()

    @rule(which=ANY, where=ANY)
    def look(self, which: int, where: int) -> None:
        """The fold at any position is what the rows up to it say, now and later."""
        stream, position = self.stream(which), 1 + where % self.model.head
        if position <= self.stand.engine.log.head:
            digest = self.stand.engine.folds.episode(stream, position).digest()
            assert digest == self.digest(stream, position)
            self.seen.append((stream, position, digest))

    def digest(self, stream: str, position: int) -> str:
        """The digest of an episode's state, from the raw rows."""
        whole = hashlib.sha256()
        for row in self.model.rows.values():
            if row.position <= position and row.stream in (stream, self.model.episodes[stream].series):
                whole.update(f"{row.kind}\n{row.raw}\n".encode())
        return whole.hexdigest()

    # -- always, and at last ----------------------------------------------------------------------------

    def teardown(self) -> None:
        """All ends well: then nothing is open, a replay is clean, and a fresh engine does nothing."""
        try:
            if self.model.episodes and self.model.sound and self.stand.sound:
                self.end_well()
        finally:
            self.stand.close()
            shutil.rmtree(self.root, ignore_errors=True)

    def end_well(self) -> None:
        """Settles, releases and finishes all that is open."""
        self.restart({name: max(versions) for name, versions in VERSIONS.items()})
        for _ in range(60 + 3 * len(self.model.requests)):  # one lane lets them through one by one
            self.rest()
            for run in self.running():
                self.end_one(run, "ok")
            for admitted in self.doubts():
                call = self.model.calls[admitted]
                self.say(call.stream, DoubtSettled(call.request, admitted, "given_up", "a person", ""))
            for stream, episode in self.model.episodes.items():
                if any(episode.caps[name] != 10**9 for name in ("call", "episode", "series", "day")):
                    self.say(
                        stream,
                        *[
                            BudgetRaised(name, 10**9, "a person")
                            for name in ("call", "episode", "series", "day")
                        ],
                    )
                for hold in sorted(episode.held()):
                    self.say(stream, EpisodeReleased(hold, "a person", "at last"))
            if self.stand.idle() and not self.running():
                break
        else:
            self.model.wrong("it does not come to an end")
        self.rest()
        self.model.at_the_end()
        assert list(work_differences(self.stand.person, self.stand.plugins)) == []
        for stream in sorted(self.model.episodes):
            replay(self.stand.log, self.stand.plugins, self.stand.artifacts, stream)
        fresh = Folds(self.stand.log, self.stand.artifacts.read_sha256)
        for stream, position, digest in self.seen:
            assert fresh.episode(stream, position).digest() == digest
        head = self.model.head
        self.restart({})
        self.rest()
        assert self.model.head == head and not self.stand.runs, "a fresh engine found something to do"


def test_the_log_is_what_the_model_says(tmp_path: Path) -> None:
    run_state_machine_as_test(
        lambda: Machine(tmp_path / "studio"),
        settings=settings(
            max_examples=EXAMPLES or 90,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not EXAMPLES,
            database=None,
            report_multiple_bugs=False,
            phases=[Phase.generate] + [Phase.shrink] * SHRINK,
            suppress_health_check=list(HealthCheck),
        ),
    )
