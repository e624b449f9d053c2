"""What templates the simulated platform has, asked as Graph is and understood by the real adapter."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from chalicelib.adapters.channels.graph_templates import path_and_query, understood
from chalicelib.authoring.senders import Sender
from chalicelib.ports import ListedTemplates, NotListed
from infra.local.simulator.catalogue import load_catalogue
from infra.local.simulator.platform import Platform
from infra.local.simulator.scenario import Scenario
from infra.local.simulator.state import Request
from tests.fakes import FakeClock


class SimulatedListing:
    """`TemplateListing` of the simulator. `busy` are the HTTP statuses of the next calls."""

    def __init__(self, clock: FakeClock, campaigns: Path) -> None:
        self._clock = clock
        self.platform = Platform(
            load_catalogue(campaigns), Scenario(), token="token", app_secret="", subscribed=False
        )
        self.busy: deque[int] = deque()
        self.calls: list[tuple[int, str]] = []
        self.limit: int | None = None

    async def page(self, sender: Sender, *, after: str, limit: int) -> ListedTemplates | NotListed:
        self.calls.append((self._clock.now(), sender.waba_id))
        if self.busy:
            return understood(self.busy.popleft(), b"{}")
        path, _, query = path_and_query(sender.waba_id, after=after, limit=self.limit or limit).partition("?")
        request = Request(
            method="GET",
            path=f"/v25.0/{path}",
            query=dict(parse_qsl(query)),
            headers={"Authorization": "Bearer token"},
        )
        answer = self.platform.receive(self._clock.now(), request)
        return understood(answer.status, answer.body)

    def becomes(self, **changes: Any) -> None:
        """Change what the platform has, without a word to anybody."""
        self.platform.amend(self._clock.now(), changes)

    def forgets(self, name: str) -> None:
        """Take a template off the platform."""
        state = self.platform.state
        kept = {key: t for key, t in state.catalogue.templates.items() if key[0] != name}
        state.catalogue = replace(state.catalogue, templates=kept)
