"""One call to Anthropic's Messages, from the request to the event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ....events.calls import CallFailed, ChatRequested, ChatReturned
from ..calling.bills import bill_of
from ..calling.chat import told_chat, unsendable
from ..calling.json_ways import JsonWays
from ..calling.models import Model
from ..calling.outcomes import failed
from ..calling.pictures import BadMedia
from ..calling.sending import Line
from ..calling.transport import Ask
from ..calling.verdicts import Kind
from .messages import message_body, read_message

__all__ = ["message"]

VERSION = "2023-06-01"


def message(
    event: ChatRequested, line: Line, model: Model, ways: JsonWays, url: str, secret: Mapping[str, str]
) -> Iterator[ChatReturned | CallFailed]:
    """Asks and yields what came, as `calling.chat.chat` does. Raises UnknownOutcome.

    A model that has no output_config is asked for data in the prompt from then on.
    """
    desk = line.desk
    most = desk.call.price.most_output if desk.call is not None else model.most_output
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "anthropic-version": VERSION,
    }

    def make(one: Model) -> Ask:
        return Ask("POST", url, secret, headers, message_body(event, one, desk.artifacts, most))

    try:
        reply, _ = ways.call(line, model, bool(event.schema), make)
    except BadMedia as error:
        yield unsendable(line, str(error))
        return
    verdict = reply.verdict
    if verdict.kind is Kind.REFUSED and verdict.stage == "output":
        # The words were made before they were blocked, and an error brings no usage to say what they cost.
        yield failed(desk, reply, bill=bill_of(desk, reply, None, None))
        return
    yield from told_chat(line, reply, bool(event.schema), read_message)
