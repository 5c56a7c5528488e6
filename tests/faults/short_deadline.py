"""`duanju` with the toy's plugins, whose paid calls have a deadline of one and a half seconds."""

from __future__ import annotations

import sys
from pathlib import Path

import attrs

sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))

import toy_studio

from duanju.cli.main import run
from duanju.core import hooks

if __name__ == "__main__":
    effect = toy_studio.Paid.on_speech_requested
    mark = next(name for name, value in vars(effect).items() if isinstance(value, hooks.EffectSpec))
    setattr(effect, mark, attrs.evolve(getattr(effect, mark), deadline_s=1.5))
    toy_studio.install()
    run()
