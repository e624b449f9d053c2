import pytest

from chalicelib.audience.standing import Standing
from chalicelib.audience.suppression import BLOCKED, COMPLAINT, MANUAL, lift, suppress, suppressed_by


@pytest.mark.parametrize(
    ("recorded", "named"),
    [
        ({}, None),
        ({BLOCKED: 1}, BLOCKED),
        ({BLOCKED: 1, MANUAL: 2}, MANUAL),
        ({BLOCKED: 1, MANUAL: 2, COMPLAINT: 3}, COMPLAINT),
        ({"litigation": 1}, "litigation"),
    ],
)
def test_the_gravest_cause_is_named_and_an_unknown_one_still_suppresses(
    recorded: dict[str, int], named: str | None
) -> None:
    assert suppressed_by(Standing(person="p", suppressed=recorded)) == named


def test_suppressing_twice_keeps_the_first_date() -> None:
    once = suppress(Standing(person="p"), BLOCKED, 10)
    assert suppress(once, BLOCKED, 20) is once
    assert suppress(once, BLOCKED, 5).suppressed == {BLOCKED: 5}


def test_lifting_one_cause_leaves_the_others() -> None:
    both = Standing(person="p", suppressed={BLOCKED: 1, MANUAL: 2})
    assert lift(both, BLOCKED).suppressed == {MANUAL: 2}
    assert lift(both, "litigation") is both
