"""One TOML file of settings, able to say on which line a key stands."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from .errors import BadSetting

__all__ = ["TomlFile"]


class TomlFile:
    """One TOML file, able to say on which line a key stands."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise BadSetting(f"{path} is no UTF-8 text; save it as UTF-8") from None
        except OSError as error:
            raise BadSetting(f"{path} cannot be read: {error.strerror}") from None
        try:
            self.data: dict[str, Any] = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            raise BadSetting(f"{path}: {error}; see https://toml.io for the syntax") from None

    def line(self, table: str, key: str) -> int:
        """The line of a key in a table, 1 where it cannot be told."""
        current = ""
        for number, text in enumerate(self.text.splitlines(), 1):
            head = re.match(r"^\s*\[([^\[\]]+)\]", text)
            if head:
                current = head[1].replace(" ", "").replace('"', "")
                if f"{table}.{key}".strip(".") == current:
                    return number
            elif re.match(rf"^\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", text) and current == table:
                return number
        return 1

    def entry_line(self, array: str, number: int, key: str) -> int:
        """The line of a key in the `number`th (from 1) table of `[[array]]`; of its head if it is absent."""
        seen, head = 0, 1
        for count, text in enumerate(self.text.splitlines(), 1):
            if re.match(rf"^\s*\[\[\s*{re.escape(array)}\s*\]\]", text):
                seen, head = seen + 1, count if seen + 1 == number else head
            elif seen == number and re.match(rf"^\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", text):
                return count
            elif seen == number and re.match(r"^\s*\[", text):
                break
        return head

    def bad_entry(self, array: str, number: int, key: str, why: str) -> BadSetting:
        """The error for a key of one table in an array, with its place."""
        line = self.entry_line(array, number, key)
        return BadSetting(f"{self.path}, line {line}: {array}[{number}].{key}: {why}")

    def bad(self, table: str, key: str, why: str) -> BadSetting:
        """The error for a key, with its place."""
        name = f"{table}.{key}" if table else key
        return BadSetting(f"{self.path}, line {self.line(table, key)}: {name}: {why}")
