"""One whole episode by each profile, through the command line, before vendors that answer with real media."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import filmkit
import pytest
from attrs import frozen
from modelkit import PROVIDERS, duanju, settings_of, vendors

from duanju.core.studio import OUT_FILES
from duanju.testing.vendor import Entry

SCRIPT = Path(__file__).parent / "scripts" / "profile.fountain"
LINES = ("You sold it.", "I had no choice, Mei.", "So now I have none.")

# What each profile's rules say of this script: (provider:model, purpose) of every call that is paid.
CHATS: dict[str, dict[str, str]] = {
    "local": {},
    "holysheep": {
        "breakdown": "holysheep:gpt-4.1",  # the script is English
        "character": "holysheep:gpt-4.1",
        "direction": "holysheep:claude-sonnet-4.5",
    },
    "global": {
        "breakdown": "gemini:gemini-3.8-flash",
        "character": "anthropic:claude-sonnet-5",
        "direction": "anthropic:claude-sonnet-5",
    },
}
MEDIA = {
    "local": {"image": "local:painter", "speech": "local:espeak"},
    "holysheep": {"image": "local:painter", "speech": "local:espeak"},
    "global": {"image": "gemini:gemini-3.1-flash-image", "speech": "elevenlabs:eleven_multilingual_v2"},
}
ESTABLISHING = {"holysheep": "holysheep:deepseek-v3.2", "global": "openai:gpt-6-luna"}


@frozen
class Episode:
    """What a profile's episode came to: the commands' words, the vendors' books, the rows of the log."""

    profile: str
    root: Path
    out: Path
    books: dict[str, list[Entry]]
    estimate: dict[str, Any]
    costs: dict[str, Any]
    against: dict[str, Any]
    said: str

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        """What the log's own table says."""
        db = sqlite3.connect(f"file:{self.root / '.duanju' / 'log.db'}?mode=ro", uri=True)
        try:
            return db.execute(question).fetchall()
        finally:
            db.close()

    def charged(self) -> int:
        """What all vendors say that they charged, in micro-dollars."""
        return sum(entry.charge for entries in self.books.values() for entry in entries)


def made(root: Path, profile: str) -> Episode:
    """Estimates, produces and accounts for the script by a profile, each in a process of its own."""
    studio = root / "studio"
    studio.mkdir()
    names = PROVIDERS[profile]
    with vendors(*names) as servers:
        (studio / "duanju.toml").write_text(settings_of(servers))
        told = duanju(root, "estimate", str(SCRIPT), "--profile", profile, "--json")
        assert told.code == 0, told
        assert all(server.books.submits() == 0 for server in servers.values()), "an estimate calls nobody"
        ran = duanju(root, "produce", str(SCRIPT), "--profile", profile, keys=names)
        assert ran.code == 0, ran
        books = {name: server.books.all() for name, server in servers.items()}
        costs = duanju(root, "costs", "profile", "--json")
        against = duanju(root, "costs", "profile", "--against-estimate", "--json")
    assert (costs.code, against.code) == (0, 0), (costs, against)
    (out,) = (studio / "out").glob("*/profile")
    estimate, after = told.json, against.json["against_estimate"]
    return Episode(profile, studio, out, books, estimate, costs.json, after, ran.out + ran.err)


@pytest.fixture(scope="session", params=sorted(PROVIDERS))
def episode(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Episode:
    profile = request.param
    return filmkit.once(tmp_path_factory, f"profile-{profile}", lambda root: made(root, profile))


def test_it_is_a_whole_film(episode: Episode) -> None:
    assert sorted(one.name for one in episode.out.iterdir()) == sorted(OUT_FILES)
    assert (episode.out / "episode.mp4").stat().st_size > 10_000
    subtitles = (episode.out / "episode.srt").read_text()
    assert all(line in subtitles.replace("\n", " ") for line in LINES)
    kinds = Counter(kind for (kind,) in episode.rows("SELECT kind FROM event"))
    assert kinds["episode_delivered"] == 1 and kinds["episode_held"] == 0
    assert kinds["call_failed"] == kinds["call_doubted"] == kinds["answer_rejected"] == 0
    assert kinds["image_returned"] == kinds["shot_planned"] == episode.estimate["shots"] >= 5
    assert kinds["speech_returned"] == len(LINES)


def test_the_profile_sends_each_call_where_it_says(episode: Episode) -> None:
    found = episode.rows(
        "SELECT json_extract(body, '$.capability'), json_extract(body, '$.purpose'), "
        "json_extract(body, '$.route'), count(*) FROM event WHERE kind = 'call_admitted' GROUP BY 1, 2, 3"
    )
    by_purpose: dict[str, set[str]] = {}
    for capability, purpose, route, _ in found:
        by_purpose.setdefault(purpose if capability == "chat" else capability, set()).add(route)
    described = by_purpose.pop("describe", set())
    assert by_purpose == {
        purpose: {route} for purpose, route in (CHATS[episode.profile] | MEDIA[episode.profile]).items()
    }
    if episode.profile == "local":
        assert described == set()
    else:
        # The script opens on places and is felt later: its shots are not all described by one model.
        assert ESTABLISHING[episode.profile] in described and len(described) >= 2


def test_the_ledger_is_what_the_vendors_counted(episode: Episode) -> None:
    assert episode.costs["total"]["cost"] == episode.charged()
    assert (episode.charged() > 0) == (episode.profile != "local")
    for name in ("reserved", "in_doubt", "unknown", "estimated", "wasted", "reused"):
        assert episode.costs["total"][name] == 0, name
    by_provider: Counter[str] = Counter()
    calls: Counter[str] = Counter()
    for group in episode.costs["groups"]:
        provider = group["name"].split(":")[0]
        by_provider[provider] += group["cost"]
        calls[provider] += group["calls"]
    for name, entries in episode.books.items():
        assert by_provider[name] == sum(entry.charge for entry in entries), name
        assert calls[name] == len(entries) > 0, name
        assert {entry.status for entry in entries} == {200}, name
        assert len({entry.content for entry in entries}) == len(entries), "nothing was asked twice"
    assert set(by_provider) - {"local"} == set(episode.books)


def test_the_ledger_is_what_the_bodies_say(episode: Episode) -> None:
    """An independent sum: json_extract over the raw rows, per route, to the micro-dollar."""
    rows = episode.rows(
        "SELECT json_extract(body, '$.route'), count(*), sum(json_extract(body, '$.bill.cost')) FROM event "
        "WHERE json_extract(body, '$.bill.cost') IS NOT NULL "
        "AND json_extract(body, '$.reused_from') IS NULL GROUP BY 1"
    )
    mine = {group["name"]: (group["calls"], group["cost"]) for group in episode.costs["groups"]}
    assert {route: (count, cost) for route, count, cost in rows} == mine
    assert sum(cost for _, _, cost in rows) == episode.costs["total"]["cost"]
    (spent,) = episode.rows("SELECT settled, reserved, in_doubt FROM spend WHERE scope = 'studio'") or [
        (0, 0, 0)
    ]
    assert spent == (episode.charged(), 0, 0)
    assert f"${episode.charged() / 1e6:.6f}".rstrip("0") in episode.said or episode.charged() == 0


def test_each_bill_tells_what_was_used(episode: Episode) -> None:
    bills = episode.rows(
        "SELECT json_extract(body, '$.bill.billing'), json_extract(body, '$.bill.usage'), "
        "json_array_length(body, '$.bill.attempts'), json_extract(body, '$.route') FROM event "
        "WHERE kind IN ('chat_returned', 'image_returned', 'speech_returned')"
    )
    assert len(bills) == episode.costs["total"]["calls"]
    for billing, usage, attempts, route in bills:
        here = route.startswith("local:")
        assert billing == ("free" if here else "billed"), route
        assert len(usage) > 2 and attempts == (0 if here else 1), route


def test_the_estimate_holds_what_was_paid(episode: Episode) -> None:
    total, after = episode.estimate["total"], episode.against["total"]
    assert total["calls"] == after["calls"] == episode.costs["total"]["calls"]
    assert (after["expected"], after["ceiling"]) == (total["expected"], total["ceiling"])
    assert after["actual"] == episode.charged() <= total["ceiling"]
    assert all(stage["inside"] for stage in (after, *episode.against["stages"]))
    if episode.profile == "local":
        assert total["ceiling"] == 0
    else:
        assert total["unknown"] == 0 and abs(after["error"]) < 0.5


def test_no_key_is_left(episode: Episode) -> None:
    found = re.compile(rb"sk-[a-z]+-9c31f0")
    places = [path for path in episode.root.rglob("*") if path.is_file()]
    assert [path for path in places if found.search(path.read_bytes())] == []
    assert "9c31f0" not in episode.said


@pytest.mark.parametrize("profile", ["holysheep", "global"])
def test_a_missing_key_is_named_before_anything_is_spent(profile: str, tmp_path: Path) -> None:
    (tmp_path / "studio").mkdir()
    with vendors(*PROVIDERS[profile]) as servers:
        (tmp_path / "studio" / "duanju.toml").write_text(settings_of(servers))
        ran = duanju(tmp_path, "produce", str(SCRIPT), "--profile", profile)
        assert sum(server.books.submits() for server in servers.values()) == 0
    assert ran.code == 1 and re.search(r"[A-Z]+_API_KEY", ran.out + ran.err), ran
