"""`duanju history --at`, `--why` and `--graph`: the state as it was, the causes in words and drawn."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from duanju.core.graph import graph
from duanju.core.log import Log
from duanju.core.why import in_words
from duanju.events.codec import Codec
from duanju.events.episode import EpisodeHeld
from duanju.events.quality import CheckMeasured, RepairAsked
from duanju.events.record import Record
from duanju.events.vocabulary import builtin_events


@pytest.fixture
def rows(duanju: Any, place: Path) -> list[dict[str, Any]]:
    """The records of a delivered episode."""
    assert duanju("produce", "tea.txt").code == 0
    return [json.loads(line) for line in duanju("history", "tea", "--json").out.splitlines()]


def first(rows: list[dict[str, Any]], kind: str) -> int:
    """The first position of a kind."""
    found: int = next(row["position"] for row in rows if row["kind"] == kind)
    return found


def at(duanju: Any, position: int) -> dict[str, Any]:
    """The state at a position."""
    found: dict[str, Any] = json.loads(duanju("history", "tea", "--at", str(position), "--json").out)
    return found


def test_the_state_is_as_it_was_then(duanju: Any, rows: list[dict[str, Any]]) -> None:
    opened = at(duanju, first(rows, "episode_opened"))
    assert (opened["records"], opened["shots"], opened["state"]) == (1, [], "in progress")
    admitted = at(duanju, first(rows, "call_admitted"))
    assert [one["shot"] for one in admitted["shots"]] == ["S01-01", "S01-02"]
    assert admitted["money"]["reserved"] == 11 * 20_000 and admitted["money"]["settled"] == 0
    assert {one["join"] for one in admitted["waits"]} == {"takes"}
    voiced = at(duanju, first(rows, "line_voiced"))
    done = sorted((one["voices"], one["lines"]) for one in voiced["shots"])
    assert done == [(0, 1), (1, 1)], "whichever came first"
    end = at(duanju, rows[-1]["position"])
    assert end["state"] == "delivered" and end["waits"] == []
    assert end["money"] == {
        "calls": 2, "settled": 380_000, "reserved": 0, "in_doubt": 0, "unknown_calls": 0,
    }  # fmt: skip
    text = duanju("history", "tea", "--at", str(first(rows, "line_voiced"))).out
    assert "Tea/tea at position" in text and "S01-01" in text and "voices 1/1" in text and "money: $" in text


def test_a_hold_and_a_doubt_show_while_they_last(
    duanju: Any, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY_LOSE", "good")
    assert duanju("produce", "tea.txt").code == 1
    rows = [json.loads(line) for line in duanju("history", "tea", "--json").out.splitlines()]
    held = first(rows, "episode_held")
    assert at(duanju, held)["state"] == "held" and at(duanju, held)["money"]["in_doubt"] == 160_000
    assert at(duanju, held - 2)["state"] == "in progress"
    assert "HELD (doubt:" in duanju("history", "tea", "--at", str(held)).out


def test_positions_that_cannot_be_are_refused(duanju: Any, place: Path, rows: list[dict[str, Any]]) -> None:
    (place / "two.txt").write_text("Title: Two\nINT. HALL\nhello\n", encoding="utf-8")
    assert duanju("produce", "two.txt").code == 0
    assert "its last one is" in duanju("history", "tea", "--at", "99999").err
    early = duanju("history", "two", "--at", "3")
    assert early.code == 2 and "begins at position" in early.err
    for words in (["--at", "3", "--why", "3"], ["--at", "3", "--follow"], ["--graph", "dot", "--json"]):
        ran = duanju("history", "tea", *words)
        assert ran.code == 2 and "do not go together" in ran.err
    assert duanju("history", "tea", "--graph", "png").code == 2


def test_a_chain_is_drawn_for_graphviz_and_for_mermaid(duanju: Any, rows: list[dict[str, Any]]) -> None:
    last = first(rows, "episode_delivered")
    chain = [
        json.loads(one) for one in duanju("history", "tea", "--why", str(last), "--json").out.splitlines()
    ]
    arrows = {(one["cause"], one["position"]) for one in chain if one["cause"] is not None}
    dot = duanju("history", "tea", "--why", str(last), "--graph", "dot").out
    assert dot.startswith("digraph causes {\n") and dot.endswith("}\n")
    found = {(int(a), int(b)) for a, b in re.findall(r"n(\d+) -> n(\d+);", dot)}
    assert found == arrows and len(re.findall(r"\[label=", dot)) == len(chain)
    mermaid = duanju("history", "tea", "--why", str(last), "--graph", "mermaid").out
    assert mermaid.startswith("flowchart TD\n")
    assert {(int(a), int(b)) for a, b in re.findall(r"n(\d+) --> n(\d+)", mermaid)} == arrows
    whole = duanju("history", "tea", "--graph", "mermaid").out
    assert whole.count('["') == len(rows)


def test_a_label_ends_nothing_and_adds_nothing(tmp_path: Path) -> None:
    codec = Codec(builtin_events())
    log = Log(tmp_path / "log.db", codec)
    evil = 'x"]; n1 -> n2; "<script>`#quot;\\" \x1b[2J\n  n9["owned"] --> n1'
    log.append("episode/a/b", [EpisodeHeld(evil, "w", "", "n", 1)], by="cli.x")
    records = list(log.read(stream="episode/a/b"))
    (node,) = [line for line in graph(log, records, "dot") if "label" in line]
    assert "\n" not in node and "\x1b" not in node
    assert re.fullmatch(r'  n2 \[label="(?:[^"\\]|\\.)*"\];', node)
    (node,) = list(graph(log, records, "mermaid"))[1:]
    assert re.fullmatch(r'  n2\["(?:[\w .,:;_+/()-]|#\d+;|<br/>)*"\]', node)
    log.close()


def told(event: Any) -> str:
    """An event as `--why` says it."""
    codec = Codec(builtin_events())
    log = Log(None, codec)
    (record,) = log.append("episode/a/b", [event], by="x.y")
    words = in_words(log, record)
    log.close()
    return words


def test_checks_and_repairs_are_told_with_their_numbers() -> None:
    measured = CheckMeasured(
        1, "i", "character.appearance", "S02-03", "failed", 0.58, 0.5, "", "another face", (), "", "", "f"
    )
    assert told(measured) == "character.appearance of S02-03 failed at 0.58 > 0.5: another face"
    loud = CheckMeasured(
        1, "i", "audio.loudness", "episode", "passed", -16.0, -15.5, "LUFS", "as it must be", (), "", "", "f"
    )
    assert told(loud) == "audio.loudness passed at -16 < -15.5 LUFS: as it must be"
    repair = told(RepairAsked(1, "S02-03", "character.appearance", "another face", 1))
    assert "S02-03 was asked for (attempt 1), since character.appearance said: another face" in repair


def test_every_kind_has_words_and_a_body_that_fits_nothing_is_told() -> None:
    log = Log(None, Codec(builtin_events()))
    row = (2, "0", "episode/a/b", 1, "shot_planned", 1, "[]", None, None, "x.y", "2026", b"")
    assert "does not fit" in in_words(log, Record(row, log.codec))
    row = (2, "0", "episode/a/b", 1, "made_up", 1, '{"subject":"S01"}', None, None, "x.y", "2026", b"")
    assert in_words(log, Record(row, log.codec)) == "made up: S01"
    log.close()
