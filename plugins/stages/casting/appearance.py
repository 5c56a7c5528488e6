"""How each character looks scene by scene: costume, age and state, inherited until something changes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from attrs import evolve, frozen

from ....core.cast_fields import Said
from ....core.naming import name_key, other_names
from ....events.cast import AppearancePlanned, CharacterCast, CharacterChanged, Costume, Profile
from ....events.script import Element, SceneParsed
from .describe import hints_of

__all__ = ["STATES", "Marked", "Person", "as_seen", "marked", "planned"]

STATES: dict[str, str] = {
    "wet": r"湿透|淋湿|落汤鸡|湿漉漉|浑身是水|\bsoak(?:ed|ing)\b|\bdrenched\b|\bdripping wet\b|\bsodden\b",
    "wounded": r"受伤|负伤|中枪|中弹|血迹|流血|满脸是血|带血|包扎|绷带|\bwounded\b|\bbleeding\b|\bbloodied\b"
    r"|\bbandaged?\b|\binjured\b",
    "drunk": r"喝醉|醉醺醺|喝多|烂醉|酩酊|酒气|\bdrunk(?:en)?\b|\btipsy\b",
    "mourning": r"戴孝|披麻|丧服|孝服|黑纱|\bin mourning\b|\bblack armband\b"
    r"|\bafter (?:the|his|her) funeral\b",
    "dirty": r"满身泥|浑身是泥|脏兮兮|灰头土脸|\bmuddy\b|\bcovered (?:in|with) (?:mud|dust|dirt|soot)\b",
    "ill": r"病重|病恹恹|脸色苍白|发高烧|\bdeathly pale\b|\bfeverish\b",
}
_OVER = {
    "wet": r"擦干|吹干|烘干|干衣服|\bdried off\b|\bdry clothes\b|\bdries (?:off|h)",
    "wounded": r"伤愈|痊愈|伤好了|拆了?绷带|\bhealed\b|\brecovered\b|\bbandages? (?:off|gone)\b",
    "drunk": r"酒醒|醒酒|\bsober(?:s|ed)?\b|\bhungover\b",
    "mourning": r"脱下孝服|除下黑纱|\bout of mourning\b",
    "dirty": r"洗干净|洗了澡|换洗|\bwashed\b|\bshowered\b|\bclean again\b",
    "ill": r"病好了|康复|退烧|\bwell again\b",
}
_WASHED = ("wet", "dirty")  # what other clothes take away
_NOT = re.compile(
    r"(?:没有?|未|不|并非|\bnot|\bno longer|\bnever|n't|\bwithout)\s*[^，。,.]{0,8}$", re.IGNORECASE
)
_WEARS = re.compile(
    r"换上|穿上|换了[一]?[身件套]|披上|身穿|身着|一身"
    r"|\bchang(?:es|ed|ing) into\b|\bputs? on\b|\bnow in\b|\bdressed in\b|\bwear(?:s|ing)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^。！？!?；;\n.]+(?:\.(?=\d)[^。！？!?；;\n.]+)*[。！？!?；;.]?")
_AGO = re.compile(
    r"(\d{1,2}|[一二两三四五六七八九十]{1,3})\s*年前|\b([a-z]+|\d{1,2}) years? (?:ago|earlier|before)\b", re.I
)
_LATER = re.compile(
    r"(\d{1,2}|[一二两三四五六七八九十]{1,3})\s*年[之以]?后|\b([a-z]+|\d{1,2}) years? (?:later|after)\b", re.I
)
_COUNTED = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
)
_NUMBERS = {word: number for number, word in enumerate(_COUNTED.split(), 1)} | {"thirty": 30, "forty": 40}
_ANY = re.compile("|".join((*STATES.values(), *_OVER.values(), _WEARS.pattern)), re.IGNORECASE)
_USUAL = frozenset({"usual", "-", "平常"})


@frozen
class Person:
    """Whose appearance is planned: all names, those of the costumes, and a person's word by scene."""

    name: str
    others: tuple[str, ...] = ()
    costumes: tuple[str, ...] = ()
    decided: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, name: str, others: Sequence[str], said: Mapping[str, Said]) -> Person:
        """From what was written of a character."""
        costumes = {key.split(".", 1)[1].rpartition(".")[0] for key in said if key.startswith("costumes.")}
        decided = [
            (key.split(".", 1)[1], one.value) for key, one in said.items() if key.startswith("scenes.")
        ]
        return cls(name, tuple(others), tuple(sorted(costumes)), tuple(decided))


@frozen
class _Look:
    costume: Costume | None = None
    age: int = 0
    years: int = 0
    state: tuple[str, ...] = ()
    why: tuple[str, ...] = ()


@frozen
class Marked:
    """A scene, what of it may change somebody's looks, and the years between it and the story."""

    scene: SceneParsed
    elements: tuple[Element, ...]
    ago: int
    later: int


def marked(scenes: Sequence[SceneParsed]) -> list[Marked]:
    """The scenes, searched once for all persons."""
    return [
        Marked(scene, tuple(filter(_tells, scene.elements)), *_time(scene.heading, scene.elements))
        for scene in scenes
    ]


def _tells(element: Element) -> bool:
    if element.type == "line":
        return bool(element.note) and _ANY.search(element.note) is not None
    if element.type == "action" and _YEARS.search(element.text):
        return True
    return element.type in ("action", "heading", "cue") and _ANY.search(element.text) is not None


def planned(scenes: Sequence[Marked], person: Person, episode: str) -> Iterator[AppearancePlanned]:
    """How the person looks in each scene that has it, where that is not the usual way.

    `scenes` in story order from the first; `episode` is the episode's name, for what a person decided.
    """
    look = _Look()
    decided = dict(person.decided)
    for one in scenes:
        scene, away, later = one.scene, one.ago, one.later
        word = decided.get(f"{episode}/{scene.scene}", decided.get(scene.scene))
        if later:
            look = evolve(
                look, years=look.years + later, why=(*look.why, f"line {scene.first}: {later} years on")
            )
        people = scene.characters
        for change in _changes(one.elements, person.name, person.others, people, person.costumes):
            look = _changed(look, change)
        if word is not None:
            look = _decided(word, person, scene.scene)
        now = look
        if away and word is None:
            now = evolve(
                look, years=look.years - away, why=(*look.why, f"line {scene.first}: {away} years ago")
            )
        there = any(name_key(other) == name_key(person.name) for other in people)
        if there and (now.costume, now.age, now.years, now.state) != (None, 0, 0, ()):
            yield AppearancePlanned(
                scene.revision,
                scene.scene,
                person.name,
                now.costume,
                now.age,
                now.years,
                now.state,
                "; ".join(now.why[-6:]),
            )


def as_seen(
    cast: CharacterCast | CharacterChanged, plan: AppearancePlanned | None
) -> tuple[Profile, Costume | None, tuple[str, ...]]:
    """A character's profile, costume and state as a plan has them; the usual ones without a plan."""
    if plan is None:
        return cast.profile, None, ()
    profile = cast.profile
    costume = plan.costume
    if costume is not None:
        name = costume.name
        costume = next((one for one in cast.costumes if name and one.name == name), costume)
        profile = evolve(
            profile,
            clothes=costume.clothes or profile.clothes,
            clothes_colour=costume.clothes_colour or profile.clothes_colour,
            accent_colour=costume.accent_colour or profile.accent_colour,
        )
    age = min(105, max(3, (plan.age or profile.age) + plan.years))
    if age != profile.age:
        grown = tuple(
            one for one in profile.marks if age >= 18 or one not in ("beard", "moustache", "goatee")
        )
        marks = grown if age >= 50 else tuple(one for one in grown if one != "wrinkles")
        profile = evolve(profile, age=age, age_range="", marks=marks)
    return profile, costume, plan.state


@frozen
class _Change:
    line: int
    costume: Costume | None = None
    age: int = 0
    state: str = ""
    over: str = ""


def _changed(look: _Look, change: _Change) -> _Look:
    place = f"line {change.line}"
    if change.costume is not None:
        state = tuple(one for one in look.state if one not in _WASHED)
        name = change.costume.name or change.costume.words
        return evolve(look, costume=change.costume, state=state, why=(*look.why, f"{place}: {name}"))
    if change.age:
        return evolve(look, age=change.age, years=0, why=(*look.why, f"{place}: {change.age} years old"))
    if change.over:
        state = tuple(one for one in look.state if one != change.over)
        return evolve(look, state=state, why=(*look.why, f"{place}: no longer {change.over}"))
    if change.state in look.state:
        return look
    return evolve(look, state=(*look.state, change.state), why=(*look.why, f"{place}: {change.state}"))


def _decided(word: str, person: Person, scene: str) -> _Look:
    """A person's word on a scene: a costume's name, an age, states; "usual" takes everything back."""
    look = _Look(why=(f"{scene}: decided by a person",))
    for one in other_names(word):
        if one.casefold() in _USUAL:
            continue
        if one in person.costumes:
            look = evolve(look, costume=Costume(one, "", "", "", ""))
        elif one.isdecimal() and one.isascii() and 3 <= int(one) <= 105:
            look = evolve(look, age=int(one))
        elif one not in look.state:
            look = evolve(look, state=(*look.state, one))
    return look


def _time(heading: str, elements: Sequence[Element]) -> tuple[int, int]:
    """(years back that a scene plays, years that have gone by before it), as heading and captions say."""
    texts = [heading, *(one.text for one in elements[:3] if one.type in ("heading", "cue", "centred"))]
    for text in texts:
        ago, later = _AGO.search(text), _LATER.search(text)
        if ago:
            return _number(ago[1] or ago[2]), 0
        if later:
            return 0, _number(later[1] or later[2])
    return 0, 0


def _number(word: str) -> int:
    if word.isdecimal():
        return int(word)
    if word.lower() in _NUMBERS:
        return _NUMBERS[word.lower()]
    digits = {one: number for number, one in enumerate("零一二三四五六七八九")} | {"两": 2}
    tens, ten, ones = word.rpartition("十")
    if not ten:
        return digits.get(word[0], 0)
    return digits.get(tens[:1], 1) * 10 + digits.get(ones[:1], 0)


def _changes(
    elements: tuple[Element, ...],
    name: str,
    others: tuple[str, ...],
    people: tuple[str, ...],
    costumes: tuple[str, ...],
) -> tuple[_Change, ...]:
    """All that a scene's text changes in how a person looks, in its order."""
    if not elements:
        return ()
    mine = _pattern((name, *others))
    mine_too = {name_key(one) for one in (name, *others)}
    rest = tuple(one for one in people if name_key(one) not in mine_too)
    everyone_else = _pattern(rest) if rest else None
    found: list[_Change] = []
    for element in elements:
        if element.type == "line":
            # What stands in brackets beside a speaker is about the speaker.
            if name_key(element.character) == name_key(name):
                found += _said(element.note, element.first, costumes)
            continue
        if mine.search(element.text) is None:
            continue
        if element.type == "action" and (aged := re.search(mine.pattern + _AGE, element.text, re.IGNORECASE)):
            age = int(next(one for one in aged.groups() if one is not None))
            if 3 <= age <= 105:
                found.append(_Change(element.first, age=age))
        found += _about(element, mine, everyone_else, costumes)
    return tuple(found)


_YEARS = re.compile(r"[（(,，]\s*\d{1,3}")
_AGE = r"\s*[（(,，]\s*(\d{1,3})\s*(?:岁|years? old|y/?o)?\s*[)）,，]"


@lru_cache(maxsize=2048)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    parts = []
    for one in sorted(names, key=len, reverse=True):
        word = re.escape(one)
        parts.append(rf"\b{word}\b" if one.isascii() else word)
    return re.compile(f"(?:{'|'.join(parts)})", re.IGNORECASE)


def _about(
    element: Element, mine: re.Pattern[str], all_: re.Pattern[str] | None, costumes: tuple[str, ...]
) -> Iterator[_Change]:
    """What an action says of the person: from the name on, until it names somebody else."""
    subject = False
    for sentence in _SENTENCE.finditer(element.text):
        text = sentence[0]
        named = mine.search(text)
        if named is None:
            if subject and _PRONOUN.match(text):
                yield from _said(_mine_only(text, all_), element.first, costumes)
            else:
                subject = False
            continue
        subject = True
        before = _BEFORE.search(text[: named.start()])
        if before is not None:
            yield from _said(before[0], element.first, ())
        yield from _said(_mine_only(text[named.end() :], all_), element.first, costumes)


def _mine_only(text: str, others: re.Pattern[str] | None) -> str:
    """The text up to another's name: past "and Lin, both soaked", without the state in "the wounded Lin"."""
    start = 0
    while others is not None and (other := others.search(text, start)) is not None:
        if not _WITH.fullmatch(text[start : other.start()]):
            return _BEFORE.sub("", text[: other.start()])
        start = other.end()
    return text


_WITH = re.compile(r"[\s,，、]*(?:and|with|&|和|与|跟|及)?[\s,，、]*", re.IGNORECASE)
_BEFORE = re.compile(rf"(?:{'|'.join(STATES.values())})[的\s]*$", re.IGNORECASE)
_PRONOUN = re.compile(r"\s*(?:他|她|身上|浑身|衣服|he\b|she\b|they\b|his\b|her\b|their\b)", re.IGNORECASE)


def _said(text: str, line: int, costumes: tuple[str, ...]) -> Iterator[_Change]:
    if _ANY.search(text) is None:
        return
    for state, words in _OVER.items():
        if _holds(words, text):
            yield _Change(line, over=state)
    for state, words in STATES.items():
        if _holds(words, text) and not re.search(_OVER[state], text, re.IGNORECASE):
            yield _Change(line, state=state)
    worn = _WEARS.search(text)
    if worn is None or _NOT.search(text[: worn.start()]):
        return
    after = text[worn.end() :]
    for costume in costumes:
        if costume.casefold() in after.casefold():
            yield _Change(line, costume=Costume(costume, "", "", "", ""))
            return
    hints = hints_of("", after)
    if hints.clothes:
        words = " ".join(after.split())[:80].rstrip("。.！!，,")
        yield _Change(
            line, costume=Costume("", hints.clothes, hints.clothes_colour, hints.accent_colour, words)
        )


def _holds(words: str, text: str) -> bool:
    return any(not _NOT.search(text[: one.start()]) for one in re.finditer(words, text, re.IGNORECASE))
