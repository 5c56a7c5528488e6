"""A storm of 300 calls: what is cheap is repeated and shown, what is dear is never sent twice in doubt."""

from __future__ import annotations

from pathlib import Path

import pytest
from callkit import KEY
from stormproof import cheap, dear, tight


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


def test_cheap_calls_all_succeed_and_every_repeat_is_shown_as_doubt(tmp_path: Path) -> None:
    wrong, told = cheap(tmp_path, seed=5, calls=300)
    assert wrong == [], told
    assert told["fault 429"] > 5 and told["doubts"] > 3 and told["fault garbage"] > 0, told


def test_dear_calls_are_never_repeated_while_their_outcome_is_unknown(tmp_path: Path) -> None:
    wrong, told = dear(tmp_path, seed=5, calls=300)
    assert wrong == [], told
    assert told["fault 429"] > 5 and told["doubts"] > 3 and told["fault garbage"] > 0, told
    assert told["delivered"] > 0 and told["never taken"] > 0, told


def test_no_storm_passes_the_cap(tmp_path: Path) -> None:
    wrong, told = tight(tmp_path, seed=7, calls=80)
    assert wrong == [], told


def test_the_weather_is_the_same_for_the_same_seed_and_as_rough_as_it_says() -> None:
    from duanju.testing.vendor.storm import DOUBTFUL, GARBAGE, LIMITED, storm

    def names(seed: int, count: int) -> list[str]:
        plan = storm(seed)
        found = [plan(number, "POST", "/chat/completions") for number in range(count)]
        assert all(one is not None for one in found)
        return [one.name if one is not None else "" for one in found]

    assert names(1, 500) == names(1, 500) != names(2, 500)
    seen = names(3, 20_000)
    for wanted, share in (({LIMITED}, 0.05), ({GARBAGE}, 0.005), ({"slow"}, 0.005), (DOUBTFUL, 0.02)):
        assert abs(sum(name in wanted for name in seen) / len(seen) - share) < 0.004, wanted
