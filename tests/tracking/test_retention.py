"""What retention finds due, and when it looks again: a pure function of what is stored."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audience.instant import DAY_MS, HOUR_MS
from chalicelib.authoring.definition import Retention
from chalicelib.sending.broadcast import Broadcast, BroadcastState
from chalicelib.tracking.retention import LOOK_EVERY_MS, Decision, Due, Keeping, Kind, of_file, of_plan
from tests.contracts import values

NOW = 2_000_000_000_000
KEPT = Retention(personal_data_ms=400 * DAY_MS, evidence_ms=1_825 * DAY_MS)
PLAN = Keeping(kind=Kind.PLAN, id="p1", since=NOW, look_at=NOW + DAY_MS)
FIRST_DONE = replace(PLAN, without_personal_data=True)
ENDED = replace(
    values.BROADCAST,
    recipient="",
    state=BroadcastState.COMPLETED,
    waves={NOW: 1, NOW + HOUR_MS: 1},
    window_ms=2 * HOUR_MS,
    expires_ms=10 * HOUR_MS,
    ended_at=NOW + 3 * HOUR_MS,
)
LAST_DEADLINE = NOW + HOUR_MS + 10 * HOUR_MS
OPEN = [state for state in BroadcastState if state.value not in ("completed", "cancelled")]


def due(
    keeping: Keeping, broadcast: Broadcast | None, days: float, retention: Retention = KEPT
) -> tuple[Due, int]:
    """Return what is due that many days after NOW, and in how many days it is looked at again."""
    now = NOW + round(days * DAY_MS)
    decision = of_plan(keeping, broadcast, retention, now)
    return decision.due, round((decision.look_at - now) / DAY_MS) if decision.look_at else 0


@pytest.mark.parametrize(
    ("keeping", "broadcast", "days", "expected"),
    [
        pytest.param(PLAN, None, 1, (Due.NOTHING, 7), id="a plan of yesterday"),
        pytest.param(PLAN, None, 29, (Due.NOTHING, 1), id="a plan that goes tomorrow"),
        pytest.param(PLAN, None, 30, (Due.UNLAUNCHED, 0), id="a plan nobody launched"),
        pytest.param(PLAN, ENDED, 30, (Due.NOTHING, 7), id="a broadcast of a month ago"),
        pytest.param(PLAN, ENDED, 400.124, (Due.NOTHING, 0), id="400 days, counted from the end"),
        pytest.param(PLAN, ENDED, 400.125, (Due.PERSONAL_DATA, 0), id="the first end"),
        pytest.param(PLAN, ENDED, 9_000, (Due.PERSONAL_DATA, 0), id="one end after the other"),
        pytest.param(FIRST_DONE, ENDED, 401, (Due.NOTHING, 7), id="between the ends"),
        pytest.param(FIRST_DONE, ENDED, 1_825, (Due.NOTHING, 0), id="five years, counted from the end"),
        pytest.param(FIRST_DONE, ENDED, 1_826, (Due.EVIDENCE, 0), id="the second end"),
    ],
)
def test_what_is_due_of_a_plan(
    keeping: Keeping, broadcast: Broadcast | None, days: float, expected: tuple[Due, int]
) -> None:
    assert due(keeping, broadcast, days) == expected


@pytest.mark.parametrize("state", OPEN)
@pytest.mark.parametrize("keeping", [PLAN, FIRST_DONE])
def test_nothing_of_an_open_broadcast_is_ever_due(state: BroadcastState, keeping: Keeping) -> None:
    assert due(keeping, replace(ENDED, state=state), 40_000) == (Due.NOTHING, 7)
    assert due(keeping, replace(ENDED, state=state, ended_at=None), 40_000) == (Due.NOTHING, 7)


def test_nothing_goes_while_a_retry_could_still_be_made_however_short_the_retention() -> None:
    brief = Retention(personal_data_ms=DAY_MS, evidence_ms=DAY_MS)
    late = replace(ENDED, expires_ms=30 * DAY_MS)
    assert due(PLAN, late, 30, brief)[0] is Due.NOTHING
    assert due(PLAN, late, 32, brief)[0] is Due.PERSONAL_DATA
    assert due(FIRST_DONE, late, 30, brief)[0] is Due.NOTHING


@pytest.mark.parametrize(("days", "goes"), [(1, 4), (7, 7), (29, 29), (31, 30), (400, 30)])
def test_a_plan_nobody_launched_goes_with_the_personal_data_in_it_but_not_while_it_may_be_launched(
    days: int, goes: int
) -> None:
    kept = Retention(personal_data_ms=days * DAY_MS, evidence_ms=KEPT.evidence_ms)
    assert due(PLAN, None, goes - 0.01, kept)[0] is Due.NOTHING
    assert due(PLAN, None, goes, kept)[0] is Due.UNLAUNCHED


def test_a_single_send_is_looked_at_when_it_is_twice_as_old_since_there_may_be_a_million() -> None:
    single = replace(ENDED, recipient="p1")
    looks: list[int] = []
    days = 1
    while (answer := due(PLAN, single, days))[0] is Due.NOTHING and len(looks) < 100:
        looks.append(days)
        days += max(answer[1], 1)
    assert looks == [1, 8, 16, 32, 64, 128, 256, 400]


@pytest.mark.parametrize("kind", [Kind.IMPORT, Kind.UPLOAD])
def test_files_go_with_the_personal_data_in_them(kind: Kind) -> None:
    keeping = replace(PLAN, kind=kind)
    assert of_file(keeping, KEPT, NOW + 400 * DAY_MS) == Decision(due=Due.PERSONAL_DATA)
    before = NOW + 400 * DAY_MS - 1
    assert of_file(keeping, KEPT, before) == Decision(due=Due.NOTHING, look_at=before + 1)


@given(
    days=st.integers(0, 5_000),
    personal_data=st.integers(1, 2_000),
    evidence=st.integers(1, 2_000),
    done=st.booleans(),
    state=st.sampled_from(BroadcastState),
)
def test_what_is_not_due_is_looked_at_again_later_and_within_a_week(
    days: int, personal_data: int, evidence: int, done: bool, state: BroadcastState
) -> None:
    kept = Retention(
        personal_data_ms=personal_data * DAY_MS, evidence_ms=max(evidence, personal_data) * DAY_MS
    )
    now = NOW + days * DAY_MS
    decision = of_plan(replace(PLAN, without_personal_data=done), replace(ENDED, state=state), kept, now)
    assert decision.due is not Due.NOTHING or now < decision.look_at <= now + LOOK_EVERY_MS
