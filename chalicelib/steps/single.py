"""A single send: one message to one person, asked for by another system, once per key.

It is a plan of one person and a broadcast of one chunk, both named by the
caller's key, so that claims, pacing, receipts, explanation, report and
completion are those of every broadcast. What is durable before what: the parts,
the plan (here it is decided who, which words, which version), the broadcast, its
chunk, its place on the timeline, *running*. Whatever a crash leaves of it, the
same request completes; from the broadcast on `reconcile` does so too. It is
answered when it runs, so what was accepted is never lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.audience.instant import Instant
from chalicelib.audience.standing import Person, Standing
from chalicelib.audience.statement import texts_of
from chalicelib.authoring.definition import Definition
from chalicelib.errors import HomeUnavailable, Ineligible, InvalidRequest, NotFound, Problem, Refused
from chalicelib.log import unit
from chalicelib.planning.manifest import decode_row, write_part
from chalicelib.planning.plan import ExcludedRow, Plan, Planned, Planning, PlanState, Row, Tally
from chalicelib.planning.sealing import seal
from chalicelib.planning.single import digest_of, for_one, parameter_problems, single_name, told
from chalicelib.sending.broadcast import Broadcast, BroadcastState, Chunk, entry_of
from chalicelib.sending.decision import Exclude, decide
from chalicelib.sending.delivery import DeliveryKey
from chalicelib.sending.template_brake import is_stopped
from chalicelib.steps import holding
from chalicelib.steps.amending import amend
from chalicelib.steps.home import Home
from chalicelib.steps.keeping import list_plan
from chalicelib.steps.launch import broadcast_of, home_chunks, unsendable
from chalicelib.steps.parts import plan_row, summary_of
from chalicelib.steps.people import Candidate
from chalicelib.steps.plan import chunk_ranges, eligibility_of, store_chunk_table, store_summary, versions_now
from chalicelib.steps.report import explain_known, find_person
from chalicelib.steps.template_check import agreed_words, promised, template_now
from chalicelib.steps.wire import lane_for, wire_for
from chalicelib.tracking.explanation import Explanation, worded_as

LONGEST_KEY = 128
LONGEST_CONTACT = 128
MOST_PARAMETERS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One request: `name` is what its key makes of it, `digest` what it says."""

    name: str
    digest: str
    campaign: str
    contact: str
    parameters: Mapping[str, Any]

    @property
    def plan_id(self) -> str:
        """Of the plan that every repetition of this request finds."""
        return f"{self.name}.{self.digest}"


def send(home: Home, campaign: str, contact: str, *, key: str, parameters: Mapping[str, Any]) -> Broadcast:
    """Send one message of a campaign's latest version to one person, or say what the key did before.

    The same request is the same broadcast, ever. Raises Refused when the key was
    used for another request, Ineligible when a gate says no: about this person it
    is kept under the key, about everybody (as an unapproved template) it is not.
    Raises NotFound or InvalidRequest with nothing stored.
    """
    _check(key, LONGEST_KEY, Problem(code="single_key", path="key"))
    _check(contact, LONGEST_CONTACT, Problem(code="single_contact", path="contact"))
    asked = _Asked(
        name=single_name(campaign, key),
        digest=digest_of(contact, parameters),
        campaign=campaign,
        contact=contact,
        parameters=parameters,
    )
    broadcast = home.ports.broadcasts.get(asked.name) or _told(home, asked)
    if broadcast.request != asked.digest:
        raise Refused(Problem(code="single_key_taken", path="key", params={"send": broadcast.id}))
    if broadcast.state is BroadcastState.LAUNCHING:
        broadcast = _opened(home, broadcast)
    if not broadcast.planned:
        raise Ineligible(_refusal(home, broadcast))
    return broadcast


def _told(home: Home, asked: _Asked) -> Broadcast:
    """Start what was asked for, with the one line that tells of it; asking again has none."""
    with unit("single_send", home.ports.clock.now, broadcast=asked.name) as line:
        broadcast = _started(home, asked)
        line.add(planned=broadcast.planned, excluded=dict(broadcast.excluded))
        return broadcast


def status(home: Home, name: str) -> tuple[Broadcast, Explanation]:
    """Return a single send and where its person is. Raises NotFound."""
    broadcast = home.ports.broadcasts.get(name)
    if broadcast is None or not broadcast.recipient:
        raise NotFound(Problem(code="single_unknown", params={"send": name[:200]}))
    return broadcast, explain_known(home, broadcast, broadcast.recipient)


def _check(value: str, most: int, problem: Problem) -> None:
    if not 0 < len(value) <= most:
        raise InvalidRequest(replace(problem, params={"most": str(most)}))


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise Refused(*problems)


def _refusal(home: Home, broadcast: Broadcast) -> Problem:
    """Return which gate said no when the request came first, and what it saw."""
    found = plan_row(home, broadcast, broadcast.recipient)
    saw = found[0].saw if found is not None and isinstance(found[0], ExcludedRow) else ""
    reason = next(iter(broadcast.excluded), "")
    params = {"send": broadcast.id, "reason": reason, "saw": saw}
    return Problem(code=worded_as(reason), path="contact", params=params)


def _started(home: Home, asked: _Asked) -> Broadcast:
    """Return the broadcast under the request's key: ours, or of whoever stored one first."""
    restoring = holding.restoring(home)
    _refuse(holding.refusals(restoring, None))
    planning, row = _planning(home, asked)
    _refuse(holding.refusals(restoring, _plan_in(planning)))
    wanted = _broadcast(home, asked, planning, row.person)
    if home.ports.broadcasts.put(wanted, expected_version=None):
        return replace(wanted, version=1)
    existing = home.ports.broadcasts.get(asked.name)
    if existing is None:
        raise HomeUnavailable(Problem(code="broadcast_unknown", params={"broadcast": asked.name}))
    return existing


def _planning(home: Home, asked: _Asked) -> tuple[Planning, Row]:
    """Return the request's plan and its one row, made by whoever asks first. Raises what is against it."""
    planning = home.ports.plans.get(asked.plan_id)
    if planning is None:
        list_plan(home, asked.plan_id)
        planning, row = _planned(home, asked)
        if home.ports.plans.add(planning):
            return planning, row
        planning = home.ports.plans.get(asked.plan_id)
    if planning is None:
        raise NotFound(Problem(code="plan_unknown", params={"hash": asked.plan_id}))
    stored = home.ports.objects.get(summary_of(home, planning.parts[0]).key)
    if not stored:
        raise NotFound(Problem(code="plan_part_missing", params={"part": planning.parts[0]}))
    return planning, decode_row(stored.splitlines()[0])


def _planned(home: Home, asked: _Asked) -> tuple[Planning, Row]:
    """Return the sealed plan of one person, its parts stored, and their row. Raises what is against it."""
    version = home.ports.campaigns.latest(asked.campaign)
    if version is None:
        raise NotFound(Problem(code="campaign_unknown", params={"campaign": asked.campaign}))
    definition = home.definition(asked.campaign, version.number)
    texts = _texts(asked.parameters, definition)
    person = find_person(home, asked.contact)
    contact = home.ports.book.get(person)
    if contact is None:
        raise NotFound(Problem(code="contact_unknown", params={"contact": asked.contact}))
    now = home.ports.clock.now()
    standing = home.ports.standings.get(person) or Standing(person=person)
    eligibility = eligibility_of(home, for_one(definition), asked.plan_id, now)
    row = eligibility.judge(Person(contact=told(contact, texts), standing=standing))
    if row is None:
        raise AssertionError("a segment that is true left somebody out")
    planning = _sealed(home, asked, version.number, row, eligibility.tally(), now)
    if isinstance(row, ExcludedRow):
        return planning, row
    refused = _refused_at_wire(home, _broadcast(home, asked, planning, person), row, standing, now)
    if refused is not None:
        row = ExcludedRow(person=person, reason=refused.reason, saw=refused.saw, salt=row.salt)
        return _sealed(home, asked, version.number, row, eligibility.tally(), now), row
    agreed = agreed_words(_plan_in(planning))
    problems = unsendable(home, definition, agreed) or _braked(home, definition, row.language)
    if problems:
        raise Ineligible(*problems)
    return planning, row


def _sealed(home: Home, asked: _Asked, version: int, row: Row, tally: Tally, now: Instant) -> Planning:
    """Return the plan of one row, its parts stored."""
    definition = home.definition(asked.campaign, version)
    body, summary = write_part(0, [row], tally, plan=asked.plan_id)
    home.ports.objects.put(summary.key, body)
    planning = Planning(
        id=asked.plan_id,
        campaign=asked.campaign,
        run=0,
        campaign_version=version,
        evaluated_at=now,
        tasks=1,
        state=PlanState.SEALED,
        parts={0: store_summary(home, asked.plan_id, summary)},
    )
    plan = seal(
        planning,
        definition=for_one(definition),
        summaries=[summary],
        versions=versions_now(home, definition),
        sender=home.sender(definition.sender),
        lateness_ms=home.settings.lateness_ms,
        chunks_key=store_chunk_table(home, asked.plan_id, [summary]),
        now=now,
        components=promised(template_now(home, definition), summary.languages),
    )
    return replace(planning, plan=plan)


def _refused_at_wire(
    home: Home, broadcast: Broadcast, row: Planned, standing: Standing, now: Instant
) -> Exclude | None:
    """Return what the gates in the slot would exclude this person for, were the slot now.

    They are asked again in the slot; this tells the caller what is known already.
    """
    chunk = Chunk(
        broadcast=broadcast.id,
        id="",
        wave=now,
        people=1,
        part="",
        start=0,
        end=0,
        window_until=now + broadcast.window_ms,
    )
    key = DeliveryKey(broadcast=broadcast.id, chunk=chunk.id, person=row.person)
    candidate = Candidate(row=row, key=key, attempt=1, deferred=False)
    decision = decide(standing, wire_for(lane_for(home, broadcast, chunk), candidate), now)
    return decision if isinstance(decision, Exclude) else None


def _braked(home: Home, definition: Definition, language: str) -> list[Problem]:
    """Return that the platform has stopped the template since it was approved, if it has."""
    control = home.ports.senders.get(definition.sender)
    if control is None or not is_stopped(control, definition.template.name, (language,)):
        return []
    params = {"template": definition.template.name, "language": language, "status": "PAUSED"}
    return [Problem(code="template_not_approved", params=params)]


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


def _broadcast(home: Home, asked: _Asked, planning: Planning, person: str) -> Broadcast:
    """Return the broadcast of one person as it is stored first; of somebody excluded it has ended."""
    plan, now = _plan_in(planning), home.ports.clock.now()
    made = replace(broadcast_of(home, planning, plan), id=asked.name, recipient=person, request=asked.digest)
    return made if plan.planned else replace(made, state=BroadcastState.COMPLETED, ended_at=now)


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
