"""An API whose answers a test writes down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cli.arguments import parse
from cli.client import Answer
from cli.main import run

Request = tuple[str, str, Mapping[str, str], Any]


@dataclass
class FakeApi:
    """Answers each path with the next of its answers; the last one stays."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    closed: bool = False

    def will(self, path: str, *documents: Any, status: int = 200) -> FakeApi:
        """Answer "METHOD /path" with these documents."""
        self.answers[path] = [Answer(status, document) for document in documents]
        return self

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | Mapping[str, Any] | None = None,
        content_type: str = "application/json",
    ) -> Answer:
        self.requests.append((method, path, dict(query or {}), body))
        answers = self.answers[f"{method} {path}"]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def settle(self, until: Callable[[], bool]) -> None:
        for _ in range(100):
            if until():
                return
        raise AssertionError("never settled")

    def close(self) -> None:
        self.closed = True

    def carillon(self, *argv: str) -> int:
        """Run a command line against this API."""
        return run(parse(argv), {"USER": "amina"}, self)


PROBLEM = {
    "code": "unknown_key",
    "text": "unknown key",
    "file": "a.yaml",
    "line": 3,
    "column": 1,
    "path": "tpoic",
}
REFUSED = {"code": "invalid_definition", "message": "unknown key", "problems": [PROBLEM]}

SEALED = {
    "plan": "p1",
    "state": "sealed",
    "tasks": 4,
    "done": 4,
    "problems": [],
    "hash": "abc123",
    "campaign": "spring-news",
    "run": 1,
    "audience": 1200,
    "planned": 1000,
    "excluded": {"consent.missing": 150, "past": 50},
    "waves": [{"at": "2027-01-14T08:00:00Z", "people": 1000}],
    "countries": {"MA": 1000},
    "languages": {"fr": 1000},
    "first_send": "2027-01-14T08:00:00Z",
    "last_send": "2027-01-14T08:00:13Z",
    "last_safe_launch": "2027-01-14T11:00:00Z",
    "warnings": [{"code": "zone_by_default", "params": {}, "text": "3 people by their country's main zone"}],
}

REPORT = {
    "broadcast": "spring-news.1",
    "state": "completed",
    "audience": 10,
    "excluded": {"past": 2},
    "waiting": {},
    "claimed": 0,
    "accepted": 6,
    "sent": 6,
    "delivered": 5,
    "read": 3,
    "replied": 1,
    "failed": {"131026": 1},
    "uncertain": 1,
    "complete": True,
    "proven": True,
    "opt_outs": 1,
    "median_reply_seconds": 12.25,
    "rates": [{"name": "read", "value": 0.6, "count": 3, "of": 5, "of_name": "delivered"}],
    "uncertain_people": ["c42"],
    "waves": [],
}

RUNNING = {
    "broadcast": "spring-news.1",
    "campaign": "spring-news",
    "state": "running",
    "planned": 8,
    "audience": 10,
    "counts": {"accepted": 3},
    "waves": [],
    "rate_per_second": 74.8,
    "limit_per_second": 80,
    "idle": "",
    "next_wave": None,
}
