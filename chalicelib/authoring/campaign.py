"""A campaign's stored versions: the marketer's text, kept as it was written."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.audience.instant import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignVersion:
    """One accepted upload. `hash` is of the definition's meaning, not its spelling.

    `number` counts from 1 per campaign; an upload that means the same as the
    latest version makes no new one. `source` is the text as given, `file` its name.
    """

    campaign: str
    number: int
    title: str
    source: str
    hash: str
    author: str
    stored_at: Instant
    file: str = ""
