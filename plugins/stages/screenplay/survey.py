"""The first look at a script of the short-drama layout: who is listed, speaks and acts, and how it is set."""

from __future__ import annotations

from . import chinese_marks as marks
from . import labels
from .evidence import Evidence
from .headings import CAST_TAIL
from .speech import ENDED, Spoken, split_speech
from .voices import read_speaker
from .widths import fold, undress

__all__ = ["survey"]


def survey(lines: list[str]) -> tuple[Evidence, bool]:
    """(what is known of names, whether an unmarked line may go on with a speech), from all lines; one pass.

    It may where the house marks its actions, or ends nearly all its speeches with a mark of punctuation.
    """
    facts = Evidence()
    part = "head"
    marked = bare = 0
    ended = [0, 0]  # speeches that do not end with punctuation, and that do
    for line in lines:
        text = undress(line)[0]
        if not text:
            continue
        plain = fold(text)
        if marks.heading_of(text):
            part = "scene"
            tail = CAST_TAIL.search(plain)
            if tail:
                facts.lists(text[tail.end() :])
            continue
        names, head = marks.cast_list(plain.lstrip("[")), marks.cast_head(plain)
        if head:
            part = "cast" if part != "scene" else "scene"
            _profile(facts, text[head:])
        elif names:
            inside = text[len(plain) - len(plain.lstrip("[")) + names :].rstrip("】]")
            facts.lists(inside)
            part = "cast" if not inside.strip() and part != "scene" else part
        elif marks.EPISODE.match(plain):
            part = "scene" if part == "scene" else "episode"
        elif part == "cast" and labels.label_of(text)[0] == "":
            _profile(facts, text)
        elif part == "cast":
            part = "story" if labels.label_of(text)[0] == "synopsis" else part
        elif marks.ACTION.match(plain):
            marked += 1
            facts.acts(text[marks.ACTION.match(plain).end() :])  # type: ignore[union-attr]
        else:
            speech = _speech(facts, text, plain)
            bare += speech is None and plain[0] not in "[("
            if speech and speech.text and not labels.label_of(text)[0]:
                ended[ENDED.search(speech.text) is not None] += 1
    strict = ended[1] >= 8 and ended[0] * 10 <= ended[1]
    return facts, strict or (marked >= 3 and marked >= 2 * bare)


def _profile(facts: Evidence, text: str) -> None:
    from .people import listed_names

    for name in listed_names(text):
        facts.lists(name)


def _speech(facts: Evidence, text: str, plain: str) -> Spoken | None:
    """A line in the shape of speech, which tells who speaks; None for a bare one, which tells who acts."""
    close = plain.find("]") if plain[0] == "[" else -1
    speech = split_speech(text[close + 1 :] if close > 0 else text)
    if speech is None:
        facts.acts(text)
        return None
    if not labels.label_of(text)[0]:
        facts.speaks(read_speaker(speech.name, [], "inner").name)
    return speech
