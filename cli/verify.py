"""`duanju verify`: is the log whole, and are the files it names what it says."""

from __future__ import annotations

import typer

from .opening import open_studio, reading
from .options import Json, StudioFolder
from .words import document, say, warn

__all__ = ["verify"]


def verify(json: Json = False, studio: StudioFolder = None) -> None:
    """Check the log's chain of digests, every file it names, its open work, and its tables of money.

    The tables are compared with what the log alone says. Prints the head's digest.

    Keep the digest somewhere else: with it nobody can change the log unseen.
    """
    from ..core.handin import waiting
    from ..core.rebuild import table_problems
    from ..core.status import work_problems
    from ..core.verify import Problem, schema_problems, verify_artifacts, walk

    place = open_studio(studio)
    with reading(place, place.plugins()) as log:
        found = walk(log)
        problems: list[Problem] = [*schema_problems(log), *found.problems]
        if not found.problems:
            problems += verify_artifacts(log, place.artifacts)
            problems += work_problems(log)
            problems += table_problems(log, place.artifacts.read_sha256)
        kept = [str(file) for file, _ in waiting(log.path)]
    if json:
        document(
            {
                "records": found.records,
                "head": found.head,
                "problems": [{"position": one.position, "what": one.what} for one in problems],
                "handed_in": kept,
            }
        )
    elif problems:
        for one in problems[:50]:
            warn(f"position {one.position}: {one.what}")
        if len(problems) > 50:
            warn(f"and {len(problems) - 50} more")
        warn(f"{len(problems)} problems; restore a backup of {log.path}, or of the files that are named")
    else:
        say(f"{found.records} records, chain and files are whole")
        say(f"head {found.head}")
    if kept and not json:
        warn(f"{len(kept)} answers of paid calls wait in {log.path}'s folder: duanju resume takes them up")
    if problems:
        raise typer.Exit(1)
