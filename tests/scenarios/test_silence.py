"""Calls that nobody answers: reported, and made again only where the author took the risk."""

from __future__ import annotations

import pytest

from chalicelib.sending.answer import Answer, Message, Unknown
from chalicelib.sending.broadcast import ChunkState
from tests.scenarios.world import World

RESENDING = {"delivery": {"expires": "72h", "on_uncertain": "resend_after 48h"}}
AMINA = "+212612000000"


def silent_once(world: World) -> None:
    """Have the platform never answer the first call."""
    answers: list[Answer] = [Unknown(why="reset")]

    def script(message: Message) -> Answer | None:
        return answers.pop() if answers else None

    world.platform.script = script


def sent_into_silence(world: World, **changes: object) -> str:
    world.people(1)
    silent_once(world)
    broadcast = world.launched(**changes)
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    assert len(world.platform.sent) == 1
    return broadcast


def two_days_later(world: World) -> None:
    world.at("2026-12-03T09:00:30Z")
    world.run_until_idle()


@pytest.mark.long
def test_an_unanswered_call_is_never_made_again_by_itself(world: World) -> None:
    broadcast = sent_into_silence(world, delivery={"expires": "72h"})
    two_days_later(world)
    assert len(world.platform.sent) == 1
    report = world.report(broadcast)
    assert (report["uncertain"], report["complete"]) == (1, True)


@pytest.mark.long
def test_where_the_author_says_so_it_is_made_again_after_the_time_they_gave(world: World) -> None:
    broadcast = sent_into_silence(world, **RESENDING)
    world.at("2026-12-03T08:59:00Z")
    world.run_until_idle()
    assert len(world.platform.sent) == 1
    assert world.report(broadcast)["uncertain"] == 1
    two_days_later(world)
    assert [message.echo.rpartition("|")[2] for _, message in world.platform.sent] == ["1", "2"]
    report = world.report(broadcast)
    assert (report["accepted"], report["uncertain"], report["complete"]) == (1, 0, True)


@pytest.mark.parametrize("status", ["sent", "read"])
@pytest.mark.long
def test_a_receipt_that_tells_of_it_meanwhile_keeps_it_from_being_made_again(
    world: World, status: str
) -> None:
    broadcast = sent_into_silence(world, **RESENDING)
    world.receipt(world.status_of(0, status))
    world.run_for(seconds=1)
    two_days_later(world)
    assert len(world.platform.sent) == 1
    assert world.report(broadcast)["accepted"] == 1


@pytest.mark.long
def test_whoever_said_no_meanwhile_is_not_called_again_and_stays_uncertain(world: World) -> None:
    broadcast = sent_into_silence(world, **RESENDING)
    world.says(AMINA, "STOP")
    world.run_for(seconds=1)
    two_days_later(world)
    assert len(world.platform.sent) == 1
    report = world.report(broadcast)
    assert (report["uncertain"], report["excluded"], report["complete"]) == (1, {}, True)
    chunks = world.ports.chunks.page(broadcast).items
    assert [(chunk.release, chunk.state) for chunk in chunks] == [(1, ChunkState.DONE)] * 2


@pytest.mark.long
def test_a_lost_workers_people_are_called_again_too(world: World) -> None:
    world.people(1)
    world.platform.script = crash
    broadcast = world.launched(**RESENDING)
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle(most_seconds=30)
    world.open_worker()
    world.platform.script = lambda message: None
    world.run_until_idle()
    assert world.report(broadcast)["uncertain"] == 1
    two_days_later(world)
    assert world.report(broadcast)["accepted"] == 1
    assert len(world.platform.sent) == 1  # the crash came before the platform kept the first


class Crash(BaseException):
    """The worker is gone."""


def crash(message: Message) -> Answer | None:
    raise Crash


@pytest.mark.long
def test_a_cancelled_broadcast_calls_nobody_again(world: World) -> None:
    broadcast = sent_into_silence(world, **RESENDING)
    world.api("POST", f"/api/broadcasts/{broadcast}/cancel")
    world.run_for(seconds=10)
    two_days_later(world)
    assert len(world.platform.sent) == 1
    assert world.api("GET", f"/api/broadcasts/{broadcast}")["state"] == "cancelled"
    assert world.report(broadcast)["uncertain"] == 1
