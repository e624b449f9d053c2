"""What the functions have beside what Chalice writes: names, variables, partial batches, an address."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import app
from infra.deployment import people
from infra.deployment.stores import Resources, logical
from infra.deployment.waking import RETRIES, queue_id

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / ".chalice" / "config.json"
API = "api_handler"
"""Chalice's name of the function behind every route."""
API_ID = "APIHandler"
LOG_GROUP = "LogGroup"


@cache
def configuration() -> Mapping[str, Any]:
    """Return Chalice's configuration as the file says."""
    found: dict[str, Any] = json.loads(CONFIG.read_text("utf-8"))
    return found


def handlers() -> list[str]:
    """Return the names of all functions."""
    return list(configuration()["lambda_functions"])


def function_id(handler: str) -> str:
    """Return a function's logical name, as Chalice makes it."""
    return API_ID if handler == API else logical(handler)


def timeout_of(handler: str) -> int:
    """Return the seconds a function may take."""
    found = configuration()["lambda_functions"][handler].get("lambda_timeout")
    return int(found or configuration()["lambda_timeout"])


def memory_gb_of(handler: str) -> float:
    """Return the memory that a function is given, in GB; Lambda gives computing in proportion to it."""
    found = configuration()["lambda_functions"][handler].get("lambda_memory_size")
    return int(found or configuration()["lambda_memory_size"]) / 1_024


def sources() -> dict[str, Any]:
    """Return what feeds functions from queues: Chalice's declaration by handler name."""
    return {source.name: source for source in app.app.event_sources}


def timeouts() -> dict[str, tuple[int, int]]:
    """Return by queue the seconds its function may take, and those of its batching window."""
    return {
        source.queue: (timeout_of(handler), source.maximum_batching_window_in_seconds)
        for handler, source in sources().items()
    }


def functions(stage: str) -> Resources:
    """Return what is merged into the functions that Chalice writes."""
    made: Resources = {
        function_id(handler): {"Properties": {"FunctionName": f"carillon-{stage}-{handler}"}}
        for handler in handlers()
    }
    for handler, source in sources().items():
        made[function_id(handler)]["Properties"]["Events"] = {
            f"{logical(handler)}SqsEventSource": {
                "Properties": {
                    "Queue": {"Fn::Sub": f"${{{queue_id(source.queue)}.Arn}}"},
                    # Without it Lambda deletes the whole batch, and what failed is lost.
                    "FunctionResponseTypes": ["ReportBatchItemFailures"],
                }
            }
        }
    for handler, retries in RETRIES.items():
        made[function_id(handler)]["Properties"]["EventInvokeConfig"] = {
            "MaximumRetryAttempts": retries,
            "DestinationConfig": {
                "OnFailure": {"Type": "SQS", "Destination": {"Fn::GetAtt": ["EventsDeadQueue", "Arn"]}}
            },
        }
    # Whoever posts is known by the signature, which the handler checks over the raw bytes.
    made["Webhook"]["Properties"]["FunctionUrlConfig"] = {"AuthType": "NONE"}
    return made


def everywhere(stage: str) -> dict[str, Any]:
    """Return what all functions have in common: their variables and one log group."""
    arn = "arn:${AWS::Partition}"
    function = f"{arn}:lambda:${{AWS::Region}}:${{AWS::AccountId}}:function:carillon-{stage}"
    name = f"carillon-{stage}"
    variables: dict[str, Any] = {
        "CARILLON_TABLE_PREFIX": f"{name}-",
        "CARILLON_QUEUE_URL": {
            "Fn::Sub": f"https://sqs.${{AWS::Region}}.${{AWS::URLSuffix}}/${{AWS::AccountId}}/{name}-{{queue}}"
        },
        "CARILLON_BUCKET": {"Fn::Sub": f"{name}-${{AWS::AccountId}}-${{AWS::Region}}"},
        "CARILLON_ARCHIVE": {"Fn::Sub": f"{name}-audit-${{AWS::AccountId}}-${{AWS::Region}}"},
        "CARILLON_SECRET": name,
        "CARILLON_SCHEDULER_GROUP": name,
        "CARILLON_SCHEDULER_ROLE": {
            "Fn::Sub": f"{arn}:iam::${{AWS::AccountId}}:role/{name}-${{AWS::Region}}-scheduler"
        },
        "CARILLON_DISPATCH_FUNCTION": {"Fn::Sub": f"{function}-dispatch"},
        "CARILLON_SCHEDULES_DEAD_LETTERS": {
            "Fn::Sub": f"{arn}:sqs:${{AWS::Region}}:${{AWS::AccountId}}:{name}-schedules-dead"
        },
        "CARILLON_GRAPH_URL": {"Ref": "GraphUrl"},
        "CARILLON_EVENTS": {"Ref": "Events"},
        **people.VARIABLES,
        "CARILLON_SCHEDULE_LEAD_SECONDS": {"Ref": "ScheduleLeadSeconds"},
        "CARILLON_PLAN_TASKS": {"Ref": "PlanTasks"},
    }
    return {
        "Function": {
            "Environment": {"Variables": variables},
            "LoggingConfig": {
                "LogGroup": {"Ref": LOG_GROUP},
                "LogFormat": "JSON",
                "ApplicationLogLevel": "INFO",
                "SystemLogLevel": "WARN",  # START, END and REPORT would cost more than our own lines
            },
        }
    }
