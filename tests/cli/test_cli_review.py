"""What a person decides is recorded, moves the money as they said, and lets the episode go on."""

from __future__ import annotations

import json
import sqlite3
import wave
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from duanju.core.log import Log
from duanju.events.artifact import Artifact
from duanju.events.codec import Codec
from duanju.events.cut import EpisodeCut
from duanju.events.quality import CheckMeasured, CheckWaived
from duanju.events.vocabulary import builtin_events


def _doubt(duanju: Any) -> str:
    held = json.loads(duanju("review", "list", "--json").out)["holds"]
    return str(next(one["hold"] for one in held if one["hold"].startswith("doubt:"))).split(":")[1]


@pytest.mark.parametrize(("words", "cost"), [((), 540_000), (("--not-accepted",), 380_000)])
def test_a_settled_doubt_is_asked_again_and_its_money_is_booked_as_told(
    duanju: Any, monkeypatch: pytest.MonkeyPatch, toy: ModuleType, place: Path, words: Any, cost: int
) -> None:
    monkeypatch.setenv("TOY_LOSE", "good")
    assert duanju("produce", "tea.txt").code == 1
    calls = toy.Paid.calls
    monkeypatch.delenv("TOY_LOSE")
    told = duanju("review", "retry", "tea", _doubt(duanju), "--note", "I looked", *words)
    assert told.code == 0, told.err
    assert "duanju resume tea" in told.out
    ran = duanju("resume")
    assert ran.code == 0, ran.err
    assert toy.Paid.calls == calls + 1
    db = sqlite3.connect(place / "studio/.duanju/log.db")
    spent = db.execute("SELECT settled, reserved, in_doubt FROM spend WHERE scope = 'studio'").fetchone()
    assert spent == (cost, 0, 0)
    assert "nothing waits" in duanju("review", "list").out


def test_what_is_not_held_cannot_be_settled(duanju: Any) -> None:
    assert duanju("produce", "tea.txt").code == 0
    ran = duanju("review", "retry", "tea", "7")
    assert ran.code == 2
    assert "no hold doubt:7" in ran.err
    ran = duanju("review", "waive", "tea", "picture.black@episode")
    assert ran.code == 2
    assert "no check picture.black@episode" in ran.err


def _measured(verdict: str) -> Iterator[Any]:
    film = Artifact("f" * 64, 1, "video/mp4")
    yield EpisodeCut(1, "i" * 32, film, film, 1000, 25)
    yield CheckMeasured(
        1, "i" * 32, "picture.black", "episode", verdict, 1.0, 0.08, "s", "", (), "", "t", "f" * 64
    )


def test_a_waiver_names_the_bytes_and_who(duanju: Any, place: Path) -> None:
    assert duanju("produce", "tea.txt").code == 0
    log = Log(place / "studio/.duanju/log.db", Codec(builtin_events()))
    log.append("episode/Tea/tea", list(_measured("failed")), by="test.check")
    ran = duanju("review", "waive", "tea", "picture.black@episode", "--note", "it is night")
    assert ran.code == 0, ran.err
    waived = [r.event for r in log.read(kind="check_waived")]
    assert [(one.film, one.note) for one in waived] == [("f" * 64, "it is night")]
    assert isinstance(waived[0], CheckWaived)
    assert waived[0].who
    log.append("episode/Tea/tea", list(_measured("passed")), by="test.check")
    log.close()
    ran = duanju("review", "waive", "tea", "picture.black@episode")
    assert ran.code == 2
    assert "nothing to waive" in ran.err


# -- doubts ----------------------------------------------------------------------------------------------


def wav(path: Path, frames: int = 1600, *, channels: int = 1, width: int = 2, rate: int = 16_000) -> Path:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.setframerate(rate)
        sound.writeframes(b"\1" * (frames * channels * width))
    return path


@pytest.fixture
def doubted(duanju: Any, monkeypatch: pytest.MonkeyPatch, place: Path) -> str:
    """Two lines, the second's call is in doubt: its position."""
    monkeypatch.setenv("TOY_LOSE", "good")
    assert duanju("produce", "tea.txt").code == 1
    monkeypatch.delenv("TOY_LOSE")
    return _doubt(duanju)


def _money(place: Path) -> Any:
    db = sqlite3.connect(place / "studio/.duanju/log.db")
    row = db.execute("SELECT settled, reserved, in_doubt FROM spend WHERE scope = 'studio'").fetchone()
    db.close()
    return row


def _whole(duanju: Any) -> None:
    ran = duanju("verify", "--json")
    assert json.loads(ran.out)["problems"] == [] and ran.code == 0
    assert duanju("replay", "tea").code == 0


def test_the_list_shows_a_doubt_with_its_money_and_the_commands_that_end_it(
    duanju: Any, doubted: str
) -> None:
    ran = duanju("review", "list")
    for words in (
        f"Tea/tea: doubt:{doubted}, line of L002 by paid:voice, up to $0.16, since 20",
        "the answer was lost",
        f"duanju review adopt Tea/tea {doubted} FILE",
        f"duanju review retry Tea/tea {doubted}",
        f"duanju review drop Tea/tea {doubted}",
    ):
        assert words in ran.out, ran.out
    found = json.loads(duanju("review", "list", "--json").out)
    (one,) = found["doubts"]
    assert (one["money"], one["subject"], one["sent_again"], one["raw"]) == (160_000, "L002", False, None)
    assert [hold["hold"] for hold in found["holds"]] == [f"doubt:{doubted}"]


def test_money_in_doubt_is_in_status_and_costs_with_its_route(duanju: Any, doubted: str) -> None:
    assert "in doubt: 1 call to paid:voice, up to $0.16: duanju review list" in duanju("status").out
    money = json.loads(duanju("status", "--json").out)["episodes"][0]["money"]
    assert money["in_doubt"] == 160_000
    assert money["doubts"] == [{"route": "paid:voice", "calls": 1, "money": 160_000}]
    assert "in doubt: 1 call to paid:voice, up to $0.16" in duanju("costs").out
    costs = json.loads(duanju("costs", "--json").out)
    assert (costs["total"]["in_doubt"], costs["total"]["doubts"]) == (160_000, 1)
    assert [(one["name"], one["in_doubt"]) for one in costs["in_doubt"]] == [("paid:voice", 160_000)]


@pytest.mark.parametrize("subject", ["position", "doubt:", "L002"])
@pytest.mark.parametrize(("cost", "settled"), [(("--cost", "0.07"), 290_000), ((), 380_000)])
def test_what_the_vendor_delivered_after_all_is_adopted_and_nothing_is_sent_again(
    duanju: Any, toy: ModuleType, place: Path, doubted: str, subject: str, cost: Any, settled: int
) -> None:
    calls = toy.Paid.calls
    named = {"position": doubted, "doubt:": f"doubt:{doubted}"}.get(subject, subject)
    file = wav(place / "found.wav")
    told = duanju("review", "adopt", "tea", named, str(file), "--note", "in my mail", *cost)
    assert told.code == 0, told.err
    assert duanju("verify").code == 0, "also before an engine has looked at it"
    ran = duanju("resume")
    assert ran.code == 0, ran.err
    assert toy.Paid.calls == calls and _money(place) == (settled, 0, 0)
    log = Log(place / "studio/.duanju/log.db", Codec(builtin_events()))
    record = list(log.read(kind="speech_returned"))[-1]
    (ended,) = [one.event for one in log.read(kind="doubt_settled")]
    log.close()
    event = record.event
    assert (event.subject, event.revision, event.take, event.duration_ms) == ("L002", 1, 1, 100)
    assert (event.audio.media, event.audio.size) == ("audio/wav", file.stat().st_size)
    assert (ended.settled, ended.note) == ("returned", "in my mail") and record.by == "cli.review"
    total = json.loads(duanju("costs", "--json").out)["total"]
    assert (total["cost"], total["in_doubt"], total["unknown"]) == (settled, 0, 0)
    assert total["estimated"] == (0 if cost else 160_000), "a ceiling without a bill is called so"
    assert "nothing waits" in duanju("review", "list").out
    _whole(duanju)


def test_what_cannot_be_the_answer_is_refused_with_the_reason(duanju: Any, place: Path, doubted: str) -> None:
    whole = wav(place / "good.wav").read_bytes()
    (place / "cut.wav").write_bytes(whole[:-100])
    (place / "empty").write_bytes(b"")
    (place / "text.wav").write_text("no sound")
    (place / "none.wav").write_bytes(whole[:44])
    stereo = wav(place / "stereo.wav", channels=2)
    wide = wav(place / "wide.wav", width=4)
    for words, why in (
        ((str(place / "missing.wav"),), "no such file"),
        ((str(place),), "no such file"),
        ((str(place / "empty"),), "is empty"),
        ((str(place / "text.wav"),), "no WAV"),
        ((str(place / "cut.wav"),), "no whole sound"),
        ((str(stereo),), "2 channels of 16 bits"),
        ((str(wide),), "1 channels of 32 bits"),
        ((str(place / "good.wav"), "--cost", "a lot"), "--cost"),
        ((str(place / "good.wav"), "--cost", "-1"), "--cost"),
        ((str(place / "good.wav"), "--job", "j"), "FILE, or --job"),
        ((), "FILE, or --job"),
        (("--job", "j"), "asked for speech"),
        (("--job", "j", "--cost", "1"), "bill comes with its clip"),
    ):
        ran = duanju("review", "adopt", "tea", doubted, *words)
        assert ran.code == 2, words
        assert why in ran.err, ran.err
        assert "Traceback" not in ran.err
    for subject in ("1", "L001", "nobody", "doubt:x", "speech:"):
        ran = duanju("review", "adopt", "tea", subject, str(place / "good.wav"))
        assert ran.code == 2
        assert f"doubt:{doubted}" in ran.err
    assert _money(place) == (220_000, 0, 160_000), "nothing was written"


@pytest.mark.parametrize(("words", "settled"), [((), 380_000), (("--not-accepted",), 220_000)])
def test_a_dropped_call_is_not_sent_again_by_resume_but_by_retry(
    duanju: Any, toy: ModuleType, place: Path, doubted: str, words: Any, settled: int
) -> None:
    calls = toy.Paid.calls
    told = duanju("review", "drop", "tea", doubted, "--note", "I say it myself", *words)
    assert told.code == 0, told.err
    assert duanju("resume").code == 1
    assert duanju("resume").code == 1
    assert toy.Paid.calls == calls and _money(place) == (settled, 0, 0)
    (hold,) = json.loads(duanju("review", "list", "--json").out)["holds"]
    assert hold["hold"].startswith("dropped:") and "I say it myself" in hold["why"]
    assert f"retry Tea/tea {hold['hold']}" in hold["next"]
    _whole(duanju)
    assert duanju("review", "retry", "tea", hold["hold"]).code == 0
    assert duanju("resume").code == 0
    assert toy.Paid.calls == calls + 1 and _money(place) == (settled + 160_000, 0, 0)
    _whole(duanju)


@pytest.mark.parametrize("how", ["retry", "drop"])
def test_all_doubts_of_an_episode_are_settled_at_once(
    duanju: Any, toy: ModuleType, place: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    (place / "tea.txt").write_text(
        "Title: Tea\nINT. ROOM\nlost one\nlost two\nlost three\n", encoding="utf-8"
    )
    monkeypatch.setenv("TOY_LOSE", "lost")
    assert duanju("produce", "tea.txt").code == 1
    monkeypatch.delenv("TOY_LOSE")
    calls = toy.Paid.calls
    doubts = json.loads(duanju("review", "list", "--json").out)["doubts"]
    assert len(doubts) > 1
    asked = sum(one["money"] for one in doubts)
    assert duanju("review", how, "tea").code == duanju("review", how, "tea", "L001", "--all").code == 2
    ran = duanju("review", how, "tea", "--all", "--not-accepted")
    assert ran.code == 0, ran.err
    assert duanju("review", how, "tea", "--all", "--not-accepted").code == 2, "there is none left"
    assert duanju("resume").code == (0 if how == "retry" else 1)
    if how == "retry":
        assert toy.Paid.calls == calls + 3
    else:
        assert toy.Paid.calls <= calls + 3 - len(doubts)
    _, reserved, in_doubt = _money(place)
    assert reserved == in_doubt == 0 and asked > 0
    _whole(duanju)


def test_a_doubt_is_settled_once_and_another_episodes_is_named(
    duanju: Any, place: Path, doubted: str
) -> None:
    (place / "twin.txt").write_text("Title: Tea\nINT. ROOM\nhello there\ngood bye\n", encoding="utf-8")
    assert duanju("produce", "twin.txt").code == 1
    ran = duanju("review", "retry", "twin", doubted)
    assert ran.code == 2
    assert f"duanju review retry Tea/tea {doubted}" in ran.err
    assert duanju("review", "retry", "tea", doubted).code == 0
    ran = duanju("review", "drop", "tea", doubted)
    assert ran.code == 2, "no engine has looked yet, but it is settled"
    assert duanju("resume").code == 0
    _whole(duanju)


def test_a_bill_over_its_ceiling_is_in_status_until_a_person_has_looked(
    duanju: Any, place: Path, toy: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "tea.txt").write_text("Title: Tea\nINT. ROOM\nover the top\n", encoding="utf-8")
    monkeypatch.setenv("TOY_OVER", "over")
    assert duanju("produce", "tea.txt").code == 1
    out = duanju("status").out
    assert "STOPPED: nothing more is asked of paid:voice" in out and "review retry Tea/tea overbilled:" in out
    (stopped,) = json.loads(duanju("status", "--json").out)["stopped"]
    (place / "next.txt").write_text("Title: Next\nINT. ROOM\nsomething else\n", encoding="utf-8")
    calls = toy.Paid.calls
    assert duanju("produce", "next.txt").code == 1 and toy.Paid.calls == calls
    assert duanju("review", "retry", "tea", f"overbilled:{stopped['position']}").code == 0
    assert duanju("resume").code == 0
    assert json.loads(duanju("status", "--json").out)["stopped"] == [] and toy.Paid.calls == calls + 1
    _whole(duanju)
