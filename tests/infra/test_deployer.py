"""The policy of whoever deploys: it allows what a stage is made of, and nothing that is not ours."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from tests.infra.test_template import packaged

FILE = Path(__file__).parents[2] / "infra" / "samples" / "deployer-policy.json"
STATEMENTS: list[dict[str, Any]] = json.loads(FILE.read_text("utf-8"))["Statement"]
RIGHT_BY_SERVICE = {
    "AWS::ApiGateway": "apigateway:POST",
    "AWS::Budgets": "budgets:ModifyBudget",
    "AWS::CloudWatch": "cloudwatch:PutMetricAlarm",
    "AWS::Cognito": "cognito-idp:CreateUserPool",
    "AWS::DynamoDB": "dynamodb:CreateTable",
    "AWS::Events": "events:PutRule",
    "AWS::IAM": "iam:CreateRole",
    "AWS::Lambda": "lambda:CreateFunction",
    "AWS::Logs": "logs:PutMetricFilter",
    "AWS::S3": "s3:CreateBucket",
    "AWS::SNS": "sns:CreateTopic",
    "AWS::SQS": "sqs:CreateQueue",
    "AWS::Scheduler": "scheduler:CreateSchedule",
    "AWS::SecretsManager": "secretsmanager:CreateSecret",
    "AWS::Serverless": "lambda:CreateFunction",
}
OF_NO_NAME = {"Who", "Feeds", "MadeUpSecret", "LogListing", "AlarmListing", "People"}
"""Statements whose actions AWS allows for everything or not at all, or whose things have no name of ours."""


def allows(right: str) -> bool:
    return any(fnmatchcase(right, action) for statement in STATEMENTS for action in statement["Action"])


def test_everything_that_a_stage_is_made_of_may_be_made() -> None:
    services = {resource["Type"].rpartition("::")[0] for resource in packaged()["Resources"].values()}
    assert services <= set(RIGHT_BY_SERVICE)
    assert [service for service in sorted(services) if not allows(RIGHT_BY_SERVICE[service])] == []


@pytest.mark.parametrize(
    "right",
    [
        "cloudformation:CreateChangeSet",
        "cloudformation:ExecuteChangeSet",
        "cloudformation:DeleteStack",
        "cloudformation:DescribeEvents",
        "lambda:GetAccountSettings",
        "lambda:GetFunctionConfiguration",
        "lambda:CreateEventSourceMapping",
        "secretsmanager:PutSecretValue",
        "secretsmanager:TagResource",
        "iam:PassRole",
        "dynamodb:DescribeTable",
    ],
)
def test_what_the_command_itself_asks_of_aws_is_allowed(right: str) -> None:
    assert allows(right)


def test_nothing_is_allowed_on_what_is_not_ours_where_aws_has_names() -> None:
    for statement in STATEMENTS:
        if statement["Resource"] == "*":
            assert statement["Sid"] in OF_NO_NAME
            continue
        for arn in statement["Resource"]:
            ours = "carillon" in arn or arn.endswith(("Serverless-2016-10-31", "/default"))
            by_number = ":event-source-mapping:" in arn or ":apigateway:" in arn or ":alarm:" in arn
            assert ours or by_number, arn


def test_roles_are_passed_to_the_two_services_that_take_them() -> None:
    (passing,) = [statement for statement in STATEMENTS if "iam:PassRole" in statement["Action"]]
    assert passing["Condition"]["StringEquals"]["iam:PassedToService"] == [
        "lambda.amazonaws.com",
        "scheduler.amazonaws.com",
    ]
    assert not allows("iam:CreateUser")
    assert not allows("iam:CreateAccessKey")
