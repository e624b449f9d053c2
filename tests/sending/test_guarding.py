"""Guards: rates as differences between two looks at the counters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audience.instant import DAY_MS, MINUTE_MS
from chalicelib.authoring.definition import Guard, Watched
from chalicelib.sending.guarding import MOST_SAMPLES, Sample, evidence, longest_window_ms, sampled

NOW = 1_800_000_000_000
FAILED = Guard(
    text="rate(failed, 10m) > 20%", watched=Watched.RATE, counted="failed", window_ms=10 * MINUTE_MS, most=0.2
)
RED = Guard(text="sender.quality == RED", watched=Watched.QUALITY, value="RED")
BILLED = Guard(text="billed_category != category", watched=Watched.BILLED)


def tripped(
    guard: Guard,
    counts: dict[str, int],
    *samples: tuple[int, dict[str, int]],
    quality: str = "",
    category: str = "marketing",
) -> str | None:
    """Return the evidence with samples given as (minutes ago, counts)."""
    return evidence(
        [guard],
        now=NOW,
        counts=counts,
        samples=[Sample(at=NOW - ago * MINUTE_MS, counts=c) for ago, c in samples],
        quality=quality,
        category=category,
    )


@pytest.mark.parametrize(
    ("counts", "samples", "saw"),
    [
        ({"accepted": 79, "failed": 21}, [(5, {})], "21 of 100 (21.0 %)"),
        ({"accepted": 80, "failed": 20}, [(5, {})], None),
        ({"accepted": 10, "failed": 39}, [(5, {})], None),  # 49 outcomes say nothing yet
        ({"accepted": 10, "failed": 40}, [(5, {})], "40 of 50 (80.0 %)"),
        # Only what came within the window counts: the failures are older than that.
        ({"accepted": 200, "failed": 60}, [(30, {}), (10, {"accepted": 100, "failed": 60})], None),
        # A sample younger than the window is no beginning of it.
        (
            {"accepted": 200, "failed": 60},
            [(30, {}), (9, {"accepted": 100, "failed": 60})],
            "60 of 260 (23.1 %)",
        ),
        ({"accepted": 1_000, "failed": 900}, [], None),  # nothing to compare with
    ],
)
def test_a_rate_is_what_came_within_the_window(
    counts: dict[str, int], samples: list[tuple[int, dict[str, int]]], saw: str | None
) -> None:
    assert tripped(FAILED, counts, *samples) == (f"{FAILED.text}: {saw}" if saw else None)


def test_opt_outs_and_uncertain_calls_are_counted_by_their_own_names() -> None:
    said_no = Guard(text="r", watched=Watched.RATE, counted="opt_out", window_ms=MINUTE_MS, most=0.02)
    unsure = Guard(text="r", watched=Watched.RATE, counted="uncertain", window_ms=MINUTE_MS, most=0.02)
    counts = {"accepted": 97, "uncertain": 3, "opt_outs": 5}
    assert tripped(said_no, counts, (2, {})) == "r: 5 of 100 (5.0 %)"
    assert tripped(unsure, counts, (2, {})) == "r: 3 of 100 (3.0 %)"


@pytest.mark.parametrize(
    ("quality", "trips"), [("RED", True), ("YELLOW", False), ("GREEN", False), ("", False)]
)
def test_the_senders_quality_trips_at_its_word(quality: str, trips: bool) -> None:
    assert (tripped(RED, {}, quality=quality) is not None) is trips


@pytest.mark.parametrize(
    ("counts", "category", "saw"),
    [
        ({"billed_marketing": 9}, "marketing", None),
        ({"billed_marketing_lite": 9}, "marketing", None),
        ({"billed_service": 9}, "utility", None),
        ({"billed_marketing": 1, "billed_utility": 9}, "utility", "1 billed as marketing"),
        ({"billed_marketing": 0}, "utility", None),
        ({"accepted": 9}, "utility", None),
    ],
)
def test_another_category_on_the_bill_trips_at_the_first_message(
    counts: dict[str, int], category: str, saw: str | None
) -> None:
    found = tripped(BILLED, counts, category=category)
    assert found == (f"{BILLED.text}: {saw}" if saw else None)


@given(st.integers(MINUTE_MS, DAY_MS), st.lists(st.integers(1, 10 * MINUTE_MS), min_size=1, max_size=300))
def test_samples_are_few_and_one_stands_before_the_longest_window(longest: int, pauses: list[int]) -> None:
    kept: list[Sample] = []
    now = NOW
    for pause in pauses:
        now += pause
        kept = sampled(kept, now, {"accepted": 1}, longest)
    assert len(kept) <= MOST_SAMPLES + 2
    assert [s.at for s in kept] == sorted({s.at for s in kept})
    if now - NOW > longest + 11 * MINUTE_MS + pauses[0] + longest // MOST_SAMPLES:
        assert kept[0].at <= now - longest


def test_the_longest_window_is_that_of_the_slowest_guard() -> None:
    assert longest_window_ms([RED, FAILED]) == 10 * MINUTE_MS
    assert longest_window_ms([]) == 0
