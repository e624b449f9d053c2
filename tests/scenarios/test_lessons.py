"""What users of other tools complained of, played: each name begins with the lesson it is of.

`tests/test_lessons.py` has the whole table; here are those that no other test shows as a whole.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from chalicelib import bootstrap
from chalicelib.audience.consent import MARKETING
from chalicelib.audience.standing import Standing
from chalicelib.pipeline import Pipeline
from chalicelib.sending.answer import Refused
from chalicelib.settings import Settings
from chalicelib.steps import effects, pace
from chalicelib.steps.home import Home
from chalicelib.steps.stops import known
from tests.scenarios.world import CAMPAIGNS, DEFINITION, World


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[World]:
    """An embedded world with a campaigns directory of its own."""
    place = tmp_path / "campaigns"
    shutil.copytree(CAMPAIGNS, place)

    class Shop(World):
        def usual_settings(self) -> Settings:
            return replace(super().usual_settings(), campaigns=place)

    made = Shop()
    yield made
    made.close()


def rewire(world: World, home: Home) -> None:
    """Let the world's handlers work in another home."""
    world.pipeline = Pipeline(home, world.run)
    bootstrap.install(world.pipeline)


def everybody_once(world: World, people: int) -> bool:
    return len(world.platform.to()) == people == len(world.platform.sent)


class Overtaken:
    """Control items of senders: before the n-th write of one, something else happens whole."""

    def __init__(self, port: Any, number: int, meanwhile: Callable[[], object]) -> None:
        self.port, self.left, self.meanwhile = port, number, meanwhile

    def __getattr__(self, name: str) -> Any:
        return getattr(self.port, name)

    def put(self, item: Any, *, expected_version: int | None) -> bool:
        self.left -= 1
        if self.left == 0:
            self.meanwhile()
        return bool(self.port.put(item, expected_version=expected_version))


@pytest.mark.parametrize("number", [1, 2])
def test_t01_a_tick_that_another_tick_overtook_hands_out_nothing(shop: World, number: int) -> None:
    shop.people(60)
    broadcast = shop.launched()
    shop.at("2026-12-01T08:59:59Z")
    while not shop.ports.timelines.page("boutique"):
        shop.runtime.fire_schedules()
        shop.clock.advance(200)
    shop.clock.advance_to(1_796_115_600_000)
    released: list[int] = []
    other = replace(shop.home, worker="other")
    overtaken = Overtaken(shop.ports.senders, number, lambda: released.append(pace.pace(other, "boutique")))
    ours = replace(shop.home, ports=replace(shop.ports, senders=overtaken))
    known(shop.home, "boutique")  # its control is written: what is counted here are the pacer's writes
    assert pace.pace(ours, "boutique") == 0
    assert released[0] > 0
    shop.run_until_idle()
    assert everybody_once(shop, 60)
    assert shop.report(broadcast)["complete"]


def test_t05_another_speed_in_the_middle_touches_no_progress(shop: World) -> None:
    shop.people(120)
    broadcast = shop.launched()
    shop.at("2026-12-01T08:59:58Z")
    for limit in (20, 300, 7, 80):
        sent = len(shop.platform.sent)
        while len(shop.platform.sent) < sent + 20:
            shop.step()
        shop.api("POST", f"/api/broadcasts/{broadcast}/pause")
        shop.run_for(seconds=2)
        file = shop.settings.campaigns / "senders.yaml"
        senders = yaml.safe_load(file.read_text())
        senders["senders"]["boutique"]["max_per_second"] = limit
        file.write_text(json.dumps(senders))
        shop.run_for(seconds=2)
        shop.api("POST", f"/api/broadcasts/{broadcast}/resume")
    shop.run_until_idle()
    assert everybody_once(shop, 120)
    report = shop.report(broadcast)
    assert (report["accepted"], report["complete"]) == (120, True)


def test_t09_what_was_due_while_everything_was_off_is_skipped_by_name_and_not_sent_late(shop: World) -> None:
    shop.people(30)
    broadcast = shop.launched(window="2h")
    shop.run_for(seconds=2)
    shop.clock.advance(6 * 3_600_000)  # nine o'clock is five hours ago
    shop.open_worker()
    shop.run_until_idle()
    report = shop.report(broadcast)
    assert shop.platform.sent == []
    assert (report["excluded"], report["complete"]) == ({"window_closed": 30}, True)


def test_t10_an_edit_in_the_middle_changes_nobodys_words_and_messages_nobody_again(shop: World) -> None:
    shop.people(150)
    broadcast = shop.launched()
    shop.at("2026-12-01T08:59:58Z")
    while len(shop.platform.sent) < 50:
        shop.step()
    parameters = {"prenom": {"value": "Madame", "fallback": "-"}, "remise": "90", "fin": "demain"}
    edited = shop.upload(
        template={
            "name": "soldes_hiver_2027",
            "parameters": parameters,
            "buttons": [
                {"type": "url", "index": 0, "value": "soldes"},
                {"type": "quick_reply", "index": 1, "payload": "STOP_PROMOS"},
            ],
        }
    )
    assert edited["version"] == 2
    shop.run_until_idle()
    assert everybody_once(shop, 150)
    assert {dict(message.parameters)["remise"] for _, message in shop.platform.sent} == {"20"}
    found = shop.ports.broadcasts.get(broadcast)
    assert found is not None
    assert found.campaign_version == 1


def test_t15_a_chunk_that_is_too_long_for_one_run_goes_on_from_the_ledger_in_the_next(shop: World) -> None:
    shop.people(90)
    broadcast = shop.launched()
    rewire(shop, replace(shop.home, settings=replace(shop.settings, longest_send_ms=150)))
    shop.at("2026-12-01T08:59:58Z")
    shop.run_until_idle()
    releases = [chunk.release for chunk in shop.ports.chunks.page(broadcast).items]
    assert min(releases) > 1
    assert everybody_once(shop, 90)
    assert shop.report(broadcast)["complete"]


class SaysNoMeanwhile:
    """Standings: after somebody was read and before they are claimed, they say no."""

    def __init__(self, port: Any, home: Home) -> None:
        self.port, self.home = port, home
        self.said: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.port, name)

    def put(self, standing: Standing, *, expected_version: int | None) -> bool:
        if not self.said:
            self.said.append(standing.person)
            effects.record_opt_out(
                self.home, standing.person, topic=MARKETING, source="keyword", detail="STOP", event_id="e1"
            )
        return bool(self.port.put(standing, expected_version=expected_version))


def test_t22_a_no_between_the_look_and_the_claim_wins_and_the_numbers_say_so(shop: World) -> None:
    shop.people(5)
    broadcast = shop.launched()
    standings = SaysNoMeanwhile(shop.ports.standings, shop.home)
    rewire(shop, replace(shop.home, ports=replace(shop.ports, standings=standings)))
    shop.at("2026-12-01T09:00:00Z")
    shop.run_until_idle()
    contact = shop.ports.book.get(standings.said[0])
    assert contact is not None
    assert contact.phone not in shop.platform.to()
    report = shop.report(broadcast)
    assert (report["accepted"], report["excluded"]) == (4, {"consent.revoked": 1})


def test_t23_a_word_that_may_be_missing_needs_another_which_whoever_lacks_it_gets(shop: World) -> None:
    shop.people(1)
    head = "phone,external_id,language,country,consent_whatsapp_promotions\n"
    shop.import_csv(f"{head}+212612000050,nameless,fr,MA,2026-06-01\n")
    template = dict(DEFINITION["template"])
    parameters = dict(template["parameters"])
    bare = {**parameters, "prenom": "{{ contact.first_name }}"}
    refused = shop.upload(template={**template, "parameters": bare})
    assert [problem["code"] for problem in refused["problems"]] == ["fallback_required"]
    shop.launched()
    shop.at("2026-12-01T09:00:00Z")
    shop.run_until_idle()
    got = {message.to: dict(message.parameters)["prenom"] for _, message in shop.platform.sent}
    assert got == {"+212612000000": "Name0", "+212612000050": "cher client"}


def test_t24_everybody_gets_their_own_name_and_not_a_neighbours(shop: World) -> None:
    shop.people(130)
    shop.launched()
    shop.at("2026-12-01T08:59:58Z")
    shop.run_until_idle()
    got = {message.to: dict(message.parameters)["prenom"] for _, message in shop.platform.sent}
    assert got == {f"+2126{12_000_000 + n}": f"Name{n}" for n in range(130)}


def test_t25_at_the_end_every_person_of_the_audience_has_an_outcome_with_its_reason(shop: World) -> None:
    shop.people(6)
    shop.import_csv("phone,external_id,first_name,country\n+212612000060,noconsent,Nadia,MA\n")
    broadcast = shop.launched()
    shop.says("+212612000001", "STOP")
    codes = {"+212612000002": 131026, "+212612000003": 131008}
    shop.platform.script = lambda m: Refused(code=codes[m.to]) if m.to in codes else None
    shop.at("2026-12-01T09:00:00Z")
    shop.run_for(seconds=420, step=10)
    said = {
        name: (found["outcome"], found["reason"])
        for name in ["noconsent", *(f"ma{n}" for n in range(6))]
        if (found := shop.explain(broadcast, name))
    }
    assert said == {
        "noconsent": ("excluded", "consent.missing"),
        "ma0": ("accepted", said["ma0"][1]),
        "ma1": ("excluded", "consent.revoked"),
        "ma2": ("failed", "131026"),
        "ma3": ("failed", "131008"),
        "ma4": ("accepted", said["ma4"][1]),
        "ma5": ("accepted", said["ma5"][1]),
    }


def test_t27_the_rows_of_an_import_are_its_verdicts_and_each_bad_one_says_why(shop: World) -> None:
    head = "phone,external_id,first_name,country\n"
    shop.import_csv(head + "+212612000001,a,Ana,MA\n+212612000002,b,Bea,MA\n")
    done = shop.import_csv(
        head
        + "+212612000001,a,Ana,MA\n"  # unchanged
        + "+212612000002,b,Beatrice,MA\n"  # updated
        + "+212612000003,c,Cleo,MA\n"  # created
        + "+212612000003,c,Cleo,MA\n"  # the same person again
        + "12,d,Dora,MA\n"  # no number
    )
    counts = {name: done[name] for name in ("created", "updated", "unchanged", "duplicate", "invalid")}
    assert counts == {"created": 1, "updated": 1, "unchanged": 1, "duplicate": 1, "invalid": 1}
    assert sum(counts.values()) == done["rows"] == 5
    lines = shop.api("GET", f"/api/contacts/imports/{done['batch']}/results")["lines"]
    assert len(lines) == 5
    (bad,) = [line for line in lines if line["verdict"] == "invalid"]
    assert bad["problems"]
