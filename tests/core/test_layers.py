"""The floors of the house: who may import whom, and that the package list is the folders."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WINGS = ("events", "core", "plugins", "cli", "testing")
# May import from, beside the standard library and third parties.
FLOORS = {
    "events": {"events"},
    "core": {"core", "events"},
    "plugins": {"plugins", "core", "events"},
    "cli": {"cli", "core", "events"},
    "testing": {"testing", "core", "events"},
}


def files(*parts: str) -> list[Path]:
    return sorted(p for p in ROOT.joinpath(*parts).rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """(absolute dotted name, line) of all that a file imports, at any depth of its code."""
    package = ["duanju", *path.relative_to(ROOT).parent.parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            name = ".".join(part for part in (base, node.module or "") if part)
            yield name, node.lineno
            for alias in node.names:
                yield f"{name}.{alias.name}", node.lineno


def broken(paths: list[Path], allowed: set[str]) -> list[str]:
    found = []
    for path in paths:
        for name, line in imports(path):
            parts = name.split(".")
            if parts[0] == "duanju" and len(parts) > 1 and parts[1] in WINGS and parts[1] not in allowed:
                found.append(f"{path.relative_to(ROOT)}:{line} imports {name}")
    return found


@pytest.mark.parametrize("wing", WINGS)
def test_a_wing_imports_only_what_lies_below_it(wing: str) -> None:
    assert files(wing), "the wing is empty: this test looks in the wrong place"
    assert broken(files(wing), FLOORS[wing]) == []


def test_the_reader_of_imports_sees_every_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (tmp_path / "events").mkdir()
    file = tmp_path / "events" / "bad.py"
    file.write_text(
        "from ..core.log import Log\ndef f():\n    import duanju.plugins.x\n    from .. import cli\n"
    )
    assert [line.split(" ")[0] for line in broken([file], {"events"})] == [
        "events/bad.py:1",
        "events/bad.py:1",
        "events/bad.py:3",
        "events/bad.py:4",
    ]


def test_media_knows_nothing_of_events_core_or_plugins() -> None:
    found = []
    for path in files("plugins", "media"):
        for name, line in imports(path):
            if name.startswith("duanju") and not name.startswith("duanju.plugins.media"):
                found.append(f"{path.relative_to(ROOT)}:{line} imports {name}")
    assert found == []


def entry_points() -> dict[str, str]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    found: dict[str, str] = project.get("entry-points", {}).get("duanju", {})
    return found


def test_plugins_never_import_each_other() -> None:
    targets = {target.split(":")[0] for target in entry_points().values()}
    found = []
    for path in files("plugins"):
        own = ".".join(["duanju", *path.relative_to(ROOT).with_suffix("").parts]).removesuffix(".__init__")
        for name, line in imports(path):
            for target in targets:
                inside = own == target or own.startswith(f"{target}.")
                if (name == target or name.startswith(f"{target}.")) and not inside:
                    found.append(f"{path.relative_to(ROOT)}:{line} imports the plugin {target}")
    assert found == []


def test_the_entry_points_are_sorted_and_each_leads_to_a_file() -> None:
    points = entry_points()
    assert list(points) == sorted(points)
    for target in points.values():
        parts = target.split(":")[0].split(".")
        assert parts[0] == "duanju"
        path = ROOT.joinpath(*parts[1:])
        assert path.with_suffix(".py").is_file() or (path / "__init__.py").is_file(), target


# A reaction sees no clock, no chance, no environment and no network.
FORBIDDEN = {"time", "random", "os", "requests", "secrets", "socket", "uuid", "datetime", "urllib", "http"}


def test_stages_import_no_clock_chance_environment_or_network() -> None:
    found = []
    for path in files("plugins", "stages"):
        for name, line in imports(path):
            if name.split(".")[0] in FORBIDDEN:
                found.append(f"{path.relative_to(ROOT)}:{line} imports {name}")
    assert files("plugins", "stages") and found == []


def test_the_package_list_is_the_folders() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        listed = tomllib.load(file)["tool"]["setuptools"]["packages"]
    folders = {"duanju"}
    for wing in WINGS:
        for path in files(wing):
            folders.add(".".join(["duanju", *path.parent.relative_to(ROOT).parts]))
            assert (path.parent / "__init__.py").is_file(), f"{path.parent} has no __init__.py"
    assert sorted(listed) == sorted(folders)


def test_the_root_is_the_package_and_holds_nothing_else() -> None:
    assert [path.name for path in ROOT.glob("*.py")] == ["__init__.py"]
    tree = ast.parse((ROOT / "__init__.py").read_text(encoding="utf-8"))
    assert len(tree.body) == 1 and ast.get_docstring(tree), "a docstring, nothing else"


def test_nothing_heavy_is_imported_with_the_core() -> None:
    """The command line loads these for --help; a heavy import costs every command its start."""
    heavy = {"av", "numpy", "PIL", "requests", "resvg_py", "sqlite_utils", "rich", "pysubs2"}
    found = []
    for path in [*files("core"), *files("events"), *files("cli")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom) and not node.level
                else []
            )
            found += [
                f"{path.relative_to(ROOT)}:{node.lineno} imports {name}"
                for name in names
                if name.split(".")[0] in heavy
            ]
    assert found == []
