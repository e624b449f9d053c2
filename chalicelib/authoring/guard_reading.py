"""Reading `pause_if`: the conditions under which a running broadcast is paused."""

from __future__ import annotations

import re

from chalicelib.audience.instant import DAY_MS, MINUTE_MS
from chalicelib.authoring.definition import USUAL_GUARDS, Guard, Watched
from chalicelib.authoring.fields import Reader, duration_ms
from chalicelib.authoring.nodes import Text

COUNTED = ("failed", "opt_out", "uncertain")
QUALITIES = ("RED", "YELLOW")
MOST_GUARDS = 20
FORMS = (
    "template.status != APPROVED",
    "sender.quality == RED",
    "rate(failed, 10m) > 10%",
    "rate(opt_out, 1h) > 2%",
    "rate(uncertain, 10m) > 1%",
    "billed_category != category",
)
_RATE = re.compile(r"rate\(\s*(\w+)\s*,\s*(\w+)\s*\)\s*>\s*(\d+(?:\.\d+)?)\s*%")
_QUALITY = re.compile(r"sender\.quality\s*==\s*(\w+)")
_FIXED = {
    "template.status != APPROVED": Watched.TEMPLATE,
    "billed_category != category": Watched.BILLED,
}


def read_guards(root: Reader) -> tuple[Guard, ...]:
    """Return a definition's guards; an empty list is none but the template's, which always counts."""
    if root.node("pause_if") is None:
        return USUAL_GUARDS
    texts = root.texts("pause_if")
    if len(texts) > MOST_GUARDS:
        root.note("too_many", "pause_if", most=str(MOST_GUARDS))
    read = (_guard(root, text) for text in texts[:MOST_GUARDS])
    return tuple(guard for guard in read if guard is not None)


def _guard(root: Reader, text: Text) -> Guard | None:
    written = " ".join(text.value.split())
    if written in _FIXED:
        return Guard(text=written, watched=_FIXED[written])
    quality, rate = _QUALITY.fullmatch(written), _RATE.fullmatch(written)
    if quality and quality[1] in QUALITIES:
        return Guard(text=written, watched=Watched.QUALITY, value=quality[1])
    if rate and rate[1] in COUNTED:
        return _rate(root, text, written, rate)
    root.note("guard_unknown", "pause_if", text.place, value=written[:100], forms="; ".join(FORMS))
    return None


def _rate(root: Reader, text: Text, written: str, found: re.Match[str]) -> Guard | None:
    window, most = duration_ms(found[2]), float(found[3]) / 100
    if window is None or not MINUTE_MS <= window <= DAY_MS or most >= 1:
        root.note("guard_bounds", "pause_if", text.place, value=written[:100])
        return None
    return Guard(text=written, watched=Watched.RATE, counted=found[1], window_ms=window, most=most)
