"""A small episode with a picture, a face, calls, checks and a film, for the tests of what is exported."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
from PIL import Image

from duanju.core.artifacts import Artifacts
from duanju.core.desk import Desk
from duanju.core.episode import Episode
from duanju.core.settings import DELIVERIES, Settings
from duanju.events.artifact import Artifact
from duanju.events.calls import Bill, CallAdmitted, ImageRequested, ImageReturned
from duanju.events.cast import CharacterCast, Profile, Voice
from duanju.events.cut import CutLine, CutRequested, CutSegment, CutSubtitle, EpisodeCut
from duanju.events.episode import EpisodeDelivered, EpisodeHeld, EpisodeOpened
from duanju.events.quality import CheckMeasured, Evidence, QualityPlanned
from duanju.events.scenes import Picture
from duanju.events.script import (
    CastNote,
    Element,
    Line,
    OnScreen,
    SceneParsed,
    ScriptParsed,
    ShotPlanned,
    Unmapped,
)
from duanju.testing.fold import fold

NONE = Artifact("0" * 64, 0, "text/plain")


@attrs.define
class World:
    """The episode's events in order; tests add to them or change the words in them."""

    desk: Desk
    title: str = "Jasmine Tea"
    person: str = "Xiao Mei"
    text: str = "Is it done?"
    events: list[Any] = attrs.field(factory=list)

    def plate(self, shade: int = 120) -> tuple[Artifact, Artifact]:
        """A picture with the margin of a plate, and its rig that marks one face."""
        slope = (np.arange(552)[:, None, None] + np.arange(312)[None, :, None] + shade) % 200
        pixels = np.repeat(slope, 3, axis=2).astype(np.uint8)
        out = io.BytesIO()
        Image.fromarray(pixels).save(out, "PNG")
        rig = io.BytesIO()
        with zipfile.ZipFile(rig, "w") as packed:
            figure = {"character": self.person, "face": [100, 80, 60, 80]}
            told = {"format": 1, "width": 312, "height": 552, "frame": [270, 480], "figures": [figure]}
            packed.writestr(zipfile.ZipInfo("manifest.json"), json.dumps(told))
        store = self.desk.artifacts
        return store.put(out.getvalue(), "image/png"), store.put(rig.getvalue(), "application/zip")

    def begin(self) -> list[Any]:
        """Opened, parsed, planned, cast, and the first picture drawn for money."""
        looks = Profile("female", 24, "oval", "#e0ac82", "bun", "#16161a", "#2c2a33", "slim", "qipao",
                        "#b3202c", "#d9a441", ("mole",))  # fmt: skip
        element = Element("line", self.text, 5, 5, "L001", self.person, "spoken")
        shots = [
            ShotPlanned(1, "S01", f"S01-0{n}", n, 2, "Teahouse", True, "night", "clear", "MS", "eye", "still",
                        (OnScreen(self.person, "centre", "camera", "tense", "stands"),), False, "She waits",
                        (), "tense", (Line("L001", self.person, self.text, "", "spoken"),) if n == 1 else (),
                        "tts", 2000, 3, 6)
            for n in (1, 2)
        ]  # fmt: skip
        picture = Picture(
            "Teahouse", True, "night", "clear", "MS", "eye", (), False, (), "tense", "She waits"
        )
        image, rig = self.plate()
        self.events = [
            EpisodeOpened("tea", "teahouse", self.title, "tea.fountain", NONE, "fountain", NONE, NONE),
            ScriptParsed(1, self.title, "en", "fountain", 1, 1, 9, (CastNote(self.person, 1, 4, "young"),),
                         (Unmapped(8, "???"),), ()),
            CharacterCast("tea", self.person, looks, Voice("female", 0, 55, 100), "red qipao (script)"),
            SceneParsed(1, "S01", 1, 1, "INT. TEAHOUSE - NIGHT", "Teahouse", True, "night", "en", 1, 9,
                        (self.person,), (element,)),
            *shots,
            ImageRequested(1, "S01-01", "shot", 1, 270, 480, picture),
            CallAdmitted(7, "ark:seedream", "default", "", 30_000, 40_000, "p", "k", "2026-01-01", 1, "image",
                         "shot", "S01-01"),
            ImageReturned(request=7, route="ark:seedream", revision=1, subject="S01-01", take=1, image=image,
                          rig=rig, width=312, height=552, bill=Bill(31_500, "billed")),
        ]  # fmt: skip
        return self.events

    def cut(self, film: bytes = b"FILM" * 1000) -> EpisodeCut:
        """The film is made and measured: one check passed, one failed with evidence."""
        store = self.desk.artifacts
        srt = b"1\n00:00:00,300 --> 00:00:01,300\nIs it done?\n"
        wav = store.put(b"RIFF", "audio/wav")
        files = store.put(film, "video/mp4"), store.put(srt, "application/x-subrip")
        made = EpisodeCut(1, "i1", *files, 4000, 100)
        self.events += [
            CutRequested(1, "i1", self.title, "en", 270, 480, 25,
                         (CutSegment("S01-01", NONE, 50), CutSegment("S01-02", NONE, 50)),
                         (CutLine("L001", self.person, self.text, 300, 900, wav),),
                         (CutSubtitle(300, 1300, self.text, "L001"),), (), -1600, -150),
            made,
            QualityPlanned(1, "i1", ("audio.loudness", "picture.black", "technical.container")),
            CheckMeasured(1, "i1", "audio.loudness", "episode", "passed", -16.04, -16.0, "LUFS",
                          "as asked", (), "",
                          "ebur128 1.0", made.film.sha256),
            CheckMeasured(1, "i1", "picture.black", "episode", "failed", 0.6, 0.08, "s", "too black",
                          (Evidence(1.6, 2.2, "black picture"),), "render again", "blackdetect 1.0",
                          made.film.sha256),
        ]  # fmt: skip
        return made

    def hold(self, why: str = "picture.black: 0.6 s", name: str = "check:picture.black") -> EpisodeHeld:
        held = EpisodeHeld(name, why, "episode", "duanju review waive teahouse picture.black@episode", 1)
        self.events.append(held)
        return held

    def deliver(self, made: EpisodeCut) -> EpisodeDelivered:
        done = EpisodeDelivered(1, "d1", made.film, made.subtitles, 4000, 3, 0)
        self.events.append(done)
        return done

    def fold(self) -> Episode:
        return fold(self.events, settings=self.desk.settings)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A fresh world for a delivery of 270x480."""
    delivery = attrs.evolve(DELIVERIES["web-vertical"], width=270, height=480)
    store = Artifacts(tmp_path / "store")
    settings = Settings(delivery=delivery)
    return World(Desk("key", store, settings, tmp_path / "out" / "tea" / "teahouse", time.monotonic() + 600))


@pytest.fixture
def page_of() -> Callable[[World], str]:
    """The report of a world as it would be written."""
    from duanju.plugins.exports.report.data import gather
    from duanju.plugins.exports.report.gallery import gallery
    from duanju.plugins.exports.report.page import page

    def draw(world: World) -> str:
        episode = world.fold()
        data = gather(episode)
        pictures, data["likeness"] = gallery(episode, world.desk)
        return page(data, pictures)

    return draw
