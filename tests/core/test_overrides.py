"""Settings changed by words: each word changes its own key, and nothing else."""

from __future__ import annotations

import attrs
import pytest

from duanju.core.errors import BadSetting
from duanju.core.overrides import with_overrides
from duanju.core.settings import DELIVERIES, Budget, Casting, Settings, micro

ODD = Settings(
    delivery=attrs.evolve(DELIVERIES["web-wide"], width=640, height=360, fps=30, preset="fast"),
    routes={"image": ("a:b", "c:d"), "speech": ("local:espeak",), "chat": (), "video": (), "lipsync": ()}
    | {"transcription": ()},
    budget=Budget(micro("0.1"), micro(2), micro(30), micro("400.000001"), 7, True, micro(9)),
    providers={"ark": {"base_url": "http://localhost", "models": ["m1", "m2"], "more": {"n": 1}}},
    lanes={"ark": 3},
    disabled=("x",),
    required=("y",),
    language="zh",
    series="tea",
    os="off",
    faces="photo",
    cast=Casting(False, "auto", {"old Li": "Li Wei"}),
    style="ink on paper",
)


@pytest.mark.parametrize(
    ("word", "path", "value"),
    [
        ("delivery.fps=24", "delivery.fps", 24),
        ("delivery.width=720", "delivery.width", 720),
        ("routes.image=local:painter", "routes.image", ("local:painter",)),
        ('routes.chat=["a:b", "c:d"]', "routes.chat", ("a:b", "c:d")),
        ("budget=1.5", "budget.episode", 1_500_000),
        ("budget.day=0", "budget.day", 0),
        ("budget.unknown_prices=false", "budget.unknown_prices", False),
        ("providers.ark.more.n=2", "providers.ark.more.n", 2),
        ("lanes.ark=9", "lanes.ark", 9),
        ("language=en", "language", "en"),
        ("film.faces=drawn", "faces", "drawn"),
        ("script.os=inner", "os", "inner"),
        ("cast.sheet=never", "cast.sheet", "never"),
        ("film.style=oil", "style", "oil"),
    ],
)
def test_a_word_changes_its_key_and_nothing_else(word: str, path: str, value: object) -> None:
    before, after = attrs.asdict(ODD), attrs.asdict(with_overrides(ODD, [word]))
    *tables, last = path.split(".")
    old, new = before, after
    for name in tables:
        old, new = old[name], new[name]
    assert new[last] == value != old[last]
    del old[last], new[last]
    assert after == before


def test_no_setting_is_lost_beside_a_word() -> None:
    """Who adds a setting adds it to ODD, and to `_tables` where another word of its table would drop it."""
    default = Settings()
    assert [a.name for a in attrs.fields(Settings) if getattr(ODD, a.name) == getattr(default, a.name)] == [
        "rules"
    ]


def test_a_profile_brings_its_own_size() -> None:
    assert with_overrides(ODD, ["delivery=web-vertical"]).delivery == DELIVERIES["web-vertical"]
    assert with_overrides(ODD, ["profile=local"]).routes["image"] == ("local:painter",)
    assert with_overrides(ODD, []) is ODD


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("fps", "KEY=VALUE"),
        ("=3", "KEY=VALUE"),
        ("delivery.fps=1000", "delivery.fps"),
        ("delivery.fpz=30", "no such setting"),
        ("nothing.at=all", "no such table"),
        ("lanes=3", "write the table too"),
        ("plugins.disabled=[]", "--without"),
        ("rules.x=1", "rules"),
        ("film.series=milk", "series"),
        ("budget.episode=much", "dollars"),
        ("providers.ark.api_key=x", "ARK_API_KEY"),
        ("providers.ark.base_url.x=1", "no table"),
        ('routes.image="', "routes.image"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(word: str, says: str) -> None:
    with pytest.raises(BadSetting, match=says):
        with_overrides(ODD, [word])
