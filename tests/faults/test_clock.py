"""The clock is set back, or the time zone changes: order is by position, and money belongs to its day."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from faultkit import Machine
from stagehand import Play, Step, Vendor, say, stage

from duanju.core.hooks import hookimpl
from duanju.core.log import Log
from duanju.core.replay import replay
from duanju.core.settings import Budget
from duanju.core.verify import walk
from duanju.events.calls import CallAdmitted, SpeechRequested, SpeechReturned


@hookimpl
def on_step(event: Step) -> Iterator[SpeechRequested]:
    """Asks for one line."""
    yield say(f"L{event.n}", f"line {event.n}")


class _Clock:
    """A clock that a test sets; each look is a millisecond later."""

    def __init__(self, at: str) -> None:
        self.at = at
        self.looks = 0

    def __call__(self) -> str:
        self.looks += 1
        return f"{self.at}.{self.looks % 1000:03d}Z"


def play_with(root: Path, clock: _Clock, budget: Budget | None = None) -> Play:
    plugins = {"go": stage("go", on_step), "teller": Vendor("teller")}
    play = Play(root, plugins, routes=("teller:m",), budget=budget)
    play.log.close()
    play.log = Log(root / "log.db", play.plugins.codec, clock=clock)
    return play


def test_a_clock_that_goes_back_an_hour_between_records_changes_no_order(tmp_path: Path) -> None:
    clock = _Clock("2026-03-29T02:30:00")
    play = play_with(tmp_path, clock)
    stream = play.open("one")
    for n in range(4):
        clock.at = f"2026-03-29T{2 - n % 2:02d}:30:00"
        play.log.append(stream, [Step(n)], by="cli.review")
        play.run()
    records = list(play.log.read())
    assert [record.position for record in records] == list(range(1, len(records) + 1))
    assert [record.event.n for record in records if record.kind == "step"] == [0, 1, 2, 3]
    ats = [record.at for record in records]
    assert ats != sorted(ats)  # the clock did go back
    assert [one.subject for one in play.all(stream, SpeechReturned)] == ["L0", "L1", "L2", "L3"]
    for record in records:
        assert record.cause is None or record.cause < record.position
    assert walk(play.log).problems == [] and play.work() == []
    assert replay(play.log, play.plugins, play.artifacts, stream).answers == 4
    play.close()


def test_money_belongs_to_the_day_of_its_admission_though_the_clock_goes_back_over_midnight(
    tmp_path: Path,
) -> None:
    clock = _Clock("2026-05-02T00:10:00")
    play = play_with(tmp_path, clock, Budget(day=250_000))
    stream = play.open("one")
    for n, at in enumerate(("2026-05-02T00:10:00", "2026-05-01T23:10:00", "2026-05-01T23:20:00")):
        clock.at = at
        play.log.append(stream, [Step(n)], by="cli.review")
        play.run()
    assert [one.day for one in play.all(stream, CallAdmitted)] == ["2026-05-02", "2026-05-01", "2026-05-01"]
    rows = play.log.db.execute("SELECT day, settled, reserved FROM spend WHERE scope = 'studio' ORDER BY day")
    assert rows.fetchall() == [("2026-05-01", 200_000, 0), ("2026-05-02", 100_000, 0)]
    play.log.append(stream, [Step(3)], by="cli.review")  # a third one that day is over its cap
    play.run()
    assert len(play.all(stream, CallAdmitted)) == 3 and play.kinds(stream)[-1] == "episode_held"
    play.close()


def test_a_new_day_has_its_own_cap_and_resume_goes_on(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = _Clock("2026-05-01T23:50:00")
    monkeypatch.setitem(Log.__init__.__kwdefaults__, "clock", clock)
    with (machine.studio / "duanju.toml").open("a", encoding="utf-8") as file:
        file.write("[budget]\nday = 0.5\n")
    first = machine.call("produce", "tea.txt")
    assert first.returncode == 1 and "HELD (budget:day)" in first.stderr
    again = machine.call("resume")
    assert again.returncode == 1 and "asking again" not in again.stdout
    clock.at = "2026-05-02T00:10:00"
    done = machine.call("resume")
    assert "asking again: budget:day" in done.stdout
    assert done.returncode == 0, done.stderr
    assert machine.faults() == []


def test_a_day_cap_that_is_raised_in_the_settings_lets_the_episode_go_on(machine: Machine) -> None:
    settings = machine.studio / "duanju.toml"
    plain = settings.read_text(encoding="utf-8")
    settings.write_text(plain + "[budget]\nday = 0.5\n", encoding="utf-8")
    held = machine.call("produce", "tea.txt")
    assert held.returncode == 1 and "next: raise budget.day in duanju.toml" in held.stderr
    settings.write_text(plain + "[budget]\nday = 5\n", encoding="utf-8")
    done = machine.call("produce", "tea.txt")
    assert done.returncode == 0, done.stderr
    assert machine.faults() == []


def test_a_time_zone_is_nobodys_business(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        monkeypatch.setenv("TZ", "Pacific/Kiritimati")
        time.tzset()
        assert machine.call("produce", "tea.txt").returncode == 0
        there = machine.call("history", "tea").stdout
        monkeypatch.setenv("TZ", "Pacific/Pago_Pago")
        time.tzset()
        assert machine.call("history", "tea").stdout == there
        machine.script("tea", 3)
        assert machine.call("produce", "tea.txt").returncode == 0
        assert machine.call("status").returncode == 0
    finally:
        monkeypatch.undo()
        time.tzset()
    log = machine.log()
    ats = [record.at for record in log.read()]
    log.close()
    assert ats == sorted(ats) and all(at.endswith("Z") for at in ats)
    assert (
        abs(time.time() - time.mktime(time.strptime(ats[-1][:19], "%Y-%m-%dT%H:%M:%S")) + time.timezone) < 600
    )
    assert os.environ.get("TZ") is None or time.tzname
