"""Keeps docs/benchmarks.md true: what was measured is kept as JSON, the page's tables are written from it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench._figures import ROOT, Figure, figure_of, shown, table

MEASURED = ROOT / "docs/benchmarks.json"
PAGE = ROOT / "docs/benchmarks.md"
BEGIN, END = "<!-- {name}: written by `python -m bench --write-docs` -->", "<!-- end of {name} -->"


def write(
    name: str,
    machine: Mapping[str, str],
    figures: Sequence[Figure],
    *,
    measured: Path = MEASURED,
    page: Path = PAGE,
) -> None:
    """Keep a benchmark's figures, in the place of its earlier ones, and write the page's tables anew."""
    kept = read(measured)
    kept[name] = {**machine, "figures": [figure.document() for figure in figures]}
    text = json.dumps(dict(sorted(kept.items())), indent=1, ensure_ascii=False)
    measured.write_text(text + "\n", "utf-8")
    page.write_text(rendered(page.read_text("utf-8"), kept), "utf-8")


def read(measured: Path = MEASURED) -> dict[str, Any]:
    """Return what is kept of each benchmark."""
    return dict(json.loads(measured.read_text("utf-8"))) if measured.exists() else {}


def rendered(page: str, kept: Mapping[str, Any]) -> str:
    """Return the page with what stands between its marks written anew; nothing else of it changes.

    A benchmark without a place in the page gets one at its end.
    """
    blocks = {"summary": summary(kept), **{name: block(run) for name, run in kept.items()}}
    for name, text in blocks.items():
        begin, end = BEGIN.format(name=name), END.format(name=name)
        if begin not in page:
            page = f"{page.rstrip()}\n\n## {name.capitalize()}\n\n{begin}\n{end}\n"
        before, _, rest = page.partition(begin)
        page = f"{before}{begin}\n{text}\n{end}{rest.partition(end)[2]}"
    return page


def summary(kept: Mapping[str, Any]) -> str:
    """Return how many targets were reached, and which were not."""
    figures = [figure_of(document) for run in kept.values() for document in run["figures"]]
    judged = [figure for figure in figures if figure.target]
    short = [figure for figure in judged if not figure.reached]
    reached = f"{len(judged) - len(short)} of {len(judged)} targets are reached."
    return "\n".join([reached, *(["", "What falls short:", ""] if short else []), *map(_told, short)])


def _told(figure: Figure) -> str:
    measured = f"{shown(figure.value)} {figure.unit}".strip()
    return f"- {figure.row}, {figure.what}: {measured}, target {figure.target}"


def block(run: Mapping[str, Any]) -> str:
    """Return what the page says of one benchmark's last measurement."""
    figures = [figure_of(document) for document in run["figures"]]
    times = max(len(figure.runs) for figure in figures)
    said = f"{run['date']}, {run['machine']}, load {run['load']} before; {run['python']}, {run['libraries']}"
    how = f"{said}; " + ("one run." if times < 2 else f"{times} runs.")
    return "\n\n".join([how, table(figures), *(figure.detail for figure in figures if figure.detail)])
