"""Pictures by generateContent: every part is looked at, since the picture may stand behind words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ....events.calls import CallFailed, ImageRequested, ImageReturned
from ..calling.bills import bill_of
from ..calling.chat import unsendable
from ..calling.clean import short
from ..calling.media_out import bytes_from_base64, picture_out
from ..calling.models import Model
from ..calling.outcomes import failed, malformed
from ..calling.picture_words import picture_words
from ..calling.pictures import BadMedia
from ..calling.sending import Line, Reply
from ..calling.transport import Ask
from ..calling.verdicts import Kind
from .answers import Content, picture_units, read_content
from .bodies import picture_body, picture_part, ratio_for, size_for
from .catalogue import MOST_PICTURE, references_of, sizes_of

if TYPE_CHECKING:
    from ....events.calls import Bill
    from . import GeminiSettings

__all__ = ["picture"]

MOST_WORDS = 8000


def picture(
    event: ImageRequested,
    line: Line,
    model: Model,
    url: str,
    secret: Mapping[str, str],
    settings: GeminiSettings,
) -> Iterator[ImageReturned | CallFailed]:
    """Asks for one picture and yields what came; its size is the vendor's. Raises UnknownOutcome."""
    desk = line.desk
    words = picture_words(event.picture, event.note, settings.style, event.words)[:MOST_WORDS]
    given = [one for one in event.inputs if one.media.startswith("image/")]
    sizes = sizes_of(model.name)
    size = (
        settings.image_size if sizes and settings.image_size else size_for(event.width, event.height, sizes)
    )
    try:
        if len(given) > references_of(model.name):
            most = references_of(model.name)
            raise BadMedia(f"{len(given)} references, more than the {most} that {model.name} takes")
        references = [picture_part(desk.artifacts, one) for one in given]
        ratio = ratio_for(event.width, event.height)
        body = picture_body(words, references, ratio, size, min(MOST_PICTURE, model.most_output))
    except BadMedia as error:
        yield unsendable(line, str(error))
        return
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    reply = line.call(Ask("POST", url, secret, headers, body))
    content = read_content(reply.answer)
    if reply.verdict.kind is not Kind.OK:
        yield failed(desk, reply, bill=_bill(line, reply, content) if content.counts is not None else None)
        return
    bill = _bill(line, reply, content)
    if content.verdict.kind in (Kind.REFUSED, Kind.TRUNCATED):
        yield failed(desk, reply, content.verdict, bill)
        return
    try:
        if content.verdict.kind is not Kind.OK:
            raise BadMedia(content.verdict.why)
        if not content.pictures:
            said = f": {short(content.text)}" if content.text.strip() else ""
            raise BadMedia(f"there is no picture in the answer{said}")
        raw = bytes_from_base64(content.pictures[-1])  # the last is the finished one
        head = picture_out(raw)
    except BadMedia as error:
        yield malformed(desk, reply, f"{line.vendor.name}: {error}", bill)
        return
    kept = desk.artifacts.put(raw, head.media)
    yield ImageReturned(image=kept, width=head.width, height=head.height, bill=bill)


def _bill(line: Line, reply: Reply, content: Content) -> Bill:
    """By the picture's tokens where these have a price, else by the picture."""
    rates = line.desk.call.price.rates if line.desk.call is not None else {}
    units = picture_units(content)
    if "image_output_token" not in rates:
        units = {"image": len(content.pictures)} if content.pictures else None
    return bill_of(line.desk, reply, content.usage, units, vendor_id=content.vendor_id)
