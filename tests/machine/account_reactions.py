"""The model's reactions: what each plugin must answer to a record that was carried."""

from __future__ import annotations

from typing import Any

from account_decisions import Decisions
from account_values import EFFECTS, WORDS, Row
from attrs import define


@define(eq=False)
class Reactions(Decisions):
    """Compares the answers of reactions with what they must be."""

    def _carry(self, row: Row, answers: dict[tuple[int | None, str], list[Row]]) -> None:
        for by, wanted in self._reactions(row):
            self._reacted(row, by, wanted, answers)
        stale = self._stale(row)
        for hook in EFFECTS.get(row.kind, ()):
            if self.force["worker"] and row.stream.startswith("episode/") and not stale:
                self._owe((row.stream, "worker", hook, row.position))
        if row.kind == "video_submitted":
            plugin = row.body["route"].split(":")[0] or "film"
            self._owe((row.stream, plugin, "on_video_submitted", row.position))
        elif row.kind == "episode_released":
            self._retried(row, answers)
        elif row.kind == "call_failed" and not row.body["fallback"]:
            hold = f"call:{row.body['request']}"
            request = self.requests[row.body["request"]].row
            if not self._stale(request) and not self.was_held(row.stream, hold, row.position):
                self.wrong(f"{hold} is missing", row)

    def _reactions(self, row: Row) -> list[tuple[str, list[tuple[str, dict[str, Any]]] | None]]:
        """The answer of every reaction to a record; None = it fails."""
        body, force = row.body, self.force
        if row.kind == "fact":
            found: list[tuple[str, list[tuple[str, dict[str, Any]]] | None]] = []
            about = {"revision": body["revision"], "n": body["n"]}
            found.append(("asker.ask", self._asked(body)))
            if force["echo"]:
                found.append(("echo.say", [("echo", {**about, "flavour": min(force["echo"], 2)})]))
            if force["echo"] == 3:
                found.append(("echo.shout", [("shout", about)]))
            return found
        if row.kind == "character_cast":
            return [("asker.welcome", [("welcomed", {"character": body["character"]})])]
        if row.kind in ("worked", "part_closed"):
            by = "joiner.worked" if row.kind == "worked" else "joiner.closed"
            return [(by, self._joined(row))]
        return []

    def _asked(self, body: dict[str, Any]) -> list[tuple[str, dict[str, Any]]] | None:
        wants, words = body["wants"], f"words {body['words']}"
        about = {"revision": body["revision"], "subject": f"L{body['n']}"}
        if wants == "bad":
            return None if self.force["asker"] == 1 else []
        if wants == "cast":
            return [("character_cast", {"character": f"C{body['words']}"})]
        if wants == "nothing":
            return []
        return [(f"{wants}_requested", {**about, WORDS[wants]: words})]

    def _joined(self, row: Row) -> list[tuple[str, dict[str, Any]]]:
        episode, upto = self.episodes[row.stream], row.position
        newest = episode.revision(upto)
        facts = [r.body["n"] for r in episode.facts if r.position <= upto and r.revision == newest]
        worked = {r.body["n"] for r in episode.worked if r.position <= upto and r.revision == newest}
        state = {part: is_open for p, part, r, is_open in episode.parts if p <= upto and r == newest}
        waits = [part for part, is_open in state.items() if is_open]
        if not facts or not set(facts) <= worked or waits:
            return []
        return [("joined", {"revision": newest, "facts": tuple(facts)})]

    def _reacted(
        self,
        row: Row,
        by: str,
        wanted: list[tuple[str, dict[str, Any]]] | None,
        answers: dict[tuple[int | None, str], list[Row]],
    ) -> None:
        given = [r for r in answers.get((row.position, by), []) if r.position in self._unexplained]
        for one in given:
            del self._unexplained[one.position]
        if wanted is None:
            if [one.kind for one in given] != ["reaction_failed"]:
                self.wrong(f"{by} failed on {row.position}, and that is not its answer: {given}", row)
            hold = f"reaction:{by}:{row.position}"
            if not self._stale(row) and not self.was_held(row.stream, hold, row.position):
                self.wrong(f"{hold} is missing", row)
            return
        left = list(given)
        for kind, fields in wanted:
            if kind == "joined":  # the row holds a digest of its facts
                fields, facts = {"revision": fields["revision"]}, fields["facts"]
                if (
                    self.joins.setdefault((row.stream, fields["revision"], facts), row.position)
                    < row.position
                ):
                    continue
            if left and left[0].kind == kind and fields.items() <= left[0].body.items():
                left.pop(0)
            elif not self._stands(row, kind, fields):
                self.wrong(f"{by} did not answer {row.position} with {kind} {fields}: {given}", row)
        if left:
            self.wrong(f"{by} answered {row.position} with more than it says: {left}", row)

    def _stands(self, row: Row, kind: str, fields: dict[str, Any]) -> bool:
        if kind in ("character_cast", "welcomed"):
            stream = row.stream
            if stream.startswith("episode/"):
                stream = self.episodes[stream].series
            return (stream, kind, fields["character"]) in self.once
        return False

    def _retried(self, row: Row, answers: dict[tuple[int | None, str], list[Row]]) -> None:
        hold = row.body["hold"]
        if hold not in self.episodes[row.stream].held(row.position - 1):
            return
        kind, _, rest = hold.partition(":")
        if kind not in ("effect", "reaction"):
            return
        by, _, position = rest.rpartition(":")
        plugin, _, hook = by.partition(".")
        source = self.rows[int(position)]
        if self._stale(source):
            return
        if kind == "reaction":
            if not self.force[plugin]:
                return
            wanted = dict(self._reactions(source))[by]
            self._reacted(source, by, wanted, answers)
        else:
            self._owe((row.stream, plugin, hook, int(position)), self._used(int(position), plugin, hook))

    def _used(self, cause: int, plugin: str, hook: str) -> int:
        return max(
            (
                r.body["attempts"]
                for r in self.rows.values()
                if r.kind == "effect_failed"
                and r.cause == cause
                and (r.body["plugin"], r.body["hook"]) == (plugin, hook)
            ),
            default=0,
        )
