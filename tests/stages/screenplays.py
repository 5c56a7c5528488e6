"""Random screenplays for tests: elements as a reader gives them, in the words and marks of real scripts."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import strategies as st

from duanju.events.script import Element
from duanju.plugins.stages.screenplay.assembling import assembled
from duanju.plugins.stages.screenplay.model import Reading, Screenplay

NAMES = {"en": ("Xiao Mei", "Old Zhang", "McAvoy", "Dr. Chen", "Li"), "zh": ("小美", "老张", "李伟", "林辰")}
WORDS = {
    "en": [
        "tea",
        "rain",
        "the",
        "package",
        "door",
        "opens",
        "father",
        "ring",
        "I",
        "know",
        "you lied",
        "3",
        "Mei",
    ],
    "zh": ["茶馆", "下雨", "包裹", "门", "慢慢", "打开", "父亲", "戒指", "我知道", "你骗我", "三点", "真相"],
}
MARKS = {
    "en": ["", ",", "...", "?", "!", " -", "—", "’", '"', "*", "_", "#", " >", "@", "~", "(ever)", "[[", ":"],
    "zh": ["", "，", "……", "？", "！", "——", "、", "“", "”", "*", "#", "～", "《茶》"],
}
TIMES = {"en": ("DAY", "NIGHT", "DUSK"), "zh": ("日", "夜", "黄昏")}
WORDED = re.compile(r"\w")


def tidy(text: str) -> str:
    """A text as a reader would store it: no white space around or doubled, and something to say in it."""
    return " ".join(text.split())


@st.composite
def texts(draw: st.DrawFn, language: str, marks: bool = True, brackets: bool = True) -> str:
    """A few words, with marks between them; never without a word."""
    words = draw(st.lists(st.sampled_from(WORDS[language]), min_size=1, max_size=6))
    glue = " " if language == "en" else ""
    if marks:
        known = [mark for mark in MARKS[language] if brackets or not mark.startswith(("(", "["))]
        ends = draw(st.lists(st.sampled_from(known), min_size=len(words), max_size=len(words)))
        words = [word + end for word, end in zip(words, ends, strict=True)]
    return tidy(glue.join(words))


@st.composite
def elements(draw: st.DrawFn, language: str, layout: str) -> dict[str, Any]:
    """The fields of one element that both layouts may hold."""
    kind = draw(st.sampled_from(["line"] * 4 + ["action"] * 3 + ["transition", "lyric", "synopsis", "note"]))
    # In the short-drama layout what stands in brackets amid the words is never spoken.
    text = draw(texts(language, brackets=layout == "fountain" or kind != "line"))
    if kind == "line":
        how = draw(st.sampled_from(["spoken", "spoken", "spoken", "inner", "off", "vo"]))
        note = draw(st.just("") | texts(language, marks=False))
        return {"type": kind, "text": text, "character": draw(st.sampled_from(NAMES[language])), "how": how,
                "note": note}  # fmt: skip
    if kind == "action":
        camera = {"fountain": texts(language, marks=False), "chinese": st.sampled_from(["特写", "近景"])}[
            layout
        ]
        return {"type": kind, "text": text, "note": draw(st.just("") | st.just("") | camera)}
    if kind == "transition":
        shown = {"en": ["CUT TO:", "FADE OUT."], "zh": ["切至：门外", "黑屏", "闪回结束"]}[language]
        return {"type": kind, "text": draw(st.sampled_from(shown))}
    return {"type": kind, "text": draw(texts(language, marks=False))}


@st.composite
def screenplays(draw: st.DrawFn, layout: str) -> Screenplay:
    """A whole script as the reader of a layout would give it, one element a line."""
    language = draw(st.sampled_from(["en", "zh"]))
    found: list[Element] = []

    def add(**fields: Any) -> None:
        found.append(Element(first=len(found) + 1, last=len(found) + 1, **fields))

    for number in range(1, draw(st.integers(1, 3)) + 1):
        place, time = draw(texts(language, marks=False)), draw(st.sampled_from(TIMES[language]))
        if layout == "chinese":
            text = f"1-{number} {time} 内 {place}" if language == "zh" else f"1-{number} {time} INT {place}"
            add(type="heading", text=text, number=f"1-{number}")
        else:
            text = f"INT. {place.upper()} - {time}" if draw(st.booleans()) else f"{place} - {time}"
            add(type="heading", text=text, number=draw(st.sampled_from(["", str(number), f"{number}A"])))
        if layout == "chinese":
            add(type="cast", text=f"人物：{'、'.join(NAMES[language])}")
        before = ""
        for one in draw(st.lists(elements(language, layout), max_size=8)):
            one["dual"] = one["type"] == "line" == before and draw(st.integers(0, 4)) == 0
            add(**one)
            before = one["type"]
    title = draw(texts(language, marks=False))
    return assembled("test", layout, language, Reading(title, tuple(found)), len(found))
