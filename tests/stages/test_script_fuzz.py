"""Damaged script files: refused with a reason, or read with no line lost, in time like their size."""

from __future__ import annotations

import gc
import random
import re
import sys
import tracemalloc

import pytest
from mutations import holds, mutated, sources

from duanju.plugins.stages.screenplay.parse import read

ORIGINALS = sources()


@pytest.mark.parametrize("share", range(4))
def test_no_damaged_file_is_a_failure_and_none_loses_a_line(share: int) -> None:
    found = [holds(mutated(random.Random(seed), ORIGINALS)) for seed in range(share * 150, share * 150 + 150)]
    assert {"", "chinese", "fountain"} <= set(found)
    assert sum(1 for one in found if one) > 50, "most of them are read, so that reading is what is tried"


class _Steps:
    """Counts the calls that a run makes, which is its time on any machine."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, _frame: object, event: str, _arg: object) -> None:
        self.count += event in ("call", "c_call")


def steps(data: bytes) -> int:
    counter = _Steps()
    sys.setprofile(counter)
    try:
        holds_or_refused = read(data)
    except ValueError:
        holds_or_refused = None
    finally:
        sys.setprofile(None)
    assert holds_or_refused is None or holds_or_refused.source_lines
    return counter.count


@pytest.mark.parametrize(
    "line",
    ["小美：走。（低声）不。", "△她推门（特写）。", "MEI\nHello [[note]] there.\n", "（（（", "【字幕：【【",
     "/* [[ /*", "** _x_ **", "第1集", "人物：小美、老张、李伟", "门外：雨。", "> x <", "a" * 60,
     "小美OS：为什么？", "NEW NAME {n}\nHello.\n"],
)  # fmt: skip
def test_the_work_grows_with_the_file(line: str) -> None:
    """Twice the lines take about twice the calls; four times would be the square."""
    head = "1-1 日 内 茶馆\n" if re.search("[一-鿿]", line) else "INT. ROOM - DAY\n\n"

    def of(count: int) -> bytes:
        return (head + "".join(line.replace("{n}", str(n)) + "\n" for n in range(count))).encode()

    once, twice = steps(of(150)), steps(of(300))
    assert twice < 3 * once + 2_000


@pytest.mark.parametrize(
    "bit",
    ["\u200b", " ", "\u3000", "（", "）", "【", "[[", "]]", "/*", "*", "_", "**a", "：", ":", "《", "》",
     "-", "1", "1-", "第", "场", "小", "A", "A.", "(a)", "，", "“", "~", ">", "<", "#", "=", "·", "、",
     "内", "日 ", "OS", "△", "人物", "INT.", "第1", "\t", "^", "@", "!", "a,", "同时", "小美：", "MEI: "],
)  # fmt: skip
def test_a_line_of_one_thing_over_and_over_is_read_at_once(bit: str) -> None:
    """20,000 characters: what is linear takes milliseconds, what is the square would take minutes."""
    long = (bit * 20_000)[:20_000]
    for head, tail in (
        ("1-1 日 内 茶馆\n人物：小美\n小美：走。\n", "\n小美：好。\n"),
        ("INT. ROOM - DAY\n\n", "\n\nMEI\nYes.\n"),
    ):
        for line in (long, f"小美{long}", f"{long}x"):
            holds(f"{head}{line}{tail}".encode())


# -- long scripts ------------------------------------------------------------------------------------------

PAGE = 55  # lines of a printed page


def long_script(language: str, pages: int) -> bytes:
    """A script of so many pages in the words of the fixtures, of one layout; the same in every run."""
    dice = random.Random(language)
    told: dict[str, list[str]] = {"line": [], "action": []}
    for data in ORIGINALS:
        script = read(data)
        if script.language == language:
            for one in script.elements:
                if one.type in told and len(one.text) < 300:
                    told[one.type].append(one.text.strip("（）()[]【】"))
    names = {
        "zh": ["小美", "老张", "李伟", "林辰", "苏婉"],
        "en": ["MEI", "ROBERT", "DR. CHEN", "ANNA", "TOM"],
    }
    places = {"zh": ["茶馆", "小巷", "医院", "书房"], "en": ["TEAHOUSE", "ALLEY", "WARD", "STUDY"]}
    lines: list[str] = []
    number = 0
    while len(lines) < pages * PAGE:
        number += 1
        place = dice.choice(places[language])
        if language == "zh":
            lines += [
                f"1-{number} {dice.choice('日夜')} {dice.choice('内外')} {place}",
                f"人物：{'、'.join(names['zh'])}",
            ]
        else:
            lines += [f"{dice.choice(('INT', 'EXT'))}. {place} - {dice.choice(('DAY', 'NIGHT'))}", ""]
        for _ in range(dice.randint(8, 24)):
            if language == "zh":
                lines.append(f"△{dice.choice(told['action'])}")
                lines.append(f"{dice.choice(names['zh'])}：{dice.choice(told['line'])}")
            else:
                lines += [
                    f"!{dice.choice(told['action'])}",
                    "",
                    dice.choice(names["en"]),
                    dice.choice(told["line"]),
                    "",
                ]
    return "\n".join(lines).encode()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_script_of_120_pages_is_read_with_memory_like_its_size(language: str) -> None:
    peaks = []
    for pages in (30, 120):
        data = long_script(language, pages)
        gc.collect()
        tracemalloc.start()
        script = read(data)
        peaks.append(tracemalloc.get_traced_memory()[1] / len(data))
        tracemalloc.stop()
        assert script.source_lines >= pages * PAGE and script.language == language
        assert script.unmapped == () and script.lines > pages * 8
    assert peaks[1] < 40, f"{peaks[1]:.1f} bytes of memory for each byte of the script"
    assert peaks[1] < 1.3 * peaks[0], "memory grows with the script, and not with its square"
