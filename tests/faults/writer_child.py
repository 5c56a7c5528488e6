"""One of many writers: appends reviews of its own, and reaches with the others for a few shared subjects.

`writer_child.py LOG NUMBER COUNT SHARED`; prints, as JSON, what it appended and how often it collided.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from duanju.core.errors import WrongVersion
from duanju.core.log import Log
from duanju.events.cast import CharacterCast, CharacterChanged, Profile, Voice
from duanju.events.codec import Codec
from duanju.events.quality import ReviewGiven
from duanju.events.vocabulary import builtin_events

FACE = Profile(
    "female", 30, "oval", "#aa8866", "bob", "#111111", "#222222", "slim", "coat", "#333333", "#444444", ()
)  # fmt: skip
VOICE = Voice("female", 0, 50, 100)
EPISODE, SERIES = "episode/tea/one", "series/tea"


def last_of(log: Log, character: str) -> int | None:
    """The position of the character's last change, as this writer sees it."""
    found = None
    for record in log.read(stream=SERIES, kind="character_changed"):
        if record.event.character == character:
            found = record.position
    return found


def main(path: Path, number: int, count: int, shared: int) -> None:
    """Appends `count` reviews, and changes each of `shared` characters once, looking again when it must."""
    log = Log(path, Codec(builtin_events()))
    print("ready", flush=True)
    sys.stdin.readline()
    positions: list[int] = []
    for n in range(count):
        review = ReviewGiven(f"W{number}", "approve", f"{n}", f"writer {number}")
        own = (ReviewGiven, (f"W{number}",), positions[-1] if positions else None)
        (record,) = log.append(EPISODE, [review], by=f"cli.writer{number}", expected=own)
        positions.append(record.position)
    log.append(
        SERIES, [CharacterCast("tea", "C0", FACE, VOICE, f"writer {number}")], by=f"cli.writer{number}"
    )
    collided: list[tuple[str, int, int]] = []
    changed = 0
    for n in range(shared):
        character = f"C{n}"
        while True:
            seen = last_of(log, character)
            change = CharacterChanged("tea", character, FACE, VOICE, f"writer {number} after {seen}")
            try:
                log.append(
                    SERIES, [change], by=f"cli.writer{number}",
                    expected=(CharacterChanged, (character,), seen),
                )  # fmt: skip
            except WrongVersion as error:
                assert "look at it and try again" in str(error)
                said = re.search(
                    r"character_changed of (\w+) in .*you saw position (\w+), the log has (\d+)", str(error)
                )
                assert said is not None and said[1] == character and said[2] == str(seen)
                collided.append((character, seen or 0, int(said[3])))
                continue
            changed += 1
            break
    log.close()
    print(json.dumps({"positions": positions, "collided": collided, "changed": changed}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
