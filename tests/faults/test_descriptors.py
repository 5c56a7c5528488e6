"""Out of file descriptors: whatever cannot be opened is said, nothing is lost, and with more it goes on."""

from __future__ import annotations

import resource

from faultkit import Machine

from duanju.core.errors import BadLog

LIMITS = (7, 8, 9, 12, 24)  # with fewer not even the interpreter starts


def begun(machine: Machine) -> bool:
    """Whether the log has its first event: what was told before that may leave an empty file."""
    try:
        machine.log().close()
    except BadLog as error:
        assert "holds no event yet" in str(error) or not machine.log_path.stat().st_size
        return False
    return True


def test_at_every_limit_the_command_ends_or_says_what_to_do(machine: Machine) -> None:
    told = done = 0
    for limit in LIMITS:
        machine.script(f"tea{limit}", 2)

        def low(limit: int = limit) -> None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))

        ran = machine.run("produce", f"tea{limit}.txt", preexec_fn=low)
        assert "Traceback" not in ran.stderr, (limit, ran.stderr)
        if ran.returncode == 0:
            done += 1
        elif "duanju" in ran.stderr:
            told += 1
            said = ran.stderr + ran.stdout
            assert "open files" in said or "unable to open" in said, (limit, said)
            assert "ulimit -n" in said or "Too many open files" in said, (limit, said)
        if begun(machine):
            assert machine.faults(open_work=True) == [], limit
    assert told >= 1 and done >= 1  # else the limits no longer straddle what it needs
    last = machine.call("resume")
    assert last.returncode in (0, 1), last.stderr
    assert machine.call("produce", "tea.txt").returncode in (0, 1)
    assert machine.faults(open_work=True) == []
