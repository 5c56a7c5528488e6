"""Reads a generateContent answer: why it ended, its words and pictures, and what was used."""

from __future__ import annotations

from typing import Any

from attrs import evolve, frozen

from ..calling.bills import count_of, numbers_in
from ..calling.classify import json_of
from ..calling.compatible import ChatAnswer
from ..calling.finished import finished, no_answer
from ..calling.transport import Answer
from ..calling.verdicts import FINE, Kind, Verdict
from .refusals import BLOCKED, FINISH

__all__ = ["Content", "picture_units", "read_chat", "read_content"]


@frozen
class Content:
    """What an answer holds. `verdict` OK, TRUNCATED, REFUSED or MALFORMED; `finish` "" unless OK or cut.

    `text` and `pictures` (base64) leave out what the model only thought. `made`: tokens that came out, as
    words or pictures; `thought`: tokens of thinking, billed as words.
    """

    verdict: Verdict
    finish: str = ""
    text: str = ""
    pictures: tuple[Any, ...] = ()
    usage: dict[str, int] | None = None
    counts: Counts | None = None
    raw_usage: Any = None
    vendor_id: str = ""

    @property
    def units(self) -> dict[str, int] | None:
        """The usage of words in the units of a price."""
        if self.counts is None:
            return None
        units = {
            "input_token": self.counts.asked - self.counts.cached,
            "output_token": self.counts.made + self.counts.thought,
        }
        if self.counts.cached:
            units["cached_token"] = self.counts.cached
        return units


@frozen
class Counts:
    """Tokens: asked (`cached` is a part of it), made, and thought."""

    asked: int
    cached: int
    made: int
    thought: int


def read_content(answer: Answer) -> Content:
    """What an answer with a good status holds; its reason for ending is looked at before its parts."""
    body = json_of(answer)
    if isinstance(body, list) and len(body) == 1:
        body = body[0]
    if not isinstance(body, dict):
        return Content(no_answer(f"the body is no JSON object ({answer.media or 'no content type'})"))
    raw = body.get("usageMetadata")
    number = body.get("responseId")
    empty = Content(
        FINE,
        usage=numbers_in(raw) or None,
        counts=counts_of(raw),
        raw_usage=raw,
        vendor_id=number if isinstance(number, str) else "",
    )
    feedback = body.get("promptFeedback")
    reason = feedback.get("blockReason") if isinstance(feedback, dict) else None
    if isinstance(reason, str) and reason not in ("", "BLOCKED_REASON_UNSPECIFIED"):
        stage = BLOCKED.get(reason, "input text")
        return evolve(empty, verdict=Verdict(Kind.REFUSED, f"the prompt was blocked ({reason[:60]})", stage))
    candidates = body.get("candidates")
    if not isinstance(candidates, list) or not candidates or not isinstance(candidates[0], dict):
        return evolve(empty, verdict=no_answer("there are no candidates in the answer"))
    return _candidate(candidates[0], empty)


def _candidate(candidate: dict[str, Any], empty: Content) -> Content:
    reason = candidate.get("finishReason")
    finish = FINISH.get(reason, "") if isinstance(reason, str) else ""
    said = candidate.get("finishMessage")
    words = f": {said[:300]}" if isinstance(said, str) and said else ""
    content = candidate.get("content")
    parts = content.get("parts") if isinstance(content, dict) else None
    shown = [
        part
        for part in (parts if isinstance(parts, list) else ())
        if isinstance(part, dict) and part.get("thought") is not True
    ]
    text = "".join(part["text"] for part in shown if isinstance(part.get("text"), str))
    data = [part["inlineData"] for part in shown if isinstance(part.get("inlineData"), dict)]
    found = evolve(empty, text=text, pictures=tuple(one.get("data") for one in data))
    if found.counts is not None and not found.counts.made and (text or data):
        found = evolve(found, counts=None)  # something came out, and none of it was counted
    if finish == "refused":
        verdict = Verdict(Kind.REFUSED, f"the answer was filtered ({reason}){words}", "output")
        return evolve(found, verdict=verdict)
    if finish == "length":
        cut = Verdict(Kind.TRUNCATED, "the answer reached its most tokens, thinking included")
        return evolve(found, verdict=cut, finish="length")
    if finish != "stop":
        told = f"the answer did not end well ({reason!r:.60}){words}"
        return evolve(found, verdict=no_answer(told))
    return evolve(found, finish="stop")


def read_chat(answer: Answer, wants_data: bool) -> ChatAnswer:
    """An answer of words, as every provider of words reads its own."""
    content = read_content(answer)

    def told(verdict: Verdict, text: str = "", finish: str = "", repaired: bool = False) -> ChatAnswer:
        return ChatAnswer(verdict, text, finish, repaired, content.usage, content.units, content.vendor_id)

    if content.verdict.kind is Kind.TRUNCATED:
        return told(content.verdict, content.text, "length")
    if content.verdict.kind is not Kind.OK:
        return told(content.verdict)
    return told(*finished(content.text, wants_data))


def counts_of(usage: Any) -> Counts | None:
    """The tokens of `usageMetadata`; None where they are not reported or do not add up.

    The vendor leaves out what is 0. A total above the sum of the parts means that a part is missing.
    """
    if not isinstance(usage, dict):
        return None
    found: dict[str, int] = {}
    for name in (
        "promptTokenCount",
        "cachedContentTokenCount",
        "candidatesTokenCount",
        "thoughtsTokenCount",
        "toolUsePromptTokenCount",
        "totalTokenCount",
    ):
        count = count_of(usage.get(name, 0))
        if count is None:
            return None
        found[name] = count
    asked = found["promptTokenCount"] + found["toolUsePromptTokenCount"]
    cached, made = found["cachedContentTokenCount"], found["candidatesTokenCount"]
    thought = found["thoughtsTokenCount"]
    if not asked or cached > asked or found["totalTokenCount"] > asked + made + thought:
        return None
    return Counts(asked, cached, made, thought)


def picture_units(content: Content) -> dict[str, int] | None:
    """The usage of a picture in the units of its price; None where the picture's own tokens are not known."""
    counts = content.counts
    if counts is None:
        return None
    details = content.raw_usage.get("candidatesTokensDetails")
    drawn: int | None = None
    if isinstance(details, list):
        known = [one for one in details if isinstance(one, dict) and one.get("modality") == "IMAGE"]
        counted = [count_of(one.get("tokenCount")) for one in known]
        if counted and None not in counted:
            drawn = sum(one for one in counted if one is not None)
    if drawn is None and not content.text:
        drawn = counts.made  # nothing else came out
    elif drawn is None and not content.pictures:
        drawn = 0
    if drawn is None or drawn > counts.made:
        return None
    units = {
        "input_token": counts.asked - counts.cached,
        "output_token": counts.made - drawn + counts.thought,
        "image_output_token": drawn,
    }
    if counts.cached:
        units["cached_token"] = counts.cached
    return units
