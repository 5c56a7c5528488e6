"""One chat call, from the request to the event: what the providers of words share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ....events.calls import CallFailed, ChatRequested, ChatReturned
from .bills import bill_of
from .compatible import ChatAnswer, chat_body, read_chat
from .models import Model
from .outcomes import failed, malformed
from .pictures import BadMedia
from .sending import Line, Reply
from .transport import Answer, Ask
from .verdicts import Kind, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ask_chat", "chat", "told_chat", "unsendable"]


def unsendable(line: Line, why: str) -> CallFailed:
    """The failure of a call that was not even sent."""
    nothing = Reply(Answer(0, {}, b""), Verdict(Kind.NOT_ACCEPTED, why), ())
    return failed(line.desk, nothing)


def chat(
    event: ChatRequested, line: Line, model: Model, url: str, secret: Mapping[str, str]
) -> Iterator[ChatReturned | CallFailed]:
    """Asks over the compatible protocol and yields what came.

    ChatReturned with finish "stop", "length" (not whole) or "malformed" (data was wanted and there is none:
    `text` is the raw answer), or CallFailed. Raises UnknownOutcome.
    """
    desk = line.desk
    most = desk.call.price.most_output if desk.call is not None else model.most_output
    try:
        body = chat_body(event, model, desk.artifacts, most)
    except BadMedia as error:
        yield unsendable(line, str(error))
        return
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    yield from ask_chat(line, Ask("POST", url, secret, headers, body), bool(event.schema), read_chat)


def ask_chat(
    line: Line, ask: Ask, wants_data: bool, read: Callable[[Answer, bool], ChatAnswer]
) -> Iterator[ChatReturned | CallFailed]:
    """Sends a chat call and yields what came of it; `read` reads the vendor's answers. See `chat`."""
    yield from told_chat(line, line.call(ask), wants_data, read)


def told_chat(
    line: Line, reply: Reply, wants_data: bool, read: Callable[[Answer, bool], ChatAnswer]
) -> Iterator[ChatReturned | CallFailed]:
    """Yields what came of a chat call that has ended; see `chat`."""
    desk = line.desk
    if reply.verdict.kind is not Kind.OK:
        said = read(reply.answer, False)
        used = said.units is not None
        bill = bill_of(desk, reply, said.usage, said.units, vendor_id=said.vendor_id) if used else None
        yield failed(desk, reply, bill=bill)
        return
    said = read(reply.answer, wants_data)
    bill = bill_of(desk, reply, said.usage, said.units, vendor_id=said.vendor_id)
    if said.finish:
        yield ChatReturned(text=said.text, finish=said.finish, repaired=said.repaired, bill=bill)
    elif said.verdict.kind is Kind.MALFORMED:
        yield malformed(desk, reply, f"{line.vendor.name}: {said.verdict.why}", bill)
    else:
        yield failed(desk, reply, said.verdict, bill)
