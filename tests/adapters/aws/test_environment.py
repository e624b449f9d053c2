"""A deployment's parts, read from its variables."""

from __future__ import annotations

import pytest

from chalicelib.adapters.aws.environment import DEAD_LETTERS, NEEDED, TABLE_PREFIX, is_on_aws, resources_of
from chalicelib.adapters.aws.event_scheduler import Waking
from chalicelib.adapters.aws.home import Resources
from chalicelib.errors import InvalidSettings

FULL = {
    "CARILLON_TABLE_PREFIX": "shop-",
    "CARILLON_QUEUE_URL": "https://queues.test/shop-{queue}",
    "CARILLON_BUCKET": "shop-objects",
    "CARILLON_SECRET": "shop/secrets",
    "CARILLON_SCHEDULER_GROUP": "shop-waves",
    "CARILLON_SCHEDULER_ROLE": "arn:role",
    "CARILLON_DISPATCH_FUNCTION": "arn:dispatch",
    "CARILLON_SCHEDULES_DEAD_LETTERS": "arn:dead",
}


def missing_of(environment: dict[str, str]) -> list[str]:
    """Return what the error about these variables names."""
    with pytest.raises(InvalidSettings) as raised:
        resources_of(environment)
    assert {problem.code for problem in raised.value.problems} == {"setting_missing"}
    return [problem.params["name"] for problem in raised.value.problems]


def test_every_part_is_read_from_its_variable() -> None:
    assert resources_of(FULL) == Resources(
        table_prefix="shop-",
        queue_url="https://queues.test/shop-{queue}",
        bucket="shop-objects",
        secret_id="shop/secrets",
        waking=Waking(
            group="shop-waves", role_arn="arn:role", dispatch_arn="arn:dispatch", dead_letter_arn="arn:dead"
        ),
    )


def test_all_missing_variables_are_named_at_once() -> None:
    assert missing_of({}) == list(NEEDED)


@pytest.mark.parametrize("name", NEEDED)
def test_each_variable_is_needed(name: str) -> None:
    assert missing_of({k: v for k, v in FULL.items() if k != name}) == [name]


def test_an_empty_variable_is_a_missing_one() -> None:
    assert missing_of({**FULL, "CARILLON_BUCKET": ""}) == ["CARILLON_BUCKET"]


def test_a_deployment_may_be_without_a_dead_letter_queue_for_schedules() -> None:
    bare = {k: v for k, v in FULL.items() if k != DEAD_LETTERS}
    assert resources_of(bare).waking.dead_letter_arn == ""


@pytest.mark.parametrize(
    ("environment", "on_aws"), [({}, False), ({TABLE_PREFIX: ""}, False), ({TABLE_PREFIX: "shop-"}, True)]
)
def test_the_table_prefix_tells_a_deployment_from_a_home_of_ones_own(
    environment: dict[str, str], on_aws: bool
) -> None:
    assert is_on_aws(environment) is on_aws


def test_a_deployment_that_is_only_half_described_is_on_aws_and_refused() -> None:
    half = {TABLE_PREFIX: "shop-"}
    assert is_on_aws(half)
    assert len(missing_of(half)) == len(NEEDED) - 1
