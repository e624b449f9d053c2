"""A no is a no in every language our users' customers write it in, and nothing else is."""

from __future__ import annotations

import pytest

from chalicelib.tracking.inbound import Intent, intent_of, stopped_topic


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stop.",
        " Stop !!! ",
        "ＳＴＯＰ",
        "ARRÊT",
        "arret",
        "Désabonner",
        "STOP PROMOS svp",
        "unsubscribe",
        "opt-out",
        "BAJA",
        "no más",
        "SAIR",
        "Parar",
        "إيقاف",
        "ايقاف",
        "إِيقَافْ",
        "إيـقـاف",
        "الغاء",
        "إلغاء الاشتراك",
        "\u200fإيقاف\u200f",
        "حبس",
        "باراكا",
        "7bess",
        "Baraka",
        "safi",
        "cancel",
    ],
)
def test_a_stop_word_stops_whatever_its_case_accents_marks_or_direction(text: str) -> None:
    assert intent_of(text) is Intent.STOP


@pytest.mark.parametrize(
    "text",
    [
        "",
        "👍",
        "stopover in Paris?",
        "bonjour",
        "do not cancel my order",
        "the end of the sale?",
        "merci",
        "شكرا",
        "oui",
    ],
)
def test_other_words_do_not(text: str) -> None:
    assert intent_of(text) is Intent.NONE


@pytest.mark.parametrize("text", ["START", "unstop", "reprendre"])
def test_a_start_word_starts(text: str) -> None:
    assert intent_of(text) is Intent.START


@pytest.mark.parametrize(
    ("payload", "scope"),
    [
        ("STOP", "*"),
        ("stop", "*"),
        ("STOP_MKT", "*marketing"),
        ("STOP_PROMOS", "promotions"),
        ("STOP_RENDEZ_VOUS", "rendez-vous"),
        ("STOP_SOMETHING_ELSE", "*marketing"),
        ("CONFIRM", None),
        ("NONSTOP", None),
    ],
)
def test_a_buttons_payload_revokes_the_scope_it_names(payload: str, scope: str | None) -> None:
    assert stopped_topic(payload, frozenset({"promotions", "rendez-vous"})) == scope
