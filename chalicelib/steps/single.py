"""A single send: one message to one person, asked for by another system, once per key.

It is a plan of one person and a broadcast of one chunk, both named by the
caller's key, so that claims, pacing, receipts, explanation, report and
completion are those of every broadcast. What is durable before what: the parts,
the plan (here it is decided who, which words, which version), the broadcast, its
chunk, its place on the timeline, *running*. Whatever a crash leaves of it, the
same request completes; from the broadcast on `reconcile` does so too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from chalicelib.audience.contact import Contact
from chalicelib.audience.instant import Instant
from chalicelib.audience.standing import Person, Standing
from chalicelib.audience.statement import texts_of
from chalicelib.authoring.definition import Category, Definition
from chalicelib.errors import HomeUnavailable, InvalidRequest, NotFound, Problem, Refused
from chalicelib.log import log
from chalicelib.planning.manifest import write_part
from chalicelib.planning.plan import PartSummary, Plan, Planning, PlanState, objects_of
from chalicelib.planning.sealing import plan_of
from chalicelib.planning.single import for_one, parameter_problems, single_name, told
from chalicelib.sending.broadcast import Broadcast, BroadcastState, entry_of
from chalicelib.steps import holding
from chalicelib.steps.amending import amend
from chalicelib.steps.home import Home
from chalicelib.steps.keeping import list_plan
from chalicelib.steps.launch import broadcast_of, home_chunks, unsendable
from chalicelib.steps.plan import chunk_ranges, chunk_table, eligibility_of, store_summary, versions_now
from chalicelib.steps.report import find_person
from chalicelib.steps.template_check import promised, template_now

LONGEST_KEY = 128
MOST_PARAMETERS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Single:
    """The broadcast of one person, whether the key had started it before, and why they are excluded ("")."""

    broadcast: Broadcast
    already: bool
    reason: str


def send(home: Home, campaign: str, person: str, *, key: str, parameters: Mapping[str, Any]) -> Single:
    """Send one message of a campaign's latest version to one person, or say what the key did before.

    The same key is the same broadcast, whatever the parameters. Raises NotFound,
    InvalidRequest or Refused with nothing stored: the key may be used again.
    """
    if not 0 < len(key) <= LONGEST_KEY:
        raise InvalidRequest(Problem(code="single_key", path="key", params={"most": str(LONGEST_KEY)}))
    name = single_name(campaign, key)
    found = find_person(home, person)
    broadcast, is_new = home.ports.broadcasts.get(name), False
    if broadcast is None:
        restoring = holding.restoring(home)
        _refuse(holding.refusals(restoring, None))
        planning = _planning(home, name, campaign, found, parameters)
        _refuse(holding.refusals(restoring, _plan_in(planning)))
        broadcast, is_new = _started(home, name, planning, found)
    if broadcast.recipient != found:
        raise Refused(Problem(code="single_key_taken", path="key", params={"broadcast": name}))
    if broadcast.state is BroadcastState.LAUNCHING:
        broadcast = _opened(home, broadcast)
    if is_new:
        log.info("single_send", extra={"broadcast": name, "planned": broadcast.planned})
    return Single(broadcast=broadcast, already=not is_new, reason=next(iter(broadcast.excluded), ""))


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise Refused(*problems)


def _planning(home: Home, name: str, campaign: str, person: str, parameters: Mapping[str, Any]) -> Planning:
    """Return the plan of one key and person, made by whoever asks first. Raises what is against it."""
    plan_id = f"{name}.{person}"
    planning = home.ports.plans.get(plan_id)
    if planning is None:
        list_plan(home, plan_id)
        home.ports.plans.add(_planned(home, plan_id, campaign, person, parameters))
        planning = home.ports.plans.get(plan_id)
    if planning is None:
        raise HomeUnavailable(Problem(code="plan_unknown", params={"hash": plan_id}))
    return planning


def _planned(home: Home, plan_id: str, campaign: str, person: str, parameters: Mapping[str, Any]) -> Planning:
    """Return the sealed plan of one person, its parts stored. Raises what is against it."""
    version = home.ports.campaigns.latest(campaign)
    if version is None:
        raise NotFound(Problem(code="campaign_unknown", params={"campaign": campaign}))
    definition = home.definition(campaign, version.number)
    if definition.category is not Category.UTILITY:
        params = {"campaign": campaign, "category": definition.category.value}
        raise Refused(Problem(code="single_not_utility", params=params))
    texts = _texts(parameters, definition)
    contact = home.ports.book.get(person)
    if contact is None:
        raise NotFound(Problem(code="contact_unknown", params={"contact": person}))
    now = home.ports.clock.now()
    summary, summary_key = _judged(home, plan_id, for_one(definition), told(contact, texts), now)
    words = promised(template_now(home, definition), summary.languages)
    problems = unsendable(home, definition, words) if summary.planned else []
    if problems:
        raise Refused(*problems)
    chunks = orjson.dumps(list(chunk_table([summary])))
    chunks_key = f"{objects_of(plan_id)}chunks/{hashlib.sha256(chunks).hexdigest()}.json"
    home.ports.objects.put(chunks_key, chunks)
    planning = Planning(
        id=plan_id,
        campaign=campaign,
        run=0,
        campaign_version=version.number,
        evaluated_at=now,
        tasks=1,
        state=PlanState.SEALED,
        parts={0: summary_key},
    )
    plan = plan_of(
        planning,
        definition=definition,
        summaries=[summary],
        versions=versions_now(home, definition),
        sender=home.sender(definition.sender),
        lateness_ms=home.settings.lateness_ms,
        chunks_key=chunks_key,
        now=now,
        components=words,
    )
    return replace(planning, plan=plan)


def _texts(parameters: Mapping[str, Any], definition: Definition) -> dict[str, str]:
    """Return a request's parameters as texts. Raises InvalidRequest with everything wrong with them."""
    problems: list[Problem] = []
    if len(parameters) > MOST_PARAMETERS:
        params = {"field": "parameters", "most": str(MOST_PARAMETERS)}
        raise InvalidRequest(Problem(code="statement.too_many", path="parameters", params=params))
    texts = texts_of("parameters", parameters, problems)
    faulty = {problem.path for problem in problems}
    for name in parameters.keys() - texts.keys():
        path = f"parameters.{name}"
        if path not in faulty:  # an empty one would let the person's own, older value through
            problems.append(Problem(code="single_parameter_empty", path=path, params={"name": name}))
    problems += parameter_problems(definition, texts)
    if problems:
        raise InvalidRequest(*problems)
    return texts


def _judged(
    home: Home, plan_id: str, definition: Definition, contact: Contact, now: Instant
) -> tuple[PartSummary, str]:
    """Return the summary of the part that holds one person's row, and its key; both are stored."""
    standing = home.ports.standings.get(contact.id) or Standing(person=contact.id)
    eligibility = eligibility_of(home, definition, plan_id, now)
    row = eligibility.judge(Person(contact=contact, standing=standing))
    if row is None:
        raise AssertionError("a segment that is true left somebody out")
    body, summary = write_part(0, [row], eligibility.tally(), under=objects_of(plan_id))
    home.ports.objects.put(summary.key, body)
    return summary, store_summary(home, plan_id, summary)


def _started(home: Home, name: str, planning: Planning, person: str) -> tuple[Broadcast, bool]:
    """Return the key's broadcast, and whether it is this request that stored it."""
    plan, now = _plan_in(planning), home.ports.clock.now()
    wanted = replace(broadcast_of(home, planning, plan), id=name, recipient=person)
    if not plan.planned:
        wanted = replace(wanted, state=BroadcastState.COMPLETED, ended_at=now)
    if home.ports.broadcasts.put(wanted, expected_version=None):
        return replace(wanted, version=1), True
    existing = home.ports.broadcasts.get(name)
    if existing is None:
        raise HomeUnavailable(Problem(code="broadcast_unknown", params={"broadcast": name}))
    return existing, False


def _plan_in(planning: Planning | None) -> Plan:
    if planning is None or planning.plan is None or planning.state is not PlanState.SEALED:
        raise NotFound(Problem(code="plan_unknown", params={"hash": planning.id if planning else ""}))
    return planning.plan


def _opened(home: Home, broadcast: Broadcast) -> Broadcast:
    """Write the chunk, then its place on the sender's timeline, then let it run. Safe to repeat."""
    plan = _plan_in(home.ports.plans.get(broadcast.plan_id))
    stored = home.ports.objects.get(plan.chunks)
    if stored is None:
        raise NotFound(Problem(code="plan_part_missing", params={"part": plan.chunks}))
    home.ports.chunks.add_all(list(home_chunks(broadcast, chunk_ranges(stored))))
    for wave in broadcast.waves:
        home.ports.timelines.add(entry_of(broadcast, wave))

    def running(current: Broadcast | None) -> Broadcast | None:
        if current is None or current.state is not BroadcastState.LAUNCHING:
            return None
        state = BroadcastState.RUNNING if current.held_from is None else BroadcastState.PAUSED
        return replace(current, state=state, dispatched=frozenset(current.waves))

    amended = amend(lambda: home.ports.broadcasts.get(broadcast.id), home.ports.broadcasts.put, running)
    return amended or broadcast
