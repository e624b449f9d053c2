"""docs/glossary.md and the names of our classes keep step."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GLOSSARY = ROOT / "docs" / "glossary.md"

HOMONYMS = {
    "account": "Meta's account, which its webhooks report on, not our sender",
    "channel": "the channel port (WhatsApp, SMS), not our sender",
    "log": "an append-only log of consent changes, not the ledger",
    "mode": "a sender's mode in senders.yaml, a word of its users",
    "rule": "a campaign's consent rule, not a gate",
    "state": "the state of a state machine, not a standing",
    "text": "text in a file or a parameter, not a message",
    "timer": "a recurring trigger of the embedded home, not a wave's schedule",
    "token": "a token of the segment language, not a slot",
}
"""Words that are never said for the concept they stand beside, but are right for another one."""


def rows() -> list[tuple[str, str]]:
    """Return (say, never) of every row of the glossary."""
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in GLOSSARY.read_text("utf-8").splitlines()
        if line.startswith("|")
    ]
    return [(row[0], row[-1]) for row in cells if len(row) == 3 and row[0] not in ("Say", "---")]


def words(text: str) -> set[str]:
    return {word for word in re.split(r"[^a-z]+", text.lower()) if word}


def said() -> set[str]:
    return {word for say, _ in rows() for word in words(say)}


def never_said() -> set[str]:
    """Return the words of the last column; of a phrase ("job file") neither word alone is wrong."""
    terms = {term.strip().lower() for _, never in rows() for term in never.split(",")}
    return {term for term in terms if " " not in term} - said()


def classes() -> Iterator[tuple[str, str]]:
    """Yield (place, class name) of all our code."""
    for folder in ("chalicelib", "cli", "infra"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ClassDef):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node.name


def words_of_class(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]+", name)}


def test_the_glossary_has_a_word_and_what_it_replaces_in_every_row() -> None:
    assert len(rows()) >= 30
    assert all(say and never for say, never in rows())


def test_no_class_is_named_with_a_word_we_never_say() -> None:
    forbidden = never_said() - HOMONYMS.keys()
    wrong = [f"{place} {name}" for place, name in classes() if words_of_class(name) & forbidden]
    assert not wrong


@pytest.mark.parametrize("word", sorted(HOMONYMS))
def test_every_homonym_is_still_needed(word: str) -> None:
    assert any(word in words_of_class(name) for _, name in classes())
