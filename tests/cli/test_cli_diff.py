"""`duanju diff`: what differs between two episodes, as text, as JSON, and as a page that nobody can abuse."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import orjson
import pytest

Run = Callable[..., Any]
COST = 20_000


@pytest.fixture
def both(duanju: Run, place: Path) -> Run:
    """An episode, and its fork with one other line that means ill."""
    assert duanju("produce", "tea.txt").code == 0
    rows = [orjson.loads(line) for line in duanju("history", "tea", "--json").out.splitlines()]
    last = next(row["position"] for row in rows if row["kind"] == "episode_delivered")
    text = "Title: Tea\nINT. ROOM\nhello there\n<script>alert(1)</script>&\n"
    (place / "ill.txt").write_text(text, encoding="utf-8")
    made = duanju("fork", "tea", "--at", str(last), "--as", "ill", "--script", "ill.txt", "--run")
    assert made.code == 0, made.err
    return duanju


def plain(duanju: Run, *words: str) -> Any:
    found = duanju("diff", *words, "--json")
    assert found.code == 0, found.err
    return orjson.loads(found.out)


def test_an_episode_does_not_differ_from_itself(both: Run) -> None:
    found = plain(both, "tea", "tea")
    assert found["same"] and found["events"] == [] and found["checks"] == []
    assert found["equal_events"] > 5 and all(shot["same"] for shot in found["shots"])
    assert found["money"]["a"]["cost"] == found["money"]["b"]["cost"] == 0
    assert found["money"]["shared"]["cost"] == len("hello there" + "good bye") * COST
    assert "no event differs" in both("diff", "tea", "tea").out


def test_a_fork_differs_in_what_was_changed_and_costs_what_differs(both: Run) -> None:
    found = plain(both, "tea", "ill")
    assert not found["same"]
    lines = {(e["kind"], e["subject"], e["what"]) for e in found["events"]}
    assert ("line_voiced", "L002", "changed") in lines and ("shot_planned", "S01-02", "changed") in lines
    assert not any(subject == "L001" for _, subject, _ in lines), "what is the same is not told"
    assert [shot["shot"] for shot in found["shots"] if not shot["same"]] == ["S01-02"]
    money = found["money"]
    assert money["b"]["cost"] == len("<script>alert(1)</script>&") * COST and money["b"]["reused"] == 1
    assert money["a"]["cost"] == 0 and money["shared"]["cost"] == len("hello there" + "good bye") * COST
    assert [file["name"] for file in found["files"] if not file["same"]] != []
    back = plain(both, "ill", "tea")
    assert back["money"]["a"] == money["b"] and back["common"] == found["common"] > 0


def test_the_text_names_both_sides_and_their_money(both: Run) -> None:
    found = both("diff", "tea", "ill")
    assert found.code == 0
    assert "- Tea/tea" in found.out and "+ Tea/ill" in found.out
    assert "~" in found.out and "shot_planned" in found.out and "1 of 2 differ" in found.out
    assert "shared, paid once" in found.out and "of its own" in found.out


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_is_one_file_and_what_a_script_says_stays_text(both: Run, place: Path) -> None:
    found = both("diff", "tea", "ill", "--html", "page.html")
    assert found.code == 0 and "page.html" in found.out
    page = _Page()
    page.feed((place / "page.html").read_text(encoding="utf-8"))
    assert "script" not in page.tags and "<script>alert(1)</script>&" in page.text
    assert all(link.startswith("data:image/jpeg;base64,") for link in page.links)
    assert "Money" in page.text and "S01-02" in page.text


def test_wrong_use_is_told(both: Run, place: Path) -> None:
    assert both("diff", "tea", "nobody").code == 2
    found = both("diff", "tea", "ill", "--html", str(place / "no" / "page.html"))
    assert found.code == 2 and "cannot be written" in found.err
