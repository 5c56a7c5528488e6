"""Draws the report as one HTML file that opens offline and runs no script."""

from __future__ import annotations

import base64
import re
from typing import Any

from attrs import field, frozen

from .costs import dollars
from .markup import clock, number, safe, shorten
from .style import CSS
from .timeline import timeline
from .words import VERDICTS, words_of

__all__ = ["Pictures", "page"]

_NAME = 120
_COLOUR = re.compile(r"^#[0-9a-fA-F]{6}$")
# Nothing but pictures inside the file, its own style, and the film beside it: no script, no network.
_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; media-src 'self' file: data:; "
    "base-uri 'none'; form-action 'none'"
)


@frozen
class Pictures:
    """The pixels of a report: JPEG bytes by shot, and by character the faces as (shot, JPEG)."""

    shots: dict[str, bytes] = field(factory=dict)
    faces: dict[str, tuple[tuple[str, bytes], ...]] = field(factory=dict)


def page(data: dict[str, Any], pictures: Pictures) -> str:
    """The whole page. `data` is what `gather` made, with `likeness` put in by `faces.likeness_of`."""
    words = words_of(data["episode"]["language"])
    episode = data["episode"]
    title = episode["title"] or episode["name"]
    body = [
        _header(data, words, pictures),
        "<main>",
        _section(words["timeline"], timeline(data, words)),
        _section(words["checks"], _checks(data, words)),
        _section(words["shots"], _sheet(data, words, pictures)),
        _section(words["cast"], _cast(data, words, pictures)),
        _section(words["costs"], _costs(data, words)),
        _section(words["unmapped"], _unmapped(data, words)),
        _section(words["by_rules"], _by_rules(data)) if data["by_rules"] else "",
        "</main>",
        _footer(data, words),
    ]
    return (
        f'<!doctype html>\n<html lang="{words["lang"]}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{shorten(title)} – {words['report']}</title><style>{CSS}</style></head><body>"
        + "\n".join(part for part in body if part)
        + "</body></html>\n"
    )


def _section(title: str, inner: str) -> str:
    return f"<section><h2>{title}</h2>{inner}</section>" if inner else ""


def _uri(jpeg: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode("ascii")


def _name(text: object) -> str:
    return f"<bdi>{shorten(text, _NAME)}</bdi>"


def _header(data: dict[str, Any], words: dict[str, str], pictures: Pictures) -> str:
    episode, film = data["episode"], data["episode"]["film"]
    state = episode["state"]
    pill = "held" if state == "held" else "delivered" if state == "delivered" else "open"
    unknown = data["costs"]["unknown"]
    money = f"${dollars(data['costs']['total'])}" + (f" + {unknown}×?" if unknown else "")
    bad = [c for c in data["checks"] if c["verdict"] not in ("passed", "warned") and not c["waived"]]
    facts = [
        (words["length"], clock(film["duration_ms"]) if film else "–"),
        (words["scenes"], str(len(data["scenes"]))),
        (words["shots"], str(len(data["shots"]))),
        (words["lines"], str(len(data["lines"]))),
        (words["checks"], f"{len(data['checks']) - len(bad)}/{len(data['checks'])}"),
        (words["costs"], money),
    ]
    video = ""
    if film:
        poster = next(iter(pictures.shots.values()), None)
        video = (
            '<video src="episode.mp4" controls preload="metadata"'
            + (f' poster="{_uri(poster)}"' if poster else "")
            + "></video>"
        )
    return (
        '<header><div><div class="top"><div class="words">'
        f'<div class="over">{_name(episode["series"])} · {_name(episode["name"])} · '
        f"{words['revision']} {episode['revision']}</div>"
        f"<h1><bdi>{shorten(episode['title'] or episode['name'], 200)}</bdi></h1>"
        f'<span class="pill {pill}">{words["held"] if state == "held" else words[state]}</span>'
        '<dl class="facts">'
        + "".join(f"<div><dt>{name}</dt><dd>{safe(value)}</dd></div>" for name, value in facts)
        + f"</dl></div>{video}</div></div>{_holds(data, words)}</header>"
    )


def _holds(data: dict[str, Any], words: dict[str, str]) -> str:
    return "".join(
        f'<div class="hold" role="alert"><b class="word">{words["held"]}</b>'
        f"<code>{shorten(hold['hold'], _NAME)}</code>"
        f"<p><bdi>{safe(hold['why'], 1000)}</bdi></p>"
        f'<p class="small">{words["subject"]}: {_name(hold["subject"])}</p>'
        f"<p><b>{words['next']}:</b> <bdi>{safe(hold['next'], 1000)}</bdi></p></div>"
        for hold in data["holds"]
    )


def _checks(data: dict[str, Any], words: dict[str, str]) -> str:
    if not data["checks"]:
        return f"<p class='small'>{words['no_checks']}</p>"
    rows = []
    for one in data["checks"]:
        verdict = one["verdict"] if one["verdict"] in VERDICTS else "error"
        css = verdict.replace(" ", "-")
        unit = f" <small>{safe(one['unit'])}</small>" if one["unit"] else ""
        where = "<br>".join(
            (f"{e['start_s']:.2f}–{e['end_s']:.2f} s " if e["start_s"] or e["end_s"] else "")
            + f"<bdi>{shorten(e['note'], 200)}</bdi>"
            for e in one["evidence"]
        )
        waived = ""
        if one["waived"]:
            waived = (
                f"<br><small>{words['waived']} {_name(one['waived']['who'])}: "
                f"<bdi>{safe(one['waived']['note'], 300)}</bdi></small>"
            )
        repair = f"<br><small>{safe(one['repair'], 300)}</small>" if one["repair"] else ""
        again = "".join(
            f"<br><small>{words['made_again']} {_name(r['subject'])}: "
            f"<bdi>{safe(r['why'], 300)}</bdi></small>"
            for r in data["repairs"]
            if r["check"] == one["check"]
        )
        rows.append(
            f"<tr><td><b>{shorten(one['check'], _NAME)}</b><br>"
            f"<small>{safe(one['tool'], 120)}</small></td>"
            f"<td><span class='pill {css}'>{words[verdict]}</span></td>"
            f"<td class='n'>{number(one['value'])}{unit}</td><td class='n'>{number(one['limit'])}</td>"
            f"<td><bdi>{safe(one['why'], 500)}</bdi>{repair}{again}{waived}</td>"
            f"<td><small>{where}</small></td></tr>"
        )
    head = "".join(
        f"<th{css}>{words[key]}</th>"
        for key, css in (
            ("check", ""),
            ("verdict", ""),
            ("value", " class='n'"),
            ("limit", " class='n'"),
            ("why", ""),
            ("evidence", ""),
        )
    )
    return f"<div class='card scroll checks'><table><tr>{head}</tr>{''.join(rows)}</table></div>"


def _sheet(data: dict[str, Any], words: dict[str, str], pictures: Pictures) -> str:
    lines: dict[str, list[dict[str, Any]]] = {}
    for line in data["lines"]:
        lines.setdefault(line["shot"], []).append(line)
    delivery = data["episode"]["delivery"]
    width, height = delivery.get("width", 9), delivery.get("height", 16)
    wide = " wide" if width > height else ""
    headings = {scene["scene"]: scene["heading"] for scene in data["scenes"]}
    parts: list[str] = []
    scene = None
    for shot in data["shots"]:
        if shot["scene"] != scene:
            if scene is not None:
                parts.append("</div>")
            scene = shot["scene"]
            parts.append(
                f"<h3>{shorten(scene, 40)} · "
                f"<bdi>{shorten(headings.get(scene, shot['place']), 160)}</bdi></h3>"
                f"<div class='sheet{wide}'>"
            )
        parts.append(_shot(shot, lines.get(shot["shot"], []), words, pictures, f"{width}/{height}"))
    if scene is not None:
        parts.append("</div>")
    return "".join(parts)


def _shot(
    shot: dict[str, Any],
    lines: list[dict[str, Any]],
    words: dict[str, str],
    pictures: Pictures,
    ratio: str,
) -> str:
    jpeg = pictures.shots.get(shot["shot"])
    image = (
        f'<img src="{_uri(jpeg)}" alt="{shorten(shot["action"] or shot["shot"], 120)}" '
        f'style="aspect-ratio:{ratio}" loading="lazy">'
        if jpeg
        else f'<div class="blank" style="aspect-ratio:{ratio}">{words["no_picture"]}</div>'
    )
    how = " · ".join(
        safe(part, 60) for part in (shot["size"], shot["angle"], shot["move"], shot["mood"]) if part
    )
    spoken = "".join(
        f"<p><span class='who'><bdi>{shorten(line['character'], _NAME)}</bdi></span>"
        + (
            f" <small class='small'>{words[line['how']]}</small>"
            if line["how"] in ("vo", "off", "inner")
            else ""
        )
        + f" <bdi>{safe(line['text'], 600)}</bdi></p>"
        for line in lines
    )
    return (
        f"<article class='card shot'>{image}<div class='in'><div class='id'>"
        f"<span>{shorten(shot['shot'], 40)}</span><span>{clock(shot['duration_ms'])}</span></div>"
        f"<div class='how'>{how} · {words['planned']} {clock(shot['planned_ms'])}</div>"
        + (f"<p class='small'><bdi>{safe(shot['action'], 400)}</bdi></p>" if shot["action"] else "")
        + spoken
        + "</div></article>"
    )


def _swatch(colour: str) -> str:
    if not _COLOUR.match(colour):
        return safe(colour, 20)
    return f"<span class='swatch' style='background:{colour}'></span>"


def _cast(data: dict[str, Any], words: dict[str, str], pictures: Pictures) -> str:
    people = []
    for one in data["cast"]:
        profile, voice = one["profile"], one["voice"]
        faces = "".join(
            f'<img src="{_uri(jpeg)}" alt="{shorten(shot, 40)}" title="{shorten(shot, 40)}" loading="lazy">'
            for shot, jpeg in pictures.faces.get(one["character"], ())[:8]
        )
        marks = ", ".join(safe(mark, 40) for mark in profile["marks"][:6])
        people.append(
            f"<article class='card person'><div class='faces'>{faces}</div>"
            f"<b><bdi>{shorten(one['character'], _NAME)}</bdi></b> "
            f"<span class='small'>{one['lines']} {words['lines']} · {one['shots']} {words['shots']}</span>"
            f"<div class='small'>{safe(profile['gender'], 20)}, {words['age']} {safe(profile['age'], 6)} · "
            f"{safe(profile['face'], 20)} · {_swatch(profile['skin'])}"
            f"{_swatch(profile['hair_colour'])}{safe(profile['hair_style'], 20)} · "
            f"{_swatch(profile['clothes_colour'])}{safe(profile['clothes'], 20)}"
            f"{' · ' + marks if marks else ''}<br>{words['voice']}: {safe(voice['gender'], 20)} "
            f"{safe(voice['timbre'], 6)}, {safe(voice['pitch'], 6)}/99, {safe(voice['rate'], 6)} %</div>"
            f"<p class='small'><bdi>{safe(one['why'], 500)}</bdi></p></article>"
        )
    return (
        _likeness(data.get("likeness"), words, pictures) + f"<div class='cast'>{''.join(people)}</div>"
        if people
        else ""
    )


def _likeness(like: dict[str, Any] | None, words: dict[str, str], pictures: Pictures) -> str:
    if not like or like.get("nearest") is None or like.get("spread") is None:
        return f"<p class='small'>{words['no_likeness']}</p>"
    near, spread = like["nearest"], like["spread"]

    def face(character: str, shot: str) -> str:
        jpeg = dict(pictures.faces.get(character, ())).get(shot)
        return f'<img src="{_uri(jpeg)}" alt="{shorten(character, 60)}">' if jpeg else ""

    verdict = "distinct" if like["distinct"] else "confusable"
    return (
        "<div class='card like'>"
        f"<div><div class='small'>{words['nearest']}</div><div class='pair'>"
        f"{face(near['a'], near['a_shot'])}{face(near['b'], near['b_shot'])}"
        f"<div><b>{number(near['distance'])}</b><br><small class='small'>{_name(near['a'])} / "
        f"{_name(near['b'])}</small></div></div></div>"
        f"<div><div class='small'>{words['spread']}</div><div class='pair'>"
        f"{face(spread['character'], spread['a_shot'])}{face(spread['character'], spread['b_shot'])}"
        f"<div><b>{number(spread['distance'])}</b><br><small class='small'>{_name(spread['character'])}"
        "</small></div></div></div>"
        f"<div><div class='small'>{words['ratio']}</div><b>{number(like['ratio'])}</b></div>"
        f"<span class='pill {'passed' if like['distinct'] else 'failed'}'>{words[verdict]}</span></div>"
    )


def _costs(data: dict[str, Any], words: dict[str, str]) -> str:
    costs = data["costs"]
    if not costs["calls"]:
        return f"<p class='small'>{words['no_calls']}</p>"
    extra = []
    if costs["unknown"]:
        extra.append(f"{costs['unknown']} {words['unknown_calls']}")
    if costs["in_doubt"]:
        extra.append(f"{words['in_doubt']} ${dollars(costs['in_doubt'])}")
    if costs["reserved"]:
        extra.append(f"{words['reserved']} ${dollars(costs['reserved'])}")
    tail = f" <span class='small'>{' · '.join(extra)}</span>" if extra else ""
    tables = "".join(
        f"<div class='card scroll'><table><tr><th>{words[key]}</th><th class='n'>{words['calls']}</th>"
        f"<th class='n'>{words['reused']}</th><th class='n'>{words['cost']}</th></tr>"
        + "".join(
            f"<tr><td>{_name(row['name'] or '–')}</td><td class='n'>{row['calls']}</td>"
            f"<td class='n'>{row['reused']}</td><td class='n'>${dollars(row['cost'])}"
            + (f" <small>+ {row['unknown']} {words['unknown']}</small>" if row["unknown"] else "")
            + "</td></tr>"
            for row in costs[group]
        )
        + "</table></div>"
        for key, group in (("purpose", "by_purpose"), ("route", "by_route"))
    )
    return f"<p><b>{words['total']}: ${dollars(costs['total'])}</b>{tail}</p><div class='two'>{tables}</div>"


def _by_rules(data: dict[str, Any]) -> str:
    """The scenes whose shots are the rules', since no chat model's could be used."""
    rows = "".join(
        f"<tr><td>{safe(row['scene'], 40)}</td><td>{safe(', '.join(row['asked']), 200)}</td>"
        f"<td><bdi>{safe(row['why'], 400)}</bdi></td></tr>"
        for row in data["by_rules"][:500]
    )
    return f"<div class='card scroll'><table>{rows}</table></div>"


def _unmapped(data: dict[str, Any], words: dict[str, str]) -> str:
    rows = data["unmapped"]
    if not rows:
        return f"<p class='small'>{words['none_unmapped']}</p>" if data["episode"]["script_lines"] else ""
    shown = rows[:500]
    more = f"<tr><td></td><td>+ {len(rows) - len(shown)}</td></tr>" if len(rows) > len(shown) else ""
    return (
        f"<div class='card scroll'><table><tr><th class='n'>{words['line_no']}</th>"
        f"<th>{words['text']}</th></tr>"
        + "".join(
            f"<tr><td class='n'>{row['number']}</td><td><bdi>{safe(row['text'], 400)}</bdi></td></tr>"
            for row in shown
        )
        + f"{more}</table></div>"
    )


def _footer(data: dict[str, Any], words: dict[str, str]) -> str:
    episode = data["episode"]
    parts = []
    if episode["source"]:
        parts.append(f"{words['script']}: <bdi>{shorten(episode['source']['file'], 200)}</bdi>")
    if episode["film"]:
        parts.append(f"{words['made_of']}: <code>{safe(episode['film']['sha256'])}</code>")
    parts.append(f"log {episode['position']}")
    return f"<footer>{' · '.join(parts)}</footer>"
