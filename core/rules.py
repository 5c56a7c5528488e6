"""Routing rules: which models answer a request, by its purpose and its traits; the first match wins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen

__all__ = ["TRAITS", "Condition", "Rule", "first_match", "rules_from_plain"]

TRAITS: dict[str, str] = {
    "audio": "native, tts, voice-over or silent: where a shot's sound comes from",
    "characters": "the names of who is in it",
    "crowd": "yes or no: people without a name are in the picture",
    "kind": "establishing, background, dialogue, action or insert: what a shot is for",
    "language": "zh or en: of the words",
    "length": "seconds that are planned",
    "people": "how many named characters are in it",
    "place": "as the script names it",
    "reference": "yes or no: pictures come along that the model must follow",
    "size": "the shot's size: EWS, WS, FS, MS, MCU, CU, ECU, TWO, OTS or INSERT",
    "tone": "the mood word: calm, tense, intimate, dramatic, romantic, ...",
    "words": "how many words the action, the line or the text has",
}
"""What a rule may look at in a request. A plugin's own trait has its plugin's name before a dot."""


@frozen
class Condition:
    """One condition on one trait; it holds when all that is set holds, and never where the trait is absent.

    `any_of` and `none_of` are compared without regard to case with the whole value and with each part of a
    list like "Mei, Lin"; `least` and `most` are inclusive bounds of a number.
    """

    trait: str
    any_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None

    def holds(self, traits: Mapping[str, str]) -> bool:
        """Whether a request with these traits meets it."""
        value = traits.get(self.trait)
        if value is None:
            return False
        said = {value.casefold().strip(), *(part.casefold().strip() for part in value.split(","))}
        if self.any_of and not said & {one.casefold() for one in self.any_of}:
            return False
        if said & {one.casefold() for one in self.none_of}:
            return False
        if self.least is None and self.most is None:
            return True
        if not value.strip().isdecimal():
            return False
        number = int(value)
        return (self.least is None or number >= self.least) and (self.most is None or number <= self.most)

    def __str__(self) -> str:
        parts = []
        if self.any_of:
            parts.append(f"{self.trait} is {' or '.join(self.any_of)}")
        if self.none_of:
            parts.append(f"{self.trait} is not {' or '.join(self.none_of)}")
        if self.least is not None:
            parts.append(f"{self.trait} is at least {self.least}")
        if self.most is not None:
            parts.append(f"{self.trait} is at most {self.most}")
        return " and ".join(parts)


@frozen
class Rule:
    """Sends the requests of a capability that it matches to `routes`, and after these to the usual ones.

    `purposes` empty = all. `off`: why the rule is switched off, "" = it is on.
    """

    name: str
    capability: str
    routes: tuple[str, ...]
    purposes: tuple[str, ...] = ()
    when: tuple[Condition, ...] = ()
    reason: str = ""
    off: str = ""

    def matches(self, capability: str, purpose: str, traits: Mapping[str, str]) -> bool:
        """Whether the rule is on and a request meets it."""
        return (
            not self.off
            and capability == self.capability
            and (not self.purposes or purpose in self.purposes)
            and all(one.holds(traits) for one in self.when)
        )


def first_match(
    rules: Iterable[Rule], capability: str, purpose: str, traits: Mapping[str, str]
) -> Rule | None:
    """The first rule that a request meets, None where none does."""
    for rule in rules:
        if rule.matches(capability, purpose, traits):
            return rule
    return None


def rules_from_plain(plain: Iterable[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Rules as `attrs.asdict` and JSON left them. Raises KeyError or TypeError for anything else."""
    return tuple(
        Rule(
            **{
                **rule,
                "routes": tuple(rule["routes"]),
                "purposes": tuple(rule["purposes"]),
                "when": tuple(
                    Condition(
                        **{**test, "any_of": tuple(test["any_of"]), "none_of": tuple(test["none_of"])},
                    )
                    for test in rule["when"]
                ),
            }
        )
        for rule in plain
    )
