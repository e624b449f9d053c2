"""What webhooks about templates say, in the shapes in which Meta sends them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.authoring.registry import CHANGED, TemplateWord
from chalicelib.tracking.inbound import TemplateNews, Unfamiliar, parse_inbound

STATUS = "message_template_status_update"
NAMED = {
    "message_template_id": 806,
    "message_template_name": "promo_nov",
    "message_template_language": "fr",
}


def parsed(field: str, value: dict[str, Any]) -> Any:
    (news,) = parse_inbound(json.dumps({"v": 1, "field": field, "value": value, "waba": "1022", "at": 5_000}))
    return news


@pytest.mark.parametrize(
    ("field", "value", "event", "word"),
    [
        (
            STATUS,
            {
                "event": "PAUSED",
                "reason": "NONE",
                "message_template_category": "MARKETING",
                "other_info": {"title": "FIRST_PAUSE", "description": "3 h"},
            },
            "PAUSED",
            {"status": "PAUSED", "reason": "FIRST_PAUSE", "category": "MARKETING"},
        ),
        (
            STATUS,
            {"event": "APPROVED", "reason": None},
            "APPROVED",
            {"status": "APPROVED"},
        ),
        (STATUS, {"event": "REINSTATED"}, "REINSTATED", {"status": "APPROVED"}),
        (
            STATUS,
            {"event": "REJECTED", "reason": "INVALID_FORMAT", "other_info": None},
            "REJECTED",
            {"status": "REJECTED", "reason": "INVALID_FORMAT"},
        ),
        (
            STATUS,
            {"event": "PENDING_DELETION"},
            "PENDING_DELETION",
            {"status": "PENDING_DELETION"},
        ),
        (STATUS, {"event": "LIMIT_EXCEEDED"}, "LIMIT_EXCEEDED", {}),
        (STATUS, {"event": "OF_TOMORROW"}, "OF_TOMORROW", {}),
        *(
            (
                field,
                {"previous_quality_score": "GREEN", "new_quality_score": "YELLOW"},
                "quality",
                {"quality": "YELLOW"},
            )
            for field in ("message_template_quality_update", STATUS)
        ),
        (
            "template_category_update",
            {
                "new_category": "UTILITY",
                "correct_category": "MARKETING",
                "category_update_timestamp": 1795086400,
            },
            "category",
            {"category": "UTILITY", "coming_category": "MARKETING"},
        ),
        (
            "template_category_update",
            {"previous_category": "UTILITY", "new_category": "MARKETING"},
            "category",
            {"category": "MARKETING", "previous_category": "UTILITY"},
        ),
        (
            "message_template_components_update",
            {"message_template_element": "Bonsoir", "message_template_title": "Promo"},
            "components",
            {"components": CHANGED},
        ),
    ],
)
def test_each_shape_says_what_it_says_and_nothing_else(
    field: str, value: dict[str, Any], event: str, word: dict[str, str]
) -> None:
    assert parsed(field, {**NAMED, **value}) == TemplateNews(
        waba="1022", template="promo_nov", language="fr", event=event, word=TemplateWord(at=5_000, **word)
    )


@pytest.mark.parametrize("value", [{}, {"event": None, "message_template_name": 7}, {"new_category": ["x"]}])
def test_other_shapes_are_kept_and_never_raise(value: dict[str, Any]) -> None:
    news = parsed("message_template_of_tomorrow", {**value})
    assert isinstance(news, Unfamiliar | TemplateNews)
