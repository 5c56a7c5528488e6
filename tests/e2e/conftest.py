"""Lets the end-to-end tests import their helpers and the kill harness; films are made once for all tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
for folder in (HERE, HERE.parent / "core"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

import filmkit  # noqa: E402


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """No plugin choice, budget or delivery of the caller's leaks into a film."""
    for name in ("DUANJU_PLUGINS", "DUANJU_BUDGET", "DUANJU_DELIVERY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def teahouse(tmp_path_factory: pytest.TempPathFactory) -> filmkit.Made:
    """The whole demo, small."""
    return filmkit.film_once(tmp_path_factory, filmkit.EXAMPLES / "teahouse.fountain")


@pytest.fixture(scope="session")
def mandarin(tmp_path_factory: pytest.TempPathFactory) -> filmkit.Made:
    """The first scene of the Chinese demo, small."""
    return filmkit.film_once(tmp_path_factory, HERE / "scripts" / "chaguan-1.txt")


@pytest.fixture(scope="session")
def letter(tmp_path_factory: pytest.TempPathFactory) -> filmkit.Made:
    """Two short scenes, a thought over a close face among them, small."""
    return filmkit.film_once(tmp_path_factory, HERE / "scripts" / "letter.fountain")
