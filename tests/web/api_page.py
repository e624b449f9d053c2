"""docs/api.md played: every request of the page, in its order, through the real app on one home."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chalicelib.web.local import call
from chalicelib.web.server import webhook
from tests.scenarios.world import World

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
EXAMPLE = re.compile(r"^```http\n(.*?)^```\n+```(\w+) (\d+)\n(.*?)^```$", re.DOTALL | re.M)
WEBHOOK = "/webhooks/whatsapp"


@dataclass(frozen=True, kw_only=True)
class Example:
    """A request of the page and the answer that the page promises."""

    method: str
    target: str
    headers: dict[str, str]
    body: str
    status: int
    answer: str

    @property
    def path(self) -> str:
        return urlsplit(self.target).path


def examples(text: str) -> Iterator[Example]:
    """Yield every example of a page."""
    for asked, _, status, answer in EXAMPLE.findall(text):
        head, _, body = asked.partition("\n\n")
        first, *lines = head.splitlines()
        method, target = first.split(" ")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        yield Example(
            method=method,
            target=target,
            headers=headers,
            body=body.removesuffix("\n"),
            status=int(status),
            answer=answer.strip(),
        )


class Player:
    """Plays examples one after the other; names that differ here from the page's are put in later ones."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._here: dict[str, str] = {}

    def play(self, example: Example) -> tuple[int, str]:
        """Send one request, then let the home work for a while."""
        parts = urlsplit(self._translated(example.target))
        body = self._translated(example.body).encode()
        headers = {"content-type": "application/json", **example.headers}
        send = webhook if parts.path == WEBHOOK else None
        if send is not None:
            status, _, raw = send(example.method, parts.query, headers, body)
        else:
            status, _, raw = call(example.method, parts.path, parts.query, headers, body)
        self._world.run_for(seconds=3)
        return status, raw.decode()

    def learn(self, promised: Any, got: Any) -> None:
        """Remember under which name something of the page is known here."""
        if isinstance(promised, dict) and isinstance(got, dict):
            for name in promised.keys() & got.keys():
                self.learn(promised[name], got[name])
        elif isinstance(promised, list) and isinstance(got, list):
            for one, other in zip(promised, got, strict=False):
                self.learn(one, other)
        elif isinstance(promised, str) and isinstance(got, str) and len(promised) >= 12:
            self._here[promised] = got

    def _translated(self, text: str) -> str:
        for there, here in self._here.items():
            text = text.replace(there, here)
        return text


def shape(value: Any) -> Any:
    """Return names and kinds: of a list, those of its first item; a number is one kind with null."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "null or text" if value is None or isinstance(value, str) else type(value).__name__


def shown(answer: str) -> Any:
    """Return an answer as a value, and what is no JSON as its text."""
    try:
        return json.loads(answer) if answer else ""
    except ValueError:
        return answer
