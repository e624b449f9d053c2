"""What each code says, by theme: (English, French, Arabic)."""

from __future__ import annotations

from chalicelib.wording_tables import (
    access,
    audit_copies,
    definition,
    handoff,
    keeping,
    reading,
    reasons,
    retention,
    rules,
    running,
    settings,
    stops,
    systems,
    template_parts,
    templates,
    verifying,
)

ALL = tuple(
    theme.TABLE
    for theme in (
        reading,
        definition,
        keeping,
        reasons,
        settings,
        running,
        stops,
        systems,
        templates,
        handoff,
        template_parts,
        retention,
        verifying,
        access,
        audit_copies,
        rules,
    )
)
"""Every theme's table."""
