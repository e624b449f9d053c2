"""What wakes the functions: queues with their dead letters, schedules, and the webhook's own address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.adapters.aws.queues import DEAD
from chalicelib.adapters.embedded.queues import MOST_RECEIVES
from chalicelib.steps import messages
from infra.deployment.stores import Resources, logical

FORTNIGHT = 14 * 86_400
"""The longest that SQS keeps a message."""
VISIBLE_TIMEOUTS = 6
"""A message stays invisible for so many timeouts of its function, as AWS asks for."""

TIMERS = {"pace": 1, "reconcile": 1, "sweep": 60}
"""Minutes between two wakings."""
RETRIES = {"take_in": 2, "dispatch": 2, "pace": 0, "reconcile": 0, "sweep": 0}
"""How often Lambda tries again what nobody waits for; a timer comes again by itself."""
DEAD_QUEUES = {"schedules": "SchedulesDeadQueue", "events": "EventsDeadQueue"}
"""Queues of what could not be delivered to a function at all."""


def queue_id(name: str) -> str:
    """Return a queue's logical name."""
    return f"{logical(name)}Queue"


def dead_id(name: str) -> str:
    """Return the logical name of a queue of dead letters."""
    return f"{logical(name)}DeadQueue"


def queues(stage: str, timeouts: Mapping[str, tuple[int, int]]) -> Resources:
    """Return the queues. `timeouts`: by queue, the seconds its function may take and those of its window."""
    made: Resources = {}
    for name in messages.CONSUMED:
        timeout, window = timeouts[name]
        made[dead_id(name)] = _queue(f"carillon-{stage}-{name}{DEAD}")
        made[queue_id(name)] = _queue(
            f"carillon-{stage}-{name}",
            VisibilityTimeout=VISIBLE_TIMEOUTS * timeout + window,
            RedrivePolicy={
                "deadLetterTargetArn": {"Fn::GetAtt": [dead_id(name), "Arn"]},
                "maxReceiveCount": MOST_RECEIVES,
            },
        )
    made[queue_id(messages.ASIDE)] = _queue(f"carillon-{stage}-{messages.ASIDE}")
    for name, resource in DEAD_QUEUES.items():
        made[resource] = _queue(f"carillon-{stage}-{name}{DEAD}")
    return made | _letting_events_bury()


def _queue(name: str, **more: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::SQS::Queue",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
        "Properties": {
            "QueueName": name,
            "MessageRetentionPeriod": FORTNIGHT,
            "SqsManagedSseEnabled": True,
            **more,
        },
    }


def _letting_events_bury() -> Resources:
    """Return the right of EventBridge's rule to put aside what it could not deliver."""
    return {
        "EventsDeadQueuePolicy": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {
                "Queues": [{"Ref": "EventsDeadQueue"}],
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "events.amazonaws.com"},
                            "Action": "sqs:SendMessage",
                            "Resource": {"Fn::GetAtt": ["EventsDeadQueue", "Arn"]},
                            "Condition": {
                                "ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["IncomingRule", "Arn"]}}
                            },
                        }
                    ],
                },
            },
        }
    }


def schedules(stage: str) -> Resources:
    """Return the group of the waves' schedules, the timers beside them, and the role that wakes for both."""
    woken = [*TIMERS, "dispatch"]
    return {
        "ScheduleGroup": {
            "Type": "AWS::Scheduler::ScheduleGroup",
            "Properties": {"Name": f"carillon-{stage}"},
        },
        "SchedulerRole": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": {"Fn::Sub": f"carillon-{stage}-${{AWS::Region}}-scheduler"},
                "AssumeRolePolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "scheduler.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                            "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
                        }
                    ],
                },
                "Policies": [
                    {
                        "PolicyName": "wake",
                        "PolicyDocument": {
                            "Version": "2012-10-17",
                            "Statement": [
                                {
                                    "Effect": "Allow",
                                    "Action": "lambda:InvokeFunction",
                                    "Resource": [{"Fn::GetAtt": [logical(name), "Arn"]} for name in woken],
                                },
                                {
                                    "Effect": "Allow",
                                    "Action": "sqs:SendMessage",
                                    "Resource": {"Fn::GetAtt": ["SchedulesDeadQueue", "Arn"]},
                                },
                            ],
                        },
                    }
                ],
            },
        },
        **{f"{logical(name)}Timer": _timer(stage, name, minutes) for name, minutes in TIMERS.items()},
    }


def _timer(stage: str, name: str, minutes: int) -> dict[str, Any]:
    every = f"{minutes} minutes" if minutes > 1 else "1 minute"
    return {
        "Type": "AWS::Scheduler::Schedule",
        "Properties": {
            "Name": f"carillon-{stage}-{name}",
            "ScheduleExpression": f"rate({every})",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {
                "Arn": {"Fn::GetAtt": [logical(name), "Arn"]},
                "RoleArn": {"Fn::GetAtt": ["SchedulerRole", "Arn"]},
                "Input": "{}",
                "RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
                "DeadLetterConfig": {"Arn": {"Fn::GetAtt": ["SchedulesDeadQueue", "Arn"]}},
            },
        },
    }
