"""Writes what a person wants to open: the film, its subtitles, the report and the costs of an episode."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ...core.episode import Episode
from ...core.errors import BadArtifact, CannotCommit
from ...core.hooks import effect, hookimpl
from ...events.artifact import Artifact
from ...events.episode import EpisodeDelivered, EpisodeHeld, EpisodeReleased

if TYPE_CHECKING:
    from ...core.desk import Desk

__all__ = ["FILES", "on_episode_delivered", "on_episode_held", "on_episode_released"]

decisions = 1
FILES = ("episode.mp4", "episode.srt", "report.html", "report.json", "costs.csv", "HELD.txt")
_NEW = ".new-"


@hookimpl
@effect(lane="export", doubt="repeat", while_held=True)
def on_episode_delivered(event: EpisodeDelivered, episode: Episode, desk: Desk) -> None:
    """Fills the folder, and takes the mark HELD away."""
    # The releases that come with a delivery may stand after it: what its checks held is over.
    write(episode, desk, ended=[hold for hold in episode.holds if hold.startswith("check:")])


@hookimpl
@effect(lane="export", doubt="repeat", while_held=True)
def on_episode_held(event: EpisodeHeld, episode: Episode, desk: Desk) -> None:
    """Fills the folder with what exists, marked HELD."""
    write(episode, desk)


@hookimpl
@effect(lane="export", doubt="repeat", while_held=True)
def on_episode_released(event: EpisodeReleased, episode: Episode, desk: Desk) -> None:
    """Writes the folder anew where the mark HELD in it is no longer the truth."""
    if (desk.out / "HELD.txt").exists():
        write(episode, desk)


def write(episode: Episode, desk: Desk, *, ended: Collection[str] = ()) -> None:
    """Writes all files, each under another name first and then renamed, so that none is ever half there.

    `ended` names holds in the fold that are over. Raises CannotCommit when the disk will not take them and
    BadArtifact when the store has lost bytes that belong into them.
    """
    import orjson

    from ...core.takes import newest_cut
    from .report.costs import to_csv
    from .report.data import gather
    from .report.gallery import gallery
    from .report.page import page

    try:
        out = desk.out
        for left in out.glob(f"{_NEW}*"):
            left.unlink(missing_ok=True)
        data = gather(episode, ended=ended)
        cut = newest_cut(episode)
        if cut is not None:
            _copy(desk, cut.film, out / "episode.mp4")
            _copy(desk, cut.subtitles, out / "episode.srt")
        desk.progress(1, 3)
        pictures, data["likeness"] = gallery(episode, desk)
        desk.progress(2, 3)
        _text(out / "report.html", page(data, pictures))
        _put(out / "report.json", orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
        _text(out / "costs.csv", to_csv(data["costs"]))
        if data["holds"]:
            stale = cut is None and (out / "episode.mp4").exists()
            _text(out / "HELD.txt", held_note(data, stale))
        else:
            (out / "HELD.txt").unlink(missing_ok=True)
        desk.progress(3, 3)
    except OSError as error:
        raise CannotCommit(
            f"{error.filename or desk.folder} cannot be written: {error.strerror}; "
            "free or unlock that disk, then resume"
        ) from None


def held_note(data: dict[str, Any], stale: bool) -> str:
    """HELD.txt: what stopped, where, and what to do. `stale` = the film in the folder is an older one."""
    episode = data["episode"]
    parts = [f"HELD: {episode['series']}/{episode['name']}, revision {episode['revision']}\n"]
    for hold in data["holds"]:
        parts.append(
            f"\nWhat:  {_flat(hold['why'])}\nWhere: {_flat(hold['subject'] or '(the whole episode)')}\n"
            f"Cause: {_flat(hold['hold'])}\nDo:    {_flat(hold['next'])}\n"
        )
    if stale:
        parts.append("\nepisode.mp4 in this folder was made for an earlier revision.\n")
    parts.append("\nreport.html shows the rest.\n")
    return "".join(parts)


def _flat(text: str) -> str:
    return " ".join(text.split())[:2000]


def _copy(desk: Desk, artifact: Artifact, target: Path) -> None:
    """Copies an artifact, comparing its bytes with its name on the way."""
    whole = hashlib.sha256()

    def fill(file: BinaryIO) -> None:
        with desk.artifacts.path(artifact).open("rb") as source:
            while chunk := source.read(1 << 20):
                whole.update(chunk)
                file.write(chunk)
        if whole.hexdigest() != artifact.sha256:
            raise BadArtifact(
                f"artifact {artifact.sha256} holds other bytes than its name says; run duanju verify"
            )

    _write(target, fill)


def _text(target: Path, text: str) -> None:
    _put(target, text.encode("utf-8", "replace"))


def _put(target: Path, data: bytes) -> None:
    def fill(file: BinaryIO) -> None:
        file.write(data)

    _write(target, fill)


def _write(target: Path, fill: Callable[[BinaryIO], None]) -> None:
    handle, name = tempfile.mkstemp(prefix=_NEW, dir=target.parent)
    new = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), 0o644)
        new.replace(target)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
