"""The options of this project's tests."""

from __future__ import annotations

import os

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--soak N`: how many kills the end-to-end kill test deals out (DUANJU_SOAK_KILLS says the same)."""
    parser.addoption(
        "--soak",
        type=int,
        default=int(os.environ.get("DUANJU_SOAK_KILLS") or 0),
        metavar="N",
        help="kill the film's process N times instead of the usual 50",
    )
