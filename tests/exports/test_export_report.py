"""The report: one offline file that shows everything and lets no word of a script become markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import attrs
import pytest

from duanju.events.quality import CheckWaived
from duanju.plugins.exports.report.data import gather
from duanju.plugins.exports.report.gallery import Seen, likeness_of
from duanju.plugins.exports.report.markup import safe
from duanju.plugins.exports.report.pictures import face_boxes, look_at

EVIL = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "</style><style>*{display:none}",
    "</title><base href=//evil>",
    "\u202egnitsop\u2066",
    "&lt;b&gt;",
    "x" * 10_000,
    "\0\x1b[31m",
)


class Tags(HTMLParser):
    """Collects every tag and attribute of a page, and checks that they close."""

    VOID = frozenset({"meta", "img", "br", "link", "hr"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.mark.parametrize("evil", EVIL, ids=range(len(EVIL)))
def test_hostile_words_stay_words(world, page_of, evil):
    world.title = world.person = world.text = evil
    world.begin()
    world.cut()
    world.hold(why=evil)
    calm = attrs.evolve(world, title="T", person="P", text="X", events=[])
    calm.begin()
    calm.cut()
    calm.hold(why="W")
    page, plain = page_of(world), page_of(calm)
    tags, peace = Tags(page), Tags(plain)
    assert not tags.open
    names = lambda parsed: [tag for tag, _ in parsed.found]  # noqa: E731
    assert names(tags) == names(peace)  # the words change no markup
    assert "script" not in names(tags) and "base" not in names(tags)
    for tag, given in tags.found:
        assert not any(name.startswith("on") for name in given)
        for name in ("src", "href", "poster"):
            value = given.get(name)
            assert value is None or value == "episode.mp4" or value.startswith("data:image/jpeg;base64,"), tag
    assert not any(mark in page for mark in "\u202e\u2066\0\x1b")
    assert len(page) < len(plain) + 40_000


def test_it_opens_offline_and_runs_nothing(world, page_of):
    world.begin()
    world.cut()
    page = page_of(world)
    assert "default-src 'none'" in page
    assert not re.search(r"https?://|//cdn|@import|url\(", page)
    assert "prefers-color-scheme:dark" in page and '<html lang="en">' in page


def test_everything_is_shown(world, page_of):
    world.begin()
    made = world.cut()
    world.events.append(CheckWaived("picture.black", "episode", made.film.sha256, "Ann", "wanted so"))
    text = " ".join(Tags(page_of(world)).text)
    for word in ("Jasmine Tea", "S01-01", "S01-02", "Is it done?", "Xiao Mei", "INT. TEAHOUSE - NIGHT", "???",
                 "-16.04", "too black", "1.60–2.20 s", "not measured", "Ann", "wanted so", "$0.031500",
                 "ark:seedream", "no picture yet", "render again", "red qipao (script)"):  # fmt: skip
        assert word in text, word


def test_a_waiver_for_other_bytes_does_not_count(world):
    world.begin()
    world.cut()
    world.events.append(CheckWaived("picture.black", "episode", "f" * 64, "Ann", "an older film"))
    assert [c["waived"] for c in gather(world.fold())["checks"]] == [None, None, None]


def test_chinese_words_for_a_chinese_episode(world, page_of):
    world.begin()
    world.events[1] = attrs.evolve(world.events[1], language="zh", title="茉莉花茶")
    page = page_of(world)
    assert '<html lang="zh-Hans">' in page and "时间线" in page and "茉莉花茶" in page


def test_the_clock_of_the_film(world):
    world.begin()
    world.cut()
    data = gather(world.fold())
    assert [(s["start_ms"], s["duration_ms"]) for s in data["shots"]] == [(0, 2000), (2000, 2000)]
    assert (data["lines"][0]["start_ms"], data["lines"][0]["duration_ms"]) == (300, 900)
    assert data["subtitles"] == [{"start_ms": 300, "end_ms": 1300, "text": "Is it done?", "line": "L001"}]


def test_gathering_is_pure(world):
    world.begin()
    world.cut()
    episode = world.fold()
    before = episode.digest()
    assert gather(episode) == gather(episode) and episode.digest() == before


def test_a_report_of_almost_nothing(world, page_of):
    world.begin()
    del world.events[1:]
    assert not Tags(page_of(world)).open


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n" + b"x" * 50])
def test_a_broken_picture_is_left_out(data):
    assert look_at(data, (270, 480)) is None


def test_a_broken_rig_marks_no_face(world):
    _, rig = world.plate()
    whole = world.desk.artifacts.read(rig)
    assert face_boxes(whole) == [("Xiao Mei", (100, 80, 60, 80))]
    for broken in (None, b"", b"PK\x03\x04nonsense", whole[:40]):
        assert face_boxes(broken) == []


def test_likeness_takes_the_nearest_strangers_and_the_widest_self():
    seen = [Seen("A", "1", 0.0), Seen("A", "2", 1.0), Seen("B", "3", 4.0), Seen("B", "4", 4.5)]
    found = likeness_of(seen, lambda a, b: abs(a - b))
    assert found["nearest"] == {"a": "A", "a_shot": "2", "b": "B", "b_shot": "3", "distance": 3.0}
    assert found["spread"]["character"] == "A" and found["ratio"] == 3.0 and found["distinct"]
    near = likeness_of([*seen, Seen("C", "5", 2.5)], lambda a, b: abs(a - b))
    assert near["ratio"] == 1.5 and not near["distinct"]
    assert likeness_of(seen[:2], lambda a, b: abs(a - b)) is None
    once = likeness_of([seen[0], seen[2]], lambda a, b: abs(a - b))
    assert once["spread"] is None and once["ratio"] is None


def test_safe_is_bounded_and_escapes():
    assert safe("a<b>&\"'") == "a&lt;b&gt;&amp;&quot;&#x27;"
    assert len(safe("y" * 5000, 100)) == 100
