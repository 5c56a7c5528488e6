"""Twenty processes append reviews and casts beside a working engine: none is lost, doubled or reordered."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from stagehand import Play, Step, Vendor, say, stage

from duanju.core.desk import Desk
from duanju.core.hooks import effect, hookimpl
from duanju.core.verify import walk
from duanju.events.calls import SpeechRequested, SpeechReturned
from duanju.events.cast import CharacterCast, CharacterChanged
from duanju.events.quality import ReviewGiven

HERE = Path(__file__).parent
WRITERS, REVIEWS, SHARED = 20, 10, 2
ASKED = (0, 5, 10)
_over = threading.Event()
_furthest = [0]


@hookimpl(specname="on_step")
def ask(event: Step) -> Iterator[SpeechRequested]:
    """A paid call now and then."""
    if event.n in ASKED:
        yield say(f"L{event.n}", f"line {event.n}")


@hookimpl(specname="on_step")
@effect(lane="go")
def go(event: Step, desk: Desk) -> Iterator[Step]:
    """Keeps the engine busy, one step after the other."""
    _furthest[0] = event.n
    if not _over.is_set():
        yield Step(event.n + 1)


def test_twenty_writers_beside_a_working_engine(tmp_path: Path) -> None:
    play = Play(tmp_path, {"go": stage("go", ask, go), "teller": Vendor("teller")}, routes=("teller:m",))
    _over.clear()
    _furthest[0] = 0
    stream = play.open("one", [Step(0)])
    command = [sys.executable, str(HERE / "writer_child.py"), str(tmp_path / "log.db")]
    writers = [
        subprocess.Popen(
            [*command, str(n), str(REVIEWS), str(SHARED)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(WRITERS)
    ]
    for writer in writers:
        assert writer.stdout is not None and writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    with play.engine() as engine:
        # how far it comes meanwhile is the machine's affair: it goes on until it has asked all that it asks
        engine.run(lambda: all(w.poll() is not None for w in writers) and _furthest[0] > max(ASKED))
        _over.set()
        engine.run()
    found = []
    for writer in writers:
        out, _ = writer.communicate(timeout=60)
        assert writer.returncode == 0
        found.append(json.loads(out))
    play.log.refresh()
    records = list(play.log.read())
    assert walk(play.log).problems == []
    assert [record.position for record in records] == list(range(1, len(records) + 1))
    # each writer's reviews stand once, where it was told that they stand, in the order of its appends
    for n, one in enumerate(found):
        mine = [r for r in records if isinstance(r.event, ReviewGiven) and r.by == f"cli.writer{n}"]
        assert [r.position for r in mine] == one["positions"]
        assert [r.event.note for r in mine] == [str(k) for k in range(REVIEWS)]
        assert one["changed"] == SHARED
    # the first cast wins; every change saw the one before it: so a refusal is a true collision, and no less
    casts = [r for r in records if isinstance(r.event, CharacterCast)]
    assert len(casts) == 1
    last: dict[str, int | None] = {}
    for record in records:
        if isinstance(record.event, CharacterChanged):
            seen = last.get(record.event.character)
            assert record.event.why.endswith(f" after {seen}")
            last[record.event.character] = record.position
    changes = Counter(r.event.character for r in records if isinstance(r.event, CharacterChanged))
    assert changes == {f"C{n}": WRITERS for n in range(SHARED)}
    # a refusal is a true collision: of that subject, by a record that came after what the writer had seen
    taken = {r.position: r.event.character for r in records if isinstance(r.event, CharacterChanged)}
    for one in found:
        for character, seen, theirs in one["collided"]:
            assert taken[theirs] == character and theirs > seen
    # and the engine worked beside them: everything is answered, in order, and nothing twice
    steps = [e.n for e in play.all(stream, Step)]
    assert steps == list(range(len(steps))) and len(steps) > max(ASKED)
    assert len(play.all(stream, SpeechReturned)) == len(ASKED)
    assert play.work() == []
    play.close()


def test_two_who_saw_the_same_collide_and_two_who_speak_of_others_do_not(tmp_path: Path) -> None:
    """The exact count: of all who saw one state of one subject, one is taken and the others are refused."""
    from duanju.core.errors import WrongVersion
    from duanju.core.log import Log

    play = Play(tmp_path, {})
    logs = [Log(tmp_path / "log.db", play.plugins.codec) for _ in range(5)]
    stream = play.open("one")
    for subject in ("A", "B"):
        refused = 0
        for n, log in enumerate(logs):
            try:
                log.append(
                    stream, [ReviewGiven(subject, "approve", str(n), "x")], by="cli.review",
                    expected=(ReviewGiven, (subject,), None),
                )  # fmt: skip
            except WrongVersion as error:
                refused += 1
                assert "you saw position None" in str(error) and '"note":"0"' in str(error)
        assert refused == len(logs) - 1
    assert [one.note for one in play.all(stream, ReviewGiven)] == ["0", "0"]
    for log in logs:
        log.close()
    play.close()
