"""What the log must contain, in plain Python: no code of the engine, only raw rows and what was done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from account_effects import Effects
from account_values import CALL_HOOKS, LANE_OF, PERSON, Item, Key, Request, Row
from attrs import define


@define(eq=False)
class Account(Effects):
    """The model: takes the log's rows in, says of each whether it may stand there, and what is missing."""

    def turn(
        self,
        rows: Iterable[tuple[Any, ...]],
        carried: int,
        ended: dict[Key, tuple[int, str]],
        work: dict[Key, int],
        begun: set[Key],
        late: dict[Key, str],
    ) -> None:
        """One committed turn: its rows, how far it carried, the runs that it took in, and what it left.

        `ended` and `late`: row of a run -> how it ended, in time (with its attempt) or not. `work` = the
        table; `begun` = what was submitted.
        """
        before, self._upto = self.carried, carried
        self._first = self.head + 1
        fresh = self.read(rows)
        if not before <= carried <= self.head:
            self.wrong(f"carried went from {before} to {carried}, the log to {self.head}")
        answers: dict[tuple[int | None, str], list[Row]] = {}
        for row in fresh:
            self._take(row)
            answers.setdefault((row.cause, row.by), []).append(row)
        self._book(carried)
        for key, (attempt, how) in ended.items():
            self._resolve(key, attempt, how, answers)
        for key, how in late.items():
            self._came_back(key, how, CALL_HOOKS[f"{key[1]}.{key[2]}"], answers)
        for position in range(before + 1, carried + 1):
            self._carry(self.rows[position], answers)
        self.carried = carried
        for row in self._twins:
            self._twin(row)
        self._twins.clear()
        self._started(work, begun)
        for row in self._unexplained.values():
            self.wrong("nothing explains this record", row)
        self._compare(work)

    def _take(self, row: Row) -> None:
        author, kind = row.by, row.kind
        if author == PERSON:
            self.wrong("a person's record that she did not write", row)
        if author == "core.admit":
            self._book(min(row.position - 1, self._upto))
        if kind == "call_admitted":
            self._admitted(row)
        elif kind == "call_doubted":
            self._doubted(row)
        self._note(row)
        if author == "core.admit":
            self._decided(row)
        elif author == "core.hold":
            self._held(row)
        elif author == "core.release":
            self._released(row)
        elif author == "core.late":
            call = self.calls[row.body["admitted"]]
            if not call.doubt or row.body["settled"] != "returned":
                self.wrong("no doubt ends by this", row)
        elif author in ("core.adopt", "core.open"):
            pass
        elif kind == "made" and row.body["reused_from"] is not None:
            self._twins.append(row)
        else:
            self._unexplained[row.position] = row

    def open_work(self) -> dict[Key, int]:
        """What the table of open work must hold; what is stale may be gone."""
        found: dict[Key, int] = {}
        for cause, request in self.open_asks().items():
            found[request.row.stream, "core", "admit", cause] = 0
        for call in self.calls.values():
            if call.state == "doubted":
                found[call.stream, "core", "doubt", call.doubt] = 1
        for key, item in self.items.items():
            found[key] = item.attempt if item.flying or item.unstored else 0
        return found

    def _compare(self, work: dict[Key, int]) -> None:
        wanted = self.open_work()
        for key in list(wanted):
            item = self.items.get(key)
            if key not in work and item is not None and not item.flying and self._stale(self.rows[key[3]]):
                del wanted[key], self.items[key]
        if wanted != work:
            missing = {k: v for k, v in wanted.items() if work.get(k) != v}
            more = {k: v for k, v in work.items() if wanted.get(k) != v}
            self.wrong(f"the table of open work: missing {missing}, has {more}")

    def spend(self) -> dict[str, tuple[int, int, int]]:
        """What the table of money must hold, by scope; scopes without money left out."""
        scopes = {scope for episode in self.episodes.values() for scope in episode.scopes}
        found = {scope: self.money(scope) for scope in scopes}
        return {scope: sums for scope, sums in found.items() if any(sums)}

    def restarted(self, force: dict[str, int]) -> dict[Key, tuple[int, str]]:
        """The engine ended: what was in flight has ended too, and nobody knows how.

        Returns these, as a turn wants them; what belongs to an absent plugin stays as it is.
        """
        self.force, self.stopping = force, False
        lost: dict[Key, tuple[int, str]] = {}
        for key, item in self.items.items():
            if force[key[1]] == 0:
                continue
            if item.flying or item.unstored:  # its row still says that it runs
                item.flying = True
                lost[key] = (item.attempt, "lost")
                item.unstored = True
                item.base = self._used(key[3], key[1], key[2])
            else:
                item.attempt = item.base = self._used(key[3], key[1], key[2])
        return lost

    def must_name_absent(self) -> None:
        """What is owed to an absent plugin holds its episode by the plugin's name. Raises Wrong."""
        for key in self.items:
            if self.rows[key[3]].kind == "episode_held":
                continue  # what is owed on a hold holds nothing more
            if self.force[key[1]] == 0 and f"plugin:{key[1]}" not in self.episodes[key[0]].held():
                self.wrong(f"{key} is owed to an absent plugin, and nothing says so")

    def at_the_end(self) -> None:
        """Nothing is open any more, and everything that was wanted is there. Raises Wrong."""
        if (
            self.open_asks()
            or self.items
            or any(c.state != "ended" for c in self.calls.values() if c.state != "superseded")
        ):
            self.wrong(f"still open: {self.open_work()}")
        for request in self.requests.values():
            stale = request.row.body["revision"] < self.episodes[request.row.stream].revision()
            if not request.answered and not (stale and request.withdrawn):
                self.wrong("it was never answered", request.row)
        for episode in self.episodes.values():
            if episode.held():
                self.wrong(f"{episode.stream} is held by {episode.held()}")

    def must_start(self) -> None:
        """Nothing more happens by itself: whatever waits must have a reason to. Raises Wrong."""
        if self.stopping:
            return
        if self.carried != self.head:
            self.wrong(f"at rest, and carried is {self.carried} of {self.head}")
        running = dict.fromkeys(self.lanes, 0)
        for item in self.items.values():
            if item.flying and self.force[item.key[1]]:
                running[LANE_OF[item.by]] += 1
        for request in self.open_asks().values():
            self._waits(request, running)
        for item in self.items.values():
            self._is_owed(item, running)

    def _waits(self, request: Request, running: dict[str, int]) -> None:
        stream = request.row.stream
        if request.row.body["revision"] < self.episodes[stream].revision():
            self.wrong("it must be withdrawn", request.row)
        if self.episodes[stream].held():
            return
        for lenient in (False, True):
            tried = self.tried(request, self.head, lenient)
            left = [route for route in self.routes[request.capability] if route not in tried]
            if not left:
                continue
            key = (left[0], request.capability, request.words)
            plugin = left[0].split(":")[0]
            lane = LANE_OF[f"{plugin}.on_{request.capability}_requested"]
            if any(c.key == key and c.state == "open" for c in self.calls.values()):
                return
            if running[lane] >= self.lanes[lane]:
                return
            if self.verdict(stream, self.prices[plugin]) == "wait":
                return
        self.wrong("nothing keeps it from its admission", request.row)

    def _is_owed(self, item: Item, running: dict[str, int]) -> None:
        source = self.rows[item.key[3]]
        if item.flying or self.force[item.key[1]] == 0:
            return
        if item.by in CALL_HOOKS:
            self.wrong(f"{item.key} was admitted and is not in flight", source)
        if self.episodes[item.key[0]].held() and item.key[2] != "tell":
            return
        width = self.lanes[LANE_OF[item.by]]
        room = width if item.key[2] == "stamp" else width + max(1, width // 2)
        if running[LANE_OF[item.by]] >= room:
            return
        if item.key[2] == "make" and any(
            other.flying
            and other.by == item.by
            and self.rows[other.key[3]].body["inputs"] == source.body["inputs"]
            for other in self.items.values()
        ):
            return
        self.wrong(f"nothing keeps {item.key} from its start", source)
