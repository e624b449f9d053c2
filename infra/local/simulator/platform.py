"""One simulated platform: the step, its agenda, the outbox and the journal, on a clock from outside."""

from __future__ import annotations

import heapq
from typing import Any

import orjson

from infra.local.simulator.catalogue import Catalogue, Template
from infra.local.simulator.events import Accepted, CallRefused, Due, TemplateChange
from infra.local.simulator.journal import RANKS, Journal, Write
from infra.local.simulator.outbox import Outbox, Webhook
from infra.local.simulator.scenario import Scenario, UnreadableScenario, amended
from infra.local.simulator.state import Answer, Request, State
from infra.local.simulator.stepping import happen, step

USUAL_LOG_PAGE = 1_000


class Platform:
    """What both fronts drive: `receive` for requests, `due_webhooks` and `answered` for webhooks."""

    def __init__(
        self,
        catalogue: Catalogue,
        scenario: Scenario,
        *,
        token: str,
        app_secret: str,
        subscribed: bool = True,
        write: Write | None = None,
    ) -> None:
        self.state = State(catalogue=catalogue, scenario=scenario, token=token)
        self.journal = Journal(write)
        self.outbox = Outbox(app_secret, scenario.seed)
        self.stalled_ms = 0.0
        """The longest that our process did not run: what arrived then looks as if it came at once."""
        self._subscribed = subscribed
        self._agenda: list[tuple[float, int, Due]] = []
        self._added = 0

    def receive(self, now_ms: float, request: Request) -> Answer:
        """Answer one request that arrives at `now_ms`."""
        if request.path.startswith("/_simulator/"):
            return self._control(now_ms, request)
        self._catch_up(now_ms)
        answer, events = step(self.state, now_ms, request)
        for event in events:
            if isinstance(event, Accepted):
                self.journal.accept(event)
            elif isinstance(event, CallRefused):
                self.journal.refuse(event)
            else:
                self._plan(event)
        return answer

    def due_webhooks(self, now_ms: float) -> list[Webhook]:
        """Return the POSTs to make at `now_ms`; each must be given to `answered` afterwards."""
        self._catch_up(now_ms)
        return self.outbox.due(now_ms, self.state.scenario.webhooks)

    def answered(self, webhook: Webhook, status: int | None, now_ms: float) -> None:
        """Note the HTTP status a webhook got; None when no answer came."""
        if self.outbox.answered(webhook, status, now_ms, self.state.scenario.webhooks):
            for event in webhook.events:
                self.journal.acknowledge(event, now_ms)

    def next_due(self) -> float | None:
        """Return the instant at which `due_webhooks` is next worth calling; None when all is quiet."""
        instants = [at for at in (self.outbox.next_due(self.state.scenario.webhooks),) if at is not None]
        if self._agenda:
            instants.append(self._agenda[0][0])
        return min(instants, default=None)

    def summary(self) -> dict[str, Any]:
        """Return the counts that a report must agree with; sent, delivered, read count who got that far."""
        journal = self.journal
        return {
            "accepted": len(journal.records),
            **{key: journal.totals[key] for key in (*RANKS, "replied", "stopped", "unanswered")},
            "failed": dict(journal.failed),
            "refused": dict(journal.refused),
            "portfolios": {
                name: {"recipients_in_24h": len(day), "peak_recipients_in_24h": day.peak}
                for name, day in self.state.days.items()
            },
            "numbers": self._numbers(),
            "stalled_ms": round(self.stalled_ms),
            "webhooks": {
                "scheduled": len(self._agenda),
                "pending": self.outbox.pending,
                "posts": self.outbox.posts,
                "retries": self.outbox.retries,
                "given_up": self.outbox.given_up,
            },
        }

    def _numbers(self) -> dict[str, dict[str, int]]:
        return {
            number_id: {
                "limit": self.state.limit_of(self.state.catalogue.numbers[number_id]),
                "peak_accepted": pace.accepted.peak,
                "peak_with_inbound": pace.both.peak,
                "peak_calls": pace.calls.peak,
                "throttled": pace.throttled,
            }
            for number_id, pace in self.state.pace.items()
        }

    def amend(self, now_ms: float, changes: object) -> None:
        """Change the scenario while it runs; what changes of a template is announced."""
        before = self._templates()
        self.state.scenario = amended(self.state.scenario, changes)
        accounts = sorted({number.waba_id for number in self.state.catalogue.numbers.values()})
        for (template, what, was), (_, _, now) in zip(before, self._templates(), strict=True):
            for waba_id in accounts if was != now else ():
                change = TemplateChange(
                    at_ms=now_ms,
                    waba_id=waba_id,
                    template=template,
                    what=what,
                    was=was,
                    now=now,
                    category=self.state.category_of(template),
                )
                self._plan(change)

    def _templates(self) -> list[tuple[Template, str, str]]:
        """Return what may change of each template, as it stands."""
        state = self.state
        facets = (
            ("status", state.status_of),
            ("category", state.category_of),
            ("quality", state.quality_of),
            ("body", state.body_of),
        )
        return [(t, what, of(t)) for t in state.catalogue.templates.values() for what, of in facets]

    def _plan(self, event: Due) -> None:
        self._added += 1
        heapq.heappush(self._agenda, (event.at_ms, self._added, event))

    def _catch_up(self, now_ms: float) -> None:
        """Let everything happen that was due."""
        agenda = self._agenda
        while agenda and agenda[0][0] <= now_ms:
            event = heapq.heappop(agenda)[2]
            happen(self.state, event)
            if self._subscribed:
                self.outbox.add(event, self.state.scenario.webhooks)
            else:
                self.journal.acknowledge(event, now_ms)

    def _control(self, now_ms: float, request: Request) -> Answer:
        """The simulator's own routes; the real platform has none of them."""
        route = (request.method, request.path.removeprefix("/_simulator/"))
        if route == ("GET", "summary"):
            return Answer(status=200, body=orjson.dumps(self.summary()))
        if route == ("GET", "log"):
            return self._log_page(request)
        if route == ("GET", "scenario"):
            options = orjson.OPT_NON_STR_KEYS
            return Answer(status=200, body=orjson.dumps(self.state.scenario, option=options))
        if route == ("POST", "scenario"):
            return self._amended(now_ms, request.body)
        return Answer(status=404, body=orjson.dumps({"error": f"no route {request.method} {request.path}"}))

    def _log_page(self, request: Request) -> Answer:
        """JSON with the records from `after` on, at most `limit`, and where to go on."""
        after, limit = (request.query.get(key, "") for key in ("after", "limit"))
        start = int(after) if after.isdecimal() else 0
        size = int(limit) if limit.isdecimal() else USUAL_LOG_PAGE
        records = list(self.journal.records.values())
        page = [record.shown() for record in records[start : start + size]]
        end = start + len(page)
        body = {"messages": page, "total": len(records), "next": end if end < len(records) else None}
        return Answer(status=200, body=orjson.dumps(body))

    def _amended(self, now_ms: float, body: bytes) -> Answer:
        try:
            changes = orjson.loads(body)
            self.amend(now_ms, changes)
        except (orjson.JSONDecodeError, UnreadableScenario) as error:
            return Answer(status=400, body=orjson.dumps({"error": str(error)}))
        return Answer(status=200, body=b"{}")
