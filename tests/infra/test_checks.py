"""What must hold before a deployment, and the smoke test after it."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from botocore.exceptions import NoCredentialsError

from infra.deployment.checks import (
    Fault,
    Workshop,
    account_of,
    faults_of_limits,
    faults_of_stack,
    faults_of_wishes,
    faults_of_workshop,
    workshop,
)
from infra.deployment.ending import End, end_of
from infra.deployment.smoke import UNSIGNED, Stage, findings, settled

HERE = Workshop(python=(3, 11), pip=(26, 2), has_chalice=True)


def codes(faults: object) -> list[str]:
    return [fault.code for fault in faults]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        (HERE, []),
        (Workshop(python=(3, 10), pip=(26, 2), has_chalice=True), ["deploy_python"]),
        (Workshop(python=(3, 16), pip=(26, 2), has_chalice=True), ["deploy_python"]),
        (Workshop(python=(3, 15), pip=(9, 0), has_chalice=True), []),
        (Workshop(python=(3, 11), pip=(26, 3), has_chalice=True), ["deploy_pip"]),
        (
            Workshop(python=(3, 9), pip=None, has_chalice=False),
            ["deploy_python", "deploy_pip", "deploy_chalice"],
        ),
    ],
)
def test_everything_that_is_wrong_with_the_machine_is_told_at_once(found: Workshop, wrong: list[str]) -> None:
    faults = list(faults_of_workshop(found))
    assert codes(faults) == wrong
    assert all(fault.remedy for fault in faults)


def test_this_machine_can_package() -> None:
    assert list(faults_of_workshop(workshop())) == []


@pytest.mark.parametrize(
    ("region", "mail", "budget", "wrong"),
    [
        ("eu-west-1", "", 0, []),
        ("us-gov-west-1", "a@b.example", 200, []),
        ("", "", 0, ["deploy_no_region"]),
        ("Ireland", "", 0, ["deploy_region"]),
        ("eu-west-1", "nobody", 0, ["deploy_mail"]),
        ("", "", 5, ["deploy_no_region", "deploy_budget_without_mail"]),
    ],
)
def test_wishes_that_cannot_be_granted(region: str, mail: str, budget: float, wrong: list[str]) -> None:
    assert codes(faults_of_wishes(region, mail, budget)) == wrong


class NobodyKnown:
    def get_caller_identity(self) -> Mapping[str, str]:
        raise NoCredentialsError()


def test_without_credentials_it_is_said_how_to_get_them() -> None:
    fault = account_of(NobodyKnown())
    assert isinstance(fault, Fault)
    assert (fault.code, "aws configure" in fault.remedy) == ("deploy_credentials", True)


@pytest.mark.parametrize(
    ("status", "wrong"),
    [
        ("UPDATE_IN_PROGRESS", ["deploy_under_way"]),
        ("UPDATE_ROLLBACK_FAILED", ["deploy_stuck"]),
        ("DELETE_FAILED", ["deploy_stuck"]),
        ("ROLLBACK_COMPLETE", []),
        ("UPDATE_ROLLBACK_COMPLETE", []),
        ("", []),
    ],
)
def test_a_stack_in_the_middle_of_something_takes_no_change(status: str, wrong: list[str]) -> None:
    assert codes(faults_of_stack("carillon-dev", status, end_of(status))) == wrong


def test_a_stuck_deletion_is_finished_by_deleting() -> None:
    (fault,) = faults_of_stack("carillon-dev", "DELETE_FAILED", End.STUCK)
    assert "delete-stack" in fault.remedy


@pytest.mark.parametrize(
    ("stage", "concurrent", "wrong"),
    [
        ("dev", 10, []),
        ("prod", 10, ["deploy_concurrency"]),
        ("prod", 569, ["deploy_concurrency"]),
        ("prod", 570, []),
    ],
)
def test_a_new_account_cannot_reserve_what_production_does(
    stage: str, concurrent: int, wrong: list[str]
) -> None:
    assert codes(faults_of_limits(stage, concurrent)) == wrong


class Outside:
    """A deployed stage, as it answers from outside."""

    def __init__(self, **answers: tuple[int, bytes]) -> None:
        self.release = "abc"
        self.answers = answers
        self.asked: list[tuple[str, str]] = []

    def __call__(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        self.asked.append((method, url))
        name = self._name(method, url, headers, body)
        if name in self.answers:
            return self.answers[name]
        if name == "handshake":
            return 200, url.rpartition("hub.challenge=")[2].encode()
        usual = {"health": 200, "closed": 401, "opened": 200, "unsigned": 401}
        return usual[name], json.dumps({"release": self.release}).encode()

    @staticmethod
    def _name(method: str, url: str, headers: Mapping[str, str], body: bytes) -> str:
        if url.endswith("/health"):
            return "health"
        if url.startswith("https://hook"):
            assert method == "GET" or (body == UNSIGNED and "X-Hub-Signature-256" not in headers)
            return "handshake" if method == "GET" else "unsigned"
        return "opened" if headers.get("Authorization") == "Bearer t" else "closed"


STAGE = Stage(api="https://api", webhook="https://hook/", release="abc", verify_token="v", token="t")


def test_a_stage_that_works_answers_every_question() -> None:
    found = list(findings(STAGE, Outside()))
    assert [finding.code for finding in found] == [
        "smoke_health",
        "smoke_release",
        "smoke_closed",
        "smoke_token",
        "smoke_handshake",
        "smoke_unsigned",
    ]
    assert all(finding.holds for finding in found)


@pytest.mark.parametrize(
    ("answer", "status", "body", "wrong"),
    [
        ("health", 502, b"{}", ["smoke_health", "smoke_release"]),
        ("health", 200, b'{"release": "older"}', ["smoke_release"]),
        ("health", 0, b"nobody", ["smoke_health", "smoke_release"]),
        ("closed", 200, b"{}", ["smoke_closed"]),
        ("opened", 403, b"{}", ["smoke_token"]),
        ("handshake", 200, b"something else", ["smoke_handshake"]),
        ("handshake", 403, b"", ["smoke_handshake"]),
        ("unsigned", 200, b"", ["smoke_unsigned"]),
        ("unsigned", 500, b"", ["smoke_unsigned"]),
    ],
)
def test_each_way_to_be_broken_is_found(answer: str, status: int, body: bytes, wrong: list[str]) -> None:
    found = findings(STAGE, Outside(**{answer: (status, body)}))
    assert [finding.code for finding in found if not finding.holds] == wrong


def test_what_is_found_never_tells_the_verify_token_or_the_token() -> None:
    echo = Outside(handshake=(403, b"hub.verify_token=v3rify"))
    stage = Stage(api="https://api", webhook="https://hook/", release="abc", verify_token="v3rify")
    assert "v3rify" not in str(list(findings(stage, echo)))


def test_without_a_token_it_is_only_asked_whether_the_door_is_closed() -> None:
    stage = Stage(api="https://api", webhook="https://hook/", release="abc", verify_token="v")
    assert "smoke_token" not in [finding.code for finding in findings(stage, Outside())]


def test_a_new_address_gets_its_time_and_no_more() -> None:
    outside, pauses = Outside(health=(403, b"")), []

    def pause() -> None:
        pauses.append(1)
        if len(pauses) == 2:
            del outside.answers["health"]

    assert all(finding.holds for finding in settled(STAGE, outside, tries=5, pause=pause))
    assert len(pauses) == 2
    never = Outside(health=(403, b""))
    assert not settled(STAGE, never, tries=3, pause=lambda: None)[0].holds
    assert len([url for _, url in never.asked if url.endswith("/health")]) == 3
