"""Every error a person can meet, each with the exit code it ends a command with."""

from __future__ import annotations

__all__ = [
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
    "NoSuchEpisode",
    "WrongUse",
    "WrongVersion",
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
    """A transaction could not be committed (disk full, read-only); nothing of it was kept."""


class Deposed(DuanjuError):
    """Another engine took over this log; this one stops."""


class WrongVersion(DuanjuError):
    """Somebody else wrote about the subject first; both records are shown."""

    exit_code = 2


class Diverged(DuanjuError):
    """A reaction answers a record differently from what the log holds."""

    def __init__(self, position: int, plugin: str, wanted: object, got: object) -> None:
        self.position = position
        self.plugin = plugin
        self.wanted = wanted
        self.got = got
        super().__init__(f"diverged at position {position}, {plugin}: the log holds {wanted}, now {got}")
