"""What a page brings along that is no part of the story: page numbers, watermarks, rules between parts."""

from __future__ import annotations

import re

from .chinese_marks import ACTION
from .speech import split_speech
from .widths import fold, trim

__all__ = ["furniture"]

_PAGE = re.compile(
    r"-\s*[0-9]{1,4}\s*-|第\s*[0-9]{1,4}\s*页(?:[\s/,、|]*共\s*[0-9]{1,4}\s*页)?|(?:page|p\.)\s*[0-9]{1,4}(?:\s*(?:of|/)\s*[0-9]{1,4})?"
    r"|[0-9]{1,4}\s*/\s*[0-9]{1,4}|[0-9]{1,3}\.?",
    re.IGNORECASE,
)
_RULE = re.compile(r"(?:[-=_*~·.#]\s*){3,}|[─━═┈┄⸺]{2,}|<hr ?/?>|<br ?/?>")
_OWNER = re.compile(
    r"版权所有|版权归|侵权必究|勿外传|严禁外传|不得外传|禁止外传|严禁传播|未经许可|仅供.{0,10}(?:参考|使用|审阅|内部)"
    r"|^(?:内部资料|内部文件|机密|绝密|保密|初稿|终稿|定稿|第.{1,3}稿|confidential)$"
    r"|©|\(c\) ?[0-9]{4}|all rights reserved|do not (?:copy|distribute|share)|^property of\b|\bwww\.|^https?://",
    re.IGNORECASE,
)


def furniture(line: str, title: str) -> str:
    """note | page-break for a line of the page and not of the script, "" for any other.

    A running header is one: the title alone, once it is known.
    """
    text = trim(line)
    plain = fold(text).strip()
    if not plain or len(plain) > 120 or plain.startswith(("[[", "/*", "<!")):
        return ""
    if _RULE.fullmatch(plain):
        return "page-break"
    if _PAGE.fullmatch(plain):
        return "note"
    speech = split_speech(text)
    if len(plain) <= 80 and not ACTION.match(plain) and _OWNER.search(speech.name if speech else plain):
        return "note"
    return "note" if title and plain.strip("《》 ") == fold(title) else ""
