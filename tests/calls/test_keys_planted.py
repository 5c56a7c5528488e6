"""Keys never appear: planted ones are echoed in every way, and everything that a run leaves is searched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from callkit import Calls, ask, paint, quick, speak
from planted import PLANTED, WAYS, answer_of, fault_of, leaks, needles

from duanju.testing.vendor import Asked, Given, Route, VendorServer

ENDS = {"chat": "/chat/completions", "image": "/images/generations", "speech": "/audio/speech"}


def asking(wanted: str, number: int) -> Any:
    """A request for words, a picture or speech, different from every other."""
    if wanted == "image":
        return paint(f"s{number}", 256 + 16 * number)
    return (ask if wanted == "chat" else speak)(f"s{number}", f"Words {number}.")


@pytest.mark.parametrize("wanted", ["chat", "image", "speech"])
def test_what_a_server_echoes_is_nowhere(
    wanted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", PLANTED)
    turn = [""]
    asked: list[str] = []

    def echo(request: Asked) -> Given:
        asked.append(turn[0])
        return answer_of(turn[0], request)

    root = tmp_path / "studio"
    root.mkdir()
    with VendorServer([Route("POST", ENDS[wanted], echo)], prefix="/v1") as server:
        server.faults = lambda number, method, path: fault_of(turn[0])
        play = Calls(root, server.url, lanes={"openai": 1})
        quick(play.provider)
        for number, way in enumerate(WAYS):  # one after the other, each in an episode, which it may hold
            turn[0] = way
            play.open(f"e{number}", [asking(wanted, number)])
            play.run()
        assert set(asked) == set(WAYS) and set(server.books.by_key()) == {PLANTED}
        bodies = "".join(record.body for record in play.log.read())
        assert bodies.count("<OPENAI_API_KEY>") > len(WAYS), "what was echoed was read, and kept without it"
        assert (root / "log.db-wal").stat().st_size > 0
        assert leaks(root) == []
        play.close()
    assert leaks(root) == []


def test_the_search_finds_a_key_in_each_spelling(tmp_path: Path) -> None:
    for number, needle in enumerate(needles()):
        place = tmp_path / f"at{number}" / "deep"
        place.mkdir(parents=True)
        (place / "file").write_bytes(b"\x00\xff" + needle + b"\xff")
        assert leaks(place.parent), needle
        assert leaks(tmp_path / "none", [needle.decode()]), needle
