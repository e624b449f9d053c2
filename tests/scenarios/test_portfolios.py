"""A whole portfolio: what stops it, what lets it go on, and senders that are added to it later."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from chalicelib.settings import Settings
from chalicelib.steps import pace
from tests.scenarios.world import CAMPAIGNS, World

FIRST, SECOND, THIRD = "102290129340398", "102290129340601", "102290129340602"
STOP = "portfolio:boutique-group:ACCOUNTS_STOPPED"
BAN = {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}}
REINSTATED = {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}}


class Group(World):
    """A world whose boutique has sisters: other accounts of its portfolio."""

    def __init__(self, place: Path) -> None:
        self.place = place / "campaigns"
        shutil.copytree(CAMPAIGNS, self.place)
        self.write(second=SECOND, third=THIRD)
        super().__init__()

    def usual_settings(self) -> Settings:
        return replace(super().usual_settings(), campaigns=self.place)

    def write(self, **sisters: str) -> None:
        """Write senders.yaml with so many senders beside the boutique, each by its account."""
        listed = yaml.safe_load((CAMPAIGNS / "senders.yaml").read_text())["senders"]
        boutique = {**listed["boutique"], "inbound_reserve": 0}
        for number, (key, waba) in enumerate(sisters.items()):
            listed[key] = {**boutique, "waba_id": waba, "phone_number_id": f"1065403522490{number}"}
        (self.place / "senders.yaml").write_text(json.dumps({"senders": listed}))

    def account(self, waba: str, value: dict[str, Any]) -> None:
        """Deliver news of an account."""
        self.clock.advance(2_000)
        assert self.webhook(value, field="account_update", waba=waba, time=self.clock.now() // 1_000) == 200
        self.run_for(seconds=1)

    def stops(self) -> dict[str, list[str]]:
        """Return the senders that each stop holds."""
        return {s["stop"]: s["senders"] for s in self.api("GET", "/api/stops")["stops"]}


@pytest.fixture
def group(tmp_path: Path) -> Iterator[Group]:
    made = Group(tmp_path)
    yield made
    made.close()


def test_two_accounts_stopped_for_policy_stop_their_whole_portfolio_and_status_says_so(group: Group) -> None:
    group.people(3)
    broadcast = group.launched()
    group.account(SECOND, BAN)
    assert STOP not in group.stops()
    group.account(THIRD, BAN)
    assert group.stops()[STOP] == ["boutique", "second", "third"]
    group.at("2026-12-01T09:00:00Z")
    group.run_until_idle()
    assert group.platform.sent == []
    found = group.api("GET", f"/api/broadcasts/{broadcast}")
    assert [s["stop"] for s in found["stops"]] == [STOP]
    assert "portfolio boutique-group is stopped" in found["idle_because"]
    group.account(THIRD, REINSTATED)
    group.run_until_idle()
    assert list(group.stops()) == [f"waba:{SECOND}:DISABLED_UPDATE"]
    assert group.report(broadcast)["accepted"] == 3


def test_a_portfolio_that_a_person_lets_go_on_stays_so_until_another_account_is_stopped(group: Group) -> None:
    for waba in (SECOND, THIRD):
        group.account(waba, BAN)
    group.api("POST", "/api/stops/resume", {"stop": STOP})
    group.account(SECOND, BAN)  # told again
    group.run_for(seconds=60, step=5)
    assert STOP not in group.stops()
    group.account(FIRST, {"event": "ACCOUNT_RESTRICTION"})
    assert STOP in group.stops()


def test_when_a_person_lets_an_account_go_on_the_portfolio_follows_by_rule(group: Group) -> None:
    for waba in (SECOND, THIRD):
        group.account(waba, BAN)
    group.api("POST", "/api/stops/resume", {"stop": f"waba:{SECOND}:DISABLED_UPDATE"})
    assert list(group.stops()) == [f"waba:{THIRD}:DISABLED_UPDATE"]


def test_a_restriction_whose_end_has_come_lets_the_portfolio_go_on(group: Group) -> None:
    until = group.clock.now() // 1_000 + 600
    info = {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": until}
    group.account(SECOND, BAN)
    group.account(THIRD, {"event": "ACCOUNT_RESTRICTION", "restriction_info": [info]})
    assert STOP in group.stops()
    group.run_for(seconds=700, step=10)
    assert list(group.stops()) == [f"waba:{SECOND}:DISABLED_UPDATE"]


def test_a_sender_added_to_a_stopped_account_sends_nothing_until_the_account_goes_on(group: Group) -> None:
    group.account(FIRST, BAN)
    group.write(second=SECOND, third=THIRD, late=FIRST)
    group.people(2)
    broadcast = group.launched(sender="late")
    group.at("2026-12-01T09:00:00Z")
    group.run_until_idle()
    assert group.platform.sent == []
    assert group.stops()[f"waba:{FIRST}:DISABLED_UPDATE"] == ["boutique", "late"]
    assert group.report(broadcast)["waiting"] == {"sender_paused": 2}
    group.account(FIRST, REINSTATED)
    group.run_until_idle()
    assert group.report(broadcast)["accepted"] == 2


def test_a_senders_first_pacer_takes_the_stops_over_before_it_hands_out_anything(group: Group) -> None:
    group.account(FIRST, BAN)
    group.write(second=SECOND, third=THIRD, late=FIRST)
    group.clock.advance(2_000)
    assert pace.pace(group.home, "late") == 0
    control = group.ports.senders.get("late")
    assert control is not None
    assert "waba:DISABLED_UPDATE" in control.stopped


def test_a_sender_added_to_a_stopped_portfolio_is_stopped_and_one_moved_out_of_it_is_free(
    group: Group,
) -> None:
    for waba in (SECOND, THIRD):
        group.account(waba, BAN)
    group.write(second=SECOND, third=THIRD, late="102290129340699")
    group.run_for(seconds=120, step=10)  # a round of reconcile
    assert group.stops()[STOP] == ["boutique", "late", "second", "third"]
    group.write(second=SECOND, third="102290129340777", late="102290129340699")
    group.run_for(seconds=120, step=10)
    assert group.stops()[f"waba:{SECOND}:DISABLED_UPDATE"] == ["second"]
    assert f"waba:{THIRD}:DISABLED_UPDATE" not in group.stops()
