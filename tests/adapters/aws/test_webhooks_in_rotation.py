"""Webhooks on AWS while the app secret is rotated, and with what SQS would refuse."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scenarios.aws_stage import AwsStage
from tests.scenarios.world import SECRETS, World

NEWS = {"messaging_product": "whatsapp", "statuses": []}
FIRST = SECRETS["WHATSAPP_APP_SECRET"]


@pytest.fixture
def world() -> Iterator[World]:
    """A Carillon on AWS whose app secret is FIRST."""
    opened = World(stage=AwsStage)
    yield opened
    opened.close()


def rotate(world: World, secret: str) -> None:
    """Store a new app secret, and let pass the time for which the last is cached."""
    world.runtime.set_secrets({**SECRETS, "WHATSAPP_APP_SECRET": secret})


def test_during_a_rotation_a_webhook_may_be_signed_with_either_secret(world: World) -> None:
    assert world.webhook(NEWS, secret=FIRST) == 200
    rotate(world, "second")
    assert world.webhook(NEWS, secret=FIRST) == 200
    assert world.webhook(NEWS, secret="second") == 200


def test_no_third_secret_is_valid_during_a_rotation(world: World) -> None:
    rotate(world, "second")
    assert world.webhook(NEWS, secret="third") == 401


def test_after_the_next_rotation_the_first_secret_is_no_longer_valid(world: World) -> None:
    rotate(world, "second")
    rotate(world, "third")
    assert world.webhook(NEWS, secret=FIRST) == 401
    assert world.webhook(NEWS, secret="second") == 200


def test_a_webhook_with_half_a_character_in_it_is_taken(world: World) -> None:
    assert world.says("+33612345678", "STOP \ud83d") == 200
