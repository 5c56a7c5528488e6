"""Backup: a whole, checked copy of a studio, taken while an engine may be working in it."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from attrs import define, frozen

from ..events.artifact import Artifact
from ..events.codec import Codec
from ..events.vocabulary import builtin_events
from .artifacts import Artifacts
from .errors import BadArtifact, BadLog, CannotCommit, WrongUse, advice
from .log import Log
from .studio import SETTINGS_FILE, Studio
from .verify import Problem, walk

__all__ = ["Backup", "Watch", "back_up", "named_in"]

Watch = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""

HANDED_IN = "handed-in"
PAGES = 256
_CHUNK = 1 << 20
_PART = ".part-"


@frozen
class Backup:
    """What a backup holds: its records, the digest of the last, its files, and what is wrong in it."""

    records: int
    head: str
    files: int
    bytes: int
    problems: list[Problem]


def back_up(studio: Studio, target: Path, watch: Watch = lambda what, done, of: None) -> Backup:
    """Copies a studio into a new folder: settings, the log as of one moment, and the files that it names.

    An engine may work on meanwhile. The copy is written beside `target` under another name, walked, and
    renamed at the end; whatever interrupts it leaves nothing at `target`. What is damaged in the studio is
    left out and told in `problems`. Raises WrongUse for a target that cannot be one, BadLog for a log that
    SQLite cannot read, CannotCommit where the copy cannot be written.
    """
    _check_target(studio, target)
    try:
        with _part(target) as part:
            found = _copy(studio, part, watch)
            _sync_folders(part)
            try:
                part.rename(target)
            except OSError as error:
                raise WrongUse(f"{target} cannot be made: {error.strerror}; name a new folder") from None
            _sync(target.parent)
    except OSError as error:
        where = error.filename or target
        why = error.strerror or str(error)
        raise CannotCommit(
            f"no backup was made: {where}: {why}; {advice(error)}, then run duanju backup again"
        ) from None
    return found


def named_in(body: str) -> Iterator[Artifact]:
    """Every artifact that an event's body names, told from the JSON alone: no plugin is needed for it."""
    stack: list[Any] = [orjson.loads(body)]
    while stack:
        one = stack.pop()
        if isinstance(one, list):
            stack.extend(one)
        elif isinstance(one, dict):
            if one.keys() == {"sha256", "size", "media"}:
                sha256, size, media = one["sha256"], one["size"], one["media"]
                if isinstance(sha256, str) and isinstance(size, int) and isinstance(media, str):
                    yield Artifact(sha256, size, media)
            else:
                stack.extend(one.values())


def _check_target(studio: Studio, target: Path) -> None:
    if not studio.has_log():
        raise WrongUse(f"{studio.root} has no log yet; make an episode first: duanju produce SCRIPT")
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise WrongUse(f"{target} exists and is no folder; name a new folder for the backup")
    try:
        if target.is_dir() and any(target.iterdir()):
            raise WrongUse(f"{target} is not empty; name a new folder for the backup")
        if not target.absolute().parent.is_dir():
            raise WrongUse(f"{target.absolute().parent} is no folder; make it first, or name another place")
    except OSError as error:
        raise WrongUse(f"{target} cannot be used: {error.strerror}; {advice(error)}") from None
    inside = (studio.root / ".duanju").resolve()
    if inside in target.resolve().parents:
        raise WrongUse(f"{target} lies inside {inside}; name a folder outside of it")


@contextmanager
def _part(target: Path) -> Iterator[Path]:
    """A new folder beside the target, gone again unless it was renamed; locked, so that a dead one shows."""
    prefix = f".{target.name}{_PART}"[-200:]
    for left in target.absolute().parent.glob(f"{_quoted(prefix)}*"):
        _sweep(left)
    part = Path(tempfile.mkdtemp(prefix=prefix, dir=target.absolute().parent))
    held = -1
    try:
        held = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        part.chmod(0o755)
        yield part
    finally:
        if held >= 0:
            os.close(held)
        shutil.rmtree(part, ignore_errors=True)


def _quoted(text: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in text)


def _sweep(left: Path) -> None:
    """Removes the folder of a backup that was killed; one that is under way is locked."""
    try:
        fd = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return
    else:
        shutil.rmtree(left, ignore_errors=True)
    finally:
        os.close(fd)


def _copy(studio: Studio, part: Path, watch: Watch) -> Backup:
    settings = (studio.root / SETTINGS_FILE).read_bytes()
    _write(part / SETTINGS_FILE, settings)
    inner = part / ".duanju"
    inner.mkdir()
    # What a failing engine handed in goes before the log: an outcome is then in one of the two, or in both,
    # and its id lets it stand only once.
    _copy_plain(studio.root / ".duanju" / HANDED_IN, inner / HANDED_IN)
    _copy_log(studio.log_path, inner / "log.db", watch)
    # Artifacts never change and are stored before the event that names them: all that the copied log names
    # is there by now.
    store = Artifacts(inner / "artifacts")
    store.root.mkdir()
    (part / "out").mkdir()
    log = Log(inner / "log.db", Codec(builtin_events()), read_only=True)
    try:
        found = walk(log, lambda done: watch("checking the log", done, log.head))
        problems = list(found.problems)
        upto = problems[0].position - 1 if problems else log.head
        copied = _copy_artifacts(log, upto, studio.artifacts, store, problems, watch)
    finally:
        log.close()
    for side in ("log.db-wal", "log.db-shm"):
        (inner / side).unlink(missing_ok=True)  # of the reading alone: nothing was written through them
    return Backup(found.records, found.head, copied.files, copied.bytes, problems)


def _copy_log(source: Path, target: Path, watch: Watch) -> None:
    """SQLite's online backup of one moment: with the read transaction open no commit makes it begin anew."""
    try:
        log = Log(source, Codec(builtin_events()), read_only=True)
        old = log.db
        try:
            old.execute("BEGIN")
            old.execute("SELECT max(position) FROM event").fetchone()
            new = sqlite3.connect(target, isolation_level=None)
            try:
                old.backup(
                    new,
                    pages=PAGES,
                    progress=lambda status, left, all_: watch("copying the log", all_ - left, all_),
                )
            finally:
                new.close()
        finally:
            log.close()
    except sqlite3.Error as error:
        if "full" in str(error):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target)) from None
        raise BadLog(
            f"{source} cannot be copied: {error}; see duanju verify, or copy the whole folder by hand"
        ) from None
    _sync(target)


@define
class _Copied:
    files: int = 0
    bytes: int = 0


def _copy_artifacts(
    log: Log, upto: int, old: Artifacts, new: Artifacts, problems: list[Problem], watch: Watch
) -> _Copied:
    named: dict[str, tuple[int, Artifact]] = {}
    rows = log.db.execute("SELECT position, body FROM event WHERE position <= ? ORDER BY position", (upto,))
    for position, body in rows:
        for artifact in named_in(body):
            named.setdefault(artifact.sha256, (position, artifact))
    copied = _Copied()
    for number, (position, artifact) in enumerate(sorted(named.values(), key=lambda one: one[0])):
        watch("copying files", number, len(named))
        try:
            _copy_file(old.path(artifact), new, artifact)
        except BadArtifact as error:
            problems.append(Problem(position, str(error)))
            continue
        copied.files += 1
        copied.bytes += artifact.size
    watch("copying files", len(named), len(named))
    return copied


def _copy_file(source: Path, new: Artifacts, artifact: Artifact) -> None:
    """Copies one artifact; its bytes are checked on the way. Raises BadArtifact when they are others."""
    target = new.root / artifact.sha256[:2] / artifact.sha256[2:]
    target.parent.mkdir(exist_ok=True)
    whole = hashlib.sha256()
    try:
        with target.open("xb") as file:
            for chunk in _chunks(source):
                whole.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if whole.hexdigest() != artifact.sha256:
            raise BadArtifact(f"artifact {artifact.sha256} at {source} holds other bytes than its name says")
    except BadArtifact:
        target.unlink()
        raise


def _chunks(source: Path) -> Iterator[bytes]:
    """A file's bytes in pieces; one that cannot be read is a bad artifact, and the copy goes on."""
    try:
        with source.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE):
            raise
        raise BadArtifact(f"artifact {source} cannot be read: {error.strerror}") from None


def _copy_plain(source: Path, target: Path) -> None:
    """Copies a folder of small files that others may be removing meanwhile."""
    if not source.is_dir():
        return
    target.mkdir()
    for file in sorted(source.iterdir()):
        if file.is_file() and not file.name.startswith("."):
            try:
                data = file.read_bytes()
            except FileNotFoundError:
                continue  # the engine has taken it up: it is in the log
            _write(target / file.name, data)


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _sync_folders(root: Path) -> None:
    for folder, _, _ in os.walk(root, topdown=False):
        _sync(Path(folder))
