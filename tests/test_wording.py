"""Every code somebody can meet says what is wrong in three languages, with the same facts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.audience.consent import ConsentState
from chalicelib.sending.delivery import Outcome
from chalicelib.tracking.explanation import PLAN_GATES, SEND_GATES, worded_as
from chalicelib.wording import say, tables

ROOT = Path(__file__).parents[1]
CALLS = {"Problem", "PlanWarning", "note", "wrong", "InvalidExpression", "matching", "_refused"}
SLOT = re.compile(r"\{([a-z_]+)\}")


def codes() -> Iterator[str]:
    """Yield the literal codes of every call that makes a problem, a warning or a refusal."""
    for file in [*(ROOT / "chalicelib").rglob("*.py"), ROOT / "app.py"]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
                if name in CALLS:
                    yield from literal_codes(name, node)


def literal_codes(name: str, call: ast.Call) -> Iterator[str]:
    places = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
    if name == "matching":
        places += call.args[2:3]
    elif name not in ("Problem", "PlanWarning"):
        places += call.args[:1]
    for place in places:
        for node in ast.walk(place):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


@pytest.mark.parametrize("code", sorted({c for c in codes() if re.fullmatch(r"[a-z_.]{4,}", c)}))
def test_every_code_in_the_program_has_a_text(code: str) -> None:
    assert code in tables()


def test_every_gate_and_every_outcome_has_a_sentence() -> None:
    reasons = {*PLAN_GATES, *SEND_GATES} - {"consent"}  # whose sentences are those of its states
    reasons |= {f"consent.{state.value}" for state in ConsentState if state is not ConsentState.GRANTED}
    wanted = {worded_as(reason) for reason in reasons} | {f"outcome.{outcome.value}" for outcome in Outcome}
    assert wanted - set(tables()) == set()


@pytest.mark.parametrize("code", sorted(tables()))
def test_the_three_texts_of_a_code_tell_the_same_facts(code: str) -> None:
    texts = tables()[code]
    assert set(texts) == {"en", "fr", "ar"}
    assert len({frozenset(SLOT.findall(text)) for text in texts.values()}) == 1
    assert re.search("[\u0621-\u064a]", texts["ar"])


def test_a_guess_is_offered_only_when_there_is_one() -> None:
    assert say("key_unknown", {"key": "windw", "guess": "window"}).endswith("did you mean window?")
    assert "did you mean" not in say("key_unknown", {"key": "windw", "guess": ""})


def test_a_value_in_an_arabic_sentence_is_isolated_from_its_direction() -> None:
    assert "\u2068send_at\u2069" in say("key_required", {"key": "send_at"}, "ar")


def test_a_value_that_looks_like_a_format_is_shown_as_it_is() -> None:
    assert "{0.__class__}" in say("not_a_number", {"key": "limit", "value": "{0.__class__}"})


def test_an_unknown_code_is_said_with_its_facts_and_never_raises() -> None:
    assert say("of_tomorrow", {"n": "1"}) == "of_tomorrow (n: 1)"
    assert say("out_of_bounds", {}) == "`key` is value; it must be between least and most"
