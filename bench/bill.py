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
    memory = assumed["memory_gb"].get(step, assumed["memory_gb"]["other"])
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


def idle_month(region: str, queues: int) -> float:
    """Return what a deployment that sends nothing costs a month: polling, timers, one secret."""
    price, assumed = prices(region), _file()["assumed"]
    polls = queues * assumed["pollers_per_queue"] * MONTH_SECONDS / 20
    timers = MONTH_SECONDS / 60 + MONTH_SECONDS / 300 + MONTH_SECONDS / 3_600
    reads = timers * 4
    return float(
        polls * price["sqs_request"]
        + timers * (price["scheduler_invocation"] + price["lambda_request"])
        + reads * price["dynamodb_read"]
        + price["secret_month"]
    )


class LogBytes(logging.Handler):
    """Counts what the log would weigh."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0
        self._format = JsonLines()

    def emit(self, record: logging.LogRecord) -> None:
        """Count one line as it is written, with what CloudWatch adds to each."""
        self.bytes += len(self._format.format(record).encode()) + CLOUDWATCH_BYTES


def measure(quick: bool) -> list[Figure]:
    """Play the campaign and return its bill, per region."""
    from tests.scenarios.two_thousand import played

    run = played(FEW if quick else PEOPLE)
    figures = []
    for region, most in TARGET_BY_REGION.items():
        found = run.bill(region)
        dollars = sum(line.dollars for line in found)
        what = f"a million messages in {region}"
        how = f"idle: ${idle_month(region, 6):.2f} a month"
        figures.append(
            Figure(
                row="AWS bill",
                what=what,
                value=round(dollars, 2),
                unit="$",
                at_most=most,
                how=how,
                detail=f"{region}, for a million messages accepted:\n\n{table(found)}" if most else "",
            )
        )
    return figures
