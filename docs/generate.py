"""Writes the pages of docs/ that are made from the code: run `make docs` after changing an event."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import attrs

from duanju.events.kinds import spec_of
from duanju.events.vocabulary import AREAS

HEAD = """\
# Events

Made by `make docs` from the code; do not edit. Each event is a fact in the past tense, appended once and
never changed. A plugin answers one by a hook named `on_` and its kind.

- *home*: the stream that it is filed in (`episode/SERIES/NAME`, `series/SERIES` or `studio`).
- *subject*: the fields that say what it is about; with `revision` and `take` they find the newest fact.
- *once*: the fields whose values may stand only once in a log.
- *asks for*, *answers*: the capability of a request and of its outcome.

`Artifact` is a value that stands for bytes in the studio's store: their `sha256`, `size` and `media` type.
"""


def catalogue() -> str:
    """The page events.md."""
    parts = [HEAD]
    for area in AREAS:
        name = area.__name__.rsplit(".", 1)[1]
        parts.append(f"## {name}\n\n{area.__doc__ or ''}\n")
        classes = [one for one in (getattr(area, word) for word in area.__all__) if isinstance(one, type)]
        parts.extend(_event(cls) for cls in classes if "__event__" in vars(cls))
        values = [cls for cls in classes if "__event__" not in vars(cls)]
        parts.extend(_value(cls) for cls in values if attrs.has(cls))
    return "\n".join(parts)


def _event(cls: type[Any]) -> str:
    spec = spec_of(cls)
    facts = [f"schema {spec.schema}", f"home {spec.home}"]
    for word, names in (("subject", spec.subject), ("once", spec.once)):
        if names:
            facts.append(f"{word} {', '.join(names)}")
    if spec.request:
        facts.append(f"asks for {spec.request}")
    if spec.outcome:
        facts.append(f"answers {spec.outcome}")
    return f"### `{spec.kind}`\n\n{_doc(cls)}\n\n*{'; '.join(facts)}*\n\n{_fields(cls)}\n"


def _value(cls: type[Any]) -> str:
    return f"### {cls.__name__} (a value)\n\n{_doc(cls)}\n\n{_fields(cls)}\n"


def _doc(cls: type[Any]) -> str:
    return re.sub(r"\n[ \t]+", "\n", (cls.__doc__ or "").strip())


def _fields(cls: type[Any]) -> str:
    # As it is written: reading a log resolves the types that attrs keeps, the annotations stay words.
    return "\n".join(f"- `{one.name}: {cls.__annotations__[one.name]}`" for one in attrs.fields(cls))


if __name__ == "__main__":
    from audit_page import audit_page

    for page, text in (("events.md", catalogue()), ("audit.md", audit_page())):
        path = Path(__file__).parent / page
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path}")
