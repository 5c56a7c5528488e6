"""Drawn subtitles are white on dark, inside the safe area, large enough, and break where they may."""

from __future__ import annotations

import numpy as np
import pytest

from duanju.plugins.media.captions import draw_caption
from duanju.plugins.media.errors import SubtitleError

ZH, EN = "你终于回来了，我等了你整整三年。", "I waited three years for you to come home again."


def over_gray(text: str, width: int, height: int) -> np.ndarray:
    luma = np.full((height, width), 128, np.uint8)
    cb, cr = (
        np.full((height // 2, width // 2), 90, np.uint8),
        np.full((height // 2, width // 2), 160, np.uint8),
    )
    draw_caption(text, width, height).lay_over(luma, cb, cr)
    return luma


@pytest.mark.parametrize(("width", "height"), [(270, 480), (1080, 1920), (480, 270), (1920, 1080)])
@pytest.mark.parametrize("text", [ZH, EN, "好", "Hello, 王总！"])
def test_ink_is_inside_the_safe_area(text: str, width: int, height: int) -> None:
    luma = over_gray(text, width, height)
    rows, columns = np.nonzero(luma != 128)
    bottom = 0.82 if height > width else 0.95
    assert rows.max() < height * bottom
    assert columns.min() >= width * 0.05 - 1 and columns.max() <= width * 0.95 + 1
    assert abs((columns.min() + columns.max()) / 2 - width / 2) < width * 0.02 + 2
    assert luma.max() >= 225 and luma.min() <= 24


@pytest.mark.parametrize("text", [ZH, EN])
def test_text_is_at_least_three_percent_of_a_tall_picture(text: str) -> None:
    caption = draw_caption(text, 1080, 1920)
    assert caption.text_px >= 0.03 * 1920
    one = over_gray("国" if text is ZH else "Ág", 1080, 1920)
    rows = np.nonzero((one != 128).any(axis=1))[0]
    assert rows.max() - rows.min() + 1 >= 0.03 * 1920


def test_lines_break_after_punctuation_and_lose_nothing() -> None:
    caption = draw_caption(ZH + "你知道吗？", 1080, 1920)
    assert len(caption.lines) == 2 and "".join(caption.lines) == ZH + "你知道吗？"
    assert all(line[0] not in "，。！？" for line in caption.lines)
    assert " ".join(draw_caption(EN, 1080, 1920).lines) == EN


def test_nothing_changes_outside_the_box() -> None:
    caption = draw_caption(EN, 270, 480)
    luma = over_gray(EN, 270, 480)
    inside = np.zeros_like(luma, bool)
    inside[caption.y : caption.y + caption.height, caption.x : caption.x + caption.width] = True
    assert (luma[~inside] == 128).all()
    assert caption is draw_caption(EN, 270, 480)


@pytest.mark.parametrize("text", ["", "   ", "a\x00b", "我" * 201, "W" * 190, "\ud800"])
def test_what_cannot_be_set_is_refused(text: str) -> None:
    with pytest.raises(SubtitleError):
        draw_caption(text, 270, 480)
