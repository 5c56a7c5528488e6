"""`duanju costs check`: a row adds up within the rounding of what is printed; hostile tables are refused."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanju.cli.costs_check import text_of
from duanju.core.bill import MOST_BYTES, check_bill, printed
from duanju.core.errors import WrongUse

BILL = Path(__file__).parents[2] / "examples" / "bill.csv"
HEAD = "model,tokens,price,amount\n"


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    return tmp_path / "bill.csv"


def check(duanju: Any, bill: Path, text: str | bytes, *more: str) -> Any:
    bill.write_bytes(text if isinstance(text, bytes) else text.encode())
    return duanju("costs", "check", str(bill), *more)


def test_the_published_table(duanju: Any) -> None:
    ran = duanju("costs", "check", str(BILL))
    assert ran.code == 1
    rows = {line.split("  ")[0]: line.split() for line in ran.out.splitlines()}
    assert rows["DeepSeek V3.2"][2:8] == ["1200000", "0.42", "4.83", "0.50", "9.58", "4.33"]
    assert "line 8: at 7.3 says 2061.90; it makes between 2061.2645 and 2061.3375" in ran.err
    found = json.loads(duanju("costs", "check", str(BILL), "--json").out)
    assert [row["adds_up"] for row in found["rows"]] == [False, True, True, True, True, False]
    assert (found["total"], found["wrong"]) == ("282.37", 2)
    deep, rate, total = found["rows"][0], found["rows"][-1], found["rows"][-2]
    assert (deep["wanted"], deep["factor"], deep["difference"]) == ("0.504", "9.5833", "4.326")
    assert (rate["wanted"], rate["amount"], rate["difference"]) == ("2061.301", "2061.90", "0.599")
    assert (total["wanted"], total["difference"]) == ("282.37", "0")


def test_what_adds_up_is_exit_0(duanju: Any, bill: Path) -> None:
    text = HEAD + "a,35.7M,2.50,89.24\nb,1200000,1,1.20\nc,0,5,0\ntotal,,,90.44\n"
    ran = check(duanju, bill, text)
    assert ran.code == 0 and "every row adds up" in ran.out and ran.err == ""


@pytest.mark.parametrize(
    ("row", "right"),
    [
        ("a,35.7M,2.50,88.95", True),  # 35.65 x 2.495 = 88.94675, and 88.95 may be 88.945
        ("a,35.7M,2.50,88.94", False),
        ("a,35.7M,2.50,89.55", True),  # 35.75 x 2.505 = 89.55375
        ("a,35.7M,2.50,89.56", False),
        ("a,1200000,0.42,0.50", True),
        ("a,1200000,0.420000,0.51", False),
        ("a,\"1,200,000\",$0.42,$0.50", True),
        ("a,1200k,0.42,0.504", True),
        ("a,0.0012B,0.42,0.504", True),
        ("a,1e6,1,1", None),
    ],
)  # fmt: skip
def test_a_row_may_differ_by_its_rounding_alone(bill: Path, row: str, right: bool | None) -> None:
    bill.write_text(HEAD + row + "\n", encoding="utf-8")
    if right is None:
        with pytest.raises(WrongUse, match="line 2, tokens: '1e6' is no number"):
            check_bill(bill)
        return
    assert check_bill(bill).lines[0].right is right


def test_millions_may_have_a_column_of_their_own(bill: Path) -> None:
    bill.write_text("Amount; MTok ;PRICE;model;note\n4.83;11.5;0.42;deep;x\n", encoding="utf-8")
    (line,) = check_bill(bill).lines
    assert line.right and line.tokens == 11_500_000 and line.wanted == Decimal("4.83")


def test_a_rate_without_a_total_is_of_the_sum(bill: Path) -> None:
    bill.write_text(
        HEAD + "a,1M,2,2.00\nb,1M,3,3.00\nrate,,7,35.00\nrate,,7,36.00\ntotal,,,6.00\n", encoding="utf-8"
    )
    assert [line.right for line in check_bill(bill).lines] == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "lacks the column model, price, amount, tokens (or mtok)"),
        (HEAD, "has no row of a model"),
        ("model,tokens,amount\na,1,1\n", "lacks the column price"),
        ("model,tokens,price,price,amount\n", "two columns price"),
        (HEAD + "a,1M,2,=1+1\n", "line 2, amount: '=1+1' is no number"),
        (HEAD + "a,1M,2,\n", "line 2, amount: nothing stands there"),
        (HEAD + "a,1M\n", "line 2, amount: nothing stands there"),
        (HEAD + 'a,"35,7",2,1\n', "line 2, tokens: '35,7' is no number"),
        (HEAD + "a,-1,2,1\n", "'-1' is no number"),
        (HEAD + "a,nan,2,1\n", "'nan' is no number"),
        (HEAD + "a,1_000,2,1\n", "'1_000' is no number"),
        (HEAD + "a,١٢,2,1\n", "is no number"),
        (HEAD + f"a,{'9' * 31},2,1\n", "is no number"),
        (HEAD + f'a,1,2,"{"1" * 200_000}"\n', "field larger than field limit"),
        (b"\x00\x01\x02\x03" * 10, "zero bytes"),
        (b"\xff\xfe\x00m\x00o", "no text in UTF-8 (byte 0)"),
        (b"\x89PNG\r\n\x1a\n", "no text in UTF-8"),
    ],
)
def test_what_is_no_bill_is_told_with_its_line(duanju: Any, bill: Path, text: str | bytes, said: str) -> None:
    ran = check(duanju, bill, text)
    assert ran.code == 2 and said in ran.err and ran.err.count("\n") == 1, ran
    assert ran.out == ""


def test_a_huge_file_is_not_read(duanju: Any, bill: Path) -> None:
    with bill.open("wb") as opened:
        opened.truncate(MOST_BYTES + 1)
    ran = duanju("costs", "check", str(bill))
    assert ran.code == 2 and "larger than 20 MB" in ran.err


def test_a_name_moves_no_cursor(duanju: Any, bill: Path) -> None:
    ran = check(duanju, bill, HEAD + "\x1b[31mred\x07,1M,2,5\n")
    assert ran.code == 1 and "\x1b" not in ran.out + ran.err and "\\x1b[31mred" in ran.out


def test_wrong_use(duanju: Any, tmp_path: Path) -> None:
    assert "cannot be read" in duanju("costs", "check", str(tmp_path / "none.csv")).err
    assert "cannot be read" in duanju("costs", "check", str(tmp_path)).err
    ran = duanju("costs", "check", str(BILL), "--by", "day")
    assert ran.code == 2 and "no other option" in ran.err
    ran = duanju("costs", "tea", "two")
    assert ran.code == 2 and "one episode at a time" in ran.err


@given(
    value=st.decimals(min_value=0, max_value=10**9, allow_nan=False, places=3),
    unit=st.sampled_from(["", "k", "M", "B"]),
)
def test_a_printed_number_holds_whatever_rounds_to_it(value: Decimal, unit: str) -> None:
    found = printed(f"{value}{unit}")
    assert found is not None
    power = {"": 0, "k": 3, "M": 6, "B": 9}[unit]
    assert found.value == value.scaleb(power)
    assert found.high - found.value == Decimal("0.0005").scaleb(power)
    assert found.low <= found.value and found.low >= 0
    exact = printed(f"{value}{unit}", exact=True)
    assert exact is not None and exact.low == exact.high == found.value
    assert Decimal(text_of(found.value)) == found.value


@given(text=st.text(max_size=40))
def test_any_text_is_a_number_or_none(text: str) -> None:
    found = printed(text)
    assert found is None or 0 <= found.low <= found.value <= found.high
