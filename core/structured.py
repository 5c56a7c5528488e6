"""A model's words as data: thinking taken out, JSON found and mended, and fitted into a type by path."""

from __future__ import annotations

import re
import typing
from functools import lru_cache
from typing import Any, TypeVar

import orjson
from attrs import frozen

__all__ = ["Fitted", "Parsed", "fit_into", "read_json", "without_thinking"]

T = TypeVar("T")

_THINKING = re.compile(r"(?i)<(/?)(think|thinking|reasoning|thought)>")
_FENCE = re.compile(r"(?s)```[\w-]*[ \t]*\n(.*?)(?:\n```|\Z)")
MOST_CHARACTERS = 2_000_000
_MOST_IN_LIST = 20
_MOST_MENDED = 100_000  # mending takes a second by then, and grows with the square


@frozen
class Parsed:
    """Data from a model's words. `found` False = there is none. `repaired`: what was written was no JSON."""

    value: Any
    found: bool
    repaired: bool
    why: str = ""


@frozen
class Fitted:
    """A value of the wanted type, or every error with its path (`scenes[2].shots: ...`)."""

    value: Any
    errors: tuple[str, ...] = ()


def without_thinking(text: str) -> str:
    """The text without the blocks in which a model thinks aloud, also where one of their marks is cut off."""
    kept: list[str] = []
    after, inside = 0, ""
    for mark in _THINKING.finditer(text):  # once through: a hostile text may hold a hundred thousand marks
        ends, name = bool(mark[1]), mark[2].lower()
        if inside:
            if ends and name == inside:
                after, inside = mark.end(), ""
        elif ends:
            kept, after = [], mark.end()
        else:
            kept.append(text[after : mark.start()])
            inside = name
    if not inside:
        kept.append(text[after:])
    return "".join(kept).strip()


def read_json(text: str, finish: str = "stop") -> Parsed:
    """The JSON object or list in a model's words, mended where it has to be.

    A text whose `finish` is not "stop" is never taken for whole, however well it reads.
    """
    if finish != "stop":
        return Parsed(None, False, False, f"the answer is not whole: it ended by {finish}")
    if len(text) > MOST_CHARACTERS:
        return Parsed(None, False, False, f"the answer has {len(text)} characters")
    plain = without_thinking(text)
    # First as it stands: whole JSON may speak of such marks, too.
    for candidate in (text, plain, *(block.strip() for block in _FENCE.findall(plain))):
        try:
            value = orjson.loads(candidate)
        except (orjson.JSONDecodeError, RecursionError):
            continue
        if isinstance(value, dict | list):
            return Parsed(value, True, False)
    return _mended(plain)


def _mended(plain: str) -> Parsed:
    if len(plain) > _MOST_MENDED:
        return Parsed(None, False, False, f"the JSON in the answer is broken, in {len(plain)} characters")
    begins = min((at for at in (plain.find("{"), plain.find("[")) if at >= 0), default=-1)
    if begins < 0:
        return Parsed(None, False, False, "there is no JSON object or list in the answer")
    import json_repair

    try:
        value = json_repair.loads(plain[begins:], skip_json_loads=True)
        back = orjson.loads(orjson.dumps(value))
    except (ValueError, TypeError, RecursionError) as error:
        return Parsed(None, False, False, f"the JSON in the answer cannot be mended: {error}")
    if not isinstance(back, dict | list) or not back:
        return Parsed(None, False, False, "the JSON in the answer cannot be mended")
    return Parsed(back, True, True)


def fit_into(value: Any, cls: type[T]) -> Fitted:
    """The data as a value of an attrs class, strictly typed.

    Every field that does not fit is named by its path, so that a model can be shown all its errors at once.
    """
    try:
        return Fitted(_converter().structure(value, cls))
    except Exception as error:  # noqa: BLE001  a type's own validators raise anything
        return Fitted(None, tuple(_paths(error)))


@lru_cache(maxsize=1)
def _converter() -> Any:
    import cattrs
    from cattrs.errors import IterableValidationNote

    converter = cattrs.Converter(detailed_validation=True, forbid_extra_keys=True)
    for primitive in (int, str, float, bool):

        def strict(value: Any, _: Any, wanted: type[Any] = primitive) -> Any:
            fits = isinstance(value, wanted) and not (wanted is not bool and isinstance(value, bool))
            if wanted is float and isinstance(value, int) and not isinstance(value, bool):
                return float(value)
            if not fits:
                raise TypeError(f"must be {_NAMES[wanted]}, not {_shown(value)}")
            return value

        converter.register_structure_hook(primitive, strict)
    plain = converter.get_structure_hook

    def listed(wanted: Any) -> Any:
        inner = typing.get_args(wanted)[0] if typing.get_args(wanted) else Any
        item = plain(inner)

        def each(value: Any, _: Any) -> Any:
            if not isinstance(value, list):  # a text can be walked through too, letter by letter
                raise TypeError(f"must be a list, not {_shown(value)}")
            found, errors = [], []
            for number, one in enumerate(value):
                try:
                    found.append(item(one, inner))
                except Exception as error:  # noqa: BLE001  gathered, and named by its place
                    error.__notes__ = [IterableValidationNote("in a list", number, inner)]
                    errors.append(error)
                    if len(errors) == _MOST_IN_LIST:
                        break  # a hostile list has a hundred thousand of them
            if errors:
                raise cattrs.IterableValidationError("in a list", errors, wanted)
            return tuple(found) if typing.get_origin(wanted) is tuple else found

        return each

    converter.register_structure_hook_factory(_is_list, listed)
    return converter


def _is_list(wanted: Any) -> bool:
    origin, inner = typing.get_origin(wanted), typing.get_args(wanted)
    return origin is list or (origin is tuple and len(inner) == 2 and inner[1] is Ellipsis)


_NAMES = {int: "a whole number", str: "a text", float: "a number", bool: "true or false"}


def _shown(value: Any) -> str:
    text = orjson.dumps(value, default=str).decode()
    return text if len(text) <= 60 else text[:57] + "..."


def _paths(error: Exception) -> list[str]:
    from cattrs.v import transform_error

    try:
        lines = transform_error(error, path="$", format_exception=_say)
    except Exception:  # noqa: BLE001  what cattrs cannot lay out is told as it is
        lines = [f"{error} @ $"]
    found: list[str] = []
    for line in lines[:50]:
        what, _, path = line.rpartition(" @ ")
        found.append(f"{path.removeprefix('$').removeprefix('.') or 'the whole'}: {what}")
    return found


def _say(error: BaseException, wanted: type[Any] | None) -> str:
    from cattrs.errors import ForbiddenExtraKeysError

    if isinstance(error, KeyError):
        return "is missing"
    if isinstance(error, ForbiddenExtraKeysError):
        return f"has fields that nobody asked for: {', '.join(sorted(error.extra_fields))}"
    if isinstance(error, AttributeError) and "'keys'" in str(error):
        return "must be an object"
    return " ".join(str(error).split())[:200] or type(error).__name__
