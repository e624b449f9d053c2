"""Secrets in Secrets Manager: how often they are read, and two that are valid while one is rotated."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from chalicelib.adapters.aws.secrets import CACHED_MS, ManagedSecrets
from chalicelib.errors import HomeUnavailable
from chalicelib.log import log
from tests.adapters.aws.far_side import Overheard, Scripted, refused
from tests.contracts.aws_home import Deployment, on_moto
from tests.fakes import FakeClock

NONE_BEFORE = refused("ResourceNotFoundException")
"""What Secrets Manager says of AWSPREVIOUS before the first rotation."""

NAME = "WHATSAPP_APP_SECRET"


class Rotation:
    """A deployment's secret, and how often it was read."""

    def __init__(self, deployment: Deployment, overheard: Overheard, clock: FakeClock) -> None:
        self._deployment = deployment
        self._overheard = overheard
        self.clock = clock
        self.secrets = ManagedSecrets(overheard("secretsmanager", None), deployment.name, clock)
        self.text("{}")

    def text(self, text: str) -> None:
        """Store the next version of the secret."""
        known = self._deployment.secrets.list_secrets()["SecretList"]
        if known:
            self._deployment.secrets.put_secret_value(SecretId=self._deployment.name, SecretString=text)
        else:
            self._deployment.secrets.create_secret(Name=self._deployment.name, SecretString=text)

    def to(self, **values: Any) -> None:
        """Store the next version of the secret, and let pass the time for which the last is cached."""
        self.text(json.dumps(values))
        self.clock.advance(CACHED_MS)

    def reads(self) -> int:
        """Count the reads of AWS."""
        return len(self._overheard.of("GetSecretValue"))


@pytest.fixture
def rotation() -> Iterator[Rotation]:
    """An empty secret."""
    with on_moto() as deployment:
        yield Rotation(deployment, Overheard(), FakeClock())


@pytest.fixture
def warned() -> Iterator[list[str]]:
    """The events that were logged as warnings or worse."""
    heard: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: heard.append(record.getMessage())  # type: ignore[method-assign]
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.WARNING)
    yield heard
    log.setLevel(before)
    log.removeHandler(handler)


def holding(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer of Secrets Manager that holds these values."""
    return {"SecretString": json.dumps(values)}


def test_a_secret_is_read_by_its_name(rotation: Rotation) -> None:
    rotation.to(WHATSAPP_APP_SECRET="app", WHATSAPP_TOKEN="token")
    assert rotation.secrets.get("WHATSAPP_APP_SECRET") == "app"
    assert rotation.secrets.get("WHATSAPP_TOKEN") == "token"


def test_within_the_time_it_is_cached_for_a_secret_is_read_once(rotation: Rotation) -> None:
    rotation.to(WHATSAPP_APP_SECRET="app", WHATSAPP_TOKEN="token")
    for name in (NAME, "WHATSAPP_TOKEN", "NO_SUCH_SECRET"):
        rotation.secrets.get(name)
    rotation.clock.advance(CACHED_MS - 1)
    rotation.secrets.get(NAME)
    assert rotation.reads() == 2  # both versions, once


def test_after_that_time_it_is_read_again(rotation: Rotation) -> None:
    rotation.to(WHATSAPP_APP_SECRET="first")
    assert rotation.secrets.get(NAME) == "first"
    rotation.to(WHATSAPP_APP_SECRET="second")
    assert rotation.secrets.get(NAME) == "second"
    assert rotation.reads() == 4


def test_both_versions_are_cached_together(rotation: Rotation) -> None:
    rotation.to(WHATSAPP_APP_SECRET="app")
    for _ in range(3):
        rotation.secrets.get(NAME)
        rotation.secrets.get(f"{NAME}_OLD")
    assert rotation.reads() == 2


def test_before_the_first_rotation_there_is_no_old_secret() -> None:
    with on_moto() as deployment:
        deployment.secrets.create_secret(Name=deployment.name, SecretString=f'{{"{NAME}": "app"}}')
        assert deployment.home.secrets.get(f"{NAME}_OLD") is None


def test_the_old_secret_is_that_of_the_version_before(rotation: Rotation) -> None:
    rotation.to(WHATSAPP_APP_SECRET="first")
    rotation.to(WHATSAPP_APP_SECRET="second")
    assert rotation.secrets.get(f"{NAME}_OLD") == "first"


def test_a_secret_that_did_not_change_with_the_version_has_no_old_one(rotation: Rotation) -> None:
    rotation.to(WHATSAPP_APP_SECRET="app", WHATSAPP_TOKEN="first")
    rotation.to(WHATSAPP_APP_SECRET="app", WHATSAPP_TOKEN="second")
    assert rotation.secrets.get(f"{NAME}_OLD") is None
    assert rotation.secrets.get("WHATSAPP_TOKEN_OLD") == "first"


def test_an_old_secret_that_is_written_down_wins_over_the_version_before(rotation: Rotation) -> None:
    rotation.to(WHATSAPP_APP_SECRET="first")
    rotation.to(WHATSAPP_APP_SECRET="second", WHATSAPP_APP_SECRET_OLD="older")
    assert rotation.secrets.get(f"{NAME}_OLD") == "older"


def test_an_old_secret_that_is_written_down_as_empty_ends_the_rotation(rotation: Rotation) -> None:
    rotation.to(WHATSAPP_APP_SECRET="first")
    rotation.to(WHATSAPP_APP_SECRET="second", WHATSAPP_APP_SECRET_OLD="")
    assert rotation.secrets.get(f"{NAME}_OLD") is None


@pytest.mark.parametrize("unset", ["", None])
def test_an_empty_secret_is_one_that_is_not_set(rotation: Rotation, unset: str | None) -> None:
    rotation.to(WHATSAPP_APP_SECRET=unset)
    assert rotation.secrets.get(NAME) is None


def test_a_secret_that_nobody_made_yet_holds_nothing(deployment: Deployment) -> None:
    assert deployment.home.secrets.get(NAME) is None


def test_while_secrets_manager_fails_the_last_value_goes_on_and_a_warning_is_logged(
    warned: list[str],
) -> None:
    clock = FakeClock()
    client = Scripted(holding({NAME: "app"}), NONE_BEFORE, refused("InternalServiceError"))
    secrets = ManagedSecrets(client, "secret", clock)
    assert secrets.get(NAME) == "app"
    assert warned == []
    clock.advance(CACHED_MS)
    assert secrets.get(NAME) == "app"
    assert warned == ["secrets_not_refreshed"]


def test_secrets_manager_that_fails_is_not_asked_again_for_every_secret() -> None:
    clock = FakeClock()
    client = Scripted(holding({NAME: "app"}), NONE_BEFORE, refused("InternalServiceError"))
    secrets = ManagedSecrets(client, "secret", clock)
    secrets.get(NAME)
    clock.advance(CACHED_MS)
    for _ in range(5):
        secrets.get(NAME)
    assert len(client.requests) == 3


def test_a_new_value_is_taken_once_secrets_manager_answers_again() -> None:
    clock = FakeClock()
    client = Scripted(
        holding({NAME: "1"}), NONE_BEFORE, refused("InternalServiceError"), holding({NAME: "2"}), NONE_BEFORE
    )
    secrets = ManagedSecrets(client, "secret", clock)
    values = []
    for _ in range(3):
        values.append(secrets.get(NAME))
        clock.advance(CACHED_MS)
    assert values == ["1", "1", "2"]


def test_secrets_manager_that_fails_before_anything_was_read_is_an_error() -> None:
    secrets = ManagedSecrets(Scripted(refused("AccessDeniedException")), "secret", FakeClock())
    with pytest.raises(HomeUnavailable, match="AccessDeniedException"):
        secrets.get(NAME)


@pytest.mark.parametrize("text", ["not json", "[]", '"text"', "3", "null"])
def test_a_secret_that_is_no_json_object_is_an_error_that_says_so(rotation: Rotation, text: str) -> None:
    rotation.text(text)
    with pytest.raises(HomeUnavailable) as raised:
        rotation.secrets.get(NAME)
    assert raised.value.problems[0].params["detail"] == "the secret is not a JSON object"


def test_an_error_about_a_secret_does_not_tell_it(rotation: Rotation) -> None:
    rotation.text("hunter2")
    with pytest.raises(HomeUnavailable) as raised:
        rotation.secrets.get(NAME)
    assert "hunter2" not in str(raised.value)
