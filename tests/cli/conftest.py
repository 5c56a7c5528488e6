"""What the tests of the command line share: a toy studio, and a way to run a command in it."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from attrs import frozen

TOY_FILE = Path(__file__).with_name("toy_studio.py")
CORE = str(Path(__file__).parents[1] / "core")
if CORE not in sys.path:
    sys.path.insert(0, CORE)  # the books are looked at as the core's tests do


@frozen
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


def audited(path: Path) -> list[str]:
    """What a command that spent has left wrong in the books of its log."""
    from audited import audit_faults

    from duanju.core.log import Log
    from duanju.events.codec import Codec
    from duanju.events.vocabulary import builtin_events

    log = Log(path, Codec(builtin_events()), read_only=True)
    faults = audit_faults(log)
    log.close()
    return faults


@pytest.fixture(scope="session")
def toy() -> ModuleType:
    """The module with the toy's plugins."""
    spec = importlib.util.spec_from_file_location("toy_studio", TOY_FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["toy_studio"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, toy: ModuleType) -> Iterator[Path]:
    """A folder with a toy studio in ./studio and one script; the process works in it."""
    import duanju.core.plugins
    import duanju.core.studio

    monkeypatch.setattr(duanju.core.studio, "load_plugins", toy.toy_plugins)
    monkeypatch.setattr(duanju.core.plugins, "load_plugins", toy.toy_plugins)
    for name in [one for one in os.environ if one.startswith(("TOY_", "DUANJU_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "studio").mkdir()
    (tmp_path / "studio" / "duanju.toml").write_text(toy.TOML, encoding="utf-8")
    (tmp_path / "tea.txt").write_text("Title: Tea\nINT. ROOM\nhello there\ngood bye\n", encoding="utf-8")
    yield tmp_path


@pytest.fixture
def duanju(place: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in this process: `duanju("produce", "tea.txt")`."""
    from duanju.cli.main import main

    def run(*words: str) -> Ran:
        capsys.readouterr()
        code = main(list(words))
        said = capsys.readouterr()
        log = place / "studio" / ".duanju" / "log.db"
        if code == 0 and words[0] in ("produce", "resume") and log.is_file():
            assert audited(log) == []
        return Ran(code, said.out, said.err)

    return run
