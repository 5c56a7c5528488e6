"""The model's effects: what may begin, and what must stand when a run has ended."""

from __future__ import annotations

from typing import Any

from account_reactions import Reactions
from account_values import ATTEMPTS, CALL_HOOKS, WRONG, Key, Row
from attrs import define


@define(eq=False)
class Effects(Reactions):
    """Compares the runs and their answers with what they must be."""

    def _twin(self, row: Row) -> None:
        source = self.rows[row.body["reused_from"]]
        key = (row.stream, "worker", "make", row.cause or 0)
        if (
            source.body["inputs"] != row.body["inputs"]
            or self.rows[key[3]].body["inputs"] != row.body["inputs"]
        ):
            self.wrong("it is no answer to this", row)
        item = self.items.pop(key, None)
        if item is None or item.flying:
            self.wrong("it was not owed", row)

    def _resolve(
        self, key: Key, attempt: int, how: str, answers: dict[tuple[int | None, str], list[Row]]
    ) -> None:
        """A run was taken in: its answer stands whole, or it is owed again."""
        item = self.items.get(key)
        if item is None or not item.flying or item.attempt != attempt:
            self.wrong(f"{key} ended, and was not in flight")
        by, cause = item.by, key[3]
        call = CALL_HOOKS.get(by)
        awaits = key[2] == "on_video_submitted"
        repeat = awaits or key[2] in ("work", "make", "tell")
        source = self.rows[cause]
        item.flying = False
        if how in WRONG and repeat and attempt - item.base < ATTEMPTS:
            return
        del self.items[key]
        if how in WRONG and call:
            self._expect(answers, cause, "core.doubt", "call_doubted", {})
        elif how in WRONG:
            author = by if repeat else "core.doubt"
            failed = {"plugin": key[1], "hook": key[2], "attempts": attempt}
            self._expect(answers, cause, author, "effect_failed", failed)
            hold = f"effect:{by}:{cause}"
            excused = source.kind == "episode_held" or self._stale(source)
            if not excused and not self.was_held(key[0], hold, cause):
                self.wrong(f"{hold} is missing", source)
        elif call:
            self._came_back(key, how, call, answers)
        elif key[2] != "tell":
            kind = {"work": "worked", "make": "made", "stamp": "stamped"}[key[2]]
            about = {name: source.body[name] for name in ("revision", "n")}
            self._expect(answers, cause, by, kind, about)

    def _came_back(
        self, key: Key, how: str, capability: str, answers: dict[tuple[int | None, str], list[Row]]
    ) -> None:
        by, cause = f"{key[1]}.{key[2]}", key[3]
        if how in ("failed", "refused"):
            self._expect(answers, cause, by, "call_failed", {"fallback": how == "failed"})
        elif how == "silent":
            self._expect(answers, cause, "core.unanswered", "call_failed", {"fallback": False})
        elif key[2] == "on_video_requested":
            self._expect(answers, cause, by, "video_submitted", {})
        else:
            row = self._expect(answers, cause, by, f"{capability}_returned", {})
            price = self.prices[key[1]]
            cost = price // 2 if how == "cheaper" else price
            if row.body["bill"]["cost"] != cost:
                self.wrong(f"it cost {cost}", row)

    def _expect(
        self,
        answers: dict[tuple[int | None, str], list[Row]],
        cause: int,
        by: str,
        kind: str,
        fields: dict[str, Any],
    ) -> Row:
        given = [r for r in answers.get((cause, by), []) if r.position in self._unexplained]
        if len(given) != 1 or given[0].kind != kind or not fields.items() <= given[0].body.items():
            self.wrong(f"{by} must answer {cause} with {kind} {fields}, once: {given}", self.rows[cause])
        del self._unexplained[given[0].position]
        return given[0]

    def expects_late(self, key: Key, how: str) -> bool:
        """Whether an outcome that comes now, after its deadline, must be appended: its call is in doubt."""
        if key[2] not in ("on_speech_requested", "on_chat_requested", "on_video_requested"):
            return False
        if how not in ("ok", "cheaper", "failed", "refused"):
            return False
        if key[2] == "on_video_requested" and how in ("ok", "cheaper"):
            return False  # a submission ends no call
        settled = any(r.kind == "doubt_settled" and r.body["admitted"] == key[3] for r in self.rows.values())
        return self.calls[key[3]].doubtful and not settled

    def _started(self, work: dict[Key, int], begun: set[Key]) -> None:
        """What began in this turn: only what was owed, of no held episode, and nothing stale."""
        for key, attempt in work.items():
            item = self.items.get(key)
            if item is None or item.flying:
                continue
            if attempt == 0 or (item.unstored and attempt == item.attempt):
                item.unstored = item.unstored and attempt > 0
                continue
            item.unstored = False
            if attempt != item.attempt + 1:
                self.wrong(f"{key} runs for the {attempt}th time after {item.attempt}")
            item.attempt, item.flying = attempt, True
            if self.stopping:
                self.wrong(f"{key} was started by an engine that is stopping")
            episode, source = self.episodes[key[0]], self.rows[key[3]]
            if item.by in CALL_HOOKS:
                if key[2] != "on_video_submitted":
                    self.submitted[key[3]] = self.submitted.get(key[3], 0) + 1
                    if self.submitted[key[3]] > 1:
                        self.wrong(f"the call admitted at {key[3]} was submitted twice")
                continue
            if self._stale(source):
                self.wrong(f"{key} is stale and was started", source)
            since = episode.held(self._first - 1) & episode.held()
            if since and key[2] != "tell":
                self.wrong(f"{key} was started while {since} held its episode", source)
        if wrong := begun - {key for key in work if work[key] > 0}:
            self.wrong(f"submitted without an intent: {wrong}")
