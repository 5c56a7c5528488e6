"""The command `duanju`: which words there are, and how every failure becomes one clear message."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from ..core.errors import DuanjuError
from .costs import costs
from .history import history
from .new import new
from .opening import current_studio
from .plugins import plugins
from .produce import produce
from .replay import replay
from .resume import resume
from .review import review
from .routes import routes
from .status import status
from .verify import verify
from .words import say, warn

__all__ = ["app", "main", "run"]

app = typer.Typer(
    name="duanju",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        say(f"duanju {version('duanju')}")
        raise typer.Exit


@app.callback(epilog="Example: duanju produce teahouse.fountain")
def _start(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Turns a screenplay into a finished short-drama episode, and logs every decision and every cent.

    Exit codes: 0 done, 1 the work failed or is held, 2 wrong use, 130 interrupted.
    """


app.command(epilog="Example: duanju new studio")(new)
app.command(epilog="Example: duanju produce teahouse.fountain --budget 2.50")(produce)
app.command(epilog="Example: duanju status teahouse")(status)
app.command(epilog="Example: duanju resume teahouse --budget 5")(resume)
app.command(epilog="Example: duanju history teahouse --why 42")(history)
app.command(epilog="Example: duanju replay teahouse")(replay)
app.command(epilog="Example: duanju costs --by day")(costs)
app.command(epilog="Example: duanju verify")(verify)
app.command(epilog="Example: duanju routes")(routes)
app.add_typer(review, name="review", epilog="Example: duanju review list")
app.add_typer(plugins, name="plugins", epilog="Example: duanju plugins graph")


def run() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    code = main()
    try:
        sys.stdout.flush()
    except OSError:
        code = code or 0
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # so that the interpreter's own flush is quiet too
    sys.exit(code)


def main(args: list[str] | None = None) -> int:
    """Runs one command and returns its exit code; never raises for what a user can do."""
    try:
        app(args, prog_name="duanju")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except DuanjuError as error:
        warn(f"duanju: {error}")
        return error.exit_code
    except Exception as error:  # noqa: BLE001  the last word: whatever it was, a person gets one message
        return _unexpected(error)
    return 0


def _unexpected(error: Exception) -> int:
    """What is no bug of ours gets a plain message; the rest is written down for a report."""
    import sqlite3

    from ..events.codec import BadBody

    if isinstance(error, BadBody):
        warn(f"duanju: {error}")
        return 1
    if isinstance(error, sqlite3.Error):
        warn(f"duanju: the log cannot be read: {error}; run duanju verify, or restore a backup")
        return 1
    place = _written_down(error)
    warn(f"duanju: something unexpected happened: {type(error).__name__}: {str(error)[:300]}")
    warn(f"duanju: the log is safe, go on with duanju resume; for a report, the details are in {place}")
    return 1


def _written_down(error: Exception) -> Path:
    import traceback

    text = "".join(traceback.format_exception(error))
    name = f"crash-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{os.getpid()}.txt"
    studio = current_studio()
    folders = [studio / ".duanju"] if studio is not None else []
    for folder in (*folders, Path(tempfile.gettempdir())):
        try:
            (folder / name).write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError:
            continue
        return folder / name
    warn(text.replace("\n", " | "))
    return Path(os.devnull)
