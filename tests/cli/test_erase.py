"""carillon contacts erase: says first what would go, and asks."""

from __future__ import annotations

import io
from typing import Any

import pytest

from cli.arguments import parser
from cli.client import Answer
from cli.contacts import erase
from cli.invocation import Invocation
from cli.screen import Screen
from cli.texts import text

FOUND = {
    "contacts": 1,
    "names": 2,
    "consents": 3,
    "plans": 4,
    "messages": 5,
    "imports": 6,
    "uploads": 0,
    "unread": 0,
}


def answer(*, erased: bool, done: bool = True, already: bool = False) -> dict[str, Any]:
    return {"person": "c1", "erased": erased, "already": already, "done": done, "found": FOUND}


class Keys(io.StringIO):
    """A keyboard, if somebody sits at it."""

    def __init__(self, typed: str | None) -> None:
        super().__init__(typed or "")
        self._there = typed is not None

    def isatty(self) -> bool:
        return self._there


def erased(
    *words: str, typed: str | None, done: bool = True, already: bool = False, language: str = "en"
) -> tuple[int, list[Any], str]:
    """Run the command; returns its status, what the API was asked and what was said."""
    asked: list[Any] = []

    class Api:
        def request(self, method: str, path: str, *, body: Any = None, **_: Any) -> Answer:
            asked.append((method, path, body))
            return Answer(200, answer(erased=body["confirmed"], done=done, already=already))

        def close(self) -> None:
            return None

        def settle(self, until: Any) -> None:
            raise AssertionError

    given = parser().parse_args(["contacts", "erase", "+212612345678", *words])
    out = io.StringIO()
    screen = Screen(
        as_json="--json" in words, language=language, out=out, err=io.StringIO(), keys=Keys(typed)
    )
    status = erase(Invocation(given, Api(), screen, {}))
    return status, [body["confirmed"] for _, _, body in asked], out.getvalue()


@pytest.mark.parametrize(
    ("words", "typed", "status", "confirmed"),
    [
        ((), "yes\n", 0, [False, True]),
        ((), "Oui\n", 0, [False, True]),
        ((), "نعم\n", 0, [False, True]),
        ((), "no\n", 1, [False]),
        ((), "\n", 1, [False]),
        ((), "", 1, [False]),
        ((), None, 0, [False]),
        (("--json",), "yes\n", 0, [False]),
        (("--yes",), None, 0, [False, True]),
        (("--yes", "--json"), None, 0, [False, True]),
    ],
)
def test_nothing_is_erased_that_nobody_agreed_to(
    words: tuple[str, ...], typed: str | None, status: int, confirmed: list[bool]
) -> None:
    got, asked, _ = erased(*words, typed=typed)
    assert (got, asked) == (status, confirmed)


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_it_says_what_there_is_and_what_came_of_it_and_never_the_number(language: str) -> None:
    _, _, said = erased("--yes", typed=None, language=language)
    for name in FOUND:
        assert text(f"erase_{name}", language) in said
    assert text("erased", language, person="c1") in said
    assert text("erased_elsewhere", language) in said
    assert "612345678" not in said


def test_what_takes_longer_is_said() -> None:
    _, _, said = erased("--yes", typed=None, done=False)
    assert text("erased_soon", "en", person="c1") in said


def test_whoever_was_erased_before_is_said_to_be() -> None:
    _, _, said = erased(typed=None, already=True)
    assert text("erased_already", "en", person="c1") in said
    assert text("erased_nothing", "en") in said
