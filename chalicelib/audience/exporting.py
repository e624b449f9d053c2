"""Exporting: a person as the cells of a contacts file from which an import makes the same person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.audience.consent import EVERYTHING, MARKETING, Basis, Consent, stands_revoked
from chalicelib.audience.csv_rows import MOST_LINES_OF_A_RECORD
from chalicelib.audience.instant import to_iso
from chalicelib.audience.standing import Person
from chalicelib.audience.table import (
    ALL,
    ALL_MARKETING,
    CONSENT_PREFIX,
    OPT_OUT_PREFIX,
    SUPPRESSED,
    is_attribute,
)

_TEXTS = ("phone", "external_id", "first_name", "last_name", "language", "country", "timezone")
_PARTS_A_HEADER = re.compile(r"[;\t\x00]")
"""What would make the header look like that of another kind of file."""
_SCOPES = {EVERYTHING: ALL, MARKETING: ALL_MARKETING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """Cells by column, without the empty ones, and the names of what no file can say."""

    cells: Mapping[str, str]
    left_out: tuple[str, ...] = ()


def exported(person: Person) -> Exported | None:
    """Return a person's cells; None for whoever was erased or has no name that a file knows."""
    contact, standing = person.contact, person.standing
    if standing.erased or not (contact.phone or contact.external_id):
        return None
    left_out: list[str] = []
    cells = {name: value for name in _TEXTS if (value := getattr(contact, name))}
    for name in ("tags", "lists"):
        labels = sorted(getattr(contact, name))
        fit = [label for label in labels if ";" not in label]
        left_out += [name] if len(fit) < len(labels) else []
        if fit:
            cells[name] = ";".join(fit)
    for name, value in contact.attributes.items():
        text = _text(value)
        if is_attribute(name.lower()) and not _PARTS_A_HEADER.search(name):
            cells[name] = text
        if text != value or name not in cells:
            left_out.append(name)
    for name, consent in standing.consents.items():
        cells |= _consent_cells(name, consent)
    if standing.suppressed:
        causes = sorted(standing.suppressed.items())
        cells[SUPPRESSED] = ";".join(f"{cause} {to_iso(at)}" for cause, at in causes)
    return Exported(cells=cells, left_out=tuple(left_out))


def _text(value: str) -> str:
    """Return a value as a cell can hold it: without NUL, and on one line where it has too many."""
    text = value.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    return text if text.count("\n") < MOST_LINES_OF_A_RECORD - 1 else " ".join(text.split())


def _consent_cells(name: str, consent: Consent) -> dict[str, str]:
    """Return an opt-in that stands, or an opt-out; that somebody only wrote to us is no opt-in."""
    channel, _, topic = name.partition("/")
    cells = {}
    if consent.granted_at is not None and consent.basis is Basis.EXPLICIT_OPTIN and topic not in _SCOPES:
        cells[f"{CONSENT_PREFIX}{channel}_{topic}"] = to_iso(consent.granted_at)
    if consent.revoked_at is not None and stands_revoked(consent):
        cells[f"{OPT_OUT_PREFIX}{channel}_{_SCOPES.get(topic, topic)}"] = to_iso(consent.revoked_at)
    return cells
