"""Schedules on EventBridge Scheduler: exactly what is asked of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.aws.event_scheduler import EventSchedules
from chalicelib.audience.instant import from_iso
from chalicelib.errors import HomeUnavailable
from chalicelib.steps.launch import schedule_name
from tests.adapters.aws.far_side import Overheard, Scripted, refused
from tests.contracts.aws_home import Deployment, on_moto, waking

WAKING = waking("carillon-test")
AT = from_iso("2027-01-14T09:00:59.999Z")
TICK = "arn:aws:lambda:us-east-1:123456789012:function:carillon-test-tick"
NAME = re.compile("[0-9a-zA-Z-_.]{1,64}")
CLIENT_TOKEN = re.compile("[a-zA-Z0-9-_]{1,64}")


@pytest.fixture
def overheard() -> Overheard:
    """What is asked of AWS."""
    return Overheard()


@pytest.fixture
def deployment(overheard: Overheard) -> Iterator[Deployment]:
    """An empty deployment whose requests are overheard."""
    with on_moto(new_client=overheard) as opened:
        yield opened


@pytest.fixture
def schedules(deployment: Deployment) -> EventSchedules:
    """Its schedules."""
    return deployment.home.schedules


def test_a_one_time_schedule_wakes_dispatch_with_its_payload(
    deployment: Deployment, schedules: EventSchedules
) -> None:
    schedules.create("wave-1", AT, '{"wave":1}')
    assert deployment.schedules()["wave-1"]["Target"] == {
        "Arn": WAKING.dispatch_arn,
        "RoleArn": WAKING.role_arn,
        "Input": '{"wave":1}',
        "DeadLetterConfig": {"Arn": WAKING.dead_letter_arn},
        "RetryPolicy": {"MaximumEventAgeInSeconds": 3_600, "MaximumRetryAttempts": 185},
    }


def test_an_instant_is_written_in_utc_and_in_whole_seconds_rounded_down(
    deployment: Deployment, schedules: EventSchedules
) -> None:
    schedules.create("wave-1", AT, "{}")
    made = deployment.schedules()["wave-1"]
    assert made["ScheduleExpression"] == "at(2027-01-14T09:00:59)"
    assert made["ScheduleExpressionTimezone"] == "UTC"


def test_a_one_time_schedule_is_exact_and_goes_when_it_is_done(
    deployment: Deployment, schedules: EventSchedules
) -> None:
    schedules.create("wave-1", AT, "{}")
    made = deployment.schedules()["wave-1"]
    assert (made["FlexibleTimeWindow"], made["ActionAfterCompletion"]) == ({"Mode": "OFF"}, "DELETE")
    assert (made["GroupName"], made["State"]) == (WAKING.group, "ENABLED")


def test_a_name_is_free_again_after_its_schedule_was_cancelled(
    overheard: Overheard, schedules: EventSchedules
) -> None:
    for _ in range(2):
        schedules.create("wave-1", AT, "{}")
        schedules.cancel("wave-1")
    tokens = [request["ClientToken"] for request in overheard.of("CreateSchedule")]
    assert len(set(tokens)) == 2  # of one token, AWS may take the second for a repetition of the first


def test_without_a_dead_letter_queue_none_is_asked_for() -> None:
    client = Scripted()
    EventSchedules(client, replace(WAKING, dead_letter_arn="")).create("wave-1", AT, "{}")
    assert "DeadLetterConfig" not in client.requests[0]["Target"]


def test_the_second_creation_leaves_the_first(deployment: Deployment, schedules: EventSchedules) -> None:
    schedules.create("wave-1", AT, '{"first":1}')
    schedules.create("wave-1", AT + 60_000, '{"second":2}')
    made = deployment.schedules()["wave-1"]
    assert made["ScheduleExpression"] == "at(2027-01-14T09:00:59)"
    assert made["Target"]["Input"] == '{"first":1}'


@pytest.mark.parametrize(("minutes", "expression"), [(1, "rate(1 minute)"), (5, "rate(5 minutes)")])
def test_a_repeated_one_wakes_its_own_target_and_is_kept(
    deployment: Deployment, schedules: EventSchedules, minutes: int, expression: str
) -> None:
    schedules.repeat("tick", minutes, TICK, '{"tick":1}')
    made = deployment.schedules()["tick"]
    assert (made["ScheduleExpression"], made["ActionAfterCompletion"]) == (expression, "NONE")
    assert (made["Target"]["Arn"], made["Target"]["Input"]) == (TICK, '{"tick":1}')


def test_a_repeated_one_ends_when_it_is_cancelled(deployment: Deployment, schedules: EventSchedules) -> None:
    schedules.repeat("tick", 1, TICK)
    schedules.cancel("tick")
    assert deployment.schedules() == {}


def test_a_name_of_64_characters_is_taken(deployment: Deployment, schedules: EventSchedules) -> None:
    schedules.create("n" * 64, AT, "{}")
    assert list(deployment.schedules()) == ["n" * 64]


def test_a_name_of_65_characters_is_refused_before_anything_is_asked() -> None:
    client = Scripted()
    with pytest.raises(ValueError, match="at most 64"):
        EventSchedules(client, WAKING).create("n" * 65, AT, "{}")
    assert client.requests == []


@given(st.text(max_size=300), st.integers(0, 2**53))
def test_every_wave_has_a_name_that_scheduler_takes(broadcast: str, wave: int) -> None:
    name = schedule_name(broadcast, wave)
    assert NAME.fullmatch(name)
    assert CLIENT_TOKEN.fullmatch(name)


def test_different_waves_have_different_names() -> None:
    names = {schedule_name(b, wave) for b in ("a", "a.1", "a|1") for wave in (1, 11, 111)}
    assert len(names) == 9


def test_a_group_that_is_not_there_is_an_error() -> None:
    schedules = EventSchedules(Scripted(refused("ResourceNotFoundException")), WAKING)
    with pytest.raises(HomeUnavailable, match="ResourceNotFoundException"):
        schedules.create("wave-1", AT, "{}")


def test_a_schedule_that_is_just_being_changed_is_not_taken_for_cancelled() -> None:
    schedules = EventSchedules(Scripted(refused("ConflictException")), WAKING)
    with pytest.raises(HomeUnavailable, match="ConflictException"):
        schedules.cancel("wave-1")


@pytest.mark.parametrize("code", ["ServiceQuotaExceededException", "ThrottlingException", "AccessDenied"])
def test_a_refusal_is_an_error_that_names_why(code: str) -> None:
    schedules = EventSchedules(Scripted(refused(code)), WAKING)
    asks: list[Any] = [lambda: schedules.create("wave-1", AT, "{}"), lambda: schedules.cancel("wave-1")]
    for ask in asks:
        with pytest.raises(HomeUnavailable, match=code):
            ask()
