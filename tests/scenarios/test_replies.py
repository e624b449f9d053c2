"""A campaign's own stop words, and conversations that hold it back."""

from __future__ import annotations

import pytest

from tests.scenarios.world import World

AMINA = "+212612000000"


def sent(world: World, **changes: object) -> str:
    world.people(1)
    broadcast = world.launched(**changes)
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    assert len(world.platform.sent) == 1
    world.clock.advance(5_000)
    return broadcast


@pytest.mark.parametrize("words", ["Tranquille!", "tranquille merci", "TRANQUILLE"])
def test_a_campaigns_own_stop_word_revokes_everything(world: World, words: str) -> None:
    broadcast = sent(world, replies={"stop": ["tranquille"]})
    world.says(AMINA, words)
    world.run_for(seconds=1)
    assert world.report(broadcast)["opt_outs"] == 1
    consents = world.api("GET", "/api/contacts/ma0")["consents"]
    assert consents["whatsapp/*"]["revoked_at"] is not None


@pytest.mark.parametrize("words", ["je dis tranquille", "tranquillement", "plus", "plus tard"])
def test_other_words_revoke_nothing(world: World, words: str) -> None:
    broadcast = sent(world, replies={"stop": ["tranquille", "plus rien"]})
    world.says(AMINA, words)
    world.run_for(seconds=1)
    assert world.report(broadcast)["opt_outs"] == 0


def test_another_campaigns_word_is_no_stop_word_here(world: World) -> None:
    world.upload(campaign="other", replies={"stop": ["tranquille"]})
    broadcast = sent(world)
    world.says(AMINA, "tranquille")
    world.run_for(seconds=1)
    assert world.report(broadcast)["opt_outs"] == 0


HOLDING = {"replies": {"hold_if_live_conversation": "6h"}, "delivery": {"expires": "12h"}}


@pytest.mark.long
def test_whoever_just_wrote_gets_a_campaign_that_holds_when_the_conversation_is_over(world: World) -> None:
    world.people(2)
    world.says(AMINA, "bonjour")
    world.run_for(seconds=1)
    broadcast = world.launched(**HOLDING)
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    assert [message.to for _, message in world.platform.sent] == ["+212612000001"]
    assert world.report(broadcast)["waiting"] == {"live_conversation": 1}
    world.at("2026-12-01T14:00:30Z")
    world.run_until_idle()
    assert world.platform.to()[AMINA] == 1
    assert world.report(broadcast)["complete"]


def test_a_hold_of_zero_holds_nobody(world: World) -> None:
    world.people(1)
    world.says(AMINA, "bonjour")
    world.run_for(seconds=1)
    world.launched(replies={"hold_if_live_conversation": "0"})
    world.at("2026-12-01T09:00:00Z")
    world.run_until_idle()
    assert len(world.platform.sent) == 1


def test_who_goes_on_writing_until_it_is_too_late_is_left_out_by_name(world: World) -> None:
    world.people(1)
    world.at("2026-12-01T08:30:00Z")
    world.says(AMINA, "bonjour")
    world.run_for(seconds=1)
    broadcast = world.launched(
        replies={"hold_if_live_conversation": "2h"}, delivery={"expires": "2h"}, window="15m"
    )
    world.at("2026-12-01T09:01:00Z")
    world.says(AMINA, "encore moi", wamid="wamid.in2")
    world.run_for(seconds=1)
    assert world.report(broadcast)["waiting"] == {"live_conversation": 1}
    world.at("2026-12-01T10:31:00Z")
    world.run_until_idle()
    assert world.platform.sent == []
    assert world.report(broadcast)["excluded"] == {"live_conversation": 1}
