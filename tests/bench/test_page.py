"""The published page says what was measured, and writing it again changes nothing."""

from __future__ import annotations

from pathlib import Path

from bench import _page
from bench._figures import Figure, over_runs

MACHINE = {
    "date": "2026-11-21",
    "machine": "2 cores of a processor, Linux x86_64",
    "load": "0.1",
    "python": "cpython 3.11.7",
    "libraries": "aiohttp 3.14.0",
}


def figure(value: float, *, at_least: float | None = 100.0, what: str = "calls") -> Figure:
    return Figure(row="receipts", what=what, value=value, unit="/s", at_least=at_least)


def files(directory: Path, text: str) -> tuple[Path, Path]:
    page = directory / "benchmarks.md"
    page.write_text(text, "utf-8")
    return directory / "benchmarks.json", page


def test_what_was_published_is_what_was_measured() -> None:
    page = _page.PAGE.read_text("utf-8")
    assert _page.rendered(page, _page.read()) == page


def test_a_benchmark_s_figures_replace_its_earlier_ones_and_no_other_s(tmp_path: Path) -> None:
    measured, page = files(tmp_path, "# Benchmarks\n\nBy hand.\n")
    _page.write("receipts", MACHINE, [figure(90.0)], measured=measured, page=page)
    _page.write("start", MACHINE, [figure(120.0, what="starts")], measured=measured, page=page)
    assert "short by 10 %" in page.read_text("utf-8")
    _page.write("receipts", MACHINE, [figure(110.0)], measured=measured, page=page)
    text = page.read_text("utf-8")
    assert text.startswith("# Benchmarks\n\nBy hand.\n")
    assert "| receipts: calls | 110 /s |" in text
    assert "| receipts: starts | 120 /s |" in text
    assert "short" not in text
    assert text.count("## Receipts") == 1


def test_writing_the_same_again_changes_nothing(tmp_path: Path) -> None:
    measured, page = files(tmp_path, "# Benchmarks\n")
    _page.write("receipts", MACHINE, [figure(90.0)], measured=measured, page=page)
    before = page.read_text("utf-8"), measured.read_text("utf-8")
    _page.write("receipts", MACHINE, [figure(90.0)], measured=measured, page=page)
    assert (page.read_text("utf-8"), measured.read_text("utf-8")) == before


def test_the_summary_names_what_falls_short() -> None:
    figures = [figure(90.0), figure(110.0, what="other calls"), figure(5.0, at_least=None, what="told")]
    kept = {"receipts": {**MACHINE, "figures": [f.document() for f in figures]}}
    assert _page.summary(kept).splitlines() == [
        "1 of 2 targets are reached.",
        "",
        "What falls short:",
        "",
        "- receipts, calls: 90 /s, target ≥ 100",
    ]


def test_several_runs_are_judged_by_their_median() -> None:
    runs = [[figure(value)] for value in (130.0, 95.0, 110.0)]
    (merged,) = over_runs(runs)
    assert merged.value == 110.0
    assert merged.runs == (130.0, 95.0, 110.0)


def test_what_may_not_happen_at_all_is_judged_by_the_worst_run() -> None:
    runs = [[Figure(row="pacing", what="seconds", value=v, unit="", at_most=0)] for v in (0.0, 3.0, 0.0)]
    (merged,) = over_runs(runs)
    assert merged.value == 3.0
    assert not merged.reached
