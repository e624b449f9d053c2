from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audience.instant import from_datetime, from_iso, to_datetime, to_iso


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_800_000_000_000, "2027-01-15T08:00:00Z"),
        (1_800_000_000_001, "2027-01-15T08:00:00.001Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
    ],
)
def test_an_instant_is_written_in_utc_with_milliseconds_only_where_there_are_any(
    instant: int, text: str
) -> None:
    assert to_iso(instant) == text
    assert from_iso(text) == instant


def test_an_offset_is_understood() -> None:
    assert from_iso("2027-01-15T09:00:00+01:00") == 1_800_000_000_000


def test_a_time_without_offset_is_no_instant() -> None:
    with pytest.raises(ValueError, match="aware"):
        from_iso("2027-01-15T09:00:00")
    with pytest.raises(ValueError, match="aware"):
        from_datetime(datetime(2027, 1, 15, tzinfo=UTC).replace(tzinfo=None))


@given(st.integers(-(10**13), 10**14))
def test_every_instant_survives_the_way_there_and_back(instant: int) -> None:
    assert from_datetime(to_datetime(instant)) == from_iso(to_iso(instant)) == instant
