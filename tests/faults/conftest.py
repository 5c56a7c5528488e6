"""The fixtures of the tests of a misbehaving machine."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import duanju.core.plugins
import duanju.core.studio

for folder in (str(Path(__file__).parents[1] / "core"), str(Path(__file__).parent)):
    if folder not in sys.path:
        sys.path.insert(0, folder)

from faultkit import NAMESPACE, TOY, Machine  # noqa: E402  the folder is known only now


@pytest.fixture(scope="session")
def toy_module() -> Any:
    """The module with the toy's plugins."""
    spec = importlib.util.spec_from_file_location("toy_studio", TOY)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["toy_studio"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def machine(tmp_path: Path, toy_module: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """A machine with a toy studio of one script, `tea.txt`, of two lines."""
    for name in [one for one in os.environ if one.startswith(("TOY_", "DUANJU_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    for module in (duanju.core.studio, duanju.core.plugins):
        monkeypatch.setattr(module, "load_plugins", toy_module.toy_plugins)
    made = Machine(tmp_path, dict(os.environ), toy_module)
    made.studio.mkdir()
    (made.studio / "duanju.toml").write_text(toy_module.TOML, encoding="utf-8")
    made.script("tea", 2)
    yield made
    for process in made.started:
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def namespace() -> tuple[str, ...]:
    """The command before a command that gives it mounts of its own; skips where that is not allowed."""
    probe = (
        "mkdir -p /tmp/.probe-$$ && mount -t tmpfs -o size=64k none /tmp/.probe-$$ && umount /tmp/.probe-$$; "
    )
    try:
        done = subprocess.run(
            [*NAMESPACE, "sh", "-c", probe + "e=$?; rmdir /tmp/.probe-$$; exit $e"],
            capture_output=True, text=True, timeout=20,
        )  # fmt: skip
    except OSError as error:
        pytest.skip(f"no unshare on this machine: {error}")
    if done.returncode != 0:
        pytest.skip(f"unprivileged namespaces are not allowed here: {done.stderr.strip()[:200]}")
    return NAMESPACE
