"""The value that stands in an event for bytes in the artifact store."""

from __future__ import annotations

from attrs import frozen

__all__ = ["Artifact"]


@frozen
class Artifact:
    """Bytes by their sha256 (64 hex digits), with their size in bytes and media type."""

    sha256: str
    size: int
    media: str
