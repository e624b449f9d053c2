"""The WhatsApp platform, simulated: what Meta's Graph API does to a sender of templates.

An independent reading of the platform's documentation: nothing here imports the
product, so a misreading on one side shows as a disagreement. `stepping.step` is
pure; `platform.Platform` joins it with agenda, webhooks and journal; `server`
and `in_process` are its two fronts.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the simulator as a process of its own: `carillon simulator`."""
    from infra.local.simulator.command import main as run  # aiohttp is slow to load, and not all need it

    return run(argv)
