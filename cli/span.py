"""A span of days, as --since and --until say it."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from ..core.errors import WrongUse

__all__ = ["Span"]


@frozen
class Span:
    """Days (UTC), both of them in it; None = without end."""

    since: str | None
    until: str | None

    @classmethod
    def of(cls, since: str | None, until: str | None) -> Span:
        """As --since and --until say. Raises WrongUse for what is no day, or no span."""
        for option, day in (("--since", since), ("--until", until)):
            if day is not None and not _is_day(day):
                raise WrongUse(f"{option} {day}: no day; write it like 2026-11-24")
        if since is not None and until is not None and since > until:
            raise WrongUse(f"--since {since} is after --until {until}")
        return cls(since, until)

    def holds(self, day: str) -> bool:
        """Whether a day is in it."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
