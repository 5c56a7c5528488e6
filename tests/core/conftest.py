"""Lets the core's tests, and the worker processes that they start, import the helpers beside them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Worker processes import a hook's module by its name; no plugin choice leaks in from outside."""
    known = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p and p != HERE]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([HERE, *known]))
    monkeypatch.delenv("DUANJU_PLUGINS", raising=False)
