"""The artifact store: bytes by their sha256, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ..events.artifact import Artifact
from .errors import BadArtifact, CannotCommit

__all__ = ["Artifacts"]

_SHA256 = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 20


class Artifacts:
    """A content-addressed store in a folder: `ab/cdef...`. Safe for many processes at once."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, data: bytes, media: str) -> Artifact:
        """Stores bytes: written, fsynced, renamed. Raises CannotCommit when the disk will not take them."""
        artifact = Artifact(hashlib.sha256(data).hexdigest(), len(data), media)
        target = self._target(artifact.sha256)
        if not self._has(target, artifact.size):
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                with _new(target) as (file, new):
                    file.write(data)
                    file.flush()
                    _finish(file.fileno(), new, target)
            except OSError as error:
                raise CannotCommit(
                    f"{target} cannot be written: {error.strerror}; free or unlock that disk, then resume"
                ) from None
        return artifact

    def put_file(self, path: Path, media: str) -> Artifact:
        """Stores a file's bytes; the file itself stays where it is."""
        whole = hashlib.sha256()
        size = 0
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                whole.update(chunk)
                size += len(chunk)
        artifact = Artifact(whole.hexdigest(), size, media)
        target = self._target(artifact.sha256)
        if not self._has(target, size):
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                with path.open("rb") as file, _new(target) as (copy, new):
                    copied = hashlib.sha256()
                    while chunk := file.read(_CHUNK):
                        copied.update(chunk)
                        copy.write(chunk)
                    if copied.hexdigest() != artifact.sha256:
                        raise BadArtifact(f"{path} changed while it was stored; wait until it is whole")
                    copy.flush()
                    _finish(copy.fileno(), new, target)
            except OSError as error:
                raise CannotCommit(
                    f"{target} cannot be written: {error.strerror}; free or unlock that disk, then resume"
                ) from None
        return artifact

    def path(self, artifact: Artifact) -> Path:
        """The file of an artifact. Raises BadArtifact when it is missing or has another size."""
        target = self._target(artifact.sha256)
        try:
            size = target.stat().st_size
        except OSError:
            raise BadArtifact(f"artifact {artifact.sha256} is missing at {target}") from None
        if size != artifact.size:
            raise BadArtifact(f"artifact {target} has {size} bytes, the log says {artifact.size}")
        return target

    def read(self, artifact: Artifact) -> bytes:
        """The bytes of an artifact. Raises BadArtifact when they are not what their name says."""
        data = self.path(artifact).read_bytes()
        if hashlib.sha256(data).hexdigest() != artifact.sha256:
            raise BadArtifact(
                f"artifact {self._target(artifact.sha256)} holds other bytes than its name says"
            )
        return data

    def read_sha256(self, sha256: str) -> bytes:
        """The bytes of a name alone, checked."""
        target = self._target(sha256)
        try:
            data = target.read_bytes()
        except OSError:
            raise BadArtifact(f"artifact {sha256} is missing at {target}") from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise BadArtifact(f"artifact {target} holds other bytes than its name says")
        return data

    def has(self, artifact: Artifact) -> bool:
        """Whether the file is there with the right size (cheap; `check` reads it)."""
        return self._has(self._target(artifact.sha256), artifact.size)

    def check(self, artifact: Artifact) -> str:
        """ "" when the bytes are right, else what is wrong with them."""
        try:
            target = self.path(artifact)
        except BadArtifact as error:
            return str(error)
        whole = hashlib.sha256()
        with target.open("rb") as file:
            while chunk := file.read(_CHUNK):
                whole.update(chunk)
        if whole.hexdigest() != artifact.sha256:
            return f"artifact {target} holds other bytes than its name says"
        return ""

    def sweep(self) -> None:
        """Removes the scratch folders of runs that a dead engine left; only for who holds the lease."""
        for left in self.root.glob(".run-*"):
            shutil.rmtree(left, ignore_errors=True)

    def _target(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise BadArtifact(f"{sha256[:80]!r} is no sha256")
        return self.root / sha256[:2] / sha256[2:]

    @staticmethod
    def _has(target: Path, size: int) -> bool:
        try:
            return target.stat().st_size == size
        except OSError:
            return False


@contextmanager
def _new(target: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A new file beside the target, open for writing; it is gone again unless it was renamed."""
    fd, name = tempfile.mkstemp(prefix=".new-", dir=target.parent)
    try:
        with os.fdopen(fd, "wb") as file:
            yield file, Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _finish(fd: int, new: Path, target: Path) -> None:
    os.fsync(fd)
    os.fchmod(fd, 0o644)
    new.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
