"""What an effect gets to work with: keys, files, the network, and its call."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
from attrs import define, field, frozen

from ..events.artifact import Artifact
from .artifacts import Artifacts
from .errors import CannotCommit, NotReady
from .gate import Gate
from .prices import Price
from .settings import Settings

if TYPE_CHECKING:
    import requests

__all__ = ["Call", "Desk", "MissingSecret", "Told", "secret_variable", "told_of"]

MOST_TOLD = 2000
MOST_RAW = 16 << 20


class MissingSecret(NotReady):
    """A key that an effect needs is not in the environment; the message names the variable."""

    def __init__(self, variable: str) -> None:
        super().__init__(f"{variable} is not set", f"export {variable}=...")


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


@frozen
class Told:
    """What an effect said on its way, beside its events: `known` and `raw` of its call, for a doubt.

    `missing` = the variable of a key that was wanted before any other was handed out: nothing was sent.
    """

    known: str = ""
    raw: Artifact | None = None
    missing: str = ""


@define
class Desk:
    """An effect's desk for one run.

    `key` is the idempotency key, the same in every attempt. `deadline` is a time.monotonic() value, set when
    the run begins: what it waits before that, for a thread or a process, is not counted.
    `folder` is where `out` is made. `call` is None for effects on plain facts.
    """

    key: str
    artifacts: Artifacts
    settings: Settings
    folder: Path
    deadline: float
    call: Call | None = None
    report: Callable[[int, int], None] = lambda done, total: None
    told: Told = Told()
    _session: requests.Session | None = None
    _gate: Gate | None = None
    _scratch: Path | None = None
    _handed_out: bool = field(default=False, init=False)

    def progress(self, done: int, total: int) -> None:
        """Tells whoever watches how far this run is; nothing is recorded. Raises TypeError for no numbers."""
        self.report(index(done), index(total))

    def known(self, text: str, raw: bytes = b"", media: str = "application/octet-stream") -> None:
        """Tells what is known of the call before its outcome is sure: the vendor's request id, a status.

        It is recorded only if the call comes to be in doubt, so that a person finds it at the vendor; the
        last telling counts. `raw` = the answer as it came, at most 16 MiB are kept. Keys are taken out.
        """
        kept = self.told.raw
        if raw:
            try:
                kept = self.artifacts.put(_keyless(raw)[:MOST_RAW], media)
            except CannotCommit as error:  # what is told on the way must not cost the outcome itself
                text = f"{text} (its answer is not kept: {error})"
        plain = _keyless(text.encode("utf-8", "replace"))[:MOST_TOLD].decode("utf-8", "replace")
        self.told = Told(plain, kept, self.told.missing)

    def secret(self, name: str) -> str:
        """The key of a provider from the environment. Raises MissingSecret, naming the variable."""
        variable = secret_variable(name)
        value = os.environ.get(variable, "")
        if not value:
            if not self._handed_out:
                self.told = attrs.evolve(self.told, missing=variable)
            raise MissingSecret(variable)
        self._handed_out = True
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
    def gate(self) -> Gate:
        """The gate of the lane, shared by its threads: calls to a vendor go out through it."""
        if self._gate is None:
            self._gate = Gate()
        return self._gate

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


def _keyless(data: bytes) -> bytes:
    """The bytes with the values of all *_API_KEY variables taken out."""
    for name in [one for one in os.environ if one.endswith("_API_KEY")]:
        if len(value := os.environ.get(name, "")) >= 4:
            data = data.replace(value.encode("utf-8", "surrogateescape"), f"<{name}>".encode())
    return data


def told_of(plain: Any) -> Told:
    """What a worker's process sent of its desk. Raises TypeError or KeyError for anything else."""
    raw = plain["raw"]
    return Told(str(plain["known"]), None if raw is None else Artifact(**raw), str(plain["missing"]))
