"""Stand-ins that are classes, not patches: a virtual clock and seeded randomness."""

from tests.fakes.clock import FakeClock, Workers
from tests.fakes.randomness import SeededRandomness

__all__ = ["FakeClock", "SeededRandomness", "Workers"]
