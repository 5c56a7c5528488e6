"""Every error a person can meet, each with the exit code it ends a command with."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .compare import Change, Said

__all__ = [
    "MACHINE",
    "BadArtifact",
    "BadLog",
    "BadPlugin",
    "BadSetting",
    "CannotCommit",
    "Deposed",
    "Diverged",
    "DuanjuError",
    "LogBusy",
    "LogMoved",
    "MissingExtra",
    "NoSuchEpisode",
    "NotReady",
    "WrongUse",
    "WrongVersion",
    "advice",
    "barred",
    "cannot_write",
    "log_advice",
]


class DuanjuError(Exception):
    """The base of all of them. The text says what is wrong, where, and what to do next."""

    exit_code = 1


class WrongUse(DuanjuError):
    """The command was given something it cannot work with."""

    exit_code = 2


class BadSetting(WrongUse):
    """A setting is unknown or wrong: file, line, key, and what would be right."""


class NoSuchEpisode(WrongUse):
    """No episode of that name, or several."""


class BadPlugin(DuanjuError):
    """A plugin cannot be used; it is left out and named."""


class NotReady(DuanjuError):
    """Something that a plugin needs is not there: nothing was tried, and trying again does not help.

    `next` is what a person can do about it. An effect that has called out for its answer must not raise it.
    """

    def __init__(self, why: str, next: str) -> None:
        self.why = why
        self.next = next
        super().__init__(f"{why}; {next}")


class MissingExtra(NotReady):
    """A library that a plugin needs is not installed. Raised where the plugin imports it.

    `what` names the library, `pip_command` installs it: `pip install 'duanju-voices[torch]'`.
    """

    def __init__(self, what: str, pip_command: str) -> None:
        self.pip_command = pip_command
        why = f"it needs {what}, which is not installed"
        super().__init__(why, f"install it: {pip_command}")


class BadLog(DuanjuError):
    """The log is not what it must be: the first bad position is named."""


class BadArtifact(DuanjuError):
    """Bytes in the store are missing or are not what their name says."""


class LogBusy(DuanjuError):
    """Another engine runs on this log."""

    exit_code = 2


class LogMoved(DuanjuError):
    """The log lies in another place than it was made in, and has unfinished paid work."""

    exit_code = 2


class CannotCommit(DuanjuError):
    """A transaction, or a file of the studio, could not be written (disk full, read-only, no descriptors)."""


class Deposed(DuanjuError):
    """Another engine took over this log; this one stops."""


class WrongVersion(DuanjuError):
    """Somebody else wrote about the subject first; both records are shown."""

    exit_code = 2


class Diverged(DuanjuError):
    """A reaction answers a record differently from what the log holds.

    `plugin` is its plugin and hook; `wanted` and `got` are the two answers, `got` the error where it raises
    now; `changes` are the single differences.
    """

    def __init__(
        self,
        position: int,
        plugin: str,
        wanted: Sequence[Said],
        got: Sequence[Said] | str,
        changes: Sequence[Change] = (),
    ) -> None:
        self.position = position
        self.plugin = plugin
        self.wanted = wanted
        self.got = got
        self.changes = changes
        super().__init__(
            f"diverged at position {position}, {plugin}: the log holds {_brief(wanted)}, now {_brief(got)}"
        )


def _brief(answer: Sequence[Said] | str) -> str:
    if isinstance(answer, str):
        return answer
    return ", ".join(f"{one.kind} {one.body}"[:300] for one in answer[:20]) or "nothing"


_ADVICE = {
    errno.ENOSPC: "free some space on that disk",
    errno.EDQUOT: "free some space: your quota on that disk is used up",
    errno.EROFS: "that disk is mounted read-only: mount it writable, or copy the studio to another one",
    errno.EACCES: "make it readable and writable for this user",
    errno.EPERM: "make it readable and writable for this user",
    errno.EMFILE: "allow this program more open files (ulimit -n 1024)",
    errno.ENFILE: "too many files are open on this machine: end some programs",
    errno.EIO: "the disk itself fails: copy the studio to another one",
    errno.EISDIR: "a folder stands where a file must be: move it away",
    errno.ENOTDIR: "a file stands where a folder must be: move it away",
    errno.EEXIST: "a file stands where a folder must be: move it away",
    errno.ENAMETOOLONG: "choose a folder with a shorter name",
}


MACHINE = frozenset(_ADVICE)
"""The numbers of the errors that are the machine's or its owner's to mend, not a fault of this program."""


def advice(error: OSError) -> str:
    """What a person can do about an error of the operating system, as the end of a sentence."""
    return _ADVICE.get(error.errno or 0, "mend that")


def barred(folder: Path) -> OSError | None:
    """Why nothing can be written in a folder that exists: its disk's mount or its mode; None where it can."""
    if os.access(folder, os.W_OK):
        return None
    read_only = os.statvfs(folder).f_flag & os.ST_RDONLY
    number = errno.EROFS if read_only else errno.EACCES
    return OSError(number, os.strerror(number))


def cannot_write(path: str | os.PathLike[str], error: OSError) -> CannotCommit:
    """The error that says why a file of the studio cannot be written, and what to do; nothing was kept."""
    why = error.strerror or str(error) or type(error).__name__
    return CannotCommit(
        f"{os.fspath(path)} cannot be written: {why}; {advice(error)}, then run duanju resume"
    )


_LOG_ADVICE = (
    ("full", "free some space on that disk, then run duanju resume; nothing acknowledged is lost"),
    ("readonly", "make the studio's folder writable, then run duanju resume"),
    ("read-only", "make the studio's folder writable, then run duanju resume"),
    ("locked", "another program keeps the log locked; end it, then run duanju resume"),
    (
        "unable to open",
        "make sure that it is a file, that its folder is writable, and that this program may open more files "
        "(ulimit -n 1024); then run the command again",
    ),
    (
        "disk I/O",
        "the disk is full or fails: free some space or copy the studio elsewhere, then duanju resume",
    ),
    ("malformed", "the file is damaged: restore a backup; duanju verify says from where on it is"),
    ("not a database", "the file is damaged, or is no log: restore a backup"),
)


def log_advice(error: Exception) -> str:
    """What a person can do about an error of SQLite, as the end of a sentence."""
    text = str(error)
    for sign, words in _LOG_ADVICE:
        if sign in text:
            return words
    return "see duanju verify, then run duanju resume"
