"""Loopback vendors for whole episodes by profile: they write what the rules drafted, and send real media."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import orjson
from attrs import frozen

from duanju.testing.vendor import VendorServer
from duanju.testing.vendor.anthropic import AnthropicVendor, message
from duanju.testing.vendor.elevenlabs import ElevenLabsVendor
from duanju.testing.vendor.gemini import GeminiVendor, candidate
from duanju.testing.vendor.gemini import usage as gemini_usage
from duanju.testing.vendor.holysheep import HolySheepVendor
from duanju.testing.vendor.openai import OpenAIVendor, completion

__all__ = ["PROVIDERS", "Ended", "duanju", "settings_of", "vendors"]

PROVIDERS = {
    "local": (),
    "holysheep": ("holysheep",),
    "global": ("gemini", "openai", "anthropic", "elevenlabs"),
}
"""The vendors that a profile calls."""

_DRAFT = "make it better:\n"
_PRICES = {
    "anthropic": '[providers.anthropic.prices."claude-sonnet-5"]\ninput = 2\ncached = 0.2\noutput = 10\n',
    "openai": '[providers.openai.prices."gpt-6-luna"]\ninput = 0.1\ncached = 0.01\noutput = 0.5\n',
}
"""What a vendor's own models cost counts at its own address only; the loopback's is another."""


def written(prompt: str) -> str:
    """What the model answers: the draft in the prompt, its description in more words."""
    assert _DRAFT in prompt, prompt[-300:]
    data = orjson.loads(prompt.rpartition(_DRAFT)[2])
    if "description" in data:
        data["description"] = f"{data['description']} The light falls from the left."
    return orjson.dumps(data).decode()


def _tokens(text: str) -> int:
    return max(1, len(text) // 4)


def _openai_says(body: Any, number: int) -> dict[str, Any]:
    text = written(body["messages"][-1]["content"])
    asked = sum(_tokens(one["content"]) for one in body["messages"])
    used = {"prompt_tokens": asked, "completion_tokens": _tokens(text)}
    return completion(text, model=body["model"], usage=used, number=number)


def _anthropic_says(body: Any, number: int) -> dict[str, Any]:
    content = body["messages"][-1]["content"]
    prompt = content if isinstance(content, str) else content[0]["text"]
    text = written(prompt)
    used = {
        "input_tokens": _tokens(prompt + str(body.get("system", ""))),
        "cache_creation_input_tokens": 40,
        "cache_read_input_tokens": 30,
        "output_tokens": _tokens(text),
    }
    return message(text, model=body["model"], usage=used, number=number)


def _gemini_says(body: Any, number: int) -> dict[str, Any] | None:
    config = body["generationConfig"]
    if "imageConfig" in config or "responseModalities" in config:
        return None  # a picture, as the vendor makes them
    prompt = body["contents"][-1]["parts"][0]["text"]
    text = written(prompt)
    used = gemini_usage(_tokens(prompt), _tokens(text), thought=25, cached=16)
    return candidate([{"text": text}], used=used, number=number)


def key_of(name: str) -> str:
    """The key that a vendor lets in."""
    return f"sk-{name}-9c31f0"


def _server(name: str) -> VendorServer:
    key = key_of(name)
    if name == "holysheep":
        return VendorServer(HolySheepVendor(say=_openai_says, key=key).routes(), prefix="/v1")
    if name == "openai":
        return VendorServer(OpenAIVendor(say=_openai_says, key=key).routes(), prefix="/v1")
    if name == "anthropic":
        return VendorServer(AnthropicVendor(say=_anthropic_says, key=key).routes(), key_header="x-api-key")
    if name == "gemini":
        vendor = GeminiVendor(say=_gemini_says, key=key)
        return VendorServer(vendor.routes(), key_header="x-goog-api-key", prefix="/v1beta")
    return VendorServer(ElevenLabsVendor(key=key).routes(), key_header="xi-api-key", prefix="/v1")


@contextmanager
def vendors(*names: str) -> Iterator[dict[str, VendorServer]]:
    """These vendors, serving while the context lasts."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(_server(name)) for name in names}


def settings_of(servers: Mapping[str, VendorServer]) -> str:
    """A studio's settings: the smallest film, and the vendors at their loopback addresses."""
    text = '[delivery]\nwidth = 144\nheight = 256\nfps = 12\npreset = "ultrafast"\n'
    for name, server in servers.items():
        text += f'[providers.{name}]\nbase_url = "{server.url}"\n{_PRICES.get(name, "")}'
    return text


@frozen
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its one document."""
        return orjson.loads(self.out)


def duanju(place: Path, *words: str, keys: tuple[str, ...] = ()) -> Ended:
    """A command in a process of its own, in this folder, with no key but these vendors'."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("DUANJU_") and not name.endswith("_API_KEY")
    }
    kept |= {f"{name.upper()}_API_KEY": key_of(name) for name in keys} | {"NO_PROXY": "127.0.0.1"}
    program = "from duanju.cli.main import run; run()"
    ran = subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=place,
        env=kept,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Ended(ran.returncode, ran.stdout, ran.stderr)
