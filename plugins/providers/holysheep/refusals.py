"""How the relay says no: as a server of OpenAI's protocol, and as relays that sell credit word it."""

from __future__ import annotations

import re

from ..calling.classify import Meaning, Vendor
from ..calling.compatible import CODES, WORDS, compatible_vendor
from ..calling.verdicts import Kind

__all__ = ["relay_vendor"]

_QUOTA = Meaning(Kind.QUOTA_GONE)
_TEXT = Meaning(Kind.REFUSED, "input text")

# Believed, not known of this relay: what the open-source relays of its kind send.
_CODES = {
    "insufficient_user_quota": _QUOTA,
    "pre_consume_token_quota_failed": _QUOTA,
    "sensitive_words_detected": _TEXT,
}
_WORDS = (
    (
        re.compile(
            r"余额不足|额度不足|额度已用完|balance is (too low|not enough)|not enough (credit|balance)", re.I
        ),
        _QUOTA,
    ),
    (re.compile(r"敏感词|内容审核"), _TEXT),
)


def relay_vendor(name: str) -> Vendor:
    """The relay's way of saying no, under an instance's own name."""
    plain = compatible_vendor(name)
    return Vendor(name, {**CODES, **_CODES}, (*_WORDS, *WORDS), says_not_taken=plain.says_not_taken)
