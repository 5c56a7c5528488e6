"""How the command line speaks: the words of `core.words`, which the plugins' own commands use as well."""

from __future__ import annotations

from ..core.words import (
    columns,
    document,
    document_rows,
    here,
    line_of,
    pad,
    say,
    seconds,
    shown,
    warn,
    width_of,
)

__all__ = [
    "columns",
    "document",
    "document_rows",
    "here",
    "line_of",
    "pad",
    "say",
    "seconds",
    "shown",
    "warn",
    "width_of",
]
