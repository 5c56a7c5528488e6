"""Models as dated data: what each can, what it costs, until when it is there, and a studio's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs
from attrs import frozen

from ....core.errors import BadSetting
from ....core.prices import Price
from ....core.settings import micro
from ....events.codec import BadBody, Codec

__all__ = ["JSON_MODES", "Model", "ModelSetting", "models_of", "prices_of"]

JSON_MODES = ("schema", "object", "prompt")


@frozen
class Model:
    """One model. `rates`: micro-dollars for a million of each unit, as in Price.

    `json`: how it is asked for data: schema (response_format json_schema), object (JSON mode) or prompt.
    `sees`: takes pictures. `tokens`: the name of the field that bounds its answer.
    """

    name: str
    rates: dict[str, int]
    source: str
    since: str
    until: str = ""
    successor: str = ""
    most_output: int = 8192
    json: str = "schema"
    sees: bool = False
    tokens: str = "max_completion_tokens"


Amount = int | float | str | None


@frozen
class ModelSetting:
    """A model in a studio's own words: `[providers.NAME.prices."MODEL"]`, amounts in dollars.

    `input`, `cached`, `output` for a million tokens; `text_input`, `image_input`, `image_output` the same for
    a picture model; `character` for a million characters; `image`, `second` and `call` for one. `image` is
    also what one picture is taken to cost at most where its tokens have a price.
    """

    input: Amount = None
    cached: Amount = None
    output: Amount = None
    text_input: Amount = None
    image_input: Amount = None
    image_output: Amount = None
    character: Amount = None
    image: Amount = None
    second: Amount = None
    call: Amount = None
    most_output: int | None = None
    json: str = ""
    sees: bool | None = None
    since: str = ""
    until: str = ""
    successor: str = ""
    source: str = ""
    tokens: str = ""


_MILLIONS = {
    "input": "input_token",
    "cached": "cached_token",
    "output": "output_token",
    "text_input": "text_input_token",
    "image_input": "image_input_token",
    "image_output": "image_output_token",
    "character": "character",
}
_ONES = {"image": "image", "second": "second", "call": "call"}


def rates_of(table: str, setting: ModelSetting) -> dict[str, int]:
    """The rates that a studio gives. Raises BadSetting, naming the key, for what is no amount."""
    rates: dict[str, int] = {}
    for name, unit in (*_MILLIONS.items(), *_ONES.items()):
        amount: Amount = getattr(setting, name)
        if amount is None:
            continue
        try:
            rates[unit] = micro(amount) * (1 if name in _MILLIONS else 1_000_000)
        except ValueError as error:
            raise BadSetting(f"{table} {name}: {error}; write dollars, like 0.28") from None
    return rates


def models_of(
    provider: str, known: Iterable[Model], own: Mapping[str, Any], plain: Model | None = None
) -> dict[str, Model]:
    """The models by name: those known, changed and added to by a studio's own table.

    `plain` = what is taken of a model that only the studio knows. Raises BadSetting, naming table and key.
    """
    models = {model.name: model for model in known}
    base = plain or Model("", {}, "", "")
    for name, raw in own.items():
        table = f'[providers.{provider}.prices."{name}"]'
        setting = _setting(table, raw)
        if setting.json and setting.json not in JSON_MODES:
            raise BadSetting(f"{table} json: {setting.json!r} must be one of {', '.join(JSON_MODES)}")
        if setting.most_output is not None and not 1 <= setting.most_output <= 1_000_000:
            raise BadSetting(f"{table} most_output: {setting.most_output} must be 1 to 1000000")
        old = models.get(name, attrs.evolve(base, name=name))
        rates = rates_of(table, setting)
        models[name] = attrs.evolve(
            old,
            rates={**old.rates, **rates},
            source=setting.source or (f"{table} in duanju.toml" if rates else old.source),
            since=setting.since or old.since,
            until=setting.until or old.until,
            successor=setting.successor or old.successor,
            most_output=setting.most_output or old.most_output,
            json=setting.json or old.json,
            sees=old.sees if setting.sees is None else setting.sees,
            tokens=setting.tokens or old.tokens,
        )
    return models


def _setting(table: str, raw: Any) -> ModelSetting:
    """One model's table, checked. Raises BadSetting."""
    known = sorted(attribute.name for attribute in attrs.fields(ModelSetting))
    if not isinstance(raw, Mapping):
        raise BadSetting(f"{table} must be a table of amounts, like input = 0.28")
    for key in raw:
        if key not in known:
            raise BadSetting(f"{table} {key}: no such setting; there are: {', '.join(known)}")
    try:
        made: ModelSetting = Codec().structure(dict(raw), ModelSetting)
    except BadBody as error:
        raise BadSetting(f"{table} {error}") from None
    return made


def prices_of(provider: str, models: Iterable[Model]) -> list[Price]:
    """The price entries of the models whose price is known."""
    return [
        Price(
            f"{provider}:{model.name}",
            dict(model.rates),
            model.source,
            model.since,
            model.until,
            model.successor,
            model.most_output,
        )
        for model in models
        if model.rates
    ]
