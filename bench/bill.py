"""The bill of a campaign on AWS: `python -m bench bill`.

Two thousand people on the AWS adapters, moto behind them and the platform
simulator beside them, as the scenario test plays it. Every AWS call is counted
in the units it is billed in, priced from `infra/prices/aws.yaml`, and scaled to
a million messages that were accepted.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import yaml

from bench._figures import Figure
from bench._meter import Meter
from chalicelib.log import JsonLines
from infra.deployment.functions import memory_gb_of, sources
from infra.deployment.template import merged

PEOPLE, FEW = 2_000, 100
RUNS = 1
"""On a virtual clock: another run gives the same."""
TARGET_BY_REGION: Mapping[str, float | None] = {"us-east-1": 6.00, "eu-west-1": None}
"""Dollars per million messages, beside Meta's fee; None: only told."""
PRICES = Path(__file__).parents[1] / "infra/prices/aws.yaml"
CLOUDWATCH_BYTES = 26
"""What is billed beside the text of a log event."""
MILLION = 1_000_000
MONTH_SECONDS = 30 * 86_400

PRICE_BY_UNIT = {
    "writes": "dynamodb_write",
    "reads": "dynamodb_read",
    "sqs_requests": "sqs_request",
    "s3_puts": "s3_put",
    "s3_gets": "s3_get",
    "secrets_calls": "secrets_call",
    "invocations": "lambda_request",
    "gb_seconds": "lambda_gb_second",
    "schedule_invocations": "scheduler_invocation",
    "log_gb": "logs_gb",
    "egress_gb": "egress_gb",
    "stored_gb": "stored_gb_month",
    "gateway_requests": "gateway_request",
    "events": "event_put",
}
STEPS = {
    "plan": "plan",
    "launch": "launch",
    "dispatch": "dispatch",
    "pace": "pace",
    "send": "send",
    "webhook": "webhook",
    "receipts": "record receipts",
    "inbound": "record inbound",
    "reconcile": "reconcile, complete",
    "rest": "logs, egress, storage",
}


HANDLERS = {
    "plan": "fan_out",
    "receipts": "record_receipts",
    "inbound": "record_inbound",
}
"""Functions of the steps that are called otherwise."""
IDLE_STAGE = "prod"


@dataclass(frozen=True)
class Line:
    """One step of the bill, for a million messages: its units and its dollars."""

    step: str
    units: Mapping[str, float]
    dollars: float


def prices(region: str) -> Mapping[str, float]:
    """Return a region's prices, per unit."""
    found = _file()["regions"][region]
    month = found["dynamodb_gb_month"] + found["dynamodb_pitr_gb_month"]
    return {**{name: float(price) for name, price in found.items()}, "stored_gb_month": float(month)}


def _file() -> Any:
    return yaml.safe_load(PRICES.read_text("utf-8"))


def lines_of(
    meter: Meter, accepted: int, region: str, *, sending_seconds: float, sent_bytes: int, log_bytes: int
) -> list[Line]:
    """Return the bill for a million accepted messages, by step.

    Everything grows with the messages but the pacer, which grows with the time they take.
    """
    price = prices(region)
    assumed = _file()["assumed"]
    by_step: dict[str, dict[str, float]] = {}
    for (step, unit), count in meter.units.items():
        if unit != "secrets_calls":  # they come with time, not with messages: below
            by_step.setdefault(step if step in STEPS else "rest", {})[unit] = count
    by_step.pop("rest", None)
    for step, units in by_step.items():
        # Lambda itself receives and deletes ten messages a request.
        polled = 0 if step == "webhook" else 2 * ceil(units.get("messages", 0) / 10)
        units["sqs_requests"] = units.get("sqs_requests", 0) + polled
        units["gb_seconds"] = _gb_seconds(step, units, assumed)
    by_step["dispatch"]["schedule_invocations"] = by_step["dispatch"]["invocations"]
    by_step["plan"]["gateway_requests"] = assumed["requests_per_campaign"]
    by_step["rest"] = {
        "log_gb": log_bytes / 1e9,
        "egress_gb": (sent_bytes + accepted * assumed["request_overhead_bytes"]) / 1e9,
        "stored_gb": accepted * 0.5e-6,
        "secrets_calls": 2 * assumed["containers"] * sending_seconds / assumed["secrets_cached_seconds"],
    }
    scale = dict.fromkeys(STEPS, MILLION / accepted)
    paced_seconds = by_step["pace"]["milliseconds"] / 1_000
    scale["pace"] *= sending_seconds / paced_seconds
    return [_line(name, by_step[step], price, scale[step]) for step, name in STEPS.items() if step in by_step]


def _line(name: str, units: Mapping[str, float], price: Mapping[str, float], scale: float) -> Line:
    scaled = {unit: count * scale for unit, count in units.items() if unit in PRICE_BY_UNIT}
    dollars = sum(count * price[PRICE_BY_UNIT[unit]] for unit, count in scaled.items())
    return Line(name, scaled, dollars)


def _gb_seconds(step: str, units: Mapping[str, float], assumed: Any) -> float:
    """Return a step's computing. What waits for slots is counted, the rest assumed as the file says."""
    memory = memory_gb_of(HANDLERS.get(step, step))
    times = assumed["milliseconds"]
    if step in ("send", "pace"):
        spent = units.get("milliseconds", 0)
    elif step == "webhook":
        spent = units["invocations"] * times["webhook"]
    else:
        spent = units["invocations"] * times["per_invocation"] + units["messages"] * times["per_message"]
    return float(spent / 1_000 * memory)


def table(lines: list[Line]) -> str:
    """Return the bill as a Markdown table."""
    names = ("step", "DynamoDB writes", "reads", "SQS requests", "invocations", "GB-s", "S3", "$")
    rows = [f"| {' | '.join(names)} |", "|---|" + "---:|" * 7]
    for line in lines:
        u = line.units
        cells = [
            *(u.get(unit, 0) for unit in ("writes", "reads", "sqs_requests", "invocations", "gb_seconds")),
            u.get("s3_puts", 0) + u.get("s3_gets", 0),
        ]
        rows.append(f"| {line.step} | " + " | ".join(f"{c:,.0f}" for c in cells) + f" | {line.dollars:.2f} |")
    rows.append(f"| **all** | | | | | | | **{sum(line.dollars for line in lines):.2f}** |")
    return "\n".join(rows)


def idle_units() -> Mapping[str, float]:
    """Return what a stage that sends nothing uses in a month, read from what is deployed.

    Its tables, queues, functions and addresses cost nothing while nobody uses them;
    what is stored costs what `stored_gb` says.
    """
    assumed, resources = _file()["assumed"], list(merged(IDLE_STAGE)["Resources"].values())

    def of(kind: str) -> list[Mapping[str, Any]]:
        return [found["Properties"] for found in resources if found.get("Type") == kind]

    rounds = sum(
        MONTH_SECONDS / _seconds(timer["ScheduleExpression"]) for timer in of("AWS::Scheduler::Schedule")
    )
    spent = sum(
        MONTH_SECONDS / _seconds(timer["ScheduleExpression"]) * memory_gb_of(_woken(timer))
        for timer in of("AWS::Scheduler::Schedule")
    )
    looks = MONTH_SECONDS / assumed["secrets_cached_seconds"]
    return {
        "polls": len(sources()) * assumed["pollers_per_queue"] * MONTH_SECONDS / POLL_SECONDS,
        "schedule_invocations": rounds,
        "invocations": rounds,
        "gb_seconds": spent * assumed["milliseconds"]["per_invocation"] / 1_000,
        "reads": rounds * assumed["reads_per_timer"],
        "alarms": sum(_metrics_of(alarm) for alarm in of("AWS::CloudWatch::Alarm")),
        "metrics": len(of("AWS::Logs::MetricFilter")),
        "dashboards": len(of("AWS::CloudWatch::Dashboard")),
        "secrets": len(of("AWS::SecretsManager::Secret")),
        "secrets_calls": 2 * looks,
    }


PRICE_BY_IDLE_UNIT = PRICE_BY_UNIT | {
    "polls": "sqs_request",
    "alarms": "alarm_month",
    "metrics": "metric_month",
    "dashboards": "dashboard_month",
    "secrets": "secret_month",
}
POLL_SECONDS = 20


def _woken(timer: Mapping[str, Any]) -> str:
    """Return the handler that a timer wakes, by its logical name."""
    return str(timer["Target"]["Arn"]["Fn::GetAtt"][0]).lower()


def _seconds(expression: str) -> int:
    """Return the seconds between two wakings of "rate(5 minutes)"."""
    number = expression.removeprefix("rate(").split()[0]
    return int(number) * 60


def _metrics_of(alarm: Mapping[str, Any]) -> int:
    """Return how many metrics an alarm looks at."""
    return sum("MetricStat" in query for query in alarm.get("Metrics", ())) or 1


def idle_dollars(region: str) -> Mapping[str, float]:
    """Return what each part of an idle stage costs in a month."""
    price = prices(region)
    return {unit: count * price[PRICE_BY_IDLE_UNIT[unit]] for unit, count in idle_units().items()}


def idle_table(region: str) -> str:
    """Return the idle month as a Markdown table, the dearest first."""
    units, dollars = idle_units(), idle_dollars(region)
    rows = ["| an idle month | how many | $ |", "|---|---:|---:|"]
    for unit in sorted(dollars, key=lambda name: -dollars[name]):
        rows.append(f"| {unit.replace('_', ' ')} | {units[unit]:,.0f} | {dollars[unit]:.2f} |")
    rows.append(f"| **all** | | **{sum(dollars.values()):.2f}** |")
    return "\n".join(rows)


class LogBytes(logging.Handler):
    """Counts what the log would weigh."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0
        self._format = JsonLines()

    def emit(self, record: logging.LogRecord) -> None:
        """Count one line as it is written, with what CloudWatch adds to each."""
        self.bytes += len(self._format.format(record).encode()) + CLOUDWATCH_BYTES


def _detail(region: str, lines: list[Line]) -> str:
    """Return both tables of a region."""
    said = f"{region}, for a million messages accepted:\n\n{table(lines)}"
    return f"{said}\n\n{region}, a stage that sends nothing:\n\n{idle_table(region)}"


def measure(quick: bool) -> list[Figure]:
    """Play the campaign and return its bill, per region."""
    from tests.scenarios.two_thousand import played

    run = played(FEW if quick else PEOPLE)
    figures = []
    for region, most in TARGET_BY_REGION.items():
        found = run.bill(region)
        dollars = sum(line.dollars for line in found)
        what = f"a million messages in {region}"
        how = f"idle: ${sum(idle_dollars(region).values()):.2f} a month"
        figures.append(
            Figure(
                row="AWS bill",
                what=what,
                value=round(dollars, 2),
                unit="$",
                at_most=most,
                how=how,
                detail=_detail(region, found) if most else "",
            )
        )
    return figures
