"""A storm of paid calls: many episodes, a vendor in bad weather, and a person who has the vendor's books."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

from attrs import define, field
from callkit import KEY, SCHEMA, Calls, ask

from duanju.core.delivered import bill_of, delivered
from duanju.core.engine import Watcher
from duanju.core.ledger import Entry as Call
from duanju.core.ledger import ledger_of
from duanju.core.log import Log
from duanju.core.settings import Budget
from duanju.events.calls import DoubtSettled
from duanju.events.record import Record
from duanju.plugins.providers.calling.compatible import chat_body
from duanju.testing.vendor import Entry, VendorServer
from duanju.testing.vendor.books import digest
from duanju.testing.vendor.openai import OpenAIVendor
from duanju.testing.vendor.storm import DOUBTFUL, GARBAGE, LIMITED, Words, storm

__all__ = ["ROUTES", "Storm", "made_of"]

ROUTES = ("openai:gpt-4.1", "openai:gpt-6-luna", "openai:gpt-4.1-mini")
"""The model that is asked, and those that are asked when an answer was unusable."""

_MOST = 64
_RATES = {
    "gpt-4.1": (2_000_000, 500_000, 8_000_000),
    "gpt-6-luna": (100_000, 10_000, 500_000),
    "gpt-4.1-mini": (400_000, 100_000, 1_600_000),
}
_PRICES = {
    "gpt-4.1": {"input": 2, "cached": 0.5, "output": 8, "most_output": _MOST, "json": "schema"},
    "gpt-6-luna": {"input": 0.1, "cached": 0.01, "output": 0.5, "most_output": _MOST, "json": "object"},
    "gpt-4.1-mini": {"input": 0.4, "cached": 0.1, "output": 1.6, "most_output": _MOST, "json": "prompt"},
}
_SENT = re.compile(r", (\d+) sent,")
SCOPE = "studio"


class _Cap(Watcher):
    """Looks at the money after every commit: the most that was ever spent, reserved and in doubt at once."""

    def __init__(self, play: Calls) -> None:
        self._play = play
        self.most = 0

    def committed(self, records: list[Record]) -> None:
        self.most = max(self.most, sum(self._play.spent(SCOPE)))


@define(eq=False)
class Storm:
    """`calls` requests in episodes of `each`, before a vendor in the weather of `seed`; use it in `with`."""

    root: Path
    seed: int
    calls: int
    each: int = 4
    width: int = 16
    budget: Budget = field(factory=lambda: Budget(repeat_below=0))
    latency_s: float = 0.047
    words: Words = field(init=False)
    vendor: VendorServer = field(init=False)
    play: Calls = field(init=False)
    most: int = 0

    def __enter__(self) -> Storm:
        self.words = Words(self.seed)
        served = OpenAIVendor(say=self.words, rates=_RATES, key=KEY)
        self.vendor = VendorServer(
            served.routes(), prefix="/v1", faults=storm(self.seed, latency_s=self.latency_s)
        )
        self.vendor.__enter__()
        self.play = Calls(
            self.root,
            self.vendor.url,
            chat=ROUTES,
            budget=self.budget,
            lanes={"openai": self.width},
            price=_PRICES,
        )
        for number in range(0, self.calls, self.each):
            asked = range(number, min(number + self.each, self.calls))
            self.play.open(f"e{number:05d}", [ask(f"s{n}", f"Shot {n}.", schema=SCHEMA) for n in asked])
        return self

    def __exit__(self, *what: object) -> None:
        self.play.close()
        self.vendor.__exit__(None, None, None)

    def run(self) -> None:
        """An engine until it has nothing to do; `most` = the most money that was ever bound."""
        cap = _Cap(self.play)
        self.play.run(watcher=cap)
        self.most = max(self.most, cap.most)

    # -- what the log says --------------------------------------------------------------------------------

    def entries(self) -> tuple[Call, ...]:
        """The ledger."""
        return ledger_of(self.play.log).entries

    def returned(self) -> set[int]:
        """The requests that have an answer, whoever brought it."""
        return {r.event.request for r in self.play.log.read(kind="chat_returned")}

    def sent(self) -> Counter[int]:
        """How often each request was sent, all its admissions together, as the log tells it."""
        found: Counter[int] = Counter()
        for record in self.play.log.read():
            if record.by != "cli.review" and record.kind in ("chat_returned", "call_failed"):
                found[record.event.request] += len(record.event.bill.attempts)
            elif record.kind == "call_doubted":
                told = _SENT.search(record.event.known)
                assert told, record.event.known
                found[record.event.request] += int(told[1])
        return found

    # -- what the vendor says -----------------------------------------------------------------------------

    def unknown(self) -> list[Entry]:
        """The requests of which a client cannot know what became of them, as the vendor saw them."""
        return [one for one in self.vendor.books.all("POST") if one.fault in DOUBTFUL]

    def garbage(self) -> list[Entry]:
        """The requests that were answered with what is no JSON."""
        return [one for one in self.vendor.books.all("POST") if one.fault == GARBAGE]

    def answered(self) -> list[Entry]:
        """The requests that were answered well."""
        faults = (LIMITED, GARBAGE, *DOUBTFUL)
        return [one for one in self.vendor.books.all("POST") if one.fault not in faults]

    def content_of(self, request: Any, route: str) -> str:
        """How the vendor's books name the body of a call."""
        model = self.play.provider._models[route.split(":", 1)[1]]
        return digest(chat_body(request, model, self.play.artifacts, _MOST))

    # -- a person -----------------------------------------------------------------------------------------

    def settle(self) -> tuple[int, int]:
        """Settles each doubt as the vendor's books say: (delivered after all, never taken)."""
        taken = {one.content: one for one in self.vendor.books.all("POST") if one.taken}
        brought = self.root / "brought.txt"
        ways = [0, 0]
        log = Log(self.root / "log.db", self.play.plugins.codec)
        with log.writing():
            for doubt in [one for one in ledger_of(log).entries if one.doubtful]:
                request, admitted = log.at(doubt.request), log.at(doubt.position)
                assert request is not None and admitted is not None
                found = taken.get(self.content_of(request.event, doubt.route))
                events: list[Any] = []
                if found is not None:
                    brought.write_text('{"shots": ["As the vendor shows it."]}')
                    bill = bill_of(found.charge, doubt.ceiling)
                    events.append(
                        delivered(request.event, admitted.event, brought, bill, self.play.artifacts)
                    )
                how = "not_accepted" if found is None else "returned"
                events.append(DoubtSettled(doubt.request, doubt.position, how, "the bookkeeper", ""))
                ways[found is None] += 1
                for event in events:
                    log.add(doubt.stream, event, by="cli.review", cause=doubt.position, root=doubt.position)
        log.close()
        return ways[0], ways[1]


def made_of(storm_: Storm) -> dict[str, int]:
    """The figures of a storm, for people."""
    faults = Counter(one.fault or "none" for one in storm_.vendor.books.all("POST"))
    settled, reserved, in_doubt = storm_.play.spent(SCOPE)
    return {
        "calls": storm_.calls,
        "returned": len(storm_.returned()),
        "submits": storm_.vendor.books.submits(),
        **{f"fault {name}": count for name, count in sorted(faults.items())},
        "settled": settled,
        "reserved": reserved,
        "in doubt": in_doubt,
        "most bound": storm_.most,
    }
