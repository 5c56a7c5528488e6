"""Calls to models: what is wanted, how the core admitted it, what came back, and what it cost."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from .artifact import Artifact
from .cast import Voice, older_profile
from .codec import upcast
from .dialogue import Direction, Letter, Phoneme, Word
from .kinds import event
from .scenes import Picture

__all__ = [
    "AnswerRejected",
    "Attempt",
    "Bill",
    "BudgetRaised",
    "CallAdmitted",
    "CallDoubted",
    "CallFailed",
    "CallRefused",
    "ChatRequested",
    "ChatReturned",
    "DoubtSettled",
    "ImageRequested",
    "ImageReturned",
    "LipsyncRequested",
    "LipsyncReturned",
    "RequestWithdrawn",
    "SpeechRequested",
    "SpeechReturned",
    "TranscriptionRequested",
    "TranscriptionReturned",
    "VideoRequested",
    "VideoReturned",
    "VideoSubmitted",
]

_ASKED = ("revision", "subject", "purpose", "traits")
_GIVEN = ("request", "route", "revision", "subject", "take")
_MARKS = ("request", "reused_from")


@frozen
class Attempt:
    """One try of a call: the status it ended with (0 = no answer) and the wait before it, in ms."""

    status: int
    wait_ms: int


@frozen
class Bill:
    """What a call used and cost: `cost` in micro-dollars, None when nobody knows.

    `billing`: billed | free | unknown, when `cost` is at most what is booked for want of a bill: the call's
    ceiling, None where it had none, never 0. `usage` as the vendor reported it; `price` names its entry.
    """

    cost: int | None = 0
    billing: str = "free"
    price: str = ""
    usage: dict[str, int] = field(factory=dict)
    latency_ms: int = 0
    attempts: tuple[Attempt, ...] = ()
    vendor_id: str = ""


FREE = Bill()


@event(home="episode", subject=("subject", "purpose"), address=_ASKED, request="chat", schema=2)
@frozen
class ChatRequested:
    """Words are wanted from a chat model. `inputs` are artifacts the prompt refers to.

    `draft` is what the rules answer, in the form of `schema`: it stands in the prompt as what the model may
    start from, and an estimate takes it for the answer. A re-ask has a higher take, and a prompt that ends
    with what was wrong.
    """

    revision: int
    subject: str
    purpose: str
    take: int
    system: str
    prompt: str
    schema: str
    inputs: tuple[Artifact, ...] = ()
    traits: dict[str, str] = field(factory=dict)
    draft: str = ""


@upcast("chat_requested", 1)
def _without_draft(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "draft": ""}


@event(home="episode", subject=("subject", "purpose"), address=_ASKED, request="image", schema=3)
@frozen
class ImageRequested:
    """A picture is wanted, of this size, showing this.

    `words`: what a chat model wrote of it, with everybody's looks, for a model that is told in words.
    """

    revision: int
    subject: str
    purpose: str
    take: int
    width: int
    height: int
    picture: Picture
    inputs: tuple[Artifact, ...] = ()
    note: str = ""
    traits: dict[str, str] = field(factory=dict)
    words: str = ""


@upcast("image_requested", 1)
def _without_words(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "words": ""}


@upcast("image_requested", 2)
@upcast("video_requested", 1)
def _older_figures(body: dict[str, Any]) -> dict[str, Any]:
    picture = body["picture"]
    figures = [
        {**one, "profile": older_profile(one["profile"]), "identity": ""} for one in picture["figures"]
    ]
    return {**body, "picture": {**picture, "figures": figures}}


@event(home="episode", subject=("subject", "purpose"), address=_ASKED, request="video", schema=2)
@frozen
class VideoRequested:
    """A clip is wanted from a picture."""

    revision: int
    subject: str
    purpose: str
    take: int
    width: int
    height: int
    fps: int
    duration_ms: int
    picture: Picture
    inputs: tuple[Artifact, ...] = ()
    note: str = ""
    traits: dict[str, str] = field(factory=dict)


@event(home="episode", subject=("subject", "purpose"), address=_ASKED, request="speech")
@frozen
class SpeechRequested:
    """A line is to be spoken: these words, in this voice, directed so."""

    revision: int
    subject: str
    purpose: str
    take: int
    text: str
    language: str
    voice: Voice
    direction: Direction
    inputs: tuple[Artifact, ...] = ()
    traits: dict[str, str] = field(factory=dict)


@event(home="episode", subject=("subject", "purpose"), address=_ASKED, request="lipsync")
@frozen
class LipsyncRequested:
    """A clip's mouth is to follow a voice."""

    revision: int
    subject: str
    purpose: str
    take: int
    inputs: tuple[Artifact, ...] = ()
    traits: dict[str, str] = field(factory=dict)


@event(home="episode", subject=("subject", "purpose"), address=_ASKED, request="transcription")
@frozen
class TranscriptionRequested:
    """The times of the words in a sound are wanted. `text` is what was to be said in it."""

    revision: int
    subject: str
    purpose: str
    take: int
    audio: Artifact
    duration_ms: int
    language: str
    text: str
    inputs: tuple[Artifact, ...] = ()
    traits: dict[str, str] = field(factory=dict)


# The core writes the first five fields of an outcome; a provider leaves them out.
@event(home="episode", subject=("subject",), address=_GIVEN, positions=_MARKS, outcome="chat")
@frozen(kw_only=True)
class ChatReturned:
    """The model's words, and whether its JSON had to be repaired.

    `finish`: stop (whole) | length (cut off at the most tokens) | malformed (data was wanted, and `text` is
    what came instead). Only a whole answer is ever used again.
    """

    request: int = 0
    route: str = ""
    revision: int = 0
    subject: str = ""
    take: int = 0
    text: str
    finish: str
    repaired: bool = False
    bill: Bill = FREE
    reused_from: int | None = None

    @property
    def reusable(self) -> bool:
        """Whether the same call asked again is answered by this."""
        return self.finish == "stop"


@event(home="episode", subject=("subject",), address=_GIVEN, positions=_MARKS, outcome="image")
@frozen(kw_only=True)
class ImageReturned:
    """A picture; `rig` holds the parts of it that move, where the provider can draw them."""

    request: int = 0
    route: str = ""
    revision: int = 0
    subject: str = ""
    take: int = 0
    image: Artifact
    rig: Artifact | None = None
    width: int
    height: int
    bill: Bill = FREE
    reused_from: int | None = None


@event(home="episode", subject=("subject",), address=_GIVEN, positions=_MARKS)
@frozen(kw_only=True)
class VideoSubmitted:
    """A vendor accepted a long job; `job` is its name there."""

    request: int = 0
    route: str = ""
    revision: int = 0
    subject: str = ""
    take: int = 0
    job: str
    bill: Bill = FREE
    reused_from: int | None = None


@event(home="episode", subject=("subject",), address=_GIVEN, positions=_MARKS, outcome="video")
@frozen(kw_only=True)
class VideoReturned:
    """A clip."""

    request: int = 0
    route: str = ""
    revision: int = 0
    subject: str = ""
    take: int = 0
    clip: Artifact
    bill: Bill = FREE
    reused_from: int | None = None


@event(home="episode", subject=("subject",), address=_GIVEN, positions=_MARKS, outcome="speech", schema=2)
@frozen(kw_only=True)
class SpeechReturned:
    """A spoken line: 16-bit mono WAV, its length, and its sounds or letters where these were timed."""

    request: int = 0
    route: str = ""
    revision: int = 0
    subject: str = ""
    take: int = 0
    audio: Artifact
    duration_ms: int
    phonemes: tuple[Phoneme, ...] = ()
    letters: tuple[Letter, ...] = ()
    bill: Bill = FREE
    reused_from: int | None = None


@upcast("speech_returned", 1)
def _without_letters(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "letters": []}


@event(home="episode", subject=("subject",), address=_GIVEN, positions=_MARKS, outcome="lipsync")
@frozen(kw_only=True)
class LipsyncReturned:
    """A clip whose mouth follows the voice."""

    request: int = 0
    route: str = ""
    revision: int = 0
    subject: str = ""
    take: int = 0
    clip: Artifact
    bill: Bill = FREE
    reused_from: int | None = None


@event(home="episode", subject=("subject",), address=_GIVEN, positions=_MARKS, outcome="transcription")
@frozen(kw_only=True)
class TranscriptionReturned:
    """What was heard in a sound that lasts `duration_ms`, word by word; no words = the model heard none."""

    request: int = 0
    route: str = ""
    revision: int = 0
    subject: str = ""
    take: int = 0
    text: str
    words: tuple[Word, ...] = ()
    duration_ms: int
    bill: Bill = FREE
    reused_from: int | None = None


@event(home="episode", positions=("request",))
@frozen
class CallAdmitted:
    """The core lets a request go: to whom, why, under which key, and how much is reserved for it.

    `quote` and `ceiling` in micro-dollars (`ceiling` is reserved); None = price unknown and allowed.
    """

    request: int
    route: str
    reason: str
    rule: str
    quote: int | None
    ceiling: int | None
    price_entry: str
    key: str
    day: str
    attempt: int
    capability: str
    purpose: str
    subject: str


@event(home="episode", positions=("request",))
@frozen
class CallRefused:
    """The core does not let a request go; the episode is held. `next` = what would let it pass."""

    request: int
    why: str
    next: str


@event(home="episode", positions=("request",))
@frozen
class RequestWithdrawn:
    """A request that is not asked again: of an older revision, or dropped by a person with its doubt.

    It holds no money: what is not submitted has no reserve, and a doubt is booked by its `doubt_settled`.
    """

    request: int
    why: str


@event(home="episode", positions=("request",))
@frozen(kw_only=True)
class CallFailed:
    """A call that surely brought nothing: refused, rejected or broken. `fallback` = another route may try.

    `refused_by` says who refused it; `key:VARIABLE` = nothing was sent for want of that key, so the same
    route is asked again when the hold of that name is released.
    """

    request: int = 0
    route: str = ""
    subject: str = ""
    why: str
    refused_by: str = ""
    fallback: bool = True
    bill: Bill = FREE


@event(home="episode", subject=("subject", "purpose"), positions=("request", "answer"))
@frozen
class AnswerRejected:
    """Whoever asked cannot use an answer: `why`. It is paid, and never given again.

    `answer` is the position of the outcome. `last`: the next route is asked the same, and without one the
    episode is held; else whoever asked asks anew, and shows the model what was wrong.
    """

    request: int
    answer: int
    route: str
    subject: str
    purpose: str
    why: str
    last: bool


@event(home="episode", positions=("request", "admitted"), schema=2)
@frozen
class CallDoubted:
    """A paid call whose outcome nobody knows: never sent again until a person or the vendor settles it.

    One cheaper than `repeat_below` is sent again at once, and its money stays in doubt. `known` is what the
    provider knew by then (the vendor's request id, a status), "" for nothing; `raw` its answer as it came.
    """

    request: int
    admitted: int
    route: str
    why: str
    known: str
    ceiling: int | None
    raw: Artifact | None = None


@upcast("call_doubted", 1)
def _without_raw(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "raw": None}


@event(home="episode", positions=("request", "admitted"))
@frozen
class DoubtSettled:
    """The doubt ends: returned | not_accepted | given_up.

    `returned`: the outcome stands before this and books its bill (without one the ceiling is booked).
    `not_accepted` frees the money, `given_up` books the ceiling as spent; after either the request is
    admitted again, unless a `request_withdrawn` stands before this: then a person dropped it.
    """

    request: int
    admitted: int
    settled: str
    who: str
    note: str


@event(home="episode")
@frozen
class BudgetRaised:
    """A person raises a cap: `scope` is call | episode | series | day, `cap` in micro-dollars."""

    scope: str
    cap: int
    who: str
