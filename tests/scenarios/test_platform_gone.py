"""The platform is not to be reached for ten minutes, in virtual time: who was not called is called later."""

from __future__ import annotations

import pytest

from chalicelib.audience.instant import MINUTE_MS, SECOND_MS
from chalicelib.sending.answer import Answer, Message, NotSent, Unknown
from tests.scenarios.world import World

GONE_MS = 10 * MINUTE_MS
PEOPLE, MOST_BEFORE, UNDER_WAY = 200, 60, 5
LONGEST_WAIT_MS = MINUTE_MS


@pytest.mark.long
def test_a_platform_that_is_gone_for_ten_minutes_makes_everybody_late_and_nobody_twice(world: World) -> None:
    world.people(PEOPLE)
    broadcast = world.launched(send_at="2026-12-01 09:00", timezone="Europe/Paris", pause_if=[], window="2h")
    gone_from = 0
    reached: list[str] = []
    cut: list[str] = []

    def script(message: Message) -> Answer | None:
        nonlocal gone_from
        if len(reached) == MOST_BEFORE and len(cut) < UNDER_WAY:
            gone_from = world.clock.now()
            cut.append(message.to)
            return Unknown(why="the connection broke")
        if gone_from and world.clock.now() < gone_from + GONE_MS:
            return NotSent(why="ClientConnectorError: nothing was sent")
        reached.append(message.to)
        return None

    world.platform.script = script
    world.run_for(seconds=300, step=1)
    away = world.report(broadcast)
    assert away["proven"]
    assert not away["complete"]
    assert away["waiting"]
    assert world.api("GET", f"/api/broadcasts/{broadcast}")["state"] == "running"
    world.run_for(seconds=500, step=1)
    report = world.report(broadcast)
    assert report["complete"], report
    assert report["uncertain"] == len(cut) == UNDER_WAY
    assert len(set(reached)) == len(reached) == report["accepted"] == PEOPLE - len(cut)
    assert not set(reached) & set(cut)
    last = max(at for at, message in world.platform.sent if message.to in reached)
    assert last <= gone_from + GONE_MS + LONGEST_WAIT_MS + 10 * SECOND_MS
