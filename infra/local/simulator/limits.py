"""The rates that the platform enforces or counts, at the moment a call arrives."""

from __future__ import annotations

from collections import OrderedDict, deque

WINDOW_MS = 1_000.0
DAY_MS = 24 * 3_600_000.0
PAIR_INTERVAL_MS = 6_000.0
PAIR_BURST = 45
_SWEEP_ABOVE = 20_000


class SlidingSecond:
    """How many events fall into any second that ends now, and the most there ever were.

    An event of exactly one second ago has left: (now - 1 s, now].
    """

    __slots__ = ("_times", "peak")

    def __init__(self) -> None:
        self._times: deque[float] = deque()
        self.peak = 0

    def count(self, now_ms: float) -> int:
        """Return how many events the last second holds."""
        times = self._times
        while times and times[0] <= now_ms - WINDOW_MS:
            times.popleft()
        return len(times)

    def add(self, now_ms: float) -> None:
        """Note an event, and the second that it ends."""
        self._times.append(now_ms)
        self.peak = max(self.peak, self.count(now_ms))

    def fill(self, now_ms: float) -> None:
        """Note an event that nobody could have held back: it uses the second, but is no peak of it."""
        self._times.append(now_ms)


class Pace:
    """One number's seconds: calls that arrived, messages that were accepted, and these with inbound."""

    __slots__ = ("accepted", "both", "calls", "throttled")

    def __init__(self) -> None:
        self.calls = SlidingSecond()
        self.accepted = SlidingSecond()
        self.both = SlidingSecond()
        self.throttled = 0


class PairRate:
    """One message per 6 s from one number to one user; 45 may be borrowed from the future."""

    __slots__ = ("_free_at", "_sweep_above")

    def __init__(self) -> None:
        self._free_at: dict[tuple[str, str], float] = {}
        self._sweep_above = _SWEEP_ABOVE

    def __len__(self) -> int:
        return len(self._free_at)

    def takes(self, number: str, user: str, now_ms: float) -> bool:
        """Return whether the pair may exchange one more now, and count it if so."""
        free_at = max(self._free_at.get((number, user), now_ms), now_ms)
        if free_at - now_ms > PAIR_INTERVAL_MS * (PAIR_BURST - 1):
            return False
        self._free_at[number, user] = free_at + PAIR_INTERVAL_MS
        if len(self._free_at) > self._sweep_above:
            self._sweep(now_ms)
        return True

    def _sweep(self, now_ms: float) -> None:
        """Forget pairs that owe nothing, so that memory follows the rate, not the audience."""
        self._free_at = {pair: at for pair, at in self._free_at.items() if at > now_ms}
        self._sweep_above = max(_SWEEP_ABOVE, 2 * len(self._free_at))


class RollingDay:
    """The unique people a portfolio has messaged outside a window in the last 24 hours, and the most ever.

    The platform documents no answer for a tier that is used up, so none is
    given; the peak is for the one who judges.
    """

    __slots__ = ("_last", "peak")

    def __init__(self) -> None:
        self._last: OrderedDict[str, float] = OrderedDict()
        self.peak = 0

    def __len__(self) -> int:
        return len(self._last)

    def add(self, user: str, now_ms: float) -> None:
        """Note a message to `user`, and forget whoever was messaged a day ago or more."""
        self._last[user] = now_ms
        self._last.move_to_end(user)
        while next(iter(self._last.values())) <= now_ms - DAY_MS:
            self._last.popitem(last=False)
        self.peak = max(self.peak, len(self._last))
