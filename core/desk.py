"""What an effect gets to work with: keys, files, the network, and its call."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import define, frozen

from .artifacts import Artifacts
from .errors import DuanjuError
from .prices import Price
from .settings import Settings

if TYPE_CHECKING:
    import requests

__all__ = ["Call", "Desk", "MissingSecret", "secret_variable"]


class MissingSecret(DuanjuError):
    """A key that an effect needs is not in the environment; the message names the variable."""


def secret_variable(name: str) -> str:
    """`deepseek` -> `DEEPSEEK_API_KEY`: where a provider's key is looked for."""
    return f"{name.upper().replace('-', '_')}_API_KEY"


@frozen
class Call:
    """The admitted call that a routed effect carries out: positions, route, its ceiling and its price."""

    request: int
    admitted: int
    route: str
    key: str
    ceiling: int | None
    price: Price

    @property
    def model(self) -> str:
        """The model's name: what follows the provider's in the route."""
        return self.route.split(":", 1)[1]


@define
class Desk:
    """An effect's desk for one run.

    `key` is the idempotency key, the same in every attempt. `deadline` is a time.monotonic() value.
    `folder` is where `out` is made. `call` is None for effects on plain facts.
    """

    key: str
    artifacts: Artifacts
    settings: Settings
    folder: Path
    deadline: float
    call: Call | None = None
    report: Callable[[int, int], None] = lambda done, total: None
    _session: requests.Session | None = None
    _scratch: Path | None = None

    def progress(self, done: int, total: int) -> None:
        """Tells whoever watches how far this run is; nothing is recorded."""
        self.report(done, total)

    def secret(self, name: str) -> str:
        """The key of a provider from the environment. Raises MissingSecret, naming the variable."""
        variable = secret_variable(name)
        value = os.environ.get(variable, "")
        if not value:
            raise MissingSecret(f"{variable} is not set; export it, then run duanju resume")
        return value

    @property
    def out(self) -> Path:
        """The folder that a person opens, `out/<series>/<episode>/`, made when first asked for."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder

    @property
    def http(self) -> requests.Session:
        """A requests session that belongs to the lane's worker."""
        if self._session is None:
            import requests

            self._session = requests.Session()
        return self._session

    @property
    def scratch(self) -> Path:
        """A temporary folder of this run, removed afterwards."""
        if self._scratch is None:
            self.artifacts.root.mkdir(parents=True, exist_ok=True)
            self._scratch = Path(tempfile.mkdtemp(prefix=".run-", dir=self.artifacts.root))
        return self._scratch

    def clear(self) -> None:
        """Removes the scratch folder."""
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None
