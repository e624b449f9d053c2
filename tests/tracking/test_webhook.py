"""Webhooks at the door: who sent it, and which pile each piece belongs on."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.tracking.webhook import (
    LARGEST_BODY,
    MOST_STATUSES,
    Split,
    split,
    verify_handshake,
    verify_signature,
)

RAW = '{"object": "whatsapp_business_account",  "entry": [], "note": "\\u00e9 é"}'.encode()


def signature(raw: bytes, secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


GOOD = signature(RAW, "new")


@pytest.mark.parametrize(
    ("header", "secrets", "good"),
    [
        pytest.param(GOOD, ["new"], True, id="right secret"),
        pytest.param(GOOD, ["old"], False, id="wrong secret"),
        pytest.param(GOOD, ["new", "old"], True, id="rotation: signed with the first"),
        pytest.param(GOOD, ["old", "new"], True, id="rotation: signed with the second"),
        pytest.param(GOOD, ["old", "older"], False, id="rotation: signed with neither"),
        pytest.param(GOOD, [], False, id="no secret configured"),
        pytest.param(None, ["new"], False, id="missing header"),
        pytest.param("", ["new"], False, id="empty header"),
        pytest.param("sha256=", ["new"], False, id="scheme only"),
        pytest.param(GOOD.upper().replace("SHA256=", "sha256="), ["new"], True, id="upper-case hex"),
        pytest.param(f" {GOOD} ".strip() + " ", ["new"], True, id="trailing space"),
        pytest.param(GOOD[:-1], ["new"], False, id="truncated"),
        pytest.param(GOOD + "0", ["new"], False, id="one digit too many"),
        pytest.param("sha1=" + GOOD.removeprefix("sha256="), ["new"], False, id="another scheme"),
        pytest.param("sha256=é🙂\udc80", ["new"], False, id="not even ASCII"),
        pytest.param(signature(b"", "new"), ["new"], False, id="signature of another body"),
    ],
)
def test_only_meta_and_we_know_the_secret(header: str | None, secrets: list[str], good: bool) -> None:
    assert verify_signature(RAW, header, secrets) is good


def test_the_signature_is_of_the_bytes_as_they_came_not_as_we_would_write_them() -> None:
    rewritten = json.dumps(json.loads(RAW)).encode()
    assert rewritten != RAW
    assert verify_signature(RAW, GOOD, ["new"])
    assert not verify_signature(rewritten, GOOD, ["new"])


def test_bytes_that_are_no_text_can_be_signed_too() -> None:
    raw = bytes(range(256))
    assert verify_signature(raw, signature(raw, "clé"), ["clé"])


@given(st.binary(max_size=200), st.text(max_size=80), st.lists(st.text(st.characters(codec="utf-8"))))
def test_a_made_up_header_is_no_signature_and_no_error(raw: bytes, header: str, secrets: list[str]) -> None:
    assert not verify_signature(raw, header, secrets)


SUBSCRIBE = {"hub.mode": "subscribe", "hub.verify_token": "ours", "hub.challenge": "1158201444"}


@pytest.mark.parametrize(
    ("changes", "challenge"),
    [
        pytest.param({}, "1158201444", id="ours"),
        pytest.param({"hub.verify_token": "theirs"}, None, id="another token"),
        pytest.param({"hub.verify_token": ""}, None, id="empty token"),
        pytest.param({"hub.verify_token": "öurs"}, None, id="token outside ASCII"),
        pytest.param({"hub.mode": "unsubscribe"}, None, id="another mode"),
        pytest.param({"hub.challenge": ""}, "", id="no challenge"),
    ],
)
def test_the_handshake_returns_the_raw_challenge_to_whoever_has_our_token(
    changes: dict[str, str], challenge: str | None
) -> None:
    assert verify_handshake(SUBSCRIBE | changes, "ours") == challenge


def test_an_empty_query_is_no_handshake() -> None:
    assert verify_handshake({}, "ours") is None
    assert verify_handshake({"hub.mode": "subscribe", "hub.verify_token": "ours"}, "ours") == ""


def webhook(*changes: Any) -> bytes:
    return json.dumps(
        {"object": "whatsapp_business_account", "entry": [{"id": "W", "changes": list(changes)}]}
    ).encode()


def change(field: str, **value: Any) -> dict[str, Any]:
    return {"field": field, "value": value}


def loaded(bodies: tuple[str, ...]) -> list[Any]:
    return [json.loads(body) for body in bodies]


def test_statuses_and_messages_of_one_change_go_to_two_piles() -> None:
    parts = split(webhook(change("messages", statuses=[{"id": "a"}], messages=[{"id": "b"}], metadata={})))
    assert loaded(parts.receipts) == [{"v": 1, "statuses": [{"id": "a"}]}]
    assert loaded(parts.inbound) == [
        {"v": 1, "field": "messages", "value": {"messages": [{"id": "b"}], "metadata": {}}}
    ]
    assert parts.aside == ()


def test_every_entry_and_every_change_is_read() -> None:
    entry = {"changes": [change("messages", statuses=[1]), change("user_preferences", user_preferences=[])]}
    parts = split(json.dumps({"entry": [entry, entry]}).encode())
    assert (len(parts.receipts), len(parts.inbound)) == (2, 2)


@pytest.mark.parametrize(
    ("count", "sizes"), [(0, []), (1, [1]), (100, [100]), (101, [100, 1]), (1_000, [100] * 10)]
)
def test_a_thousand_statuses_are_cut_by_the_hundred_in_order(count: int, sizes: list[int]) -> None:
    parts = split(webhook(change("messages", statuses=list(range(count)))))
    cut = [body["statuses"] for body in loaded(parts.receipts)]
    assert [len(c) for c in cut] == sizes
    assert [n for c in cut for n in c] == list(range(count))
    assert MOST_STATUSES == 100


def test_a_change_with_statuses_only_is_no_inbound_news() -> None:
    assert split(webhook(change("messages", statuses=[{}], contacts=[], metadata={}))).inbound == ()


def test_an_account_level_error_is_news() -> None:
    assert len(split(webhook(change("messages", errors=[{"code": 131031}]))).inbound) == 1


def test_statuses_under_another_field_are_nobodys_receipts() -> None:
    parts = split(webhook(change("history", statuses=[{"id": "a"}], history=[])))
    assert parts.receipts == ()
    (kept,) = loaded(parts.inbound)
    assert (kept["field"], kept["value"]) == ("history", {"history": []})


def test_a_field_of_tomorrow_is_passed_on_whole_for_the_next_reader_to_judge() -> None:
    parts = split(webhook(change("hologram_update", shine=[1, {"deep": None}])))
    (kept,) = loaded(parts.inbound)
    assert (kept["field"], kept["value"]) == ("hologram_update", {"shine": [1, {"deep": None}]})


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not json",
        b"\xff\xfe\x00",
        b"null",
        b"[]",
        b"7",
        b'"text"',
        b"{}",
        b'{"entry": null}',
        b'{"entry": {}}',
        b'{"entry": [null, 3, {}]}',
        b'{"entry": [{"changes": "x"}]}',
        b'{"entry": [{"changes": [null, []]}]}',
        b'{"entry": [{"changes": [{}]}]}',
        b'{"entry": [{"changes": [{"field": "messages"}]}]}',
        b'{"entry": [{"changes": [{"field": "messages", "value": [1]}]}]}',
        b'{"entry": [{"changes": [{"field": 7, "value": {"messages": []}}]}]}',
        b"9" * 5_000,
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
)
def test_what_we_do_not_understand_is_kept_aside_once(raw: bytes) -> None:
    parts = split(raw)
    assert (parts.receipts, parts.inbound, len(parts.aside)) == ((), (), 1)


def test_a_strange_change_does_not_hide_its_neighbour() -> None:
    parts = split(webhook({"field": 1, "value": 2}, change("messages", messages=[{"id": "b"}])))
    assert (len(parts.inbound), loaded(parts.aside)) == (1, [{"v": 1, "raw": "2"}])


@pytest.mark.parametrize("raw", [b"x" * (LARGEST_BODY * 2), webhook(change("x", big="x" * LARGEST_BODY))])
def test_what_is_too_large_for_a_queue_is_kept_aside_shortened(raw: bytes) -> None:
    parts = split(raw)
    assert (parts.receipts, parts.inbound) == ((), ())
    (kept,) = loaded(parts.aside)
    assert len(kept["raw"]) >= LARGEST_BODY // 2
    assert len(parts.aside[0].encode()) <= LARGEST_BODY


def webhook_of(**value: object) -> bytes:
    """Return a webhook of messages with this value."""
    return json.dumps({"entry": [{"changes": [{"field": "messages", "value": value}]}]}).encode()


@pytest.mark.parametrize(
    "raw",
    [
        b"\x01" * 300_000,
        webhook_of(messages=["\uffff" * 190_000]),
        webhook_of(statuses=[{"id": "w" * 20_000}] * 100),
        webhook_of(statuses=[{"id": "\x01" * 60_000}, {"id": "small"}]),
    ],
    ids=["control characters", "non-characters", "long statuses", "one status too long"],
)
def test_no_queue_message_is_larger_than_a_queue_takes_however_it_is_escaped(raw: bytes) -> None:
    parts = split(raw)
    for body in (*parts.receipts, *parts.inbound, *parts.aside):
        assert len(body.encode()) <= LARGEST_BODY
    kept = [status["id"] for body in loaded(parts.receipts) for status in body["statuses"]]
    assert kept in ([], ["w" * 20_000] * 100, ["small"])


@pytest.mark.parametrize("text", ["STOP \ud83d", "\udc00", "a\ufffe\uffff"])
def test_what_is_no_character_is_replaced_so_that_every_home_can_keep_it(text: str) -> None:
    (body,) = split(webhook_of(messages=[{"text": {"body": text}}])).inbound
    assert body.encode().decode() == body
    kept = json.loads(body)["value"]["messages"][0]["text"]["body"]
    assert [c for c in kept if c != "\ufffd"] == [c for c in text if c.isascii()]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(["messages", "account_update", "user_preferences"]) | JSON
VALUES = st.fixed_dictionaries({}, optional={"statuses": JSON, "messages": JSON, "errors": JSON}) | JSON
CHANGES = st.fixed_dictionaries({}, optional={"field": FIELDS, "value": VALUES}) | JSON
ENVELOPES = st.fixed_dictionaries(
    {"entry": st.lists(st.fixed_dictionaries({"changes": st.lists(CHANGES, max_size=3)}) | JSON, max_size=3)}
)


def assert_fit_for_a_queue(parts: Split) -> None:
    for body in (*parts.receipts, *parts.inbound, *parts.aside):
        assert json.loads(body)["v"] == 1
        assert len(body.encode()) <= 1_048_576  # what SQS takes, in bytes


@given(ENVELOPES | JSON)
def test_any_json_is_split_into_messages_a_queue_can_carry(envelope: Any) -> None:
    parts = split(json.dumps(envelope).encode())
    assert_fit_for_a_queue(parts)
    if not any((parts.receipts, parts.inbound)):
        assert parts.aside or envelope_has_nothing_to_say(envelope)


def envelope_has_nothing_to_say(envelope: Any) -> bool:
    """A change that is well formed and empty, such as statuses: []."""
    return any(
        isinstance(c, dict) and c.get("field") == "messages" and isinstance(c.get("value"), dict)
        for e in envelope["entry"]
        if isinstance(e, dict) and isinstance(e.get("changes"), list)
        for c in e["changes"]
    )


@given(st.binary())
def test_any_bytes_are_split_without_an_error(raw: bytes) -> None:
    assert_fit_for_a_queue(split(raw))


@pytest.mark.parametrize(
    ("about", "waba", "at"),
    [
        ({"id": "1022", "time": 1_795_000_000}, "1022", 1_795_000_000_000),
        ({"id": 1022}, "1022", 7),
        ({"time": "1795000000"}, "", 7),
        ({"id": None, "time": True}, "", 7),
        ({"id": ["1"], "time": 10**12}, "", 7),
        ({"id": "1", "time": -5}, "1", 7),
    ],
)
def test_news_of_an_account_say_whose_they_are_and_of_when(about: Any, waba: str, at: int) -> None:
    value = {"event": "PAUSED", "message_template_name": "promo"}
    entry = {**about, "changes": [{"field": "message_template_status_update", "value": value}]}
    (kept,) = loaded(split(json.dumps({"entry": [entry]}).encode(), 7).inbound)
    assert (kept["waba"], kept["at"], kept["value"]) == (waba, at, value)
