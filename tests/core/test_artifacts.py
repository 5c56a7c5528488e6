"""The artifact store: whole or not at all, and never other bytes than the name says."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duanju.core import artifacts as module
from duanju.core.artifacts import Artifacts
from duanju.core.errors import BadArtifact, CannotCommit
from duanju.events.artifact import Artifact


@pytest.fixture
def store(tmp_path: Path) -> Artifacts:
    return Artifacts(tmp_path / "store")


def files(store: Artifacts) -> list[Path]:
    return sorted(path for path in store.root.rglob("*") if path.is_file())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=5000))
def test_what_is_put_is_read_and_named_by_its_digest(store: Artifacts, tmp_path: Path, data: bytes) -> None:
    artifact = store.put(data, "x/y")
    assert artifact == Artifact(hashlib.sha256(data).hexdigest(), len(data), "x/y")
    assert store.read(artifact) == store.read_sha256(artifact.sha256) == data
    assert store.check(artifact) == "" and store.sound(artifact)
    (tmp_path / "file").write_bytes(data)
    assert store.put_file(tmp_path / "file", "x/y") == artifact
    assert not [p for p in files(store) if p.name.startswith(".new-")]


def test_a_second_put_writes_nothing(store: Artifacts) -> None:
    artifact = store.put(b"a" * 100, "x")
    before = store.path(artifact).stat()
    store.put(b"a" * 100, "x")
    assert store.path(artifact).stat().st_ino == before.st_ino


def test_a_torn_file_is_found_and_a_put_heals_it(store: Artifacts) -> None:
    artifact = store.put(b"a" * 100, "x")
    store.path(artifact).write_bytes(b"a" * 60)
    assert not store.sound(artifact)
    for read in (store.path, store.read):
        with pytest.raises(BadArtifact, match="has 60 bytes, the log says 100"):
            read(artifact)
    with pytest.raises(BadArtifact, match="other bytes"):
        store.read_sha256(artifact.sha256)
    assert "60 bytes" in store.check(artifact)
    store.put(b"a" * 100, "x")
    assert store.check(artifact) == ""


def test_swapped_bytes_of_the_same_length_are_found(store: Artifacts) -> None:
    one, two = store.put(b"a" * 100, "x"), store.put(b"b" * 100, "x")
    one_path, two_path = store.path(one), store.path(two)
    held = one_path.read_bytes()
    one_path.write_bytes(two_path.read_bytes())
    two_path.write_bytes(held)
    for artifact in (one, two):
        with pytest.raises(BadArtifact, match="other bytes than its name says"):
            store.read(artifact)
        assert "other bytes" in store.check(artifact)


def test_a_missing_file_is_named(store: Artifacts) -> None:
    artifact = store.put(b"a", "x")
    store.path(artifact).unlink()
    for read in (store.path, store.read):
        with pytest.raises(BadArtifact, match=artifact.sha256):
            read(artifact)
    assert "missing" in store.check(artifact) and not store.sound(artifact)


@pytest.mark.parametrize(
    "sha256",
    ["", "../../../etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "\n", "a" * 65, "..", "/" * 64, "é" * 64],
)
def test_a_hostile_name_never_becomes_a_path(store: Artifacts, sha256: str) -> None:
    artifact = Artifact(sha256, 1, "x")
    for call in (store.path, store.read, store.sound):
        with pytest.raises(BadArtifact, match="is no sha256"):
            call(artifact)
    with pytest.raises(BadArtifact):
        store.read_sha256(sha256)
    assert "no sha256" in store.check(artifact)
    good = store.put(b"a", "x")
    with pytest.raises(BadArtifact):
        store.read(evolve(good, size=2))


@pytest.mark.parametrize("step", ["fsync", "fchmod"])
def test_a_full_disk_leaves_nothing_behind_and_says_what_to_do(
    store: Artifacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    source = tmp_path / "file"
    source.write_bytes(b"b" * 100)
    monkeypatch.setattr(module.os, step, full)
    with pytest.raises(CannotCommit, match=r"No space left.*free some space"):
        store.put(b"a" * 100, "x")
    with pytest.raises(CannotCommit, match="No space left"):
        store.put_file(source, "x")
    assert files(store) == []


def test_a_file_that_changes_while_it_is_stored_is_refused(
    store: Artifacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "file"
    source.write_bytes(b"first")
    sound = Artifacts.sound

    def meanwhile(store: Artifacts, artifact: Artifact) -> bool:
        source.write_bytes(b"other")
        return sound(store, artifact)

    monkeypatch.setattr(Artifacts, "sound", meanwhile)
    with pytest.raises(BadArtifact, match="changed while it was stored"):
        store.put_file(source, "x")
    assert files(store) == []


def test_many_writers_of_one_artifact(store: Artifacts) -> None:
    data = [bytes([n % 3]) * 50_000 for n in range(12)]
    failures: list[BaseException] = []

    def put(one: bytes) -> None:
        try:
            assert store.read(store.put(one, "x")) == one
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=put, args=(one,)) for one in data]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == [] and len(files(store)) == 3
