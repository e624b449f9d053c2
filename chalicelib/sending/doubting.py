"""Is it one person's data or the template? Told apart by whether it repeats for different people.

One code (100, 131008, 131009) says both. A person's own fault stays with that
person; a template's hits everybody: so it is the template's when DIFFERENT
people of one broadcast were refused and next to nobody was accepted meanwhile.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from chalicelib.sending.broadcast import Doubt, SenderControl

DIFFERENT = 3
"""So many different people have to be refused."""
MOST_ACCEPTED = 57
"""With more accepted between the first and the last of them, under 5 % are refused: people's own data."""


def who_of(person: str) -> str:
    """Return what tells people apart here and names nobody."""
    return hashlib.sha256(person.encode()).hexdigest()[:12]


def doubted(control: SenderControl, template: str, doubt: Doubt) -> SenderControl:
    """Return the control with one more refusal; the last few of one broadcast are kept, each person once."""
    before = [
        known
        for known in control.doubts.get(template, ())
        if known.broadcast == doubt.broadcast and known.who != doubt.who
    ]
    return replace(control, doubts={**control.doubts, template: (*before, doubt)[-DIFFERENT:]})


def is_templates_fault(doubts: Sequence[Doubt]) -> bool:
    """Say whether refusals repeat for different people so densely that the template is at fault."""
    if len({doubt.who for doubt in doubts}) < DIFFERENT:
        return False
    accepted = [doubt.accepted for doubt in doubts]
    return max(accepted) - min(accepted) <= MOST_ACCEPTED
