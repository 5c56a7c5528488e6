"""Loopback vendors for tests of providers: they speak a protocol strictly, fail on plan, and keep books."""

from __future__ import annotations

from .books import Books, Entry
from .faults import Fault, Faults, by_chance, in_turn
from .server import Asked, Given, Route, VendorServer
from .shapes import Anything, Flag, ListOf, Number, Obj, OneOf, Text, Whole, misfits

__all__ = [
    "Anything",
    "Asked",
    "Books",
    "Entry",
    "Fault",
    "Faults",
    "Flag",
    "Given",
    "ListOf",
    "Number",
    "Obj",
    "OneOf",
    "Route",
    "Text",
    "VendorServer",
    "Whole",
    "by_chance",
    "in_turn",
    "misfits",
]
