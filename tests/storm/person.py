"""The person who looks after a killed film: sees every doubt, and settles it as the vendor's books say."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

from attrs import define, field
from vendor import Served, Vendor

from duanju.cli.main import main
from duanju.core.log import Log

__all__ = ["Person", "duanju"]

ADOPT, AGAIN, NEVER_TAKEN = "adopt", "retry", "retry --not-accepted"


def duanju(*words: str) -> tuple[int, str]:
    """Runs a command in this process: its exit code and all that it printed."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = main(list(words))
    return code, out.getvalue()


@define
class Person:
    """Decides by the vendor's books, and between two right ways by lot."""

    root: Path
    stream: str
    vendor: Vendor
    rng: random.Random
    settled: Counter[str] = field(factory=Counter)
    wrong: list[str] = field(factory=list)
    _done: set[int] = field(factory=set)

    @property
    def episode(self) -> str:
        """The episode as a person types it."""
        return self.stream.removeprefix("episode/")

    def look(self, log: Log) -> None:
        """Settles every doubt, once it was found where a person looks for it."""
        doubts = [
            cause
            for (cause,) in log.db.execute(
                "SELECT cause FROM work WHERE plugin = 'core' AND hook = 'doubt' ORDER BY cause"
            )
            if cause not in self._done
        ]
        if not doubts:
            return
        listed = self._json("review", "list", self.episode)
        status = self._json("status", self.episode)
        shown = {one["hold"] for one in listed["holds"]}
        held = {one["hold"] for one in status["episodes"][0]["holds"]}
        in_doubt = status["episodes"][0]["money"]["in_doubt"]
        ceilings = 0
        for position in doubts:
            doubt = log.at(position)
            assert doubt is not None
            ceilings += doubt.event.ceiling or 0
            for where, holds in (("review list", shown), ("status", held)):
                if f"doubt:{position}" not in holds:
                    self.wrong.append(f"{where} does not show the doubt at {position}: {sorted(holds)}")
        if in_doubt < ceilings:
            self.wrong.append(f"status shows {in_doubt} in doubt, there are {ceilings} at least")
        for position in doubts:
            self._settle(log, position)
            self._done.add(position)

    def _json(self, *words: str) -> Any:
        code, out = duanju(*words, "--json", "--studio", str(self.root))
        if code:
            self.wrong.append(f"duanju {' '.join(words)} ended with {code}: {out}")
        return json.loads(out)

    def _settle(self, log: Log, position: int) -> None:
        doubt = log.at(position)
        assert doubt is not None
        admitted = log.at(doubt.event.admitted)
        assert admitted is not None
        books = self.vendor.of(admitted.id)
        if len(books) > 1:
            self.wrong.append(f"the admission at {admitted.position} was submitted {len(books)} times")
        way = NEVER_TAKEN if not books or books[0].refused else self.rng.choice((ADOPT, ADOPT, AGAIN))
        words = ["review", *way.split(" ")[:1], self.episode, str(position)]
        if way == ADOPT:
            words += self._delivered(books[0])
        elif way == NEVER_TAKEN:
            words.append("--not-accepted")
        self.settled[way] += 1
        code, out = duanju(*words, "--note", "by the vendor's books", "--studio", str(self.root))
        if code:
            self.wrong.append(f"duanju {' '.join(words)} ended with {code}: {out}")

    def _delivered(self, served: Served) -> list[str]:
        """What the vendor delivers on asking: the file and its bill, or the name of the job."""
        said = served.said
        if "job" in said and self.rng.random() < 0.7:
            return ["--job", said["job"]]
        file = self.root / f"delivered-{served.number}"
        file.write_bytes(base64.b64decode(said["data"]))
        return [str(file), "--cost", f"{served.cost / 1_000_000:.6f}"]
