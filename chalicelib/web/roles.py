"""Which act needs which role: one row for each route, and what is written of it into the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.authoring.actor import Actor, ActorKind, Area, Role
from chalicelib.errors import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What one route does. `role` is the least that may; `on` the name of what it is done to.

    `on` is a part of the path or a field of the answer. An act that is `kept` goes
    into the audit trail. `mfa`: people need a second factor for it.
    """

    name: str
    role: Role
    area: Area
    kept: bool = False
    on: str = ""
    mfa: bool = False


def _reads(name: str, role: Role, area: Area) -> Act:
    return Act(name=name, role=role, area=area)


def _does(name: str, role: Role, area: Area, on: str = "", *, mfa: bool = False) -> Act:
    return Act(name=name, role=role, area=area, kept=True, on=on, mfa=mfa)


VIEWER, MARKETER, APPROVER, ADMIN = Role.VIEWER, Role.MARKETER, Role.APPROVER, Role.ADMIN
CONTACTS, CAMPAIGNS, BROADCASTS, SENDS, HOME = (
    Area.CONTACTS,
    Area.CAMPAIGNS,
    Area.BROADCASTS,
    Area.SENDS,
    Area.HOME,
)

ACTS: Mapping[tuple[str, str], Act] = {
    # What systems tell a thousand times a day is not kept here: consent has its own evidence.
    ("POST", "/api/events"): _reads("event.record", MARKETER, CONTACTS),
    ("PUT", "/api/contacts/{contact}"): _reads("contact.state", MARKETER, CONTACTS),
    ("GET", "/api/contacts/{contact}"): _reads("contact.read", MARKETER, CONTACTS),
    ("POST", "/api/contacts/erase"): _does("contact.erase", ADMIN, CONTACTS, "person"),
    ("GET", "/api/contacts/export"): _does("contacts.export", ADMIN, CONTACTS),
    ("POST", "/api/contacts/profiles"): _reads("contacts.profile", MARKETER, CONTACTS),
    ("POST", "/api/contacts/imports"): _does("contacts.import", MARKETER, CONTACTS, "batch"),
    ("GET", "/api/contacts/imports/{batch}/results"): _reads("import.read", MARKETER, CONTACTS),
    ("POST", "/api/contacts/imports/{batch}/undo"): _does("contacts.undo", MARKETER, CONTACTS, "batch"),
    ("POST", "/api/campaigns/validate"): _reads("campaign.validate", VIEWER, CAMPAIGNS),
    ("POST", "/api/campaigns/tests"): _reads("campaign.test", VIEWER, CAMPAIGNS),
    ("POST", "/api/campaigns"): _does("campaign.upload", MARKETER, CAMPAIGNS, "campaign"),
    ("POST", "/api/campaigns/{campaign}/plans"): _does("campaign.plan", MARKETER, CAMPAIGNS, "campaign"),
    ("GET", "/api/plans/{plan}"): _reads("plan.read", VIEWER, CAMPAIGNS),
    ("POST", "/api/plans/{plan}/approve"): _does("plan.approve", APPROVER, CAMPAIGNS, "plan", mfa=True),
    ("POST", "/api/plans/{plan}/launch"): _does("plan.launch", MARKETER, BROADCASTS, "plan", mfa=True),
    ("GET", "/api/templates"): _reads("templates.read", VIEWER, CAMPAIGNS),
    ("GET", "/api/templates/{name}"): _reads("template.read", VIEWER, CAMPAIGNS),
    ("POST", "/api/templates/sync"): _does("templates.sync", MARKETER, CAMPAIGNS),
    ("GET", "/api/broadcasts"): _reads("broadcasts.read", VIEWER, BROADCASTS),
    ("GET", "/api/broadcasts/{broadcast}"): _reads("broadcast.read", VIEWER, BROADCASTS),
    **{
        ("POST", f"/api/broadcasts/{{broadcast}}/{order}"): _does(
            f"broadcast.{order}", MARKETER, BROADCASTS, "broadcast"
        )
        for order in ("pause", "resume", "cancel", "verify")
    },
    ("GET", "/api/broadcasts/{broadcast}/report"): _reads("report.read", VIEWER, BROADCASTS),
    ("GET", "/api/broadcasts/{broadcast}/people/{contact}"): _reads("person.explain", VIEWER, BROADCASTS),
    ("POST", "/api/campaigns/{campaign}/sends"): _reads("send.ask", MARKETER, SENDS),
    ("GET", "/api/sends/{send}"): _reads("send.read", VIEWER, SENDS),
    ("POST", "/api/test-sends"): _does("send.test", MARKETER, SENDS),
    ("GET", "/api/stops"): _reads("stops.read", VIEWER, BROADCASTS),
    ("POST", "/api/stops/resume"): _does("stop.lift", ADMIN, BROADCASTS),
    ("GET", "/api/queues"): _reads("queues.read", VIEWER, HOME),
    ("GET", "/api/dead-letters"): _reads("dead_letters.read", ADMIN, HOME),
    ("POST", "/api/dead-letters/replay"): _does("dead_letters.replay", ADMIN, HOME),
    ("GET", "/api/home"): _reads("home.read", VIEWER, HOME),
    ("POST", "/api/home/hold"): _does("home.hold", ADMIN, HOME),
    ("POST", "/api/home/release"): _does("home.release", ADMIN, HOME),
    ("GET", "/api/audit"): _reads("audit.read", ADMIN, HOME),
    ("GET", "/api/rules"): _reads("rules.read", VIEWER, HOME),
    ("PUT", "/api/rules/files/{sha256}"): _does("rules.bring", ADMIN, HOME, "sha256"),
    ("POST", "/api/rules"): _does("rules.push", ADMIN, HOME, "version"),
    ("GET", "/api/tokens"): _reads("tokens.read", ADMIN, HOME),
    ("POST", "/api/tokens"): _does("token.create", ADMIN, HOME, "token"),
    ("POST", "/api/tokens/{token}/revoke"): _does("token.revoke", ADMIN, HOME, "token"),
}
"""Every route but `/health`, which asks nobody who they are."""


def act_of(method: str, route: str) -> Act:
    """Return what a route does; one that the table forgot is the admin's, so that it opens nothing."""
    return ACTS.get((method, route)) or _does(f"{method} {route}", Role.ADMIN, Area.HOME)


def refusal(actor: Actor, act: Act) -> Problem | None:
    """Return why somebody may not do an act, None when they may."""
    if not actor.role.reaches(act.role):
        params = {"act": act.name, "needed": act.role.value, "role": actor.role.value}
        return Problem(code="role_needed", params=params)
    if actor.scope and act.area not in actor.scope:
        areas = ", ".join(sorted(actor.scope))
        return Problem(
            code="scope_needed", params={"act": act.name, "needed": act.area.value, "scope": areas}
        )
    if act.mfa and actor.kind is ActorKind.PERSON and not actor.has_mfa:
        return Problem(code="mfa_needed", params={"act": act.name})
    return None
