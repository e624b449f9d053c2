"""What is deployed, as data: every queue has its dead letters and its alarms, every table is its model's."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from chalicelib.adapters.aws.environment import NEEDED
from chalicelib.adapters.aws.tables import MODELS
from chalicelib.authoring.actor import Role
from chalicelib.settings import EVENTS, aws_settings
from chalicelib.steps import messages
from infra.deployment.changes import DATA
from infra.deployment.functions import function_id, handlers, sources, timeout_of
from infra.deployment.policies import rights_of
from infra.deployment.releases import placed, without
from infra.deployment.sender_board import ASKED
from infra.deployment.stores import STAGE_SECRET
from infra.deployment.template import STAGES, merged
from infra.deployment.waking import DEAD_QUEUES, TIMERS, dead_id, queue_id
from infra.packaging import chaliced
from tests.adapters.aws.far_side import Overheard
from tests.contracts.aws_home import on_moto
from tests.fakes.cloudformation import NAMES
from tests.test_log_lines import rows


@cache
def packaged() -> Mapping[str, Any]:
    """Return the template of production as Chalice writes it, with a zip of no libraries."""
    with TemporaryDirectory() as folder:
        (libraries := Path(folder) / "libraries").mkdir()
        made = chaliced("prod", Path(folder) / "project", libraries, "arm64")
        template: dict[str, Any] = json.loads((made / "sam.json").read_text("utf-8"))
        return template


def resources(kind: str) -> dict[str, Any]:
    """Return what the packaged template has of a kind."""
    found = packaged()["Resources"].items()
    return {name: resource["Properties"] for name, resource in found if resource["Type"] == kind}


def test_every_table_is_made_as_its_model_says() -> None:
    overheard = Overheard()
    with on_moto(new_client=overheard):
        asked = {
            request["TableName"].removeprefix("carillon-test-"): request
            for request in overheard.of("CreateTable")
        }
    tables = resources("AWS::DynamoDB::Table").values()
    deployed = {table["TableName"].removeprefix("carillon-prod-"): table for table in tables}
    assert deployed.keys() == asked.keys()
    for name, table in deployed.items():
        assert _shape(table) == _shape(asked[name])


def _shape(table: Mapping[str, Any]) -> Any:
    def keys(part: Mapping[str, Any]) -> list[tuple[str, str]]:
        return [(key["AttributeName"], key["KeyType"]) for key in part["KeySchema"]]

    indexes = {
        kind: [(index["IndexName"], keys(index), index["Projection"]) for index in table.get(kind) or ()]
        for kind in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes")
    }
    attributes = {(a["AttributeName"], a["AttributeType"]) for a in table["AttributeDefinitions"]}
    return keys(table), indexes, attributes, table["BillingMode"]


def test_what_expires_is_what_the_models_say() -> None:
    tables = resources("AWS::DynamoDB::Table").values()
    expiring = {
        t["TableName"].removeprefix("carillon-prod-"): t["TimeToLiveSpecification"]["AttributeName"]
        for t in tables
        if "TimeToLiveSpecification" in t
    }
    models: list[Any] = list(MODELS)
    assert expiring == {m.Meta.table_name: m._ttl_attribute().attr_name for m in models if m._ttl_attribute()}


@pytest.mark.parametrize("stage", STAGES)
def test_nothing_with_data_goes_with_the_stack(stage: str) -> None:
    found = [r for r in merged(stage)["Resources"].values() if r.get("Type") in DATA]
    assert len(found) >= len(MODELS) + 2
    policies = {(r["DeletionPolicy"], r["UpdateReplacePolicy"]) for r in found}
    assert policies == {("RetainExceptOnCreate", "Retain")}


def test_tables_of_production_refuse_to_be_deleted_and_go_back_in_time() -> None:
    for table in resources("AWS::DynamoDB::Table").values():
        assert table["DeletionProtectionEnabled"]
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


@pytest.mark.parametrize("queue", messages.CONSUMED)
def test_every_queue_that_a_function_consumes_has_dead_letters_and_two_alarms(queue: str) -> None:
    queues = resources("AWS::SQS::Queue")
    redrive = queues[queue_id(queue)]["RedrivePolicy"]
    assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": [dead_id(queue), "Arn"]}
    assert queues[dead_id(queue)]["QueueName"] == f"carillon-prod-{queue}-dead"
    assert queues[dead_id(queue)]["MessageRetentionPeriod"] > queues[queue_id(queue)].get("none", 0)
    watched = {
        (dimension["Value"], alarm["MetricName"])
        for alarm in resources("AWS::CloudWatch::Alarm").values()
        for dimension in alarm.get("Dimensions", ())
    }
    assert (f"carillon-prod-{queue}", "ApproximateAgeOfOldestMessage") in watched
    assert (f"carillon-prod-{queue}-dead", "ApproximateNumberOfMessagesVisible") in watched


@pytest.mark.parametrize("name", DEAD_QUEUES)
def test_what_could_not_be_delivered_at_all_has_an_alarm(name: str) -> None:
    alarms = resources("AWS::CloudWatch::Alarm").values()
    watched = {d["Value"] for alarm in alarms for d in alarm.get("Dimensions", ())}
    assert f"carillon-prod-{name}-dead" in watched


def test_every_alarm_tells_somebody() -> None:
    assert all(
        alarm["AlarmActions"] == [{"Ref": "Alarms"}] for alarm in resources("AWS::CloudWatch::Alarm").values()
    )


def test_every_metric_of_ours_that_is_watched_or_shown_is_made_of_a_line_of_the_log() -> None:
    made = {
        change["MetricName"]
        for filter_ in resources("AWS::Logs::MetricFilter").values()
        for change in filter_["MetricTransformations"]
    }
    alarms = resources("AWS::CloudWatch::Alarm").values()
    watched = {alarm["MetricName"] for alarm in alarms if alarm.get("Namespace") == "Carillon/prod"}
    queried = {
        query["MetricStat"]["Metric"]["MetricName"]
        for alarm in alarms
        for query in alarm.get("Metrics", ())
        if "MetricStat" in query
    }
    assert watched | queried >= {"Slowed", "Stopped", "Uncertain"}
    assert watched | queried <= made
    boards = str(resources("AWS::CloudWatch::Dashboard"))
    shown = set(re.findall(r'"Carillon/prod", "(\w+)"', boards))
    assert shown <= made


@pytest.mark.parametrize("handler", sorted(sources()))
def test_every_source_says_which_messages_failed_and_waits_long_enough(handler: str) -> None:
    function = resources("AWS::Serverless::Function")[function_id(handler)]
    (source,) = function["Events"].values()
    queue = resources("AWS::SQS::Queue")[queue_id(sources()[handler].queue)]
    assert source["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["Properties"]["Queue"] == {"Fn::Sub": f"${{{queue_id(sources()[handler].queue)}.Arn}}"}
    window = source["Properties"].get("MaximumBatchingWindowInSeconds") or 0
    assert queue["VisibilityTimeout"] >= 6 * function["Timeout"] + window


def test_every_handler_is_a_function_of_its_own_with_its_own_role() -> None:
    functions = resources("AWS::Serverless::Function")
    assert set(functions) == {function_id(handler) for handler in handlers()}
    roles = [function["Role"]["Fn::GetAtt"][0] for function in functions.values()]
    assert len(set(roles)) == len(functions)
    assert all(function["Architectures"] == ["arm64"] for function in functions.values())
    assert all(
        function["Timeout"] == timeout_of(handler)
        for handler in handlers()
        for function in [functions[function_id(handler)]]
    )


def test_the_variables_are_those_that_the_home_needs() -> None:
    variables = packaged()["Globals"]["Function"]["Environment"]["Variables"]
    assert set(NEEDED) <= set(variables)


def test_the_role_of_schedules_is_called_as_the_functions_call_it() -> None:
    variables = packaged()["Globals"]["Function"]["Environment"]["Variables"]
    named = variables["CARILLON_SCHEDULER_ROLE"]["Fn::Sub"].rpartition("role/")[2]
    assert resources("AWS::IAM::Role")["SchedulerRole"]["RoleName"] == {"Fn::Sub": named}


def test_every_timer_wakes_its_function() -> None:
    targets = {s["Target"]["Arn"]["Fn::GetAtt"][0]: s for s in resources("AWS::Scheduler::Schedule").values()}
    assert set(targets) == {function_id(name) for name in TIMERS}
    assert targets["Pace"]["ScheduleExpression"] == "rate(1 minute)"
    assert targets["Sweep"]["ScheduleExpression"] == "rate(60 minutes)"


def test_nothing_refers_to_the_secret_that_an_earlier_stack_may_have_left() -> None:
    template = dict(packaged()) | {"Resources": without(packaged(), [STAGE_SECRET])["Resources"]}
    assert f'"{STAGE_SECRET}"' not in json.dumps(template)
    assert f"${{{STAGE_SECRET}" not in json.dumps(template)


def test_what_is_kept_has_a_name_that_can_be_written_out() -> None:
    names = {
        "Bucket.BucketName": "carillon-prod-1-eu-west-1",
        "AuditBucket.BucketName": "carillon-prod-audit-1-eu-west-1",
    }
    made = placed(packaged(), bucket="zips", code="a.zip", release="a", names=names)
    for resource in made["Resources"].values():
        if resource["Type"] in NAMES:
            assert isinstance(resource["Properties"][NAMES[resource["Type"]]], str), resource


def test_the_bus_is_the_only_one_that_functions_are_told_of_and_may_put_on() -> None:
    assert resources("AWS::Events::EventBus") == {"EventBus": {"Name": "carillon-prod"}}
    parameter = packaged()["Parameters"]["Events"]
    assert packaged()["Globals"]["Function"]["Environment"]["Variables"][EVENTS] == {"Ref": "Events"}
    for said in (parameter["Default"], "webhook:crm", ""):
        assert re.fullmatch(parameter["AllowedPattern"], said)
        aws_settings({EVENTS: said})
    assert not re.fullmatch(parameter["AllowedPattern"], "bus:default")


def test_an_unknown_stage_has_no_template() -> None:
    with pytest.raises(KeyError):
        merged("staging")


def test_a_table_is_warm_only_where_somebody_said_so() -> None:
    warm = {name for name, table in resources("AWS::DynamoDB::Table").items() if "WarmThroughput" in table}
    assert warm == {"DeliveriesTable"}
    condition, asked, usual = resources("AWS::DynamoDB::Table")["DeliveriesTable"]["WarmThroughput"]["Fn::If"]
    assert (condition, usual) == ("IsWarm", {"Ref": "AWS::NoValue"})
    assert asked["WriteUnitsPerSecond"] == {"Ref": "WarmWrites"}
    assert packaged()["Parameters"]["WarmWrites"]["Default"] == 0


def test_a_copy_of_the_audit_trail_is_locked_and_only_the_sweep_adds_one() -> None:
    archive = resources("AWS::S3::Bucket")["AuditBucket"]
    assert archive["VersioningConfiguration"] == {"Status": "Enabled"}
    lock = archive["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert (archive["ObjectLockEnabled"], lock["Mode"], lock["Days"]) == (
        True,
        {"Ref": "AuditLock"},
        {"Ref": "AuditLockDays"},
    )
    parameters = packaged()["Parameters"]
    assert (parameters["AuditLock"]["Default"], parameters["AuditLockDays"]["Default"]) == ("GOVERNANCE", 400)
    assert set(archive["PublicAccessBlockConfiguration"].values()) == {True}
    kept = packaged()["Resources"]["AuditBucket"]
    assert (kept["DeletionPolicy"], kept["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    policy = resources("AWS::S3::BucketPolicy")["AuditBucketPolicy"]["PolicyDocument"]["Statement"]
    assert {statement["Effect"] for statement in policy} == {"Deny"}
    tls, write, around = policy
    assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    sweep = resources("AWS::Serverless::Function")["Sweep"]["Role"]
    assert write["Condition"] == {"ArnNotEquals": {"aws:PrincipalArn": sweep}}
    assert {"s3:BypassGovernanceRetention", "s3:DeleteObjectVersion"} <= set(around["Action"])
    allowed = {(h, action) for h in handlers() for action, thing in rights_of(h) if thing == "archive"}
    assert allowed == {("sweep", "s3:PutObject")}


def test_the_dashboard_of_a_sender_reads_lines_and_fields_that_the_log_has() -> None:
    body = json.loads(resources("AWS::CloudWatch::Dashboard")["SenderDashboard"]["DashboardBody"]["Fn::Sub"])
    assert [(v["type"], v["pattern"]) for v in body["variables"]] == [("pattern", ASKED)]
    page = rows()
    for widget in body["widgets"]:
        query = widget["properties"]["query"]
        assert query.startswith("SOURCE '/carillon/prod' | filter ")
        assert ASKED in query
        lines = [page[line] for line in re.findall(r'"([a-z_]+)"', query)]
        assert lines
        fields = frozenset().union(*(line.fields for line in lines))
        listed = re.search(r"fields @timestamp, ([a-z_, ]+) \|", query)
        used = set(listed[1].split(", ")) if listed else set(re.findall(r"(?:sum|max)\((\w+)\)", query))
        assert used - {"event"} <= fields, query
        assert {"senders" if "@message like" in query else "sender"} <= fields


def test_people_sign_in_only_where_somebody_said_so_and_never_without_a_second_factor() -> None:
    assert packaged()["Parameters"]["People"]["Default"] == "no"
    (pool,) = resources("AWS::Cognito::UserPool").values()
    assert (pool["MfaConfiguration"], pool["EnabledMfas"]) == ("ON", ["SOFTWARE_TOKEN_MFA"])
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert "DeviceConfiguration" not in pool
    assert pool["DeletionProtection"] == "ACTIVE"
    (client,) = resources("AWS::Cognito::UserPoolClient").values()
    assert client["SupportedIdentityProviders"] == ["COGNITO"]
    groups = {group["GroupName"] for group in resources("AWS::Cognito::UserPoolGroup").values()}
    assert groups == {role.value for role in Role}
    for found in packaged()["Resources"].values():
        if found["Type"].startswith("AWS::Cognito::"):
            assert found["Condition"] == "HasPeople"
    variables = packaged()["Globals"]["Function"]["Environment"]["Variables"]
    for name in ("CARILLON_ISSUER", "CARILLON_CLIENT", "CARILLON_MFA"):
        assert variables[name]["Fn::If"][0::2] == ["HasPeople", ""]
    assert variables["CARILLON_MFA"]["Fn::If"][1] == "enforced"
