"""When a broadcast pauses itself: what `pause_if` may say."""

from __future__ import annotations

import pytest

from chalicelib.audience.instant import HOUR_MS, MINUTE_MS
from chalicelib.authoring.definition import USUAL_GUARDS, Guard, Watched
from chalicelib.authoring.reading import read
from tests.authoring.test_definition_table import SMALLEST, problems, with_line


def guards(*texts: str) -> tuple[Guard, ...]:
    return read(with_guards(*texts)).guards


def with_guards(*texts: str) -> str:
    listed = ", ".join(f'"{text}"' for text in texts)
    return with_line("pause_if", f"pause_if: [{listed}]")


def test_without_a_word_template_quality_and_a_fifth_of_failures_pause() -> None:
    assert read(SMALLEST).guards == USUAL_GUARDS
    assert guards(*(guard.text for guard in USUAL_GUARDS)) == USUAL_GUARDS


def test_an_empty_list_is_none() -> None:
    assert guards() == ()


def test_the_example_of_the_format_is_read() -> None:
    template, quality, failed, opted_out, billed = guards(
        "template.status != APPROVED",
        "sender.quality == RED",
        "rate(failed, 10m) > 10%",
        "rate(opt_out, 1h) > 2%",
        "billed_category != category",
    )
    assert (template.watched, billed.watched) == (Watched.TEMPLATE, Watched.BILLED)
    assert (quality.watched, quality.value) == (Watched.QUALITY, "RED")
    assert (failed.counted, failed.window_ms, failed.most) == ("failed", 10 * MINUTE_MS, 0.1)
    assert (opted_out.counted, opted_out.window_ms, opted_out.most) == ("opt_out", HOUR_MS, 0.02)


@pytest.mark.parametrize("text", ["rate( uncertain , 1m )  >  0.5 %", "rate(failed, 24h) > 99%"])
def test_spaces_mean_nothing(text: str) -> None:
    assert guards(text)[0].watched is Watched.RATE


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("rate(failed, 10m) < 10%", "guard_unknown"),
        ("rate(bounced, 10m) > 10%", "guard_unknown"),
        ("rate(failed, 10m) > 10", "guard_unknown"),
        ("rate(failed, 30s) > 10%", "guard_bounds"),
        ("rate(failed, 25h) > 10%", "guard_bounds"),
        ("rate(failed, soon) > 10%", "guard_bounds"),
        ("rate(failed, 10m) > 100%", "guard_bounds"),
        ("sender.quality == GREEN", "guard_unknown"),
        ("template.status == APPROVED", "guard_unknown"),
        ("__import__('os')", "guard_unknown"),
        ("", "guard_unknown"),
    ],
)
def test_what_cannot_be_watched_is_refused_at_its_place(text: str, code: str) -> None:
    assert [(c, p) for c, p, _, _ in problems(with_guards(text))] == [(code, "pause_if")]


def test_a_heap_of_guards_is_refused() -> None:
    assert problems(with_guards(*["sender.quality == RED"] * 21))[0][0] == "too_many"
