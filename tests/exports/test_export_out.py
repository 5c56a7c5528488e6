"""The folder that a person opens: whole files, the mark HELD while it holds, and nothing half written."""

from __future__ import annotations

import csv
import json

import pytest

from duanju.core.errors import BadArtifact, CannotCommit
from duanju.core.hooks import effect_of, emits_of
from duanju.events.episode import EpisodeReleased
from duanju.plugins.exports import out as export


def files(world):
    return {path.name for path in world.desk.out.iterdir()}


def test_a_delivered_episode(world):
    world.begin()
    made = world.cut(b"FILM" * 9)
    event = world.deliver(made)
    export.on_episode_delivered(event, world.fold(), world.desk)
    assert files(world) == {"episode.mp4", "episode.srt", "report.html", "report.json", "costs.csv"}
    assert (world.desk.out / "episode.mp4").read_bytes() == b"FILM" * 9
    assert "Is it done?" in (world.desk.out / "episode.srt").read_text()
    data = json.loads((world.desk.out / "report.json").read_text())
    assert data["format"] == 1 and data["episode"]["state"] == "delivered"
    assert data["episode"]["film"]["sha256"] == made.film.sha256
    assert [c["verdict"] for c in data["checks"]] == ["passed", "failed", "not measured"]
    assert len(list(csv.DictReader((world.desk.out / "costs.csv").open()))) == 1


def test_a_held_episode_says_what_where_and_what_to_do(world):
    world.begin()
    world.cut()
    event = world.hold()
    export.on_episode_held(event, world.fold(), world.desk)
    note = (world.desk.out / "HELD.txt").read_text()
    assert (
        event.why in note and event.next in note and "tea/teahouse" in note and "earlier revision" not in note
    )
    page = (world.desk.out / "report.html").read_text()
    assert "HELD" in page and 'role="alert"' in page and event.next in page
    assert json.loads((world.desk.out / "report.json").read_text())["episode"]["state"] == "held"


def test_held_before_there_is_a_film(world):
    world.begin()
    event = world.hold("the budget is spent", "budget")
    export.on_episode_held(event, world.fold(), world.desk)
    assert files(world) == {"report.html", "report.json", "costs.csv", "HELD.txt"}


def test_an_older_film_is_named_so(world):
    world.begin()
    world.desk.out.mkdir(parents=True, exist_ok=True)
    (world.desk.out / "episode.mp4").write_bytes(b"old")
    export.on_episode_held(world.hold(), world.fold(), world.desk)
    assert "earlier revision" in (world.desk.out / "HELD.txt").read_text()


def test_delivery_takes_the_mark_away(world):
    world.begin()
    made = world.cut()
    export.on_episode_held(world.hold(), world.fold(), world.desk)
    # The release of the check's hold stands after the delivery in the log.
    export.on_episode_delivered(world.deliver(made), world.fold(), world.desk)
    assert "HELD.txt" not in files(world)
    assert "HELD" not in (world.desk.out / "report.html").read_text()
    assert json.loads((world.desk.out / "report.json").read_text())["holds"] == []


def test_a_hold_of_another_cause_outlives_a_delivery(world):
    world.begin()
    made = world.cut()
    world.hold("a plugin is absent", "plugin:ark")
    export.on_episode_delivered(world.deliver(made), world.fold(), world.desk)
    assert "plugin is absent" in (world.desk.out / "HELD.txt").read_text()
    release = EpisodeReleased("plugin:ark", "me", "it is back")
    world.events.append(release)
    export.on_episode_released(release, world.fold(), world.desk)
    assert "HELD.txt" not in files(world)


def test_writing_twice_gives_the_same_bytes_and_leaves_nothing_behind(world):
    world.begin()
    event = world.deliver(world.cut())
    export.on_episode_delivered(event, world.fold(), world.desk)
    first = {path.name: path.read_bytes() for path in world.desk.out.iterdir()}
    (world.desk.out / ".new-killed").write_bytes(b"half")
    export.on_episode_delivered(event, world.fold(), world.desk)
    assert {path.name: path.read_bytes() for path in world.desk.out.iterdir()} == first


def test_bytes_that_are_not_what_the_log_names_are_not_handed_out(world):
    world.begin()
    made = world.cut(b"FILM" * 9)
    world.desk.artifacts.path(made.film).write_bytes(b"WRON" * 9)
    with pytest.raises(BadArtifact, match="duanju verify"):
        export.on_episode_delivered(world.deliver(made), world.fold(), world.desk)
    assert not {name for name in files(world) if name.startswith((".new-", "episode.mp4"))}


def test_a_folder_that_cannot_be_written_is_named(world):
    world.begin()
    (world.desk.out / "report.html").mkdir(parents=True)  # a folder where the file should be
    with pytest.raises(CannotCommit, match=r"teahouse.*then resume"):
        export.on_episode_held(world.hold(), world.fold(), world.desk)


@pytest.mark.parametrize("name", ["on_episode_delivered", "on_episode_held", "on_episode_released"])
def test_exports_run_while_held_and_say_nothing(name):
    function = getattr(export, name)
    spec = effect_of(function, "out")
    assert (spec.lane, spec.doubt, spec.while_held) == ("export", "repeat", True)
    assert emits_of(function) == frozenset()
