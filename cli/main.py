"""The command `duanju`: which words there are, and how every failure becomes one clear message."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from ..core.errors import MACHINE, DuanjuError, advice, log_advice
from ..core.words import say, warn
from .added import Words
from .backup import backup
from .costs import costs
from .diff import diff
from .estimate import estimate
from .fork import fork
from .history import history
from .interrupt import interrupted, listening
from .leaving import leave
from .new import new
from .opening import current_studio
from .plugins import plugins
from .produce import produce
from .query import query
from .replay import replay
from .resume import resume
from .review import review
from .routes import routes
from .serve_log import serve_log
from .status import status
from .verify import verify

__all__ = ["app", "main", "run"]

app = typer.Typer(
    name="duanju",
    cls=Words,
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
app.command(epilog="Example: duanju estimate teahouse.fountain --profile holysheep")(estimate)
app.command(epilog="Example: duanju status teahouse")(status)
app.command(epilog="Example: duanju resume teahouse --budget 5")(resume)
app.command(epilog="Example: duanju history teahouse --why 42")(history)
app.command(epilog="Example: duanju replay teahouse")(replay)
app.command(epilog="Example: duanju fork teahouse --at 120 --as wide --set delivery=web-wide --run")(fork)
app.command(epilog="Example: duanju diff teahouse wide --html wide.html")(diff)
app.command(epilog="Example: duanju costs --by day")(costs)
app.command(epilog='Example: duanju query "select episode, cost / 1e6 from cost_by_episode"')(query)
app.command("serve-log", epilog="Example: duanju serve-log --port 8001")(serve_log)
app.command(epilog="Example: duanju verify")(verify)
app.command(epilog="Example: duanju backup ../studio-backup")(backup)
app.command(epilog="Example: duanju routes")(routes)
app.add_typer(review, name="review", epilog="Example: duanju review list")
app.add_typer(plugins, name="plugins", epilog="Example: duanju plugins graph")


def run() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    leave(main())


def main(args: list[str] | None = None) -> int:
    """Runs one command and returns its exit code; never raises for what a user can do."""
    try:
        with listening():
            code = _main(args)
    except KeyboardInterrupt:
        code = 130
    return 130 if interrupted() else code


def _main(args: list[str] | None) -> int:
    try:
        app(args, prog_name="duanju")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except DuanjuError as error:
        from ..core.contain import without_keys

        _tell(f"duanju: {without_keys(str(error))}")
        return error.exit_code
    except Exception as error:  # noqa: BLE001  the last word: whatever it was, a person gets one message
        return _unexpected(error)
    return 0


def _tell(text: str) -> None:
    """The last words of a command; the exit code says it too where nobody listens."""
    with suppress(OSError, AttributeError):
        warn(text)


def _unexpected(error: Exception) -> int:
    """What is no bug of ours gets a plain message; the rest is written down for a report."""
    import sqlite3

    from ..events.codec import BadBody

    if isinstance(error, BadBody):
        _tell(f"duanju: {error}; the log is damaged: see duanju verify, and restore a backup")
        return 1
    if isinstance(error, sqlite3.Error):
        _tell(f"duanju: the log cannot be read: {error}; {log_advice(error)}")
        return 1
    if isinstance(error, OSError) and error.errno in MACHINE:
        where = f"{error.filename}: " if error.filename else ""
        _tell(f"duanju: {where}{error.strerror}; {advice(error)}, then run the command again")
        return 1
    from ..core.contain import without_keys

    place = _written_down(error)
    words = without_keys(f"{type(error).__name__}: {error}")[:300]
    _tell(f"duanju: something unexpected happened: {words}")
    _tell(f"duanju: the log is safe, go on with duanju resume; for a report, the details are in {place}")
    return 1


def _written_down(error: Exception) -> Path:
    import traceback

    from ..core.contain import without_keys

    text = without_keys("".join(traceback.format_exception(error)))
    name = f"crash-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{os.getpid()}.txt"
    studio = current_studio()
    folders = [studio / ".duanju"] if studio is not None else []
    for folder in (*folders, Path(tempfile.gettempdir())):
        try:
            (folder / name).write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError:
            with suppress(OSError):
                (folder / name).unlink()  # half a report says less than none
            continue
        return folder / name
    _tell(text.replace("\n", " | "))
    return Path(os.devnull)
