"""Both demos in numbers, by their real voices, without drawing a frame."""

from __future__ import annotations

from pathlib import Path

import pytest
from filmkit import EXAMPLES, events_of

from duanju.core.plugins import load_plugins
from duanju.core.studio import Studio
from duanju.events.dialogue import LineVoiced, MouthTimed
from duanju.events.script import ShotPlanned
from duanju.plugins.stages.placing import VoicedLine, place_lines


@pytest.mark.parametrize("name", ["teahouse.fountain", "chaguan.txt"])
def test_a_demo_is_an_episode_of_sixty_to_ninety_seconds(name: str, tmp_path: Path) -> None:
    studio = Studio.create(tmp_path / "studio")
    settings = studio.settings()
    plugins = load_plugins(only="script,cast,dialogue,local")
    try:
        with studio.log(plugins) as log:
            stream = studio.hand_in(log, plugins, settings, EXAMPLES / name).stream
            with studio.engine(log, plugins, settings) as engine:
                engine.run()
            shots = events_of(log, stream, ShotPlanned)
            voices = {one.line: one for one in events_of(log, stream, LineVoiced)}
            mouths = {one.line: one for one in events_of(log, stream, MouthTimed)}
    finally:
        plugins.close()
    assert len({shot.scene for shot in shots}) >= 4 and len(shots) >= 12
    lines = [line for shot in shots for line in shot.lines]
    assert len(lines) >= 14 and {line.line for line in lines} == set(voices) == set(mouths)
    assert len({line.character for line in lines}) == 3
    assert max(shot.duration_ms for shot in shots) <= 8000
    seconds = 0.0
    for shot in shots:
        said = [VoicedLine(voices[line.line], mouths[line.line], line.how) for line in shot.lines]
        seconds += place_lines(shot, said, settings.delivery.fps).frames / settings.delivery.fps
    print(f"{name}: {len(shots)} shots, {len(lines)} lines, {seconds:.1f} s")
    assert 60 <= seconds <= 88
    planned = sum(shot.duration_ms for shot in shots) / 1000
    assert abs(seconds - planned) / planned < 0.08, "the plan is off what the voices need"
