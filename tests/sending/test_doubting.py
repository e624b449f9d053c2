"""One person's data or the template's fault: told apart by whether it repeats for different people."""

from collections.abc import Sequence

import pytest

from chalicelib.sending.broadcast import Doubt, SenderControl
from chalicelib.sending.doubting import doubted, is_templates_fault, who_of


def after(
    *refusals: tuple[str, int], broadcast: str = "news.1", before: SenderControl | None = None
) -> SenderControl:
    control = before or SenderControl(sender="boutique")
    for person, accepted in refusals:
        found = Doubt(broadcast=broadcast, who=who_of(person), accepted=accepted)
        control = doubted(control, "promo", found)
    return control


@pytest.mark.parametrize(
    ("refusals", "fault"),
    [
        ([("a", 0)], False),
        ([("a", 0), ("b", 0)], False),
        ([("a", 0), ("a", 0), ("a", 0)], False),
        ([("a", 0), ("b", 0), ("c", 0)], True),
        ([("a", 0), ("b", 0), ("a", 0), ("c", 0)], True),
        ([("a", 0), ("b", 20), ("c", 57)], True),
        ([("a", 0), ("b", 20), ("c", 58)], False),
        ([("a", 9_000), ("b", 9_000), ("c", 9_001)], True),
        ([("a", 0), ("b", 100), ("c", 200), ("d", 201), ("e", 202)], True),
    ],
)
def test_it_is_the_templates_fault_when_it_repeats_for_different_people(
    refusals: Sequence[tuple[str, int]], fault: bool
) -> None:
    assert is_templates_fault(after(*refusals).doubts["promo"]) is fault


def test_people_of_different_broadcasts_prove_nothing_together() -> None:
    control = after(("c", 0), broadcast="news.2", before=after(("a", 0), ("b", 0)))
    assert not is_templates_fault(control.doubts["promo"])


def test_nobodys_id_is_kept() -> None:
    assert "person-1" not in repr(after(("person-1", 0)))
