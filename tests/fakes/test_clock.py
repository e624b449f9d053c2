"""What the virtual clock promises to the tests that stand on it."""

from __future__ import annotations

import asyncio
import time

import pytest

from chalicelib.audience.instant import DAY_MS
from tests.fakes import FakeClock, SeededRandomness, Workers


def test_a_day_of_sleeping_takes_no_time_at_all() -> None:
    clock = FakeClock()
    wanted = clock.now() + DAY_MS
    started = time.monotonic()
    clock.run(clock.sleep_until(wanted))
    assert clock.now() == wanted
    assert time.monotonic() - started < 1


def test_sleepers_wake_in_the_order_of_their_instants_and_never_early() -> None:
    clock = FakeClock()
    start = clock.now()
    woken: list[tuple[float, float]] = []

    async def sleep(after: float) -> None:
        await clock.sleep_until(start + after)
        woken.append((start + after, clock.exact()))

    async def all_of_them() -> None:
        await asyncio.gather(*(sleep(k * 13.7 % 500) for k in range(200)))

    clock.run(all_of_them())
    assert [wanted for wanted, _ in woken] == sorted(wanted for wanted, _ in woken)
    assert all(wanted <= at < wanted + 0.01 for wanted, at in woken)


def test_a_sleep_until_the_past_returns_at_once() -> None:
    clock = FakeClock()
    before = clock.now()
    clock.run(clock.sleep_until(before - 1))
    assert clock.now() == before


def test_waiting_for_what_never_comes_is_an_error_not_a_hang() -> None:
    clock = FakeClock()

    async def wait() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(RuntimeError, match="no virtual time"):
        clock.run(wait())


def test_time_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="does not go back"):
        FakeClock().advance(-1)


def test_workers_sleep_side_by_side() -> None:
    clock = FakeClock()
    start = clock.now()
    workers = Workers(clock)
    for after in (3_000, 1_000, 2_000):
        workers(clock.sleep_until(start + after))
    assert clock.now() == start
    assert workers.finish() == 3
    assert clock.now() == start + 3_000


def test_one_seed_says_the_same_tokens_and_another_seed_others() -> None:
    first, second, other = SeededRandomness(1), SeededRandomness(1), SeededRandomness(2)
    tokens = [first.token() for _ in range(3)]
    assert tokens == [second.token() for _ in range(3)]
    assert other.token() not in tokens
    assert all(len(token) == 32 for token in tokens)
