"""Placeholder value until the language is written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Segment:
    """A parsed boolean expression over a contact."""

    source: str
