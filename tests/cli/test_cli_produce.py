"""`duanju produce` and `resume`: from a script to a film, again for nothing, and on after every stop."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

OUT = ("episode.mp4", "episode.srt", "report.html", "report.json", "costs.csv")


def test_produce_makes_a_film_and_says_where(duanju: Any, place: Path, toy: ModuleType) -> None:
    before = toy.Paid.calls
    ran = duanju("produce", "tea.txt")
    assert ran.code == 0, ran.err
    assert toy.Paid.calls - before == 2
    assert "Tea/tea: a new episode" in ran.out
    assert "Tea/tea: delivered" in ran.out
    assert "studio/out/Tea/tea/episode.mp4" in ran.out
    assert "$0.38 for 2 calls" in ran.out  # 11 + 8 characters at 2 cents
    assert "2 shots planned" in ran.err
    assert "voices 2/2" in ran.err
    assert all((place / "studio/out/Tea/tea" / name).is_file() for name in OUT)
    head = duanju("verify").out.split("head ")[1].strip()
    assert head in ran.out


def test_the_same_script_again_is_nothing_to_do(duanju: Any, toy: ModuleType) -> None:
    assert duanju("produce", "tea.txt").code == 0
    calls, head = toy.Paid.calls, json.loads(duanju("verify", "--json").out)["head"]
    ran = duanju("produce", "tea.txt")
    assert ran.code == 0
    assert "nothing to do" in ran.out
    assert "this run: 0 calls, $0.00" in ran.out
    assert toy.Paid.calls == calls
    assert json.loads(duanju("verify", "--json").out)["head"] == head


@pytest.mark.parametrize("lost", ["folder", "one file"])
def test_files_that_are_gone_are_written_again_for_nothing(
    duanju: Any, place: Path, toy: ModuleType, lost: str
) -> None:
    assert duanju("produce", "tea.txt").code == 0
    folder = place / "studio/out/Tea/tea"
    shutil.rmtree(folder) if lost == "folder" else (folder / "report.html").unlink()
    calls = toy.Paid.calls
    ran = duanju("produce", "tea.txt")
    assert ran.code == 0
    assert "write its folder again" in ran.out
    assert all((folder / name).is_file() for name in OUT)
    assert toy.Paid.calls == calls


def test_a_changed_line_pays_only_for_itself(duanju: Any, place: Path, toy: ModuleType) -> None:
    assert duanju("produce", "tea.txt").code == 0
    calls = toy.Paid.calls
    (place / "tea.txt").write_text("Title: Tea\nINT. ROOM\nhello there\nfarewell\n", encoding="utf-8")
    ran = duanju("produce", "tea.txt", "--json")
    assert ran.code == 0
    assert toy.Paid.calls - calls == 1
    found = json.loads(ran.out)
    assert found["episodes"][0]["what"] == "revised"
    assert found["episodes"][0]["revision"] == 2
    assert found["run"]["calls"] == 1
    assert found["run"]["cost"] == 8 * toy.COST
    assert found["run"]["reused"] == found["run"]["reused_paid"] == 1
    assert (place / "studio/out/Tea/tea/report.html").read_text(encoding="utf-8") == "revision 2"


def test_several_scripts_in_one_run(duanju: Any, place: Path) -> None:
    (place / "two.txt").write_text("INT. HALL\nanother line\n", encoding="utf-8")
    ran = duanju("produce", "tea.txt", "two.txt", "--json")
    assert ran.code == 0
    found = json.loads(ran.out)
    assert [one["episode"] for one in found["episodes"]] == ["Tea/tea", "two/two"]
    assert {one["state"] for one in found["episodes"]} == {"delivered"}


def test_one_bad_script_leaves_nothing_behind(duanju: Any, place: Path) -> None:
    ran = duanju("produce", "tea.txt", "gone.txt")
    assert ran.code == 2
    assert not (place / "studio" / ".duanju").exists()


def test_two_scripts_of_one_episode_are_refused(duanju: Any, place: Path) -> None:
    (place / "other").mkdir()
    shutil.copy(place / "tea.txt", place / "other" / "tea.txt")
    ran = duanju("produce", "tea.txt", "other/tea.txt")
    assert ran.code == 2
    assert "both the episode Tea/tea" in ran.err


def test_a_script_without_a_scene_is_wrong_use(duanju: Any, place: Path) -> None:
    (place / "bad.txt").write_text("no scene at all\n", encoding="utf-8")
    for _ in range(2):
        ran = duanju("produce", "bad.txt")
        assert ran.code == 2
        assert "duanju: bad.txt, line 1: no scene in it; start each scene with INT.\n" in ran.err
        assert "Traceback" not in ran.err
        assert "toy_studio.py" not in ran.err
    (place / "bad.txt").write_text("INT. ROOM\nnow it has one\n", encoding="utf-8")
    assert duanju("produce", "bad.txt").code == 0


def test_a_held_episode_says_what_where_and_what_next(
    duanju: Any, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = duanju("produce", "tea.txt", "--budget", "0.30")
    assert ran.code == 1
    assert "Tea/tea is HELD (budget:episode): L002: $0.22 spent" in ran.err
    assert "next: duanju resume Tea/tea --budget DOLLARS raises the cap" in ran.err
    assert (place / "studio/out/Tea/tea/HELD.txt").is_file()
    held = duanju("resume")
    assert held.code == 1
    assert "HELD (budget:episode)" in held.err
    low = duanju("resume", "tea", "--budget", "0.31")
    assert low.code == 1
    done = duanju("resume", "Tea/tea", "--budget", "0.38")
    assert done.code == 0, done.err
    assert "Tea/tea: delivered" in done.out
    assert json.loads(duanju("costs", "--json").out)["total"]["cost"] == 380_000


def test_resume_asks_again_what_failed(duanju: Any, monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    monkeypatch.setenv("TOY_RAISE", "1")
    ran = duanju("produce", "tea.txt")
    assert ran.code == 1
    assert "HELD (effect:toyout.on_episode_delivered:" in ran.err
    assert "the toy's disk is full" in ran.err
    monkeypatch.delenv("TOY_RAISE")
    done = duanju("resume")
    assert done.code == 0, done.err
    assert "asking again: effect:toyout" in done.out
    assert (place / "studio/out/Tea/tea/report.html").is_file()


def test_an_absent_plugin_holds_and_goes_on_when_it_is_back(
    duanju: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert duanju("produce", "tea.txt", "--budget", "0.01").code == 1
    monkeypatch.setenv("TOY_WITHOUT", "paid")
    gone = duanju("resume", "tea", "--budget", "5")
    assert gone.code == 1
    assert "plugin:paid" in gone.err
    monkeypatch.delenv("TOY_WITHOUT")
    assert duanju("resume").code == 0


def test_a_doubt_is_for_a_person(duanju: Any, monkeypatch: pytest.MonkeyPatch, toy: ModuleType) -> None:
    monkeypatch.setenv("TOY_LOSE", "good")
    ran = duanju("produce", "tea.txt")
    assert ran.code == 1
    assert "HELD (doubt:" in ran.err
    assert "$0.16 in doubt" in ran.out
    calls = toy.Paid.calls
    again = duanju("resume")
    assert again.code == 1
    assert "next: look at the vendor's bill" in again.err
    assert toy.Paid.calls == calls, "a paid call in doubt was sent again"


def test_nothing_to_resume(duanju: Any) -> None:
    assert duanju("produce", "tea.txt").code == 0
    ran = duanju("resume")
    assert ran.code == 0
    assert "nothing to resume" in ran.out


def _child(place: Path, *words: str, **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("toy_studio.py")), *words],
        cwd=place,
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _until(what: Any, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


def _admitted(duanju: Any) -> int:
    ran = duanju("costs", "--json")
    return int(json.loads(ran.out)["total"]["calls"]) if ran.code == 0 else 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_waits_for_paid_calls_and_says_so(duanju: Any, place: Path, number: int) -> None:
    child = _child(place, "produce", "tea.txt", TOY_SLOW="1.5")
    _until(lambda: _admitted(duanju) == 2)
    child.send_signal(number)
    out, err = child.communicate(timeout=30)
    assert child.returncode == 130, err
    assert "waiting up to" in err
    assert "2 paid calls (up to $0.38)" in err
    assert "go on with: duanju resume" in out
    assert "Traceback" not in err
    found = json.loads(duanju("status", "--json").out)
    assert found["engine"] is None
    assert found["episodes"][0]["money"]["settled"] == 380_000
    assert duanju("resume").code == 0


def test_a_second_interrupt_leaves_and_the_calls_are_in_doubt(duanju: Any, place: Path) -> None:
    child = _child(place, "produce", "tea.txt", TOY_SLOW="20")
    _until(lambda: _admitted(duanju) == 2)
    child.send_signal(signal.SIGINT)
    time.sleep(0.5)
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=10)
    assert child.returncode == 130
    ran = duanju("resume")
    assert ran.code == 1
    assert ran.err.count("HELD (doubt:") == 2


def test_beside_another_engine_the_episode_is_followed_there(
    duanju: Any, place: Path, toy: ModuleType
) -> None:
    (place / "two.txt").write_text("INT. HALL\nanother line\n", encoding="utf-8")
    child = _child(place, "produce", "tea.txt", TOY_SLOW="2")
    _until(lambda: _admitted(duanju) == 2)
    running = json.loads(duanju("status", "--json").out)
    assert running["engine"]["pid"] == child.pid
    assert running["episodes"][0]["state"] == "in progress"
    assert "an engine runs: process" in duanju("status").out
    calls = toy.Paid.calls
    ran = duanju("produce", "two.txt")
    _, err = child.communicate(timeout=30)
    assert child.returncode == 0, err
    assert ran.code == 0, ran.err
    assert f"process {child.pid}" in ran.err
    assert "following it there (two/two)" in ran.err
    assert "two/two: delivered" in ran.out
    assert toy.Paid.calls == calls, "the follower must not call by itself"
    assert duanju("replay", "two").code == 0


def test_a_follower_takes_over_when_the_other_engine_dies(duanju: Any, place: Path) -> None:
    # Four lines fill the lane, so that the other episode's call waits and is not lost with the engine.
    (place / "long.txt").write_text("INT. HALL\na\nb\nc\nd\n", encoding="utf-8")
    (place / "two.txt").write_text("INT. HALL\nanother line\n", encoding="utf-8")
    first = _child(place, "produce", "long.txt", TOY_SLOW="60")
    _until(lambda: _admitted(duanju) == 4)
    second = _child(place, "produce", "two.txt", TOY_SLOW="0")
    _until(lambda: "two/two" in duanju("status").out)
    _until(lambda: "speech_requested" in duanju("history", "two").out)
    first.kill()
    first.communicate()
    out, err = second.communicate(timeout=30)
    assert "two/two: delivered" in out, err
    assert second.returncode == 0
    assert "long/long: held" in duanju("status").out


def test_a_failed_call_is_asked_again_by_resume(
    duanju: Any, place: Path, monkeypatch: pytest.MonkeyPatch, toy: ModuleType
) -> None:
    monkeypatch.setenv("TOY_FAIL", "good")
    ran = duanju("produce", "tea.txt")
    assert ran.code == 1
    assert "L002: paid:voice for L002: the toy does not say that word" in ran.err
    calls = toy.Paid.calls
    monkeypatch.delenv("TOY_FAIL")
    assert duanju("resume", "tea").code == 0
    assert toy.Paid.calls - calls == 1


def test_a_copied_studio_does_not_pay_twice_unless_adopted(duanju: Any, place: Path) -> None:
    child = _child(place, "produce", "tea.txt", TOY_SLOW="60")
    _until(lambda: _admitted(duanju) == 2)
    child.kill()
    child.communicate()
    shutil.copytree(place / "studio", place / "copy")
    refused = duanju("resume", "--studio", "copy")
    assert refused.code == 2
    assert "duanju resume --adopt" in refused.err
    assert json.loads(duanju("status", "--studio", "copy", "--json").out)["episodes"][0]["state"] != "held"
    adopted = duanju("resume", "--adopt", "--studio", "copy")
    assert adopted.code == 1
    assert adopted.err.count("HELD (doubt:") == 2
    assert duanju("verify", "--studio", "copy").code == 0


def test_a_plugin_that_cannot_be_used_is_named_and_the_rest_works(
    duanju: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY_BROKEN", "1")
    ran = duanju("produce", "tea.txt")
    assert ran.code == 0, ran.err
    assert "the plugin broken is left out: " in ran.err
    assert "on_nothing_that_exists" in ran.err
    assert "left out: broken: " in duanju("plugins", "list").out


def test_an_interrupted_follower_leaves_the_other_engine_alone(duanju: Any, place: Path) -> None:
    (place / "two.txt").write_text("INT. HALL\nanother line\n", encoding="utf-8")
    go_on = place / "go-on"
    first = _child(place, "produce", "tea.txt", TOY_UNTIL=str(go_on))
    _until(lambda: _admitted(duanju) == 2)
    second = _child(place, "produce", "two.txt")
    _until(lambda: _admitted(duanju) == 3)
    second.send_signal(signal.SIGINT)
    out, err = second.communicate(timeout=20)
    assert second.returncode == 130, err
    assert "the other engine goes on" in out
    go_on.touch()
    _, err = first.communicate(timeout=30)
    assert first.returncode == 0, err
    assert "two/two: delivered" in duanju("status").out


def test_a_file_name_that_is_no_text_still_names_an_episode(duanju: Any, place: Path) -> None:
    name = os.fsdecode(b"od\xffd.txt")
    (place / name).write_text("INT. ROOM\nwords\n", encoding="utf-8")
    ran = duanju("produce", name)
    assert ran.code == 0, ran.err
    assert "/odd: delivered" in ran.out


def test_follow_ends_quietly_with_an_interrupt(duanju: Any, place: Path) -> None:
    assert duanju("produce", "tea.txt", "--budget", "0.01").code == 1
    child = _child(place, "history", "tea", "--follow")
    assert child.stdout is not None
    assert "episode_opened" in child.stdout.readline()
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=20)
    assert (child.returncode, err) == (130, "")


def test_script_lines_that_were_not_understood_are_counted_and_shown(duanju: Any, place: Path) -> None:
    (place / "odd.txt").write_text("INT. ROOM\nhello\n%%% what \x1b[31mis this\n", encoding="utf-8")
    ran = duanju("produce", "odd.txt")
    assert ran.code == 0, ran.err
    told = duanju("status", "odd").out
    for shown in (ran.out, told):
        assert "1 script lines were not understood" in shown
        assert "line 3: %%% what" in shown
        assert "\x1b" not in shown
    (one,) = json.loads(duanju("status", "odd", "--json").out)["episodes"]
    assert [row["line"] for row in one["unmapped"]] == [3]
