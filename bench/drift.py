"""How often takes are asked again when a picture model forgets faces: with the identity block, and without.

`python bench/drift.py [--episodes N] [--json FILE]` produces a series twice against a loopback vendor whose
model draws what the prompt says, except that features slip: each of skin, hair colour, hair style and clothes
with the chance FREE where the prompt only mentions it, FIXED where an identity block forbids it to vary, and
TOLD where the request says what was wrong with the last take. The chances are this script's, not a vendor's:
the figures show what the block and the repair are worth for such a model. A slip that no viewer sees (clothes
in a close-up, a face of a few pixels, one behind somebody) is none that the check could find.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from duanju.core.folds import Folds
from duanju.core.ledger import ledger_of
from duanju.core.studio import Studio
from duanju.events.calls import ImageRequested
from duanju.events.episode import EpisodeDelivered
from duanju.events.quality import CheckMeasured, RepairAsked
from duanju.events.scenes import TakeChosen
from duanju.plugins.checks.drifting import rate_of
from duanju.plugins.media.painter import paint
from duanju.testing.vendor import VendorServer
from duanju.testing.vendor.openai import OpenAIVendor

__all__ = ["KEY", "ForgetfulModel", "figures", "produced", "scripts", "settings_of", "vendor"]

KEY = "sk-drift-41c07a"
FREE, FIXED, TOLD = 0.12, 0.02, 0.02
_OTHER = {
    "skin": ("#8a5a3c", "#f6dcc8", "#b57a4c"),
    "hair_colour": ("#d9b26a", "#8f8c8a", "#7a2f1c"),
    "hair_style": ("curly", "bald", "long"),
    "clothes_colour": ("#2f6d74", "#c0a040", "#7a4f8f"),
}
_SIZES = {
    "extreme wide shot": "EWS", "wide shot": "WS", "full shot": "FS", "medium shot": "MS",
    "medium close-up": "MCU",
    "close-up": "CU", "extreme close-up": "ECU", "two shot": "TWO", "over-the-shoulder shot": "OTS",
    "insert of a detail": "INSERT",
}  # fmt: skip
_FACING = {
    "facing the camera": "camera",
    "looking left": "left",
    "looking right": "right",
    "turned away": "away",
}
_FRAME = re.compile(
    r"^A film still, (.+?) (?:at eye level|from below|from above|tilted): (inside|outside), (.+)\.$"
)
_WHO = re.compile(
    r"^(.+?)(?:, (a (?:woman|man|person) of .+))?; (\S+) of the frame, ([^,]+), ([^,]+), (.+?)\.$"
)
_BLOCK = re.compile(r"^IDENTITY of (.+?): (.+)$")
_HAIRS = {"in a bun": "bun", "in a ponytail": "ponytail", "in a braid": "braid", "cut in a bob": "bob",
          "in a crew cut": "crew", "no hair": "bald"}  # fmt: skip


class ForgetfulModel:
    """Draws prompts with the painter; what slips is decided by a digest of the prompt, so equal prompts are
    equal pictures. `drawn` counts pictures, `slipped` those in which a face or clothes came out wrong."""

    def __init__(self, seed: int = 1, free: float = FREE) -> None:
        self.seed = seed
        self.free = free
        self.drawn = 0
        self.slipped = 0

    def __call__(self, body: Any, references: int) -> bytes:
        prompt = str(body["prompt"])
        width, height = (int(side) for side in str(body["size"]).split("x"))
        told, fixed, corrected = _read(prompt)
        slips = False
        for figure in told["figures"]:
            name = figure["character"]
            chance = TOLD if name in corrected else FIXED if name in fixed else self.free
            for feature, others in _OTHER.items():
                if self._chance(prompt, name, feature) < chance:
                    pick = int(self._chance(prompt, name, feature + " pick") * len(others))
                    figure["profile"][feature] = others[pick]
                    slips = True
        plate = paint(told, width, height)
        self.drawn += 1
        self.slipped += slips
        with Image.open(io.BytesIO(plate.png)) as picture:
            out = io.BytesIO()
            picture.resize((width, height), Image.Resampling.LANCZOS).save(out, "PNG")
        return out.getvalue()

    def _chance(self, *words: str) -> float:
        digest = hashlib.sha256("\x1f".join((str(self.seed), *words)).encode()).digest()
        return int.from_bytes(digest[:8], "big") / 2**64


def _read(prompt: str) -> tuple[dict[str, Any], set[str], set[str]]:
    """A prompt as the painter's picture; whose looks an identity block fixes, and who was corrected."""
    lines = prompt.split("\n")
    frame = _FRAME.match(lines[0])
    if frame is None:
        raise ValueError(f"the prompt does not begin with its frame: {lines[0][:100]!r}")
    place, _, when = frame[3].partition(", ")
    told: dict[str, Any] = {
        "place": place, "interior": frame[2] == "inside", "size": _SIZES[frame[1]], "figures": [],
        "time": next((one for one in ("night", "dusk", "dawn") if one in when), "day"),
    }  # fmt: skip
    blocks: dict[str, str] = {}
    whose = ""
    for line in lines:
        begins = _BLOCK.match(line)
        whose = begins[1] if begins else whose
        if whose:
            blocks[whose] = f"{blocks.get(whose, '')}\n{line}"
        if line.startswith("Wears: "):
            whose = ""
    for line in lines[1:]:
        who = _WHO.match(line)
        if who is None:
            continue
        looks = blocks.get(who[1]) or who[2] or ""
        figure = {
            "character": who[1], "profile": _profile(looks), "position": who[3],
            "facing": _FACING.get(who[4], "camera"), "expression": who[5], "pose": who[6].split(",")[0],
        }  # fmt: skip
        told["figures"].append(figure)
    note = next((line for line in lines if line.startswith("Above all: ")), "")
    corrected = {one["character"] for one in told["figures"] if one["character"] in note}
    return told, set(blocks), corrected


def _profile(looks: str) -> dict[str, Any]:
    """The looks that a prompt tells, from an identity block or from a figure's one line."""

    def first(*patterns: str) -> str:
        return next((m[1] for p in patterns if (m := re.search(p, looks))), "")

    hair = first(r"Hair: ([^(.]+)", r"(\S+) hair \(")
    style = next((value for words, value in _HAIRS.items() if words in hair), hair.split(", ")[-1].strip())
    return {
        "gender": {"woman": "female", "man": "male"}.get(first(r"\b(woman|man)\b"), "neutral"),
        "age": int(first(r"of (\d+)") or 30),
        "face": first(r"Face: (\w+)", r"(\w+) face"),
        "skin": first(r"skin \((#\w{6})\)", r"skin (#\w{6})"),
        "hair_style": style,
        "hair_colour": first(r"Hair: [^(]+\((#\w{6})\)", r"hair \((#\w{6})\)"),
        "eyes": first(r"Eyes: [^(]+\((#\w{6})\)", r"eyes (#\w{6})"),
        "build": first(r"\ban? (slim|average|broad|heavy)\b", r"(\w+) build"),
        "clothes": first(r"Wears: an? .*?(\w+) \(#", r"in an? (\w+) \(#"),
        "clothes_colour": first(r"Wears: [^(]+\((#\w{6})\)", r"in an? \w+ \((#\w{6})"),
        "accent_colour": first(r"details \((#\w{6})\)", r" with (#\w{6})\)"),
        "marks": first(r"Marks: (?!none)([^\n]+)\.", r"\), with ([^;]+)$").split(", "),
    }


# -- a series ---------------------------------------------------------------------------------------------

_PLACES = (
    ("INT. TEAHOUSE - NIGHT", "A cup stands between them."),
    ("EXT. COURTYARD - DAY", "The wind moves the leaves."),
    ("INT. OFFICE - DAY", "Papers lie on the desk."),
    ("EXT. STREET - DUSK", "The lamps go on."),
    ("INT. HOSPITAL - NIGHT", "A machine hums."),
)
_TALK = (
    ("You came after all.", "I had no choice.", "Then sit down."),
    ("Where is the letter?", "I burned it.", "I do not believe you."),
    ("He will find out.", "Let him.", "You are not afraid?"),
)


def scripts(folder: Path, episodes: int, scenes: int = 2) -> list[Path]:
    """The screenplays of a series with one cast, an episode a file, of one or two scenes each."""
    made = []
    for number in range(1, episodes + 1):
        (first, prop), (second, other) = (_PLACES[(number + n) % len(_PLACES)] for n in (0, 2))
        one, two, three = _TALK[number % len(_TALK)]
        cast = (
            "MEI (24), a slim young woman with short black hair, in a red qipao, sits at the table.\n\n"
            "GENERAL ZHAO (58), a broad man with a grey beard, in a blue suit, stands before her."
        )
        text = (
            f"Title: The Red Letter\nEpisode: {number}\n\n{first}\n\n{cast}\n\n{prop}\n\nMEI\n{one}\n\n"
            f"GENERAL ZHAO\n{two}\n"
        )
        if scenes > 1:
            text += f"\n{second}\n\nMei and General Zhao stand face to face. {other}\n\nMEI\n{three}\n"
        file = folder / f"e{number:02d}.fountain"
        file.write_text(text, encoding="utf-8")
        made.append(file)
    return made


_SIZE = '[delivery]\nwidth = 208\nheight = 368\nfps = 12\npreset = "ultrafast"\n'


def settings_of(url: str = "", *, identity: bool = True) -> str:
    """A studio's settings: a small film; with `url` the pictures are a vendor's at that address."""
    text = f'{_SIZE}[film]\nseries = "The Red Letter"\nfaces = "drawn"\n'
    text += f"[cast]\nidentity = {str(identity).lower()}\n"
    if url:
        text += (
            f'[routes]\nimage = ["openai:gpt-image-2"]\n[providers.openai]\nbase_url = "{url}"\n'
            '[providers.openai.prices."gpt-image-2"]\nimage = 0.02\n'
        )
    return text


@contextmanager
def vendor(model: ForgetfulModel) -> Iterator[VendorServer]:
    """The loopback vendor of a model, while the context lasts; its key is in the environment."""
    before = {name: os.environ.get(name) for name in ("OPENAI_API_KEY", "NO_PROXY")}
    os.environ.update(OPENAI_API_KEY=KEY, NO_PROXY="127.0.0.1")
    try:
        with VendorServer(OpenAIVendor(key=KEY, draw=model).routes(), prefix="/v1") as server:
            yield server
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def produced(root: Path, settings: str, files: list[Path]) -> Studio:
    """A studio with all these scripts made by one engine."""
    studio = Studio.create(root)
    (root / "duanju.toml").write_text(settings, encoding="utf-8")
    plugins, chosen = studio.plugins(), studio.settings()
    try:
        with studio.log(plugins) as log:
            for file in files:
                studio.hand_in(log, plugins, chosen, file)
            with studio.engine(log, plugins, chosen) as engine:
                engine.run()
    finally:
        plugins.close()
    return studio


def figures(studio: Studio) -> dict[str, Any]:
    """What a series came to: shots, takes asked again, what is still over a limit, and the money."""
    plugins = studio.plugins()
    found: dict[str, Any] = {
        "episodes": 0,
        "shots": 0,
        "again": 0,
        "repaired": 0,
        "delivered": 0,
        "held": 0,
        "over": 0,
    }
    try:
        with studio.log(plugins, write=False) as log:
            folds = Folds(log, studio.artifacts.read_sha256)
            for stream in studio.episodes(log):
                episode = folds.now(stream)
                rate = rate_of(episode)
                asked = {one.subject for one in episode.all(RepairAsked)}
                last = {one.shot: one.take for one in episode.all(TakeChosen)}
                whole = episode.last(CheckMeasured, "character.appearance", "episode")
                found["episodes"] += 1
                found["shots"] += rate.shots
                found["again"] += rate.again
                found["repaired"] += sum(last.get(shot, 1) > 1 for shot in asked)
                found["delivered"] += bool(episode.all(EpisodeDelivered))
                found["held"] += bool(episode.holds)
                found["over"] += whole is not None and whole.verdict == "failed"
                found["pictures"] = found.get("pictures", 0) + len(episode.all(ImageRequested))
            sums = ledger_of(log).sums()
    finally:
        plugins.close()
    found |= {"spent": sums.cost, "wasted": sums.wasted, "calls": sums.calls}
    found["rate"] = round(found["again"] / found["shots"], 4) if found["shots"] else None
    return found


def words_of(one: dict[str, Any]) -> str:
    """The figures of a run in a line."""
    return (
        f"{one['again']} takes asked again for {one['shots']} shots in {one['episodes']} episodes: revision "
        f"rate {one['rate']:.1%}; {one['slipped']} of {one['drawn']} pictures slipped; {one['delivered']} "
        f"delivered, {one['held']} held; ${one['spent'] / 1e6:.2f} spent, ${one['wasted'] / 1e6:.2f} of it "
        "on takes that are in no film"
    )


def main() -> None:
    """Runs both series and prints their figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--episodes", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    told = {}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        files = scripts(root, given.episodes)
        for name, identity in (("off", False), ("on", True)):
            model = ForgetfulModel(given.seed)
            with vendor(model) as server:
                studio = produced(root / name, settings_of(server.url, identity=identity), files)
            told[name] = {**figures(studio), "drawn": model.drawn, "slipped": model.slipped}
            print(f"identity {name}: {words_of(told[name])}", flush=True)
    if given.json:
        given.json.write_text(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
