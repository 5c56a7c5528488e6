"""The stand-ins of an estimate: providers that quote instead of calling, and effects that make no film."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import attrs
from attrs import define, field

from ..events.artifact import Artifact
from ..events.calls import (
    FREE,
    CallFailed,
    ChatRequested,
    ChatReturned,
    ImageRequested,
    ImageReturned,
    LipsyncRequested,
    LipsyncReturned,
    SpeechRequested,
    SpeechReturned,
    TranscriptionRequested,
    TranscriptionReturned,
    VideoRequested,
    VideoReturned,
)
from ..events.codec import Codec
from ..events.cut import CutRequested, EpisodeCut
from ..events.dialogue import Letter
from ..events.quality import CheckMeasured
from ..events.scenes import ShotRendered, TakeChosen
from .artifacts import Artifacts
from .desk import Desk
from .errors import NotReady
from .hooks import PROCESS_LANES, EffectSpec
from .keys import call_keys
from .plugins import Hook, Plugins

__all__ = ["Known", "Quoting", "Scrap", "spoken_ms"]

Known = Callable[[tuple[str, ...]], Any]
"""The keys of a call -> the outcome that the studio would use again for it, or None."""

_PAUSE_MS = 300
_NARROW_MS = 72  # 14 Latin characters a second
_WIDE_MS = 250  # 4 Chinese ones
_MEDIA = {"image": "image/png", "clip": "video/mp4", "audio": "audio/wav"}


class Scrap(Artifacts):
    """An artifact store in a folder that is thrown away: nothing is forced onto the disk."""

    def put(self, data: bytes, media: str) -> Artifact:
        """Stores bytes for as long as the folder lives."""
        artifact = Artifact(hashlib.sha256(data).hexdigest(), len(data), media)
        target = self.place(artifact)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        return artifact

    def put_file(self, path: Path, media: str) -> Artifact:
        """Stores a file's bytes for as long as the folder lives."""
        return self.put(path.read_bytes(), media)


class _NoNetwork:
    """In the place of a desk's session: an estimate asks nobody."""

    def __getattr__(self, name: str) -> Any:
        raise NotReady("an estimate uses no network", "run duanju produce")


def spoken_ms(request: SpeechRequested) -> int:
    """How long a line takes at its pace, in ms, as far as its characters tell."""
    wide = sum(1 for sign in request.text if ord(sign) > 0x2E7F)
    plain = wide * _WIDE_MS + (len(request.text) - wide) * _NARROW_MS
    return _PAUSE_MS + plain * 100 // min(400, max(25, request.direction.pace))


@define(eq=False)
class Quoting:
    """The plugins of an estimate, made from those in force.

    `reused`: positions of the admissions that the studio's own log answers; `left_out`: effects that are
    not run, since what they would do, or cost, cannot be told beforehand, with the kind that each answers.
    """

    plugins: Plugins
    known: Known = lambda keys: None
    reused: set[int] = field(factory=set)
    left_out: dict[str, str] = field(factory=dict)

    def made(self) -> Plugins:
        """The same plugins with stand-ins for every effect that calls, renders, measures or writes."""
        plugins = {}
        by_kind: dict[str, list[Hook]] = {}
        for name, plugin in sorted(self.plugins.plugins.items()):
            hooks = tuple(found for hook in plugin.hooks if (found := self._hook(hook)) is not None)
            plugins[name] = attrs.evolve(plugin, object=SimpleNamespace(needs_key=False), hooks=hooks)
            for hook in hooks:
                by_kind.setdefault(hook.kind, []).append(hook)
        kinds = {kind: tuple(hooks) for kind, hooks in by_kind.items()}
        return attrs.evolve(self.plugins, plugins=plugins, by_kind=kinds)

    def _hook(self, hook: Hook) -> Hook | None:
        spec = hook.effect
        if spec is None:
            return hook
        if spec.provider is not None:
            return self._provider(hook, spec)
        maker = _MAKERS.get(hook.kind)
        if maker is not None and maker[0] in hook.emits:
            function: Callable[..., Any] = partial(maker[1], hook.plugin)
            return attrs.evolve(hook, function=function, wants=("event", "desk"), effect=_inline(spec))
        if not hook.emits:
            return None
        if spec.lane in PROCESS_LANES or spec.doubt == "hold":
            self.left_out[hook.by] = hook.kind
            return None
        return attrs.evolve(
            hook, function=partial(_offline, hook), wants=("event", "record", "episode", "desk")
        )

    def _provider(self, hook: Hook, spec: EffectSpec) -> Hook | None:
        request = next((cls for cls in _OUTCOMES if self.plugins.codec.spec(cls).kind == hook.kind), None)
        if request is None:
            return None  # the awaiting of a long job: no stand-in submits one
        return attrs.evolve(
            hook,
            function=partial(self._quote, getattr(self._provider_of(hook), "times_speech", False) is True),
            wants=("event", "desk"),
            emits=frozenset({_OUTCOMES[request], CallFailed}),
            effect=_inline(spec),
        )

    def _provider_of(self, hook: Hook) -> Any:
        """The provider itself, of which its class may say `times_speech`: its voices bring their times."""
        return self.plugins.plugins[hook.plugin].object

    def _quote(self, timed: bool, event: Any, desk: Desk) -> Iterator[Any]:
        call = desk.call
        if call is None:
            raise AssertionError("a provider without a call")
        codec: Codec = self.plugins.codec
        keys = call_keys(codec, codec.spec(type(event)).request or "", call.route, event)
        old = self.known(keys)
        if old is not None:
            self.reused.add(call.admitted)
            yield attrs.evolve(old, bill=FREE, reused_from=None)
            return
        yield _answer(event, desk, call.key, timed)


def _inline(spec: EffectSpec) -> EffectSpec:
    return attrs.evolve(spec, lane="inline", doubt="repeat", attempts=1)


def _offline(hook: Hook, **given: Any) -> Any:
    given["desk"]._session = _NoNetwork()
    return hook.function(**{name: given[name] for name in hook.wants})


# -- answers ----------------------------------------------------------------------------------------------

_OUTCOMES: Mapping[type[Any], type[Any]] = {
    ChatRequested: ChatReturned,
    ImageRequested: ImageReturned,
    VideoRequested: VideoReturned,
    SpeechRequested: SpeechReturned,
    TranscriptionRequested: TranscriptionReturned,
    LipsyncRequested: LipsyncReturned,
}


def _answer(request: Any, desk: Desk, key: str, timed: bool) -> Any:
    """An outcome of the right kind and length; its file is told apart by the call's key, as a real one is.

    A voice is `timed` where its provider times it: then nobody has to be asked when its words sound.
    """
    if isinstance(request, ChatRequested):
        return ChatReturned(text=request.draft, finish="stop")
    if isinstance(request, ImageRequested):
        image = _file(desk, "image", key)
        return ImageReturned(image=image, width=request.width, height=request.height)
    if isinstance(request, SpeechRequested):
        lasts = spoken_ms(request)
        letters = _spread(request.text, lasts) if timed else ()
        return SpeechReturned(audio=_file(desk, "audio", key), duration_ms=lasts, letters=letters)
    if isinstance(request, TranscriptionRequested):
        return TranscriptionReturned(text=request.text, duration_ms=request.duration_ms)
    if isinstance(request, VideoRequested):
        return VideoReturned(clip=_file(desk, "clip", key))
    return LipsyncReturned(clip=_file(desk, "clip", key))


def _spread(text: str, lasts: int) -> tuple[Letter, ...]:
    edges = [lasts * n // max(1, len(text)) for n in range(len(text) + 1)]
    return tuple(Letter(start, end, sign) for start, end, sign in zip(edges, edges[1:], text, strict=False))


def _file(desk: Desk, what: str, key: str) -> Artifact:
    return desk.artifacts.put(f"the {what} of {key}".encode(), _MEDIA[what])


def _rendered(plugin: str, event: TakeChosen, desk: Desk) -> Iterator[ShotRendered]:
    yield ShotRendered(
        event.revision,
        event.scene,
        event.shot,
        event.take,
        _file(desk, "clip", event.inputs),
        event.frames,
    )


def _cut(plugin: str, event: CutRequested, desk: Desk) -> Iterator[EpisodeCut]:
    frames = sum(one.frames for one in event.segments)
    yield EpisodeCut(
        event.revision,
        event.inputs,
        _file(desk, "clip", event.inputs),
        desk.artifacts.put(b"the subtitles", "application/x-subrip"),
        frames * 1000 // max(1, event.fps),
        frames,
    )


def _measured(plugin: str, event: EpisodeCut, desk: Desk) -> Iterator[CheckMeasured]:
    yield CheckMeasured(
        revision=event.revision,
        inputs=event.inputs,
        check=plugin,
        subject="episode",
        verdict="passed",
        value=None,
        limit=None,
        unit="",
        why="an estimate measures nothing",
        evidence=(),
        repair="",
        tool="",
        film=event.film.sha256,
    )


_MAKERS: Mapping[str, tuple[type[Any], Callable[..., Any]]] = {
    "take_chosen": (ShotRendered, _rendered),
    "cut_requested": (EpisodeCut, _cut),
    "episode_cut": (CheckMeasured, _measured),
}
