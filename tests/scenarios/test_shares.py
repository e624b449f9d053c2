"""Several campaigns on one sender: shares, throttles and turns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.adapters.embedded.database import MEMORY
from chalicelib.settings import Settings, aws_settings
from tests.fakes.seconds import most_in_a_second
from tests.scenarios.timetable import Timetable, running
from tests.scenarios.world import CAMPAIGNS, World

LIMIT = 80
HERE = Settings(home=Path(MEMORY), campaigns=CAMPAIGNS)
SETTINGS = {"on one machine": HERE, "on AWS": aws_settings({"CARILLON_CAMPAIGNS": str(CAMPAIGNS)})}


@pytest.fixture(params=SETTINGS)
def timetable(request: pytest.FixtureRequest) -> Iterator[Timetable]:
    world = World()
    yield Timetable(world, SETTINGS[request.param])
    world.close()


def pace_of(calls: list[float]) -> float:
    """Return how many a second were called, from the first to the last."""
    return (len(calls) - 1) / ((max(calls) - min(calls)) / 1_000)


def during(calls: list[float], others: list[float]) -> list[float]:
    """Return the calls made while `others` were."""
    return [at for at in calls if min(others) <= at <= max(others)]


def test_while_both_want_the_sender_each_has_its_share_and_then_the_other_has_all(
    timetable: Timetable,
) -> None:
    big = timetable.launch(running("big", share=0.7), 2_100)
    small = timetable.launch(running("small", share=0.3), 2_100)
    timetable.run(90)
    sent = timetable.sent
    assert (len(sent[big]), len(sent[small])) == (2_100, 2_100)
    contended = sorted(sent[big])[: 2_100 * 4 // 5]  # before its last chunks
    meanwhile = during(sent[small], contended)
    assert 0.25 < len(meanwhile) / (len(meanwhile) + len(contended)) < 0.36
    assert pace_of(sent[big] + sent[small]) > 0.95 * timetable.rate
    assert most_in_a_second(sent[big] + sent[small]) <= LIMIT


def test_shares_that_add_up_to_less_than_all_leave_nothing_unused(timetable: Timetable) -> None:
    one = timetable.launch(running("one", share=0.2), 1_200)
    two = timetable.launch(running("two", share=0.2), 1_200)
    timetable.run(60)
    assert (len(timetable.sent[one]), len(timetable.sent[two])) == (1_200, 1_200)
    assert pace_of(timetable.sent[one] + timetable.sent[two]) > 0.95 * timetable.rate


def test_alone_a_share_is_no_limit(timetable: Timetable) -> None:
    alone = timetable.launch(running("alone", share=0.2), 1_500)
    timetable.run(60)
    assert len(timetable.sent[alone]) == 1_500
    assert pace_of(timetable.sent[alone]) > 0.9 * timetable.rate


def test_a_throttled_campaign_keeps_to_its_own_rate_and_leaves_the_others_the_rest(
    timetable: Timetable,
) -> None:
    slow = timetable.launch(running("slow", most=10), 400)
    fast = timetable.launch(running("fast"), 2_000)
    timetable.run(90)
    sent = timetable.sent
    assert (len(sent[slow]), len(sent[fast])) == (400, 2_000)
    assert most_in_a_second(sent[slow]) <= 10
    assert pace_of(sent[slow]) > 0.9 * timetable.rate_at(10)
    assert pace_of(sent[fast]) > 0.9 * (timetable.rate - 10)
    assert most_in_a_second(sent[slow] + sent[fast]) <= LIMIT


def test_utility_is_served_before_any_share(timetable: Timetable) -> None:
    promo = timetable.launch(running("promo", share=0.6), 1_500)
    timetable.run(5)
    news = timetable.launch(running("news", utility=True), 750)
    timetable.run(60)
    sent = timetable.sent
    assert (len(sent[promo]), len(sent[news])) == (1_500, 750)
    assert len(during(sent[promo], sent[news])) < 0.1 * 750
    assert pace_of(sent[news]) > 0.9 * timetable.rate


def test_a_campaign_of_a_lower_priority_gets_what_shares_and_throttles_leave(timetable: Timetable) -> None:
    first = timetable.launch(running("first", most=20), 600)
    second = timetable.launch(running("second"), 1_500)
    timetable.run(60)
    assert (len(timetable.sent[first]), len(timetable.sent[second])) == (600, 1_500)
    assert pace_of(timetable.sent[first]) > 0.9 * timetable.rate_at(20)
    assert pace_of(timetable.sent[second]) > 0.9 * (timetable.rate - 20)
