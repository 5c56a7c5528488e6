"""References on their way to a vendor: told by their bytes, within the vendor's bounds, in its encoding."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from attrs import frozen

from .pictures import BadMedia, picture_head

if TYPE_CHECKING:
    from ....core.artifacts import Artifacts
    from ....events.artifact import Artifact

__all__ = ["PICTURES", "Limits", "PictureIn", "picture_in"]

PICTURES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
_SUFFIX = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}


@frozen
class Limits:
    """What a vendor takes: bytes of one picture, pixels of its sides, and its kinds."""

    most_bytes: int = 20 << 20
    least_side: int = 1
    most_side: int = 16_384
    kinds: frozenset[str] = PICTURES


@frozen
class PictureIn:
    """A picture to send, with the media type that its bytes have, whatever it was called before."""

    data: bytes
    media: str
    width: int
    height: int

    @property
    def data_url(self) -> str:
        """As `data:image/png;base64,...`."""
        return f"data:{self.media};base64,{self.base64}"

    @property
    def base64(self) -> str:
        """The bare base64, for the vendors that want no prefix."""
        return base64.b64encode(self.data).decode()

    @property
    def suffix(self) -> str:
        """The ending of a file name that fits."""
        return _SUFFIX[self.media]


def picture_in(artifacts: Artifacts, artifact: Artifact, limits: Limits | None = None) -> PictureIn:
    """Reads a picture that goes along with a call.

    Raises BadMedia when the vendor would not take it, saying why; BadArtifact when its file is not there.
    """
    limits = limits or Limits()
    name = artifact.sha256[:12]
    if artifact.size > limits.most_bytes:
        raise BadMedia(f"picture {name} has {artifact.size} bytes, more than the {limits.most_bytes} allowed")
    data = artifacts.read(artifact)
    try:
        head = picture_head(data)
    except BadMedia as error:
        raise BadMedia(f"input {name}: {error}") from None
    if head.media not in limits.kinds:
        raise BadMedia(f"picture {name} is {head.media}; allowed: {', '.join(sorted(limits.kinds))}")
    if min(head.width, head.height) < limits.least_side or max(head.width, head.height) > limits.most_side:
        raise BadMedia(
            f"picture {name} is {head.width}x{head.height}; its sides must be {limits.least_side} to "
            f"{limits.most_side} pixels"
        )
    return PictureIn(data, head.media, head.width, head.height)
