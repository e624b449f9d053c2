"""Schedules on EventBridge Scheduler: one-time ones at UTC instants, and the clockwork that recurs."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.adapters.aws.calls import surfaced
from chalicelib.audience.instant import Instant, to_datetime
from chalicelib.ports import LONGEST_SCHEDULE_NAME

SCHEDULER = "EventBridge Scheduler"
RETRY_POLICY = {"MaximumEventAgeInSeconds": 3_600, "MaximumRetryAttempts": 185}
"""AWS's most tries, for an hour: a wave that is later than that, reconcile has found long before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waking:
    """Whom schedules wake, with whose rights, and where those that cannot be delivered go."""

    group: str
    role_arn: str
    dispatch_arn: str
    dead_letter_arn: str = ""


class EventSchedules:
    """`Schedules`. The name is the idempotency key: a second one of it is a conflict, and no error.

    A schedule deletes itself when it is done.
    """

    def __init__(self, client: Any, waking: Waking) -> None:
        self._client = client
        self._waking = waking

    def _target(self, arn: str, payload: str) -> dict[str, Any]:
        target: dict[str, Any] = {
            "Arn": arn,
            "RoleArn": self._waking.role_arn,
            "Input": payload,
            "RetryPolicy": RETRY_POLICY,
        }
        if self._waking.dead_letter_arn:
            target["DeadLetterConfig"] = {"Arn": self._waking.dead_letter_arn}
        return target

    def create(self, name: str, at: Instant, payload: str) -> None:
        """CreateSchedule with at() in UTC, in whole seconds: earlier rather than later."""
        expression = f"at({to_datetime(at):%Y-%m-%dT%H:%M:%S})"
        self._create(name, expression, self._target(self._waking.dispatch_arn, payload), "DELETE")

    def repeat(self, name: str, minutes: int, target_arn: str, payload: str = "{}") -> None:
        """CreateSchedule with rate(): wakes `target_arn` every so many minutes until it is cancelled."""
        unit = "minute" if minutes == 1 else "minutes"
        self._create(name, f"rate({minutes} {unit})", self._target(target_arn, payload), "NONE")

    def _create(self, name: str, expression: str, target: dict[str, Any], after: str) -> None:
        if len(name) > LONGEST_SCHEDULE_NAME:
            raise ValueError(f"a schedule's name has at most {LONGEST_SCHEDULE_NAME} characters: {name}")
        with suppress(ClientError), surfaced(SCHEDULER, besides=("ConflictException",)):
            self._client.create_schedule(
                Name=name,
                GroupName=self._waking.group,
                ScheduleExpression=expression,
                ScheduleExpressionTimezone="UTC",
                FlexibleTimeWindow={"Mode": "OFF"},
                ActionAfterCompletion=after,
                Target=target,
            )

    def cancel(self, name: str) -> None:
        """DeleteSchedule."""
        with suppress(ClientError), surfaced(SCHEDULER, besides=("ResourceNotFoundException",)):
            self._client.delete_schedule(Name=name, GroupName=self._waking.group)
