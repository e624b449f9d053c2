from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audience.instant import DAY_MS, MINUTE_MS
from chalicelib.sending.broadcast import Quota
from chalicelib.sending.quota import BUCKET_MS, give_back, room, take, used

NOW = 1_800_000_000_000
EMPTY = Quota(portfolio="boutique-group")


def taken(quota: Quota, count: int, tier: int | None, now: int) -> Quota:
    after = take(quota, count, tier, now)
    assert after is not None
    return after


def test_a_tier_is_filled_to_its_last_place_and_no_further() -> None:
    full = taken(taken(EMPTY, 200, 250, NOW), 50, 250, NOW)
    assert take(full, 1, 250, NOW) is None
    assert (room(full, 250, NOW), used(full, NOW)) == (0, 250)


def test_an_unlimited_tier_has_room_for_everybody() -> None:
    assert used(taken(EMPTY, 1_000_000, None, NOW), NOW) == 1_000_000
    assert room(EMPTY, None, NOW) is None


def test_takings_count_for_a_day_and_two_buckets_at_most() -> None:
    full = taken(EMPTY, 250, 250, NOW)
    assert take(full, 1, 250, NOW + DAY_MS) is None
    assert take(full, 1, 250, NOW + DAY_MS + 2 * BUCKET_MS) is not None


def test_forgotten_buckets_are_dropped_so_that_the_item_stays_small() -> None:
    quota = EMPTY
    for minute in range(0, 4 * 24 * 60, 7):
        quota = taken(quota, 1, None, NOW + minute * MINUTE_MS)
    assert len(quota.buckets) <= 147


def test_what_was_not_used_is_given_back() -> None:
    quota = give_back(taken(EMPTY, 100, 250, NOW), 40, NOW)
    assert used(quota, NOW) == 60


def test_giving_back_more_than_is_known_leaves_nothing_negative() -> None:
    quota = give_back(taken(EMPTY, 10, 250, NOW), 40, NOW)
    assert used(quota, NOW) == 0


chunks = st.lists(
    st.tuples(
        st.integers(0, 3 * 60),  # minutes since the chunk before
        st.integers(1, 100),  # people
        st.integers(0, 9 * MINUTE_MS),  # how long after the taking they leave
        st.integers(0, 100),  # how many of them do not
    ),
    max_size=60,
)


@given(chunks, st.sampled_from([250, 400, 2_000]))
def test_no_rolling_day_of_sends_passes_the_tier(chunks: list[tuple[int, int, int, int]], tier: int) -> None:
    quota, now = EMPTY, NOW
    sends: list[tuple[int, int]] = []
    returns: list[tuple[int, int]] = []
    for minutes, people, later, unused in chunks:
        now += minutes * MINUTE_MS
        for at, count in [r for r in returns if r[0] <= now]:
            quota = give_back(quota, count, at)
        returns = [r for r in returns if r[0] > now]
        after = take(quota, people, tier, now)
        if after is not None:
            quota = after
            sent = max(0, people - unused)
            sends.append((now + later, sent))
            returns.append((now + later, people - sent))
    for end, _ in sends:
        assert sum(n for at, n in sends if end - DAY_MS <= at <= end) <= tier
