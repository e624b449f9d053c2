"""50,000 rows of a contacts file into the embedded home: `python -m bench imports`.

The whole command, as anybody would run it: a process that starts, opens a home,
reads the file, imports, writes the file of results and ends. The operating
system says what that took: CPU time of all its threads, which is judged since they
take turns and so it is about what passes on a machine that does nothing else, and
the wall time beside it. Once into an empty home, once more when everybody is known.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import orjson

from bench._figures import ROOT, Figure, Spent, spent_by

ROWS, FEW = 50_000, 500
MOST_SECONDS = 20.0

COLUMNS = (
    *("phone", "external_id", "first_name", "last_name", "language", "country", "tags", "lists"),
    *("city", "points", "consent_whatsapp_promotions"),
)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml."


def _relations(*pairs: tuple[str, str]) -> str:
    made = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(pairs, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{made}</Relationships>'


PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}worksheet+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_KIND}sharedStrings+xml"/></Types>',
    "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="Contacts" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": _relations(
        ("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")
    ),
}
"""Of a workbook, beside its one sheet and its texts."""

CITIES = ("Rabat", "Fès", "Dakhla", "الدار البيضاء", "Lyon")


def rows(count: int) -> Iterator[list[str]]:
    """Yield the cells of a book: one row in a hundred is somebody's second one, one is invalid."""
    for n in range(count):
        number = 12_000_000 + n - (n % 100 == 1)
        phone = f"06{number}" if n % 2 else f"+212 6 {str(number)[:2]} {str(number)[2:5]} {str(number)[5:]}"
        yield [
            "call me" if n % 100 == 2 else phone,
            f"crm-{n - (n % 100 == 1)}",
            "Amina" if n % 3 else "Zoé",
            f"Ben {n % 997}",
            ("fr", "ar", "en")[n % 3],
            "MA",
            "loyal;vip" if n % 5 else "",
            "hiver",
            CITIES[n % 5],
            str(n % 400),
            f"2026-0{1 + n % 9}-1{n % 10}",
        ]


def csv_of(count: int) -> bytes:
    """Return the book as a CSV file."""
    lines = chain([",".join(COLUMNS)], (",".join(cells) for cells in rows(count)))
    return "\n".join(lines).encode()


def xlsx_of(count: int) -> bytes:
    """Return the book as a workbook, as Excel writes it: each text once, in a table of its own."""
    place_by_text: dict[str, int] = {}
    lines = []
    for number, cells in enumerate(chain([COLUMNS], rows(count)), 1):
        parts = []
        for column, text in zip("ABCDEFGHIJK", cells, strict=True):
            if text:
                place = place_by_text.setdefault(text, len(place_by_text))
                parts.append(f'<c r="{column}{number}" t="s"><v>{place}</v></c>')
        lines.append(f'<row r="{number}">{"".join(parts)}</row>')
    sheet = f'<dimension ref="A1:K{count + 1}"/><sheetData>{"".join(lines)}</sheetData>'
    texts = "".join(f"<si><t>{text}</t></si>" for text in place_by_text)
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as book:
        for name, content in PARTS.items():
            book.writestr(name, content)
        book.writestr("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{MAIN}">{sheet}</worksheet>')
        book.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{texts}</sst>')
    return file.getvalue()


def measure(quick: bool) -> list[Figure]:
    """Return the seconds of the command, for a CSV file and a workbook."""
    count = FEW if quick else ROWS
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        (folder / "book.csv").write_bytes(csv_of(count))
        (folder / "book.xlsx").write_bytes(xlsx_of(count))
        return [
            _imported(folder, "book.csv", "csv", count, "into an empty home"),
            _imported(folder, "book.csv", "csv", count, "again, everybody known"),
            _imported(folder, "book.xlsx", "xlsx", count, "XLSX into an empty home"),
        ]


def _imported(folder: Path, file: str, home: str, count: int, what: str) -> Figure:
    command = [
        sys.executable,
        "-m",
        "cli",
        "contacts",
        "import",
        str(folder / file),
        "--default-country",
        "MA",
    ]
    where = ["--home", str(folder / home), "--results", str(folder / "results.jsonl"), "--json"]
    spent = spent_by([*command, *where], {**os.environ, "CARILLON_CAMPAIGNS": str(ROOT / "campaigns")})
    return figure(spent, count, what)


def figure(spent: Spent, count: int, what: str) -> Figure:
    """Return the command's CPU time; its counts must add up to the rows."""
    done: dict[str, Any] = orjson.loads(spent.output)
    counts = [done[name] for name in ("created", "updated", "unchanged", "duplicate", "invalid")]
    assert sum(counts) == done["rows"] == count
    assert done["invalid"] == done["duplicate"] == count // 100
    memory = f"{spent.most_bytes / 2**20:.0f} MiB"
    return Figure(
        row="imports",
        what=f"{count:,} rows {what}",
        value=spent.cpu_seconds,
        unit="s CPU",
        at_most=MOST_SECONDS,
        how=f"wall {spent.wall_seconds:.1f} s; {memory}",
    )
