"""Causes drawn: the records of a chain, or of an episode, as a graph for Graphviz or Mermaid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..events.record import Record
from .log import Log
from .why import subject_of

__all__ = ["FORMATS", "graph", "with_causes"]

FORMATS = ("mermaid", "dot")


def with_causes(log: Log, records: Iterable[Record]) -> list[Record]:
    """The records and those of other streams that caused one of them, in position order."""
    found = {record.position: record for record in records}
    for record in list(found.values()):
        if record.cause is not None and record.cause not in found:
            cause = log.at(record.cause)
            if cause is not None:
                found[cause.position] = cause
    return [found[position] for position in sorted(found)]


def graph(log: Log, records: Iterable[Record], form: str) -> Iterator[str]:
    """Lines of a graph in one of FORMATS: a node for each record, an arrow from its cause to it.

    Whatever a record says stands in a label alone, escaped: it can end no label and add no node.
    """
    shown = list(records)
    known = {record.position for record in shown}
    yield "digraph causes {" if form == "dot" else "flowchart TD"
    if form == "dot":
        yield '  node [shape=box, fontname="sans-serif"];'
    for record in shown:
        lines = [f"{record.position} {record.kind}", subject_of(log, record), record.by]
        texts = [_plain(line) for line in lines if line]
        if form == "dot":
            yield f'  n{record.position} [label="{_newline_dot(texts)}"];'
        else:
            yield f'  n{record.position}["{"<br/>".join(map(_mermaid, texts))}"]'
    for record in shown:
        if record.cause in known:
            yield f"  n{record.cause} {'->' if form == 'dot' else '-->'} n{record.position}" + (
                ";" if form == "dot" else ""
            )
    if form == "dot":
        yield "}"


def _plain(text: str) -> str:
    """The text with a blank for whatever is not to be seen."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _newline_dot(texts: list[str]) -> str:
    return "\\n".join(text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)


def _mermaid(text: str) -> str:
    """Every sign that Mermaid or HTML reads otherwise by its number."""
    return "".join(sign if sign.isalnum() or sign in " .,:;_-+/()" else f"#{ord(sign)};" for sign in text)
