"""Deterministic simulation: the production code in a world that misbehaves on purpose.

`python -m tests.simulation --seeds 300` plays; `docs/reliability.md` says what is shown.
"""
