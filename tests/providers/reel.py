"""A provider of clips on the calling kit, and its vendor: a long job is submitted, asked after and fetched.

Protocol of runwayml/sdk-python@c604e0e: POST /v1/image_to_video -> {id}, GET /v1/tasks/{id} with status
PENDING | THROTTLED | RUNNING | SUCCEEDED(output[]) | FAILED(failure, failureCode) | CANCELLED.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import orjson

from duanju.core.desk import Desk
from duanju.core.hooks import SELF, effect, hookimpl
from duanju.core.prices import Price
from duanju.events.calls import CallFailed, VideoRequested, VideoReturned, VideoSubmitted
from duanju.plugins.providers.calling.bills import bill_of
from duanju.plugins.providers.calling.classify import Meaning, Problem, Vendor, json_of, problem_of
from duanju.plugins.providers.calling.jobs import JobState, await_job, download
from duanju.plugins.providers.calling.keys import key_of
from duanju.plugins.providers.calling.outcomes import failed
from duanju.plugins.providers.calling.pictures import BadMedia, sniff
from duanju.plugins.providers.calling.sending import Line, Tries
from duanju.plugins.providers.calling.transport import Ask, Bounds
from duanju.plugins.providers.calling.verdicts import Kind, Verdict
from duanju.testing.vendor import Anything, Asked, Given, Obj, OneOf, Route, Text, Whole, misfits

VERSION = "2024-11-06"
CLIP = b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 200
BODY = Obj(
    {
        "model": Text(among=("gen4_turbo", "gen4.5")),
        "promptImage": Text(),
        "ratio": Text(among=("720:1280", "1280:720")),
        "promptText": Text(most=1000),
    },
    {"duration": OneOf((Whole(2, 10),)), "seed": Whole(0, 4294967295), "contentModeration": Anything()},
)


def problem(body: Any) -> Problem | None:
    """Runway's errors are a bare text."""
    return problem_of(body) if isinstance(body, dict) and "id" not in body else None


RUNWAY = Vendor(
    "reel",
    {
        "safety.input.text": Meaning(Kind.REFUSED, "input text"),
        "safety.input.image": Meaning(Kind.REFUSED, "input image"),
        "safety.output.video": Meaning(Kind.REFUSED, "output"),
    },
    problem=problem,
)


class Reel:
    """Submits a clip and awaits it; `deadline_s` bounds the awaiting."""

    needs_key = True

    def __init__(self, name: str, url: str, *, ratio: str = "720:1280", patience_s: float = 20.0) -> None:
        self.name = name
        self.url = url
        self.ratio = ratio
        self.patience_s = patience_s

    def duanju_prices(self) -> list[Price]:
        """Five cents a second."""
        return [Price(f"{self.name}:gen4_turbo", {"second": 50_000_000_000}, "test", "2020-01-01")]

    def _line(self, desk: Desk) -> Line:
        tries = Tries(attempts=3, first_s=0.001, most_s=0.01, jitter=0.0)
        return Line(desk, RUNWAY, Bounds(read_s=2.0, total_s=4.0), tries)

    def _secret(self, desk: Desk) -> dict[str, str]:
        return {"Authorization": f"Bearer {key_of(desk, self.name)}"}

    @hookimpl
    @effect(provider=SELF, lane=SELF, doubt="hold", deadline_s=20.0)
    def on_video_requested(self, event: VideoRequested, desk: Desk) -> Iterator[VideoSubmitted | CallFailed]:
        """Submits the job."""
        body = {
            "model": "gen4_turbo",
            "promptImage": "https://example.com/frame.png",
            "ratio": self.ratio,
            "promptText": event.picture.action,
            "duration": event.duration_ms // 1000,
        }
        headers = {"Content-Type": "application/json", "X-Runway-Version": VERSION}
        reply = self._line(desk).call(
            Ask("POST", f"{self.url}/v1/image_to_video", self._secret(desk), headers, orjson.dumps(body))
        )
        if reply.verdict.kind is not Kind.OK:
            yield failed(desk, reply)
            return
        yield VideoSubmitted(job=json_of(reply.answer)["id"])

    @hookimpl
    @effect(provider=SELF, lane=f"{SELF}-wait", doubt="hold", deadline_s=20.0)
    def on_video_submitted(self, event: VideoSubmitted, desk: Desk) -> Iterator[VideoReturned | CallFailed]:
        """Awaits it, and fetches the clip at once."""
        line = self._line(desk)
        desk.deadline = min(desk.deadline, line.clock() + self.patience_s)
        look = Ask(
            "GET",
            f"{self.url}/v1/tasks/{event.job}",
            self._secret(desk),
            {"X-Runway-Version": VERSION},
            free=True,
        )
        state, reply = await_job(line, look, read_task, gap_s=0.01)
        if state.state == "failed":
            yield failed(desk, reply, state.verdict)
            return

        def fresh() -> str:
            again, _ = await_job(line, look, read_task, gap_s=0.01)
            return str(again.body["output"][0])

        try:
            got = download(line, state.body["output"][0], fresh=fresh)
            if sniff(got.answer.body) != "video/mp4":
                raise BadMedia(f"{sniff(got.answer.body) or 'unknown bytes'} instead of a film")
        except BadMedia as error:
            yield failed(desk, reply, Verdict(Kind.MALFORMED, str(error)), bill_of(desk, reply, None, None))
            return
        clip = desk.artifacts.put(got.answer.body, "video/mp4")
        yield VideoReturned(clip=clip, bill=bill_of(desk, got, {"second": 5}, {"second": 5}))


def read_task(body: Any) -> JobState:
    """A task's state by its status."""
    status = body.get("status") if isinstance(body, dict) else None
    if status in ("PENDING", "THROTTLED", "RUNNING"):
        return JobState("running")
    if status == "SUCCEEDED":
        return JobState("done", body)
    if status in ("FAILED", "CANCELLED"):
        code = str(body.get("failureCode", ""))
        meaning = RUNWAY.codes.get(code.lower(), Meaning(Kind.NOT_ACCEPTED))
        verdict = Verdict(meaning.kind, f"{code}: {body.get('failure', status)}", meaning.stage, code=code)
        return JobState("failed", body, verdict)
    raise ValueError(f"a task of unknown status {status!r:.60}")


class ReelVendor:
    """The vendor's side: a job ends after `looks` look-ups, as `end` says."""

    def __init__(self, looks: int = 3, end: dict[str, Any] | None = None) -> None:
        self.looks = looks
        self.end = end
        self.jobs: dict[str, int] = {}
        self.files: dict[str, int] = {}
        self.url = ""
        self.dead: set[str] = set()
        self._lock = threading.Lock()

    def routes(self) -> list[Route]:
        """Its routes."""
        return [
            Route("POST", "/v1/image_to_video", self._create),
            Route("GET", r"/v1/tasks/([\w-]+)", self._look),
            Route("GET", r"/files/([\w-]+)", self._file),
        ]

    def _create(self, asked: Asked) -> Given:
        if asked.headers.get("x-runway-version") != VERSION:
            return Given({"error": "X-Runway-Version is missing or wrong"}, 400)
        if bad := misfits(asked.json, BODY):
            return Given({"error": "Validation of body failed: " + "; ".join(bad)}, 400)
        with self._lock:
            job = f"task-{len(self.jobs) + 1}"
            self.jobs[job] = 0
        return Given({"id": job}, charge=250_000)

    def _look(self, asked: Asked) -> Given:
        job = asked.match[0]
        if job not in self.jobs:
            return Given({"error": "no such task"}, 404)
        with self._lock:
            self.jobs[job] += 1
            seen = self.jobs[job]
        if seen < self.looks:
            return Given(
                {"id": job, "status": "RUNNING", "createdAt": "2026-11-24T00:00:00Z", "progress": 0.5}
            )
        if self.end is not None:
            return Given({"id": job, "createdAt": "2026-11-24T00:00:00Z", **self.end})
        url = f"{self.url}/files/{job}-{seen}"
        return Given({"id": job, "status": "SUCCEEDED", "createdAt": "2026-11-24T00:00:00Z", "output": [url]})

    def _file(self, asked: Asked) -> Given:
        name = asked.match[0]
        if name in self.dead:
            return Given(b"<Error><Code>AccessDenied</Code></Error>", 403, "application/xml")
        if "authorization" in asked.headers:
            return Given({"error": "a signed address takes no key"}, 400)
        return Given(CLIP, media="video/mp4")
