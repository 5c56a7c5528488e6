"""A threaded HTTP server on the loopback interface that plays a vendor: routes, faults and books."""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
from attrs import field, frozen

from .books import Books, Entry, digest
from .faults import Fault, Faults

__all__ = ["Asked", "Given", "Part", "Route", "VendorServer"]


@frozen
class Part:
    """One part of a multipart body."""

    name: str
    file: str
    media: str
    data: bytes


@frozen
class Asked:
    """A request. Header names are in small letters; `match` holds what the route's pattern found."""

    number: int
    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    match: tuple[str, ...] = ()

    @property
    def json(self) -> Any:
        """The body as JSON. Raises ValueError."""
        return orjson.loads(self.body)

    @property
    def parts(self) -> list[Part]:
        """The parts of a multipart body, in order. Raises ValueError when it is none."""
        kind = self.headers.get("content-type", "")
        if not kind.startswith("multipart/form-data"):
            raise ValueError(f"the body is {kind or 'of no type'}, not multipart/form-data")
        head = f"Content-Type: {kind}\r\n\r\n".encode()
        message = BytesParser(policy=HTTP).parsebytes(head + self.body)
        found: list[Part] = []
        for part in message.walk():
            payload = part.get_payload(decode=True)
            if part.is_multipart() or not isinstance(payload, bytes):
                continue
            name = part.get_param("name", header="content-disposition")
            found.append(Part(str(name), part.get_filename() or "", part.get_content_type(), payload))
        return found


@frozen
class Given:
    """An answer, and what is charged for it in micro-dollars; a body that is no bytes becomes JSON."""

    body: Any
    status: int = 200
    media: str = "application/json"
    headers: Mapping[str, str] = field(factory=dict)
    charge: int = 0

    @property
    def raw(self) -> bytes:
        """The body's bytes."""
        return self.body if isinstance(self.body, bytes) else orjson.dumps(self.body)


@frozen
class Route:
    """Who answers a method and a path; `path` is a pattern of the whole path, its groups become `match`."""

    method: str
    path: str
    answer: Callable[[Asked], Given]


class VendorServer:
    """A vendor on 127.0.0.1, serving between `with` and its end.

    `faults` is the plan of what goes wrong (it may be changed while it serves), `key_header` names the
    header that holds the caller's key, `prefix` is what every path begins with.
    """

    def __init__(
        self,
        routes: Iterable[Route],
        *,
        faults: Faults | None = None,
        key_header: str = "authorization",
        prefix: str = "",
    ) -> None:
        self.books = Books()
        self.faults = faults
        self._routes = [(route.method, re.compile(route.path), route) for route in routes]
        self._key_header = key_header
        self._prefix = prefix
        self._lock = threading.Lock()
        self._number = 0
        self._closing = threading.Event()
        self.connections = 0
        self.out = 0
        self.most_out = 0
        vendor = self

        class Handler(_Handler):
            """The handler of this one vendor."""

            owner = vendor

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """Its base URL, with the prefix."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{self._prefix}"

    def __enter__(self) -> VendorServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    # -- what the handler asks --------------------------------------------------------------------------

    def take_number(self) -> int:
        """The number of the next request, from 1."""
        with self._lock:
            self._number += 1
            self.out += 1
            self.most_out = max(self.most_out, self.out)
            return self._number

    def count_connection(self) -> None:
        """A connection was made: `connections` says how many there were."""
        with self._lock:
            self.connections += 1

    def give_back(self) -> None:
        """A request has ended."""
        with self._lock:
            self.out -= 1

    def fault_for(self, number: int, method: str, path: str) -> Fault:
        """What the plan says of a request."""
        planned = self.faults(number, method, path) if self.faults is not None else None
        return planned or Fault()

    def answer(self, asked: Asked) -> Given:
        """What the route answers; 404 where there is none, 405 for another method."""
        known = False
        for method, pattern, route in self._routes:
            found = pattern.fullmatch(asked.path)
            if found is None:
                continue
            known = True
            if method == asked.method:
                matched = tuple(group or "" for group in found.groups())
                return route.answer(_with(asked, matched))
        status = 405 if known else 404
        return Given({"error": {"message": f"{asked.method} {asked.path}: no such route"}}, status)

    def key_of(self, headers: Mapping[str, str]) -> str:
        """The key that a request brought."""
        return headers.get(self._key_header, "").removeprefix("Bearer ")

    def below(self, path: str) -> str:
        """The path below the prefix."""
        return path.removeprefix(self._prefix) if path.startswith(self._prefix) else f"!{path}"

    def wait(self, seconds: float) -> bool:
        """Waits so long, or until the vendor closes; True when it closes."""
        return self._closing.wait(seconds)


def _with(asked: Asked, match: tuple[str, ...]) -> Asked:
    return Asked(asked.number, asked.method, asked.path, asked.query, asked.headers, asked.body, match)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is part of the play; anything else is a bug and is shown."""
        import sys

        if not isinstance(sys.exception() if hasattr(sys, "exception") else sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    owner: VendorServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        """A connection was made."""
        super().setup()
        self.owner.count_connection()

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        """Answers a GET."""
        self._serve()

    def do_POST(self) -> None:
        """Answers a POST."""
        self._serve()

    def do_DELETE(self) -> None:
        """Answers a DELETE."""
        self._serve()

    def _serve(self) -> None:
        number = self.owner.take_number()
        try:
            self._answer(number)
        finally:
            self.owner.give_back()

    def _answer(self, number: int) -> None:
        owner = self.owner
        parts = urlsplit(self.path)
        path = owner.below(parts.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        key = owner.key_of(headers)
        fault = owner.fault_for(number, self.command, path)

        def book(content: str, status: int, taken: bool, charge: int) -> None:
            name = fault.name or ("" if fault.kind == "none" else fault.kind)
            owner.books.add(Entry(number, self.command, path, content, key, status, taken, charge, name))

        if fault.kind == "reset_before":
            book("", 0, False, 0)
            self._reset()
            return
        body = self._body(headers)
        asked = Asked(number, self.command, path, parse_qs(parts.query), headers, body)
        content = digest(body)
        if fault.latency_s and owner.wait(fault.latency_s):
            return
        if fault.kind == "answer" and not fault.taken:
            book(content, fault.status, False, 0)
            self._send(fault.status, fault.headers, fault.body)
            return
        given = owner.answer(asked)
        good = 200 <= given.status < 300
        taken = good and (fault.kind in ("none", "slow", "half", "endless") or fault.taken)
        charge = given.charge if taken else 0
        if fault.kind in ("reset_after", "hang"):
            book(content, 0, taken, charge)
            if fault.kind == "hang":
                owner.wait(3600)
            self._reset()
        elif fault.kind == "answer":
            book(content, fault.status, taken, charge)
            self._send(fault.status, fault.headers, fault.body)
        elif fault.kind == "none":
            book(content, given.status, taken, charge)
            self._send(given.status, {"content-type": given.media, **given.headers}, given.raw)
        else:
            book(content, 0 if fault.kind != "slow" else given.status, taken, charge)
            self._send_badly(given, fault)

    def _body(self, headers: Mapping[str, str]) -> bytes:
        length = headers.get("content-length", "0")
        if length.isdecimal():
            return self.rfile.read(int(length))
        return b""

    def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send_badly(self, given: Given, fault: Fault) -> None:
        raw = given.raw
        self.send_response_only(given.status)
        self.send_header("Content-Type", given.media)
        for name, value in given.headers.items():
            self.send_header(name, value)
        self.close_connection = True
        if fault.kind == "endless":
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(raw)
            while not self.owner.wait(0.0):
                self.wfile.write(b" " * 65536)
            return
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        if fault.kind == "half":
            self.wfile.write(raw[: max(1, len(raw) // 2)])
            self.wfile.flush()
            time.sleep(0.01)
            self._reset()
            return
        for at in range(0, len(raw), fault.drop):
            self.wfile.write(raw[at : at + fault.drop])
            self.wfile.flush()
            if self.owner.wait(fault.wait_s):
                return

    def _reset(self) -> None:
        """Ends the connection as a crash does: with a reset, not with a goodbye."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
