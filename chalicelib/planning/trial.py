"""Runs a definition's own tests through the planning core, one invented person at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC

from chalicelib.audience.instant import Instant, from_datetime, to_iso
from chalicelib.authoring.cases import BEFORE_SENDING_MS, Case
from chalicelib.authoring.definition import Definition
from chalicelib.authoring.policy import Policy
from chalicelib.authoring.senders import Sender
from chalicelib.authoring.template import Template
from chalicelib.planning.eligibility import Eligibility
from chalicelib.planning.plan import ExcludedRow, Planned, Row

Templates = Mapping[tuple[str, str], Template]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of one test: each difference as (what, expected, found); none when it passed."""

    case: Case
    outcome: str
    differences: tuple[tuple[str, str, str], ...]


def tried(
    case: Case, definition: Definition, *, sender: Sender, policy: Policy, templates: Templates
) -> Trial:
    """Run one test."""
    wanted = definition.template.name
    kept = {
        place: template
        for place, template in templates.items()
        if place[0] != wanted or case.languages is None or place[1] in case.languages
    }
    now = now_of(case, definition)
    eligibility = Eligibility(
        definition=definition if case.experiment else replace(definition, experiment=None),
        sender=sender,
        policy=policy,
        templates=kept,
        evaluated_at=now,
        salt_key=b"test",
        memory=case.memory,
    )
    row = eligibility.judge(case.person)
    differences = tuple(_differences(case, row, now, kept, wanted))
    return Trial(case=case, outcome=_outcome(row), differences=differences)


def now_of(case: Case, definition: Definition) -> Instant:
    """Return when the test is planned: as it says, else two days before the sending."""
    if case.now is not None or definition.send_at is None:
        return case.now or 0
    return from_datetime(definition.send_at.replace(tzinfo=UTC)) - BEFORE_SENDING_MS


def _outcome(row: Row | None) -> str:
    if row is None:
        return "not_in_segment"
    return "planned" if isinstance(row, Planned) else "excluded"


def _differences(
    case: Case, row: Row | None, now: Instant, templates: Templates, name: str
) -> Iterator[tuple[str, str, str]]:
    wanted = case.expected
    outcome = _outcome(row)
    if outcome != wanted.outcome:
        found = f"{outcome} ({row.reason}: {row.saw})" if isinstance(row, ExcludedRow) else outcome
        yield "outcome", wanted.outcome, found
        return
    if isinstance(row, ExcludedRow) and wanted.reason and wanted.reason != row.reason:
        yield "reason", wanted.reason, row.reason
    if not isinstance(row, Planned):
        return
    at = row.instant or now
    if wanted.at is not None and wanted.at != at:
        yield "at", to_iso(wanted.at), to_iso(at)
    if wanted.language and wanted.language != row.language:
        yield "language", wanted.language, row.language
    if wanted.header and (not row.header or wanted.header != row.header[1]):
        yield "header", wanted.header, row.header[1] if row.header else "none"
    cards = [dict(parameters) for _, parameters, _ in row.cards]
    text = templates[name, row.language].filled(dict(row.parameters), row.header, cards)
    if wanted.text and wanted.text not in text:
        yield "text_contains", wanted.text, text
