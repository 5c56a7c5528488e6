"""Shows that the machine can fail: breaks the engine in a copy, one rule at a time, and counts who is caught.

python tests/machine/mutants.py [NAME ...]      DUANJU_MACHINE_EXAMPLES says how many plays are tried
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
NEEDED = ("core", "events", "tests/core", "tests/machine")

# name -> file, what stands there, and what is wrong instead
MUTANTS: dict[str, tuple[str, str, str]] = {
    "admits in a held episode": (
        "core/admission.py",
        "if folds.holds(stream) or",
        "if",
    ),
    "starts effects of a held episode": (
        "core/effects.py",
        "if held and not (spec.while_held",
        "if False and not (spec.while_held",
    ),
    "starts effects of an old revision": (
        "core/effects.py",
        "if not work.granted and turn.stale(work.record):",
        "if False:",
    ),
    "admits requests of an old revision": (
        "core/admission.py",
        "if request.revision < folds.revision(stream):",
        "if False:",
    ),
    "sends a doubted call again": ("core/doubt.py", "repeat = self._cheap(", "repeat = True or self._cheap("),
    "forgets which keys are in doubt": ("core/admission.py", "if key in self.calls.doubted:", "if False:"),
    "forgets which keys are under way": ("core/admission.py", "if self.calls.under_way(key):", "if False:"),
    "never gives an answer again": (
        "core/admission.py",
        "if (old := self._outcome(key) or self._outcome(paid_key)) is not None:",
        "if (old := None) is not None:",
    ),
    "releases without waking the requests": (
        "core/house.py",
        "        self.owed.release(stream)\n        self.asks.wake_stream(stream)",
        "        self.owed.release(stream)",
    ),
    "releases without waking the effects": (
        "core/house.py",
        "        self.owed.release(stream)\n        self.asks.wake_stream(stream)",
        "        self.asks.wake_stream(stream)",
    ),
    "books nothing for what came back": (
        "core/calls.py",
        "reserved=-found.ceiling, settled=entry.settled)",
        "reserved=-found.ceiling)",
    ),
    "keeps the reserve of a doubt": (
        "core/calls.py",
        "reserved=-money, in_doubt=money)",
        "in_doubt=money)",
    ),
    "forgets reserves in the caps": ("core/budget.py", "if sure + sums.reserved > cap:", "if False:"),
    "forgets doubts in the caps": (
        "core/budget.py",
        "sure = sums.settled + sums.in_doubt + ceiling",
        "sure = sums.settled + ceiling",
    ),
    "does not wake who waits for a key": (
        "core/asks.py",
        "        self._ready.extend(self._by_key.pop(key, ()))\n",
        "",
    ),
    "does not wake who waits for money": (
        "core/asks.py",
        "            self._ready.extend(self._money)\n            self._money.clear()",
        "            pass",
    ),
    "tries once more than it may": (
        "core/answers.py",
        "work.attempt - work.base < spec.attempts",
        "work.attempt - work.base <= spec.attempts",
    ),
    "starts work although it is stopping": (
        "core/engine.py",
        "            if self._stop_at is None:\n                moved = self._admissions",
        "            if True:\n                moved = self._admissions",
    ),
    "drops what comes late": ("core/effects.py", "self.doubts.late(done, late)", "pass"),
    "marks as carried what is not": (
        "core/engine.py",
        "self._lease.mark(self.carried)",
        "self._lease.mark(log.head)",
    ),
    "loses who asks for the same key at a crash": (
        "core/asks.py",
        "self._by_key.setdefault(key, deque()).append(ask)\n        self._owe(ask)",
        "self._by_key.setdefault(key, deque()).append(ask)",
    ),
    "takes a paid run that was lost for one to run again": (
        "core/restart.py",
        'elif hook.effect.doubt == "repeat":',
        "elif True:",
    ),
    "leaves a twin waiting for one that failed": (
        "core/answers.py",
        "        self.turn.works.drop(*work.row)\n        self.twins.free(work)\n",
        "        self.turn.works.drop(*work.row)\n",
    ),
    "holds nothing when an effect failed": (
        "core/answers.py",
        'f"effect:{work.hook.by}:{work.record.position}"',
        'f"note:{work.record.position}"',
    ),
    # what the machine has found
    "keeps what a restart asks for in memory only": (
        "core/engine.py",
        "        self._asks.store()  # what",
        "        # what",
    ),
    "asks twice for a cheap call in doubt": ("core/doubt.py", "wanted = waits and ", "wanted = "),
    "owes nobody a job whose provider is absent": (
        "core/house.py",
        'self.turn.works.owe(record.stream, provider, f"on_{record.kind}", record.position)',
        "pass",
    ),
    "holds a record twice": (
        "core/folds.py",
        "if found is not None and not (found.records and record.position <= found.records[-1].position):",
        "if found is not None:",
    ),
    "never rests while a paid lane is full": (
        "core/owed.py",
        "self._lanes.lane(name).room(not owed[0].paid)",
        "self._lanes.lane(name).room(True)",
    ),
    "lets what is owed on a hold speak for all": (
        "core/absent.py",
        'key=lambda debt: debt.record.kind == "episode_held"',
        "key=lambda debt: 0",
    ),
}


def caught(name: str, folder: Path) -> str:
    """How a mutant fares: caught, lived, or why it could not be made."""
    file, old, new = MUTANTS[name]
    package = folder / "duanju"
    for wing in NEEDED:
        shutil.copytree(ROOT / wing, package / wing, ignore=shutil.ignore_patterns("__pycache__"))
    for one in ("__init__.py", "pyproject.toml"):
        shutil.copy(ROOT / one, package / one)
    path = package / file
    text = path.read_text()
    if text.count(old) != 1:
        return f"does not apply: {file} has {text.count(old)} of what it replaces"
    path.write_text(text.replace(old, new))
    env = {**os.environ, "PYTHONPATH": str(folder), "DUANJU_MACHINE_SHRINK": "0"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--tb=line", "-p", "no:cacheprovider"]
    where = subprocess.run(
        [sys.executable, "-c", "import duanju.core.engine as e; print(e.__file__)"],
        env=env, cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    if not where.stdout.startswith(str(folder)):
        return f"does not run on the copy: {where.stdout}{where.stderr}"
    done = subprocess.run(
        [*command, "tests/machine/test_machine.py"], env=env, cwd=package, capture_output=True, text=True
    )
    if done.returncode == 0:
        return "LIVED"
    why = [line for line in done.stdout.splitlines() if "Wrong:" in line or "Error" in line]
    return f"caught: {why[0].strip()[:150] if why else done.stdout[-300:]}"


def main(names: list[str]) -> int:
    """Runs the mutants; returns how many lived or could not be made."""
    bad = 0
    for name in names or list(MUTANTS):
        with tempfile.TemporaryDirectory() as folder:
            found = caught(name, Path(folder))
        bad += not found.startswith("caught")
        print(f"{name}: {found}", flush=True)
    print(f"{len(names or MUTANTS) - bad} of {len(names or MUTANTS)} caught")
    return bad


if __name__ == "__main__":
    sys.exit(min(1, main(sys.argv[1:])))
