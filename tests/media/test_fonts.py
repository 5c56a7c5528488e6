"""The fonts are found, load, and have the signs that they are chosen for."""

import pytest
from PIL import ImageFont

from duanju.plugins.media import fonts


def _mask(path: object, text: str) -> bytes:
    return bytes(ImageFont.truetype(str(path), 40).getmask(text))


@pytest.mark.parametrize("text", ["Hello, world", "", "naïve café", "I — “never” thought…"])
def test_latin_text_gets_inter(text: str) -> None:
    assert fonts.font_for(text).name.startswith("Inter")


@pytest.mark.parametrize("text", ["你好", "Hello 你好", "Ｆ", "「", "，", "ㄅ"])
def test_any_chinese_sign_gets_noto(text: str) -> None:
    assert fonts.font_for(text).name.startswith("NotoSansSC")


@pytest.mark.parametrize("text", ["我", "茶", "，", "A", "é", "g"])
def test_the_chosen_font_has_the_sign(text: str) -> None:
    path = fonts.font_for(text)
    assert _mask(path, text) != _mask(path, "\U0010fffd")  # not the box that stands for a missing sign


def test_a_missing_package_is_named_with_the_way_to_get_it() -> None:
    with pytest.raises(fonts.FontError, match=r"pip install no-such-font"):
        fonts._inside("duanju_no_such_font", "no-such-font", "*.ttf")
