"""A provider's key, fit to stand in a header, and taken out of the environment only when it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....core.desk import secret_variable
from ....core.errors import NotReady

if TYPE_CHECKING:
    from ....core.desk import Desk

__all__ = ["key_of"]

# What comes along when a key is copied from a web page.
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))


def key_of(desk: Desk, provider: str) -> str:
    """The key, without blanks and invisible characters around it.

    Raises MissingSecret when it is not set, NotReady when no header can hold it; neither text shows it.
    """
    key = desk.secret(provider).translate(_INVISIBLE).strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        variable = secret_variable(provider)
        raise NotReady(
            f"{variable} does not hold a key: it is blank or has blanks or strange characters in it",
            f"export {variable} again as the vendor shows it, then run duanju resume",
        )
    return key
