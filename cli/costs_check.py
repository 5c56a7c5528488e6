"""`duanju costs check FILE.csv`: re-computes a bill, and shows the rows that do not add up."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ..core.words import columns, document, here, say, warn

if TYPE_CHECKING:
    from ..core.bill import BillCheck, BillLine

__all__ = ["costs_check"]


def costs_check(file: Path, json: bool) -> None:
    """Prints each row of a bill beside what its tokens and price make; exit 1 if any does not add up."""
    from ..core.bill import check_bill

    found = check_bill(file)
    if json:
        document(
            {
                "file": str(file),
                "total": str(found.total),
                "wrong": len(found.wrong),
                "rows": [_plain(one) for one in found.lines],
            }
        )
    else:
        _print(file, found)
    if found.wrong:
        raise typer.Exit(1)


def _print(file: Path, found: BillCheck) -> None:
    rows: list[list[object]] = [["", "tokens", "price", "amount", "should be", "factor", "difference", ""]]
    rows += [_row(one) for one in found.lines]
    columns(rows, right=range(1, 7))
    calls = sum(one.kind == "call" for one in found.lines)
    say(f"{calls} rows of models, {text_of(found.total)} together")
    for one in found.wrong:
        bounds = f"between {text_of(one.low)} and {text_of(one.high)}"
        if one.low == one.high:
            bounds = text_of(one.low)
        warn(f"{here(file)}, line {one.line}: {_name(one)} says {_printed(one.amount)}; it makes {bounds}")
    if not found.wrong:
        say("every row adds up, within the rounding of what is printed")


def _row(one: BillLine) -> list[object]:
    right = "" if one.right else "does not add up"
    return [
        _name(one),
        _printed(one.tokens),
        _printed(one.price),
        _printed(one.amount),
        text_of(one.wanted, 2),
        "-" if one.factor is None else text_of(one.factor, 2),
        text_of(one.difference, 2),
        right,
    ]


def _name(one: BillLine) -> str:
    return (
        one.model if one.kind == "call" else "total" if one.kind == "total" else f"at {_printed(one.price)}"
    )


def _printed(number: Decimal | None) -> str:
    """A number with the places that it was printed with."""
    return "" if number is None else f"{number:f}"


def text_of(number: Decimal | None, places: int | None = None) -> str:
    """A number without exponent or needless zeros; rounded to so many places, but never to nothing."""
    if number is None:
        return ""
    if places is not None and number:
        rounded = round(number, places)
        number = rounded if rounded else number
    text = f"{number:f}"
    if "." not in text:
        return text
    whole, _, part = text.partition(".")
    part = part.rstrip("0")
    return f"{whole}.{part:0<2}" if part else whole


def _plain(one: BillLine) -> dict[str, Any]:
    return {
        "line": one.line,
        "kind": one.kind,
        "model": one.model,
        "tokens": None if one.tokens is None else text_of(one.tokens),
        "price": None if one.price is None else text_of(one.price),
        "amount": text_of(one.amount),
        "wanted": text_of(one.wanted),
        "low": text_of(one.low),
        "high": text_of(one.high),
        "factor": None if one.factor is None else text_of(one.factor),
        "difference": text_of(one.difference),
        "adds_up": one.right,
    }
