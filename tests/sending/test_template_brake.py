"""Which broadcasts a brake on a template holds, and what sets and releases it."""

from __future__ import annotations

import pytest

from chalicelib.authoring.registry import RegisteredTemplate
from chalicelib.sending.broadcast import SenderControl
from chalicelib.sending.template_brake import is_stopped, settled

AT = 1_796_115_600_000


@pytest.mark.parametrize(
    ("stopped", "languages", "holds"),
    [
        (["promo"], ("fr",), True),
        (["promo|fr"], ("ar", "fr"), True),
        (["promo|ar"], ("fr",), False),
        (["promo|ar"], (), True),
        (["promo"], (), True),
        (["promo_2", "promo_2|fr"], ("fr",), False),
        (["promo_2|fr"], (), False),
        ([], ("fr",), False),
    ],
)
def test_a_brake_holds_the_broadcasts_that_have_people_in_its_language(
    stopped: list[str], languages: tuple[str, ...], holds: bool
) -> None:
    control = SenderControl(sender="s", stopped_templates=dict.fromkeys(stopped, AT))
    assert is_stopped(control, "promo", languages) is holds


def template(status: str, at: int = AT, language: str = "fr") -> RegisteredTemplate:
    return RegisteredTemplate(waba="1", name="promo", language=language, status=status, status_at=at)


@pytest.mark.parametrize(
    ("before", "templates", "synced_at", "after"),
    [
        ({}, [template("PAUSED")], None, {"promo|fr": AT}),
        ({}, [template("OF_TOMORROW")], None, {"promo|fr": AT}),
        ({"promo|fr": AT - 1}, [template("PAUSED")], None, {"promo|fr": AT - 1}),
        ({"promo|fr": AT}, [template("APPROVED")], None, {}),
        ({"promo|ar": AT}, [template("APPROVED")], None, {"promo|ar": AT}),
        ({}, [template("APPROVED"), template("PAUSED", language="ar")], None, {"promo|ar": AT}),
        ({"promo": AT + 999}, [template("APPROVED")], None, {}),
        ({"promo": AT + 1_000}, [template("APPROVED")], None, {"promo": AT + 1_000}),
        ({"promo": AT + 5_000}, [template("APPROVED")], AT + 5_000, {}),
        ({"promo": AT}, [template("")], None, {"promo": AT}),
        ({"promo": AT}, [template("PAUSED")], AT + 5_000, {"promo": AT, "promo|fr": AT}),
        ({"other": AT}, [template("APPROVED")], AT + 5_000, {"other": AT}),
    ],
)
def test_a_brake_follows_what_the_platform_says(
    before: dict[str, int],
    templates: list[RegisteredTemplate],
    synced_at: int | None,
    after: dict[str, int],
) -> None:
    control = SenderControl(sender="s", stopped_templates=before)
    assert settled(control, templates, synced_at).stopped_templates == after
