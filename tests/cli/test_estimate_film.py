"""An estimate with the installed plugins plays a whole film through, for every profile, without a network."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from duanju.cli.main import main
from duanju.core.plugins import load_plugins
from duanju.core.settings_file import PROFILES, load_settings

SCRIPT = """\
Title: Jasmine Tea

INT. TEAHOUSE - DAY

MEI pours tea for LIN. A crowd watches from the street.

MEI
You came back.

LIN
(softly)
I never left.

EXT. RIVER BANK - NIGHT

Rain falls on the empty bank.
"""


@pytest.fixture
def silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a script and no studio; there are no keys, and no socket can be connected."""

    def refuse(*_: Any) -> None:
        raise AssertionError("an estimate used the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    for name in [one for one in os.environ if one.endswith("_API_KEY") or one.startswith("DUANJU_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tea.fountain").write_text(SCRIPT, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_is_estimated_to_the_end(
    silent: Path, capsys: pytest.CaptureFixture[str], profile: str
) -> None:
    code = main(["estimate", "tea.fountain", "--profile", profile, "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["whole"], found["holds"]
    assert found["holds"] == [] and found["left_out"] == []
    assert code == (1 if found["total"]["unknown"] else 0)
    assert [one.name for one in silent.iterdir()] == ["tea.fountain"], "nothing is written"
    assert found["shots"] >= 3 and found["film_ms"] > 3000
    spoken = [one for one in found["calls"] if one["capability"] == "speech"]
    assert len(spoken) == 2 and all(one["units"]["second"] >= 1 for one in spoken)
    pictures = [one for one in found["calls"] if one["capability"] == "image" and one["purpose"] == "shot"]
    assert len(pictures) == found["shots"]
    settings = load_settings(profile=profile)
    plugins = load_plugins(settings.providers)
    for one in found["calls"]:
        listed = {*settings.routes[one["capability"]], *(r for rule in settings.rules for r in rule.routes)}
        assert one["route"] in listed
        price = plugins.prices.of(one["route"], found["day"])
        if price is None:
            assert one["expected"] is None and one["ceiling"] is None
        else:
            assert 0 <= one["expected"] <= one["ceiling"]
            assert bool(price.rates) == (one["ceiling"] > 0)
    words = [one for one in found["calls"] if one["capability"] == "chat"]
    assert bool(words) == bool(settings.routes["chat"])
    for one in words:
        assert one["units"]["input_token"] > 50 and one["units"]["output_token"] > 0


def test_equal_scripts_give_equal_estimates(silent: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = []
    for _ in range(2):
        main(["estimate", "tea.fountain", "--profile", "holysheep", "--json"])
        found.append(json.loads(capsys.readouterr().out))
    assert found[0] == found[1]
