"""A shot at fault is made again at most twice, paid once a take; the best stays, then a person decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanju.core.settings import Casting, Delivery, Settings
from duanju.core.takes import kept, picture_in_use, take_in_use, under_repair
from duanju.events.artifact import Artifact
from duanju.events.calls import AnswerRejected, ImageRequested, ImageReturned, RequestWithdrawn
from duanju.events.cast import CharacterCast, Profile, Voice
from duanju.events.cut import CutRequested, EpisodeCut
from duanju.events.episode import (
    EpisodeDelivered,
    EpisodeHeld,
    EpisodeOpened,
    EpisodeReleased,
    EpisodeRevised,
)
from duanju.events.quality import CheckMeasured, CheckWaived, QualityPlanned, RepairAsked
from duanju.events.scenes import Figure, Picture, SceneAssembled, ShotRendered, TakeChosen, TakeKept
from duanju.events.script import OnScreen, ShotListSettled, ShotPlanned
from duanju.plugins.stages import cut, quality, repair, scenes
from duanju.testing.fold import fold

NONE = Artifact("0" * 64, 0, "application/octet-stream")
CHECK = "character.appearance"
SMALL = Settings(delivery=Delivery("web-vertical", 270, 480, preset="ultrafast"))
SHOTS = ("S01-01", "S01-02")


def art(name: str) -> Artifact:
    return Artifact(name.encode().hex().ljust(64, "0")[:64], len(name), "image/png")


HOOKS: dict[type[Any], Sequence[Any]] = {
    ShotListSettled: (scenes.on_shot_list_settled, scenes.takes_at_settled),
    ImageReturned: (scenes.takes_at_image,),
    TakeKept: (cut.on_take_kept, quality.on_take_kept, scenes.takes_at_kept),
    ShotRendered: (scenes.on_shot_rendered,),
    SceneAssembled: (cut.on_scene_assembled,),
    RequestWithdrawn: (cut.on_request_withdrawn, quality.on_request_withdrawn),
    QualityPlanned: (quality.on_quality_planned,),
    CheckMeasured: (quality.on_check_measured, repair.on_check_measured),
    CheckWaived: (quality.on_check_waived,),
    RepairAsked: (scenes.on_repair_asked,),
    EpisodeRevised: (quality.on_episode_revised,),
}
ONCE = (TakeChosen, SceneAssembled, CutRequested, QualityPlanned, RepairAsked, TakeKept, EpisodeDelivered)


class Stage:
    """The reactions from a picture to the delivery, carried in order; effects are played by rules.

    `faults[shot]` are the distances that the check finds for the shot's takes, 1 = the limit: None passes.
    A picture's bytes are those of its take, or of the take in `same`.
    """

    def __init__(
        self,
        faults: dict[str, Sequence[float | None]],
        same: dict[tuple[str, int], int] | None = None,
        late: Sequence[str] = (),
    ) -> None:
        self.faults, self.same, self.late = faults, same or {}, set(late)
        self.log: list[Any] = []
        self.once: set[Any] = set()
        self.waiting: list[Any] = []

    def play(self, *events: Any) -> Stage:
        """Appends these facts and carries all that comes of them, each on the fold up to it."""
        carried = len(self.log)
        self._append(events)
        while carried < len(self.log):
            carried += 1
            event, upto = self.log[carried - 1], self.log[:carried]
            for hook in HOOKS.get(type(event), ()):
                self._append(hook(event, fold(upto, settings=SMALL)))
            self._append(self._effects(event, carried))
        return self

    def _append(self, events: Iterable[Any]) -> None:
        for event in events:
            if isinstance(event, ONCE):
                key = (type(event), *(getattr(event, name) for name in type(event).__event__.once))
                if key in self.once:
                    continue
                self.once.add(key)
            self.log.append(event)

    def begin(self) -> Stage:
        plans = [plan(name, number) for number, name in enumerate(SHOTS, 1)]
        return self.play(
            EpisodeOpened("tea", "teahouse", "Tea", "t.fountain", NONE, "fountain", NONE, NONE),
            *plans,
            ShotListSettled(1, "list", len(plans), 0, 0),
        )

    def come(self) -> Stage:
        """The pictures that were late arrive."""
        late, self.waiting, self.late = self.waiting, [], set()
        return self.play(*late)

    def _effects(self, event: Any, position: int) -> list[Any]:
        if isinstance(event, ImageRequested):
            shown = self.same.get((event.subject, event.take), event.take)
            picture = ImageReturned(
                request=position, revision=event.revision, subject=event.subject, take=event.take,
                image=art(f"{event.subject} {shown}"), width=312, height=552,
            )  # fmt: skip
            if event.take > 1 and event.subject in self.late:
                self.waiting.append(picture)
                return []
            return [picture]
        if isinstance(event, TakeChosen):
            return [rendered(event)]
        if isinstance(event, CutRequested):
            film = art("+".join(one.segment.sha256[:40] for one in event.segments) + event.inputs)
            return [EpisodeCut(event.revision, event.inputs, film, NONE, 1000, 25)]
        if isinstance(event, EpisodeCut):
            return [
                QualityPlanned(event.revision, event.inputs, (CHECK, "picture.black")),
                measured(event, "picture.black", "episode", "passed"),
                *self._appearance(event),
            ]
        return []

    def _appearance(self, film: EpisodeCut) -> list[CheckMeasured]:
        episode = fold(self.log, settings=SMALL)
        found = []
        for shot in SHOTS:
            record = take_in_use(episode, shot)
            assert record is not None
            far = self.faults.get(shot, ())
            value = far[record.event.take - 1] if record.event.take <= len(far) else None
            if value is not None:
                one = measured(film, CHECK, shot, "failed", value=value, take=record.event.take)
                found.append(attrs.evolve(one, action="retake", tell=f"draw {shot} as it should be"))
        whole = "failed" if found else "passed"
        return [*found, measured(film, CHECK, "episode", whole)]

    # -- what came of it ----------------------------------------------------------------------------------

    @property
    def episode(self) -> Any:
        return fold(self.log, settings=SMALL)

    def all(self, cls: type[Any]) -> list[Any]:
        return [one for one in self.log if isinstance(one, cls)]

    def takes(self) -> dict[str, int]:
        """The take of each shot whose segment is in the newest film."""
        last = self.all(CutRequested)[-1]
        names = [bytes.fromhex(one.segment.sha256).rstrip(b"\0").decode() for one in last.segments]
        return {name.split()[0]: int(name.split()[1]) for name in names}


def rendered(take: TakeChosen) -> ShotRendered:
    """The segment of a take: its bytes are those of its picture."""
    return ShotRendered(take.revision, take.scene, take.shot, take.take, take.picture, take.frames)


def plan(shot: str, number: int) -> ShotPlanned:
    return ShotPlanned(
        revision=1, scene="S01", shot=shot, number=number, of=len(SHOTS), place="teahouse", interior=True,
        time="day", weather="clear", size="MS", angle="eye", move="still", on_screen=(), crowd=False,
        action=shot, objects=(), mood="calm", lines=(), audio="silent", duration_ms=2000, first=1, last=2,
    )  # fmt: skip


def measured(film: EpisodeCut, check: str, subject: str, verdict: str, **more: Any) -> CheckMeasured:
    one = CheckMeasured(
        film.revision, film.inputs, check, subject, verdict, None, 1.0, "distance", f"{subject} {verdict}",
        (), "", "tool 1", film.film.sha256,
    )  # fmt: skip
    return attrs.evolve(one, **more)


def test_a_shot_at_fault_is_made_again_with_the_reason_and_delivered() -> None:
    stage = Stage({"S01-02": (2.0, None)}).begin()
    (asked,) = stage.all(RepairAsked)
    assert (asked.subject, asked.check, asked.attempt, asked.take) == ("S01-02", CHECK, 1, 2)
    again = [one for one in stage.all(ImageRequested) if one.take > 1]
    assert [(one.subject, one.take, one.note) for one in again] == [
        ("S01-02", 2, "draw S01-02 as it should be")
    ]
    first = next(one for one in stage.all(ImageRequested) if one.subject == "S01-02")
    assert attrs.evolve(again[0], take=1, note="") == first, "nothing but take and note differs"
    assert stage.takes() == {"S01-01": 1, "S01-02": 2}
    assert len(stage.all(EpisodeDelivered)) == 1 and not stage.all(EpisodeHeld)
    assert len(stage.all(EpisodeCut)) == 2


def test_two_repairs_at_most_then_the_best_take_is_in_the_film_and_the_episode_held() -> None:
    stage = Stage({"S01-01": (1.8, 1.2, 3.0)}).begin()
    assert [(one.attempt, one.take) for one in stage.all(RepairAsked)] == [(1, 2), (2, 3)]
    (word,) = stage.all(TakeKept)
    assert (word.take, word.among) == (2, 3)
    for said in ("2 repairs", "take 2 fails least", "take 1: 1.80", "take 2: 1.20", "take 3: 3.00"):
        assert said in word.why
    assert stage.takes() == {"S01-01": 2, "S01-02": 1}
    (useless,) = stage.all(AnswerRejected)
    third = stage.log[useless.answer - 1]
    assert (third.subject, third.take, useless.last) == ("S01-01", 3, False), "take 3 is paid and left out"
    (held,) = stage.all(EpisodeHeld)
    assert held.hold == f"check:{CHECK}" and word.why in held.why
    assert f"duanju review waive tea/teahouse {CHECK}@episode" in held.next
    assert not stage.all(EpisodeDelivered)
    assert [one.take for one in stage.all(ImageRequested) if one.subject == "S01-01"] == [1, 2, 3]
    # the hold speaks of the film that the best take is in, the last of four
    assert held == stage.log[-1] and len(stage.all(EpisodeCut)) == 4


def test_the_first_take_can_be_the_best_and_comes_back_after_two_others() -> None:
    stage = Stage({"S01-01": (1.1, 1.2, 1.3)}).begin()
    assert stage.takes() == {"S01-01": 1, "S01-02": 1}
    films = [one.inputs for one in stage.all(CutRequested)]
    assert len(films) == len(set(films)) == 4, "the same pictures as in the first film, and yet a new cut"
    assert stage.all(EpisodeHeld) and not stage.all(EpisodeDelivered)
    shot = stage.episode.last(ShotPlanned, "S01-01").shot
    assert kept(stage.episode, shot).take == picture_in_use(stage.episode, shot).take == 1


def test_the_last_take_can_be_the_best_and_no_further_film_is_cut() -> None:
    stage = Stage({"S01-01": (3.0, 2.0, 1.1)}).begin()
    assert stage.takes()["S01-01"] == 3 and len(stage.all(EpisodeCut)) == 3
    (held,) = stage.all(EpisodeHeld)
    assert "take 3 fails least" in held.why


def test_the_same_picture_again_is_no_new_take_and_holds_at_once() -> None:
    stage = Stage({"S01-01": (1.8, 1.8, 1.8)}, same={("S01-01", 2): 1}).begin()
    assert len(stage.all(RepairAsked)) == 1
    (word,) = stage.all(TakeKept)
    assert (word.take, word.among, word.why) == (1, 2, "take 2 is the same picture as take 1")
    assert len(stage.all(EpisodeCut)) == 1 and [one.take for one in stage.all(TakeChosen)] == [1, 1]
    (held,) = stage.all(EpisodeHeld)
    assert "same picture" in held.why


def test_two_shots_are_repaired_side_by_side_into_one_new_film() -> None:
    stage = Stage({"S01-01": (2.0, None), "S01-02": (2.0, None)}, late=["S01-02"]).begin()
    assert len(stage.all(RepairAsked)) == 2 and len(stage.waiting) == 1
    assert len(stage.all(EpisodeCut)) == 1, "the film waits for the second picture"
    assert under_repair(stage.episode) and not stage.all(EpisodeHeld) and not stage.all(EpisodeDelivered)
    stage.come()
    assert len(stage.all(EpisodeCut)) == 2 and stage.takes() == {"S01-01": 2, "S01-02": 2}
    assert len(stage.all(EpisodeDelivered)) == 1 and not under_repair(stage.episode)


def test_a_repair_whose_request_a_person_drops_ends_there() -> None:
    stage = Stage({"S01-01": (2.0, None)}, late=["S01-01"]).begin()
    asked = next(n for n, one in enumerate(stage.log, 1) if isinstance(one, ImageRequested) and one.take == 2)
    stage.play(RequestWithdrawn(asked, "Ann dropped it with its doubt"))
    assert not under_repair(stage.episode)
    assert [one.hold for one in stage.all(EpisodeHeld)] == [f"check:{CHECK}"]


def test_a_waived_check_delivers_though_its_repair_is_awaited_and_asks_for_no_other() -> None:
    stage = Stage({"S01-01": (2.0, 2.0, 2.0)}, late=["S01-01"]).begin()
    film = stage.all(EpisodeCut)[0].film.sha256
    stage.play(CheckWaived(CHECK, "episode", film, "Ann", "it is a dream"))
    assert len(stage.all(EpisodeDelivered)) == 1
    late = next(one for one in stage.all(CheckMeasured) if one.subject == "S01-01")
    assert list(repair.on_check_measured(late, stage.episode)) == []


@pytest.mark.parametrize(
    ("routes", "identity", "referred"),
    [
        (("openai:gpt-image-2",), True, True),
        (("openai:gpt-image-2",), False, False),
        (("local:painter",), True, False),
    ],
)
def test_a_model_is_shown_an_accepted_view_of_the_same_person(
    routes: tuple[str, ...], identity: bool, referred: bool
) -> None:
    chosen = Settings(routes={"image": routes}, cast=Casting(identity=identity))
    mei = OnScreen("Mei", "centre", "camera", "neutral", "stands")
    looks = Profile(
        "female",
        24,
        "round",
        "#f6d9c4",
        "bob",
        "#4a2f20",
        "#3b2417",
        "slim",
        "qipao",
        "#c0392b",
        "#d9a441",
        (),
    )
    plans = [
        attrs.evolve(plan("S01-01", 1), on_screen=(mei,), size="CU"),
        attrs.evolve(plan("S01-02", 2), on_screen=(mei,)),
    ]
    figure = Figure("Mei", looks, "centre", "camera", "neutral", "stands", False)
    picture = Picture("teahouse", True, "day", "clear", "MS", "eye", (figure,), False, (), "", "")
    log: list[Any] = [
        EpisodeOpened("tea", "teahouse", "Tea", "t.fountain", NONE, "fountain", NONE, NONE),
        CharacterCast("tea", "Mei", looks, Voice("female", 0, 50, 100), ""),
        *plans, ShotListSettled(1, "list", 2, 0, 0),
    ]  # fmt: skip
    for shot in SHOTS:
        log.append(ImageRequested(1, shot, "shot", 1, 270, 480, picture))
        log.append(
            ImageReturned(
                request=len(log), revision=1, subject=shot, take=1, image=art(f"{shot} 1"), width=1, height=1
            )
        )
    asked = RepairAsked(1, "S01-02", CHECK, "another face", 1, "cut", "retake", "the same face", 2)
    (again,) = scenes.on_repair_asked(asked, fold([*log, asked], settings=chosen))
    assert (again.subject, again.take, again.note) == ("S01-02", 2, "the same face")
    assert again.inputs == ((art("S01-01 1"),) if referred else ())
    assert again.traits.get("reference") == ("yes" if referred else None)
    fault = measured(EpisodeCut(1, "cut", NONE, NONE, 1, 1), CHECK, "S01-01", "failed")
    (again,) = scenes.on_repair_asked(asked, fold([*log, fault, asked], settings=chosen))
    assert again.inputs == (), "a view that is at fault itself is no reference"


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "warned"}, {"verdict": "passed"}, {"action": ""}, {"action": "revoice"}, {"take": 0},
        {"subject": "episode"}, {"subject": "S09-99"}, {"inputs": "another cut"}, {"revision": 0},
    ],
)  # fmt: skip
def test_what_is_no_fault_of_this_film_or_not_a_shots_asks_for_nothing(change: dict[str, Any]) -> None:
    stage = Stage({"S01-01": (2.0, None)}, late=["S01-01"])
    stage.begin()
    (fault,) = [one for one in stage.all(CheckMeasured) if one.subject == "S01-01"]
    upto = stage.log[: stage.log.index(fault) + 1]
    assert len(list(repair.on_check_measured(fault, fold(upto, settings=SMALL)))) == 1
    other = attrs.evolve(fault, **change)
    assert list(repair.on_check_measured(other, fold([*upto[:-1], other], settings=SMALL))) == []


def test_a_new_revision_has_its_own_repairs() -> None:
    stage = Stage({"S01-01": (1.5, 1.5, 1.5)}).begin()
    assert [type(one) for one in stage.log[-1:]] == [EpisodeHeld]
    stage.play(EpisodeRevised(2, "Tea", "t.fountain", NONE, "fountain", NONE, NONE, "a new script"))
    assert isinstance(stage.log[-1], EpisodeReleased)
    plans = [attrs.evolve(plan(name, number), revision=2) for number, name in enumerate(SHOTS, 1)]
    stage.faults = {"S01-01": (1.5, None)}
    stage.play(*plans, ShotListSettled(2, "list 2", len(plans), 0, 0))
    assert [(one.revision, one.attempt) for one in stage.all(RepairAsked)] == [(1, 1), (1, 2), (2, 1)]
    assert len(stage.all(EpisodeDelivered)) == 1 and stage.takes()["S01-01"] == 2


distances = st.lists(st.none() | st.sampled_from([1.1, 1.5, 2.0, 4.0]), min_size=3, max_size=3)
again = st.dictionaries(st.tuples(st.sampled_from(SHOTS), st.sampled_from([2, 3])), st.just(1), max_size=2)


@given(distances, distances, again, st.booleans())
@settings(max_examples=120, deadline=None, derandomize=True)
def test_whatever_the_takes_are_worth_it_ends_with_the_best_and_no_more_than_three(
    first: list[float | None], second: list[float | None], same: dict[Any, int], late: bool
) -> None:
    far = {"S01-01": first, "S01-02": second}
    # a picture that is the same as the first is worth the same
    for (shot, take), _ in same.items():
        far[shot][take - 1] = far[shot][0]
    stage = Stage(far, same=same, late=["S01-02"] if late else []).begin()
    if late:
        stage.come().come().come()
    ended = stage.log[-1]
    assert isinstance(ended, EpisodeDelivered | EpisodeHeld), type(ended)
    assert not under_repair(stage.episode)
    shown = stage.takes()
    for shot in SHOTS:
        asked = [one.take for one in stage.all(ImageRequested) if one.subject == shot]
        assert asked == list(range(1, len(asked) + 1)) and len(asked) <= 3, "one more each time, two at most"
        worth = {take: far[shot][take - 1] for take in asked}
        if worth[shown[shot]] is not None:
            assert isinstance(ended, EpisodeHeld)
            seen = list(worth.values())
            assert None not in seen, "a take that passes is never left for one that fails"
            assert worth[shown[shot]] == min(value for value in seen if value is not None)
    if isinstance(ended, EpisodeDelivered):
        assert all(far[shot][shown[shot] - 1] is None for shot in SHOTS)
