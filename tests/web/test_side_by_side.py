"""Requests that are answered at the same time stay apart: each has its own token, body and language."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.web.local import call
from tests.scenarios.world import World


class Held:
    """`Objects` that hold whoever reads `key` until they are let go."""

    def __init__(self, objects: Any, key: str) -> None:
        self._objects, self._key = objects, key
        self.reached, self.let_go = threading.Event(), threading.Event()

    def get(self, key: str) -> bytes | None:
        if key == self._key:
            self.reached.set()
            assert self.let_go.wait(10)
        found: bytes | None = self._objects.get(key)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._objects, name)


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


def test_a_request_is_answered_by_its_own_body_whatever_is_asked_meanwhile(world: World) -> None:
    world.settings = replace(world.settings, needs_token=True)
    world.open_worker()
    first, second = (world.pipeline.create_token(name)[0] for name in ("first", "second"))
    held = Held(world.home.ports.objects, "keys/tokens/1.json")
    world.pipeline.home = replace(world.home, ports=replace(world.home.ports, objects=held))
    answers: dict[str, Any] = {}

    def ask(token: str, name: str, language: str) -> None:
        headers = {
            "content-type": "application/json",
            "authorization": f"Bearer {token}",
            "accept-language": language,
        }
        body = json.dumps({"source": f"campaign: {name}\n", "file": f"{name}.yaml"}).encode()
        status, _, raw = call("POST", "/api/campaigns/validate", "", headers, body)
        answers[name] = (status, json.loads(raw)["problems"][0])

    slow = threading.Thread(target=ask, args=(first, "slow", "fr"))
    slow.start()
    assert held.reached.wait(10)
    ask(second, "quick", "en")
    ask("carillon_2_wrong", "wrong", "en")
    held.let_go.set()
    slow.join(10)
    assert [(name, status, problem["file"]) for name, (status, problem) in sorted(answers.items())] == [
        ("quick", 422, "quick.yaml"),
        ("slow", 422, "slow.yaml"),
        ("wrong", 401, ""),
    ]
    assert answers["slow"][1]["text"] != answers["quick"][1]["text"]
