"""A vendor of chat in a process of its own: a plain one that only waits, or one in bad weather.

`python loopback.py plain SECONDS` or `python loopback.py storm SEED` prints its base URL; it ends when its
standard input does, and the one in a storm then prints how many requests it got.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["KEY", "vendor"]

KEY = "sk-bench-000000"
_BODY = (
    b'{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":'
    b'{"role":"assistant","content":"It is written.","refusal":null},"logprobs":null,"finish_reason":"stop"'
    b'}],"usage":{"prompt_tokens":12,"completion_tokens":4,"total_tokens":16}}'
)
_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
    + str(len(_BODY)).encode()
    + b"\r\n\r\n"
    + _BODY
)


@contextmanager
def vendor(*arguments: str) -> Iterator[str]:
    """A vendor's base URL, while the context lasts."""
    child = subprocess.Popen(
        [sys.executable, __file__, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        if child.stdout is None:
            raise RuntimeError("no pipe")
        yield child.stdout.readline().strip()
    finally:
        child.communicate(timeout=30)


class _Plain(asyncio.Protocol):
    """Answers each request the same after a time; as little work as it takes."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, found, rest = self._read.partition(b"\r\n\r\n")
        if not found:
            return
        size = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                size = int(value)
        if len(rest) >= size:
            self._read = rest[size:]
            self._loop.call_later(self._seconds, self._answer)

    def _answer(self) -> None:
        if isinstance(self._transport, asyncio.Transport) and not self._transport.is_closing():
            self._transport.write(_ANSWER)


async def _serve_plain(seconds: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Plain(seconds), "127.0.0.1", 0, backlog=256)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


def _serve_storm(seed: int) -> None:
    from duanju.testing.vendor import VendorServer
    from duanju.testing.vendor.openai import OpenAIVendor
    from duanju.testing.vendor.storm import storm

    with VendorServer(OpenAIVendor(key=KEY).routes(), prefix="/v1", faults=storm(seed)) as server:
        print(server.url, flush=True)
        sys.stdin.read()
        print(server.books.submits(), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "plain":
        asyncio.run(_serve_plain(float(sys.argv[2])))
    else:
        _serve_storm(int(sys.argv[2]))
