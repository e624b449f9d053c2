"""Objects on S3: what its answers mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.adapters.aws.calls import MOST_TRIES, Calls
from chalicelib.adapters.aws.objects import S3Objects
from chalicelib.errors import HomeUnavailable, NotFound
from chalicelib.ports import Objects, Ports
from tests.adapters.aws.far_side import Scripted, refused
from tests.contracts.aws_home import Deployment

CONFLICT = refused("ConditionalRequestConflict")
TAKEN = refused("PreconditionFailed")
ASKS: dict[str, Callable[[Objects, str], Any]] = {
    "put": lambda objects, key: objects.put(key, b""),
    "add": lambda objects, key: objects.add(key, b""),
    "get": lambda objects, key: objects.get(key),
    "get_range": lambda objects, key: objects.get_range(key, 0, 1),
}


def test_an_object_is_added_on_the_condition_that_there_is_none(calls: Calls) -> None:
    s3 = Scripted()
    assert S3Objects(s3, "bucket", calls).add("keys/salt", b"1")
    assert s3.requests == [{"Bucket": "bucket", "Key": "keys/salt", "Body": b"1", "IfNoneMatch": "*"}]


def test_adding_is_tried_again_while_another_is_adding(calls: Calls, pauses: list[float]) -> None:
    s3 = Scripted(CONFLICT, CONFLICT, {})
    assert S3Objects(s3, "bucket", calls).add("keys/salt", b"1")
    assert (len(s3.requests), len(pauses)) == (3, 2)


def test_after_a_conflict_the_other_may_have_been_first(calls: Calls) -> None:
    assert not S3Objects(Scripted(CONFLICT, TAKEN), "bucket", calls).add("keys/salt", b"1")


def test_a_conflict_that_does_not_end_is_an_error(calls: Calls) -> None:
    s3 = Scripted(CONFLICT)
    with pytest.raises(HomeUnavailable, match="ConditionalRequestConflict"):
        S3Objects(s3, "bucket", calls).add("keys/salt", b"1")
    assert len(s3.requests) == MOST_TRIES


def test_an_object_that_is_there_is_not_tried_again(calls: Calls) -> None:
    s3 = Scripted(TAKEN)
    assert not S3Objects(s3, "bucket", calls).add("keys/salt", b"1")
    assert len(s3.requests) == 1


@pytest.mark.parametrize(
    ("start", "end", "part"), [(3, 10, b"3"), (4, 5, b""), (100, 200, b""), (2, 2, b""), (3, 1, b"")]
)
def test_what_is_behind_the_end_is_not_in_a_range(ports: Ports, start: int, end: int, part: bytes) -> None:
    ports.objects.put("plans/a", b"0123")
    assert ports.objects.get_range("plans/a", start, end) == part


def test_a_range_of_an_empty_object_is_empty(ports: Ports) -> None:
    ports.objects.put("plans/a", b"")
    assert ports.objects.get_range("plans/a", 0, 1) == b""


@pytest.mark.parametrize("ask", ASKS)
def test_without_its_bucket_the_home_is_unavailable(deployment: Deployment, ports: Ports, ask: str) -> None:
    deployment.s3.delete_bucket(Bucket=deployment.name)
    with pytest.raises(HomeUnavailable, match="NoSuchBucket"):
        ASKS[ask](ports.objects, "plans/a")


@pytest.mark.parametrize("ask", ASKS)
def test_without_the_right_to_it_the_home_is_unavailable(calls: Calls, ask: str) -> None:
    with pytest.raises(HomeUnavailable, match="AccessDenied"):
        ASKS[ask](S3Objects(Scripted(refused("AccessDenied")), "bucket", calls), "plans/a")


@pytest.mark.parametrize("key", ["../x", "/x", "", "plans/../../x", ".."])
@pytest.mark.parametrize("ask", ASKS)
def test_a_key_that_leads_out_of_the_store_is_never_asked_for(calls: Calls, ask: str, key: str) -> None:
    s3 = Scripted()
    with pytest.raises(NotFound):
        ASKS[ask](S3Objects(s3, "bucket", calls), key)
    assert s3.requests == []


def test_a_body_is_uploaded_with_a_checksum(deployment: Deployment, ports: Ports) -> None:
    ports.objects.put("plans/a", b"0123")
    head = deployment.s3.head_object(Bucket=deployment.name, Key="plans/a", ChecksumMode="ENABLED")
    assert [name for name in head if name.startswith("Checksum")]
