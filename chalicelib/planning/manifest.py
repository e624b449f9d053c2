"""The manifest: one line per person, its digests, and the parts they are stored in.

A line is a JSON array, since there are millions of them: for the planned
["p", person, to, instant, language, parameters, buttons, zone, zone_from,
consent_at, salt] and, if there are any, countries, then header and cards;
for the excluded ["x", person, reason, saw, salt]. Of somebody who was erased
stay ["e", "p", person, instant, digest] and ["e", "x", person, reason, digest],
the digest being that of the line that was there: the root over all still holds.
"""

from __future__ import annotations

import hashlib
from base64 import b85decode, b85encode
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import orjson

from chalicelib.audience.instant import Instant
from chalicelib.planning.drift import clocks_by_wave
from chalicelib.planning.plan import (
    ChunkRange,
    ExcludedRow,
    Filled,
    FilledButtons,
    PartSummary,
    Planned,
    Row,
    Tally,
    objects_of,
)

CHUNK_PEOPLE = 100
_ERASED = b'["e",'
_LEAF, _NODE = b"\x00", b"\x01"  # so that no inner node can pass for a row (RFC 6962)


def encode_row(row: Row) -> bytes:
    """Return the row as one line, newline included."""
    if isinstance(row, Planned):
        fields: tuple[Any, ...] = (
            "p",
            row.person,
            row.to,
            row.instant,
            row.language,
            row.parameters,
            row.buttons,
            row.zone,
            row.zone_from,
            row.consent_at,
            row.salt,
        )
        if row.header or row.cards:
            fields = (*fields, row.countries, row.header, row.cards)
        elif row.countries:
            fields = (*fields, row.countries)
    else:
        fields = ("x", row.person, row.reason, row.saw, row.salt)
    return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)


def decode_row(line: bytes) -> Row:
    """Return the row of a line. Raises ValueError when it is none."""
    match orjson.loads(line):
        case ["p", *fields] if len(fields) in (10, 11, 13):
            return _planned(*fields)
        case ["x", person, reason, saw, salt]:
            return ExcludedRow(person=person, reason=reason, saw=saw, salt=salt)
        case ["e", "p", person, instant, _]:
            return _planned(person, "", instant, "", (), (), "", "", None, "")
        case ["e", "x", person, reason, _]:
            return ExcludedRow(person=person, reason=reason, saw="", salt="")
        case _:
            raise ValueError("not a row of a manifest")


def _planned(*fields: Any) -> Planned:
    person, to, instant, language, parameters, buttons, zone, zone_from, consent_at, salt, *more = fields
    countries = more[0] if more else ""
    header, cards = more[1:] if len(more) > 1 else ((), ())
    return Planned(
        person=person,
        to=to,
        instant=instant,
        language=language,
        parameters=_values(parameters),
        buttons=_buttons(buttons),
        zone=zone,
        zone_from=zone_from,
        consent_at=consent_at,
        salt=salt,
        countries=countries,
        header=tuple(header),
        cards=tuple((tuple(above), _values(values), _buttons(below)) for above, values, below in cards),
    )


def _values(stored: Any) -> Filled:
    return tuple((name, value) for name, value in stored)


def _buttons(stored: Any) -> FilledButtons:
    return tuple((kind, index, value) for kind, index, value in stored)


def digest(line: bytes) -> bytes:
    """Return the digest of an encoded row. Its salt keeps a person's values from being guessed.

    Of an erased one, that of the row that was there.
    """
    if line.startswith(_ERASED):
        return b85decode(orjson.loads(line)[-1])
    return hashlib.sha256(_LEAF + line).digest()


def root_of(body: bytes) -> str:
    """Return the Merkle root of a stored part, which its summary and the plan's seal have."""
    return merkle_root([digest(line) for line in body.splitlines(keepends=True)])


def line_of(body: bytes, person: str) -> tuple[int, bytes] | None:
    """Return where a person's line begins in a stored part, and the line; None when there is none."""
    needle = orjson.dumps(person)
    found = body.find(needle)
    while found >= 0:
        start = body.rfind(b"\n", 0, found) + 1
        line = body[start : body.index(b"\n", found) + 1]
        if decode_row(line).person == person:
            return start, line
        found = body.find(needle, found + 1)
    return None


def is_erased(line: bytes) -> bool:
    """Say whether a line is what is left of one."""
    return line.startswith(_ERASED)


def erased_line(line: bytes) -> bytes:
    """Return what is left of a person's line: as long as it was, so that no byte range moves.

    Of an excluded one as long as it needs: no range covers them.
    """
    if line.startswith(_ERASED):
        return line
    row, kept = decode_row(line), b85encode(digest(line)).decode()
    if not isinstance(row, Planned):
        return orjson.dumps(["e", "x", row.person, row.reason, kept], option=orjson.OPT_APPEND_NEWLINE)
    left = orjson.dumps(["e", "p", row.person, row.instant, kept])
    return left[:-1].ljust(len(line) - 2) + b"]\n"


def merkle_root(leaves: Sequence[bytes]) -> str:
    """Return the hex root over digests in their order; an odd last one is lifted as it is."""
    level = list(leaves)
    if not level:
        return hashlib.sha256(b"").hexdigest()
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [hashlib.sha256(_NODE + left + right).digest() for left, right in pairs]
        level = above + level[len(level) - len(level) % 2 :]
    return level[0].hex()


def parts_under(plan: str, task: int) -> str:
    """Return how the keys of a task's parts begin: one, and what was stored by whoever died at it."""
    return f"{objects_of(plan)}parts/{task:03d}-"


def write_part(task: int, rows: Iterable[Row], tally: Tally, *, plan: str = "") -> tuple[bytes, PartSummary]:
    """Return a part's body and its summary.

    The planned come first, by instant and person, so that a chunk is one byte
    range; then the excluded, by person. The same rows of a `plan` give the same key.
    """
    planned: list[Planned] = []
    excluded: list[ExcludedRow] = []
    for row in rows:
        if isinstance(row, Planned):
            planned.append(row)
        else:
            excluded.append(row)
    planned.sort(key=lambda row: (row.instant, row.person))
    excluded.sort(key=lambda row: row.person)
    body, ends, digests = _laid_out([*planned, *excluded])
    key = f"{parts_under(plan, task)}{hashlib.sha256(body).hexdigest()}.jsonl"
    summary = PartSummary(
        task=task,
        key=key,
        root=merkle_root(digests),
        rows=len(ends),
        planned=len(planned),
        excluded=dict(Counter(row.reason for row in excluded)),  # `asdict` cannot copy a Counter
        waves=dict(Counter(row.instant for row in planned)),
        countries=tally.countries,
        languages=dict(Counter(row.language for row in planned)),
        chunks=_chunks(key, [row.instant for row in planned], ends),
        no_country=tally.no_country,
        past=tally.past,
        problems=tally.problems,
        concerns=tally.concerns,
        met=tally.met,
        examples=tally.examples,
        clocks=clocks_by_wave(planned),
    )
    return body, summary


def _laid_out(rows: Sequence[Row]) -> tuple[bytes, list[int], list[bytes]]:
    """Return the lines joined, the byte offset behind each, and their digests."""
    body = bytearray()
    ends: list[int] = []
    digests: list[bytes] = []
    for row in rows:
        line = encode_row(row)
        body += line
        ends.append(len(body))
        digests.append(digest(line))
    return bytes(body), ends, digests


def _chunks(key: str, instants: Sequence[Instant], ends: Sequence[int]) -> tuple[ChunkRange, ...]:
    """Cut the planned rows, already in order, wherever a wave ends or a chunk is full.

    `ends` are the byte offsets behind each row.
    """
    chunks: list[ChunkRange] = []
    start = first = 0
    for last, (instant, end) in enumerate(zip(instants, ends, strict=False)):
        people = last + 1 - first
        is_last_of_wave = last + 1 == len(instants) or instants[last + 1] != instant
        if people == CHUNK_PEOPLE or is_last_of_wave:
            chunks.append(ChunkRange(part=key, start=start, end=end, wave=instant, people=people))
            start, first = end, last + 1
    return tuple(chunks)


def summary_to_json(summary: PartSummary) -> dict[str, Any]:
    """Return a summary as JSON would hold it. Keys of objects become text."""
    fields = asdict(summary)
    fields["waves"] = {str(instant): people for instant, people in summary.waves.items()}
    fields["clocks"] = {str(instant): clocks for instant, clocks in summary.clocks.items()}
    return fields


def summary_from_json(fields: Mapping[str, Any]) -> PartSummary:
    """Return the summary that `summary_to_json` wrote."""
    known = dict(fields)
    known["waves"] = {int(instant): people for instant, people in known["waves"].items()}
    known["clocks"] = {int(instant): tuple(clocks) for instant, clocks in known.get("clocks", {}).items()}
    known["chunks"] = tuple(ChunkRange(**chunk) for chunk in known["chunks"])
    known["problems"] = tuple(
        (code, detail, people, example) for code, detail, people, example in known["problems"]
    )
    known["met"] = tuple(known.get("met", ()))
    return PartSummary(**known)
