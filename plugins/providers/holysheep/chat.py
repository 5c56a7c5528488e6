"""Words by way of the relay: data is asked for in the best way that each model's line turns out to take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs
import orjson

from ....events.calls import CallFailed, ChatRequested, ChatReturned
from ..calling.chat import told_chat, unsendable
from ..calling.compatible import chat_body, read_chat, response_format
from ..calling.json_ways import JsonWays
from ..calling.models import Model
from ..calling.pictures import BadMedia
from ..calling.schema_fit import misfit
from ..calling.sending import Line
from ..calling.transport import Ask
from ..calling.verdicts import Kind

__all__ = ["relayed_chat"]


def relayed_chat(
    event: ChatRequested, line: Line, model: Model, ways: JsonWays, url: str, secret: Mapping[str, str]
) -> Iterator[ChatReturned | CallFailed]:
    """Asks and yields what came, as `calling.chat.chat` does. Raises UnknownOutcome.

    A model whose data does not fit the schema that was asked for natively is asked in JSON mode from then on:
    the relay has dropped `response_format` on the way to it.
    """
    desk = line.desk
    most = desk.call.price.most_output if desk.call is not None else model.most_output
    headers = {"Content-Type": "application/json", "Accept": "application/json"}

    def make(one: Model) -> Ask:
        body = chat_body(_spelled(event, one), one, desk.artifacts, most)
        return Ask("POST", url, secret, headers, body)

    try:
        reply, way = ways.call(line, model, bool(event.schema), make)
    except BadMedia as error:
        yield unsendable(line, str(error))
        return
    if event.schema and way == "schema" and reply.verdict.kind is Kind.OK:
        read = read_chat(reply.answer, True)
        if read.finish == "malformed" or (read.finish == "stop" and not _fits(read.text, event.schema)):
            ways.fall(model, way)
    yield from told_chat(line, reply, bool(event.schema), read_chat)


def _spelled(event: ChatRequested, model: Model) -> ChatRequested:
    """The request with its schema in words beside `response_format`, which may not arrive."""
    if not event.schema or model.json != "schema":
        return event
    form, _ = response_format(event.schema, "schema")
    if form is None:  # then the words are in the prompt already
        return event
    _, words = response_format(event.schema, "prompt")
    return attrs.evolve(event, system=f"{event.system}\n\n{words}".strip())


def _fits(text: str, schema: str) -> bool:
    try:
        wanted = orjson.loads(schema)
    except orjson.JSONDecodeError:
        return True
    return not misfit(orjson.loads(text), wanted)
