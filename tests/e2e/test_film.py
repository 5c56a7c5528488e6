"""The demo's film is watched and heard: every promise about it is measured in the file that ships."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import combinations

import filmkit
import numpy as np
import pytest
from hearing import loudness_of
from mouths import alike
from watched import Shot, Watched, lines_of_fountain, watch

from duanju.core.studio import OUT_FILES
from duanju.events.script import ScriptParsed
from duanju.plugins.media.subtitles import read_srt

CHECKS = {
    "audio.loudness",
    "audio.true_peak",
    "character.appearance",
    "picture.black",
    "script.fidelity",
    "subtitle.timing",
    "technical.container",
}


@pytest.fixture(scope="module")
def film(teahouse: filmkit.Made, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    return filmkit.once(tmp_path_factory, "watched-teahouse", lambda _: watch(teahouse))


@pytest.fixture(scope="module")
def letter_film(letter: filmkit.Made, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    return filmkit.once(tmp_path_factory, "watched-letter", lambda _: watch(letter))


@pytest.fixture(scope="module")
def zh_film(mandarin: filmkit.Made, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    return filmkit.once(tmp_path_factory, "watched-mandarin", lambda _: watch(mandarin))


def test_it_is_a_whole_episode(film: Watched, teahouse: filmkit.Made) -> None:
    assert 60 <= film.frames / 25 <= 88
    assert len(film.shots) >= 12 and len({shot.plan.scene for shot in film.shots}) >= 4
    assert sum(len(shot.take.lines) for shot in film.shots) >= 14
    assert {line.character for line in film.cut.lines} == {"Xiao Mei", "Old Zhang", "Li Wei"}
    assert max(shot.plan.duration_ms for shot in film.shots) <= 8000
    for name in OUT_FILES:
        assert (teahouse.out / name).stat().st_size > 100, name
    assert sorted(one.name for one in teahouse.out.iterdir()) == sorted(OUT_FILES)


def test_all_checks_let_it_pass(film: Watched) -> None:
    assert {one.check for one in film.checks} == CHECKS and len(film.checks) == 7
    assert all(one.verdict in ("passed", "warned") for one in film.checks), film.checks


def test_every_shot_shows_a_picture_that_lives(film: Watched, zh_film: Watched) -> None:
    for shot in (*film.shots, *zh_film.shots):
        assert shot.light.min() > 14 and shot.detail.min() > 8, (shot.plan.shot, "is as good as black")
        frozen = _longest(shot.change < 0.02)
        assert frozen <= 12, f"{shot.plan.shot} stands still for {frozen} frames: over half a second"


def test_no_two_shots_show_the_same(film: Watched, zh_film: Watched) -> None:
    for one in (film, zh_film):
        for a, b in combinations(one.shots, 2):
            apart = float(np.abs(a.middle - b.middle).mean())
            # Two silent looks at the same face may be near each other, but never one after the other.
            least = 8 if b.first == a.first + a.take.frames else 0.5
            assert apart > least, f"{a.plan.shot} and {b.plan.shot} look the same"


def _longest(flags: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    best = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        best = max(best, run)
    return best


def test_the_subtitles_say_what_the_script_says(teahouse: filmkit.Made, mandarin: filmkit.Made) -> None:
    said = lines_of_fountain(filmkit.EXAMPLES / "teahouse.fountain")
    assert len(said) >= 14 and "Is it done?" in said and "Be careful what you wish for." in said
    cues = read_srt(teahouse.out / "episode.srt")
    assert " ".join(cue.text.replace("\n", " ") for cue in cues) == " ".join(said)
    chinese = read_srt(mandarin.out / "episode.srt")
    assert "".join(cue.text for cue in chinese).replace("\n", "") == (
        "事情办好了吗？许愿要小心，姑娘。我花钱买的是真相。一个人的时候再打开。别让你丈夫知道。"
    )


@pytest.mark.parametrize("which", ["film", "zh_film", "letter_film"])
def test_every_line_is_heard_in_its_place(which: str, request: pytest.FixtureRequest) -> None:
    film: Watched = request.getfixturevalue(which)
    level = 20 * np.log10(np.maximum(film.level, 1e-6))
    free = np.ones(level.size, bool)
    windows = {}
    for line in film.cut.lines:
        start, end = line.start_ms * 25 // 1000, (line.start_ms + line.duration_ms) * 25 // 1000
        windows[line.line] = level[start : end + 1]
        free[max(0, start - 1) : end + 3] = False
    tone = float(np.median(level[free]))
    for name, said in windows.items():
        assert np.percentile(said, 80) > tone + 10, f"{name} is not heard over the room"
    assert np.percentile(level[free], 98) < tone + 10, "something is heard where nobody speaks"
    assert -70 < tone < -35, "a room has a tone, under the voices"


@pytest.mark.parametrize("which", ["film", "zh_film", "letter_film"])
def test_it_is_as_loud_as_asked(which: str, request: pytest.FixtureRequest) -> None:
    film: Watched = request.getfixturevalue(which)
    assert abs(loudness_of(film.sound) + 16) <= 1
    assert np.abs(film.sound).max() <= 10 ** (-1 / 20)


def _speaking(film: Watched) -> Iterator[tuple[Shot, str, int, float]]:
    """Every mouth that speaks: its shot, whose it is, for how long (ms), and how it follows the sound."""
    for shot in film.shots:
        level = film.level[shot.first : shot.first + shot.take.frames]
        for face in shot.faces:
            mine, alone = film.own(shot, face.character)
            if mine:
                spoken = sum(one.duration_ms for one in mine)
                yield shot, face.character, spoken, alike(face.opening, level, alone > 0)


@pytest.mark.parametrize(("which", "least"), [("film", 12), ("zh_film", 3), ("letter_film", 2)])
def test_drawn_mouths_follow_the_sound(which: str, least: int, request: pytest.FixtureRequest) -> None:
    """In the mp4's pixels: the opening of each speaking mouth, against the sound of its shot."""
    found = list(_speaking(request.getfixturevalue(which)))
    told = [f"{shot.plan.shot} {who} {ms} ms {how:.2f}" for shot, who, ms, how in found]
    print("\n".join(told))
    assert len(found) >= least, told
    assert float(np.median([how for _, _, _, how in found])) >= 0.5, told
    assert all(how > 0.3 for _, _, ms, how in found if ms >= 1000), told


@pytest.mark.parametrize(("which", "least"), [("film", 10), ("zh_film", 2), ("letter_film", 3)])
def test_who_does_not_speak_keeps_the_mouth_closed(
    which: str, least: int, request: pytest.FixtureRequest
) -> None:
    film: Watched = request.getfixturevalue(which)
    silent, moving = [], []
    for shot in film.shots:
        for face in shot.faces:
            seen = face.opening[~np.isnan(face.opening)]
            if seen.size < 10:
                continue
            swing = float(np.ptp(seen))
            (moving if film.own(shot, face.character)[0] else silent).append(
                (shot.plan.shot, face.character, swing)
            )
    assert len(silent) >= least, silent
    assert max(swing for _, _, swing in silent) < 0.2, silent
    assert min(swing for _, _, swing in moving) > 0.4, moving


def test_a_thought_moves_no_lips(letter_film: Watched) -> None:
    """The V.O. is over the thinker's own face in a close shot."""
    (shot,) = [s for s in letter_film.shots if any(line.how == "vo" for line in s.plan.lines)]
    (face,) = [one for one in shot.faces if one.character == "Xiao Mei"]
    (line,) = shot.take.lines
    assert line.character == "Xiao Mei" and line.duration_ms > 1000 and face.pixels >= 30
    assert np.ptp(face.opening) < 0.2 and abs(np.median(face.opening)) < 0.35


def test_the_mandarin_film_speaks_and_writes_mandarin(zh_film: Watched, mandarin: filmkit.Made) -> None:
    assert len(zh_film.shots) >= 6 and {one.check for one in zh_film.checks} == CHECKS
    assert all(one.verdict in ("passed", "warned") for one in zh_film.checks), zh_film.checks
    assert zh_film.cut.language == "zh"
    with filmkit.opened(mandarin.root) as (_, log, _plugins):
        (parsed,) = filmkit.events_of(log, mandarin.stream, ScriptParsed)
        asked = [r.event for r in log.read(stream=mandarin.stream, kind="speech_requested")]
        heard = [r.event for r in log.read(stream=mandarin.stream, kind="speech_returned")]
    assert parsed.language == "zh" and parsed.lines == 4 and parsed.format == "chinese"
    assert {one.language for one in asked} == {"zh"}
    # Mandarin's own sounds, which the English voice does not have.
    symbols = {phoneme.symbol for one in heard for phoneme in one.phonemes}
    assert symbols & {"ts.", "s.", "ɕ", "tɕ", "tsh", "ts.h"} and len(symbols) > 20
    # The burned text is drawn where the lines are said: brighter than the same place without a subtitle.
    for shot in zh_film.shots:
        assert bool(shot.take.subtitles) == bool(shot.take.lines)


def test_the_report_says_how_alike_the_faces_are(teahouse: filmkit.Made) -> None:
    report = json.loads((teahouse.out / "report.json").read_bytes())
    likeness = report["likeness"]
    assert likeness["limit"] == 2.0 and likeness["ratio"] > 0
    assert {likeness["nearest"]["a"], likeness["nearest"]["b"]} < {"Xiao Mei", "Old Zhang", "Li Wei"}
    assert likeness["distinct"] == (likeness["ratio"] > likeness["limit"])
    assert report["episode"]["film"]["sha256"] and len(report["shots"]) >= 12
    page = (teahouse.out / "report.html").read_text(encoding="utf-8")
    assert "Be careful what you wish for." in page
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page), "the report needs a network"
