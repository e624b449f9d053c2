"""The secret of a stage: written, never shown; two app secrets count at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config

from chalicelib.adapters.aws.secrets import CACHED_MS, ManagedSecrets
from infra.deployment.secret_values import NoSecret, StageSecret, is_known, with_value, without_old
from tests.contracts.aws_home import client_maker
from tests.fakes import FakeClock
from tests.fakes.quick_moto import quick_aws

AT = "2026-11-21T18:00:00+00:00"


@pytest.fixture
def client() -> Iterator[Any]:
    with quick_aws():
        yield client_maker()("secretsmanager", Config())


@pytest.fixture
def secret(client: Any) -> StageSecret:
    client.create_secret(
        Name="carillon-dev", SecretString='{"WHATSAPP_TOKEN": "", "WHATSAPP_VERIFY_TOKEN": "v"}'
    )
    return StageSecret("dev", lambda service: client)


@pytest.mark.parametrize(
    ("before", "name", "value", "after"),
    [
        ({}, "WHATSAPP_APP_SECRET", "a", {"WHATSAPP_APP_SECRET": "a"}),
        (
            {"WHATSAPP_APP_SECRET": "a"},
            "WHATSAPP_APP_SECRET",
            "b",
            {"WHATSAPP_APP_SECRET": "b", "WHATSAPP_APP_SECRET_OLD": "a"},
        ),
        (
            {"WHATSAPP_APP_SECRET": "b", "WHATSAPP_APP_SECRET_OLD": "a"},
            "WHATSAPP_APP_SECRET",
            "b",
            {"WHATSAPP_APP_SECRET": "b", "WHATSAPP_APP_SECRET_OLD": "a"},
        ),
        ({"WHATSAPP_APP_SECRET": ""}, "WHATSAPP_APP_SECRET", "a", {"WHATSAPP_APP_SECRET": "a"}),
        ({"WHATSAPP_TOKEN": "a"}, "WHATSAPP_TOKEN", "b", {"WHATSAPP_TOKEN": "b"}),
    ],
)
def test_only_an_app_secret_leaves_its_old_one_beside_it(
    before: dict[str, str], name: str, value: str, after: dict[str, str]
) -> None:
    assert with_value(before, name, value) == after
    assert "WHATSAPP_APP_SECRET_OLD" not in without_old(after)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("WHATSAPP_TOKEN", True),
        ("CARILLON_WEBHOOK_INBOX_SECRET", True),
        ("WHATSAPP_TOKN", False),
        ("WHATSAPP_APP_SECRET_OLD", False),
        ("CARILLON_WEBHOOK__SECRET\n", False),
    ],
)
def test_a_name_that_nothing_reads_is_none(name: str, known: bool) -> None:
    assert is_known(name) is known


def test_the_functions_take_both_app_secrets_until_the_old_one_is_forgotten(
    secret: StageSecret, client: Any
) -> None:
    assert not secret.set("WHATSAPP_APP_SECRET", "first", AT)
    assert secret.set("WHATSAPP_APP_SECRET", "second", AT)
    secret.set(
        "WHATSAPP_TOKEN", "token", AT
    )  # one more version: AWS's own "previous" is no longer the old one
    clock = FakeClock(0)
    functions = ManagedSecrets(client, "carillon-dev", clock)

    def both() -> tuple[str | None, str | None]:
        return functions.get("WHATSAPP_APP_SECRET"), functions.get("WHATSAPP_APP_SECRET_OLD")

    assert both() == ("second", "first")
    assert secret.forget_old()
    assert both() == ("second", "first")
    clock.advance(CACHED_MS)
    assert both() == ("second", None)
    assert not secret.forget_old()


def test_names_are_told_with_when_each_was_written_and_never_a_value(secret: StageSecret) -> None:
    secret.set("WHATSAPP_TOKEN", "very-secret", AT)
    told = secret.names()
    assert [(one.name, one.is_set, one.changed_at) for one in told] == [
        ("WHATSAPP_TOKEN", True, AT),
        ("WHATSAPP_APP_SECRET", False, ""),
        ("WHATSAPP_VERIFY_TOKEN", True, ""),
    ]
    assert "very-secret" not in str(told)


def test_a_stage_that_was_never_deployed_has_no_secret(client: Any) -> None:
    nowhere = StageSecret("prod", lambda service: client)
    assert not nowhere.exists()
    with pytest.raises(NoSecret):
        nowhere.set("WHATSAPP_TOKEN", "x", AT)
