"""One plugin as the core sees it: its hooks, what each answers and emits, and where a worker finds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen

from .hooks import EffectSpec

__all__ = ["Hook", "Plugin", "WorkerAddress"]


@frozen
class WorkerAddress:
    """Where a worker process finds an effect: a module, a provider class ("" = none), and the function."""

    module: str
    provider: str
    instance: str
    function: str


@frozen
class Hook:
    """One implementation: `name` is its identity, `kind` the event it answers, `emits` what it may say."""

    plugin: str
    name: str
    kind: str
    function: Callable[..., Any]
    wants: tuple[str, ...]
    effect: EffectSpec | None
    emits: frozenset[type[Any]]
    address: WorkerAddress
    decisions: int

    @property
    def by(self) -> str:
        """How records name their author."""
        return f"{self.plugin}.{self.name}"


@frozen
class Plugin:
    """A loaded plugin; `kind` is stage | provider | check | export, told from what it does."""

    name: str
    object: Any
    version: str
    distribution: str
    decisions: int
    kind: str
    hooks: tuple[Hook, ...]
