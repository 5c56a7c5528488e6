"""The page of a difference: one file without any other, the shots of both side by side."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import TYPE_CHECKING

from .opening import name_of

if TYPE_CHECKING:
    from ..core.artifacts import Artifacts
    from ..core.diff import Diff, Side
    from ..events.artifact import Artifact

__all__ = ["page"]

THUMB = (240, 320)
"""The most that a picture takes on the page, in pixels."""

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --mark: #d4850033 }
body { font: 15px/1.45 system-ui, "Noto Sans CJK SC", sans-serif; margin: 2rem auto; max-width: 60rem;
  padding: 0 1rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .5rem; text-align: left; vertical-align: top;
  overflow-wrap: anywhere }
tr.differs td { background: var(--mark) }
img { display: block; max-width: 100%; height: auto; border-radius: 4px }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; padding: .75rem; margin: .5rem 0;
  border: 1px solid var(--line); border-radius: 6px }
.pair.differs { background: var(--mark) }
.pair h3 { grid-column: 1 / -1; margin: 0; font-size: 1rem }
.none { opacity: .6 } code { font-size: .9em }
"""


def page(found: Diff, artifacts: Artifacts) -> str:
    """The whole page as HTML; a picture that cannot be read is named instead of shown."""
    a, b = escape(name_of(found.a)), escape(name_of(found.b))
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        '<meta name=viewport content="width=device-width, initial-scale=1">',
        f"<title>{a} and {b}</title><style>{_STYLE}</style>",
        f"<h1>{a} and {b}</h1>",
        f"<p>{_past(found)}; {found.equal_events} events are the same, of {len(found.events)} subjects "
        "one says what the other does not.</p>",
        *_money(found, a, b),
        *_shots(found, artifacts, a, b),
        *_checks(found, a, b),
        *_files(found, a, b),
        *_events(found),
    ]
    return "\n".join(parts) + "\n</html>\n"


def _past(found: Diff) -> str:
    return f"They share all up to position {found.common}" if found.common else "They share no past"


def _money(found: Diff, a: str, b: str) -> list[str]:
    from ..core.budget import dollars

    rows = []
    for name, sums in (("shared, paid once", found.money.shared), (a, found.money.a), (b, found.money.b)):
        cells = [dollars(sums.cost), sums.calls, sums.reused, dollars(sums.in_doubt), sums.unknown]
        rows.append(f"<tr><td>{name}" + "".join(f"<td>{cell}" for cell in cells))
    head = "".join(
        f"<th>{word}" for word in ("", "cost", "calls", "used again", "in doubt", "of unknown cost")
    )
    return ["<h2>Money</h2><table><tr>" + head, *rows, "</table>"]


def _shots(found: Diff, artifacts: Artifacts, a: str, b: str) -> list[str]:
    if not found.shots:
        return []
    differing = sum(not shot.same for shot in found.shots)
    parts = [f"<h2>Shots: {differing} of {len(found.shots)} differ</h2>"]
    for shot in found.shots:
        mark = "" if shot.same else " differs"
        parts.append(f'<section class="pair{mark}"><h3>{escape(shot.shot)}, scene {escape(shot.scene)}</h3>')
        for name, side in ((a, shot.a), (b, shot.b)):
            parts.append(_side(name, side, artifacts))
        parts.append("</section>")
    return parts


def _side(name: str, side: Side | None, artifacts: Artifacts) -> str:
    if side is None:
        return f"<div class=none><b>{name}</b><p>has no such shot</div>"
    plan = side.plan
    lines = "".join(f"<p><b>{escape(one.character)}</b>: {escape(one.text)}" for one in plan.lines)
    route = f"{escape(side.route)}, " if side.route else ""
    return (
        f"<div><b>{name}</b>{_picture(side.picture, artifacts)}"
        f"<p>{escape(plan.size)}, {route}take {side.take}, {side.frames} frames"
        f"<p>{escape(plan.action)}{lines}</div>"
    )


def _picture(picture: Artifact | None, artifacts: Artifacts) -> str:
    if picture is None:
        return "<p class=none>no picture yet"
    small = _small(picture, artifacts)
    if small is None:
        return f"<p class=none>its picture cannot be shown: <code>{picture.sha256[:12]}</code>"
    return f'<img alt="its picture" src="data:image/jpeg;base64,{small}">'


def _small(picture: Artifact, artifacts: Artifacts) -> str | None:
    """The picture as a small JPEG in base64; None for what is lost, damaged or no picture."""
    import warnings

    from PIL import Image

    from ..core.errors import DuanjuError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(artifacts.read(picture)), formats=["PNG", "JPEG"]) as image:
                image.draft("RGB", THUMB)
                thumb = image.convert("RGB")
        thumb.thumbnail(THUMB)
        out = io.BytesIO()
        thumb.save(out, "JPEG", quality=82)
    except (DuanjuError, OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError):
        return None
    return base64.b64encode(out.getvalue()).decode()


def _checks(found: Diff, a: str, b: str) -> list[str]:
    if not found.checks:
        return []
    rows = [
        f"<tr class=differs><td>{escape(one.check)} @ {escape(one.subject)}"
        f"<td>{escape(one.a) or 'not measured'}<td>{escape(one.b) or 'not measured'}"
        for one in found.checks
    ]
    return [f"<h2>Checks</h2><table><tr><th>check<th>{a}<th>{b}", *rows, "</table>"]


def _files(found: Diff, a: str, b: str) -> list[str]:
    if not found.files:
        return []
    rows = []
    for one in found.files:
        mark = "" if one.same else " class=differs"
        cells = "".join(f"<td>{'-' if size is None else f'{size:,} bytes'}" for size in (one.a, one.b))
        rows.append(f"<tr{mark}><td>{escape(one.name)}{cells}")
    return [f"<h2>Files</h2><table><tr><th>file<th>{a}<th>{b}", *rows, "</table>"]


def _events(found: Diff) -> list[str]:
    if not found.events:
        return []
    rows = []
    for one in found.events:
        words = "<br>".join(
            f"<code>{escape(f.path)}</code>: {escape(_short(f.old))} → {escape(_short(f.new))}"
            for f in one.fields[:8]
        )
        more = f"<br>and {len(one.fields) - 8} more fields" if len(one.fields) > 8 else ""
        count = f" ×{one.count}" if one.count > 1 else ""
        rows.append(
            f"<tr><td>{one.what}<td>{escape(one.kind)}<td>{escape(one.subject)}{count}<td>{words}{more}"
        )
    return ["<h2>Events</h2><table><tr><th><th>kind<th>subject<th>what differs", *rows, "</table>"]


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 120 else text[:119] + "…"
