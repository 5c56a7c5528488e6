"""How two answers of a plugin differ, in lines that people read, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..core.words import line_of

if TYPE_CHECKING:
    from ..core.compare import Change

__all__ = ["change_json", "change_lines"]

MOST_CHANGES = 20
_LONGEST = 100
_WORDS = {"missing": "the log only", "added": "now only", "changed": "differs"}


def change_lines(changes: Sequence[Change]) -> Iterator[str]:
    """One line for each event that differs, and one for each field of it that does."""
    from ..core.why import subject_in

    for one in changes[:MOST_CHANGES]:
        subject = subject_in(one.event)
        yield f"  {_WORDS[one.what]:<12}  {one.kind}{' ' + subject if subject else ''}"
        for field in one.fields:
            yield f"    {field.path}: {_value(field.old)} in the log, now {_value(field.new)}"
    if len(changes) > MOST_CHANGES:
        yield f"  and {len(changes) - MOST_CHANGES} more events"


def _value(value: Any) -> str:
    text = line_of(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def change_json(change: Change) -> dict[str, Any]:
    """The same for a program: what, stream, kind, the event, and path, old and new of each field."""
    return {
        "what": change.what,
        "stream": change.stream,
        "kind": change.kind,
        "event": change.event,
        "fields": [{"path": one.path, "old": one.old, "new": one.new} for one in change.fields],
    }
