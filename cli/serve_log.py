"""`duanju serve-log`: the log in a browser, by Datasette, for this machine only and read-only."""

from __future__ import annotations

import importlib.util
import socket
import types
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core.errors import WrongUse
from ..core.words import say, warn
from .opening import open_studio
from .options import StudioFolder
from .query import plugins_views

if TYPE_CHECKING:
    from pathlib import Path

    from ..core.plugin_views import PluginView

__all__ = ["serve_log"]

HOST = "127.0.0.1"
SETTINGS = {
    "allow_download": False,
    "allow_signed_tokens": False,
    "sql_time_limit_ms": 10_000,
    "num_sql_threads": 2,
    "max_returned_rows": 2000,
    "default_cache_ttl": 0,
}


def serve_log(
    port: Annotated[
        int, typer.Option(metavar="PORT", min=0, max=65535, help="On which port; 0 = any that is free.")
    ] = 8001,
    studio: StudioFolder = None,
) -> None:
    """Show the log in a browser: every view, its columns explained, and questions ready to be asked.

    Only programs of this machine can reach it, and nothing can be changed through it, also while an engine
    works. Needs the extra log: pip install 'duanju[log]'. Ctrl-C ends it.
    """
    if importlib.util.find_spec("datasette") is None:
        raise WrongUse("serve-log needs Datasette, which is not installed; run: pip install 'duanju[log]'")
    from ..core.query import Asker
    from ..core.serving import metadata_of

    place = open_studio(studio)
    if not place.has_log():
        raise WrongUse(f"{place.root} has no log yet; make an episode first: duanju produce SCRIPT")
    with Asker(place.log_path, views=plugins_views(place)) as asker:
        for name, why in asker.refused.items():
            warn(f"duanju: the view {name} of a plugin is left out: {why}")
        views = [view for view in asker.views if view.name not in asker.refused]
        if asker.number == 1:
            warn("this log was made by an earlier duanju and has no views yet: duanju verify --rebuild")
        metadata = metadata_of(asker, place.log_path.stem, place.root.resolve().name)
    with _listener(port) as listener:
        say(f"http://{HOST}:{listener.getsockname()[1]}/{place.log_path.stem} (Ctrl-C ends it)")
        _serve(place.log_path, metadata, views, listener)


def _listener(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()  # who opens the page at once waits until it is served
    except OSError as error:
        listener.close()
        raise WrongUse(f"port {port} cannot be used: {error.strerror}; choose another: --port 0") from None
    return listener


def _serve(path: Path, metadata: dict[str, Any], views: list[PluginView], listener: socket.socket) -> None:
    import uvicorn
    from datasette import hookimpl
    from datasette.app import Datasette
    from datasette.plugins import pm

    @hookimpl  # type: ignore[untyped-decorator]
    def prepare_connection(conn: Any, database: str) -> None:
        """A connection to the log can only read, and has the plugins' views."""
        if database != path.stem:
            return  # what Datasette keeps for itself, in memory
        for view in views:
            conn.execute(f'CREATE TEMP VIEW "{view.name}" AS {view.select}')
        conn.execute("PRAGMA query_only = ON")

    with suppress(ImportError):
        import rich

        rich.get_console().quiet = True  # else each mistyped query in the browser is a traceback here
    connections = types.ModuleType("duanju_serve_log")
    connections.__dict__["prepare_connection"] = prepare_connection
    pm.register(connections, name="duanju_serve_log")
    try:
        served = Datasette([str(path)], metadata=metadata, settings=SETTINGS)
        config = uvicorn.Config(served.app(), log_level="warning", lifespan="on")
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        pm.unregister(connections)
