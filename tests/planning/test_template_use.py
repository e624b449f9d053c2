"""What a campaign may do with its template: every status, with every change of category and words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.audience.instant import DAY_MS, HOUR_MS
from chalicelib.authoring.registry import HOPELESS, RegisteredTemplate
from chalicelib.authoring.template import Template
from chalicelib.planning.template_use import (
    TemplateView,
    breaches,
    concerns,
    evidence,
    faults,
    unapproved,
    view_of,
)

NOW = 1_796_115_600_000
FILE = Template(
    name="promo",
    language="fr",
    category="MARKETING",
    status="APPROVED",
    parameter_format="NAMED",
    header="",
    body="Bonjour",
    footer="",
    slots=(),
    buttons=(),
)

GOES, WAITS, NEVER = "goes", "waits", "never"
BY_STATUS = {
    "APPROVED": GOES,
    "PENDING": WAITS,
    "IN_APPEAL": WAITS,
    "PAUSED": WAITS,
    "FLAGGED": WAITS,
    "LOCKED": WAITS,
    "LIMIT_EXCEEDED": WAITS,
    "A_WORD_OF_NEXT_YEAR": WAITS,
    "REJECTED": NEVER,
    "DISABLED": NEVER,
    "PENDING_DELETION": NEVER,
    "DELETED": NEVER,
    "ARCHIVED": NEVER,
    "MISSING": NEVER,
}
"""By each status that the platform says, or that we say of what it does not list."""


def view(**changes: Any) -> TemplateView:
    usual: dict[str, Any] = {"status": "APPROVED", "category": "MARKETING", "words": "a", "promised": "a"}
    return TemplateView(**{**usual, **changes})


def codes(found: Any) -> list[str]:
    return [code for code, _ in found]


@pytest.mark.parametrize("words", ["a", "", "b", "changed"])
@pytest.mark.parametrize("category", ["MARKETING", "UTILITY", "marketing", ""])
@pytest.mark.parametrize("status", BY_STATUS)
def test_each_status_with_each_category_and_words(status: str, category: str, words: str) -> None:
    """What fails plan and launch, what a launch waits for, and what pauses a broadcast that runs."""
    views = {"fr": view(status=status, category=category, words=words)}
    changed = ["template_recategorised"] if category == "UTILITY" else []
    changed += ["template_words_differ"] if words in ("b", "changed") else []
    unusable = ["template_unusable"] if BY_STATUS[status] == NEVER else []
    assert codes(faults("promo", "marketing", views, {"fr": "a"})) == unusable + changed
    assert codes(breaches("promo", "marketing", views, {"fr": "a"})) == changed
    awaited = ["template_not_approved"] if BY_STATUS[status] == WAITS else []
    assert codes(unapproved("promo", views, {"fr": 1})) == awaited


def test_every_status_that_waiting_does_not_cure_is_in_the_table() -> None:
    assert {status for status, what in BY_STATUS.items() if what == NEVER} == HOPELESS


def test_a_language_that_nobody_reads_concerns_nobody() -> None:
    views = {"fr": view(), "ar": view(status="DISABLED", category="UTILITY", words="b")}
    assert codes(faults("promo", "marketing", views, {"fr": "a"})) == []
    assert codes(unapproved("promo", views, {"fr": 1})) == []


def test_a_language_without_any_template_cannot_be_sent() -> None:
    assert codes(faults("promo", "marketing", {}, {"fr": "a"})) == ["template_unusable"]


def test_words_that_nobody_agreed_on_are_not_compared() -> None:
    """A plan of an older version has none."""
    assert codes(breaches("promo", "marketing", {"fr": view(words="b")}, {"fr": ""})) == []


def test_the_evidence_names_each_language_and_what_is_known_of_it() -> None:
    views = {"ar": view(category="UTILITY"), "fr": view(words="b")}
    found = breaches("promo", "marketing", views, {"ar": "a", "fr": "a"})
    assert evidence(found) == (
        "template.category = utility, planned as marketing (promo.ar); template.components changed (promo.fr)"
    )


@pytest.mark.parametrize(
    ("known", "synced", "file", "status"),
    [
        ("PAUSED", True, "APPROVED", "PAUSED"),
        ("PAUSED", False, "APPROVED", "PAUSED"),
        ("", False, "PENDING", "PENDING"),
        ("", True, "PENDING", "PENDING"),
        (None, False, "PENDING", "PENDING"),
        (None, True, "APPROVED", "MISSING"),
        ("APPROVED", True, None, "APPROVED"),
        ("", True, None, "MISSING"),
        (None, False, None, "MISSING"),
    ],
)
def test_the_platform_counts_before_the_file_and_the_file_while_the_platform_was_not_asked(
    known: str | None, synced: bool, file: str | None, status: str
) -> None:
    registered = None
    if known is not None:
        registered = RegisteredTemplate(waba="1", name="promo", language="fr", status=known)
    shown = None if file is None else replace(FILE, status=file)
    assert view_of(shown, "a", registered, synced=synced).status == status


def test_the_category_of_the_file_counts_until_the_platform_says_one() -> None:
    said = RegisteredTemplate(waba="1", name="promo", language="fr", status="PAUSED")
    assert view_of(FILE, "a", said, synced=False).category == "MARKETING"
    said = RegisteredTemplate(waba="1", name="promo", language="fr", category="UTILITY")
    assert view_of(FILE, "a", said, synced=False).category == "UTILITY"


def warned(
    *,
    ahead: int = 30 * DAY_MS,
    synced: int | None = NOW,
    people: int = 10,
    category: str = "marketing",
    **changes: Any,
) -> list[str]:
    return codes(
        concerns(
            "promo",
            category,
            {"fr": view(**{"category": category.upper(), **changes})},
            {"fr": people},
            first_send=NOW + ahead,
            now=NOW,
            synced_at=synced,
        )
    )


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({}, []),
        ({"synced": None}, ["templates_never_synced"]),
        ({"synced": NOW - 24 * HOUR_MS}, []),
        ({"synced": NOW - 24 * HOUR_MS - 1}, ["templates_sync_old"]),
        ({"quality": "GREEN"}, []),
        ({"quality": "UNKNOWN"}, []),
        ({"quality": "YELLOW"}, ["template_quality"]),
        ({"quality": "RED"}, ["template_quality"]),
        ({"coming_category": "UTILITY"}, ["template_category_coming"]),
        ({"coming_category": "MARKETING"}, []),
        ({"status": "PAUSED"}, ["template_not_approved"]),
        ({"status": "PENDING"}, ["template_not_approved"]),
        ({"status": "PENDING", "ahead": 48 * HOUR_MS}, ["template_not_approved"]),
        (
            {"status": "PENDING", "ahead": 48 * HOUR_MS - 1},
            ["template_not_approved", "template_approval_short"],
        ),
        ({"status": "IN_APPEAL", "ahead": -1}, ["template_not_approved", "template_approval_short"]),
        ({"status": "PAUSED", "ahead": HOUR_MS}, ["template_not_approved"]),
        ({"first_approved_at": NOW, "ahead": DAY_MS, "people": 1_000}, ["template_paced"]),
        ({"first_approved_at": NOW, "ahead": DAY_MS, "people": 999}, []),
        ({"first_approved_at": NOW, "ahead": DAY_MS, "people": 1_000, "category": "utility"}, []),
        ({"first_approved_at": NOW, "ahead": 7 * DAY_MS, "people": 1_000}, []),
        ({"first_approved_at": NOW + 1, "ahead": 7 * DAY_MS, "people": 1_000}, ["template_paced"]),
        ({"first_approved_at": None, "ahead": DAY_MS, "people": 1_000}, []),
        ({"status": "PENDING", "people": 1_000}, ["template_not_approved", "template_paced"]),
    ],
)
def test_what_is_worth_a_warning(case: dict[str, Any], expected: list[str]) -> None:
    assert warned(**case) == expected
