"""verify, stops, resume --stop and queue: what they ask, what they print, how they exit."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cli.arguments import Usage, parse
from tests.cli.fake_api import FakeApi

STOP = {
    "stop": "waba:1:368",
    "scope": "waba",
    "of": "1",
    "cause": "368",
    "text": "account 1 is stopped",
    "senders": ["boutique"],
}


def verification(**changes: Any) -> dict[str, Any]:
    return {
        "broadcast": "news.1",
        "state": "running",
        "adds_up": True,
        "audience": 3,
        "accounted": 3,
        "faults": [],
        "fault_count": 0,
        "counters": {"differ": {}, "rewritten": False},
        "receipts": {"accepted": 3, "confirmed": 2, "unconfirmed": 1},
        **changes,
    }


def test_verify_exits_zero_when_everything_adds_up(capsys: pytest.CaptureFixture[str]) -> None:
    api = FakeApi().will("POST /api/broadcasts/news.1/verify", verification())
    assert api.carillon("verify", "news.1") == 0
    assert "everything adds up" in capsys.readouterr().out


def test_verify_exits_one_and_names_what_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    fault = {"code": "verify.sum", "params": {}, "text": "the outcomes add up to 2"}
    found = verification(adds_up=False, faults=[fault], fault_count=1)
    api = FakeApi().will("POST /api/broadcasts/news.1/verify", found)
    assert api.carillon("verify", "news.1") == 1
    assert "the outcomes add up to 2" in capsys.readouterr().err


def test_verify_says_by_how_much_the_counters_differed(capsys: pytest.CaptureFixture[str]) -> None:
    counters = {"differ": {"read": {"stored": 7, "folded": 3}}, "rewritten": True}
    api = FakeApi().will("POST /api/broadcasts/news.1/verify", verification(counters=counters))
    assert api.carillon("verify", "news.1") == 0
    out = capsys.readouterr().out
    assert "stored 7, the ledger says 3" in out
    assert "put right" in out


def test_stops_are_listed_with_their_reason(capsys: pytest.CaptureFixture[str]) -> None:
    api = FakeApi().will("GET /api/stops", {"stops": [STOP]})
    assert api.carillon("stops") == 0
    assert "account 1 is stopped" in capsys.readouterr().out


def test_resume_lifts_a_stop_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    api = FakeApi().will("POST /api/stops/resume", {"stops": [STOP]})
    assert api.carillon("resume", "--stop", "waba:1:368") == 0
    assert api.requests[0][3] == {"stop": "waba:1:368"}
    assert "waba:1:368 is lifted" in capsys.readouterr().out


def test_resume_wants_a_broadcast_or_a_stop() -> None:
    with pytest.raises(Usage):
        parse(["resume"])
    with pytest.raises(Usage):
        parse(["resume", "news.1", "--stop", "waba:1:368"])


def test_queue_shows_and_replays_dead_letters(capsys: pytest.CaptureFixture[str]) -> None:
    depth = {"queue": "send", "waiting": 4, "in_hand": 1, "delayed": 0, "dead": 2, "oldest_at": None}
    api = FakeApi().will("GET /api/queues", {"queues": [depth]})
    assert api.carillon("queue") == 0
    assert "send" in capsys.readouterr().out
    letter = {"queue": "send", "receives": 5, "body": "x"}
    assert (
        FakeApi().will("GET /api/dead-letters", {"letters": [letter]}).carillon("queue", "show", "send") == 0
    )
    assert "send" in capsys.readouterr().out
    api = FakeApi().will("POST /api/dead-letters/replay", {"replayed": 1})
    assert api.carillon("queue", "replay", "send", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"replayed": 1}
