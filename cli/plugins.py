"""`duanju plugins`: what is installed, and who answers which event with what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..core.words import columns, document, say
from .opening import open_studio
from .options import Json, StudioFolder

if TYPE_CHECKING:
    from ..core.plugins import Hook, Plugins

__all__ = ["plugins"]

plugins = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Show the plugins, and how they answer each other."
)


def _loaded(studio: Path | None) -> Plugins:
    from ..core.plugins import load_plugins
    from ..core.studio import find_studio

    if find_studio(studio, Path.cwd()) is None:
        return load_plugins()
    settings = open_studio(studio).settings()  # what is required and fails is shown, not insisted on
    return load_plugins(settings.providers, disabled=settings.disabled)


@plugins.command("list", epilog="Example: duanju plugins list")
def list_(json: Json = False, studio: StudioFolder = None) -> None:
    """List the plugins in force, and those that could not be used, with the reason and what to do."""
    found = _loaded(studio)
    rows = [
        {
            "name": one.name,
            "kind": one.kind,
            "version": one.version,
            "distribution": one.distribution,
            "decisions": one.decisions,
            "hooks": [hook.name for hook in one.hooks],
            "tested": str(getattr(one.object, "tested", "")),
        }
        for _, one in sorted(found.plugins.items())
    ]
    if json:
        left_out = [
            {"name": name, "why": why, "next": found.next_steps.get(name, "")}
            for name, why in sorted(found.failures.items())
        ]
        document({"plugins": rows, "left_out": left_out})
        return
    columns(
        [
            ["plugin", "kind", "version", "from", "hooks"],
            *([r["name"], r["kind"], r["version"], r["distribution"], len(_list(r["hooks"]))] for r in rows),
        ],
        right=(4,),
    )
    for row in rows:
        if row["tested"]:
            say(f"{row['name']}: {row['tested']}")
    for name, why in sorted(found.failures.items()):
        say(f"left out: {name}: {why}; {found.next_steps.get(name, '')}".rstrip("; "))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


@plugins.command(epilog="Example: duanju plugins graph")
def graph(json: Json = False, studio: StudioFolder = None) -> None:
    """Print the choreography: each event, who answers it, and with which events."""
    found = _loaded(studio)
    hooks = [hook for kind in sorted(found.by_kind) for hook in found.by_kind[kind]]
    if json:
        document({"edges": [_edge(found, hook) for hook in hooks]})
        return
    last = ""
    for hook in hooks:
        if hook.kind != last:
            say(hook.kind)
            last = hook.kind
        edge = _edge(found, hook)
        where = f" (lane {edge['lane']})" if edge["lane"] else ""
        emits = edge["emits"]
        says = " | ".join(emits) if isinstance(emits, list) and emits else "nothing"
        say(f"  {hook.by}{where} -> {says}")
    say("core: each *_requested -> call_admitted, call_refused, or the answer that the log has already;")
    say("      episode_cut -> quality_planned; a failure that nobody mends -> episode_held")


def _edge(found: Plugins, hook: Hook) -> dict[str, object]:
    effect = hook.effect
    return {
        "event": hook.kind,
        "plugin": hook.plugin,
        "hook": hook.name,
        "effect": effect is not None,
        "lane": effect.lane if effect is not None else None,
        "provider": effect.provider if effect is not None else None,
        "emits": sorted(found.codec.spec(cls).kind for cls in hook.emits),
    }
