"""Names and versions of what measured, as a check's `tool` (no plugin)."""

from __future__ import annotations

__all__ = ["ffmpeg"]


def ffmpeg(part: str) -> str:
    """A part of ffmpeg and its versions: "blackdetect (libavfilter 11.14.102, PyAV 18.1.0)"."""
    import av

    library = {"ebur128": "libavfilter", "blackdetect": "libavfilter"}.get(part, "libavformat")
    version = ".".join(str(n) for n in av.library_versions.get(library, ()))
    return f"{part} ({library} {version}, PyAV {av.__version__})"
