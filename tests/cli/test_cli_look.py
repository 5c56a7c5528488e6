"""What the reading commands tell: status, history, replay, costs, verify, routes, plugins."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def _sql(place: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(place / "studio" / ".duanju" / "log.db") as db:
        return db.execute(query).fetchall()


BILLS = """SELECT coalesce(sum(json_extract(body, '$.bill.cost')), 0),
  coalesce(sum(json_extract(body, '$.bill.cost') IS NULL), 0), count(*) FROM event
  WHERE kind IN ('speech_returned', 'image_returned', 'chat_returned', 'call_failed')
  AND json_extract(body, '$.reused_from') IS NULL"""


def test_costs_equal_what_sql_finds(duanju: Any, place: Path) -> None:
    (place / "two.txt").write_text("INT. HALL\nhello there\nsomething strange\n", encoding="utf-8")
    assert duanju("produce", "tea.txt", "two.txt").code == 0
    cost, unknown, calls = _sql(place, BILLS)[0]
    assert (cost > 0, unknown, calls) == (True, 1, 3)
    for by in ("model", "provider", "stage", "episode", "day"):
        found = json.loads(duanju("costs", "--by", by, "--json").out)
        assert found["total"]["cost"] == cost
        assert found["total"]["unknown"] == unknown
        assert found["total"]["calls"] == calls
        assert found["total"]["reused"] == 1
        assert sum(one["cost"] for one in found["groups"]) == cost
        assert sum(one["calls"] for one in found["groups"]) == calls
    names = {by: [g["name"] for g in json.loads(duanju("costs", "--by", by, "--json").out)["groups"]]
             for by in ("model", "provider", "stage", "episode")}  # fmt: skip
    assert names == {
        "model": ["paid:voice"],
        "provider": ["paid"],
        "stage": ["toy"],
        "episode": ["Tea/tea", "two/two"],
    }
    text = duanju("costs").out
    assert "1 calls cost something that nobody knows" in text
    one = json.loads(duanju("costs", "tea", "--json").out)
    assert one["total"]["cost"] == 380_000


def test_costs_agree_with_the_spend_table(duanju: Any, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOY_LOSE", "good")
    assert duanju("produce", "tea.txt").code == 1
    total = json.loads(duanju("costs", "--json").out)["total"]
    spent = "SELECT sum(settled), sum(reserved), sum(in_doubt) FROM spend WHERE scope = 'studio'"
    assert (total["cost"], total["reserved"], total["in_doubt"]) == _sql(place, spent)[0]
    assert total["in_doubt"] == 8 * 20_000


def test_status_tells_what_waits_for_what(duanju: Any, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOY_LOSE", "good")
    assert duanju("produce", "tea.txt").code == 1
    found = json.loads(duanju("status", "tea", "--json").out)["episodes"][0]
    assert found["state"] == "held"
    assert found["counts"]["voices"] == {"done": 1, "of": 2}
    assert {"join": "takes", "for": "S01-02: its picture and the voice of L002"} in found["waits"]
    assert found["holds"][0]["subject"] == "L002"
    assert found["holds"][0]["next"]
    text = duanju("status").out
    assert "no engine runs" in text
    assert "HELD (doubt:" in text
    assert "$0.22 spent, $0.00 reserved, $0.16 in doubt" in text


def test_status_of_a_delivered_episode(duanju: Any) -> None:
    assert duanju("produce", "tea.txt").code == 0
    found = json.loads(duanju("status", "--json").out)["episodes"][0]
    assert (found["state"], found["waits"], found["holds"]) == ("delivered", [], [])


def test_history_as_text_and_as_json(duanju: Any) -> None:
    assert duanju("produce", "tea.txt").code == 0
    lines = duanju("history", "tea").out.splitlines()
    rows = [json.loads(line) for line in duanju("history", "tea", "--json").out.splitlines()]
    assert len(lines) == len(rows) > 10
    assert rows[0]["kind"] == "episode_opened"
    assert [row["position"] for row in rows] == sorted(row["position"] for row in rows)
    by_position = {row["position"]: row for row in rows}
    for line, row in zip(lines, rows, strict=True):
        assert line.split()[0] == str(row["position"])
        assert row["kind"] in line
        assert row["by"] in line
        if row["cause"] is not None:
            assert line.endswith(f"< {row['cause']}")
            assert by_position[row["cause"]]["position"] < row["position"]


def test_why_walks_to_what_a_person_did(duanju: Any) -> None:
    assert duanju("produce", "tea.txt").code == 0
    rows = [json.loads(line) for line in duanju("history", "tea", "--json").out.splitlines()]
    delivered = next(row for row in rows if row["kind"] == "episode_delivered")
    text = duanju("history", "tea", "--why", str(delivered["position"])).out.splitlines()
    assert "the episode was delivered" in text[0]
    assert all(line.startswith("because") for line in text[1:])
    assert "a person handed in tea.txt" in text[-1]
    for words in ("the voice for", "cost $0.", "was let go to paid:voice", "a voice was wanted for"):
        assert any(words in line for line in text), words
    chain = [json.loads(line) for line in duanju(
        "history", "tea", "--why", str(delivered["position"]), "--json").out.splitlines()]  # fmt: skip
    assert [one["position"] for one in chain[1:]] == [one["cause"] for one in chain[:-1]]
    assert chain[-1]["cause"] is None


def test_follow_ends_with_the_delivery(duanju: Any, place: Path, toy: ModuleType) -> None:
    assert duanju("produce", "tea.txt", "--budget", "0.01").code == 1
    ended = threading.Event()

    def later() -> None:
        time.sleep(0.5)
        from duanju.core.log import Log
        from duanju.events.artifact import Artifact
        from duanju.events.episode import EpisodeDelivered

        plugins = toy.toy_plugins()
        log = Log(place / "studio" / ".duanju" / "log.db", plugins.codec)
        one = Artifact("0" * 64, 1, "video/mp4")
        log.append("episode/Tea/tea", [EpisodeDelivered(1, "x", one, one, 1, 0, 0)], by="test")
        log.close()
        ended.set()

    thread = threading.Thread(target=later)
    thread.start()
    ran = duanju("history", "tea", "--follow")
    thread.join()
    assert ended.is_set(), "it must not end before the delivery"
    assert ran.code == 0
    assert "episode_delivered" in ran.out.splitlines()[-1]


def test_a_script_cannot_command_the_terminal(duanju: Any, place: Path) -> None:
    evil = "Title: Tea\x1b]0;owned\x07\nINT. \x1b[2J\nhello \x1b[31m\u202eevil\u202c \x9b2J\n"
    (place / "evil\x1b[2J.txt").write_text(evil, encoding="utf-8")
    ran = duanju("produce", "evil\x1b[2J.txt")
    assert ran.code == 0
    texts = [ran.out, ran.err]
    for words in (
        ["status"],
        ["status", "--json"],
        ["costs"],
        ["history", "evil-[2J"],
        ["history", "evil-[2J", "--json"],
        ["replay", "evil-[2J"],
        ["history", "gone\x1b[2J"],
    ):
        one = duanju(*words)
        texts += [one.out, one.err]
    for text in texts:
        assert not [c for c in text if (c < " " and c != "\n") or "\x7f" <= c <= "\x9f" or c == "\u202e"]


def test_replay_reproduces_and_finds_what_diverges(
    duanju: Any, place: Path, toy: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert duanju("produce", "tea.txt").code == 0
    before = toy.Paid.calls
    found = json.loads(duanju("replay", "tea", "--json").out)
    assert found["result"] == "reproduced"
    assert found["answers"] == 3  # the shot list with its requests, and each voice
    assert found["head"] == json.loads(duanju("verify", "--json").out)["head"]
    assert toy.Paid.calls == before
    text = duanju("replay", "tea").out
    assert "Tea/tea: reproduced" in text
    assert found["digest"] in text
    early = json.loads(duanju("replay", "tea", "--to", "8", "--json").out)
    assert early["reactions"] < found["reactions"]

    from collections.abc import Iterator

    from duanju.core.hooks import hookimpl
    from duanju.events.script import ShotListSettled, ShotPlanned

    def on_shot_planned(event: ShotPlanned, episode: Any) -> Iterator[ShotListSettled]:
        return iter(())

    on_shot_planned.__annotations__["return"] = Iterator[ShotListSettled]
    monkeypatch.setattr(toy, "on_shot_planned", hookimpl(on_shot_planned))
    ran = duanju("replay", "tea")
    assert ran.code == 1
    assert "diverged at position" in ran.err
    assert "toy.on_shot_planned" in ran.err
    assert json.loads(duanju("replay", "tea", "--json").out)["result"] == "diverged"


def test_verify_finds_a_changed_row_and_a_changed_file(duanju: Any, place: Path) -> None:
    assert duanju("produce", "tea.txt").code == 0
    whole = duanju("verify")
    assert whole.code == 0
    assert "chain and files are whole" in whole.out
    store = place / "studio" / ".duanju" / "artifacts"
    victim = next(path for path in store.rglob("*") if path.is_file() and path.read_bytes() == b"good bye")
    victim.write_bytes(b"good die")
    ran = duanju("verify")
    assert ran.code == 1
    assert "other bytes than its name says" in ran.err
    victim.write_bytes(b"good bye")
    assert duanju("verify").code == 0
    with sqlite3.connect(place / "studio" / ".duanju" / "log.db") as db:
        db.execute("DROP TRIGGER event_no_update")
        db.execute("UPDATE event SET by = 'a forger' WHERE position = 5")
    ran = duanju("verify", "--json")
    assert ran.code == 1
    untied, changed = json.loads(ran.out)["problems"]
    assert (untied["position"], changed["position"]) == (0, 5)
    assert "event_no_update is gone" in untied["what"]
    assert duanju("replay", "tea").code == 1


def test_verify_finds_work_without_a_cause(duanju: Any, place: Path) -> None:
    assert duanju("produce", "tea.txt").code == 0
    with sqlite3.connect(place / "studio" / ".duanju" / "log.db") as db:
        db.execute("INSERT INTO work VALUES ('episode/Tea/tea', 'toy', 'on_x', 99999, 0)")
    ran = duanju("verify")
    assert ran.code == 1
    assert "position 99999: toy.on_x is owed" in ran.err


def test_routes_and_plugins(duanju: Any) -> None:
    text = duanju("routes").out
    assert "paid:voice" in text
    assert "a million characters" in text
    found = json.loads(duanju("routes", "--json").out)
    speech = next(one for one in found["routes"] if one["capability"] == "speech")
    assert speech["usable"] is True
    listed = json.loads(duanju("plugins", "list", "--json").out)
    assert {one["name"]: one["kind"] for one in listed["plugins"]} == {
        "paid": "provider",
        "toy": "stage",
        "toyout": "export",
    }
    assert "toyout" in duanju("plugins", "list").out
    graph = duanju("plugins", "graph").out
    assert "shot_planned\n  toy.on_shot_planned -> shot_list_settled | speech_requested\n" in graph
    assert "paid.on_speech_requested (lane pay) -> call_failed | speech_returned" in graph
    edges = json.loads(duanju("plugins", "graph", "--json").out)["edges"]
    assert {"event": "episode_held", "plugin": "toyout"}.items() <= next(
        one for one in edges if one["event"] == "episode_held"
    ).items()


def test_new_makes_a_studio_and_says_so(duanju: Any, place: Path) -> None:
    ran = duanju("new", "mine")
    assert ran.code == 0
    assert (place / "mine" / "duanju.toml").is_file()
    assert "duanju produce SCRIPT --studio mine" in ran.out
    (place / "mine" / "duanju.toml").write_text("# mine\n", encoding="utf-8")
    assert "already" in duanju("new", "mine").out
    assert (place / "mine" / "duanju.toml").read_text(encoding="utf-8") == "# mine\n"
