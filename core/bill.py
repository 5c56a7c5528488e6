"""Re-computing a vendor's bill: does each amount lie within the rounding of its printed tokens and price?"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from decimal import Decimal, localcontext
from pathlib import Path

from attrs import frozen

from .errors import WrongUse, advice

__all__ = ["BillCheck", "BillLine", "Printed", "check_bill", "printed"]

MOST_BYTES = 20_000_000
MOST_ROWS = 200_000
MOST_DIGITS = 30
MILLION = Decimal(1_000_000)

_NUMBER = re.compile(r"(?P<whole>\d+|\d{1,3}(?:,\d{3})+)(?:\.(?P<part>\d+))?\s*(?P<unit>[kKmMbBgG]?)")
_SIGNS = "$€£¥￥"
_UNITS = {"": 0, "k": 3, "m": 6, "b": 9, "g": 9}
_COLUMNS = ("model", "price", "amount")
_TOKENS = ("tokens", "mtok")
_SEPARATORS = (",", ";", "\t")


@frozen
class Printed:
    """A number as it is printed: what it says, and the least and the most that rounds to it."""

    value: Decimal
    low: Decimal
    high: Decimal

    def times(self, other: Printed) -> Printed:
        """The product of two numbers, neither of them negative, with all that their rounding allows."""
        return Printed(self.value * other.value, self.low * other.low, self.high * other.high)

    def meets(self, other: Printed) -> bool:
        """Whether one number may be both."""
        return self.low <= other.high and other.low <= self.high


@frozen
class BillLine:
    """A row of a bill: its line in the file, what it says, and what it should say.

    `kind`: call | total | rate. `tokens` in single tokens and `price` for a million of them; both None for a
    total; for a rate `price` is the exchange rate. `wanted` and its bounds, `factor` = amount / wanted (None
    where that is 0), `difference` = amount - wanted. `right`: the amount lies within the bounds.
    """

    line: int
    kind: str
    model: str
    tokens: Decimal | None
    price: Decimal | None
    amount: Decimal
    wanted: Decimal
    low: Decimal
    high: Decimal
    right: bool

    @property
    def difference(self) -> Decimal:
        """How much more the amount is than it should be."""
        return self.amount - self.wanted

    @property
    def factor(self) -> Decimal | None:
        """How many times as much the amount is as it should be, to four places."""
        if not self.wanted:
            return None
        with localcontext() as exact:
            exact.prec = 60
            return (self.amount / self.wanted).quantize(Decimal("0.0001"))


@frozen
class BillCheck:
    """All rows of a bill in order; `total` is the sum of the amounts of its calls."""

    lines: tuple[BillLine, ...]
    total: Decimal

    @property
    def wrong(self) -> tuple[BillLine, ...]:
        """The rows that do not add up."""
        return tuple(one for one in self.lines if not one.right)


def printed(text: str, *, exact: bool = False) -> Printed | None:
    """`1.2M`, `1200000`, `1,200,000`, `$4.83` -> the number and its rounding; None for what is none.

    35.7 means 35.65 to 35.75. `exact`: it means itself.
    """
    text = text.strip().lstrip(_SIGNS).strip()
    found = _NUMBER.fullmatch(text) if len(text) <= MOST_DIGITS and text.isascii() else None
    if found is None:
        return None
    part, power = found["part"] or "", _UNITS[found["unit"].lower()]
    value = Decimal(found["whole"].replace(",", "") + ("." + part if part else "")).scaleb(power)
    half = Decimal(0) if exact else Decimal(5).scaleb(power - len(part) - 1)
    return Printed(value, max(Decimal(0), value - half), value + half)


def check_bill(file: Path) -> BillCheck:
    """Re-computes a table with the columns model, tokens or mtok (millions of tokens), price and amount.

    A row whose model is `total` holds the sum of the amounts, one whose model is `rate` an exchange rate as
    its price and the total in that currency as its amount. Other columns, empty rows and rows that begin with
    # are passed over. Raises WrongUse, with the line, for what is no such table.
    """
    with localcontext() as exact:
        exact.prec = 6 * MOST_DIGITS
        return _checked(file)


def _checked(file: Path) -> BillCheck:
    rows = _rows(file)
    names = _columns(file, rows)
    lines: list[BillLine] = []
    total = Printed(Decimal(0), Decimal(0), Decimal(0))
    stated: Printed | None = None
    for number, cells in rows:
        row = {name: cells[i].strip() if i < len(cells) else "" for name, i in names.items()}
        where = f"{file}, line {number}"
        amount = _number(where, "amount", row["amount"])
        model, kind = row["model"], row["model"].casefold()
        tokens: Printed | None = None
        price: Printed | None = None
        if kind == "total":
            wanted = total
            stated = amount
        elif kind == "rate":
            price = _number(where, "price", row["price"], exact=True)
            wanted = (stated or total).times(price)
        else:
            kind = "call"
            price = _number(where, "price", row["price"])
            tokens = _tokens(where, row)
            mtok = Printed(tokens.value / MILLION, tokens.low / MILLION, tokens.high / MILLION)
            wanted = mtok.times(price)
            total = Printed(total.value + amount.value, total.low + amount.low, total.high + amount.high)
        lines.append(
            BillLine(
                number,
                kind,
                model,
                None if tokens is None else tokens.value,
                None if price is None else price.value,
                amount.value,
                wanted.value,
                wanted.low,
                wanted.high,
                wanted.meets(amount),
            )
        )
    if not any(one.kind == "call" for one in lines):
        raise WrongUse(f"{file} has no row of a model; its columns are right, put the bill's rows below them")
    return BillCheck(tuple(lines), total.value)


def _tokens(where: str, row: dict[str, str]) -> Printed:
    if row.get("mtok"):
        found = _number(where, "mtok", row["mtok"])
        return Printed(found.value * MILLION, found.low * MILLION, found.high * MILLION)
    return _number(where, "mtok" if "tokens" not in row else "tokens", row.get("tokens", ""))


def _number(where: str, column: str, text: str, *, exact: bool = False) -> Printed:
    found = printed(text, exact=exact)
    if found is None:
        what = f"{text[:40]!r} is no number" if text else "nothing stands there"
        raise WrongUse(f"{where}, {column}: {what}; write it like 1200000, 1.2M or 4.83")
    return found


def _columns(file: Path, rows: Iterator[tuple[int, list[str]]]) -> dict[str, int]:
    """Column -> its place, from the first row that is none of the bill's."""
    found: dict[str, int] = {}
    _, head = next(rows, (0, []))
    for i, name in enumerate(head):
        name = name.strip().casefold()
        if name in (*_COLUMNS, *_TOKENS):
            if name in found:
                raise WrongUse(f"{file} has two columns {name}; leave one of them")
            found[name] = i
    missing = [name for name in _COLUMNS if name not in found]
    if not found.keys() & set(_TOKENS):
        missing.append("tokens (or mtok)")
    if missing:
        raise WrongUse(
            f"{file} lacks the column {', '.join(missing)}; its first row must name the columns "
            "model, tokens (or mtok), price, amount"
        )
    return found


def _rows(file: Path) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of each row that says anything. Raises WrongUse for what is no CSV."""
    text = _text(file)
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator)
    count = 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells) and not cells[0].startswith("#"):
                count += 1
                if count > MOST_ROWS:
                    raise WrongUse(f"{file} has more than {MOST_ROWS} rows; check it in parts")
                yield reader.line_num, cells
    except csv.Error as error:
        raise WrongUse(f"{file}, line {reader.line_num}: {error}; save it as CSV anew") from None


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise WrongUse(f"{file} cannot be read: {error.strerror}; {advice(error)}") from None
    if len(data) > MOST_BYTES:
        raise WrongUse(f"{file} is larger than {MOST_BYTES // 1_000_000} MB; check it in parts")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WrongUse(f"{file} is no text in UTF-8 (byte {error.start}); save it as CSV in UTF-8") from None
    if "\0" in text:
        raise WrongUse(f"{file} is no CSV: it holds zero bytes; save it as CSV in UTF-8")
    return text
