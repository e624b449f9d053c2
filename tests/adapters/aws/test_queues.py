"""Queues on SQS: how bodies become batches, and that none is lost or sent for nothing."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.aws.calls import MOST_TRIES, Calls
from chalicelib.adapters.aws.queues import MOST_BYTES, SqsQueues, batches_of, escaped
from chalicelib.errors import HomeUnavailable
from tests.adapters.aws.far_side import Scripted, refused
from tests.contracts.aws_home import Deployment

TAKEN_BY_SQS = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
TOO_ODD_FOR_XML = "\x00\x0b\x1f\ufffe\uffff\ud83d"


def queues_of(sqs: Scripted, calls: Calls) -> SqsQueues:
    return SqsQueues(sqs, lambda queue: f"https://queues.test/{queue}", calls)


def failed(*ids: int, sender: bool = False, code: str = "InternalError") -> dict[str, Any]:
    return {"Failed": [{"Id": str(n), "Code": code, "SenderFault": sender} for n in ids]}


def sent(sqs: Scripted) -> list[list[str]]:
    """Return the bodies of each batch that was sent."""
    return [[entry["MessageBody"] for entry in request["Entries"]] for request in sqs.requests]


def test_more_than_ten_bodies_go_as_several_batches(calls: Calls) -> None:
    sqs = Scripted()
    queues_of(sqs, calls).send("send", [f"{n}" for n in range(25)])
    assert sorted(len(batch) for batch in sent(sqs)) == [5, 10, 10]


def test_every_body_is_in_one_batch(calls: Calls) -> None:
    sqs = Scripted()
    bodies = [f"{n}" for n in range(100)]
    queues_of(sqs, calls).send("send", bodies)
    assert sorted(body for batch in sent(sqs) for body in batch) == sorted(bodies)


def test_entries_of_one_batch_have_different_ids(calls: Calls) -> None:
    sqs = Scripted()
    queues_of(sqs, calls).send("send", ["same"] * 10)
    assert len({entry["Id"] for entry in sqs.requests[0]["Entries"]}) == 10


def test_nothing_is_called_for_no_bodies(calls: Calls) -> None:
    sqs = Scripted()
    queues_of(sqs, calls).send("send", [])
    assert sqs.requests == []


def test_bodies_go_to_their_own_queue(calls: Calls) -> None:
    sqs = Scripted()
    queues_of(sqs, calls).send("receipts", ["{}"])
    assert sqs.requests[0]["QueueUrl"] == "https://queues.test/receipts"


@given(st.lists(st.sampled_from([1, 90_000, 100_000, 300_000, MOST_BYTES // 2, MOST_BYTES]), max_size=24))
def test_no_batch_is_above_ten_bodies_or_the_most_bytes_and_none_is_lost(sizes: list[int]) -> None:
    bodies = ["x" * size for size in sizes]
    batches = list(batches_of(bodies))
    assert all(0 < len(batch) <= 10 and sum(map(len, batch)) <= MOST_BYTES for batch in batches)
    assert [len(body) for batch in batches for body in batch] == sizes


def test_bytes_are_counted_and_not_characters() -> None:
    body = "€" * (MOST_BYTES // 6)
    assert [len(batch) for batch in batches_of([body] * 5)] == [2, 2, 1]


def test_a_body_that_grows_by_its_escapes_is_counted_as_it_is_sent(calls: Calls) -> None:
    sqs = Scripted()
    queues_of(sqs, calls).send("send", ["\uffff" * (MOST_BYTES // 12)] * 3)
    assert sorted(len(batch) for batch in sent(sqs)) == [1, 2]
    assert all(sum(map(len, batch)) <= MOST_BYTES for batch in sent(sqs))


def test_a_body_too_large_for_any_batch_takes_no_other_down_with_it() -> None:
    large = "x" * (MOST_BYTES + 1)
    assert [len(batch) for batch in batches_of(["a", large, "b"])] == [1, 1, 1]


def test_what_xml_cannot_carry_arrives_meaning_the_same(deployment: Deployment) -> None:
    text = f"STOP {TOO_ODD_FOR_XML} \t\n été \U0001f600 \x7f\x85"
    body = json.dumps({"text": text}, ensure_ascii=False)
    deployment.home.ports({}).queues.send("inbound", [body])
    (arrived,) = deployment.queued("inbound")
    assert json.loads(arrived) == {"text": text}


@given(st.recursive(st.text(st.characters()) | st.integers(), lambda inner: st.lists(inner)))
def test_every_json_text_becomes_one_that_sqs_takes_and_means_the_same(value: Any) -> None:
    body = escaped(json.dumps(value, ensure_ascii=False))
    assert TAKEN_BY_SQS.fullmatch(body)
    assert json.loads(body) == value


def test_what_sqs_takes_is_left_as_it_is() -> None:
    body = '{"text":"été ✓ \U0001f600 \t\n\r\ud7ff\ue000\ufffd"}'
    assert escaped(body) == body


def test_entries_that_failed_on_awss_side_are_sent_again_and_only_those(calls: Calls) -> None:
    sqs = Scripted(failed(1, 3), failed(3), {})
    queues_of(sqs, calls).send("send", ["a", "b", "c", "d"])
    assert sent(sqs) == [["a", "b", "c", "d"], ["b", "d"], ["d"]]


def test_an_entry_keeps_its_delay_when_it_is_sent_again(calls: Calls) -> None:
    sqs = Scripted(failed(0), {})
    queues_of(sqs, calls).send("send", ["a"], delay_seconds=30)
    assert [request["Entries"][0]["DelaySeconds"] for request in sqs.requests] == [30, 30]


def test_there_is_a_pause_before_each_further_try(calls: Calls, pauses: list[float]) -> None:
    queues_of(Scripted(failed(0), failed(0), {}), calls).send("send", ["a"])
    assert len(pauses) == 2
    assert 0 < pauses[0] <= pauses[1]


def test_a_fault_of_ours_is_not_tried_again(calls: Calls) -> None:
    sqs = Scripted(failed(0, sender=True, code="InvalidMessageContents"))
    with pytest.raises(HomeUnavailable) as raised:
        queues_of(sqs, calls).send("send", ["a"])
    assert raised.value.problems[0].params["detail"] == "InvalidMessageContents"
    assert len(sqs.requests) == 1


def test_entries_that_fail_every_time_are_an_error_that_names_why(calls: Calls) -> None:
    sqs = Scripted(failed(0))
    with pytest.raises(HomeUnavailable) as raised:
        queues_of(sqs, calls).send("send", ["a", "b"])
    assert raised.value.problems[0].params == {"service": "SQS", "detail": "InternalError"}
    assert len(sqs.requests) == MOST_TRIES


def test_a_refused_call_is_an_error_that_names_why(calls: Calls) -> None:
    with pytest.raises(HomeUnavailable) as raised:
        queues_of(Scripted(refused("QueueDoesNotExist")), calls).send("send", ["a"])
    assert raised.value.problems[0].params["detail"] == "QueueDoesNotExist"


def test_a_batch_that_fails_keeps_no_other_from_being_sent(calls: Calls) -> None:
    sqs = Scripted(failed(0, sender=True), {})
    with pytest.raises(HomeUnavailable):
        queues_of(sqs, calls).send("send", [f"{n}" for n in range(30)])
    assert sorted(body for batch in sent(sqs) for body in batch) == sorted(f"{n}" for n in range(30))


@pytest.mark.parametrize(("wanted", "given"), [(0, 0), (30, 30), (900, 900), (901, 900), (-1, 0)])
def test_a_delay_is_cut_to_what_sqs_can_do(calls: Calls, wanted: int, given: int) -> None:
    sqs = Scripted()
    queues_of(sqs, calls).send("send", ["a"], delay_seconds=wanted)
    assert sqs.requests[0]["Entries"][0]["DelaySeconds"] == given
