"""How templates stand: the platform's words and the files side by side, page by page, asking nobody."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.authoring.registry import RegisteredTemplate
from chalicelib.ports import Write
from tests.scenarios.test_template_news import BOUTIQUE, NAME, says
from tests.scenarios.world import World


def pages(world: World, query: str = "") -> list[Any]:
    """Return every page of the list."""
    found = [world.api("GET", "/api/templates", query=query)]
    while found[-1]["next"] is not None:
        more = "&".join(part for part in (query, f"after={found[-1]['next']}") if part)
        found.append(world.api("GET", "/api/templates", query=more))
        assert world.status == 200, found[-1]
    return found


def lines(world: World, query: str = "") -> list[Any]:
    return [line for page in pages(world, query) for line in page["templates"]]


def test_before_any_sync_the_files_are_listed_as_they_would_be_used(world: World) -> None:
    found = lines(world, "sender=boutique")
    files = sorted(f"{name}|{language}" for name, language in world.home.rules().templates)
    assert [f"{t['name']}|{t['language']}" for t in found] == files
    assert {t["file"] for t in found} == {"unasked"}
    assert world.listing.calls == []
    assert {a["synced_at"] for a in pages(world)[0]["accounts"]} == {None}


def test_after_a_sync_each_account_is_listed_with_what_it_said(world: World) -> None:
    world.listing.becomes(templates={f"{NAME}.fr": "PAUSED"}, qualities={f"{NAME}.fr": "RED"})
    world.api("POST", "/api/templates/sync", {"sender": "boutique"})
    by_account = {account["waba"]: account for account in pages(world)[0]["accounts"]}
    assert by_account[BOUTIQUE]["synced_at"] == "2026-12-01T08:00:00Z"
    line = next(t for t in lines(world) if (t["waba"], t["name"], t["language"]) == (BOUTIQUE, NAME, "fr"))
    assert (line["status"], line["category"], line["quality"], line["file"]) == (
        "PAUSED",
        "MARKETING",
        "RED",
        "same",
    )
    other = next(t for t in lines(world, "sender=clinique") if (t["name"], t["language"]) == (NAME, "fr"))
    assert (other["status"], other["file"]) == ("APPROVED", "unasked")


@pytest.mark.parametrize("count", [99, 100, 101, 250])
def test_many_templates_are_paged_and_each_comes_once_with_the_files_among_them(
    world: World, count: int
) -> None:
    names = [f"{'az'[n % 2]}_{n:03d}" for n in range(count)]
    items = [RegisteredTemplate(waba=BOUTIQUE, name=name, language="fr", status="PAUSED") for name in names]
    for start in range(0, count, 100):
        world.ports.registry.put_all([Write(item, None) for item in items[start : start + 100]])
    found = pages(world, "sender=boutique")
    assert max(len(page["templates"]) for page in found) <= 100
    keys = [f"{t['name']}|{t['language']}" for page in found for t in page["templates"]]
    files = {f"{name}|{language}" for name, language in world.home.rules().templates}
    assert keys == sorted({f"{name}|fr" for name in names} | files)


@pytest.mark.parametrize("cursor", ["x", "1|", "12345", "12345|a", "12345|A|fr", "12345|" + "a" * 600])
def test_a_cursor_that_is_none_is_refused(world: World, cursor: str) -> None:
    answer = world.api("GET", "/api/templates", query=f"after={cursor}")
    assert (world.status, answer["problems"][0]["code"]) == (422, "template_cursor")


def test_an_unknown_sender_is_refused(world: World) -> None:
    world.api("GET", "/api/templates", query="sender=nobody")
    assert world.status == 409


def test_one_template_is_shown_with_its_text_and_why_it_cannot_be_launched(world: World) -> None:
    world.api("POST", "/api/templates/sync")
    world.clock.advance(2_000)
    says(world, "DISABLED", reason="LOW_QUALITY")
    found = world.api("GET", f"/api/templates/{NAME}", query="sender=boutique")
    by_language = {t["language"]: t for t in found["templates"]}
    assert set(by_language) == {language for name, language in world.home.rules().templates if name == NAME}
    line = by_language["fr"]
    assert (line["status"], line["reason"], line["said_at"]) == (
        "DISABLED",
        "LOW_QUALITY",
        "2026-12-01T08:00:02Z",
    )
    assert "{{prenom}}" in line["body"]
    assert [p["code"] for p in line["problems"]] == ["template_unusable"]
    assert by_language["ar"]["problems"] == []


@pytest.mark.parametrize("name", ["nothing", "X", "..", "a" * 900])
def test_a_template_that_nobody_knows_is_not_found(world: World, name: str) -> None:
    answer = world.api("GET", f"/api/templates/{name}")
    assert (world.status, answer["problems"][0]["code"]) == (404, "template_unknown")
