"""Sends one HTTP request and reads its answer whole, within bounds of size and time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from attrs import field, frozen

from ....core.errors import DuanjuError
from .clean import clean, clean_bytes, clean_headers, short

if TYPE_CHECKING:
    import requests

__all__ = ["Answer", "Ask", "Bounds", "Broken", "NotSent", "send"]


class NotSent(DuanjuError):
    """The request surely did not reach the vendor; `again`: it may if it is sent once more."""

    def __init__(self, why: str, again: bool) -> None:
        self.again = again
        super().__init__(why)


class Broken(DuanjuError):
    """The request went out and no whole answer came back: nobody knows what became of it.

    `status` 0 = not even a status came. `answer` holds what did come.
    """

    def __init__(self, why: str, answer: Answer | None = None) -> None:
        self.answer = answer
        super().__init__(why)


@frozen
class Ask:
    """One request. `secret`: headers that hold the key, set only while it is sent and never shown.

    Exactly one of `json` (bytes, already encoded) and `files` with `form` is the body, or none of them.
    `free`: sending it again costs nothing (a look-up, a download).
    """

    method: str
    url: str
    secret: Mapping[str, str] = field(factory=dict, repr=False)
    headers: Mapping[str, str] = field(factory=dict)
    json: bytes | None = field(default=None, repr=False)
    form: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, tuple[str, bytes, str]], ...] = field(default=(), repr=False)
    free: bool = False
    redirects: int = 0


@frozen
class Bounds:
    """Seconds to connect, between two pieces of an answer, and in all; and the most bytes of a body."""

    connect_s: float = 10.0
    read_s: float = 300.0
    total_s: float = 600.0
    most_bytes: int = 64 << 20


@frozen
class Answer:
    """An answer read whole, without any key. Header names are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    latency_ms: int = 0
    url: str = ""

    @property
    def media(self) -> str:
        """The media type that it declares, without parameters."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()


def send(
    session: requests.Session,
    ask: Ask,
    bounds: Bounds,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Answer:
    """Sends a request once and reads the answer.

    A redirect is followed only where `ask.redirects` allows it, and takes no key to another host. Raises
    NotSent or Broken, whose texts hold no key.
    """
    url, secret = ask.url, dict(ask.secret)
    until = clock() + bounds.total_s
    for left in range(ask.redirects, -1, -1):
        answer = _once(session, ask, url, secret, bounds, until, clock)
        where = answer.headers.get("location", "")
        if not left or answer.status not in (301, 302, 303, 307, 308) or not where:
            return answer
        from requests.compat import urljoin

        target = urljoin(url, where)
        if urlsplit(target).scheme not in ("http", "https"):
            return answer
        if urlsplit(target).scheme == "http" and urlsplit(url).scheme == "https":
            return answer  # never from a safe line to an open one
        if _origin(target) != _origin(url):
            secret = {}
        url = target
    raise AssertionError("the last round returns")


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _once(
    session: requests.Session,
    ask: Ask,
    url: str,
    secret: Mapping[str, str],
    bounds: Bounds,
    until: float,
    clock: Callable[[], float],
) -> Answer:
    began = clock()
    left = until - began
    if left <= 0:
        raise NotSent("no time was left to send it", again=False)

    def with_key(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        """As `auth`, so that a .netrc never takes the key's place."""
        prepared.headers.update(secret)
        return prepared

    with _failures(url, began, clock):
        response = session.request(
            ask.method,
            url,
            headers=dict(ask.headers),
            data=ask.json if ask.json is not None else (list(ask.form) or None),
            files=list(ask.files) or None,
            auth=with_key,
            timeout=(min(bounds.connect_s, left), min(bounds.read_s, left)),
            allow_redirects=False,
            stream=True,
        )
    headers = clean_headers(response.headers.items())

    def known(body: bytes) -> Answer:
        latency = max(0, round((clock() - began) * 1000))
        return Answer(response.status_code, headers, clean_bytes(body), latency, clean(url))

    pieces: list[bytes] = []
    size = 0
    whole = False
    try:
        for piece in _pieces(response):
            pieces.append(piece)
            size += len(piece)
            if size > bounds.most_bytes:
                raise Broken(
                    f"the answer is longer than {bounds.most_bytes} bytes", known(b"".join(pieces)[:65536])
                )
            if clock() > until:
                raise Broken(
                    f"the answer was not whole after {bounds.total_s:.0f} s", known(b"".join(pieces))
                )
        declared = headers.get("content-length", "")
        if declared.isdecimal() and "content-encoding" not in headers and size < int(declared):
            raise Broken(f"only {size} of {declared} bytes of the answer came", known(b"".join(pieces)))
        whole = True
    except Broken:
        raise
    except Exception as error:  # noqa: BLE001  each library below raises its own kind, all mean the same
        raise Broken(
            f"the answer broke off after {size} bytes: {_words(error)}", known(b"".join(pieces))
        ) from None
    finally:
        if whole:
            response.raw.release_conn()
        else:  # what is left of this answer must not be read as the beginning of the next one
            response.close()
    return known(b"".join(pieces))


def _pieces(response: requests.Response) -> Iterator[bytes]:
    """The body as it arrives, decoded: read1 returns what is there instead of waiting for a full buffer."""
    while piece := response.raw.read1(1 << 16, decode_content=True):
        yield piece


# Other errors of TLS may come in the middle of an answer, and prove nothing.
_NO_HANDSHAKE = (
    "CERTIFICATE_VERIFY_FAILED",
    "WRONG_VERSION_NUMBER",
    "UNSUPPORTED_PROTOCOL",
    "HANDSHAKE_FAILURE",
)


@contextmanager
def _failures(url: str, began: float, clock: Callable[[], float]) -> Iterator[None]:
    """Tells what surely never went out from what may have been taken."""
    import requests
    import urllib3.exceptions as low

    host = short(urlsplit(url).netloc, 100)
    try:
        yield
    except requests.exceptions.ConnectTimeout as error:
        raise NotSent(f"{host} did not answer in time to be connected: {_words(error)}", again=True) from None
    except (
        requests.exceptions.InvalidURL,
        requests.exceptions.MissingSchema,
        requests.exceptions.InvalidSchema,
        requests.exceptions.InvalidHeader,
    ) as error:
        raise NotSent(
            f"the request cannot be sent: {_words(error)}; correct base_url or the key", False
        ) from None
    except requests.exceptions.ReadTimeout:
        waited = clock() - began
        raise Broken(f"{host} had the request and said nothing for {waited:.1f} s") from None
    except requests.exceptions.ConnectionError as error:
        cause = _reason(error)
        if isinstance(cause, low.SSLError) and any(word in str(cause) for word in _NO_HANDSHAKE):
            raise NotSent(f"no safe connection to {host}: {_words(cause)}", again=False) from None
        if isinstance(cause, low.NewConnectionError | low.ConnectTimeoutError | low.ProxyError):
            raise NotSent(f"{host} cannot be reached: {_words(cause)}", again=True) from None
        raise Broken(f"the connection to {host} broke: {_words(error)}") from None
    except requests.exceptions.RequestException as error:
        raise Broken(f"the call to {host} broke: {_words(error)}") from None


def _reason(error: Any) -> Any:
    """What urllib3 said, below what requests made of it."""
    cause = error.args[0] if getattr(error, "args", ()) else error
    return getattr(cause, "reason", None) or cause


def _words(error: object) -> str:
    text = short(str(error))
    return text or type(error).__name__
