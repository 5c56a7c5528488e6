"""Whose answer a record is."""

from __future__ import annotations

from ..events.record import Record

__all__ = ["author_of"]


def author_of(record: Record) -> str:
    """The plugin whose answer a record is; "" for what the core or a person appended."""
    plugin = record.by.rpartition(".")[0]
    return "" if record.cause is None or plugin == "core" else plugin
