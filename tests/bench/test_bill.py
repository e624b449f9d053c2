"""The bill: what is told of it is what was measured, and an idle month is what the template says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from bench._figures import ROOT
from bench.bill import PRICES, idle_dollars, idle_units
from cli.estimating import estimate_of, region_of
from infra.deployment.functions import configuration, handlers, memory_gb_of, sources
from infra.deployment.template import merged


def measured() -> Mapping[str, float]:
    """Return the dollars of a million messages by region, as docs/benchmarks.json has them."""
    found: dict[str, float] = {}

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if node.get("row") == "AWS bill":
                found[str(node["what"]).rpartition(" ")[2]] = float(node["value"])
            for part in node.values():
                walk(part)
        elif isinstance(node, list):
            for part in node:
                walk(part)

    walk(json.loads((ROOT / "docs" / "benchmarks.json").read_text("utf-8")))
    return found


def test_what_a_plan_tells_is_what_the_benchmark_measured() -> None:
    told = yaml.safe_load(PRICES.read_text("utf-8"))["per_million_messages"]
    assert told == pytest.approx(measured())


@pytest.mark.parametrize(
    ("api", "region"),
    [
        ("https://a1b2c3.execute-api.eu-west-1.amazonaws.com/v1", "eu-west-1"),
        ("https://a1b2c3.execute-api.us-east-1.amazonaws.com", "us-east-1"),
        ("https://execute-api.eu-west-1.amazonaws.com.evil.example/v1", ""),
        ("http://127.0.0.1:8000", ""),
        ("", ""),
    ],
)
def test_only_an_address_on_aws_names_a_region(api: str, region: str) -> None:
    assert region_of(api) == region


def test_an_estimate_grows_with_the_messages_and_says_of_when_its_prices_are() -> None:
    api = "https://a.execute-api.us-east-1.amazonaws.com/v1"
    price = measured()["us-east-1"]
    assert estimate_of(api, 2_000_000)["usd"] == pytest.approx(2 * price)
    assert estimate_of(api, 0)["usd"] == 0
    assert estimate_of(api, 1)["as_of"]
    assert estimate_of("https://a.execute-api.ap-south-1.amazonaws.com/v1", 1_000) == {}


def test_memory_is_what_is_deployed() -> None:
    assert (
        memory_gb_of("webhook")
        == configuration()["lambda_functions"]["webhook"]["lambda_memory_size"] / 1_024
    )
    assert memory_gb_of("send") == configuration()["lambda_memory_size"] / 1_024
    assert all(memory_gb_of(handler) > 0 for handler in handlers())


def test_an_idle_month_counts_every_alarm_metric_timer_and_queue_of_the_template() -> None:
    resources = [found.get("Type") for found in merged("prod")["Resources"].values()]
    units = idle_units()
    assert units["alarms"] >= resources.count("AWS::CloudWatch::Alarm")
    assert units["metrics"] == resources.count("AWS::Logs::MetricFilter")
    assert units["dashboards"] == resources.count("AWS::CloudWatch::Dashboard")
    assert units["secrets"] == resources.count("AWS::SecretsManager::Secret")
    minutes_of_a_month = 30 * 24 * 60
    assert units["schedule_invocations"] == 2 * minutes_of_a_month + minutes_of_a_month / 60
    assert units["polls"] == len(sources()) * 5 * minutes_of_a_month * 3
    assert sum(idle_dollars("us-east-1").values()) < 15


def test_every_kind_in_the_template_that_costs_while_idle_is_known() -> None:
    """A kind that is new to the template is looked at here once: does it cost something that nobody uses?"""
    priced = {
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::Dashboard",
        "AWS::Logs::MetricFilter",
        "AWS::Scheduler::Schedule",
        "AWS::SecretsManager::Secret",
    }
    free_while_idle = {
        "AWS::Budgets::Budget",  # two are free
        "AWS::Cognito::UserPool",  # by people who sign in
        "AWS::Cognito::UserPoolClient",
        "AWS::Cognito::UserPoolGroup",
        "AWS::Cognito::UserPoolDomain",
        "AWS::DynamoDB::Table",
        "AWS::Events::EventBus",
        "AWS::Events::Rule",
        "AWS::IAM::Role",
        "AWS::Lambda::Permission",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
        "AWS::SNS::Subscription",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
        "AWS::SQS::QueuePolicy",
        "AWS::Scheduler::ScheduleGroup",
        None,  # functions: what Chalice writes, with its API
    }
    kinds = {found.get("Type") for found in merged("prod")["Resources"].values()}
    assert kinds <= priced | free_while_idle
