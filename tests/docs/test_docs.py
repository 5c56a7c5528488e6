"""The pages in docs/ say what the code does: settings, commands, events, and examples that run."""

from __future__ import annotations

import importlib.util
import re
import types
from pathlib import Path
from typing import Any

import attrs
import pytest

from duanju.core.errors import BadSetting
from duanju.core.rules import TRAITS
from duanju.core.rules_file import RULE_KEYS
from duanju.core.settings import CAPABILITIES, Budget, Settings, micro
from duanju.core.settings_file import PROFILES, load_settings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def _rows(page: str) -> dict[str, str]:
    """Key -> default, as the first table of settings.md has them."""
    found = re.findall(r"^\| `([a-z_.A-Z*]+)` \| (.+?) \| ", page, re.MULTILINE)
    return dict(found)


def test_every_setting_is_described_with_its_default() -> None:
    rows = _rows((DOCS / "settings.md").read_text(encoding="utf-8"))
    settings = Settings()
    wanted: dict[str, str] = {}
    for name in CAPABILITIES:
        wanted[f"routes.{name}"] = f"`{str(list(settings.routes[name])).replace(chr(39), chr(34))}`"
    for one in attrs.fields(Budget):
        value = getattr(settings.budget, one.name)
        wanted[f"budget.{one.name}"] = (
            "none" if value is None else f"`{str(value).lower()}`" if value is False else f"`{value / 1e6}`"
        )
    wanted |= {
        "delivery.profile": f'`"{settings.delivery.name}"`',
        "delivery.width": "the profile's",
        "delivery.height": "the profile's",
        "delivery.fps": f"`{settings.delivery.fps}`",
        "delivery.preset": f'`"{settings.delivery.preset}"`',
        "film.language": f'`"{settings.language}"`',
        "film.series": f'`"{settings.series}"`',
        "film.faces": f'`"{settings.faces}"`',
        "film.style": f'`"{settings.style}"`',
        "script.os": f'`"{settings.os}"`',
        "cast.identity": f"`{str(settings.cast.identity).lower()}`",
        "cast.sheet": f'`"{settings.cast.sheet}"`',
        "cast.aliases": f"`{dict(settings.cast.aliases)}`",
        "plugins.disabled": f"`{list(settings.disabled)}`",
        "plugins.required": f"`{list(settings.required)}`",
        "routes.profile": '`"local"`',
        "lanes.NAME": "by lane",
        "providers.NAME.*": "none",
    }
    assert {key: value for key, value in rows.items() if "." in key} == wanted
    assert micro("0.01") == settings.budget.repeat_below


def test_the_documented_keys_are_those_that_are_read(tmp_path: Path) -> None:
    """A key that the page names is accepted; one that it does not name is refused with the full list."""
    rows = _rows((DOCS / "settings.md").read_text(encoding="utf-8"))
    file = tmp_path / "duanju.toml"
    for table in ("delivery", "routes", "budget", "plugins", "film", "cast"):
        file.write_text(f"[{table}]\nno_such_key = 1\n", encoding="utf-8")
        with pytest.raises(BadSetting, match="no such setting; there are: ") as raised:
            load_settings(file)
        listed = str(raised.value).rsplit("there are: ", 1)[1].split(", ")
        assert sorted(listed) == sorted(key.split(".")[1] for key in rows if key.startswith(f"{table}."))


def test_the_example_settings_are_read(tmp_path: Path) -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    file = tmp_path / "duanju.toml"
    rules, whole = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    file.write_text(rules, encoding="utf-8")
    assert load_settings(file).rules[0].when
    file.write_text(whole, encoding="utf-8")
    settings = load_settings(file)
    assert settings.delivery.fps == 30
    assert settings.budget.episode == 5_000_000


def test_every_trait_and_every_key_of_a_rule_is_described() -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    section = page.split("## Rules", 1)[1].split("\n## ", 1)[0]
    named = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert sorted(named) == sorted((*TRAITS, *RULE_KEYS))
    for name in PROFILES:
        assert f"`{name}`" in page


def _commands(command: Any, name: str = "duanju") -> list[tuple[str, Any]]:
    import click

    found = []
    context = click.Context(command)
    words = command.list_commands(context) if hasattr(command, "list_commands") else []
    for word in words:  # those that plugins add among them
        one = command.get_command(context, word)
        inner = _commands(one, f"{name} {word}")
        found += inner or [(f"{name} {word}", one)]
    return found


def test_every_command_and_option_is_described() -> None:
    import typer

    from duanju.cli.main import app

    page = (DOCS / "cli.md").read_text(encoding="utf-8")
    commands = _commands(typer.main.get_command(app))
    assert len(commands) >= 11
    for name, command in commands:
        assert f"`{name}" in page, name
        assert command.epilog, f"{name} has no example"
        assert command.epilog.startswith(f"Example: {name}"), command.epilog
        for option in command.params:
            for word in option.opts:
                if word.startswith("--") and word != "--help":
                    assert word in page, f"{name} {word}"


def test_no_command_is_described_that_does_not_exist() -> None:
    import typer

    from duanju.cli.main import app

    known = {name for name, _ in _commands(typer.main.get_command(app))}
    for page in (DOCS / "cli.md", ROOT / "README.md"):
        text = page.read_text(encoding="utf-8")
        pieces = re.findall(r"```sh\n(.*?)```|`([^`\n]+)`", text, re.DOTALL)
        code = "\n".join(block or word for block, word in pieces)
        for word in re.findall(
            r"^duanju (script (?:check|convert)|"
            r"[a-z][a-z-]*(?: (?:list|graph|waive|retry|adopt|drop|show|set|merge|sheet|drift))?)",
            code,
            re.MULTILINE,
        ):
            assert f"duanju {word}" in known, f"{page.name}: duanju {word}"


def test_the_event_catalogue_is_fresh() -> None:
    spec = importlib.util.spec_from_file_location("generate_docs", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (DOCS / "events.md").read_text(encoding="utf-8") == module.catalogue(), "run: make docs"


def test_every_link_leads_somewhere() -> None:
    for page in (ROOT / "README.md", *DOCS.glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def _example(words: str) -> types.ModuleType:
    """The example on the page for plugin authors whose docstring begins with these words."""
    page = (DOCS / "plugins.md").read_text(encoding="utf-8")
    sources = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (source,) = [one for one in sources if one.startswith(f'"""{words}')]
    module = types.ModuleType(f"example {words}")
    exec(compile(source, f"plugins.md, {words}", "exec"), module.__dict__)
    return module


def test_the_examples_of_plugins_work_together(tmp_path: Path) -> None:
    from duanju.core.artifacts import Artifacts
    from duanju.core.engine import Engine
    from duanju.core.log import Log
    from duanju.core.plugins import load_plugins
    from duanju.events.calls import SpeechRequested
    from duanju.events.cast import CharacterChanged, Profile, Voice
    from duanju.events.cut import EpisodeCut
    from duanju.events.dialogue import Direction
    from duanju.events.episode import EpisodeOpened
    from duanju.events.script import SceneParsed, ScriptParsed, ShotListSettled, ShotPlanned

    extra = {
        "pace": _example("Counts the close-ups"),
        "beep": _example("Speaks every line").Beep("beep", {}),
        "film.length": _example("film.length:"),
        "river": _example("Opens every episode"),
        "looks": _example("Says in every open episode"),
    }
    plugins = load_plugins(extra=extra, only=",".join(extra))
    assert plugins.failures == {}
    assert [plugins.plugins[name].kind for name in ("pace", "beep", "film.length")] == [
        "stage",
        "provider",
        "check",
    ]
    artifacts = Artifacts(tmp_path / "artifacts")
    settings = attrs.evolve(Settings(), routes={"speech": ("beep:tone",)})
    recorded = artifacts.put(settings.to_json(), "application/json")
    prices = artifacts.put(plugins.prices.to_json(), "application/json")

    def shot(number: int, size: str) -> ShotPlanned:
        return ShotPlanned(
            revision=1,
            scene="S01",
            shot=f"S01-0{number}",
            number=number,
            of=2,
            place="teahouse",
            interior=True,
            time="night",
            weather="",
            size=size,
            angle="eye",
            move="still",
            on_screen=(),
            crowd=False,
            action="",
            objects=(),
            mood="neutral",
            lines=(),
            audio="silent",
            duration_ms=2000,
            first=1,
            last=1,
        )

    stream = "episode/tea/one"
    log = Log(tmp_path / "log.db", plugins.codec)
    log.append(
        stream,
        [
            EpisodeOpened("tea", "one", "One", "one.txt", recorded, "", recorded, prices),
            shot(1, "CU"),
            shot(2, "WS"),
            ShotListSettled(1, "a" * 32, 2, 0, 4000),
            SpeechRequested(
                1, "L001", "line", 1, "hello", "en", Voice("male", 0, 50, 100), Direction(100, 0, 100, "")
            ),
            EpisodeCut(1, "b" * 32, recorded, recorded, 90_000, 2250),
            ScriptParsed(1, "One", "en", "fountain", 1, 0, 9, (), (), ()),
            SceneParsed(1, "S01", 1, 1, "INT.", "teahouse", True, "night", "en", 1, 9, (), ()),
        ],
        by="test",
    )
    looks = Profile("female", 30, "oval", "#fff", "bob", "#000", "#000", "slim", "suit", "#111", "#222", ())
    changed = CharacterChanged("tea", "Mei", looks, Voice("female", 0, 50, 100), "older")
    log.append("series/tea", [changed], by="test")
    with Engine(log, plugins, artifacts, tmp_path / "out", inline=True) as engine:
        engine.run()
    events = {record.kind: record.event for record in log.read(stream=stream)}
    assert events["close_ups_counted"].close == 1
    assert events["speech_returned"].bill.cost == 5 * 15
    assert artifacts.read(events["speech_returned"].audio)[:4] == b"RIFF"
    assert events["check_measured"].verdict == "passed"
    assert (events["scene_placed"].after, events["shot_planned"].shot) == ("", "R01-01")
    assert events["part_closed"].part == events["part_opened"].part == "river"
    assert events["review_given"].note == "older"
    assert "episode_held" not in events
    log.close()


def test_the_licence_is_whole() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.lstrip().startswith("Apache License")
    assert "END OF TERMS AND CONDITIONS" in text
    assert len(text) > 11_000


def test_the_example_of_a_missing_library_says_what_to_install() -> None:
    from duanju.core.errors import MissingExtra
    from duanju.core.plugins import load_plugins

    plugins = load_plugins(extra={"lips": _example("Measures how well")}, only="lips")
    assert plugins.failures == {}
    (hook,) = plugins.by_kind["episode_cut"]
    with pytest.raises(MissingExtra, match=r"needs a lip reader.*pip install 'my-package\[lips\]'"):
        list(hook.function(event=None))
