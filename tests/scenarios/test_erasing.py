"""A person who asks to be forgotten: nothing of theirs is left, nobody messages them, every sum proves."""

from __future__ import annotations

import sqlite3
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.audience.identity import BSUID, EXTERNAL_ID, Identity
from chalicelib.audience.identity import PHONE as PHONE_KIND
from chalicelib.audience.instant import DAY_MS, HOUR_MS
from chalicelib.planning.manifest import parts_under, root_of
from chalicelib.sending.answer import Accepted, Answer, Message, Refused
from chalicelib.steps import erasing
from chalicelib.steps.copies import FOR_EVER
from chalicelib.steps.entrance import take_in
from chalicelib.steps.imports import import_contacts
from chalicelib.steps.parts import summary_of, task_of
from chalicelib.tracking.retention import Kind
from tests.scenarios.test_retention import Killed, deaths, mortal
from tests.scenarios.test_single_sends import SHIPPED, ask
from tests.scenarios.world import World

PHONE, REFERENCE, FIRST, CITY = "+212661998877", "cust-zerhouni", "Zerhouni", "Khouribga"
HEAD = "phone,external_id,first_name,language,country,consent_whatsapp_promotions,city\n"
ROW = f"{PHONE},{REFERENCE},{FIRST},fr,MA,2026-06-01,{CITY}\n"
TRACES = ("661998877", REFERENCE, FIRST, CITY, b64encode(PHONE.encode()).decode())
"""What no byte of the home may hold; the last one is in the ids of their messages."""
NOTHING = dict.fromkeys(
    ("contacts", "names", "consents", "plans", "messages", "imports", "uploads", "unread"), 0
)
PEOPLE = 4


def with_the_number_in(message: Message) -> Answer:
    return Accepted(wamid=f"wamid.{b64encode(message.to.encode()).decode()}")


def prepared(world: World, **changes: Any) -> str:
    """Launch to five people, one of whom will ask to be forgotten."""
    world.platform.script = with_the_number_in
    world.people(PEOPLE)
    world.import_csv(HEAD + ROW)
    world.import_csv(HEAD + ROW.replace(CITY, f"{CITY}-Nord"))  # the journal has what it was before
    return world.launched(**changes)


def erase(world: World, name: str = PHONE, *, confirmed: bool = True) -> Any:
    return world.api("POST", "/api/contacts/erase", {"contact": name, "confirmed": confirmed})


def later(world: World) -> None:
    """Let the sweep look both times that it looks again."""
    for wait in (HOUR_MS, 2 * DAY_MS):
        world.clock.advance(wait)
        world.pipeline.sweep()


def numbers(world: World, broadcast: str) -> dict[str, Any]:
    report = world.report(broadcast)
    assert report["proven"]
    return {name: value for name, value in report.items() if value and name != "uncertain_people"}


def seals_hold(world: World) -> bool:
    """Say whether every part of every plan still has the root that its plan was sealed with."""
    plans = (world.ports.plans.get(keeping.id) for keeping in world.ports.keepings.due(FOR_EVER))
    keys = [key for planning in plans if planning is not None for key in planning.parts.values()]
    summaries = [summary_of(world.home, key) for key in keys]
    return bool(keys) and all(root_of(world.ports.objects.get(s.key) or b"") == s.root for s in summaries)


def traces(home: Path) -> dict[str, list[str]]:
    """Return in which files of a closed home something of the person is left."""
    database = sqlite3.connect(home / "carillon.db")
    database.execute("VACUUM")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    files = [file for file in home.rglob("*") if file.is_file()]
    assert len(files) > 3
    found = {file.name: [t for t in TRACES if t.encode() in file.read_bytes()] for file in files}
    return {name: some for name, some in found.items() if some}


@pytest.fixture
def on_disk(tmp_path: Path) -> Iterator[World]:
    made = World(path=str(tmp_path / "home"))
    yield made
    made.close()


def test_of_somebody_erased_after_their_message_no_byte_is_left_and_the_numbers_are_as_they_were(
    on_disk: World, tmp_path: Path
) -> None:
    world = on_disk
    broadcast = prepared(world)
    world.upload(**SHIPPED)
    ask(world, REFERENCE, day=CITY)
    assert world.status == 202
    world.at("2026-12-01T08:59:59Z")
    world.run_until_idle()
    world.says(PHONE, f"Merci de {CITY}", wamid=f"wamid.{TRACES[-1]}")
    world.run_for(seconds=2)
    before = numbers(world, broadcast)
    assert before["accepted"] == PEOPLE + 1
    person = world.explain(broadcast, REFERENCE)["person"]
    found = erase(world)
    assert (found["person"], found["erased"], found["done"]) == (person, True, True)
    assert found["found"] == {
        **NOTHING,
        "contacts": 1,
        "names": 2,
        "consents": 1,
        "plans": 2,
        "messages": 2,
        "imports": 2,
    }
    later(world)
    assert numbers(world, broadcast) == before
    assert seals_hold(world)
    world.close()
    assert traces(tmp_path / "home") == {}


def erased_before(world: World) -> None:
    world.at("2026-12-01T08:50:00Z")
    erase(world)
    world.at("2026-12-01T08:59:59Z")
    world.run_until_idle()


def erased_in_flight(world: World) -> None:
    def script(message: Message) -> Answer:
        if message.to == PHONE:
            erase(world, REFERENCE)
        return with_the_number_in(message)

    world.platform.script = script
    world.at("2026-12-01T08:59:59Z")
    world.run_until_idle()


def erased_behind_a_retry(world: World) -> None:
    world.platform.script = lambda m: Refused(code=131016) if m.to == PHONE else with_the_number_in(m)
    world.at("2026-12-01T08:59:59Z")
    world.run_until_idle()
    erase(world)
    world.run_for(seconds=4 * 3_600, step=60)


def erased_with_receipts_to_come(world: World) -> None:
    world.at("2026-12-01T08:59:59Z")
    world.run_until_idle()
    erase(world)
    place = next(n for n, (_, message) in enumerate(world.platform.sent) if message.to == PHONE)
    for status in ("delivered", "read"):
        world.receipt({**world.status_of(place, status), "id": f"wamid.{TRACES[-1]}"})
    world.says(PHONE, f"STOP {CITY}")
    world.run_for(seconds=2)


MOMENTS: dict[str, tuple[Any, int, tuple[str, str], dict[str, Any]]] = {
    "while waiting": (
        erased_before,
        0,
        ("excluded", "contact_erased"),
        {"accepted": PEOPLE, "excluded": {"contact_erased": 1}},
    ),
    "while in flight": (erased_in_flight, 1, ("accepted", ""), {"accepted": PEOPLE + 1}),
    "while waiting for a retry": (
        erased_behind_a_retry,
        1,
        ("excluded", "contact_erased"),
        {"accepted": PEOPLE, "excluded": {"contact_erased": 1}},
    ),
    "before their receipts": (
        erased_with_receipts_to_come,
        1,
        ("accepted", ""),
        {"accepted": PEOPLE + 1, "sent": 1, "delivered": 1, "read": 1},
    ),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_whenever_a_person_is_erased_nobody_calls_them_after_it_and_everybody_is_accounted_for(
    on_disk: World, tmp_path: Path, moment: str
) -> None:
    world = on_disk
    erased, calls, (outcome, reason), expected = MOMENTS[moment]
    broadcast = prepared(world)
    person = world.explain(broadcast, PHONE)["person"]
    erased(world)
    assert world.platform.to()[PHONE] == calls
    later(world)
    report = numbers(world, broadcast)
    assert report["complete"]
    assert {name: report.get(name) for name in expected} == expected
    for name in (PHONE, REFERENCE, person):
        explained = world.explain(broadcast, name)
        assert (explained["person"], explained["outcome"], explained["reason"]) == (person, outcome, reason)
        [gate] = explained["gates"]
        assert gate["saw"].startswith("erased on request on 2026-12-01")
        assert not any(trace in str(explained) for trace in TRACES)
    assert seals_hold(world)
    assert world.api("POST", f"/api/broadcasts/{broadcast}/verify")["adds_up"]
    assert not [k for k in world.ports.keepings.due(FOR_EVER) if k.kind is Kind.ERASURE]
    world.close()
    assert traces(tmp_path / "home") == {}


@pytest.mark.long
def test_without_a_confirmation_it_is_said_what_there_is_and_nothing_changes(world: World) -> None:
    broadcast = prepared(world)
    before = world.explain(broadcast, REFERENCE)
    for confirmed in (False, "true", 1, None):
        answer = world.api("POST", "/api/contacts/erase", {"contact": PHONE, "confirmed": confirmed})
        assert world.status == 200
        counts = {"contacts": 1, "names": 2, "consents": 1, "plans": 1, "imports": 2}
        assert answer["found"] == {**NOTHING, **counts}
        assert not answer["erased"]
    assert world.explain(broadcast, REFERENCE) == before
    assert world.api("GET", f"/api/contacts/{REFERENCE}")["attributes"] == {"city": f"{CITY}-Nord"}
    assert not [k for k in world.ports.keepings.due(FOR_EVER) if k.kind is Kind.ERASURE]


@pytest.mark.parametrize("which", ["phone", "reference", "id"])
@pytest.mark.long
def test_a_person_is_erased_by_any_name_and_again_changes_nothing(world: World, which: str) -> None:
    prepared(world)
    person = world.api("GET", f"/api/contacts/{REFERENCE}")["id"]
    name = {"phone": PHONE, "reference": REFERENCE, "id": person}[which]
    first = erase(world, name)
    assert (first["person"], first["erased"], first["already"], first["done"]) == (person, True, False, True)
    standing = world.ports.standings.get(person)
    world.clock.advance(HOUR_MS)
    for again in (PHONE, REFERENCE, person):
        for confirmed in (True, False):
            answer = erase(world, again, confirmed=confirmed)
            assert (answer["person"], answer["erased"], answer["already"]) == (person, True, True)
            assert answer["found"] == NOTHING
    assert world.ports.standings.get(person) == standing
    answer = world.api("GET", f"/api/contacts/{REFERENCE}")
    assert (world.status, answer["problems"][0]["code"]) == (404, "contact_erased")


@pytest.mark.parametrize("name", ["nobody", "+212612999999", "", "x" * 300])
@pytest.mark.long
def test_nobody_is_erased_by_a_name_that_nobody_has(world: World, name: str) -> None:
    prepared(world)
    answer = erase(world, name)
    assert (world.status, answer["problems"][0]["code"]) == (404, "contact_unknown")


def test_whoever_was_erased_does_not_come_back_by_a_file_a_statement_a_message_or_an_undo(
    world: World,
) -> None:
    broadcast = prepared(world)
    batch = world.import_csv(HEAD + ROW.replace(FIRST, "Zed"))["batch"]
    person = erase(world)["person"]
    again = world.import_csv(HEAD + ROW + f"{PHONE},another,{FIRST},fr,MA,2026-11-30,{CITY}\n")
    assert (again["rows"], again["unchanged"], again["duplicate"]) == (2, 1, 1)
    lines = world.api("GET", f"/api/contacts/imports/{again['batch']}/results")["lines"]
    assert [problem["code"] for problem in lines[1]["problems"]] == ["contact.erased"]
    said = world.api("PUT", f"/api/contacts/{REFERENCE}", {"phone": PHONE, "first_name": FIRST})
    assert (said["person"], said["verdict"]) == (person, "unchanged")
    refused = world.api("PUT", "/api/contacts/ma0", {"phone": PHONE})
    assert refused["problems"][0]["code"] == "statement.phone_taken"
    world.says(PHONE, f"START {CITY}", wamid="wamid.again")
    world.run_for(seconds=1)
    world.api("POST", f"/api/contacts/imports/{batch}/undo")
    assert world.ports.book.get(person) is None
    assert world.ports.book.owners([Identity(PHONE_KIND, PHONE), Identity(EXTERNAL_ID, "another")]) == {}
    assert world.ports.consents.page(person).items == ()
    exported = world.api("GET", "/api/contacts/export")["rows"]
    assert {row.get("external_id") for row in exported} == {f"ma{n}" for n in range(PEOPLE)}
    world.upload(campaign="another")
    assert world.plan("another")["audience"] == PEOPLE
    assert world.explain(broadcast, PHONE)["person"] == person


def test_an_uploaded_file_that_somebody_erased_is_in_goes_whole_and_no_other(world: World) -> None:
    for name, text in (("theirs", HEAD + ROW), ("others", HEAD + "+212612000077,o,O,fr,MA,2026-06-01,Fes\n")):
        world.ports.objects.put(f"incoming/contacts/{name}.csv", text.encode())
        take_in(world.home, f"incoming/contacts/{name}.csv")
    assert erase(world)["found"]["uploads"] == 1
    assert list(world.ports.objects.keys("incoming/")) == ["incoming/contacts/others.csv"]


def test_what_a_planning_that_died_and_was_done_again_left_behind_holds_nobody_erased(world: World) -> None:
    prepared(world)
    plan = next(k.id for k in world.ports.keepings.due(FOR_EVER) if k.kind is Kind.PLAN)
    planning = world.ports.plans.get(plan)
    assert planning is not None
    task = task_of(planning, erase(world, confirmed=False)["person"])
    sealed = summary_of(world.home, planning.parts[task]).key
    left = f"{parts_under(plan, task)}{'0' * 64}.jsonl"
    assert left.rpartition("-")[0] == sealed.rpartition("-")[0]
    world.ports.objects.put(left, world.ports.objects.get(sealed) or b"")
    assert erase(world)["found"]["plans"] == 2
    for key in (sealed, left):
        assert PHONE.encode() not in (world.ports.objects.get(key) or b"")
    assert seals_hold(world)


@pytest.mark.long
def test_somebody_known_by_whatsapps_own_id_alone_is_erased_with_it(world: World) -> None:
    world.webhook(
        {
            "messaging_product": "whatsapp",
            "contacts": [{"wa_id": PHONE[1:], "user_id": "MA.4711"}],
            "messages": [
                {
                    "from": PHONE[1:],
                    "from_user_id": "MA.4711",
                    "id": "wamid.1",
                    "timestamp": "1796112000",
                    "type": "text",
                    "text": {"body": "Bonjour"},
                }
            ],
        }
    )
    world.run_for(seconds=1)
    assert BSUID in [name.kind for name in world.ports.book.owners([Identity(BSUID, "MA.4711")])]
    assert erase(world)["found"]["names"] == 2
    assert world.ports.book.owners([Identity(BSUID, "MA.4711"), Identity(PHONE_KIND, PHONE)]) == {}


@pytest.mark.long
def test_what_one_request_has_no_time_for_the_sweep_does(world: World) -> None:
    prepared(world)
    done = erasing.erase(world.home, PHONE, confirmed=True, most_ms=0)
    assert (done.erased, done.done) == (True, False)
    assert world.pipeline.sweep()["copies_of_erased"] > 0
    assert erase(world)["found"] == NOTHING


@pytest.mark.long
def test_a_plan_that_cannot_be_read_keeps_nothing_else_from_being_erased(world: World) -> None:
    prepared(world)
    [good] = [k for k in world.ports.keepings.due(FOR_EVER) if k.kind is Kind.PLAN]
    planning = world.ports.plans.get(good.id)
    assert planning is not None
    assert world.ports.plans.add(replace(planning, id="bad", tasks=0))
    world.ports.keepings.add(replace(good, id="bad", look_at=1))
    found = erase(world)["found"]
    assert (found["unread"], found["plans"]) == (1, 1)


def test_an_erasure_that_is_killed_at_any_write_is_finished_by_the_sweep_or_by_asking_again() -> None:
    world = World()
    world.people(60)
    world.import_csv(
        HEAD.replace("phone,", "").replace("city", "last_name") + "ma0,Name0,fr,MA,2026-06-02,A\n"
    )
    broadcast = world.launched()
    for n, (life, after) in enumerate(deaths()):
        phone = f"+2126{12000000 + n}"
        home = replace(world.home, ports=mortal(world.ports, life, after=after))
        survived = True
        try:
            erasing.erase(home, phone, confirmed=True)
        except Killed:
            survived = False
            world.pipeline.sweep()
            if world.api("GET", f"/api/contacts/{phone}") and world.status == 200:
                assert life == 1
                assert not after
        again = erase(world, phone)
        assert again["found"] == NOTHING or life == 1, (life, after)
        bodies = [world.ports.objects.get(key) or b"" for key in world.ports.objects.keys("plans/")]
        assert not any(phone.encode() in body for body in bodies)
        if survived:
            break
    assert survived
    assert life > 8
    assert seals_hold(world)
    assert world.report(broadcast)["proven"]
    world.close()


class Meanwhile:
    """A port, before whose first call of one method something else happens whole."""

    def __init__(self, port: Any, name: str, happens: Callable[[], Any]) -> None:
        self._port, self._name, self._happens = port, name, [happens]

    def __getattr__(self, name: str) -> Any:
        if name == self._name and self._happens:
            self._happens.pop()()
        return getattr(self._port, name)


OTHER = "+212661998866"
RACES: dict[str, tuple[str, str]] = {
    "before the tombstone": ("standings", "put"),
    "before the contact goes": ("book", "remove_all"),
    "before the names go": ("book", "release_identity"),
}


@pytest.mark.parametrize("race", RACES)
def test_whoever_gets_another_number_while_they_are_erased_is_forgotten_with_it(race: str) -> None:
    world = World()
    prepared(world)
    port, method = RACES[race]
    statement = {"phone": OTHER, "first_name": FIRST}

    def renamed() -> None:
        world.api("PUT", f"/api/contacts/{REFERENCE}", statement)

    racing = replace(world.ports, **{port: Meanwhile(getattr(world.ports, port), method, renamed)})
    person = erasing.erase(replace(world.home, ports=racing), PHONE, confirmed=True).person
    names = [Identity(PHONE_KIND, PHONE), Identity(PHONE_KIND, OTHER), Identity(EXTERNAL_ID, REFERENCE)]
    assert world.ports.book.owners(names) == {}
    assert world.ports.book.get(person) is None
    world.close()


def test_an_import_that_claims_a_name_for_somebody_who_is_being_erased_leaves_no_name(world: World) -> None:
    prepared(world)
    racing = replace(world.ports, book=Meanwhile(world.ports.book, "claim_identities", lambda: erase(world)))
    row = HEAD + ROW.replace(PHONE, OTHER)
    import_contacts(replace(world.home, ports=racing), row.encode(), file="x.csv", default_country=None)
    names = [Identity(PHONE_KIND, PHONE), Identity(PHONE_KIND, OTHER), Identity(EXTERNAL_ID, REFERENCE)]
    assert world.ports.book.owners(names) == {}
    assert erase(world, OTHER)["already"]
