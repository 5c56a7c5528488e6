"""Producing again: nothing changes and nothing is paid, or only what an edit touched is made anew."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import filmkit
import pytest
from filmkit import SMALL, Made, answers_in, opened, produce, proven

from duanju.core.studio import OUT_FILES

HERE = Path(__file__).parent
SCRIPT = HERE / "scripts" / "letter.fountain"
OLD, NEW = "Give me the key, Mei.", "Give me the photo, Mei."
TOUCHED = "S02-02"
PAID = ("image_returned", "speech_returned", "chat_returned", "video_returned", "lipsync_returned")
MADE = (*PAID, "shot_rendered", "episode_cut", "check_measured")


@pytest.fixture
def studio(letter: Made, tmp_path: Path) -> Path:
    """A studio of its own with the finished film in it, as a person would copy one."""
    root = tmp_path / "studio"
    shutil.copytree(letter.root, root)
    assert produce(root, SCRIPT) == ("unchanged", letter.stream)
    return root


def test_the_same_script_again_changes_nothing_and_costs_nothing(studio: Path, letter: Made) -> None:
    with opened(studio) as (one, log, _):
        head, rows = log.head, log.db.execute("SELECT digest FROM event ORDER BY position").fetchall()
        files = {path.name: path.stat().st_mtime_ns for path in one.folder(letter.stream).iterdir()}
    assert set(files) == set(OUT_FILES)
    assert produce(studio, SCRIPT) == ("unchanged", letter.stream)
    with opened(studio) as (one, log, _):
        assert log.head == head
        assert log.db.execute("SELECT digest FROM event ORDER BY position").fetchall() == rows
        assert log.db.execute(
            "SELECT coalesce(sum(settled + reserved + in_doubt), 0) FROM spend"
        ).fetchone() == (0,)
        assert {path.name: path.stat().st_mtime_ns for path in one.folder(letter.stream).iterdir()} == files


def test_files_that_are_gone_are_written_again_from_the_log(studio: Path, letter: Made) -> None:
    with opened(studio, write=True) as (one, log, plugins):
        out, head = one.folder(letter.stream), log.head
        film, titles = (out / "episode.mp4").read_bytes(), (out / "episode.srt").read_bytes()
        shutil.rmtree(one.out)
        with one.engine(log, plugins, one.settings()) as engine:
            engine.export(letter.stream)
            engine.run()
        assert log.head == head
        assert sorted(path.name for path in out.iterdir()) == sorted(OUT_FILES)
        assert ((out / "episode.mp4").read_bytes(), (out / "episode.srt").read_bytes()) == (film, titles)


def test_an_edited_line_makes_anew_only_what_it_touches(studio: Path, letter: Made, tmp_path: Path) -> None:
    edited = tmp_path / "letter.fountain"
    text = SCRIPT.read_text()
    assert text.count(OLD) == 1
    edited.write_text(text.replace(OLD, NEW))
    with opened(studio) as (one, log, _):
        before, films = log.head, {one.folder(letter.stream).joinpath("episode.mp4").read_bytes()}
    assert produce(studio, edited) == ("revised", letter.stream)
    with opened(studio) as (one, log, plugins):
        later = list(log.read(stream=letter.stream, after=before))
        made = [r for r in later if r.kind in MADE and r.event.reused_from is None]
        images = [r.event.subject for r in made if r.kind == "image_returned"]
        voices = [r.event.subject for r in made if r.kind == "speech_returned"]
        rendered = [r.event.shot for r in made if r.kind == "shot_rendered"]
        assert (images, voices, rendered) in (([], ["L004"], [TOUCHED]), ([TOUCHED], ["L004"], [TOUCHED]))
        kinds = Counter(r.kind for r in made)
        assert kinds["episode_cut"] == 1 and kinds["check_measured"] == 7
        taken = Counter(r.kind for r in later if r.kind in MADE and r.event.reused_from is not None)
        assert taken["speech_returned"] == 3 and taken["shot_rendered"] == 5
        assert taken["image_returned"] + len(images) == 6
        for record in later:
            origin = getattr(record.event, "reused_from", None)
            if origin is not None:
                first = log.at(origin)
                assert first is not None and first.kind == record.kind and first.position <= before
        (delivered,) = [r for r in later if r.kind == "episode_delivered"]
        films.add(one.folder(letter.stream).joinpath("episode.mp4").read_bytes())
        assert len(films) == 2 and delivered.event.checks == 7
        assert NEW in (one.folder(letter.stream) / "episode.srt").read_text(encoding="utf-8")
        # and back: everything of the first script is still there
        proven(log, plugins, one, letter.stream)
    assert produce(studio, SCRIPT)[0] == "revised"
    with opened(studio) as (one, log, plugins):
        last = [
            r
            for r in log.read(stream=letter.stream, after=later[-1].position)
            if r.kind in (*PAID, "shot_rendered")
        ]
        assert last and all(r.event.reused_from is not None for r in last)
        films.add(one.folder(letter.stream).joinpath("episode.mp4").read_bytes())
        assert len(films) == 2, "the first script's film has other bytes than it had"
        found = proven(log, plugins, one, letter.stream)
        assert found.answers == len(answers_in(log, plugins, letter.stream)) > 60


def test_a_replay_elsewhere_proves_the_same(letter: Made, tmp_path: Path) -> None:
    with opened(letter.root) as (one, log, plugins):
        here = proven(log, plugins, one, letter.stream)
        asked = _asked(log, plugins, letter.stream)
        assert here.reactions == asked
        assert here.answers == len(answers_in(log, plugins, letter.stream)) > 20
    root = tmp_path / "elsewhere"
    shutil.copytree(letter.root, root)
    (root / "duanju.toml").write_text('[delivery]\nprofile = "web-wide"\n[film]\nlanguage = "zh"\n')
    assert SMALL not in (root / "duanju.toml").read_text()
    for seed, zone in (("1", "Asia/Shanghai"), ("4242", "America/Los_Angeles")):
        run = subprocess.run(
            [sys.executable, str(HERE / "replay_child.py"), str(root), letter.stream],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C", "DUANJU_BUDGET": "1"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.split() == [here.digest, here.head, str(here.reactions), str(here.answers)]


def _asked(log: filmkit.Log, plugins: filmkit.Plugins, stream: str) -> int:
    """How often a reaction had to be asked: counted from the rows, not by the replay."""
    rows = log.db.execute(
        "SELECT kind, count(*) FROM event WHERE stream = ? GROUP BY kind", (stream,)
    ).fetchall()
    return sum(
        count * sum(hook.effect is None for hook in plugins.by_kind.get(kind, ())) for kind, count in rows
    )
