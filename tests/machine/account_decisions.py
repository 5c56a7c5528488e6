"""The model's view of the core's own records: admissions, doubts, holds and releases."""

from __future__ import annotations

from account_money import Money
from account_values import OUTCOMES, REPEAT_BELOW, Call, Request, Row
from attrs import define


@define(eq=False)
class Decisions(Money):
    """Says of each decision whether it may stand where it does."""

    def tried(self, request: Request, upto: int, lenient: bool) -> set[str]:
        """The routes that failed for a request since a person let it go on."""
        stream, position = request.row.stream, request.row.position
        names = {f"call:{request.capability}", f"call:{position}"}
        since = max(
            (
                p
                for p, hold, on in self.episodes[stream].holds
                if not on and p <= upto and (hold in names or (lenient and hold.startswith("call:")))
            ),
            default=0,
        )
        return {
            r.body["route"]
            for r in self.rows.values()
            if r.kind == "call_failed" and r.body["request"] == position and since < r.position <= upto
        }

    def _admitted(self, row: Row) -> None:
        body, stream = row.body, row.stream
        request = self.requests[body["request"]]
        episode = self.episodes[stream]
        if request.row.stream != stream:
            self.wrong("it admits a request of another episode", row)
        if episode.held(row.position - 1):
            self.wrong(f"{stream} is held by {episode.held(row.position - 1)}", row)
        if request.row.body["revision"] < episode.revision():
            self.wrong("its request is stale", row)
        if request.answered:
            self.wrong("its request has its outcome already", row)
        routes = self.routes[request.capability]
        allowed = set()
        for lenient in (False, True):
            tried = self.tried(request, row.position, lenient)
            allowed |= set([route for route in routes if route not in tried][:1])
        if body["route"] not in allowed:
            self.wrong(f"it goes to {body['route']}, not to {allowed}", row)
        key = (body["route"], request.capability, request.words)
        for other in self.calls.values():
            if other.key == key and other.state in ("open", "doubted"):
                self.wrong(f"the same call is {other.state} since {other.position}", row)
        if key in self.reusable or key[1:] in self.reusable:
            self.wrong("there is an answer to be given again", row)
        ceiling = self.prices[body["route"].split(":")[0]]
        if body["ceiling"] != ceiling:
            self.wrong(f"its ceiling is not {ceiling}", row)
        if self.verdict(stream, ceiling) != "pass":
            self.wrong(f"the caps {episode.caps} say {self.verdict(stream, ceiling)}", row)
        for call in self.calls.values():
            if call.request == request.row.position and call.state == "open":
                self.wrong(f"this request is with {call.route} already", row)
        self.calls[row.position] = Call(
            row.position, stream, request.row.position, body["route"], key, ceiling
        )
        plugin = body["route"].split(":")[0]
        hook = f"on_{request.capability}_requested"
        self._owe((stream, plugin, hook, row.position))

    def _decided(self, row: Row) -> None:
        request = self.requests[row.body["request"]]
        if row.kind == "call_refused":
            if row.cause is None or not request.asks.get(row.cause):
                self.wrong("it refuses what does not ask", row)
            return
        self._close_ask(row, request)
        if row.kind == "request_withdrawn":
            request.withdrawn = True
            if request.row.body["revision"] >= self.episodes[row.stream].revision():
                self.wrong("it withdraws what is not stale", row)
        elif row.kind in OUTCOMES:
            source = self.rows[row.body["reused_from"]]
            known = self.requests[source.body["request"]]
            if (known.capability, known.words) != (request.capability, request.words):
                self.wrong(f"the answer at {source.position} is none to this request", row)
            if row.body["bill"]["cost"] != 0:
                self.wrong("it costs money to give an answer again", row)
        elif row.kind != "call_admitted":
            self.wrong("no decision on a request", row)

    def _doubted(self, row: Row) -> None:
        call = self.calls.get(row.body["admitted"])
        if call is None or call.state != "open":
            self.wrong("it doubts what is not under way", row)
        cap = self.episodes[row.stream].caps["episode"]
        in_doubt = self.money(row.stream)[2] + call.ceiling
        cheap = call.ceiling < REPEAT_BELOW and (cap is None or in_doubt * 100 <= cap)
        call.state, call.doubt = ("superseded" if cheap else "doubted"), row.position
        if cheap:
            self.requests[call.request].asks[row.position] = True

    def _held(self, row: Row) -> None:
        name = row.body["hold"]
        if name in self.episodes[row.stream].held(row.position - 1):
            self.wrong(f"{name} is in force already", row)
        kind, _, rest = name.partition(":")
        if kind == "doubt":
            good = any(c.doubt == int(rest) and c.state != "superseded" for c in self.calls.values())
        elif kind in ("effect", "reaction"):
            by, _, position = rest.rpartition(":")
            plugin, _, hook = by.partition(".")
            good = any(
                r.kind == f"{kind}_failed"
                and r.cause == int(position)
                and r.body["plugin"] == plugin
                and r.body["hook"] == hook
                for r in self.rows.values()
            )
        elif kind == "call" and rest.isdecimal():
            good = any(
                r.kind == "call_failed" and r.body["request"] == int(rest) and not r.body["fallback"]
                for r in self.rows.values()
            )
        elif kind in ("call", "budget"):
            good = self.rows[row.position - 1].kind == "call_refused"
        else:
            good = kind == "plugin" and self.force[rest] == 0
        if not good:
            self.wrong(f"nothing calls for the hold {name}", row)

    def _released(self, row: Row) -> None:
        name = row.body["hold"]
        if name not in self.episodes[row.stream].held(row.position - 1):
            self.wrong(f"{name} is not in force", row)
        cause = self.rows[row.cause or 0].kind
        kind, _, rest = name.partition(":")
        good = {
            "budget_raised": kind == "budget",
            # its own doubt is not ended by a new script; another episode's may not concern it any more
            "episode_revised": kind != "doubt" or self.rows[int(rest)].stream != row.stream,
            "doubt_settled": kind == "doubt",
        }.get(cause, kind == "plugin" and self.force[rest] > 0)
        if not good:
            self.wrong(f"{name} does not end by {cause}", row)
