"""Least privilege: each function's policy is what its code can come to, no action less and none more."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config

from chalicelib.ports import Ports
from infra.deployment import policies, reach
from infra.deployment.functions import handlers, sources
from infra.deployment.rights import INDEXED, OTHER_CALLS, TABLE_CALLS
from infra.deployment.stores import table_id
from infra.deployment.waking import dead_id, queue_id
from tests.contracts.aws_home import client_maker
from tests.scenarios.aws_stage import AwsStage
from tests.scenarios.world import World

NO_CALL = {"clock", "randomness", "webhooks", "channel_by_mode"}


@pytest.mark.parametrize("handler", handlers())
def test_a_policy_is_what_the_code_can_come_to(handler: str) -> None:
    """A missing action and one too many both fail; `python -m infra.deployment.policies` writes them anew."""
    file = policies.FOLDER / f"{handler}.json"
    assert file.read_text("utf-8") == policies.text_of(policies.policy_of(handler))


def test_no_policy_allows_everything_of_anything() -> None:
    for file in policies.FOLDER.glob("*.json"):
        for statement in json.loads(file.read_text("utf-8"))["Statement"]:
            assert not any("*" in action for action in statement["Action"])
            assert statement["Resource"] != "*"


def test_the_table_has_every_method_of_every_port_that_asks_aws() -> None:
    known = TABLE_CALLS.keys() | OTHER_CALLS.keys()
    for handler in handlers():
        assert reach.reached_by(handler).calls <= known
    assert set(INDEXED) <= TABLE_CALLS.keys()
    methods = {
        f"{port}.{name}"
        for port, kind in Ports.__annotations__.items()
        if port not in NO_CALL
        for name, found in vars(_protocol(kind)).items()
        if callable(found) and not name.startswith("_")
    }
    assert methods == {call for call in known if call.split(".")[0] not in NO_CALL}


def _protocol(name: str) -> Any:
    from chalicelib import ports

    return vars(ports)[name]


@pytest.mark.parametrize(
    ("handler", "action", "thing"),
    [
        ("webhook", "dynamodb:PutItem", "PeopleTable"),
        ("webhook", "s3:PutObject", "objects"),
        ("send", "scheduler:CreateSchedule", "schedules"),
        ("dispatch", "dynamodb:PutItem", "DeliveriesTable"),
        ("record_receipts", "sqs:SendMessage", "SendQueue"),
        ("hand_off", "dynamodb:PutItem", "ConsentsTable"),
        ("reconcile", "events:PutEvents", "bus"),
    ],
)
def test_a_function_cannot_do_what_is_not_its_work(handler: str, action: str, thing: str) -> None:
    assert (action, thing) not in policies.rights_of(handler)


@pytest.mark.parametrize(
    ("handler", "action", "thing"),
    [
        ("webhook", "sqs:SendMessage", "InboundQueue"),
        ("send", "dynamodb:PutItem", "DeliveriesTable"),
        ("send", "s3:ListBucket", "bucket"),
        ("pace", "sqs:SendMessage", "SendQueue"),
        ("launch", "iam:PassRole", "scheduler role"),
        ("take_in", "dynamodb:PutItem", "PeopleTable"),
        ("take_in", "sqs:SendMessage", "EventsDeadQueue"),
        ("fan_out", "dynamodb:UpdateItem", "PlansTable"),
        ("api_handler", "sqs:DeleteMessage", "SendDeadQueue"),
        ("hand_off", "events:PutEvents", "bus"),
    ],
)
def test_a_function_can_do_its_work(handler: str, action: str, thing: str) -> None:
    assert (action, thing) in policies.rights_of(handler)


class Watched:
    """moto's clients, and whose call each is: the function that was woken last."""

    def __init__(self) -> None:
        self.calls: set[tuple[str, str, str]] = set()
        self.handler = "api_handler"
        self._by_queue = {source.queue: name for name, source in sources().items()}

    def woken(self, name: str, messages: int) -> None:
        """Note who works now: a timer's name, or a queue's."""
        self.handler = self._by_queue.get(name, name) if messages else name

    def new_client(self, service: str, config: Config) -> Any:
        """Make a client that notes its calls."""
        client = client_maker()(service, config)
        client.meta.events.register("provide-client-params", partial(self._hear, service))
        return client

    def _hear(self, service: str, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        name = model.name
        if service == "dynamodb":
            tables = list(params.get("RequestItems", {})) or [params["TableName"]]
            index = "/index" if "IndexName" in params else ""
            for table in tables:
                thing = table_id(table.removeprefix("carillon-test-")) + index
                self.calls.add((self.handler, f"dynamodb:{name}", thing))
        elif service == "sqs":
            action = {"SendMessageBatch": "SendMessage"}.get(name, name)
            queue = params["QueueUrl"].rpartition("carillon-test-")[2]
            dead = queue.endswith("-dead")
            thing = dead_id(queue.removesuffix("-dead")) if dead else queue_id(queue)
            self.calls.add((self.handler, f"sqs:{action}", thing))
        elif service == "s3":
            action = {"ListObjectsV2": "ListBucket", "DeleteObjects": "DeleteObject"}.get(name, name)
            kind = policies.KIND_BY_ACTION.get(f"s3:{action}", "objects")
            is_archive = params["Bucket"] == "carillon-test-audit"
            self.calls.add((self.handler, f"s3:{action}", "archive" if is_archive else kind))
        else:
            self.calls.add((self.handler, f"{service}:{name}", policies.KIND_BY_ACTION[service]))


SCHEDULERS_OWN = ("dispatch", "scheduler:DeleteSchedule", "schedules")
"""The stage takes a schedule away when it is done, as Scheduler does."""


class Asked(World):
    """A world that says when the API is asked."""

    watch: Watched | None = None

    def api(
        self, method: str, path: str, body: Any = None, *, query: str = "", raw: bytes | None = None
    ) -> Any:
        """Send a request, which is the API's work."""
        if self.watch:
            self.watch.handler = "api_handler"
        return super().api(method, path, body, query=query, raw=raw)


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    """A campaign that was played on moto, from its file to its report."""
    found = Watched()
    world = Asked(stage=partial(AwsStage, new_client=found.new_client, woken=found.woken))
    world.watch = found
    found.calls.clear()  # the tables and queues are made by the deployment
    world.people(12)
    broadcast = world.launched()
    world.at("2026-12-01T08:59:58Z")
    world.run_until_idle()
    world.report(broadcast)
    yield found
    world.close()


def test_every_call_of_a_played_campaign_is_allowed(watched: Watched) -> None:
    """The table of rights is right: what the adapters really ask of AWS, function by function."""
    refused = {
        (handler, action, thing)
        for handler, action, thing in watched.calls
        if handler in handlers() and (action, thing) not in policies.rights_of(handler)
    }
    assert refused - {SCHEDULERS_OWN} == set()
    assert {"fan_out", "launch", "pace", "send"} <= {handler for handler, _, _ in watched.calls}


def test_a_policy_file_is_written_for_each_function_and_for_no_other(tmp_path: Path) -> None:
    (tmp_path / "gone.json").write_text("{}")
    policies.main(tmp_path)
    assert {file.stem for file in tmp_path.glob("*.json")} == set(handlers())
