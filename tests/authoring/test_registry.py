"""What is known of a template is the newest of what the platform said, in whatever order it came."""

from __future__ import annotations

import random
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.authoring.registry import (
    APPROVED,
    CHANGED,
    FACETS,
    STATUS_BY_EVENT,
    RegisteredTemplate,
    TemplateWord,
    components_hash,
    is_name,
    listed,
    told,
)

AT = 1_796_115_600_000
BLANK = RegisteredTemplate(waba="1", name="promo", language="fr")

WORDS = st.builds(
    TemplateWord,
    at=st.integers(0, 5).map(lambda second: AT + second * 1_000),
    status=st.sampled_from(["", *sorted(set(STATUS_BY_EVENT.values()))]),
    category=st.sampled_from(["", "MARKETING", "UTILITY"]),
    quality=st.sampled_from(["", "GREEN", "YELLOW", "RED", "UNKNOWN", "PURPLE"]),
    components=st.sampled_from(["", CHANGED, "a", "b"]),
)


def facets(template: RegisteredTemplate) -> list[Any]:
    return [(getattr(template, f), getattr(template, f"{f}_at")) for f in FACETS]


@given(st.lists(WORDS, max_size=8), st.randoms())
def test_words_may_come_in_any_order_and_twice(words: list[TemplateWord], luck: random.Random) -> None:
    shuffled = luck.sample(words + words[:2], k=len(words) + len(words[:2]))
    assert facets(reduce(told, shuffled, BLANK)) == facets(reduce(told, words, BLANK))


@pytest.mark.parametrize(
    ("first", "then", "known"),
    [
        (("PAUSED", 2), ("APPROVED", 1), "PAUSED"),
        (("PAUSED", 1), ("APPROVED", 2), "APPROVED"),
        (("PAUSED", 1), ("APPROVED", 1), "PAUSED"),
        (("APPROVED", 1), ("PAUSED", 1), "PAUSED"),
        (("DISABLED", 1), ("PAUSED", 1), "DISABLED"),
    ],
)
def test_the_newest_wins_and_within_a_second_what_stops_more(
    first: tuple[str, int], then: tuple[str, int], known: str
) -> None:
    words = [TemplateWord(at=AT + second * 1_000 + 7, status=status) for status, second in (first, then)]
    assert reduce(told, words, BLANK).status == known


def test_what_was_said_before_the_account_was_listed_is_in_the_listing_already() -> None:
    late = TemplateWord(at=AT, status="PAUSED")
    assert told(BLANK, late, synced_at=AT + 1_000) == BLANK
    assert told(BLANK, late, synced_at=AT + 999).status == "PAUSED"


def test_a_word_says_nothing_of_what_it_does_not_mention() -> None:
    known = told(
        BLANK, TemplateWord(at=AT, status="PAUSED", reason="LOW", category="UTILITY", components="a")
    )
    after = told(known, TemplateWord(at=AT + 9_000, quality="RED"))
    assert (after.status, after.status_at, after.reason, after.category) == ("PAUSED", AT, "LOW", "UTILITY")
    assert (after.quality, after.quality_at) == ("RED", AT + 9_000)


def test_a_new_category_remembers_the_one_before_and_forgets_what_was_announced() -> None:
    known = told(BLANK, TemplateWord(at=AT, category="UTILITY", coming_category="MARKETING"))
    assert (known.category, known.coming_category, known.previous_category) == ("UTILITY", "MARKETING", "")
    after = told(known, TemplateWord(at=AT + 1_000, category="MARKETING"))
    assert (after.category, after.coming_category, after.previous_category) == ("MARKETING", "", "UTILITY")


def test_a_listing_does_not_forget_the_category_that_was_announced() -> None:
    known = told(BLANK, TemplateWord(at=AT, status=APPROVED, category="UTILITY", coming_category="MARKETING"))
    word = TemplateWord(at=AT + 9_000, status=APPROVED, category="UTILITY", quality="RED")
    assert (listed(known, word).quality, listed(known, word).coming_category) == ("RED", "MARKETING")


@pytest.mark.parametrize(
    ("before", "since"), [("", AT), ("PENDING", AT), ("REJECTED", AT), ("PAUSED", None), ("DISABLED", None)]
)
def test_only_a_first_approval_is_a_first_approval(before: str, since: int | None) -> None:
    known = told(BLANK, TemplateWord(at=AT - 9_000, status=before))
    assert told(known, TemplateWord(at=AT, status=APPROVED)).first_approved_at == since


def test_a_listing_does_not_take_a_template_it_sees_first_for_a_new_one() -> None:
    word = TemplateWord(at=AT, status=APPROVED, category="UTILITY", quality="GREEN", components="a")
    seen = listed(BLANK, word)
    assert (seen.status, seen.first_approved_at) == (APPROVED, None)
    pending = told(BLANK, TemplateWord(at=AT - 9_000, status="PENDING"))
    assert listed(pending, word).first_approved_at == AT


def test_a_listing_that_says_nothing_new_needs_no_write() -> None:
    word = TemplateWord(at=AT, status=APPROVED, category="UTILITY", quality="GREEN", components="a")
    seen = listed(BLANK, word)
    assert listed(seen, TemplateWord(at=AT + 9_000, status=APPROVED, quality="GREEN", components="a")) is seen


def test_a_webhook_that_came_while_the_account_was_being_listed_stands() -> None:
    paused = told(BLANK, TemplateWord(at=AT + 1_000, status="PAUSED"))
    assert listed(paused, TemplateWord(at=AT, status=APPROVED)).status == "PAUSED"


BODY = {"type": "BODY", "text": "Bonjour {{1}}", "example": {"body_text": [["Amina"]]}}
FOOTER = {"type": "FOOTER", "text": "STOP"}
BUTTON = {"type": "URL", "text": "Voir", "url": "https://x.example/{{1}}"}
BUTTONS = {"type": "BUTTONS", "buttons": [BUTTON]}


@pytest.mark.parametrize(
    "same",
    [
        [{**BODY, "example": {"body_text": [["Karim"]]}}, FOOTER, BUTTONS],
        [{"type": "body", "text": "Bonjour {{1}} "}, FOOTER, BUTTONS],
        [BUTTONS, FOOTER, BODY],
        [BODY, FOOTER, {**BUTTONS, "cards": []}],
    ],
)
def test_examples_order_of_parts_and_empty_values_do_not_change_what_people_get(same: list[Any]) -> None:
    assert components_hash(same) == components_hash([BODY, FOOTER, BUTTONS])


@pytest.mark.parametrize(
    "other",
    [
        [BODY, FOOTER],
        [{**BODY, "text": "Bonsoir {{1}}"}, FOOTER, BUTTONS],
        [
            BODY,
            FOOTER,
            {"type": "BUTTONS", "buttons": [{**BUTTON, "url": "https://y.example"}]},
        ],
        [BODY, FOOTER, BUTTONS, {"type": "HEADER", "format": "IMAGE"}],
    ],
)
def test_another_text_button_or_header_does(other: list[Any]) -> None:
    assert components_hash(other) != components_hash([BODY, FOOTER, BUTTONS])


def test_a_header_without_a_format_is_a_text() -> None:
    plain = {"type": "HEADER", "text": "Soldes"}
    assert components_hash([plain]) == components_hash([{**plain, "format": "text"}])


@pytest.mark.parametrize(
    ("name", "language", "good"),
    [
        ("promo_2", "fr", True),
        ("promo", "pt_BR", True),
        ("promo", "zh_Hant", True),
        ("../promo", "fr", False),
        ("promo|x", "fr", False),
        ("", "fr", False),
        ("promo", "fr/..", False),
        ("Promo", "fr", False),
    ],
)
def test_only_what_can_be_a_key_and_a_file_is_a_name(name: str, language: str, good: bool) -> None:
    assert is_name(name, language) is good
