"""The template that `chalice package` merges into its own."""

from __future__ import annotations

from typing import Any

from infra.deployment import functions, people, stores, telling, waking, watching
from infra.deployment.sender_board import sender_dashboard

STAGES = ("dev", "prod")


def merged(stage: str) -> dict[str, Any]:
    """Return everything of a stage that Chalice does not write. Raises KeyError for an unknown stage."""
    return {
        "Description": f"Carillon, stage {stage}: WhatsApp campaigns at each recipient's own hour",
        "Parameters": {
            **telling.parameter(stage),
            **people.PARAMETER,
            **stores.LOCK_PARAMETERS,
            "AlarmMail": {
                "Type": "String",
                "Default": "",
                "Description": "Who is told of alarms and of the budget; nobody when empty",
            },
            "MonthlyBudgetUsd": {
                "Type": "Number",
                "Default": 0,
                "Description": "At four fifths of it a mail is sent; 0 for none",
            },
            "ScheduleLeadSeconds": {
                "Type": "Number",
                "Default": 120,
                "MinValue": 1,
                "MaxValue": 3600,
                "Description": "How long before its instant a wave is woken: Scheduler takes up to a minute",
            },
            "PlanTasks": {
                "Type": "Number",
                "Default": 64,
                "MinValue": 1,
                "MaxValue": 256,
                "Description": "Tasks that a plan is cut into; with few a small book's chunks are larger",
            },
            "WarmWrites": {
                "Type": "Number",
                "Default": 0,
                "MinValue": 0,
                "MaxValue": 40000,
                "Description": "Writes a second that deliveries take at once, from 4000 on; 0: as it grows",
            },
            "GraphUrl": {
                "Type": "String",
                "Default": "https://graph.facebook.com",
                "Description": "Where messages are sent to: the Graph API, or a provider in between",
            },
        },
        "Conditions": {
            **people.CONDITION,
            "IsWarm": {"Fn::Not": [{"Fn::Equals": [{"Ref": "WarmWrites"}, 0]}]},
            "HasMail": {"Fn::Not": [{"Fn::Equals": [{"Ref": "AlarmMail"}, ""]}]},
            "HasBudget": {
                "Fn::And": [
                    {"Condition": "HasMail"},
                    {"Fn::Not": [{"Fn::Equals": [{"Ref": "MonthlyBudgetUsd"}, 0]}]},
                ]
            },
        },
        "Globals": functions.everywhere(stage),
        "Resources": {
            **stores.tables(stage),
            **stores.bucket(stage),
            **stores.audit_bucket(stage),
            **stores.secret(stage),
            **waking.queues(stage, functions.timeouts()),
            **waking.schedules(stage),
            **functions.functions(stage),
            **telling.bus(stage),
            **people.pool(stage),
            **watching.logs(stage),
            **watching.alarms(stage),
            **watching.dashboard(stage),
            **sender_dashboard(stage),
            **watching.budget(stage),
        },
        "Outputs": {
            "WebhookUrl": {
                "Description": "Callback URL for Meta's console",
                "Value": {"Fn::GetAtt": ["WebhookUrl", "FunctionUrl"]},
            },
            "BucketName": {"Value": {"Ref": "Bucket"}},
            "AuditBucketName": {"Value": {"Ref": "AuditBucket"}},
            "SecretName": {"Value": f"carillon-{stage}"},
            "EventBusName": {"Value": {"Ref": "EventBus"}},
            **people.OUTPUTS,
        },
    }
