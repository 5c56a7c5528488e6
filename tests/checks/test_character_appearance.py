"""The same person passes in any light, size and mood; another face, hair or other clothes are caught."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
from PIL import Image, ImageOps

from duanju.core.settings import Settings
from duanju.events.artifact import Artifact
from duanju.events.calls import ImageRequested, ImageReturned
from duanju.events.cast import Profile
from duanju.events.cut import CutRequested, CutSegment, EpisodeCut
from duanju.events.episode import EpisodeOpened
from duanju.events.quality import CheckMeasured
from duanju.events.scenes import Figure, Move, Picture, ShotRendered, TakeChosen
from duanju.plugins.checks import character_appearance
from duanju.plugins.checks.onscreen import Person
from duanju.plugins.checks.photographed import photographed
from duanju.plugins.media import animate
from duanju.plugins.media.appearance import Look, Seen, delta_e
from duanju.plugins.media.errors import MissingPart
from duanju.plugins.media.faces import Face, finder, missing, nearest
from duanju.plugins.media.film import join
from duanju.plugins.media.painter import Plate, paint
from duanju.plugins.media.plate import as_plate
from duanju.testing.fold import fold

NONE = Artifact("0" * 64, 0, "application/octet-stream")
WIDTH, HEIGHT, FPS, FRAMES = 180, 320, 12, 24
MEI = Profile(
    "female", 24, "round", "#f6d9c4", "bob", "#4a2f20", "#3b2417", "slim", "sweater", "#c0644a", "#d9a441", ()
)
HAO = Profile(
    "male", 36, "square", "#d9a87c", "side-part", "#14161d", "#241a16", "average", "suit", "#27405f",
    "#c8d4dc", (),
)  # fmt: skip


@attrs.frozen
class Shot:
    """What is planned, what is drawn instead (None = the plan), and what its end is drawn as."""

    picture: Picture
    drawn: Picture | None = None
    ends: Picture | None = None
    rig: bool = True


def told(*people: tuple[str, Profile], size: str = "MCU", **more: Any) -> Picture:
    facing, expression = more.pop("facing", "camera"), more.pop("expression", "neutral")
    places = ("centre",) if len(people) == 1 else ("left", "right")
    figures = tuple(
        Figure(name, profile, place, facing, expression, "stand", False)
        for (name, profile), place in zip(people, places, strict=False)
    )
    given = {"place": "office", "interior": True, "time": "day", "weather": "clear", **more}
    return Picture(
        size=size, angle="eye", figures=figures, crowd=False, objects=(), mood="neutral", action="", **given
    )


def changed(picture: Picture, **looks: Any) -> Picture:
    """The same picture with the first person's looks changed."""
    first = picture.figures[0]
    other = attrs.evolve(first, profile=attrs.evolve(first.profile, **looks))
    return attrs.evolve(picture, figures=(other, *picture.figures[1:]))


@lru_cache(maxsize=64)
def plate_of(picture: Picture) -> Plate:
    """A picture painted, once for all tests."""
    return paint(attrs.asdict(picture), WIDTH, HEIGHT)


class Set:
    """Renders shots as the stages do and asks the check about the film."""

    def __init__(self, bench: Any, tmp_path: Path) -> None:
        self.bench, self.folder, self.count = bench, tmp_path, 0

    def segment(self, picture: Picture, take: TakeChosen, frames: int) -> Path:
        plate = plate_of(picture)
        self.count += 1
        out = self.folder / f"segment{self.count}.mp4"
        png = as_plate(plate.png, WIDTH, HEIGHT, True)
        animate.render_segment(
            out, png, plate.rig, width=WIDTH, height=HEIGHT, fps=FPS, frames=frames,
            move=animate.Move(take.move.kind, take.move.amount), mouths={}, seed=take.picture.sha256,
            preset="ultrafast",
        )  # fmt: skip
        return out

    def measure(self, *shots: Shot, faces: str = "auto", cut_at: int | None = None) -> list[CheckMeasured]:
        """Everything that the check says of a film of these shots; the last is about the whole film.

        The file breaks off at the byte `cut_at`.
        """
        store = self.bench.desk.artifacts
        events: list[Any] = [EpisodeOpened("tea", "one", "Tea", "t", NONE, "fountain", NONE, NONE)]
        segments, parts = [], []
        for number, shot in enumerate(shots, 1):
            name = f"S01-{number:02d}"
            plate = plate_of(shot.picture)
            image = store.put(plate.png, "image/png")
            rig = store.put(plate.rig, "application/zip") if shot.rig else None
            events.append(ImageRequested(1, name, "shot", 1, WIDTH, HEIGHT, shot.picture))
            events.append(
                ImageReturned(
                    request=len(events),
                    revision=1,
                    subject=name,
                    take=1,
                    image=image,
                    rig=rig,
                    width=plate.width,
                    height=plate.height,
                )
            )
            take = TakeChosen(
                1, "S01", name, 1, f"take {name}", WIDTH, HEIGHT, FPS, FRAMES, image, rig,
                Move("push-in", 0.5), (), (), "ultrafast", (),
            )  # fmt: skip
            drawn = shot.drawn or shot.picture
            files = [self.segment(drawn, take, FRAMES if shot.ends is None else FRAMES // 2)]
            if shot.ends is not None:
                files.append(self.segment(shot.ends, take, FRAMES - FRAMES // 2))
                whole = self.folder / f"whole{self.count}.mp4"
                join(whole, files, None, metadata={})
                files = [whole]
            made = store.put(files[0].read_bytes(), "video/mp4")
            events += [take, ShotRendered(1, "S01", name, 1, made, FRAMES)]
            segments.append(CutSegment(name, made, FRAMES))
            parts.append(files[0])
        film = self.folder / f"film{self.count}.mp4"
        join(film, parts, None, metadata={})
        plan = CutRequested(
            1, "i1", "Tea", "en", WIDTH, HEIGHT, FPS, tuple(segments), (), (), (), -1600, -150
        )
        cut = EpisodeCut(1, "i1", store.put(film.read_bytes()[:cut_at], "video/mp4"), NONE, 0, 0)
        episode = fold([*events, plan, cut], settings=Settings(faces=faces))
        return list(character_appearance.on_episode_cut(cut, episode, self.bench.desk))


@pytest.fixture
def film(bench: Any, tmp_path: Path) -> Set:
    return Set(bench, tmp_path)


def test_the_same_people_pass_in_every_light_size_mood_and_turn(film: Set, only: Any) -> None:
    mei, hao = ("Mei", MEI), ("Hao", HAO)
    measured = only(
        film.measure(
            Shot(told(mei, size="CU")),
            Shot(told(mei, size="MCU", place="street", interior=False, time="night", expression="angry")),
            Shot(told(mei, size="FS", place="teahouse", time="dusk", facing="left")),
            Shot(told(mei, hao, size="TWO", place="courtyard", interior=False, time="dawn", facing="right")),
            Shot(told(hao, size="MS", place="hospital", expression="sad", weather="rain", interior=False)),
            Shot(told(hao, size="ECU", place="home", time="night", expression="afraid")),
        )
    )
    assert measured.verdict == "passed", measured.why
    assert measured.value is not None and measured.limit is not None and measured.value < measured.limit
    assert "7 of 7 appearances measured" in measured.why and measured.evidence == ()


@pytest.mark.parametrize(
    ("looks", "words"),
    [
        ({"skin": "#a9713f"}, "skin #f6d9c4"),
        ({"hair_colour": "#d9b26a"}, "bob hair, #4a2f20"),
        ({"hair_style": "bun"}, "bob hair, #4a2f20"),
        ({"clothes_colour": "#2f6d74"}, "in a sweater, #c0644a, it was #"),
    ],
)
def test_one_changed_feature_fails_with_its_shot_and_what_to_tell(
    film: Set, looks: dict[str, str], words: str
) -> None:
    fine, plan = told(("Mei", MEI), size="CU"), told(("Mei", MEI), size="MS", time="night")
    shot, whole = film.measure(Shot(fine), Shot(plan, changed(plan, **looks)))
    assert (shot.subject, shot.verdict, shot.action, shot.take) == ("S01-02", "failed", "retake", 1)
    assert shot.value is not None and shot.limit is not None and shot.value > shot.limit
    assert words in shot.tell and "same person" in shot.tell
    assert (whole.subject, whole.verdict, whole.action) == ("episode", "failed", "")
    (evidence,) = whole.evidence
    assert (evidence.start_s, evidence.end_s) == (2.0, 4.0) and "S01-02 Mei" in evidence.note
    assert "1 shot at fault" in whole.why


def test_a_face_swapped_for_another_of_the_cast_is_far_over_the_limit(film: Set) -> None:
    plan = told(("Mei", MEI), ("Hao", HAO), size="TWO")
    swapped = attrs.evolve(
        plan, figures=tuple(attrs.evolve(f, profile=p) for f, p in zip(plan.figures, (HAO, MEI), strict=True))
    )
    shot, whole = film.measure(Shot(plan, swapped))
    assert shot.value is not None and shot.limit is not None and shot.value > 3 * shot.limit
    assert "Mei" in shot.why and "Hao" in shot.why and "Mei" in shot.tell and "Hao" in shot.tell
    assert whole.verdict == "failed" and len(whole.evidence) == 2


def test_a_face_that_drifts_towards_the_end_is_told_from_one_that_stays(film: Set) -> None:
    plan = told(("Mei", MEI), size="CU")
    (whole,) = film.measure(Shot(plan, ends=changed(plan, marks=("glasses",), hair_colour="#6a4a34")))
    assert whole.verdict == "warned" and "drifts by" in whole.why
    worse, _ = film.measure(Shot(plan, ends=changed(plan, hair_colour="#d9b26a")))
    assert worse.verdict == "failed" and "drifts by" in worse.why


def test_who_is_turned_away_or_in_no_picture_is_not_measured_and_not_failed(film: Set, only: Any) -> None:
    away = told(("Mei", MEI), facing="away")
    measured = only(film.measure(Shot(away, changed(away, hair_colour="#d9b26a")), Shot(told(size="WS"))))
    assert measured.verdict == "passed" and "0 of 1 appearances" in measured.why and measured.value is None


def test_without_a_rig_a_face_is_looked_for_and_only_a_drawn_series_fails_by_it(
    film: Set, only: Any, monkeypatch: Any
) -> None:
    what = MissingPart("dlib is not installed", "pip install 'duanju[qa]'")
    monkeypatch.setattr("duanju.plugins.media.faces.missing", lambda: what)
    plan = told(("Mei", MEI), size="MS")
    moved = attrs.evolve(plan, figures=(attrs.evolve(plan.figures[0], position="centre-right"),))
    assert only(film.measure(Shot(plan, moved, rig=False), faces="drawn")).verdict == "passed"
    other = changed(moved, hair_colour="#d9b26a", skin="#a9713f")
    assert only(film.measure(Shot(plan, other, rig=False), faces="auto")).verdict == "warned"
    shot, whole = film.measure(Shot(plan, other, rig=False), faces="drawn")
    assert (shot.verdict, whole.verdict) == ("failed", "failed")


def test_photographs_need_the_extra_and_say_so(film: Set, only: Any, monkeypatch: Any) -> None:
    shot = Shot(told(("Mei", MEI), size="MS"), rig=False)
    what = MissingPart("dlib is not installed", "pip install 'duanju[qa]'")
    monkeypatch.setattr("duanju.plugins.media.faces.missing", lambda: what)
    measured = only(film.measure(shot, faces="photo"))
    assert measured.verdict == "skipped" and "pip install 'duanju[qa]'" in measured.why
    assert "pip install 'duanju[qa]'" in only(film.measure(shot, faces="auto")).why


def face(person: int, off: float = 0.0) -> Face:
    """A face whose vector is `off` from that of a person; two persons are sqrt(2) apart."""
    vector = np.zeros(128)
    vector[person], vector[100] = 1.0, off
    return Face((0, 0, 60, 60), vector)


def photographs(*shots: tuple[tuple[str, ...], Sequence[Sequence[Face]]]) -> dict[tuple[str, str], Any]:
    """What is found of the people of shots whose frames show these faces: by (shot, character)."""
    people, seen = [], []
    for number, (names, frames) in enumerate(shots, 1):
        for name in names:
            figure = Figure(name, MEI, "centre", "camera", "neutral", "stand", False)
            looks = tuple(
                Look(100 * number + n, (f"S{number}", name), (0, 0, 60, 60), True) for n in range(len(frames))
            )
            people.append(Person(f"S{number}", 1, figure, 0, 1, False, looks))
            for look, faces in zip(looks, frames, strict=True):
                box = look.box
                seen.append(Seen(look, 0, None, None, 60, "", "", "", box, True, None, tuple(faces)))
    found = photographed(people, seen, {}, {one.shot: "MCU" for one in people})
    return {(one.person.shot, one.person.figure.character): one for one in found}


def test_photographed_people_are_matched_to_the_first_shot_that_shows_them_alone() -> None:
    found = photographs(
        (("Mei",), [[face(1)], [face(1, 0.1)]]),
        (("Hao",), [[face(2)], [face(2, 0.2)]]),
        (("Mei", "Hao"), [[face(2, 0.3), face(1, 0.2)], [face(1, 0.1), face(2, 0.1)]]),
        (("Mei",), [[face(2)], [face(2)]]),
    )
    assert all(found[key].worst <= 1 for key in found if key != ("S4", "Mei"))
    assert found["S3", "Hao"].face == pytest.approx(0.15, abs=0.06)
    assert found["S4", "Mei"].worst > 2, "another face"


def test_a_photographed_face_that_gets_lost_is_told_and_who_is_never_alone_is_not_measured() -> None:
    found = photographs(
        (("Mei", "Hao"), [[face(1), face(2)]]),
        (("Mei",), [[face(1)], [face(1)]]),
        (("Mei",), [[face(1)], [], []]),
    )
    assert ("S1", "Hao") not in found
    assert found["S3", "Mei"].warns and "no face is found in 67%" in found["S3", "Mei"].note


def test_real_photographs_of_one_person_are_near() -> None:
    if missing() is not None or find_spec("skimage") is None:
        pytest.skip("needs dlib and the photograph in scikit-image: pip install 'duanju[qa]' scikit-image")
    (folder,) = find_spec("skimage").submodule_search_locations  # type: ignore[union-attr]
    photo = Image.open(Path(folder) / "data" / "astronaut.png").convert("RGB")
    (one,) = finder().faces(np.asarray(photo.resize((270, 270))))
    darker = ImageOps.mirror(photo).resize((400, 400)).point(lambda value: int(value * 0.7))
    (two,) = finder().faces(np.asarray(darker))
    assert nearest(two, [one]) < 0.4
    assert finder().faces(np.full((120, 120, 3), 90, np.uint8)) == []


def test_the_same_film_gives_the_same_answer(film: Set) -> None:
    plan = told(("Hao", HAO), size="CU")
    shot = Shot(plan, changed(plan, skin="#8a5a3c"))
    assert film.measure(shot) == film.measure(shot)


@pytest.mark.parametrize("cut_at", [0, 100, 20_000])
def test_a_film_that_breaks_off_is_an_error(film: Set, only: Any, cut_at: int) -> None:
    measured = only(film.measure(Shot(told(("Mei", MEI))), cut_at=cut_at))
    assert measured.verdict == "error" and measured.value is None


def test_without_its_plan_a_film_is_skipped(bench: Any, only: Any) -> None:
    cut = bench.cut(b"no film at all")
    episode = fold([EpisodeOpened("tea", "one", "Tea", "t", NONE, "fountain", NONE, NONE), cut])
    measured = only(character_appearance.on_episode_cut(cut, episode, bench.desk))
    assert measured.verdict == "skipped" and "its cut is not in the log" in measured.why


# Pairs 1, 7, 13, 17 and 25 of the test data of Sharma, Wu and Dalal 2005, and two of equal colours.
@pytest.mark.parametrize(
    ("one", "two", "far"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, -1, 2), (50, 0, 0), 2.3669),
        ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
        ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((0, 0, 0), (0, 0, 0), 0.0),
        ((73, 25, -18), (73, 25, -18), 0.0),
    ],
)
def test_the_colour_difference_is_that_of_its_authors(one: Any, two: Any, far: float) -> None:
    assert delta_e(np.array(one, dtype=float), np.array(two, dtype=float)) == pytest.approx(far, abs=5e-5)
