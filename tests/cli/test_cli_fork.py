"""`duanju fork`: made, run, killed, resumed and named like an episode; what it cost is told once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

Run = Callable[..., Any]
TOY_FILE = Path(__file__).with_name("toy_studio.py")
LINES = ("hello there", "good bye")
COST = 20_000


def positions(duanju: Run, name: str, kind: str) -> list[int]:
    """Where a kind stands in an episode."""
    rows = [orjson.loads(line) for line in duanju("history", name, "--json").out.splitlines()]
    return [row["position"] for row in rows if row["kind"] == kind]


def test_a_fork_is_made_and_run_and_every_command_takes_its_name(duanju: Run, place: Path) -> None:
    assert duanju("produce", "tea.txt").code == 0
    at = positions(duanju, "tea", "shot_list_settled")[0]
    made = duanju("fork", "tea", "--at", str(at), "--as", "wide", "--set", "delivery=web-wide")
    assert made.code == 0, made.err
    assert f"a fork of Tea/tea at position {at - 1}" in made.out and "moved back" in made.out
    assert "duanju resume Tea/wide" in made.out
    assert "HELD (fork:wide)" in duanju("status", "wide").out
    idle = duanju("resume")
    assert idle.code == 1 and "asking again" not in idle.out, "only when it is named"
    ran = duanju("resume", "wide", "--json")
    assert ran.code == 0, ran.err
    (episode,) = orjson.loads(ran.out)["episodes"]
    assert episode["state"] == "delivered" and episode["cost"]["cost"] == 0
    assert (place / "studio" / "out" / "Tea" / "wide" / "episode.mp4").is_file()
    for words in (
        ("status", "wide"),
        ("history", "wide"),
        ("history", "wide", "--why", str(positions(duanju, "wide", "episode_delivered")[-1])),
        ("replay", "wide"),
        ("costs", "wide"),
        ("review", "list", "wide"),
        ("diff", "tea", "wide"),
        ("verify",),
    ):
        assert duanju(*words).code == 0, words
    again = duanju("fork", "wide", "--at", str(at), "--as", "again", "--run")
    assert again.code == 0 and "Tea/again: delivered" in again.out
    total = sum(len(line) for line in LINES) * COST
    assert orjson.loads(duanju("costs", "--json").out)["total"]["cost"] == total


def test_a_fork_with_another_script_pays_for_the_line_that_is_new(duanju: Run, place: Path) -> None:
    assert duanju("produce", "tea.txt").code == 0
    (place / "milk.txt").write_text("Title: Tea\nINT. ROOM\nhello there\nmilk\n", encoding="utf-8")
    last = positions(duanju, "tea", "episode_delivered")[0]
    made = duanju("fork", "tea", "--at", str(last), "--as", "milk", "--script", "milk.txt", "--run", "--json")
    assert made.code == 0, made.err
    (episode,) = orjson.loads(made.out)["episodes"]
    assert (episode["revision"], episode["state"]) == (2, "delivered")
    assert (episode["cost"]["cost"], episode["cost"]["reused"]) == (len("milk") * COST, 1)
    assert duanju("status", "tea", "--json").out.count('"revision": 1') == 1, "its source is as it was"


WRONG = (
    (("tea", "--at", "1", "--as", "x"), "begins at position 2"),
    (("tea", "--at", "999", "--as", "x"), "the log ends at position"),
    (("tea", "--at", "9", "--as", "a/b"), "--as a/b"),
    (("tea", "--at", "9", "--as", "tea"), "there is an episode of that name"),
    (("tea", "--at", "9", "--as", "x", "--set", "delivery.fps=1"), "--set delivery.fps"),
    (("tea", "--at", "9", "--as", "x", "--set", "nonsense"), "KEY=VALUE"),
    (("tea", "--at", "9", "--as", "x", "--set", "routes.speech=no:body"), "no provider 'no'"),
    (("tea", "--at", "9", "--as", "x", "--script", "gone.txt"), "no such file"),
    (("tea", "--at", "9", "--as", "x", "--without", "ghost"), "no such plugin"),
    (("nobody", "--at", "9", "--as", "x"), "no episode 'nobody'"),
)


def test_wrong_use_is_told_and_makes_nothing(duanju: Run) -> None:
    assert duanju("produce", "tea.txt").code == 0
    before = duanju("query", "select max(position) from events").out
    for words, says in WRONG:
        found = duanju("fork", *words)
        assert (found.code, says in found.err) == (2, True), (words, found.err)
    assert duanju("query", "select max(position) from events").out == before


def test_an_episode_does_not_take_the_name_of_a_fork(duanju: Run, place: Path) -> None:
    assert duanju("produce", "tea.txt").code == 0
    assert duanju("fork", "tea", "--at", "9", "--as", "wide").code == 0
    (place / "wide.txt").write_text("Title: Tea\nINT. ROOM\nhello there\n", encoding="utf-8")
    found = duanju("produce", "wide.txt")
    assert found.code == 2 and "fork" in found.err
    twice = duanju("fork", "tea", "--at", "9", "--as", "wide")
    assert twice.code == 2 and "there is a fork of that name" in twice.err


def test_a_plugin_that_is_left_out_pays_nothing_and_the_fork_says_why(duanju: Run) -> None:
    assert duanju("produce", "tea.txt").code == 0
    at = str(positions(duanju, "tea", "shot_planned")[-1])
    found = duanju("fork", "tea", "--at", at, "--as", "mute", "--without", "paid", "--run")
    assert found.code == 1 and "no route for speech without paid" in found.err
    assert "--set routes.speech=" in found.err


def test_a_fork_that_was_killed_while_it_ran_goes_on(duanju: Run, place: Path) -> None:
    assert duanju("produce", "tea.txt").code == 0
    (place / "new.txt").write_text("Title: Tea\nINT. ROOM\nnew one\nnew two\nnew three\n", encoding="utf-8")
    at = str(positions(duanju, "tea", "episode_delivered")[0])
    words = ("fork", "tea", "--at", at, "--as", "new", "--script", "new.txt", "--run")
    child = subprocess.Popen(
        [sys.executable, str(TOY_FILE), *words],
        env={**os.environ, "TOY_UNTIL": str(place / "never")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 30
    while time.monotonic() < until:
        running = orjson.loads(duanju("status", "--json").out)["episodes"]
        mine = [one for one in running if one["episode"] == "Tea/new"]
        if mine and mine[0]["money"]["reserved"]:
            break
        time.sleep(0.05)
    child.kill()
    assert child.wait(30) == -9
    held = duanju("resume", "new")
    assert held.code == 1 and "doubt" in held.err
    assert duanju("review", "retry", "new", "--all", "--not-accepted").code == 0
    done = duanju("resume", "new", "--json")
    assert done.code == 0, done.err
    (episode,) = orjson.loads(done.out)["episodes"]
    assert episode["state"] == "delivered"
    assert episode["cost"]["cost"] == sum(map(len, ("new one", "new two", "new three"))) * COST
    assert duanju("replay", "new").code == 0 and duanju("verify").code == 0
