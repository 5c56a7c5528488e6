"""Ten episodes from one file keep one cast; a face that changes is caught, made again, and counted."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path
from typing import Any

import attrs
import filmkit
import pytest
from modelkit import duanju

from duanju.core.folds import Folds
from duanju.core.ledger import ledger_of
from duanju.core.replay import replay
from duanju.core.takes import newest_cut, picture_in_use
from duanju.events.calls import AnswerRejected, BudgetRaised, CallRefused, ImageRequested, ImageReturned
from duanju.events.cast import CharacterCast
from duanju.events.episode import EpisodeDelivered
from duanju.events.quality import CheckMeasured, RepairAsked
from duanju.events.scenes import TakeKept
from duanju.events.script import ShotListSettled
from duanju.plugins.media.painter import paint

BENCH = Path(__file__).parents[2] / "bench" / "drift.py"
CHECK = "character.appearance"
EPISODES = 10
PLACES = ("INT. TEAHOUSE - NIGHT", "EXT. COURTYARD - DAY", "INT. OFFICE - DUSK", "INT. HOSPITAL - DAWN")
SETTINGS = '[delivery]\nwidth = 180\nheight = 320\nfps = 12\npreset = "ultrafast"\n'


def series_text() -> str:
    """One file with ten episodes; the cast is described in the first only."""
    parts = ["Title: The Red Letter\n"]
    for number in range(1, EPISODES + 1):
        parts.append(f"\n# Episode {number}\n\n{PLACES[number % len(PLACES)]}\n")
        if number == 1:
            parts.append(
                "MEI (24), a slim young woman with short black hair, in a red qipao, waits.\n\n"
                "GENERAL ZHAO (58), a broad man with a grey beard, in a blue suit, comes in.\n"
            )
        else:
            parts.append("Mei and General Zhao stand face to face.\n")
        parts.append(f"MEI\nThis is letter {number}.\n\nGENERAL ZHAO\nBurn it.\n")
    return "\n".join(parts)


def bench() -> Any:
    """The benchmark's forgetful picture model, whose series it is."""
    found = sys.modules.get("bench_drift")
    if found is None:
        spec = importlib.util.spec_from_file_location("bench_drift", BENCH)
        assert spec is not None and spec.loader is not None
        found = sys.modules["bench_drift"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(found)
    return found


def drift_of(root: Path) -> dict[str, Any]:
    """What `duanju cast drift` tells of a studio's one series, and of all."""
    ended = duanju(root.parent, "cast", "drift", "--json", "--studio", str(root))
    assert ended.code == 0, ended
    (one,) = ended.json["series"]
    assert ended.json["rate"] == one["rate"]
    return dict(one)


def make(root: Path) -> Path:
    studio = root / "studio"
    studio.mkdir()
    (studio / "duanju.toml").write_text(SETTINGS)
    script = root / "letter.fountain"
    script.write_text(series_text())
    ran = duanju(root, "produce", str(script), "--episodes", "all", "--studio", str(studio))
    assert ran.code == 0, ran
    return studio


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filmkit.once(tmp_path_factory, "ten-episodes", make)


def test_ten_episodes_from_one_file_have_one_bible_and_the_same_faces_and_clothes(series: Path) -> None:
    with filmkit.opened(series) as (studio, log, _):
        streams = studio.episodes(log)
        assert len(streams) == EPISODES and len({one.split("/")[1] for one in streams}) == 1
        cast = [r.event for r in log.read(kind="character_cast")]
        assert sorted(one.character for one in cast if isinstance(one, CharacterCast)) == [
            "General Zhao",
            "Mei",
        ]
        bible = {one.character: one.profile for one in cast}
        looks: dict[str, set[Any]] = {}
        for stream in streams:
            episode = Folds(log, studio.artifacts.read_sha256).now(stream)
            assert len(episode.all(EpisodeDelivered)) == 1 and not episode.holds
            (whole,) = [one for one in episode.all(CheckMeasured) if one.check == CHECK]
            assert whole.verdict == "passed", whole.why
            for asked in episode.all(ImageRequested):
                for figure in asked.picture.figures:
                    looks.setdefault(figure.character, set()).add((figure.profile, figure.identity))
    assert {name: {profile for profile, _ in found} for name, found in looks.items()} == {
        name: {profile} for name, profile in bible.items()
    }
    assert all(len(found) == 1 for found in looks.values()), "one identity block for the whole series"


def test_drift_is_under_the_limits_in_all_of_them(series: Path) -> None:
    found = drift_of(series)
    assert len(found["episodes"]) == EPISODES and found["rate"]["again"] == 0 and found["rate"]["rate"] == 0
    assert found["rate"]["shots"] == sum(one["shots"] for one in found["episodes"]) >= 2 * EPISODES
    assert found["unread"] == {}
    for name in ("Mei", "General Zhao"):
        row = found["characters"][name]
        assert row["episodes"] == EPISODES and row["failed"] == 0
        assert row["face_worst"] < 0.8 and row["clothes_worst"] < 9
        assert Path(found["strips"][name]).read_bytes().startswith(b"\x89PNG")


def test_a_shot_swapped_to_another_face_is_caught_repaired_and_counted(series: Path, tmp_path: Path) -> None:
    root = tmp_path / "studio"
    shutil.copytree(series, root)
    with filmkit.opened(root, write=True) as (studio, log, plugins):
        stream = studio.episodes(log)[4]
        episode = Folds(log, studio.artifacts.read_sha256).now(stream)
        first = newest_cut(episode)
        asked = next(
            r for r in episode.records(ImageRequested)
            if r.event.picture.size in ("MS", "MCU", "CU") and len(r.event.picture.figures) == 1
        )  # fmt: skip
        swapped = attrs.asdict(asked.event.picture)
        swapped["figures"][0]["profile"] |= {
            "skin": "#8a5a3c",
            "hair_colour": "#d9b26a",
            "hair_style": "long",
        }
        plate = paint(swapped, asked.event.width, asked.event.height)
        brought = ImageReturned(
            request=asked.position, route="person", revision=1, subject=asked.event.subject, take=2,
            image=studio.artifacts.put(plate.png, "image/png"),
            rig=studio.artifacts.put(plate.rig, "application/zip"), width=plate.width, height=plate.height,
        )  # fmt: skip
        log.append(stream, [brought], by="cli.review")
        with studio.engine(log, plugins, studio.settings()) as engine:
            engine.run()
        after = Folds(log, studio.artifacts.read_sha256).now(stream)
        (fault,) = [one for one in after.all(CheckMeasured) if one.verdict == "failed" and one.action]
        assert (fault.check, fault.subject, fault.action, fault.take) == (CHECK, brought.subject, "retake", 2)
        assert fault.value is not None and fault.limit is not None and fault.value > 2 * fault.limit
        (repair,) = after.all(RepairAsked)
        assert (repair.subject, repair.attempt, repair.take) == (brought.subject, 1, 3)
        (word,) = after.all(TakeKept)
        assert (word.take, word.among) == (1, 3), "the painter draws the first take again, to the byte"
        picture = picture_in_use(after, brought.subject)
        assert picture is not None and picture.take == 1
        last = newest_cut(after)
        assert first is not None and last is not None and last.film == first.film, "the film is as it was"
        assert after.delivered and not after.holds
        assert [one.route for one in after.all(AnswerRejected)] == ["person", "local:painter"]
        found = replay(log, plugins, studio.artifacts, stream)
        assert (found.changed, found.unverifiable, found.failed) == ([], {}, 0)
    told = drift_of(root)
    assert told["rate"]["again"] == 1 and sum(row["failed"] for row in told["characters"].values()) == 0
    status = duanju(tmp_path, "status", "--json", "--studio", str(root))
    (row,) = [one for one in status.json["episodes"] if one["repairs"]]
    assert row["repairs"][0]["subject"] == brought.subject and row["repairs"][0]["kept"] == 1


def test_a_forgetful_model_is_asked_again_inside_the_budget_and_paid_once_a_take(tmp_path: Path) -> None:
    drift = bench()
    files = drift.scripts(tmp_path, 1, scenes=1)
    model = drift.ForgetfulModel(free=0.6)
    root = tmp_path / "studio"
    with drift.vendor(model) as server:
        settings = drift.settings_of(server.url, identity=False)
        studio = drift.produced(root, f"{settings}[budget]\nepisode = 0\n", files)
        with filmkit.opened(root, write=True) as (_, log, plugins):
            (stream,) = studio.episodes(log)
            planned = Folds(log, studio.artifacts.read_sha256).now(stream).last(ShotListSettled)
            assert planned is not None and model.drawn == 0
            shots = planned.shots
            log.append(stream, [BudgetRaised("episode", shots * 20_000, "Ann")], by="cli.resume")
            with studio.engine(log, plugins, studio.settings()) as engine:
                engine.run()
            before = Folds(log, studio.artifacts.read_sha256).now(stream)
            assert len(before.all(ImageReturned)) == shots == model.drawn, "no take beyond the cap"
            assert before.all(RepairAsked), "a model that slips so often is caught"
            assert before.all(CallRefused) and "budget:episode" in before.holds
            assert f"check:{CHECK}" not in before.holds, "the verdict waits for the repair"
            log.append(stream, [BudgetRaised("episode", 5_000_000, "Ann")], by="cli.resume")
            with studio.engine(log, plugins, studio.settings()) as engine:
                engine.run()
        charged = len(server.books.all())
    with filmkit.opened(root) as (_, log, plugins):
        episode = Folds(log, studio.artifacts.read_sha256).now(stream)
        repairs = episode.all(RepairAsked)
        asked = [(one.subject, one.take) for one in episode.all(ImageRequested)]
        assert len(asked) == len(set(asked)) == charged == model.drawn, "every take is asked and paid once"
        assert len(asked) == shots + len(repairs) > shots
        for one in repairs:
            again = next(
                r for r in episode.all(ImageRequested) if (r.subject, r.take) == (one.subject, one.take)
            )
            assert again.note == one.tell and "same person" in one.tell
        entries = [one for one in ledger_of(log, stream).entries if one.capability == "image"]
        assert sum(one.settled for one in entries) == charged * 20_000
        for one in entries:
            picture = picture_in_use(episode, one.subject)
            assert picture is not None and one.wasted == (one.take != picture.take), (
                "one take of each is in use"
            )
        assert episode.delivered or f"check:{CHECK}" in episode.holds
        rate = drift.figures(studio)
        assert (rate["again"], rate["shots"]) == (len(repairs), shots)
        found = replay(log, plugins, studio.artifacts, stream)
        assert (found.changed, found.unverifiable, found.failed) == ([], {}, 0)
