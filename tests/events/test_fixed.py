"""Nobody can change an event that was read, and a class whose events could be changed is refused."""

from __future__ import annotations

import copy
import pickle
from typing import Any, Literal

import attrs
import orjson
import pytest
from attrs import define, field, frozen
from hypothesis import given
from hypothesis import strategies as st

from duanju.events.artifact import Artifact
from duanju.events.calls import Bill, ChatRequested, SpeechReturned
from duanju.events.codec import Codec
from duanju.events.fixed import Changeable, Fixed, fixed, refuse_changeable
from duanju.events.kinds import event
from duanju.events.vocabulary import builtin_events

values = st.dictionaries(
    st.text(max_size=4), st.integers(-(2**63), 2**63 - 1) | st.text(max_size=4), max_size=4
)


@pytest.mark.parametrize("cls", builtin_events(), ids=lambda cls: cls.__name__)
def test_no_event_of_ours_can_be_changed(cls: type[Any]) -> None:
    refuse_changeable(cls)


@given(values)
def test_a_read_only_dict_is_as_the_plain_one_but_refuses(plain: dict[str, Any]) -> None:
    one = fixed(plain)
    assert one == plain and type(one) is Fixed and dict(one) == plain
    assert orjson.dumps(one) == orjson.dumps(plain)
    for change in (
        lambda: one.__setitem__("a", 1),
        lambda: one.__delitem__("a"),
        lambda: one.update(a=1),
        lambda: one.setdefault("a", 1),
        lambda: one.pop("a", None),
        lambda: one.popitem(),
        lambda: one.clear(),
        lambda: one.__ior__({"a": 1}),
    ):
        with pytest.raises(TypeError, match="cannot be changed"):
            change()
    assert one == plain
    for again in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):  # noqa: S301
        assert again == plain and type(again) is Fixed
    assert type(one | {"a": 1}) is dict and type(one.copy()) is dict


@event(home="episode")
@frozen
class Deep:
    """Dicts wherever they can stand."""

    facts: dict[str, tuple[dict[str, int], ...]] = field(factory=dict)
    bill: Bill | None = None
    bills: tuple[Bill, ...] = ()
    anything: Any = None


def dicts_in(value: Any) -> list[dict[Any, Any]]:
    """Every dict in a value, at any depth."""
    if isinstance(value, dict):
        return [value, *(found for one in value.values() for found in dicts_in(one))]
    if isinstance(value, tuple | list):
        return [found for one in value for found in dicts_in(one)]
    if attrs.has(type(value)):
        return [found for a in attrs.fields(type(value)) for found in dicts_in(getattr(value, a.name))]
    return []


def test_what_is_read_holds_no_dict_that_can_be_changed() -> None:
    codec = Codec([Deep])
    given = Deep(
        {"a": ({"b": 1}, {})},
        Bill(usage={"token": 3}),
        (Bill(), Bill(usage={"second": 2})),
        {"list": [1, {"in": [2]}]},
    )
    kind, schema, body = codec.encode(given)
    back = codec.decode(kind, schema, body)
    assert back.facts == given.facts and back.bill == given.bill and back.bills == given.bills
    assert back.anything == {"list": (1, {"in": (2,)})}
    found = dicts_in(back)
    assert len(found) == 8 and all(type(one) is Fixed for one in found)
    assert codec.encode(back)[2] == body
    assert codec.structure(codec.plain(given), Deep) == back


def test_requests_and_bills_are_read_only() -> None:
    codec = Codec(builtin_events())
    asked = ChatRequested(1, "S1", "plan", 1, "s", "p", "", traits={"tone": "tense"})
    returned = SpeechReturned(
        audio=Artifact("0" * 64, 1, "audio/wav"), duration_ms=1, bill=Bill(usage={"character": 4})
    )
    for one, held in ((asked, "traits"), (returned, "bill")):
        back = codec.decode(*codec.encode(one))
        assert back == one
        found = dicts_in(getattr(back, held))
        assert found and all(type(each) is Fixed for each in found)


def test_an_unknown_kind_is_read_only_too() -> None:
    unknown = Codec().decode("of_a_stranger", 1, '{"a": {"b": [1]}}')
    assert all(type(one) is Fixed for one in dicts_in(unknown.body)) and unknown.body == {"a": {"b": (1,)}}


@frozen
class Soft:
    words: list[str]


@define
class Loose:
    n: int = 0


@event(home="episode")
@frozen
class WithList:
    words: list[str]


@event(home="episode")
@frozen
class WithSet:
    words: tuple[int, ...] | set[str] | None = None


@event(home="episode")
@frozen
class WithBytes:
    raw: bytearray


@event(home="episode")
@frozen
class Inside:
    first: int
    softs: dict[str, tuple[Soft, ...]] = field(factory=dict)


@event(home="episode")
@frozen
class InsideLoose:
    loose: Loose | None = None


@event(home="episode")
@define
class Melting:
    n: int


@event(home="episode")
@frozen
class Lost:
    n: "NobodyKnows"  # type: ignore[name-defined]  # noqa: F821, UP037


@event(home="episode")
@frozen
class Fine:
    n: int
    mode: Literal["list", "set"] = "list"
    more: tuple[tuple[int, str], ...] = ()
    facts: dict[str, int | None] = field(factory=dict)


@pytest.mark.parametrize(
    ("cls", "message"),
    [
        (WithList, r"WithList\.words is a list, which can be changed; declare it as a tuple"),
        (WithSet, r"WithSet\.words is a set, which can be changed; declare it as a tuple"),
        (WithBytes, r"WithBytes\.raw is a bytearray"),
        (Inside, r"Inside\.softs\.words is a list"),
        (InsideLoose, r"InsideLoose\.loose: Loose is not frozen; decorate it with attrs\.frozen"),
        (Melting, r"Melting: Melting is not frozen"),
        (Lost, r"Lost: name 'NobodyKnows' is not defined"),
    ],
)
def test_a_class_whose_events_could_be_changed_is_refused(cls: type[Any], message: str) -> None:
    with pytest.raises(Changeable, match=message):
        Codec([cls])
    codec = Codec([Fine])
    with pytest.raises(Changeable):
        codec.add(cls)
    assert codec.classes() == [Fine]
