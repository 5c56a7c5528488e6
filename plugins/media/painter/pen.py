"""A pen that writes SVG: shapes, gradients, clips and groups, with numbers only and no outside text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

Point = tuple[float, float]
Stop = tuple[float, str] | tuple[float, str, float]


def num(value: float) -> str:
    """A coordinate with two decimals, short, never in exponent form."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def d(*items: str | float) -> str:
    """Path data from commands and numbers."""
    return " ".join(item if isinstance(item, str) else num(item) for item in items)


def smooth(points: Sequence[Point], closed: bool = True, tension: float = 1.0) -> str:
    """Path data of a Catmull-Rom curve through the points, as cubic Beziers (tangent = half the chord)."""
    n = len(points)
    out: list[str | float] = ["M", *points[0]]
    for i in range(n if closed else n - 1):
        if closed:
            p0, p1, p2, p3 = (points[(i + k) % n] for k in (-1, 0, 1, 2))
        else:
            p0, p1, p2, p3 = points[max(0, i - 1)], points[i], points[i + 1], points[min(n - 1, i + 2)]
        t = tension / 6
        out += ["C", p1[0] + (p2[0] - p0[0]) * t, p1[1] + (p2[1] - p0[1]) * t]
        out += [p2[0] - (p3[0] - p1[0]) * t, p2[1] - (p3[1] - p1[1]) * t, *p2]
    return d(*out) + (" Z" if closed else "")


def polygon(points: Sequence[Point]) -> str:
    """Path data of straight lines through the points, closed."""
    return "M " + " L ".join(f"{num(x)} {num(y)}" for x, y in points) + " Z"


def capsule(a: Point, b: Point, ra: float, rb: float) -> str:
    """Path data of a limb: a tapered stick from a to b with round ends of radius ra and rb."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = max(1e-6, (dx * dx + dy * dy) ** 0.5)
    nx, ny = -dy / length, dx / length
    return d(
        "M",
        a[0] + nx * ra,
        a[1] + ny * ra,
        "L",
        b[0] + nx * rb,
        b[1] + ny * rb,
        "A",
        rb,
        rb,
        "0 0 0",
        b[0] - nx * rb,
        b[1] - ny * rb,
        "L",
        a[0] - nx * ra,
        a[1] - ny * ra,
        "A",
        ra,
        ra,
        "0 0 0",
        a[0] + nx * ra,
        a[1] + ny * ra,
        "Z",
    )


_USER = 'gradientUnits="userSpaceOnUse"'  # gradients in the shape's own centimetres


class Pen:
    """Collects drawing elements in painting order; `svg` returns the document."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.air: list[str] = []  # soft light over all that is drawn, see `shine`
        self.defs: list[str] = []
        self._moves: list[str] = []
        self._ids: dict[str, str] = {}

    def _define(self, prefix: str, body: str) -> str:
        """The id of a definition; the same definition is written once."""
        if body not in self._ids:
            self._ids[body] = f"{prefix}{len(self._ids)}"
            self.defs.append(body.replace("@", self._ids[body], 1))
        return self._ids[body]

    @staticmethod
    def _stops(stops: Sequence[Stop]) -> str:
        out = []
        for stop in stops:
            alpha = f' stop-opacity="{num(stop[2])}"' if len(stop) == 3 else ""
            out.append(f'<stop offset="{num(stop[0])}" stop-color="{stop[1]}"{alpha}/>')
        return "".join(out)

    def linear(self, a: Point, b: Point, *stops: Stop) -> str:
        """A fill that runs from a to b."""
        at = f'x1="{num(a[0])}" y1="{num(a[1])}" x2="{num(b[0])}" y2="{num(b[1])}"'
        body = f'<linearGradient id="@" {_USER} {at}>{self._stops(stops)}</linearGradient>'
        return f"url(#{self._define('l', body)})"

    def radial(self, centre: Point, radius: float, *stops: Stop) -> str:
        """A fill that runs from the centre outward."""
        at = f'cx="{num(centre[0])}" cy="{num(centre[1])}" r="{num(radius)}"'
        body = f'<radialGradient id="@" {_USER} {at}>{self._stops(stops)}</radialGradient>'
        return f"url(#{self._define('r', body)})"

    def path(
        self,
        data: str,
        fill: str = "none",
        alpha: float = 1.0,
        stroke: str = "",
        width: float = 0.0,
        dash: str = "",
        butt: bool = False,
    ) -> None:
        """A filled and/or stroked path; strokes have round ends unless `butt`."""
        # fill- and stroke-opacity, never opacity: that makes resvg paint a layer of its own for the shape.
        look = f'fill="{fill}"'
        if alpha < 1 and fill != "none":
            look += f' fill-opacity="{num(alpha)}"'
        if stroke:
            if alpha < 1:
                look += f' stroke-opacity="{num(alpha)}"'
            ends = "" if butt else ' stroke-linecap="round" stroke-linejoin="round"'
            look += f' stroke="{stroke}" stroke-width="{num(width)}"{ends}'
            if dash:
                look += f' stroke-dasharray="{dash}"'
        self.parts.append(f'<path d="{data}" {look}/>')

    def line(self, a: Point, b: Point, stroke: str, width: float, alpha: float = 1.0) -> None:
        """A straight stroke."""
        self.path(d("M", *a, "L", *b), stroke=stroke, width=width, alpha=alpha)

    def rect(
        self, x: float, y: float, w: float, h: float, fill: str, alpha: float = 1.0, r: float = 0.0
    ) -> None:
        """A box from its top left corner, with corners rounded by r."""
        extra = f' rx="{num(r)}"' if r else ""
        if alpha < 1:
            extra += f' fill-opacity="{num(alpha)}"'
        at = f'x="{num(x)}" y="{num(y)}" width="{num(w)}" height="{num(h)}"'
        self.parts.append(f'<rect {at} fill="{fill}"{extra}/>')

    def oval(self, x: float, y: float, rx: float, ry: float, fill: str, alpha: float = 1.0) -> None:
        """An ellipse round its centre."""
        extra = f' fill-opacity="{num(alpha)}"' if alpha < 1 else ""
        at = f'cx="{num(x)}" cy="{num(y)}" rx="{num(rx)}" ry="{num(ry)}"'
        self.parts.append(f'<ellipse {at} fill="{fill}"{extra}/>')

    def glow(self, x: float, y: float, radius: float, colour: str, alpha: float, squash: float = 1.0) -> None:
        """Soft light: an oval that fades out towards its edge."""
        # Drawn round the origin of a squashed group, since a gradient in user space is round.
        with self.group(f"translate({num(x)} {num(y)}) scale(1 {num(squash)})"):
            fill = self.radial(
                (0, 0), radius, (0, colour, alpha), (0.45, colour, alpha * 0.36), (1, colour, 0.0)
            )
            self.oval(0, 0, radius, radius, fill)

    def shine(
        self, x: float, y: float, radius: float, colour: str, alpha: float, squash: float = 1.0
    ) -> None:
        """A glow that lies over everything in the drawing, whatever comes after it; see `svg_air`."""
        parts, self.parts = self.parts, self.air
        self.parts.append(f'<g transform="{" ".join(self._moves)}">')
        self.glow(x, y, radius, colour, alpha, squash)
        self.parts.append("</g>")
        self.parts = parts

    @contextmanager
    def group(self, transform: str = "", clip: str = "", alpha: float = 1.0) -> Iterator[None]:
        """What is drawn inside is moved by the transform and cut by the clip (path data)."""
        look = f' transform="{transform}"' if transform else ""
        if clip:
            body = f'<clipPath id="@"><path d="{clip}"/></clipPath>'
            look += f' clip-path="url(#{self._define("c", body)})"'
        if alpha < 1:
            look += f' opacity="{num(alpha)}"'
        self.parts.append(f"<g{look}>")
        self._moves.append(transform)
        yield
        self._moves.pop()
        self.parts.append("</g>")

    def svg(self, view: tuple[float, float, float, float], width: int, height: int) -> str:
        """The document that shows the box `view` (x, y, w, h) on width x height pixels, without its shine."""
        return self._document(self.parts, view, width, height)

    def svg_air(self, view: tuple[float, float, float, float], width: int, height: int) -> str:
        """The document of the shine alone: soft enough to be rendered small, for next to nothing."""
        return self._document(self.air, view, width, height)

    def _document(
        self, parts: list[str], view: tuple[float, float, float, float], width: int, height: int
    ) -> str:
        box = " ".join(f"{v:.5f}" for v in view)
        head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="{box}"'
        return f'{head} preserveAspectRatio="none"><defs>{"".join(self.defs)}</defs>{"".join(parts)}</svg>'
