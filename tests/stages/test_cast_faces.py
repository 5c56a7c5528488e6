"""The cast of a script, drawn in its planned shots: strangers lie apart, one's own face stays itself."""

from __future__ import annotations

import io
from itertools import combinations
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
from PIL import Image

from duanju.events.artifact import Artifact
from duanju.events.cast import CharacterCast, Profile
from duanju.events.episode import EpisodeOpened
from duanju.events.script import CastNote, SceneParsed, ScriptParsed
from duanju.plugins.exports.report.gallery import APART, Seen, likeness_of
from duanju.plugins.exports.report.pictures import face_boxes
from duanju.plugins.media.painter import Profile as Painted
from duanju.plugins.media.painter import paint
from duanju.plugins.media.painter.likeness import descriptor, distance, face_descriptor
from duanju.plugins.stages import cast, scenes
from duanju.plugins.stages.casting.profiles import face_likeness
from duanju.plugins.stages.screenplay.breakdown import breakdown
from duanju.plugins.stages.screenplay.parse import read
from duanju.testing.fold import fold

ROOT = Path(__file__).parents[2]
NONE = Artifact("0" * 64, 0, "application/json")


def planned(path: Path) -> list[dict[str, Any]]:
    """What the painter is asked for, shot by shot, by the stages' own pure functions; each picture once."""
    s = read(path.read_bytes())
    parsed = ScriptParsed(
        1, s.title, s.language, s.format, len(s.scenes), s.lines, s.source_lines, s.characters, s.unmapped, ()
    )
    opened = EpisodeOpened(s.title, path.stem, "", path.name, NONE, "", NONE, NONE)
    events = [opened, parsed]
    chosen: list[CharacterCast] = list(
        cast.on_script_parsed(parsed, fold(events, series=s.title, name=path.stem))
    )
    episode = fold([*events, *chosen], series=s.title, name=path.stem)
    pictures = []
    for number, one in enumerate(s.scenes, 1):
        scene = SceneParsed(
            1, f"S{number:02d}", number, len(s.scenes), one.heading, one.place, one.interior, one.time,
            s.language, one.first, one.last, one.characters, one.elements,
        )  # fmt: skip
        for shot in breakdown(scene):
            told = attrs.asdict(scenes.picture_of(shot, episode))
            if told["figures"] and told["size"] != "INSERT":
                pictures.append({**told, "shot": shot.shot})
    # The same people in the same place, light and size a second time add nothing but time.
    unique: dict[str, dict[str, Any]] = {}
    for told in pictures:
        people = [(f["character"], f["facing"]) for f in told["figures"]]
        unique.setdefault(repr((told["place"], told["time"], told["weather"], told["size"], people)), told)
    return list(unique.values())


def faces_of(told: dict[str, Any], width: int = 360, height: int = 640) -> list[Seen]:
    plate = paint(told, width, height)
    pixels = np.asarray(Image.open(io.BytesIO(plate.png)).convert("RGB"))
    return [
        Seen(name, told["shot"], face_descriptor(pixels, box))
        for name, box in face_boxes(plate.rig)
        if min(box[2:]) >= 24
    ]


@pytest.fixture(scope="module")
def demo() -> list[tuple[dict[str, Any], list[Seen]]]:
    return [(told, faces_of(told)) for told in planned(ROOT / "examples" / "teahouse.fountain")]


def ratio(seen: list[Seen]) -> dict[str, Any]:
    found = likeness_of(seen, distance)
    assert found is not None
    return found


def test_the_demos_faces_are_told_apart(demo: list[tuple[dict[str, Any], list[Seen]]]) -> None:
    found = ratio([face for _, faces in demo for face in faces])
    assert found["distinct"] and found["ratio"] > 2.2, found


@pytest.mark.parametrize(
    "script",
    [
        "examples/chaguan.txt",
        "tests/fixtures/scripts/divorce.txt",
        "tests/fixtures/scripts/features.fountain",
    ],
)
def test_other_scripts_faces_are_told_apart(script: str) -> None:
    found = ratio([face for told in planned(ROOT / script) for face in faces_of(told)])
    assert found["distinct"] and found["ratio"] > 2.2, found


@pytest.mark.parametrize("change", ["swapped", "blond", "darker"])
def test_one_wrong_face_in_one_shot_is_caught(
    change: str, demo: list[tuple[dict[str, Any], list[Seen]]]
) -> None:
    """Another's face under her name, blond hair or darker skin in a single shot breaks the figure."""
    profiles = {f["character"]: f["profile"] for told, _ in demo for f in told["figures"]}
    place = next(k for k, (told, _) in enumerate(demo) if told["size"] == "CU" and told["figures"])
    told = demo[place][0]
    hers = told["figures"][0]
    other = next(name for name in profiles if name != hers["character"])
    wrong = {
        "swapped": profiles[other],
        "blond": {**hers["profile"], "hair_colour": "#d9b26a"},
        "darker": {**hers["profile"], "skin": "#7a4f33"},
    }[change]
    bad = faces_of({**told, "figures": [{**hers, "profile": wrong}, *told["figures"][1:]]})
    found = ratio([face for k, (_, faces) in enumerate(demo) for face in (bad if k == place else faces)])
    assert not found["distinct"] and found["ratio"] < APART, found


def test_casting_measures_as_the_pixels_do() -> None:
    """Spearman's rank correlation between the profiles' metric and the distance of the drawn faces."""
    notes = tuple(CastNote(f"Person {letter}", 1, 1, "") for letter in "ABCDEFGH")
    people: list[Profile] = []
    for series in ("one", "two"):
        event = ScriptParsed(1, "T", "en", "fountain", 1, 1, 1, notes, (), ())
        opened = EpisodeOpened(series, "one", "", "a.txt", NONE, "", NONE, NONE)
        episode = fold([opened, event], series=series, name="one")
        people += [one.profile for one in cast.on_script_parsed(event, episode)]
    assert len(people) == 16
    drawn = [descriptor(Painted.read(attrs.asdict(one), f"p{k}"), f"p{k}") for k, one in enumerate(people)]
    pairs = list(combinations(range(len(people)), 2))
    told = np.array([face_likeness(people[i], people[j]) for i, j in pairs])
    seen = np.array([distance(drawn[i], drawn[j]) for i, j in pairs])
    rank = [np.argsort(np.argsort(values)) for values in (told, seen)]
    assert np.corrcoef(rank[0], rank[1])[0, 1] > 0.85
