"""What the log, its tables and the vendor's books say of the same money: every way in which they differ.

All amounts in micro-dollars. A key is the id of an admission, under which the vendor books what it serves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from vendor import Served, Vendor

from duanju.core.ledger import ledger_of
from duanju.core.log import Log
from duanju.events.record import Record

__all__ = ["cap_of", "differences", "paid_twice", "sums_wrong"]

SERVED = ("returned",)
FREE = ("failed", "not accepted", "withdrawn")


def cap_of(log: Log, stream: str, first: int) -> int:
    """The episode's cap: that of its settings, or what a person raised it to."""
    raised = [record.event.cap for record in log.read(stream=stream, kind="budget_raised")]
    return max([first, *raised])


def sums_wrong(log: Log, stream: str, cap: int) -> Iterator[str]:
    """The table of money against the log, and against the cap; what a person settled may be uncarried."""
    row = log.db.execute(
        "SELECT sum(settled), sum(reserved), sum(in_doubt) FROM spend WHERE scope = ?", (stream,)
    ).fetchone()
    settled, reserved, doubt = (one or 0 for one in row)
    if settled + reserved + doubt > cap:
        yield f"settled {settled} + reserved {reserved} + in doubt {doubt} pass the cap of {cap}"
    (carried,) = log.db.execute("SELECT carried FROM lease").fetchone()
    if any(record.position > carried for record in log.read(stream=stream, kind="doubt_settled")):
        return
    sums = ledger_of(log, stream, carried=carried).sums()
    if (settled, reserved, doubt) != (sums.cost, sums.reserved, sums.in_doubt):
        ledger = (sums.cost, sums.reserved, sums.in_doubt)
        yield f"the table of money says {(settled, reserved, doubt)}, the ledger {ledger}"


def paid_twice(log: Log, stream: str, vendor: Vendor, repeat_below: int) -> Iterator[str]:
    """Dear calls that were submitted again while nobody knew what had become of the first.

    Known = its outcome, its failure or a settled doubt stands in the log before the second admission.
    """
    admitted = list(log.read(stream=stream, kind="call_admitted"))
    by_id = {record.id: record for record in admitted}
    settled = log.read(stream=stream, kind="doubt_settled")
    ended: dict[int, int] = {record.event.admitted: record.position for record in settled}
    for record in log.read(stream=stream):
        if record.kind != "call_failed" and not record.kind.endswith("_returned"):
            continue
        cause = _admission(log, record)
        if cause is not None:
            ended.setdefault(cause, record.position)
    before: dict[tuple[str, str], list[tuple[Served, Record]]] = defaultdict(list)
    for one in vendor.served:
        mine = by_id.get(one.key)
        if mine is None:
            yield f"submit {one.number} came under a key that no admission has"
            continue
        earlier = before[one.model, one.content]
        for other, its in earlier:
            if other.key == one.key:
                yield f"the admission at {mine.position} was submitted twice"
            elif (its.event.ceiling or 0) >= repeat_below and ended.get(
                its.position, 1 << 60
            ) > mine.position:
                yield (
                    f"{one.model} was paid twice for {mine.event.subject}: admitted at {its.position} and, "
                    f"with the first outcome unknown, again at {mine.position}"
                )
        earlier.append((one, mine))


def differences(log: Log, stream: str, vendor: Vendor) -> Iterator[str]:
    """The ledger's entries against the vendor's books, call by call; then their sums."""
    ids = {record.position: record.id for record in log.read(stream=stream, kind="call_admitted")}
    total = doubted = given_up = 0
    for entry in ledger_of(log, stream).entries:
        if entry.state == "reused":
            continue
        books = vendor.of(ids[entry.position])
        cost = sum(one.cost for one in books)
        what = f"{entry.route} for {entry.subject}, admitted at {entry.position}, {entry.state}"
        total += cost
        if entry.state in SERVED or entry.state in FREE:
            if entry.cost != cost:
                yield f"{what}: the ledger says {entry.cost}, the vendor {cost}"
        elif entry.state in ("given up", "doubted", "superseded"):
            if cost > (entry.ceiling or 0):
                yield f"{what}: the vendor charged {cost}, over the ceiling of {entry.ceiling}"
            if entry.state == "given up":
                given_up += (entry.cost or 0) - cost
            else:
                doubted += cost
        else:
            yield f"{what}: still open"
    if total != sum(one.cost for one in vendor.served):
        yield f"the vendor charged {sum(one.cost for one in vendor.served)}, the log knows of {total}"
    sums = ledger_of(log, stream).sums()
    if sums.cost + doubted - given_up != total:
        yield (
            f"the ledger's {sums.cost}, with {doubted} charged for what is in doubt and without {given_up} "
            f"never charged of what was given up, is not the vendor's {total}"
        )


def _admission(log: Log, record: Record) -> int | None:
    """The admission that a failure answers, over a submission where there was one."""
    cause = None if record.cause is None else log.at(record.cause)
    while cause is not None and cause.kind != "call_admitted":
        cause = None if cause.cause is None else log.at(cause.cause)
    return None if cause is None else cause.position
