"""Long lines, from the stage to the file that ships: readable, and to the checks the script's own text."""

from __future__ import annotations

from pathlib import Path

import pytest

from duanju.plugins.checks.subtitle_timing import Cue as Shipped
from duanju.plugins.checks.subtitle_timing import faults_of
from duanju.plugins.checks.wording import compare
from duanju.plugins.media.speech_rate import spoken_ms
from duanju.plugins.media.subtitles import read_srt, spaced, split_line, write_srt

ENGLISH = [
    "He told me that he would be back before the tea was cold, and I believed every single word of it",
    "Supercalifragilisticexpialidociousnessesesesesesesesesesesesesesesesesesesesesesesesesesesesesesesesesese",
    "I was there, in the corner, under the lantern; I saw who took the key, and I saw who followed him home.",
    "“Don't,” she said – “not here, not now, not in front of all these people who know my father's name!”",
]
CHINESE = [
    "我等了你整整三年，你却连一句话也没有留下，就这样从我的生活里消失得无影无踪。",
    "三年前父亲出门喝茶以后就再也没有回来过一直到今天我才知道他去了哪里见了谁说了什么话",
    "“你听我说，”他压低声音，“这件事千万不要告诉任何人，尤其不能让你丈夫知道……明白吗？”",
    "我在Shanghai International Settlement的旧档案馆里找到了1937年的那张照片，还有你父亲的签名。",
]


@pytest.mark.parametrize("tall", [True, False])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_long_lines_ship_in_two_readable_lines_with_all_their_words(
    language: str, tall: bool, tmp_path: Path
) -> None:
    lines = ENGLISH if language == "en" else CHINESE
    at, cues = 500, []
    for text in lines:
        # as slow as it can be read: the stage gives a line that much time
        end = at + max(
            spoken_ms(text, language), round(len(text) * 1000 / (9 if language == "zh" else 20)) + 500
        )
        cues += split_line(text, language, at, end, fps=25, tall=tall)
        at = end + 1000
    srt = tmp_path / "episode.srt"
    srt.write_text(write_srt(spaced(cues, 25)), encoding="utf-8")
    shipped = read_srt(srt)
    found = compare(lines, [cue.text for cue in shipped])
    assert found.faults == 0, found
    wide = [len(row) for cue in shipped for row in cue.text.split("\n")]
    assert max(wide) <= 42 and max(cue.text.count("\n") for cue in shipped) <= 1
    faults = faults_of([Shipped(c.start_ms, c.end_ms, c.text) for c in shipped], 25, at)
    assert not [one for one in faults if one.name in ("width", "lines", "overlap", "empty", "order")], faults
    assert not [one for one in faults if one.fails], faults
