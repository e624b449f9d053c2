"""What is posted of a reply: its size, its signature, and how it is known again."""

from __future__ import annotations

import json

import pytest

from chalicelib.tracking.handoff import Handoff, body_of, handoff_of, signature_of, wait_after
from chalicelib.tracking.inbound import Reply

REPLY = Reply(
    wamid="wamid.A=", phone="+212612345678", bsuid="", at=1_796_112_000_000, kind="text", text="où ?"
)


def handed(**changes: object) -> Handoff:
    reply = Reply(**{**{f: getattr(REPLY, f) for f in Reply.__slots__}, **changes})
    found = handoff_of(reply, to="inbox", person="c1", broadcast="soldes.1")
    assert found is not None
    return found


def test_the_signature_is_the_hmac_of_the_raw_bytes() -> None:
    """RFC 4231, test case 2."""
    assert signature_of(b"what do ya want for nothing?", "Jefe") == (
        "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


def test_the_body_says_who_wrote_what_in_answer_to_what_and_holds_no_number() -> None:
    raw = body_of(handed(), external_id="ma0")
    assert json.loads(raw) == {
        "v": 1,
        "id": handed().event,
        "event": "reply",
        "kind": "text",
        "person": "c1",
        "external_id": "ma0",
        "wamid": "wamid.A=",
        "at": "2026-12-01T08:00:00Z",
        "text": "où ?",
        "payload": "",
        "broadcast": "soldes.1",
    }
    assert b"612345678" not in raw


def test_a_long_text_is_cut_and_half_a_character_does_no_harm() -> None:
    assert len(json.loads(body_of(handed(text="é" * 10_000), external_id=None))["text"]) == 4_096
    assert json.loads(body_of(handed(text="\ud800"), external_id=None))["text"] == "?"


def test_the_same_reply_has_the_same_id_and_another_has_another() -> None:
    assert handed().event == handed(text="other").event
    assert handed().event != handed(wamid="wamid.B=").event


def test_news_that_nobody_wrote_is_no_reply() -> None:
    reply = Reply(wamid="w", phone="", bsuid="", at=1, kind="system", text="changed number")
    assert handoff_of(reply, to="inbox", person="c1", broadcast="b.1") is None


@pytest.mark.parametrize(("failed", "wait"), [(1, 10), (2, 60), (3, 300), (4, 900), (10, 900), (11, None)])
def test_each_failure_waits_longer_up_to_what_a_queue_can_delay(failed: int, wait: int | None) -> None:
    assert wait_after(failed) == wait
