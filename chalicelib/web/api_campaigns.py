"""Routes of campaigns: definitions, plans, broadcasts, reports."""

from __future__ import annotations

from typing import Any

from chalicelib import bootstrap
from chalicelib.audience.instant import Instant
from chalicelib.planning.approval import Verdict
from chalicelib.sending.broadcast import BroadcastState
from chalicelib.web import shapes_broadcasts, shapes_campaigns
from chalicelib.web.requests import (
    acting,
    answered,
    body,
    ended_as,
    instant_field,
    language,
    query,
    routes,
    small_body,
    text_field,
    truth_field,
)


@routes.route("/api/campaigns/validate", methods=["POST"])
@answered
def validate() -> Any:
    """All problems and warnings of a definition; stores nothing."""
    fields = body()
    done = bootstrap.pipeline().validate(text_field(fields, "source"), file=text_field(fields, "file", ""))
    return shapes_campaigns.validated(done, language())


@routes.route("/api/campaigns/tests", methods=["POST"])
@answered
def run_tests() -> Any:
    """What came of a definition's own tests; stores nothing."""
    fields = body()
    trials = bootstrap.pipeline().run_tests(text_field(fields, "source"), file=text_field(fields, "file", ""))
    return shapes_campaigns.trials(trials)


@routes.route("/api/campaigns", methods=["POST"])
@answered
def upload() -> Any:
    """Store a definition as a version of its campaign."""
    fields = body()
    done = bootstrap.pipeline().upload(
        text_field(fields, "source"),
        file=text_field(fields, "file", ""),
        author=acting().name,
    )
    return shapes_campaigns.uploaded(done, language())


@routes.route("/api/campaigns/{campaign}/plans", methods=["POST"])
@answered
def plan(campaign: str) -> Any:
    """Start planning the latest version."""
    fields = body()
    planning = bootstrap.pipeline().plan(
        campaign, at=instant_field(fields, "at"), again=bool(fields.get("again")), author=acting().name
    )
    return shapes_campaigns.planning(planning, language())


@routes.route("/api/plans/{plan}", methods=["GET"])
@answered
def show_plan(plan: str) -> Any:
    """How far a plan is, or what it says; by id or by hash."""
    found = bootstrap.pipeline().planning(plan)
    return shapes_campaigns.planning(found, language(), bootstrap.pipeline().agreed(found))


@routes.route("/api/plans/{plan}/approve", methods=["POST"])
@answered
def approve(plan: str) -> Any:
    """Agree to a plan, by its hash, or with `reject` send it back; of everybody the last word counts."""
    fields = small_body()
    verdict = Verdict.SENT_BACK if truth_field(fields, "reject") else Verdict.APPROVED
    comment = text_field(fields, "comment", "")
    agreed = bootstrap.pipeline().approve(plan, acting(), verdict=verdict, comment=comment)
    ended_as(verdict.value)
    return {"hash": plan, "verdict": verdict.value, "approval": shapes_campaigns.agreement(agreed)}


@routes.route("/api/plans/{plan}/launch", methods=["POST"])
@answered
def launch(plan: str) -> Any:
    """Start the plan's broadcast; the same one however often."""
    launched = bootstrap.pipeline().launch(plan)
    return {
        "broadcast": launched.broadcast.id,
        "already": launched.already,
        "state": launched.broadcast.state.value,
    }


@routes.route("/api/broadcasts", methods=["GET"])
@answered
def broadcasts() -> Any:
    """Broadcasts, newest first, a page at a time."""
    return shapes_broadcasts.broadcasts(bootstrap.pipeline(), after=query("after"))


@routes.route("/api/broadcasts/{broadcast}", methods=["GET"])
@answered
def broadcast(broadcast: str) -> Any:
    """Live state, from counters; the report is exact."""
    return shapes_broadcasts.broadcast(
        bootstrap.pipeline(), bootstrap.pipeline().broadcast(broadcast), language()
    )


def _order(broadcast: str, wanted: BroadcastState, lost_at: Instant | None = None) -> Any:
    return shapes_broadcasts.ordered(
        bootstrap.pipeline().order(broadcast, wanted, lost_at=lost_at), language()
    )


@routes.route("/api/broadcasts/{broadcast}/pause", methods=["POST"])
@answered
def pause(broadcast: str) -> Any:
    """Stop sending within two seconds; what was handed over already is counted."""
    return _order(broadcast, BroadcastState.PAUSED)


@routes.route("/api/broadcasts/{broadcast}/resume", methods=["POST"])
@answered
def resume(broadcast: str) -> Any:
    """Go on with whoever has no outcome yet.

    `lost_at`, for one that a restored home holds: the lost home called nobody after it.
    """
    return _order(broadcast, BroadcastState.RUNNING, instant_field(body(), "lost_at"))


@routes.route("/api/broadcasts/{broadcast}/cancel", methods=["POST"])
@answered
def cancel(broadcast: str) -> Any:
    """End it: whoever has no outcome yet is excluded as `cancelled`."""
    return _order(broadcast, BroadcastState.CANCELLING)


@routes.route("/api/broadcasts/{broadcast}/report", methods=["GET"])
@answered
def report(broadcast: str) -> Any:
    """The exact report, folded from the ledger."""
    found = bootstrap.pipeline().broadcast(broadcast)
    return shapes_broadcasts.report(found, bootstrap.pipeline().report(broadcast))


@routes.route("/api/broadcasts/{broadcast}/people/{contact}", methods=["GET"])
@answered
def explain(broadcast: str, contact: str) -> Any:
    """Why one person did or did not get it."""
    return shapes_broadcasts.explanation(bootstrap.pipeline().explain(broadcast, contact))


@routes.route("/api/test-sends", methods=["POST"])
@answered
def test_send() -> Any:
    """Send one rendering to one phone."""
    fields = body()
    return bootstrap.pipeline().test_send(
        text_field(fields, "source"),
        file=text_field(fields, "file", ""),
        contact=text_field(fields, "contact"),
        to=text_field(fields, "to", ""),
    )
