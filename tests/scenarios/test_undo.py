"""An import is taken back as far as nobody built on it; what is a no always stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.audience.identity import EXTERNAL_ID, PHONE, Identity
from chalicelib.steps.taking_over import PEOPLE_AT_ONCE
from chalicelib.steps.undo import undo
from tests.scenarios.world import World

HEADER = "external_id,phone,first_name,tags,city,consent_whatsapp_promotions,optout_whatsapp_news\n"


def imported(world: World, *rows: str, header: str = HEADER) -> str:
    done = world.import_csv(header + "".join(f"{row}\n" for row in rows))
    assert done["invalid"] == 0
    return str(done["batch"])


def undone(world: World, batch: str) -> dict[str, int]:
    done = world.api("POST", f"/api/contacts/imports/{batch}/undo")
    assert world.status == 200, done
    counts = {name: done[name] for name in ("removed", "restored", "kept", "nothing")}
    assert sum(counts.values()) == done["people"]
    return {name: n for name, n in counts.items() if n} | {
        reason["code"]: reason["people"] for reason in done["reasons"]
    }


def contact(world: World, name: str) -> Any:
    """Return what the API shows of somebody, without dates of writing; None for nobody."""
    found = world.api("GET", f"/api/contacts/{name}")
    if world.status == 404:
        return None
    consents = {k: (c["granted_at"], c["revoked_at"]) for k, c in found["consents"].items()}
    plain = ("phone", "first_name", "tags", "lists", "attributes", "external_id", "suppressed")
    return {**{name: found[name] for name in plain}, "consents": consents}


def owners(world: World, *identities: Identity) -> int:
    return len(world.ports.book.owners(list(identities)))


A = "a,+212612000001,Amina,vip,Rabat,2026-06-01,"


def test_people_whom_an_import_created_are_removed_with_their_names(world: World) -> None:
    batch = imported(world, A, "b,+212612000002,Zoé,,,,", ",+212612000003,,,,,")
    assert undone(world, batch) == {"removed": 3}
    assert contact(world, "a") is None
    names = (Identity(PHONE, "+212612000001"), Identity(EXTERNAL_ID, "a"), Identity(PHONE, "+212612000003"))
    assert owners(world, *names) == 0
    assert undone(world, batch) == {"nothing": 3}
    imported(world, "x,+212612000001,New,,,,")
    assert contact(world, "x")["first_name"] == "New"
    assert undone(world, batch) == {"nothing": 3}
    assert contact(world, "x")["first_name"] == "New"


def test_fields_that_an_import_changed_get_their_earlier_values_back(world: World) -> None:
    imported(world, A, "b,+212612000002,Zoé,,,,")
    before = contact(world, "a")
    batch = imported(world, "a,+212612000009,Other,loyal,Fès,2026-09-01,", "b,,,,,,")
    assert contact(world, "a") != before
    assert undone(world, batch) == {"restored": 1}
    assert contact(world, "a") == before
    assert owners(world, Identity(PHONE, "+212612000009")) == 0
    assert contact(world, "%2B212612000001") == before
    assert undone(world, batch) == {"nothing": 1}


def test_what_was_changed_since_is_left_and_named(world: World) -> None:
    imported(world, A)
    batch = imported(world, "a,,Second,,Fès,,")
    world.api("PUT", "/api/contacts/a", {"first_name": "Third"})
    assert undone(world, batch) == {"kept": 1, "undo.changed_since": 1}
    after = contact(world, "a")
    assert (after["first_name"], after["attributes"]) == ("Third", {"city": "Rabat"})
    assert undone(world, batch) == {"kept": 1, "undo.changed_since": 1}


def test_imports_are_undone_in_reverse_to_where_they_began(world: World) -> None:
    imported(world, A)
    before = contact(world, "a")
    second = imported(world, "a,,Second,two,,,")
    third = imported(world, "a,,Third,three,,2026-10-01,")
    assert undone(world, third) == {"restored": 1}
    assert undone(world, second) == {"restored": 1}
    assert contact(world, "a") == before


def test_an_opt_out_since_stays_and_so_does_the_person(world: World) -> None:
    batch = imported(world, A, "b,+212612000002,Zoé,,,,")
    world.says("212612000001", "STOP")
    world.run_until_idle()
    assert undone(world, batch) == {"removed": 1, "kept": 1, "undo.opted_out": 1}
    assert any(revoked for _, revoked in contact(world, "a")["consents"].values())


def test_an_opt_out_since_stays_where_fields_go_back(world: World) -> None:
    imported(world, "a,+212612000001,Amina,,,,")
    batch = imported(world, "a,,Other,,,2026-06-01,")
    world.api(
        "PUT",
        "/api/contacts/a",
        {
            "consents": [
                {
                    "channel": "whatsapp",
                    "topic": "promotions",
                    "change": "opt_out",
                    "at": "2026-11-30T09:00:00Z",
                    "source": "shop",
                }
            ]
        },
    )
    assert undone(world, batch) == {"restored": 1}
    after = contact(world, "a")
    assert after["first_name"] == "Amina"
    assert after["consents"]["whatsapp/promotions"][0] is None
    assert after["consents"]["whatsapp/promotions"][1].startswith("2026-11-30T09:00:00")


def test_an_opt_out_that_the_import_told_stays_too(world: World) -> None:
    imported(world, "a,+212612000001,Amina,,,2026-06-01,")
    batch = imported(world, "a,,Other,,,,2026-07-01", "b,+212612000002,,,,,2026-07-01")
    assert undone(world, batch) == {
        "kept": 2,
        "undo.opt_out_stays": 1,
        "undo.opted_out": 1,
    }
    assert contact(world, "a")["first_name"] == "Amina"
    assert contact(world, "a")["consents"]["whatsapp/news"][1] is not None
    assert contact(world, "b") is not None


def test_who_was_messaged_stays_in_the_ledger_and_is_not_messaged_for_promotions_again(world: World) -> None:
    done = world.people(2)
    broadcast = world.launched()
    world.at("2026-12-01T08:59:58Z")
    world.run_until_idle()
    sent = world.report(broadcast)["accepted"]
    assert sent == 2
    assert undone(world, done["batch"]) == {"kept": 2, "undo.messaged": 2}
    assert world.report(broadcast)["accepted"] == sent
    assert world.explain(broadcast, "ma0")["outcome"] == "accepted"
    assert contact(world, "ma0")["consents"] == {}


def test_a_number_that_is_another_persons_now_is_not_taken_from_them(world: World) -> None:
    imported(world, A)
    batch = imported(world, "a,+212612000009,Amina,,,,")
    imported(world, "z,+212612000001,Zoé,,,,")
    assert undone(world, batch) == {"kept": 1, "undo.phone_taken": 1}
    assert contact(world, "a")["phone"] == "+212612000009"
    assert contact(world, "%2B212612000001")["external_id"] == "z"


def test_a_person_of_several_rows_is_undone_once(world: World) -> None:
    batch = imported(world, A, ",+212612000001,,,Fès,,", "a,,Zoé,,,,")
    assert undone(world, batch) == {"removed": 1}


class StopInBetween:
    """A book with which a STOP comes right after the first contact is removed."""

    def __init__(self, world: World, phone: str) -> None:
        self._world, self._phone, self._book = world, phone, world.ports.book
        self._is_said = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._book, name)

    def remove_all(self, contacts: Any) -> Any:
        removed = self._book.remove_all(contacts)
        if not self._is_said:
            self._is_said = True
            self._world.says(self._phone, "STOP")
            self._world.run_until_idle()
        return removed


def test_a_stop_that_comes_while_somebody_is_removed_keeps_them(world: World) -> None:
    batch = imported(world, A)
    ports = replace(world.ports, book=StopInBetween(world, "212612000001"))
    done = undo(replace(world.home, ports=ports), batch)
    assert done.by_outcome == {"removed": 0, "restored": 0, "kept": 1, "nothing": 0}
    assert contact(world, "%2B212612000001")["first_name"] == "Amina"
    assert any(revoked for _, revoked in contact(world, "a")["consents"].values())


def test_an_undo_that_died_half_way_is_finished_by_the_next(world: World) -> None:
    batch = imported(world, A, "b,+212612000002,Zoé,,,,")
    (person,) = world.ports.book.owners([Identity(EXTERNAL_ID, "a")]).values()
    held = world.ports.book.get(person)
    assert held is not None
    world.ports.book.remove_all([held])
    assert undone(world, batch) == {"removed": 2}
    assert owners(world, Identity(EXTERNAL_ID, "a"), Identity(PHONE, "+212612000001")) == 0
    assert world.ports.standings.get(person) is None


@pytest.mark.long
def test_more_people_than_one_part_of_the_journal_has_are_undone(world: World) -> None:
    count = PEOPLE_AT_ONCE + 150
    done = world.people(count)
    assert done["created"] == count
    assert undone(world, done["batch"]) == {"removed": count}


def test_an_import_that_nobody_knows_cannot_be_undone(world: World) -> None:
    for batch in ("b0", "..%2Fb0"):
        answer = world.api("POST", f"/api/contacts/imports/{batch}/undo")
        assert (world.status, answer["problems"][0]["code"]) == (404, "import_unknown")


def test_an_import_of_which_no_row_was_good_is_undone_to_nothing(world: World) -> None:
    batch = world.import_csv("phone\nnonsense\n")["batch"]
    assert undone(world, batch) == {}
