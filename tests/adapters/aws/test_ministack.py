"""What ministack does as AWS does, and what it lets pass: the contract suite rests on it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.local.aws import ministack
from tests.adapters.aws.ministack_fixture import endpoint
from tests.contracts.threads import side_by_side

NUMBERS = count(1)
ROOT = Path(__file__).parents[3]
FAR_AWAY = "at(2099-01-01T00:00:00)"
LAMBDA = "arn:aws:lambda:us-east-1:000000000000:function:nobody"
ROLE = "arn:aws:iam::000000000000:role/nobody"
DEAD = "arn:aws:sqs:us-east-1:000000000000:dead"
MEBIBYTE = 1_048_576
NewClient = Callable[[str], Any]


@pytest.fixture(scope="module")
def client() -> Iterator[NewClient]:
    """Make clients that ask once and report what they are told."""
    session = boto3.Session("testing", "testing", region_name="us-east-1")
    once = Config(retries={"total_max_attempts": 1}, max_pool_connections=16)
    made: list[Any] = []

    @cache
    def new(service: str) -> Any:
        made.append(session.client(service, endpoint_url=endpoint(), config=once))
        return made[-1]

    yield new
    for each in made:
        each.close()


@pytest.fixture
def name() -> str:
    """A name that no other test has."""
    return f"smoke-{next(NUMBERS)}"


def refusal(call: Callable[[], Any]) -> str:
    """Return the code with which `call` is refused."""
    with pytest.raises(ClientError) as refused:
        call()
    return str(refused.value.response["Error"]["Code"])


def winners(call: Callable[[int], Any]) -> int:
    """Return how many of sixteen callers at once were not refused."""
    won: list[int] = []

    def attempt(k: int) -> None:
        try:
            call(k)
        except ClientError:
            return
        won.append(k)

    side_by_side([lambda k=k: attempt(k) for k in range(16)])  # type: ignore[misc]
    return len(won)


def listens(address: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(address.rpartition(":")[2]))) == 0


# The process


def test_the_address_is_one_for_the_session() -> None:
    assert endpoint() == endpoint()
    assert listens(endpoint())


def test_it_ends_with_its_block() -> None:
    with ministack.running() as address:
        assert listens(address)
    assert not listens(address)


def test_it_ends_with_the_process_that_started_it() -> None:
    started = "with running() as address: print(address, flush=True); sys.stdin.read()"
    script = f"import sys\nfrom infra.local.aws.ministack import running\n{started}"
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout is not None
        address = starter.stdout.readline().strip()
        assert listens(address)
        os.kill(starter.pid, signal.SIGKILL)
    patient_until = time.monotonic() + 5
    while listens(address) and time.monotonic() < patient_until:
        time.sleep(0.05)
    assert not listens(address)


def test_a_port_that_is_taken_is_said_with_the_log() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ministack.DidNotStart, match="already in use"), ministack.running(port):
            pass


def test_an_environment_that_is_not_made_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ministack, "ENVIRONMENT", tmp_path / "absent")
    with pytest.raises(ministack.DidNotStart, match="`make test` makes it"), ministack.running():
        pass


# DynamoDB


@pytest.fixture
def table(client: NewClient, name: str) -> str:
    """A table with an index of each kind."""
    keys = {"h": "HASH", "r": "RANGE"}
    client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": key, "AttributeType": kind} for key, kind in ("hS", "rS", "lN", "gS")
        ],
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
        LocalSecondaryIndexes=[
            {
                "IndexName": "local",
                "KeySchema": [
                    {"AttributeName": "h", "KeyType": "HASH"},
                    {"AttributeName": "l", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "global",
                "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )
    return name


def item(key: int, **more: dict[str, Any]) -> dict[str, Any]:
    return {"h": {"S": "h"}, "r": {"S": f"{key:03}"}, **more}


def fill(db: Any, table: str, items: int) -> None:
    for start in range(0, items, 25):
        puts = [{"PutRequest": {"Item": item(k)}} for k in range(start, min(start + 25, items))]
        assert not db.batch_write_item(RequestItems={table: puts})["UnprocessedItems"]


def test_one_of_sixteen_conditional_puts_wins(client: NewClient, table: str) -> None:
    def put(k: int) -> None:
        client("dynamodb").put_item(
            TableName=table, Item=item(0, by={"N": str(k)}), ConditionExpression="attribute_not_exists(h)"
        )

    assert winners(put) == 1


def test_only_a_local_index_is_read_consistently(client: NewClient, table: str) -> None:
    db = client("dynamodb")
    for k in range(3):
        db.put_item(TableName=table, Item=item(k, l={"N": str(-k)}, g={"S": "g"}))

    def query(index: str, key: str, consistent: bool) -> list[str]:
        found = db.query(
            TableName=table,
            IndexName=index,
            ConsistentRead=consistent,
            KeyConditionExpression=f"{key} = :key",
            ExpressionAttributeValues={":key": {"S": key}},
        )
        return [each["r"]["S"] for each in found["Items"]]

    assert query("local", "h", True) == ["002", "001", "000"]
    assert sorted(query("global", "g", False)) == ["000", "001", "002"]
    assert refusal(lambda: query("global", "g", True)) == "ValidationException"


def test_a_key_of_an_index_has_its_type(client: NewClient, table: str) -> None:
    wrong = item(0, g={"N": "1"})
    assert refusal(lambda: client("dynamodb").put_item(TableName=table, Item=wrong)) == "ValidationException"


def test_batches_have_their_limits(client: NewClient, table: str) -> None:
    db = client("dynamodb")
    fill(db, table, 101)
    keys = [item(k) for k in range(101)]
    found = db.batch_get_item(RequestItems={table: {"Keys": keys[:100], "ConsistentRead": True}})
    assert len(found["Responses"][table]) == 100
    puts = [{"PutRequest": {"Item": key}} for key in keys[:26]]
    assert refusal(lambda: db.batch_write_item(RequestItems={table: puts})) == "ValidationException"
    assert refusal(lambda: db.batch_get_item(RequestItems={table: {"Keys": keys}})) == "ValidationException"


def test_a_part_is_counted_once_and_a_failed_condition_shows_the_item(client: NewClient, table: str) -> None:
    db = client("dynamodb")
    db.put_item(TableName=table, Item=item(0, parts={"M": {}}))

    def count_in(part: str) -> None:
        db.update_item(
            TableName=table,
            Key=item(0),
            UpdateExpression="SET parts.#t = :one ADD summed :one",
            ConditionExpression="attribute_not_exists(parts.#t)",
            ExpressionAttributeNames={"#t": part},
            ExpressionAttributeValues={":one": {"N": "1"}},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )

    count_in("a.b c")
    with pytest.raises(db.exceptions.ConditionalCheckFailedException) as failed:
        count_in("a.b c")
    assert failed.value.response["Item"]["parts"] == {"M": {"a.b c": {"N": "1"}}}
    count_in("d")
    assert db.get_item(TableName=table, Key=item(0))["Item"]["summed"] == {"N": "2"}


def test_a_table_can_be_told_what_expires(client: NewClient, table: str) -> None:
    db = client("dynamodb")
    db.update_time_to_live(
        TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    )
    told = db.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    assert told == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}


# SQS


@pytest.fixture
def queue(client: NewClient, name: str) -> str:
    """The address of an empty queue."""
    return str(client("sqs").create_queue(QueueName=name)["QueueUrl"])


def send(sqs: Any, queue: str, *bodies: str, **more: Any) -> Any:
    entries = [{"Id": str(k), "MessageBody": body, **more} for k, body in enumerate(bodies)]
    return sqs.send_message_batch(QueueUrl=queue, Entries=entries)


@pytest.mark.parametrize("body", ["", "\ufffe", "\uffff", "\x01"])
def test_a_body_that_is_refused_fails_alone(client: NewClient, queue: str, body: str) -> None:
    answer = send(client("sqs"), queue, "good", body)
    assert [sent["Id"] for sent in answer["Successful"]] == ["0"]
    assert [(failed["Id"], failed["SenderFault"]) for failed in answer["Failed"]] == [("1", True)]


def test_a_batch_has_its_limits(client: NewClient, queue: str) -> None:
    sqs = client("sqs")
    assert len(send(sqs, queue, "a", "x" * (MEBIBYTE - 1))["Successful"]) == 2
    assert "BatchRequestTooLong" in refusal(lambda: send(sqs, queue, "a", "x" * MEBIBYTE))
    assert "TooManyEntries" in refusal(lambda: send(sqs, queue, *"abcdefghijk"))


def test_a_delayed_message_comes_later(client: NewClient, queue: str) -> None:
    sqs = client("sqs")
    send(sqs, queue, "later", DelaySeconds=1)
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)
    found = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    assert [message["Body"] for message in found] == ["later"]


def test_a_message_received_too_often_goes_to_the_dead(client: NewClient, queue: str, name: str) -> None:
    sqs = client("sqs")
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = f'{{"deadLetterTargetArn": "{arn}", "maxReceiveCount": "2"}}'
    attributes = {"VisibilityTimeout": "0", "RedrivePolicy": policy}
    living = sqs.create_queue(QueueName=f"{name}-living", Attributes=attributes)["QueueUrl"]
    sqs.send_message(QueueUrl=living, MessageBody="poison")
    taken = [len(sqs.receive_message(QueueUrl=living).get("Messages", [])) for _ in range(3)]
    assert taken == [1, 1, 0]
    assert [m["Body"] for m in sqs.receive_message(QueueUrl=queue)["Messages"]] == ["poison"]


# EventBridge Scheduler


@pytest.fixture
def group(client: NewClient, name: str) -> str:
    """A group without schedules."""
    client("scheduler").create_schedule_group(Name=name)
    return name


def schedule(scheduler: Any, group: str, **more: Any) -> None:
    usual = {
        "Name": "wake",
        "GroupName": group,
        "ClientToken": "wake",
        "ScheduleExpression": FAR_AWAY,
        "ScheduleExpressionTimezone": "UTC",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "ActionAfterCompletion": "DELETE",
        "Target": {"Arn": LAMBDA, "RoleArn": ROLE, "Input": "{}", "DeadLetterConfig": {"Arn": DEAD}},
    }
    scheduler.create_schedule(**usual | more)


def test_a_schedule_is_kept_as_it_was_made_until_it_is_deleted(client: NewClient, group: str) -> None:
    scheduler = client("scheduler")
    schedule(scheduler, group)
    found = scheduler.get_schedule(Name="wake", GroupName=group)
    assert found["ScheduleExpression"] == FAR_AWAY
    assert found["Target"]["DeadLetterConfig"] == {"Arn": DEAD}
    scheduler.delete_schedule(Name="wake", GroupName=group)
    assert refusal(lambda: scheduler.delete_schedule(Name="wake", GroupName=group)) == (
        "ResourceNotFoundException"
    )


def test_a_schedule_is_made_once(client: NewClient, group: str) -> None:
    scheduler = client("scheduler")
    assert winners(lambda k: schedule(scheduler, group, ClientToken=f"token-{k}")) == 1
    assert refusal(lambda: schedule(scheduler, group)) == "ConflictException"
    assert refusal(lambda: schedule(scheduler, "nowhere")) == "ResourceNotFoundException"


# S3


@pytest.fixture
def bucket(client: NewClient, name: str) -> str:
    """An empty bucket."""
    client("s3").create_bucket(Bucket=name)
    return name


def test_an_object_is_added_once(client: NewClient, bucket: str) -> None:
    def add(k: int) -> None:
        client("s3").put_object(Bucket=bucket, Key="key", Body=b"%d" % k, IfNoneMatch="*")

    assert winners(add) == 1
    assert refusal(lambda: add(0)) == "PreconditionFailed"


def test_a_range_ends_with_the_object(client: NewClient, bucket: str) -> None:
    s3 = client("s3")
    s3.put_object(Bucket=bucket, Key="key", Body=b"0123456789")

    def part(asked: str) -> bytes:
        body: bytes = s3.get_object(Bucket=bucket, Key="key", Range=asked)["Body"].read()
        return body

    assert part("bytes=2-4") == b"234"
    assert part("bytes=8-99") == b"89"
    assert refusal(lambda: part("bytes=10-11")) == "InvalidRange"
    assert refusal(lambda: s3.get_object(Bucket=bucket, Key="absent")) == "NoSuchKey"


# Secrets Manager


def test_every_change_of_a_secret_leaves_the_one_before(client: NewClient, name: str) -> None:
    secrets = client("secretsmanager")

    def staged(stage: str) -> str:
        return str(secrets.get_secret_value(SecretId=name, VersionStage=stage)["SecretString"])

    assert refusal(lambda: staged("AWSCURRENT")) == "ResourceNotFoundException"
    secrets.create_secret(Name=name, SecretString="1")
    assert refusal(lambda: staged("AWSPREVIOUS")) == "ResourceNotFoundException"
    secrets.put_secret_value(SecretId=name, SecretString="2")
    assert (staged("AWSCURRENT"), staged("AWSPREVIOUS")) == ("2", "1")
    secrets.update_secret(SecretId=name, SecretString="3")
    assert (staged("AWSCURRENT"), staged("AWSPREVIOUS")) == ("3", "2")


# What proves nothing here: AWS documents other answers, ministack agrees to all of it


def test_a_delay_over_its_limit_is_let_pass(client: NewClient, queue: str) -> None:
    assert not send(client("sqs"), queue, "a", DelaySeconds=901)["Failed"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"Name": "n" * 65},
        {"ScheduleExpression": "at(tomorrow)"},
        {"ScheduleExpressionTimezone": "Mars/Olympus_Mons"},
        {"Target": {"Arn": "nobody", "RoleArn": "nobody"}},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_schedule_that_means_nothing_is_let_pass(
    client: NewClient, group: str, wrong: dict[str, Any]
) -> None:
    schedule(client("scheduler"), group, **wrong)


def test_a_long_list_of_schedules_ends_at_one_hundred_without_saying_so(
    client: NewClient, group: str
) -> None:
    scheduler = client("scheduler")
    for k in range(101):
        schedule(scheduler, group, Name=f"wake-{k}")
    listed = scheduler.list_schedules(GroupName=group)
    assert len(listed["Schedules"]) == 100
    assert "NextToken" not in listed
