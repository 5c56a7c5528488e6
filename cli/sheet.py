"""CSV that a spreadsheet shows and never runs: texts that it would take for a formula are marked as text."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from ..core.words import shown

__all__ = ["cell", "sheet"]

# A spreadsheet takes a cell that begins so for a formula; the full-width forms count for some of them.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def cell(value: Any) -> Any:
    """A value as a cell: numbers as they are, texts as one harmless line, bytes as hex, None as nothing."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int | float):
        return value
    text = shown(value.hex() if isinstance(value, bytes) else value)
    return "'" + text if text.lstrip().startswith(_FORMULA) else text


def sheet(rows: Iterable[Iterable[Any]]) -> None:
    """Rows as CSV to standard output, as they come."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    for row in rows:
        writer.writerow([cell(value) for value in row])
