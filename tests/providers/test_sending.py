"""Sending: what is repeated and how long is waited for, what is read, and where a key goes."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest
import requests

from duanju.core.artifacts import Artifacts
from duanju.core.desk import Call, Desk
from duanju.core.gate import Gate
from duanju.core.prices import Price
from duanju.core.settings import Settings
from duanju.plugins.providers.calling.classify import Vendor
from duanju.plugins.providers.calling.sending import Line, Tries, UnknownOutcome
from duanju.plugins.providers.calling.transport import Answer, Ask, Bounds, Broken, NotSent, send
from duanju.plugins.providers.calling.verdicts import Kind
from duanju.testing.vendor import Asked, Fault, Given, Route, VendorServer, by_chance, in_turn
from duanju.testing.vendor.faults import answer, rate_limited

KEY = "sk-planted-5f1e90aa77"
OK = Given({"fine": True}, charge=7)
VENDOR = Vendor("v")


def server(*routes: Route, **more: Any) -> VendorServer:
    return VendorServer(
        routes or [Route("POST", "/go", lambda asked: OK), Route("GET", "/go", lambda asked: OK)], **more
    )


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    call = Call(1, 2, "v:m", "key", 100, Price("v:m", {"call": 1}, "test", "2026-01-01"))
    made = Desk("key", Artifacts(tmp_path), Settings(), tmp_path / "out", time.monotonic() + 30, call)
    made._gate = Gate(4)
    yield made
    made.http.close()


@attrs.define
class Slept:
    """Waits that are only noted; the clock moves by them."""

    now: float = 5000.0
    waits: list[float] = attrs.field(factory=list)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(round(seconds, 6))
        self.now += seconds


def line(desk: Desk, slept: Slept, *, chance: float = 0.0, left: float = 600.0, **more: Any) -> Line:
    desk.deadline = slept.now + left
    desk._gate = Gate(4, clock=slept.clock)
    return Line(
        desk,
        VENDOR,
        clock=slept.clock,
        sleep=slept.sleep,
        chance=lambda: chance,
        now=lambda: datetime(2026, 11, 24, tzinfo=UTC),
        **more,
    )


def post(url: str, **more: Any) -> Ask:
    return Ask("POST", f"{url}/go", {"Authorization": f"Bearer {KEY}"}, json=b"{}", **more)


# repeats ------------------------------------------------------------------------------------------------


def test_waits_double_with_jitter_below_and_stop_after_the_attempts(desk: Desk) -> None:
    busy = answer(409, {"error": {"message": "locked"}})
    for chance, waits in ((0.0, [0.25, 0.5, 1.0, 2.0]), (1.0, [0.1875, 0.375, 0.75, 1.5])):
        slept = Slept()
        with server(faults=in_turn([busy] * 9)) as vendor:
            reply = line(desk, slept, chance=chance).call(post(vendor.url))
            assert vendor.books.submits() == 5
        assert slept.waits == waits and reply.verdict.kind is Kind.NOT_ACCEPTED
        assert [a.status for a in reply.attempts] == [409] * 5
        assert [a.wait_ms for a in reply.attempts] == [0, *(round(w * 1000) for w in waits)]


def test_what_a_vendor_asks_for_is_a_minimum_and_pauses_the_lane(desk: Desk) -> None:
    slept = Slept()
    with server(faults=in_turn([rate_limited(retry_after="7")])) as vendor:
        made = line(desk, slept, chance=1.0)
        reply = made.call(post(vendor.url))
    assert slept.waits == [7 * 1.25] and reply.verdict.kind is Kind.OK
    assert [a.wait_ms for a in reply.attempts] == [0, 8750] and desk.gate.allowed == 3
    assert reply.latency_ms == 8750


def test_a_wait_past_the_deadline_is_not_begun(desk: Desk) -> None:
    slept = Slept()
    with server(faults=in_turn([rate_limited(retry_after="50")])) as vendor:
        made = line(desk, slept, left=40.0)
        reply = made.call(post(vendor.url))
        assert slept.waits == [] and reply.verdict.kind is Kind.RATE_LIMITED and vendor.books.submits() == 1
        # Another call of the lane finds the pause, and is not sent either.
        later = made.call(post(vendor.url))
        assert (
            later.verdict.kind is Kind.NOT_ACCEPTED and later.attempts == () and vendor.books.submits() == 1
        )
        assert "pause" in later.verdict.why


def test_a_pause_that_comes_meanwhile_ends_a_call_with_what_it_was_told(desk: Desk) -> None:
    slept = Slept()
    with server(faults=in_turn([answer(409, {"error": {"message": "locked"}})])) as vendor:
        made = line(desk, slept, left=40.0)
        gate = desk.gate

        def sleep(seconds: float) -> None:
            slept.sleep(seconds)
            gate.pause(200.0)

        made.sleep = sleep
        reply = made.call(post(vendor.url))
        assert "locked" in reply.verdict.why and "pause" in reply.verdict.why
        assert [a.status for a in reply.attempts] == [409] and vendor.books.submits() == 1


@pytest.mark.parametrize("kind", ["reset_after", "reset_before", "half"])
def test_a_look_up_is_repeated_where_a_submit_is_doubted(desk: Desk, kind: Any) -> None:
    with server(faults=in_turn([Fault(kind)], method="GET")) as vendor:
        reply = line(desk, Slept()).call(Ask("GET", f"{vendor.url}/go", free=True))
        assert reply.verdict.kind is Kind.OK and len(vendor.books.all("GET")) == 2
    with server(faults=in_turn([Fault(kind)])) as vendor:
        with pytest.raises(UnknownOutcome):
            line(desk, Slept()).call(post(vendor.url))
        assert vendor.books.submits() == 1 and "no request id" in desk.told.known


def test_a_call_ends_before_its_deadline(desk: Desk) -> None:
    desk.deadline = time.monotonic() + 2.4
    with server(faults=in_turn([Fault("hang")])) as vendor:
        made = Line(desk, VENDOR, Bounds(read_s=60, total_s=60), Tries())
        with pytest.raises(UnknownOutcome, match="said nothing"):
            made.call(post(vendor.url))
        assert time.monotonic() < desk.deadline


def test_no_more_go_out_at_once_than_the_gate_allows(desk: Desk) -> None:
    import threading

    desk._gate = Gate(3)
    with server(faults=lambda number, method, path: Fault(latency_s=0.02)) as vendor:

        def one() -> None:
            own = attrs.evolve(desk)
            own._gate = desk.gate
            reply = Line(own, VENDOR).call(post(vendor.url))
            assert reply.verdict.kind is Kind.OK
            own.http.close()

        threads = [threading.Thread(target=one) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert vendor.books.submits() == 12 and vendor.most_out <= 3


# reading ------------------------------------------------------------------------------------------------


def once(url: str, session: requests.Session | None = None, **more: Any) -> Answer:
    bounds = Bounds(
        connect_s=2, read_s=2, total_s=more.pop("total_s", 2), most_bytes=more.pop("most", 1 << 20)
    )
    with session or requests.Session() as own:
        return send(own, attrs.evolve(post(url), **more), bounds)


def test_a_connection_is_kept_after_a_whole_answer_and_left_after_a_broken_one() -> None:
    faults = in_turn([None, None, Fault("half"), None])
    with server(faults=faults) as vendor, requests.Session() as session:
        for _ in range(2):
            assert send(session, post(vendor.url), Bounds()).status == 200
        assert vendor.connections == 1
        with pytest.raises(Broken, match="bytes"):
            send(session, post(vendor.url), Bounds())
        assert send(session, post(vendor.url), Bounds()).status == 200
        assert vendor.connections == 2


def test_a_body_is_bounded_in_size_also_when_it_is_packed() -> None:
    big = gzip.compress(b"\x00" * (8 << 20))
    packed = answer(200, big, headers={"content-encoding": "gzip"})
    with server(faults=in_turn([packed, Fault("endless")])) as vendor:
        for _ in range(2):
            with pytest.raises(Broken, match="longer than 1048576 bytes"):
                once(vendor.url)
    assert len(big) < 100_000


def test_a_slow_body_is_bounded_in_time_and_what_came_is_kept() -> None:
    with server(faults=in_turn([Fault("slow", wait_s=0.1, drop=1)])) as vendor:
        with pytest.raises(Broken, match="not whole after") as found:
            once(vendor.url, total_s=0.35)
        assert found.value.answer is not None and found.value.answer.status == 200
        assert b'{"fine":true}'.startswith(found.value.answer.body)


def test_a_host_that_is_not_there_had_nothing() -> None:
    for url in ("http://127.0.0.1:9", "http://name.invalid"):
        with pytest.raises(NotSent) as found:
            once(url)
        assert found.value.again
    for url in ("no-url", "ftp://127.0.0.1/x", "http://"):
        with pytest.raises(NotSent) as found:
            once(url)
        assert not found.value.again


def test_a_line_that_is_not_safe_is_not_used() -> None:
    with server() as vendor, pytest.raises(NotSent) as found:
        once(vendor.url.replace("http://", "https://"))
    assert not found.value.again and "no safe connection" in str(found.value)


# keys and redirects -------------------------------------------------------------------------------------


def test_a_post_follows_no_redirect() -> None:
    with server(Route("POST", "/go", lambda asked: OK), Route("POST", "/other", lambda asked: OK)) as vendor:
        vendor.faults = in_turn([answer(307, headers={"location": "/other"})])
        assert once(vendor.url).status == 307
        assert [e.path for e in vendor.books.all()] == ["/go"]


def test_a_download_follows_redirects_but_takes_no_key_to_another_host() -> None:
    seen: list[tuple[str, str]] = []

    def see(asked: Asked) -> Given:
        seen.append((asked.path, asked.headers.get("authorization", "")))
        return OK

    with server(Route("GET", "/file", see)) as far, server(Route("GET", "/(go|next)", see)) as near:
        hops = [
            answer(302, headers={"location": "/next"}),
            answer(302, headers={"location": f"{far.url}/file"}),
        ]
        near.faults = in_turn(hops, method="GET")
        found = once(near.url, method="GET", json=None, redirects=3)
        assert found.status == 200 and found.url == f"{far.url}/file"
        near.faults = in_turn([answer(302, headers={"location": "/go"})] * 9, method="GET")
        assert once(near.url, method="GET", json=None, redirects=3).status == 302, "no endless way"
        near.faults = in_turn([answer(302, headers={"location": "file:///etc/passwd"})], method="GET")
        assert once(near.url, method="GET", json=None, redirects=3).status == 302
        assert [e.key for e in near.books.all()[:2]] == [KEY, KEY]
    assert seen == [("/file", "")]


def test_a_netrc_does_not_take_the_key_s_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with server() as vendor:
        once(vendor.url)
        assert [e.key for e in vendor.books.all()] == [KEY]


def test_a_key_stays_out_of_what_is_shown_of_a_request_and_its_failures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("V_API_KEY", KEY)
    assert KEY not in repr(post("http://127.0.0.1:9"))
    for url in (f"http://127.0.0.1:9/{KEY}", f"http://{KEY}.invalid", f"http://127.0.0.1:9/?key={KEY}"):
        with pytest.raises(NotSent) as found:
            once(url)
        assert KEY not in str(found.value)
    monkeypatch.setenv("V_API_KEY", "needs quoting/+ =")
    with server(
        Route("POST", "/go", lambda asked: Given(b"needs+quoting needs%20quoting%2F%2B%20%3D"))
    ) as vendor:
        assert b"%2F" not in once(vendor.url).body


# the kit itself -----------------------------------------------------------------------------------------


def test_the_kit_counts_what_it_took_and_what_it_did_not(desk: Desk) -> None:
    faults = in_turn([None, Fault("reset_after", taken=True), Fault("reset_before"), answer(500)])
    with server(faults=faults) as vendor:
        for _ in range(4):
            try:
                once(vendor.url)
            except Broken:
                continue
        entries = vendor.books.all()
        assert [(e.status, e.taken, e.charge) for e in entries] == [
            (200, True, 7),
            (0, True, 7),
            (0, False, 0),
            (500, False, 0),
        ]
        assert vendor.books.charged() == 14 and len(vendor.books.taken_twice()) == 1
        assert vendor.books.by_key() == {KEY: 4}


def test_chance_is_the_same_for_the_same_seed() -> None:
    shares = [(0.05, answer(429)), (0.01, answer(500)), (0.01, Fault("reset_after"))]
    one, two, other = by_chance(7, shares), by_chance(7, shares), by_chance(8, shares)
    drawn = [one(n, "POST", "/") for n in range(12_000)]
    assert drawn == [two(n, "POST", "/") for n in range(12_000)]
    assert drawn != [other(n, "POST", "/") for n in range(12_000)]
    share = sum(fault is not None for fault in drawn) / len(drawn)
    assert 0.06 < share < 0.08


def test_a_path_that_nobody_serves_is_404_and_another_method_405() -> None:
    with server(Route("GET", "/only", lambda asked: OK)) as vendor, requests.Session() as session:
        assert session.post(f"{vendor.url}/only").status_code == 405
        assert session.get(f"{vendor.url}/else").status_code == 404
