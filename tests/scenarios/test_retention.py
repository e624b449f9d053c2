"""What was kept for long enough goes; the numbers, the consents and the explanation stay, in every home."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

import pytest

from chalicelib.audience.instant import DAY_MS, to_iso
from chalicelib.errors import HomeUnavailable, Problem
from chalicelib.ports import Ports
from chalicelib.steps import audit_copying, retention
from chalicelib.steps.entrance import take_in
from chalicelib.steps.retention import MOST_MS, sweep
from chalicelib.tracking.retention import UNLAUNCHED_MS, Keeping, Kind
from tests.scenarios.test_single_sends import SHIPPED, ask
from tests.scenarios.world import World

pytestmark = pytest.mark.long

PEOPLE = 6
YEARS = 2_000
"""Days after which both ends of the usual retention are over."""


def sent(world: World, **changes: Any) -> str:
    """Let a broadcast run to its end: one is excluded, one fails, one reads it and says stop."""
    world.people(PEOPLE)
    world.import_csv("phone,external_id,first_name,country\n+212612000099,nobody,Nadia,MA\n")
    broadcast = world.launched(**changes)
    world.at("2026-12-01T08:59:59Z")
    world.run_until_idle()
    by_number = {message.to: n for n, (_, message) in enumerate(world.platform.sent)}
    assert len(by_number) == PEOPLE
    world.receipt(
        world.status_of(by_number["+212612000000"], "read"),
        world.status_of(by_number["+212612000001"], "failed", code=131026),
        world.status_of(by_number["+212612000002"], "delivered"),
    )
    world.says("+212612000000", "STOP")
    world.run_for(seconds=5)
    assert world.api("GET", f"/api/broadcasts/{broadcast}")["state"] == "completed"
    return broadcast


def later(world: World, *, days: float) -> dict[str, int]:
    """Let time pass, then sweep."""
    world.clock.advance(days * DAY_MS)
    return world.pipeline.sweep()


def objects(world: World, prefix: str) -> dict[str, bytes]:
    """Return the objects under a prefix."""
    keys = world.ports.objects.keys(prefix)
    return {key: world.ports.objects.get(key) or b"" for key in keys}


def listed(world: World) -> list[Keeping]:
    """Return everything that will have to go one day."""
    return list(world.ports.keepings.due(world.clock.now() + 2 * YEARS * DAY_MS))


def rows(world: World, broadcast: str) -> list[Any]:
    """Return the ledger's rows of a broadcast."""
    chunks = world.ports.chunks.page(broadcast).items
    return [row for chunk in chunks for row in world.ports.ledger.of_chunk(broadcast, chunk.id)]


def numbers(world: World, broadcast: str) -> dict[str, Any]:
    """Return the report without the people it names."""
    report = world.report(broadcast)
    assert world.status == 200, report
    assert report["proven"]
    assert report["complete"]
    return {name: value for name, value in report.items() if name != "uncertain_people"}


def swept_on(world: World, broadcast: str, person: str) -> tuple[str, str, str]:
    """Return a person's outcome, reason and what the gate of retention saw."""
    explained = world.explain(broadcast, person)
    [gate] = [gate["saw"] for gate in explained["gates"] if gate["gate"] == "retention"]
    return explained["outcome"], explained["reason"], gate


def test_after_400_days_the_words_numbers_and_message_ids_are_gone_and_the_evidence_is_there(
    world: World,
) -> None:
    broadcast = sent(world)
    before, consents = numbers(world, broadcast), world.explain(broadcast, "ma0")["events"]
    assert any(b"+212612000003" in body for body in objects(world, "plans/").values())
    assert later(world, days=399) == {}
    assert numbers(world, broadcast) == before
    assert len(objects(world, "plans/")) > 0
    removed = later(world, days=8)
    assert removed["broadcasts_without_personal_data"] == 1
    assert removed["message_ids"] == PEOPLE
    for body in objects(world, "plans/").values():
        assert b"+2126" not in body
        assert b"Name" not in body
    assert {row.wamid for row in rows(world, broadcast)} == {""}
    assert numbers(world, broadcast) == before
    explained = world.explain(broadcast, "ma0")
    assert explained["events"] == consents
    on = to_iso(world.clock.now())
    assert swept_on(world, broadcast, "ma0") == (
        "accepted",
        "",
        f"the words and the number: swept on {on}",
    )
    assert swept_on(world, broadcast, "ma1")[:2] == ("failed", "131026")
    assert swept_on(world, broadcast, "nobody")[:2] == ("excluded", "consent.missing")


def test_after_five_years_the_rows_are_gone_and_the_numbers_and_the_consents_are_there(world: World) -> None:
    broadcast = sent(world)
    before = numbers(world, broadcast)
    person = world.explain(broadcast, "ma0")["person"]
    consents = world.ports.consents.page(person).items
    standing = world.ports.standings.get(person)
    assert {event.change.value for event in consents} == {"opt_in", "opt_out"}
    later(world, days=YEARS)
    assert rows(world, broadcast) != []
    assert numbers(world, broadcast) == before
    later(world, days=1)
    assert rows(world, broadcast) == []
    assert world.ports.chunks.page(broadcast).items == ()
    assert objects(world, "plans/") == {}
    assert listed(world) == []
    assert numbers(world, broadcast) == before
    for name in ("ma0", "nobody"):
        swept = "everything but the report's numbers: swept on " + to_iso(world.clock.now())
        assert swept_on(world, broadcast, name) == ("swept", "retention", swept)
    assert world.ports.consents.page(person).items == consents
    assert world.ports.standings.get(person) == standing
    assert world.api("GET", f"/api/broadcasts/{broadcast}")["state"] == "completed"


def test_a_second_sweep_finds_nothing(world: World) -> None:
    sent(world)
    for days in (500, YEARS):
        assert later(world, days=days)
        assert world.pipeline.sweep() == {}


def test_an_opt_out_still_holds_when_everything_else_is_gone(world: World) -> None:
    sent(world)
    for _ in range(2):
        later(world, days=YEARS)
    world.upload(campaign="again", send_at="2037-12-01 09:00")
    assert world.plan("again")["excluded"]["consent.revoked"] == 1


@pytest.mark.parametrize("days", [500, YEARS])
def test_a_receipt_that_comes_after_the_sweep_brings_nothing_back(world: World, days: int) -> None:
    broadcast = sent(world)
    keys = [row.key for row in rows(world, broadcast)]
    later(world, days=days)
    later(world, days=days)
    before, kept = numbers(world, broadcast), rows(world, broadcast)
    world.receipt(world.status_of(0, "sent"), world.status_of(1, "sent"))
    world.step()
    assert set(world.ports.ledger.get_all(keys)) == {row.key for row in kept}  # their chunks may be gone
    assert {row.wamid for row in rows(world, broadcast)} <= {""}
    after = numbers(world, broadcast)
    for name in ("audience", "excluded", "accepted", "failed", "uncertain"):
        assert after[name] == before[name]


@pytest.mark.parametrize("act", ["pause", "none"])
def test_nothing_of_a_broadcast_that_has_not_ended_goes_however_long_it_takes(world: World, act: str) -> None:
    world.people(PEOPLE)
    broadcast = world.launched()
    if act == "pause":
        world.api("POST", f"/api/broadcasts/{broadcast}/pause")
    before = objects(world, "plans/")
    for _ in range(3):
        assert set(later(world, days=YEARS)) <= {"objects", "acts"}  # of the import
    assert objects(world, "plans/") == before
    assert world.report(broadcast)["waiting"] != {}


def test_a_campaign_that_keeps_for_shorter_goes_sooner(world: World) -> None:
    broadcast = sent(world, retention={"personal_data": "10d", "evidence": "20d"})
    assert later(world, days=9) == {}
    later(world, days=2)
    assert {row.wamid for row in rows(world, broadcast)} == {""}
    later(world, days=6)
    assert len(rows(world, broadcast)) == PEOPLE
    later(world, days=6)
    assert rows(world, broadcast) == []


def test_a_plan_nobody_launched_expires_and_the_same_campaign_can_be_planned_again(world: World) -> None:
    world.people(PEOPLE)
    world.upload(send_at="2027-06-01 09:00")
    planned = world.plan()
    assert later(world, days=UNLAUNCHED_MS / DAY_MS - 1) == {}
    assert later(world, days=8)["unlaunched_plans"] == 1
    assert objects(world, "plans/") == {}
    assert world.api("GET", f"/api/plans/{planned['plan']}")["state"] == "expired"
    world.launch(planned["hash"])
    assert world.status == 409
    again = world.plan()
    assert again["state"] == "sealed"
    assert world.launch(again["hash"])["already"] is False


def test_the_results_of_an_import_and_the_file_it_was_made_from_go_with_the_personal_data(
    world: World,
) -> None:
    world.ports.objects.put("incoming/contacts/book.csv", b"phone,first_name\n+212612000001,Amina\n")
    world.ports.objects.put("incoming/contacts/other.csv", b"phone,first_name\n+212612000002,Omar\n")
    take_in(world.home, "incoming/contacts/book.csv")
    take_in(world.home, "incoming/contacts/other.csv")
    world.ports.objects.put("incoming/contacts/other.csv", b"phone,first_name\n+212612000003,Salma\n")
    world.clock.advance(100 * DAY_MS)
    take_in(world.home, "incoming/contacts/other.csv")
    assert later(world, days=299) == {}
    later(world, days=2)
    assert world.ports.objects.get("incoming/contacts/book.csv") is None
    assert world.ports.objects.get("incoming/contacts/other.csv") is not None
    assert len(listed(world)) == 2  # the file that took the other's place, and the results of its import
    later(world, days=101)
    assert world.ports.objects.get("incoming/contacts/other.csv") is None
    assert objects(world, "imports/") == {}


def test_a_single_send_is_swept_like_a_broadcast_and_its_key_never_sends_again(world: World) -> None:
    world.people(1)
    world.upload(**SHIPPED)
    answer = ask(world)
    world.run_for(seconds=10)
    assert len(world.platform.sent) == 1
    assert later(world, days=500)["message_ids"] == 1
    assert later(world, days=YEARS)["rows"] == 1
    assert swept_whole(world, answer["send"])
    assert world.report(answer["send"])["accepted"] == 1
    assert ask(world) == answer
    world.run_for(seconds=10)
    assert len(world.platform.sent) == 1


def swept_whole(world: World, broadcast: str) -> bool:
    return rows(world, broadcast) == [] and objects(world, "plans/") == {}


def test_a_sweep_in_the_smallest_slices_ends_where_one_sweep_does(world: World) -> None:
    broadcast = sent(world)
    before = numbers(world, broadcast)
    world.clock.advance(YEARS * DAY_MS)
    slices = 0
    while not swept_whole(world, broadcast):
        sweep(world.home, most_units=1)
        assert numbers(world, broadcast) == before
        world.clock.advance(1_000)
        slices += 1
        assert slices < 100
    assert slices > 4


def test_the_journal_of_a_large_import_goes_in_slices_and_whole(world: World) -> None:
    batch = world.import_csv("phone,external_id\n+212612000001,x\n")["batch"]
    for part in range(150):
        world.ports.objects.put(f"imports/{batch}.journal/{part:05d}-09.jsonl", b"+212612000001")
    world.ports.objects.put(f"imports/{batch}0.jsonl", b"of another import")
    world.clock.advance(500 * DAY_MS)
    assert sweep(world.home, most_units=1) == {"objects": 100}
    assert len(listed(world)) == 1
    world.pipeline.sweep()
    assert objects(world, f"imports/{batch}.") == {}
    assert list(objects(world, "imports/")) == [f"imports/{batch}0.jsonl"]
    assert listed(world) == []


class SlowClock:
    """Every look at it takes ten seconds."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock

    def now(self) -> int:
        self._clock.advance(10_000)
        return int(self._clock.now())


def test_a_sweep_stops_before_a_function_on_aws_is_stopped(world: World) -> None:
    for n in range(20):
        world.import_csv(f"phone,external_id\n+2126120000{n:02d},x{n}\n")
    assert len(listed(world)) == 20
    world.clock.advance(YEARS * DAY_MS)
    slow = replace(world.home, ports=replace(world.ports, clock=SlowClock(world.clock)))
    began = world.clock.now()
    assert sweep(slow)["objects"] > 0
    assert 0 < len(listed(world)) < 20
    assert world.clock.now() - began <= MOST_MS + audit_copying.MOST_MS + 30_000
    world.pipeline.sweep()
    assert objects(world, "imports/") == {}


def test_what_cannot_be_swept_holds_up_nothing_else(world: World) -> None:
    broadcast = sent(world)
    [due] = [k for k in listed(world) if k.kind is Kind.PLAN]
    bad = replace(world.ports.plans.get(due.id), id="bad", tasks=0, parts={9: "plans/bad/none"})
    assert world.ports.plans.add(bad)
    running = world.ports.broadcasts.get(broadcast)
    other = replace(running, id=f"{running.campaign}.77", run=77, plan_id="bad")
    world.ports.plans.put(replace(bad, run=77), expected_version=1)
    assert world.ports.broadcasts.put(other, expected_version=None)
    world.ports.keepings.add(replace(due, id="bad", since=0, look_at=1))
    removed = later(world, days=500)
    assert removed["broadcasts_without_personal_data"] == 1
    assert [k.look_at > world.clock.now() for k in listed(world) if k.id == "bad"] == [True]


class Killed(BaseException):
    """The process ends here."""


WRITES = ("add", "put", "put_all", "remove", "remove_all", "set", "claim_identities", "release_identity")


class Mortal:
    """A port whose writes are counted with all others'; the process ends before or after one of them."""

    def __init__(self, port: Any, life: list[int], *, after: bool) -> None:
        self._port, self._life, self._after = port, life, after

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        if name not in WRITES:
            return method

        def mortal(*args: Any, **more: Any) -> Any:
            self._life[0] -= 1
            if self._life[0] == 0 and not self._after:
                raise Killed
            answer = method(*args, **more)
            if self._life[0] == 0:
                raise Killed
            return answer

        return mortal


def mortal(ports: Ports, life: int, *, after: bool) -> Ports:
    """Return ports of a process that ends with its write number `life`."""
    counted = [life]
    mutable = {
        *("book", "standings", "consents", "objects", "ledger"),
        *("chunks", "broadcasts", "keepings", "plans", "counters"),
    }
    wrapped = {
        f.name: Mortal(getattr(ports, f.name), counted, after=after)
        for f in fields(ports)
        if f.name in mutable
    }
    return replace(ports, **wrapped)  # type: ignore[arg-type]


def deaths() -> Iterator[tuple[int, bool]]:
    for life in range(1, 60):
        for after in (False, True):
            yield life, after


@pytest.mark.parametrize("days", [500, YEARS])
def test_a_sweep_that_is_killed_at_any_write_is_finished_by_the_next(days: int) -> None:
    survived = False
    for life, after in deaths():
        world = World()
        broadcast = sent(world)
        before = numbers(world, broadcast)
        later(world, days=days) if days == YEARS else None
        world.clock.advance(days * DAY_MS)
        home = replace(world.home, ports=mortal(world.ports, life, after=after))
        try:
            sweep(home)
            survived = True
        except Killed:
            assert numbers(world, broadcast) == before
        world.pipeline.sweep()
        assert numbers(world, broadcast) == before
        assert not any(b"Name" in body for body in objects(world, "plans/").values())
        if days == YEARS:
            assert swept_whole(world, broadcast)
            assert listed(world) == []
        else:
            assert {row.wamid for row in rows(world, broadcast)} == {""}
            assert swept_on(world, broadcast, "nobody")[:2] == ("excluded", "consent.missing")
        world.close()
        if survived:
            break
    assert survived
    assert life > 4


class Gone:
    """Objects of a store that cannot be reached."""

    def keys(self, prefix: str) -> Sequence[str]:
        raise HomeUnavailable(Problem(code="home_unavailable"))


def test_a_store_that_cannot_be_reached_ends_the_sweep_with_an_error_and_nothing_is_put_off(
    world: World,
) -> None:
    sent(world)
    world.clock.advance(500 * DAY_MS)
    gone = replace(world.home, ports=replace(world.ports, objects=Gone()))
    with pytest.raises(HomeUnavailable):
        retention.sweep(gone)
    assert world.pipeline.sweep()["broadcasts_without_personal_data"] == 1
