"""What a storm must show, proven from the log, the ledger, the raw rows and the vendor's own books."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from stormkit import SCOPE, Storm, made_of

from duanju.core.settings import Budget
from duanju.testing.vendor import Entry
from duanju.testing.vendor.storm import DOUBTFUL, LIMITED

__all__ = ["cheap", "dear", "tight"]

MOST_SENDS = 5
ROUNDS = 12
Found = tuple[list[str], dict[str, int]]


def _least(calls: int) -> int:
    """99.99 % of the calls, a part of one counted as a whole failure that may be."""
    return calls - -(-calls // 10_000) if calls >= 10_000 else calls


def cheap(root: Path, seed: int, calls: int, width: int = 16) -> Found:
    """Calls quoted under `repeat_below`: (what is wrong, figures)."""
    with Storm(root, seed, calls, width=width, budget=Budget(repeat_below=1_000_000)) as storm:
        storm.run()
        wrong: list[str] = []
        sent, returned = storm.sent(), storm.returned()
        quick = sum(sent[request] <= MOST_SENDS for request in returned)
        if quick < _least(calls):
            wrong.append(f"{quick} of {calls} calls succeeded within {MOST_SENDS} sends")
        doubts = [one for one in storm.entries() if one.doubtful]
        if any(one.state != "superseded" for one in doubts):
            wrong.append("a cheap call in doubt was not sent again")
        wrong += _repeats_shown(storm)
        wrong += _books_equal(storm)
        wrong += _every_send_known(storm, sent)
        return wrong, {**made_of(storm), "doubts": len(doubts)}


def dear(root: Path, seed: int, calls: int, width: int = 16) -> Found:
    """Calls above `repeat_below`, and a person who settles each doubt from the vendor's books."""
    # A little more than all of it costs with its doubts: towards the end calls wait for money in flight.
    cap = calls * 475 + 5000
    told: Counter[str] = Counter()
    wrong: list[str] = []
    with Storm(root, seed, calls, width=width, budget=Budget(day=cap, repeat_below=0)) as storm:
        for _ in range(ROUNDS):
            storm.run()
            wrong += _none_repeated(storm)
            doubts = [one for one in storm.entries() if one.doubtful]
            told["doubts"] += len(doubts)
            wrong += _rest_succeeded(storm)
            wrong += _books_equal(storm)
            if not doubts:
                break
            delivered, never = storm.settle()
            told["delivered"] += delivered
            told["never taken"] += never
        else:
            wrong.append(f"there are doubts after {ROUNDS} rounds of settling")
        if len(storm.returned()) < _least(calls):
            wrong.append(f"{len(storm.returned())} of {calls} calls have an answer in the end")
        if twice := storm.vendor.books.taken_twice():
            wrong.append(f"the vendor took {len(twice)} calls twice")
        if told["doubts"] != len(storm.unknown()):
            wrong.append(f"{told['doubts']} doubts, but {len(storm.unknown())} outcomes were unknown")
        if storm.most > cap:
            wrong.append(f"{storm.most} was bound at once, over the cap of {cap}")
        wrong += _every_send_known(storm, storm.sent())
        return wrong, {**made_of(storm), **told, "cap": cap}


def tight(root: Path, seed: int, calls: int, width: int = 16) -> Found:
    """A cap that is reached in the middle of the storm: it is never passed, and it is used."""
    cap = calls * 250
    wrong: list[str] = []
    with Storm(root, seed, calls, each=1, width=width, budget=Budget(day=cap, repeat_below=0)) as storm:
        storm.run()
        refused = sum(1 for _ in storm.play.log.read(kind="call_refused"))
        settled, reserved, in_doubt = storm.play.spent(SCOPE)
        if storm.most > cap or storm.vendor.books.charged() > cap:
            wrong.append(f"{storm.most} was bound, {storm.vendor.books.charged()} charged, the cap is {cap}")
        ceiling = max(one.ceiling or 0 for one in storm.entries())
        if not refused or reserved or settled + in_doubt + ceiling <= cap:
            wrong.append(f"{refused} refused at {settled} settled, {in_doubt} in doubt; the cap is {cap}")
        wrong += _none_repeated(storm) + _books_equal(storm)
        return wrong, {**made_of(storm), "refused": refused, "cap": cap}


# -- what is compared --------------------------------------------------------------------------------------


def _books_equal(storm: Storm) -> list[str]:
    """The ledger against the vendor's books and the raw rows, to the micro-dollar."""
    wrong: list[str] = []

    def same(what: str, ours: Any, theirs: Any) -> None:
        if ours != theirs:
            wrong.append(f"{what}: {ours} by the ledger, {theirs} by the books")

    entries = storm.entries()
    billed = [one for one in entries if one.billing == "billed"]
    estimated = [one for one in entries if one.state == "failed"]
    adopted = {r.cause for r in storm.play.log.read(kind="chat_returned") if r.by == "cli.review"}
    by_engine = [one.cost or 0 for one in billed if one.position not in adopted]
    same("answered calls", Counter(by_engine), Counter(one.charge for one in storm.answered()))
    same("garbage", len(estimated), len(storm.garbage()))
    same("doubts", len([one for one in entries if one.doubt]), len(storm.unknown()))
    same("open", [one.position for one in entries if one.state == "open"], [])
    repaired = sum(r.event.repaired for r in storm.play.log.read(kind="chat_returned"))
    same("repaired", repaired, sum(one.number in storm.words.mangled for one in storm.answered()))
    # Each answer is priced as charged: by the vendor's number of it, not only in the sum.
    charges = {f"chatcmpl-{one.number:08d}": one.charge for one in storm.answered()}
    bills = {
        r.event.bill.vendor_id: r.event.bill.cost
        for r in storm.play.log.read(kind="chat_returned")
        if r.by != "cli.review"
    }
    same("bills by the vendor's number", bills, charges)
    rows = storm.play.log.db.execute(
        "SELECT sum(json_extract(body, '$.bill.cost')) FROM event WHERE kind = 'chat_returned'"
    ).fetchone()[0]
    same("json_extract", sum(one.cost or 0 for one in billed), rows or 0)
    settled, reserved, in_doubt = storm.play.spent(SCOPE)
    same("spend settled", settled, sum(one.settled for one in entries))
    same("spend reserved", reserved, 0)
    same("spend in doubt", in_doubt, sum(one.in_doubt for one in entries))
    if storm.vendor.books.charged() > settled + in_doubt:
        wrong.append(f"charged {storm.vendor.books.charged()}, but {settled} settled and {in_doubt} in doubt")
    return wrong


def _repeats_shown(storm: Storm) -> list[str]:
    """Every admission of a request but its first stands after a doubt or a failure of its own."""
    log = storm.play.log
    admitted = Counter(r.event.request for r in log.read(kind="call_admitted"))
    shown = Counter(r.event.request for r in log.read(kind="call_doubted"))
    shown.update(r.event.request for r in log.read(kind="call_failed"))
    shown.update(storm.returned())
    return [
        f"request {request} was admitted {times} times, and {shown[request]} ends are shown"
        for request, times in sorted(admitted.items())
        if times != shown[request]
    ]


def _none_repeated(storm: Storm) -> list[str]:
    """No call was sent again while nobody knew what became of it: by the books, and by the log."""
    wrong: list[str] = []
    by_content: dict[str, list[Entry]] = {}
    for one in storm.vendor.books.all("POST"):
        by_content.setdefault(one.content, []).append(one)
    by_content.pop("", None)  # reset before it was read: nobody knows its body, so the log has to tell
    for content, entries in by_content.items():
        taken = False
        for one in entries:
            if taken:
                wrong.append(f"{content} was sent as number {one.number} after it was taken")
            taken = taken or one.taken
    open_doubts: dict[int, int] = {}
    for record in storm.play.log.read():
        if record.kind == "call_doubted":
            open_doubts[record.event.request] = record.position
        elif record.kind == "doubt_settled":
            open_doubts.pop(record.event.request, None)
        elif record.kind == "call_admitted" and record.event.request in open_doubts:
            wrong.append(f"request {record.event.request} was admitted again while it was in doubt")
    # Of one that was not taken, a second submit may come only after a person said so.
    settled = {r.event.request for r in storm.play.log.read(kind="doubt_settled")}
    for request in storm.play.log.read(kind="chat_requested"):
        if request.position in settled:
            continue
        for route in storm.play.settings.routes["chat"]:
            entries = by_content.get(storm.content_of(request.event, route), [])
            if any(one.fault != LIMITED for one in entries[:-1]):
                wrong.append(f"{request.event.subject} was sent to {route} after an answer of another kind")
    return wrong


def _rest_succeeded(storm: Storm) -> list[str]:
    """All that are not in doubt, and wait behind no doubt of their episode, have an answer."""
    held = {r.stream for r in storm.play.log.read(kind="call_doubted")}
    returned = storm.returned()
    rest = [r.position for r in storm.play.log.read(kind="chat_requested") if r.stream not in held]
    good = sum(position in returned for position in rest)
    return [] if good >= _least(len(rest)) else [f"{good} of {len(rest)} calls beside the doubts succeeded"]


def _every_send_known(storm: Storm, sent: Counter[int]) -> list[str]:
    """The log accounts for every submit that reached the vendor."""
    ours, theirs = sum(sent.values()), storm.vendor.books.submits()
    faults = Counter(one.fault for one in storm.vendor.books.all("POST"))
    unknown = sum(faults[name] for name in DOUBTFUL)
    return [] if ours == theirs else [f"the log tells of {ours} sends, {theirs} arrived ({unknown} unknown)"]
