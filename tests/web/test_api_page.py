"""docs/api.md: it has every route, and each of its examples is answered as it says."""

from __future__ import annotations

import re

import pytest

from app import app
from chalicelib.web.local import Router
from tests.scenarios.world import World
from tests.web.api_page import PAGE, WEBHOOK, Player, examples, shape, shown

EXAMPLES = list(examples(PAGE.read_text("utf-8")))
ROUTES = {(method, path) for path, methods in app.routes.items() for method in methods}


def test_every_route_has_an_example_that_succeeds_or_says_why_not() -> None:
    router = Router(app.routes)
    shown_routes = {(e.method, found[0]) for e in EXAMPLES if (found := router.match(e.path)) is not None}
    assert ROUTES - shown_routes == set()
    assert {e.method for e in EXAMPLES if e.path == WEBHOOK} == {"GET", "POST"}


def test_every_heading_is_a_route() -> None:
    headings = re.findall(r"^### ([A-Z]+) (\S+)$", PAGE.read_text("utf-8"), re.M)
    assert set(headings) == ROUTES | {("GET", WEBHOOK), ("POST", WEBHOOK)}


def test_each_example_is_answered_as_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    world = World()
    player = Player(world)
    for example in EXAMPLES:
        status, answer = player.play(example)
        got, promised = shown(answer), shown(example.answer)
        place = f"{example.method} {example.target}"
        assert (place, status) == (place, example.status), answer
        assert (place, shape(got)) == (place, shape(promised))
        if isinstance(promised, dict):
            assert promised.get("code") == got.get("code")
        player.learn(promised, got)
    world.close()
