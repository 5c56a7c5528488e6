"""The books of a loopback vendor: every request that reached it, whether it was taken, and its charge."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from typing import Literal

from attrs import frozen

__all__ = ["Books", "Entry"]


@frozen
class Entry:
    """One request as the vendor saw it. `charge` in micro-dollars; `status` 0 = no whole answer was sent.

    `content` is a digest of the body, `key` the secret that came with it, `fault` what was done to it.
    """

    number: int
    method: str
    path: str
    content: str
    key: str
    status: int
    taken: bool
    charge: int
    fault: str = ""


class Books:
    """What a vendor wrote down; safe to read while it serves."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[Entry] = []

    def add(self, entry: Entry) -> None:
        """Writes a request down."""
        with self._lock:
            self._entries.append(entry)

    def all(self, method: Literal["", "GET", "POST"] = "", path: str = "") -> list[Entry]:
        """The entries in order of their arrival, of a method and below a path if these are given."""
        with self._lock:
            found = sorted(self._entries, key=lambda entry: entry.number)
        return [e for e in found if (not method or e.method == method) and e.path.startswith(path)]

    def submits(self, path: str = "") -> int:
        """How many POSTs reached it."""
        return len(self.all("POST", path))

    def charged(self) -> int:
        """All that it charged, in micro-dollars."""
        return sum(entry.charge for entry in self.all())

    def by_content(self, path: str = "") -> Counter[str]:
        """How often each body was posted."""
        return Counter(entry.content for entry in self.all("POST", path))

    def by_key(self) -> Counter[str]:
        """How many requests came with each key."""
        return Counter(entry.key for entry in self.all())

    def taken_twice(self, path: str = "") -> list[str]:
        """The contents that it took, and would charge, more than once."""
        taken = Counter(entry.content for entry in self.all("POST", path) if entry.taken)
        return sorted(content for content, times in taken.items() if times > 1)


def digest(body: bytes) -> str:
    """How the books name a body."""
    return hashlib.sha256(body).hexdigest()[:16]
