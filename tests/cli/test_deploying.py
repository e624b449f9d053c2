"""deploy, destroy and secrets, as a person runs them; AWS is moto and a fake CloudFormation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import NoCredentialsError

from cli.destroying import faults_of_work
from cli.main import main
from infra.deployment.checks import Workshop
from infra.deployment.remains import Work
from infra.deployment.site import WEBHOOK_FIELDS, Tools
from tests.cli.staging import said, staged
from tests.contracts.aws_home import client_maker
from tests.fakes.cloudformation import FakeCloudFormation, read_from
from tests.fakes.quick_moto import quick_aws

REGION, ACCOUNT = "us-east-1", "123456789012"
NAME = "carillon-dev"
BUCKET = f"{NAME}-{ACCOUNT}-{REGION}"
KEPT = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
PEOPLE = {"Type": "AWS::DynamoDB::Table", **KEPT, "Properties": {"TableName": f"{NAME}-people"}}
AUDIT = {"Type": "AWS::DynamoDB::Table", **KEPT, "Properties": {"TableName": f"{NAME}-audit"}}
SEND = {"Type": "AWS::Serverless::Function", "Properties": {"MemorySize": 512}}
DEPLOY = ("deploy", "--stage", "dev")


class Account:
    """An account of AWS with what a deployment touches, and what answers at the stage's addresses."""

    def __init__(self) -> None:
        self.variables: dict[str, str] = {
            "CARILLON_TABLE_PREFIX": f"{NAME}-",
            "CARILLON_QUEUE_URL": "https://sqs/{queue}",
            "CARILLON_BUCKET": BUCKET,
            "CARILLON_SECRET": NAME,
            "CARILLON_SCHEDULER_GROUP": NAME,
            "CARILLON_SCHEDULER_ROLE": "arn:aws:iam::1:role/x",
            "CARILLON_DISPATCH_FUNCTION": "arn:aws:lambda:us-east-1:1:function:x",
        }
        make = client_maker()
        self.clients: dict[str, Any] = {
            service: make(service, Config(region_name=REGION))
            for service in ("s3", "sts", "secretsmanager", "dynamodb", "sqs")
        }
        self.cloudformation = FakeCloudFormation(read_from(self.clients["s3"]))
        self.cloudformation.outputs = {"EndpointURL": "https://api/v1/", "WebhookUrl": "https://hook/"}
        self.clients["cloudformation"] = self.cloudformation
        self.clients["lambda"] = SimpleNamespace(
            get_account_settings=lambda: {"AccountLimit": {"ConcurrentExecutions": 1_000}},
            get_function_configuration=lambda **_: {"Environment": {"Variables": self.variables}},
        )
        self.clients["scheduler"] = None
        self.clients["s3"].create_bucket(Bucket=BUCKET)
        self.resources: dict[str, Any] = {"Send": SEND, "PeopleTable": PEOPLE}
        self.code = b"code of the first release"
        self.release_seen = ""
        self._make("audit")
        self._make("people")

    def _make(self, table: str) -> None:
        from chalicelib.adapters.aws import tables
        from chalicelib.adapters.aws.table import bound

        model = {"audit": tables.AuditItem, "people": tables.PersonItem}[table]
        made = bound(model, f"{NAME}-", self.clients["dynamodb"])
        made.create_table(read_capacity_units=1, write_capacity_units=1)

    def keep_secret(self) -> None:
        """Have the stage's secret, as CloudFormation makes it."""
        values = {"WHATSAPP_TOKEN": "", "WHATSAPP_APP_SECRET": "", "WHATSAPP_VERIFY_TOKEN": "v3rify"}
        self.clients["secretsmanager"].create_secret(Name=NAME, SecretString=json.dumps(values))

    def package(self, stage: str, folder: Path) -> None:
        """Write a package: the resources and the code of now."""
        variables: dict[str, Any] = {"Environment": {"Variables": {}}}
        secret = {"Type": "AWS::SecretsManager::Secret", **KEPT, "Properties": {"Name": NAME}}
        bucket = {"Type": "AWS::S3::Bucket", **KEPT, "Properties": {"BucketName": {"Fn::Sub": "…"}}}
        template = {
            "Parameters": {"AlarmMail": {}, "MonthlyBudgetUsd": {}, "GraphUrl": {}},
            "Globals": {"Function": variables},
            "Resources": {**self.resources, "Secret": secret, "Bucket": bucket},
        }
        (folder / "sam.json").write_text(json.dumps(template))
        (folder / "deployment.zip").write_bytes(self.code)

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Answer as a deployed stage does, with the release that CloudFormation has."""
        if url.endswith("/health"):
            variables = (self.cloudformation.template or {})["Globals"]["Function"]["Environment"][
                "Variables"
            ]
            release = self.release_seen or variables["CARILLON_RELEASE"]
            return 200, json.dumps({"release": release}).encode()
        if url.startswith("https://hook") and method == "GET":
            right = "hub.verify_token=v3rify" in url
            return (200, url.rpartition("=")[2].encode()) if right else (403, b"")
        return (200 if headers.get("Authorization", "").startswith("Bearer carillon_") else 401), b"{}"

    @property
    def tools(self) -> Tools:
        return Tools(
            region=REGION,
            new_client=lambda service, config=None: self.clients[service],
            package=self.package,
            workshop=Workshop(python=(3, 11), pip=(26, 2), has_chalice=True),
            ask=self.ask,
            now=lambda: datetime(2026, 11, 21, 18, 0, len(self.cloudformation.events) % 60, tzinfo=UTC),
            look_every_seconds=0,
            smoke_tries=1,
        )


@pytest.fixture
def account() -> Iterator[Account]:
    with quick_aws():
        made = Account()
        made.keep_secret()
        yield made


@pytest.fixture
def running(account: Account) -> Account:
    """A stage that was deployed once."""
    assert staged(account.tools, *DEPLOY, "--yes")[0] == 0
    return account


def deeds(answer: Any) -> dict[str, str]:
    return {change["name"]: change["deed"] for change in answer["changes"]}


def test_a_first_deployment_shows_does_tests_and_gives_one_token(account: Account) -> None:
    status, answer = staged(account.tools, *DEPLOY, "--yes", "--alarm-mail", "a@b.example", "--budget", "200")
    assert status == 0
    assert deeds(answer) == {"Bucket": "added", "PeopleTable": "added", "Send": "added"}
    assert account.cloudformation.parameters == {"AlarmMail": "a@b.example", "MonthlyBudgetUsd": "200"}
    assert all(finding["holds"] for finding in answer["smoke"])
    assert (answer["api"], answer["webhook"]) == ("https://api/v1", "https://hook/")
    token = answer["token"]
    assert token.startswith("carillon_1_")
    kept = account.clients["s3"].get_object(Bucket=BUCKET, Key="keys/tokens/1.json")["Body"].read().decode()
    assert token not in kept
    assert token.split("_")[2] not in kept
    status, again = staged(account.tools, *DEPLOY, "--yes")
    assert (status, again["changes"], "token" in again) == (0, [], False)
    status, more = staged(account.tools, *DEPLOY, "--yes", "--new-token", "of the shop")
    assert more["token"].startswith("carillon_2_")


def test_what_people_read_has_all_that_meta_asks_for_and_the_next_commands(account: Account) -> None:
    status, out, err = said(account.tools, *DEPLOY, "--yes")
    assert (status, err) == (0, "")
    assert all(field in out for field in WEBHOOK_FIELDS)
    assert "https://hook/" in out
    assert "carillon secrets set WHATSAPP_TOKEN --stage dev" in out
    assert "carillon push campaigns --api https://api/v1" in out
    assert "v3rify" not in out


def test_a_dry_run_leaves_no_stack_and_no_change_set(account: Account) -> None:
    status, answer = staged(account.tools, *DEPLOY, "--dry-run")
    assert (status, len(answer["changes"])) == (0, 3)
    assert (account.cloudformation.status, account.cloudformation.proposed) == ("", {})


@pytest.mark.parametrize(("typed", "status"), [("y\n", 0), ("n\n", 1), ("\n", 1)])
def test_on_a_terminal_it_asks_and_only_yes_is_yes(account: Account, typed: str, status: int) -> None:
    assert said(account.tools, *DEPLOY, typed=typed)[0] == status
    assert (account.cloudformation.template is not None) is (status == 0)
    assert account.cloudformation.proposed == {}


def test_without_a_terminal_it_asks_nobody_and_says_how(account: Account) -> None:
    status, answer = staged(account.tools, *DEPLOY)
    assert (status, answer["code"], answer["next"]) == (
        1,
        "nobody_to_ask",
        "carillon deploy --stage dev --yes",
    )
    assert (account.cloudformation.status, account.cloudformation.proposed) == ("", {})


def test_all_that_is_wrong_is_said_at_once_in_the_readers_language(account: Account) -> None:
    broken = Workshop(python=(3, 9), pip=None, has_chalice=True)

    class Nobody:
        def get_caller_identity(self) -> None:
            raise NoCredentialsError()

    account.clients["sts"] = Nobody()
    tools = replace(account.tools, region="", workshop=broken)
    status, answer = staged(tools, *DEPLOY, "--yes", "--budget", "5")
    codes = [problem["code"] for problem in answer["problems"]]
    assert status == 1
    assert codes == [
        "deploy_python",
        "deploy_pip",
        "deploy_no_region",
        "deploy_budget_without_mail",
        "deploy_credentials",
    ]
    assert all(problem["next"] for problem in answer["problems"])
    assert "aucune région" in said(tools, *DEPLOY, "--yes", language="fr")[2]
    assert "لم تُحدَّد منطقة" in said(tools, *DEPLOY, "--yes", language="ar")[2]


@pytest.mark.parametrize("how", ["removed", "replaced"])
def test_a_table_is_neither_removed_nor_replaced_unless_it_is_named(running: Account, how: str) -> None:
    if how == "removed":
        del running.resources["PeopleTable"]
    else:
        running.resources["PeopleTable"] = {**PEOPLE, "Properties": {"TableName": "another"}}
    status, answer = staged(running.tools, *DEPLOY, "--yes", "--lose", "Bucket")
    assert (status, [problem["code"] for problem in answer["problems"]]) == (1, ["deploy_loses"])
    assert answer["problems"][0]["next"] == "carillon deploy --stage dev --lose PeopleTable"
    assert "PeopleTable" in running.cloudformation.template["Resources"]  # type: ignore[index]
    assert running.cloudformation.proposed == {}
    assert staged(running.tools, *DEPLOY, "--yes", "--lose", "PeopleTable")[0] == 0


def test_what_cloudformation_could_not_do_is_said_and_that_the_version_before_runs(running: Account) -> None:
    running.code = b"second"
    running.resources["Send"] = {**SEND, "Properties": {"MemorySize": 20_000}}
    running.cloudformation.breaks = {"Send": "memory is too large"}
    status, out, err = said(running.tools, *DEPLOY, "--yes")
    assert status == 1
    assert "Send: memory is too large" in err
    assert "the version before still runs" in err
    assert "cancelled" not in err
    assert "Meta" not in out
    running.cloudformation.breaks = {}
    status, answer = staged(running.tools, *DEPLOY, "--rollback", "--yes")
    assert answer["problems"][0]["code"] == "deploy_nothing_before", "what failed was never deployed"


def test_a_first_deployment_that_failed_is_in_nobodys_way(account: Account) -> None:
    account.cloudformation.breaks = {"Send": "no right to do this"}
    status, answer = staged(account.tools, *DEPLOY, "--yes")
    assert (status, answer["problems"][-1]["code"]) == (1, "deploy_end_never_made")
    account.cloudformation.breaks = {}
    assert staged(account.tools, *DEPLOY, "--yes")[0] == 0


def test_a_stage_that_answers_with_another_release_is_said_to_be_broken(account: Account) -> None:
    account.release_seen = "older"
    status, out, err = said(account.tools, *DEPLOY, "--yes")
    assert status == 1
    assert "carillon deploy --stage dev --rollback" in err
    assert "(older)" in out


def test_going_back_brings_the_code_before_and_keeps_the_tables_of_now(running: Account) -> None:
    before = running.cloudformation.template
    running.code, running.resources["AuditTable"] = b"second", AUDIT
    assert staged(running.tools, *DEPLOY, "--yes")[0] == 0
    status, answer = staged(running.tools, *DEPLOY, "--rollback", "--yes")
    assert (status, deeds(answer)) == (0, {"Send": "changed"})
    template = running.cloudformation.template
    assert before is not None
    assert template is not None
    assert template["Resources"]["Send"] == before["Resources"]["Send"]
    assert "AuditTable" in template["Resources"]
    assert all(finding["holds"] for finding in answer["smoke"])
    assert staged(running.tools, *DEPLOY, "--rollback", "--yes")[1]["code"] == "deploy_refused"


def test_a_parameter_that_the_template_does_not_have_is_refused(account: Account) -> None:
    status, answer = staged(account.tools, *DEPLOY, "--yes", "--parameter", "Colour=blue")
    assert (status, answer["problems"][0]["params"]["names"]) == (1, "Colour")
    assert "GraphUrl" in answer["message"]


def test_a_stage_that_was_removed_comes_back_with_its_people_and_its_secret(running: Account) -> None:
    status, gone = staged(
        running.tools, "destroy", "--stage", "dev", "--even-if-running", "--yes-destroy", "dev"
    )
    assert (status, running.cloudformation.status) == (0, "")
    assert {one["name"] for one in gone["kept"]} == {f"{NAME}-people", BUCKET}
    assert all(one["by_hand"] for one in gone["kept"])
    status, answer = staged(running.tools, *DEPLOY, "--yes")
    assert (status, deeds(answer)) == (
        0,
        {"Bucket": "taken_over", "PeopleTable": "taken_over", "Send": "added"},
    )
    assert "token" not in answer, "the bucket has the tokens of before"
    assert "Secret" not in running.cloudformation.template["Resources"]  # type: ignore[index]


@pytest.mark.parametrize(("typed", "status"), [("dev\n", 0), ("prod\n", 1), ("yes\n", 1), ("", 1)])
def test_only_the_stages_own_name_removes_it(running: Account, typed: str, status: int) -> None:
    words = ("destroy", "--stage", "dev", "--even-if-running")
    assert said(running.tools, *words, typed=typed)[0] == status
    assert (running.cloudformation.template is None) is (status == 0)


@pytest.mark.parametrize("more", [(), ("--yes-destroy", "prod")])
def test_nobody_is_asked_to_type_it_where_there_is_no_terminal(
    running: Account, more: tuple[str, ...]
) -> None:
    words = ("destroy", "--stage", "dev", "--even-if-running", *more)
    status, answer = staged(running.tools, *words)
    assert (status, answer["next"]) == (1, "carillon destroy --stage dev --yes-destroy dev")
    assert running.cloudformation.template is not None


def test_what_was_never_deployed_cannot_be_removed(account: Account) -> None:
    status, answer = staged(account.tools, "destroy", "--stage", "dev", "--yes-destroy", "dev")
    assert (status, answer["problems"][0]["code"]) == (1, "destroy_nothing")


def test_a_stage_in_the_middle_of_something_is_not_removed_and_everything_is_named() -> None:
    work = Work(broadcasts=("news.1", "news.2"), messages=(("send", 3),), dead=(("inbound", 1),))
    faults = faults_of_work(work, "prod")
    assert [fault.code for fault in faults] == [
        "destroy_broadcast",
        "destroy_broadcast",
        "destroy_messages",
        "destroy_dead",
        "destroy_even",
    ]
    assert faults[-1].remedy == "carillon destroy --stage prod --even-if-running"
    assert faults_of_work(Work(), "prod") == []


def test_secrets_are_piped_in_told_by_name_and_never_shown(running: Account) -> None:
    def secrets(*words: str, value: str = "") -> tuple[int, Any]:
        return staged(running.tools, "secrets", *words, "--stage", "dev", value=value)

    assert secrets("set", "WHATSAPP_APP_SECRET", value="first")[1]["old_kept"] is False
    assert secrets("set", "WHATSAPP_APP_SECRET", value="second")[1]["old_kept"] is True
    told = json.dumps(secrets("list")[1])
    assert "WHATSAPP_APP_SECRET_OLD" in told
    assert "first" not in told
    assert "second" not in told
    assert secrets("forget-old")[1]["forgotten"] is True
    assert secrets("forget-old")[1]["forgotten"] is False
    assert "WHATSAPP_APP_SECRET_OLD" not in json.dumps(secrets("list")[1])


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("WHATSAPP_TOKN", "x", "secret_unknown"),
        ("WHATSAPP_TOKEN", "", "secret_value"),
        ("WHATSAPP_TOKEN", "two\nlines", "secret_value"),
        ("WHATSAPP_TOKEN", "x" * 4_097, "secret_value"),
    ],
)
def test_a_wrong_name_or_value_is_refused_without_telling_the_value(
    running: Account, name: str, value: str, code: str
) -> None:
    status, answer = staged(running.tools, "secrets", "set", name, "--stage", "dev", value=value)
    assert (status, answer["problems"][0]["code"]) == (1, code)
    assert value not in json.dumps(answer) or len(value) < 2


@pytest.mark.parametrize(
    "words",
    [
        ("deploy",),
        ("deploy", "--stage", "staging"),
        ("deploy", "--stage", "dev", "--budget", "-1"),
        ("deploy", "--stage", "dev", "--budget", "0"),
        ("secrets", "set", "WHATSAPP_TOKEN", "the-value", "--stage", "dev"),
    ],
)
def test_wrong_usage(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words, "--json"], {}) == 2
    assert json.loads(capsys.readouterr().out)["code"] == "wrong_usage"
