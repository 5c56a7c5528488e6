"""Reading `[[rules]]`: which models answer a request with such traits, as people write it in duanju.toml."""

from __future__ import annotations

import re
from typing import Any

from .rules import TRAITS, Condition, Rule
from .settings import CAPABILITIES
from .toml_file import TomlFile

__all__ = ["ROUTE", "RULE_KEYS", "read_rules"]

ROUTE = re.compile(r"^[a-z][a-z0-9_-]{0,39}:[\w./@:+-]{1,120}$")
RULE_KEYS = ("name", "capability", "purpose", "when", "route", "reason", "off")
_BOUNDS = ("over", "under", "least", "most", "not")
_MOST_RULES = 200
_MOST_NUMBER = 1_000_000_000


class _Table:
    """One `[[rules]]` table, able to name the line of what is wrong in it."""

    def __init__(self, file: TomlFile, number: int, data: object) -> None:
        self.file = file
        self.number = number
        if not isinstance(data, dict):
            raise file.bad("", "rules", "must be tables: write [[rules]] and its keys below")
        self.data: dict[str, Any] = data
        for key in data:
            if key not in RULE_KEYS:
                raise self.bad(key, f"no such setting; there are: {', '.join(RULE_KEYS)}")

    def bad(self, key: str, why: str) -> Exception:
        return self.file.bad_entry("rules", self.number, key, why)

    def text(self, key: str) -> str:
        value = self.data.get(key, "")
        if not isinstance(value, str) or len(value) > 400:
            raise self.bad(key, "must be a text of at most 400 characters")
        return value

    def texts(self, key: str, value: object, what: str) -> tuple[str, ...]:
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not listed or not all(isinstance(one, str) for one in listed):
            raise self.bad(key, f"must be {what}, or a list of such")
        return tuple(listed)


def read_rules(file: TomlFile) -> tuple[Rule, ...]:
    """The rules of a file in their order. Raises BadSetting with the line of what is wrong."""
    tables = file.data.get("rules", [])
    if not isinstance(tables, list):
        raise file.bad("", "rules", "must be tables: write [[rules]] and its keys below")
    if len(tables) > _MOST_RULES:
        raise file.bad("", "rules", f"{len(tables)} rules are too many; the most is {_MOST_RULES}")
    found = tuple(_rule(_Table(file, number, data)) for number, data in enumerate(tables, 1))
    names = [rule.name for rule in found]
    for number, name in enumerate(names, 1):
        if name in names[: number - 1]:
            raise file.bad_entry("rules", number, "name", f"{name!r} is the name of an earlier rule too")
    return found


def _rule(table: _Table) -> Rule:
    name = table.text("name") or f"rule {table.number}"
    capability = table.text("capability")
    if capability not in CAPABILITIES:
        raise table.bad("capability", f"{capability!r} must be one of {', '.join(CAPABILITIES)}")
    routes = table.texts("route", table.data.get("route"), 'like "openai:gpt-6-luna"')
    for route in routes:
        if not ROUTE.fullmatch(route):
            raise table.bad("route", f'{route!r} must be "PROVIDER:MODEL", like "local:painter"')
    purposes: tuple[str, ...] = ()
    if "purpose" in table.data:
        purposes = table.texts("purpose", table.data["purpose"], "the purpose of a request")
    when = table.data.get("when", {})
    if not isinstance(when, dict):
        raise table.bad("when", "must be a table, like { crowd = true, people = { over = 3 } }")
    tests = tuple(_condition(table, trait, value) for trait, value in when.items())
    return Rule(name, capability, routes, purposes, tests, table.text("reason"), table.text("off"))


def _condition(table: _Table, trait: str, value: object) -> Condition:
    if trait not in TRAITS and "." not in trait:
        raise table.bad("when", f"no trait {trait!r}; there are: {', '.join(TRAITS)}")
    if isinstance(value, bool):
        return Condition(trait, any_of=("yes" if value else "no",))
    if isinstance(value, int):
        number = _number(table, trait, value)
        return Condition(trait, least=number, most=number)
    if not isinstance(value, dict):
        return Condition(
            trait, any_of=table.texts("when", value, f"for {trait} a word, a number, true or false")
        )
    least = most = None
    none_of: tuple[str, ...] = ()
    for word, bound in value.items():
        if word == "not":
            none_of = table.texts("when", bound, f"for {trait} after not: a word")
            continue
        if word not in _BOUNDS:
            raise table.bad("when", f"{trait}: no bound {word!r}; there are: {', '.join(_BOUNDS)}")
        number = _number(table, trait, bound)
        if word in ("over", "least"):
            least = number + (word == "over")
        else:
            most = number - (word == "under")
    if not value:
        raise table.bad("when", f"{trait}: says nothing; write one of {', '.join(_BOUNDS)}")
    return Condition(trait, none_of=none_of, least=least, most=most)


def _number(table: _Table, trait: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_NUMBER:
        raise table.bad("when", f"{trait}: {value!r} must be a whole number from 0")
    return value
