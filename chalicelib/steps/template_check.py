"""Is a template still what was planned with? Asked at planning, at launch, before each wave, and of news."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from chalicelib.audience.instant import Instant
from chalicelib.authoring.definition import Definition
from chalicelib.authoring.registry import APPROVED, RegisteredTemplate
from chalicelib.authoring.template import Template
from chalicelib.errors import Problem
from chalicelib.planning.plan import Plan
from chalicelib.planning.template_use import (
    Finding,
    TemplateView,
    breaches,
    concerns,
    evidence,
    faults,
    unapproved,
    view_of,
)
from chalicelib.sending import template_brake
from chalicelib.sending.broadcast import Broadcast, BroadcastState, SenderControl
from chalicelib.steps.amending import amend
from chalicelib.steps.guarding import pause
from chalicelib.steps.home import Home
from chalicelib.steps.pages import open_broadcasts

CHANGED_SINCE = {"template_words_differ": "template_words_changed"}
"""At a launch the words had been the same, when it was planned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateNow:
    """A campaign's template as it stands for its sender's account.

    `views` are by language; `registered` is what the register has of them, as of `synced_at`.
    """

    name: str
    category: str
    waba: str
    views: Mapping[str, TemplateView]
    registered: tuple[RegisteredTemplate, ...]
    synced_at: Instant | None


def template_now(home: Home, definition: Definition) -> TemplateNow:
    """Read what is kept of a definition's template. Nothing here asks the platform."""
    rules = home.rules()
    name, waba = definition.template.name, home.sender(definition.sender).waba_id
    synced_at = home.ports.registry.synced_at(waba)
    registered = tuple(home.ports.registry.of(waba, name))
    known = {template.language: template for template in registered}
    files = {language for each, language in rules.templates if each == name}
    return TemplateNow(
        name=name,
        category=definition.category.value,
        waba=waba,
        views={
            language: view_of(
                rules.templates.get((name, language)),
                rules.component_hashes.get((name, language), ""),
                known.get(language),
                synced=synced_at is not None,
            )
            for language in files | known.keys()
        },
        registered=registered,
        synced_at=synced_at,
    )


def template_of(home: Home, broadcast: Broadcast) -> TemplateNow | None:
    """Read what is kept of a broadcast's template; None where no file has its sender any more."""
    if broadcast.sender not in home.rules().senders:
        return None
    return template_now(home, home.definition(broadcast.campaign, broadcast.campaign_version))


def promised(now: TemplateNow, languages: Iterable[str]) -> dict[str, str]:
    """Return the hash of the words that the files promise, by the languages needed."""
    return {language: now.views[language].promised if language in now.views else "" for language in languages}


def plan_faults(now: TemplateNow, words: Mapping[str, str]) -> list[Finding]:
    """Return what fails a plan."""
    return list(faults(now.name, now.category, now.views, words))


def plan_concerns(
    now: TemplateNow, people: Mapping[str, int], *, first_send: Instant, at: Instant
) -> list[Finding]:
    """Return what a plan warns of."""
    return list(
        concerns(
            now.name,
            now.category,
            now.views,
            people,
            first_send=first_send,
            now=at,
            synced_at=now.synced_at,
        )
    )


def effective(home: Home, definition: Definition) -> dict[tuple[str, str], Template]:
    """Return the templates of the files with the status that the platform gave this campaign's."""
    templates = dict(home.rules().templates)
    now = template_now(home, definition)
    for language, view in now.views.items():
        file = templates.get((now.name, language))
        if file is not None:
            templates[(now.name, language)] = replace(file, status=view.status)
    return templates


def validation_warnings(home: Home, definition: Definition) -> Iterator[Problem]:
    """Yield what would fail a plan, as warnings: the file may be written before the template is right."""
    now = template_now(home, definition)
    files = {language: view.promised for language, view in now.views.items() if view.promised}
    for code, params in breaches(now.name, now.category, now.views, files):
        yield Problem(code=code, params=params, path="template.name")


def launch_refusals(home: Home, definition: Definition, agreed: Mapping[str, str]) -> list[Problem]:
    """Return why nothing may start now because of its template; `agreed` as in `Plan.components`."""
    now = template_now(home, definition)
    found = [
        *faults(now.name, now.category, now.views, agreed),
        *unapproved(now.name, now.views, agreed),
    ]
    return [_since(finding) for finding in found]


def _since(finding: Finding) -> Problem:
    """Return a finding as a problem of what was planned before."""
    code, params = finding
    return Problem(code=CHANGED_SINCE.get(code, code), params=params)


def breaches_of(home: Home, broadcast: Broadcast, now: TemplateNow | None = None) -> list[Finding]:
    """Return what of a broadcast's template is no longer as it was planned; `now` where it was just read."""
    planning = home.ports.plans.get(broadcast.plan_id)
    now = now or template_of(home, broadcast)
    if planning is None or planning.plan is None or now is None:
        return []
    return list(breaches(now.name, now.category, now.views, agreed_words(planning.plan)))


def agreed_words(plan: Plan) -> dict[str, str]:
    """Return the hashes of the words that a plan promises, by language; "" in an older plan."""
    return {language: plan.components.get(language, "") for language in plan.languages}


def hold_back(home: Home, broadcast: Broadcast, now: TemplateNow | None = None) -> bool:
    """Pause a running broadcast on a breach, with the evidence; says whether there is one.

    `now` is its template where it was just read.
    """
    found = breaches_of(home, broadcast, now)
    if found and broadcast.state is BroadcastState.RUNNING:
        pause(home, broadcast, evidence(found), home.ports.clock.now())
    return bool(found)


def may_dispatch(home: Home, broadcast: Broadcast) -> bool:
    """Look at the template once more before a wave: set its brakes, and pause on a breach.

    False when the broadcast is still launching and cannot be paused: its wave comes again.
    """
    now = template_of(home, broadcast)
    if now is None:
        return True
    settle(home, now.waba, now.registered, now.synced_at)
    return not hold_back(home, broadcast, now) or broadcast.state is not BroadcastState.LAUNCHING


def why_stopped(home: Home, broadcast: Broadcast) -> str:
    """Return which languages of a broadcast's template hold it back, and their status; "" when none does."""
    now = template_now(home, home.definition(broadcast.campaign, broadcast.campaign_version))
    stopped = {
        language: now.views[language].status
        for language in broadcast.languages
        if language in now.views and now.views[language].status != APPROVED
    }
    return "; ".join(f"template.status = {status} ({now.name}.{lang})" for lang, status in stopped.items())


def resume_refusals(home: Home, broadcast: Broadcast) -> list[Problem]:
    """Return why a broadcast that was paused may not go on as it was planned."""
    return [_since(finding) for finding in breaches_of(home, broadcast)]


def hold_back_concerned(home: Home, waba: str, names: frozenset[str]) -> None:
    """Pause the running broadcasts of an account whose template has other words or another category now."""
    senders = {s.key for s in home.rules().senders.values() if s.waba_id == waba}
    for broadcast in open_broadcasts(home):
        if broadcast.state is not BroadcastState.RUNNING or broadcast.sender not in senders:
            continue
        definition = home.definition(broadcast.campaign, broadcast.campaign_version)
        if definition.template.name in names:
            hold_back(home, broadcast)


def settle(home: Home, waba: str, templates: Iterable[RegisteredTemplate], synced_at: Instant | None) -> None:
    """Set and release the brakes of an account's senders. Repeating it changes nothing.

    Templates without a file are left out: no campaign can use them.
    """
    rules = home.rules()
    ours = [t for t in templates if (t.name, t.language) in rules.templates]
    for key in [s.key for s in rules.senders.values() if s.waba_id == waba] if ours else []:

        def changed(current: SenderControl | None, key: str = key) -> SenderControl | None:
            after = template_brake.settled(current or SenderControl(sender=key), ours, synced_at)
            return None if current is None and not after.stopped_templates else after

        amend(lambda k=key: home.ports.senders.get(k), home.ports.senders.put, changed)  # type: ignore[misc]
