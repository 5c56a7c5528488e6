"""The artifact store: bytes by their sha256, written whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ..events.artifact import Artifact
from .errors import BadArtifact, CannotCommit, advice, cannot_write

__all__ = ["Artifacts"]

_SHA256 = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 20
_DEAD_SECONDS = 3600


class Artifacts:
    """A content-addressed store in a folder: `ab/cdef...`. Safe for many processes at once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._read: dict[str, tuple[int, int, int, int]] = {}

    def put(self, data: bytes, media: str) -> Artifact:
        """Stores bytes: written, fsynced, renamed. Raises CannotCommit when the disk will not take them."""
        artifact = Artifact(hashlib.sha256(data).hexdigest(), len(data), media)
        target = self._target(artifact.sha256)
        if not self.sound(artifact):
            with _writing(target), _new(target) as (file, new):
                file.write(data)
                _finish(file, new, target)
        return artifact

    def put_file(self, path: Path, media: str) -> Artifact:
        """Stores a file's bytes; it stays where it is. Raises as `put`, and OSError for `path`."""
        whole = hashlib.sha256()
        size = 0
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                whole.update(chunk)
                size += len(chunk)
        artifact = Artifact(whole.hexdigest(), size, media)
        target = self._target(artifact.sha256)
        if not self.sound(artifact):
            with path.open("rb") as file, _writing(target), _new(target) as (copy, new):
                copied = hashlib.sha256()
                while chunk := file.read(_CHUNK):
                    copied.update(chunk)
                    copy.write(chunk)
                if copied.hexdigest() != artifact.sha256:
                    raise BadArtifact(f"{path} changed while it was stored; wait until it is whole")
                _finish(copy, new, target)
        return artifact

    def place(self, artifact: Artifact) -> Path:
        """Where an artifact's file is, or should be."""
        return self._target(artifact.sha256)

    def path(self, artifact: Artifact) -> Path:
        """The file of an artifact. Raises BadArtifact when it is missing or has another size."""
        target = self._target(artifact.sha256)
        try:
            found = target.stat()
        except FileNotFoundError:
            raise BadArtifact(f"artifact {_name(target)} is missing at {target}") from None
        except OSError as error:
            raise BadArtifact(
                f"artifact {_name(target)} at {target} cannot be read: {error.strerror}"
            ) from None
        if not stat.S_ISREG(found.st_mode):
            raise BadArtifact(f"artifact {_name(target)} at {target} is no file")
        if found.st_size != artifact.size:
            raise BadArtifact(
                f"artifact {_name(target)} at {target} has {found.st_size} bytes, "
                f"the log says {artifact.size}"
            )
        return target

    def read(self, artifact: Artifact) -> bytes:
        """The bytes of an artifact. Raises BadArtifact when they are not what their name says."""
        data = _bytes(self.path(artifact))
        if hashlib.sha256(data).hexdigest() != artifact.sha256:
            raise BadArtifact(_other(self._target(artifact.sha256)))
        return data

    def read_sha256(self, sha256: str) -> bytes:
        """The bytes of a name alone, checked."""
        target = self._target(sha256)
        data = _bytes(target)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise BadArtifact(_other(target))
        return data

    def sound(self, artifact: Artifact) -> bool:
        """Whether the file is there and holds the right bytes; one that was read so is not read again."""
        target = self._target(artifact.sha256)
        try:
            found = target.stat()
        except OSError:
            return False
        mark = (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        if found.st_size != artifact.size:
            return False
        if self._read.get(artifact.sha256) == mark:
            return True
        if self.check(artifact):
            return False
        self._read[artifact.sha256] = mark
        return True

    def check(self, artifact: Artifact) -> str:
        """ "" when the bytes are right, else what is wrong with them."""
        try:
            target = self.path(artifact)
        except BadArtifact as error:
            return str(error)
        whole = hashlib.sha256()
        try:
            with target.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    whole.update(chunk)
        except OSError as error:
            return f"artifact {_name(target)} at {target} cannot be read: {error.strerror}"
        if whole.hexdigest() != artifact.sha256:
            return _other(target)
        return ""

    def sweep(self) -> None:
        """Removes what dead processes left: scratch folders, files half written; for who holds the lease.

        Other processes store artifacts without the lease, so a half-written file must be an hour old.
        """
        for left in self.root.glob(".run-*"):
            shutil.rmtree(left, ignore_errors=True)
        for new in self.root.glob("??/.new-*"):
            with suppress(OSError):
                if time.time() - new.stat().st_mtime > _DEAD_SECONDS:
                    new.unlink()

    def _target(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise BadArtifact(f"{sha256[:80]!r} is no sha256")
        return self.root / sha256[:2] / sha256[2:]


def _name(target: Path) -> str:
    return target.parent.name + target.name


def _other(target: Path) -> str:
    return f"artifact {_name(target)} at {target} holds other bytes than its name says"


def _bytes(target: Path) -> bytes:
    """A file's bytes. Raises BadArtifact; CannotCommit when it is this process that lacks what it takes."""
    try:
        return target.read_bytes()
    except FileNotFoundError:
        raise BadArtifact(f"artifact {_name(target)} is missing at {target}") from None
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM):
            raise CannotCommit(
                f"artifact {target} cannot be read: {error.strerror}; {advice(error)}, then run duanju resume"
            ) from None
        raise BadArtifact(f"artifact {_name(target)} at {target} cannot be read: {error.strerror}") from None


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    """Makes the target's folder; an error of the disk leaves as CannotCommit."""
    try:
        _make_folder(target.parent)
        yield
    except OSError as error:
        raise cannot_write(target, error) from None


@contextmanager
def _new(target: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A new file beside the target, open for writing; it is gone again unless it was renamed."""
    fd, name = tempfile.mkstemp(prefix=".new-", dir=target.parent)
    try:
        with os.fdopen(fd, "wb") as file:
            yield file, Path(name)
    finally:
        with suppress(OSError):
            os.unlink(name)


def _finish(file: BinaryIO, new: Path, target: Path) -> None:
    file.flush()
    os.fsync(file.fileno())
    os.fchmod(file.fileno(), 0o644)
    new.replace(target)
    _sync(target.parent)


def _make_folder(folder: Path) -> None:
    """Makes a folder of the store, its name durable too: else its files could be lost with it."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
