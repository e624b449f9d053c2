"""`carillon send`: what it asks, prints and exits with."""

from __future__ import annotations

import json

import pytest

from cli.arguments import Usage, parse
from tests.cli.fake_api import FakeApi

PATH = "POST /api/campaigns/parcel-shipped/sends"
ACCEPTED = {
    "send": "parcel-shipped.k1",
    "campaign": "parcel-shipped",
    "person": "p1",
    "requested_at": "2026-12-01T08:00:00Z",
    "status": "/api/sends/parcel-shipped.k1",
}


def test_it_asks_for_one_message_and_says_how_to_follow_it(capsys: pytest.CaptureFixture[str]) -> None:
    api = FakeApi().will(PATH, ACCEPTED, status=202)
    argv = ("send", "parcel-shipped", "--to", "c-17", "--key", "order-1", "--set", "order=47=11")
    assert api.carillon(*argv, "--set", "day=") == 0
    wanted = {"contact": "c-17", "key": "order-1", "parameters": {"order": "47=11", "day": ""}}
    assert api.requests == [("POST", "/api/campaigns/parcel-shipped/sends", {}, wanted)]
    out = capsys.readouterr().out
    assert "parcel-shipped.k1: accepted" in out
    assert "carillon explain parcel-shipped.k1 c-17" in out


def test_the_json_is_the_answer_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    api = FakeApi().will(PATH, ACCEPTED, status=202)
    assert api.carillon("send", "parcel-shipped", "--to", "c-17", "--key", "k", "--json") == 0
    assert json.loads(capsys.readouterr().out) == ACCEPTED


def test_a_gates_no_is_said_in_words_and_exits_with_one(capsys: pytest.CaptureFixture[str]) -> None:
    problem = {"code": "reason.consent.revoked", "text": "this person has opted out", "path": "contact"}
    refusal = {"code": "ineligible", "message": problem["text"], "problems": [problem]}
    api = FakeApi().will(PATH, refusal, status=422)
    assert api.carillon("send", "parcel-shipped", "--to", "c-17", "--key", "k") == 1
    assert "refused: this person has opted out" in capsys.readouterr().err


@pytest.mark.parametrize("argv", [["--to", "c"], ["--key", "k"], ["--to", "c", "--key", "k", "--set", "day"]])
def test_without_a_person_a_key_or_a_value_it_is_wrong_usage(argv: list[str]) -> None:
    with pytest.raises(Usage):
        parse(["send", "parcel-shipped", *argv])
