"""What a person decides is recorded, moves the money as they said, and lets the episode go on."""

from __future__ import annotations

import json
import sqlite3
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
