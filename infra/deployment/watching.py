"""What tells somebody: the log group, metrics made of log lines, alarms, a dashboard, a budget."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chalicelib.adapters.aws.queues import DEAD
from chalicelib.steps import messages
from infra.deployment.stores import Resources, logical
from infra.deployment.waking import DEAD_QUEUES

FILTERS = Path(__file__).parents[1] / "samples" / "metric-filters.json"
KEPT_DAYS = {"dev": 7, "prod": 90}
OLDEST_SECONDS = {
    messages.PLAN: 900,
    messages.LAUNCH: 300,
    messages.DISPATCH: 120,
    messages.SEND: 300,
    messages.RECEIPTS: 600,
    messages.INBOUND: 60,
    messages.HANDOFF: 900,
}
"""How long a message may wait before somebody should look: a STOP shortest."""
MINUTE = 60
Metric = tuple[str, str, dict[str, str], str]
"""Namespace, name, dimensions and statistic."""


def logs(stage: str) -> Resources:
    """Return the one log group, and the metric filters on it."""
    made: Resources = {
        "LogGroup": {
            "Type": "AWS::Logs::LogGroup",
            "DeletionPolicy": "Delete",
            "UpdateReplacePolicy": "Delete",
            "Properties": {"LogGroupName": f"/carillon/{stage}", "RetentionInDays": KEPT_DAYS[stage]},
        }
    }
    for found in json.loads(FILTERS.read_text("utf-8")):
        (change,) = found["metricTransformations"]
        made[f"{change['metricName']}Filter"] = {
            "Type": "AWS::Logs::MetricFilter",
            "Properties": {
                "LogGroupName": {"Ref": "LogGroup"},
                "FilterPattern": found["filterPattern"],
                "MetricTransformations": [
                    {
                        "MetricName": change["metricName"],
                        "MetricNamespace": f"Carillon/{stage}",
                        "MetricValue": change["metricValue"],
                        "DefaultValue": change["defaultValue"],
                    }
                ],
            },
        }
    return made


def alarms(stage: str) -> Resources:
    """Return the alarms, and the topic that tells whoever gave an address."""
    made: Resources = {
        "Alarms": {
            "Type": "AWS::SNS::Topic",
            "Properties": {"TopicName": f"carillon-{stage}-alarms"},
        },
        "AlarmsByMail": {
            "Type": "AWS::SNS::Subscription",
            "Condition": "HasMail",
            "Properties": {
                "TopicArn": {"Ref": "Alarms"},
                "Protocol": "email",
                "Endpoint": {"Ref": "AlarmMail"},
            },
        },
    }
    for name in (*messages.CONSUMED, *DEAD_QUEUES):
        made[f"{logical(name)}DeadAlarm"] = _alarm(
            f"carillon-{stage}: something was put aside in {name}{DEAD}",
            _waiting(f"carillon-{stage}-{name}{DEAD}"),
            above=0,
        )
    for name, seconds in OLDEST_SECONDS.items():
        queue = {"QueueName": f"carillon-{stage}-{name}"}
        made[f"{logical(name)}OldestAlarm"] = _alarm(
            f"carillon-{stage}: messages wait on {name} for more than {seconds} s",
            ("AWS/SQS", "ApproximateAgeOfOldestMessage", queue, "Maximum"),
            above=seconds,
        )
    for handler in ("send", "webhook", "pace", "record_inbound"):
        made[f"{logical(handler)}ThrottledAlarm"] = _alarm(
            f"carillon-{stage}: Lambda throttles {handler}",
            _lambda(stage, handler, "Throttles", "Sum"),
            above=0,
            minutes=5,
        )
    return made | _of_our_lines(stage)


def _of_our_lines(stage: str) -> Resources:
    """Return the alarms on what our own log lines say, and on the pacer and the webhook."""
    ours = f"Carillon/{stage}"
    return {
        "PacerAlarm": _alarm(
            f"carillon-{stage}: the pacer was not woken for five minutes",
            _lambda(stage, "pace", "Invocations", "Sum"),
            below=1,
            minutes=5,
            missing="breaching",
        ),
        "DueNotStartedAlarm": _alarm(
            f"carillon-{stage}: a wave is due, stands still, and nothing says why",
            (ours, "DueNotStarted", {}, "Sum"),
            above=0,
        ),
        "StoppedAlarm": _alarm(
            f"carillon-{stage}: the platform or a rule of ours stopped something",
            (ours, "Stopped", {}, "Sum"),
            above=0,
        ),
        "SlowedAlarm": _alarm(
            f"carillon-{stage}: rate answers (130429) slow a sender",
            (ours, "Slowed", {}, "Sum"),
            above=5,
            minutes=5,
        ),
        "ErrorsAlarm": _alarm(
            f"carillon-{stage}: lines at level error", (ours, "Errors", {}, "Sum"), above=0, minutes=5
        ),
        "WebhookSlowAlarm": _alarm(
            f"carillon-{stage}: webhooks take longer than Meta likes",
            _lambda(stage, "webhook", "Duration", "p99"),
            above=1_000,
            minutes=5,
        ),
        "UncertainAlarm": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "AlarmDescription": f"carillon-{stage}: more than one call in a thousand has no known end",
                "AlarmActions": [{"Ref": "Alarms"}],
                "EvaluationPeriods": 1,
                "ComparisonOperator": "GreaterThanThreshold",
                "Threshold": 0.1,
                "TreatMissingData": "notBreaching",
                "Metrics": [
                    _queried("uncertain", ours, "Uncertain"),
                    _queried("accepted", ours, "Accepted"),
                    {
                        "Id": "percent",
                        "Expression": "100 * uncertain / (uncertain + accepted)",
                        "ReturnData": True,
                    },
                ],
            },
        },
    }


def _queried(id_: str, namespace: str, name: str) -> dict[str, Any]:
    return {
        "Id": id_,
        "ReturnData": False,
        "MetricStat": {
            "Metric": {"Namespace": namespace, "MetricName": name},
            "Period": 5 * MINUTE,
            "Stat": "Sum",
        },
    }


def _lambda(stage: str, handler: str, name: str, statistic: str) -> Metric:
    return "AWS/Lambda", name, {"FunctionName": f"carillon-{stage}-{handler}"}, statistic


def _waiting(queue: str) -> Metric:
    return "AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": queue}, "Maximum"


def _alarm(
    about: str,
    metric: Metric,
    *,
    above: int | None = None,
    below: int | None = None,
    minutes: int = 1,
    missing: str = "notBreaching",
) -> dict[str, Any]:
    namespace, name, dimensions, statistic = metric
    percentile = statistic.startswith("p")
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmDescription": about,
            "AlarmActions": [{"Ref": "Alarms"}],
            "Namespace": namespace,
            "MetricName": name,
            "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
            "ExtendedStatistic" if percentile else "Statistic": statistic,
            "Period": minutes * MINUTE,
            "EvaluationPeriods": 1,
            "ComparisonOperator": "LessThanThreshold" if above is None else "GreaterThanThreshold",
            "Threshold": below if above is None else above,
            "TreatMissingData": missing,
        },
    }


def widget(place: int, kind: str, title: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return a widget of a dashboard: two stand side by side, in the order of their places."""
    return {
        "type": kind,
        "width": 12,
        "height": 6,
        "x": 12 * (place % 2),
        "y": 6 * (place // 2),
        "properties": {"title": title, "region": "${AWS::Region}", **properties},
    }


def dashboard(stage: str) -> Resources:
    """Return one page: what is sent, what waits, what was put aside, how the functions do."""
    ours = f"Carillon/{stage}"
    queue, functions = f"carillon-{stage}", ("send", "webhook", "record_receipts", "pace")
    oldest = "ApproximateAgeOfOldestMessage"
    waiting = "ApproximateNumberOfMessagesVisible"
    panels = {
        "Messages a minute": [[ours, name] for name in ("Accepted", "Uncertain", "LateSlots")],
        "What somebody should look at": [[ours, n] for n in ("DueNotStarted", "Stopped", "Slowed", "Errors")],
        "Oldest message, seconds": [
            ["AWS/SQS", oldest, "QueueName", f"{queue}-{name}", {"stat": "Maximum"}]
            for name in OLDEST_SECONDS
        ],
        "Dead letters": [
            ["AWS/SQS", waiting, "QueueName", f"{queue}-{name}{DEAD}", {"stat": "Maximum"}]
            for name in (*messages.CONSUMED, *DEAD_QUEUES)
        ],
        "Functions, milliseconds (p99)": [
            ["AWS/Lambda", "Duration", "FunctionName", f"{queue}-{name}", {"stat": "p99"}]
            for name in functions
        ],
        "Throttles and failures": [
            ["AWS/Lambda", kind, "FunctionName", f"{queue}-{name}"]
            for name in functions
            for kind in ("Throttles", "Errors")
        ],
    }
    widgets = [
        widget(place, "metric", title, {"stat": "Sum", "period": MINUTE, "metrics": metrics})
        for place, (title, metrics) in enumerate(panels.items())
    ]
    return {
        "Dashboard": {
            "Type": "AWS::CloudWatch::Dashboard",
            "Properties": {
                "DashboardName": f"carillon-{stage}",
                "DashboardBody": {"Fn::Sub": json.dumps({"widgets": widgets})},
            },
        }
    }


def budget(stage: str) -> Resources:
    """Return a monthly limit with a mail at four fifths of it, where both were given."""
    return {
        "Budget": {
            "Type": "AWS::Budgets::Budget",
            "Condition": "HasBudget",
            "Properties": {
                "Budget": {
                    "BudgetName": f"carillon-{stage}",
                    "BudgetType": "COST",
                    "TimeUnit": "MONTHLY",
                    "BudgetLimit": {"Amount": {"Ref": "MonthlyBudgetUsd"}, "Unit": "USD"},
                },
                "NotificationsWithSubscribers": [
                    {
                        "Notification": {
                            "NotificationType": "ACTUAL",
                            "ComparisonOperator": "GREATER_THAN",
                            "Threshold": 80,
                        },
                        "Subscribers": [{"SubscriptionType": "EMAIL", "Address": {"Ref": "AlarmMail"}}],
                    }
                ],
            },
        }
    }
