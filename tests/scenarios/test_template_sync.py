"""`templates sync`: what the platform says of our templates is kept, and every difference is told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.world import World

NAME, KEY = "soldes_hiver_2027", "soldes_hiver_2027.fr"


def sync(world: World, **body: Any) -> Any:
    return world.api("POST", "/api/templates/sync", body)


def told_of(answer: Any, name: str = NAME, language: str = "fr") -> Any:
    return next(t for t in answer["templates"] if (t["name"], t["language"]) == (name, language))


def test_each_account_is_listed_once_and_a_second_sync_has_nothing_to_tell(world: World) -> None:
    first = sync(world)
    accounts = [(a["waba"], a["senders"], a["failed"]) for a in first["accounts"]]
    assert accounts == [(s.waba_id, [key], "") for key, s in world.home.rules().senders.items()]
    assert first["changes"] == {"new": len(first["templates"])}
    row = told_of(first)
    assert (row["status"], row["category"], row["quality"], row["file"]) == (
        "APPROVED",
        "MARKETING",
        "GREEN",
        "same",
    )
    assert sync(world)["changes"] == {}


def test_one_senders_account_is_listed_alone(world: World) -> None:
    answer = sync(world, sender="clinique")
    assert [a["waba"] for a in answer["accounts"]] == ["102290129340399"]
    sync(world, sender="nobody")
    assert world.status == 409


def test_a_listing_of_many_pages_is_read_to_its_end(world: World) -> None:
    whole = sync(world, sender="boutique")
    world.listing.limit = 2
    calls = len(world.listing.calls)
    again = sync(world, sender="boutique")
    assert len(world.listing.calls) - calls == (len(whole["templates"]) + 1) // 2
    assert (again["templates"], again["changes"]) == (
        [{**row, "changes": []} for row in whole["templates"]],
        {},
    )


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"templates": {KEY: "PAUSED"}}, {"what": "status", "was": "APPROVED", "now": "PAUSED"}),
        ({"categories": {KEY: "UTILITY"}}, {"what": "category", "was": "MARKETING", "now": "UTILITY"}),
        ({"qualities": {KEY: "RED"}}, {"what": "quality", "was": "GREEN", "now": "RED"}),
    ],
)
def test_what_changed_on_the_platform_is_told_once(world: World, changes: Any, what: Any) -> None:
    sync(world)
    world.clock.advance(60_000)
    world.listing.becomes(**changes)
    answer = sync(world, sender="boutique")
    assert (answer["changes"], told_of(answer)["changes"]) == ({what["what"]: 1}, [what])
    assert sync(world, sender="boutique")["changes"] == {}


def test_other_words_than_the_files_are_told_at_every_sync_until_the_file_has_them(world: World) -> None:
    world.listing.becomes(bodies={KEY: "Bonsoir {{prenom}} {{remise}} {{fin}}. STOP"})
    for _ in range(2):
        answer = sync(world, sender="boutique", texts=True)
        assert (told_of(answer)["file"], answer["changes"]["differs"]) == ("differs", 1)
        world.clock.advance(60_000)
    row = told_of(answer)
    assert row["template"]["components"][0]["text"].startswith("Bonsoir")
    assert set(row["template"]) == {
        *("name", "language", "category", "status", "parameter_format", "components"),
    }


def test_a_template_that_is_gone_is_told_once_and_kept_as_deleted(world: World) -> None:
    sync(world)
    world.clock.advance(60_000)
    world.listing.forgets(NAME)
    answer = sync(world, sender="boutique")
    assert answer["changes"] == {"gone": 3}
    row = told_of(answer)
    assert (row["status"], row["changes"]) == (
        "DELETED",
        [{"what": "gone", "was": "APPROVED", "now": "DELETED"}],
    )
    assert sync(world, sender="boutique")["changes"] == {}


def test_a_template_that_no_campaign_could_use_says_why(world: World) -> None:
    answer = sync(world, texts=True)
    assert all(row["unusable"] == [] for row in answer["templates"])


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_platform_is_asked_again_after_a_growing_pause(world: World, status: int) -> None:
    world.listing.busy.extend([status] * 3)
    answer = sync(world, sender="boutique")
    assert answer["accounts"][0]["failed"] == ""
    first, *later = [at for at, _ in world.listing.calls]
    assert [at - first for at in later] == [1_000, 3_000, 7_000]


def test_a_platform_that_stays_busy_or_refuses_leaves_everything_as_it_was(world: World) -> None:
    sync(world)
    world.clock.advance(60_000)
    world.listing.forgets(NAME)
    world.listing.busy.extend([503] * 5)
    refused = sync(world, sender="boutique")
    assert (world.status, refused["problems"][0]["code"]) == (409, "sync_failed")
    world.listing.busy.extend([400])
    sync(world, sender="boutique")
    assert world.status == 409
    assert world.ports.registry.get("102290129340398", NAME, "fr").status == "APPROVED"


def test_an_account_that_cannot_be_listed_does_not_hide_the_others(world: World) -> None:
    world.listing.busy.extend([400])
    answer = sync(world)
    assert world.status == 200
    assert [a["senders"] for a in answer["accounts"] if a["failed"]] == [["boutique"]]
    assert "102290129340398" not in {t["waba"] for t in answer["templates"]}
    assert "102290129340399" in {t["waba"] for t in answer["templates"]}


def test_a_listing_that_breaks_off_in_the_middle_makes_nothing_disappear(world: World) -> None:
    sync(world)
    world.clock.advance(60_000)
    world.listing.limit = 2
    world.listing.becomes(qualities={KEY: "RED"})

    whole = world.listing.page
    pages = 0

    async def second_page_fails(*args: Any, **named: Any) -> Any:
        nonlocal pages
        pages += 1
        if pages == 2:
            world.listing.busy.append(400)
        return await whole(*args, **named)

    world.listing.page = second_page_fails  # type: ignore[method-assign]
    sync(world, sender="boutique")
    assert world.status == 409
    kept = world.ports.registry.get("102290129340398", NAME, "fr")
    assert kept is not None
    assert (kept.status, kept.quality) == ("APPROVED", "GREEN")
