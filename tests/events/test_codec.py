"""Every event reads back as it was written, and every body ever written can still be read.

`tests/golden/events.json` holds one body of every schema of every kind. When a class changes, raise its
`schema`, register an upcaster, and run `python tests/events/test_codec.py`, which adds the new body; an old
one is never changed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from attrs import frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duanju.events.codec import BadBody, Codec, KindTaken, upcast
from duanju.events.kinds import event, kind_of, spec_of
from duanju.events.record import Unknown
from duanju.events.vocabulary import builtin_events

sys.path.insert(0, str(Path(__file__).parent))
from event_samples import anything, sample

GOLDEN = Path(__file__).parents[1] / "golden" / "events.json"
CODEC = Codec(builtin_events())
KINDS = {CODEC.spec(cls).kind: cls for cls in builtin_events()}


def golden() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_any_event_reads_back_as_it_was_written(kind: str) -> None:
    cls = KINDS[kind]

    @settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(event=anything(cls))
    def check(event: Any) -> None:
        stored, schema, body = CODEC.encode(event)
        assert (stored, schema) == (kind, spec_of(cls).schema)
        assert CODEC.decode(stored, schema, body) == event
        assert CODEC.structure(CODEC.plain(event), cls) == event
        assert CODEC.encode(CODEC.decode(stored, schema, body))[2] == body

    check()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_class_does_not_change_without_another_schema_number(kind: str) -> None:
    known = golden().get(kind)
    assert known, f"{kind} is new: run python {Path(__file__).name}, which adds its body"
    schema = str(spec_of(KINDS[kind]).schema)
    assert schema in known, f"{kind} has a new schema {schema}: run python {Path(__file__).name}"
    now = orjson.loads(CODEC.encode(sample(KINDS[kind]))[2])
    assert now == known[schema], (
        f"{kind} is written differently than schema {schema} was: raise its schema, register an upcaster"
    )


def test_every_old_body_can_still_be_read() -> None:
    for kind, bodies in golden().items():
        assert kind in KINDS, f"{kind} is gone: logs that hold it can no longer be understood"
        newest = str(spec_of(KINDS[kind]).schema)
        for schema, body in bodies.items():
            found = CODEC.decode(kind, int(schema), json.dumps(body))
            assert isinstance(found, KINDS[kind])
            if schema == newest:
                assert found == sample(KINDS[kind])


def test_the_kinds_are_those_of_the_class_names_and_all_different() -> None:
    assert len(KINDS) == len(builtin_events())
    assert kind_of("ShotPlanned") == "shot_planned" and kind_of("A2B") == "a2_b"
    for kind, cls in KINDS.items():
        assert kind == kind_of(cls.__name__)


def test_a_request_is_answered_by_one_outcome() -> None:
    requests = {spec_of(cls).request for cls in KINDS.values()} - {None}
    outcomes = [spec_of(cls).outcome for cls in KINDS.values() if spec_of(cls).outcome]
    assert sorted(requests) == sorted(outcomes)  # type: ignore[type-var]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(sorted(KINDS)), data=st.data(), text=st.text(max_size=20))
def test_a_body_that_does_not_fit_is_refused_with_its_position(kind: str, data: Any, text: str) -> None:
    cls = KINDS[kind]
    body = CODEC.plain(sample(cls))
    if body:
        body[data.draw(st.sampled_from(sorted(body)))] = data.draw(json_values)
    for raw in (orjson.dumps(body).decode(), orjson.dumps(data.draw(json_values)).decode(), text):
        try:
            found = CODEC.decode(kind, 1, raw, 17)
        except BadBody as error:
            assert "17" in str(error)
        else:
            assert isinstance(found, cls)
    assert CODEC.decode("never_heard_of", 1, "[1]", 3) == Unknown("never_heard_of", (1,))  # type: ignore[arg-type]


def test_what_is_no_event_is_refused() -> None:
    @frozen
    class Plain:
        n: int

    with pytest.raises(TypeError, match="declare it in duanju_events"):
        CODEC.encode(Plain(1))
    with pytest.raises(TypeError, match="no event class"):
        Codec([Plain])
    with pytest.raises(TypeError, match="no field 'm'"):
        event(home="episode", once=("m",))(Plain)

    @event(home="episode")
    @frozen
    class ShotPlanned:
        n: int

    with pytest.raises(KindTaken, match="rename the class"):
        Codec([*builtin_events(), ShotPlanned])

    @upcast("some_kind_of_test", 1)
    def lift(body: dict[str, Any]) -> dict[str, Any]:
        return body

    with pytest.raises(KindTaken):
        upcast("some_kind_of_test", 1)(lift)


def write() -> None:
    """Adds the bodies that are not there yet."""
    known = golden() if GOLDEN.exists() else {}
    for kind, cls in KINDS.items():
        body = orjson.loads(CODEC.encode(sample(cls))[2])
        known.setdefault(kind, {}).setdefault(str(spec_of(cls).schema), body)
    text = json.dumps(known, indent=1, sort_keys=True, ensure_ascii=False)
    GOLDEN.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
