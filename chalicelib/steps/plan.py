"""Plan, fan out, seal: a campaign's latest version becomes an artefact with a hash."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import orjson

from chalicelib.audience.instant import Instant
from chalicelib.audience.segment import NOTHING, Memory
from chalicelib.audience.standing import Person
from chalicelib.authoring.definition import Definition
from chalicelib.errors import HomeUnavailable, NotFound, Problem
from chalicelib.log import unit
from chalicelib.planning.eligibility import Eligibility
from chalicelib.planning.manifest import write_part
from chalicelib.planning.plan import (
    ChunkRange,
    PartSummary,
    Plan,
    Planning,
    PlanState,
    PlanWarning,
    Row,
    Versions,
    objects_of,
)
from chalicelib.planning.sealing import PlanProblem, problems_of, seal
from chalicelib.planning.zones import countries_version
from chalicelib.steps import messages
from chalicelib.steps.amending import amend
from chalicelib.steps.home import Home
from chalicelib.steps.keeping import list_plan
from chalicelib.steps.media import content_of
from chalicelib.steps.memory import memory_of_shards, unknown_campaigns
from chalicelib.steps.pages import every
from chalicelib.steps.parts import chunk_id, shards_of_task, summaries_under, summary_bytes, summary_of
from chalicelib.steps.template_check import plan_concerns, plan_faults, promised, template_now
from chalicelib.steps.told import sender_as_told
from chalicelib.steps.tolerance import note_sealed

SALT = "keys/salt"


def start(home: Home, campaign: str, *, at: Instant | None, again: bool, author: str = "") -> Planning:
    """List every task of a new plan up front and enqueue them. `at` plans as if it were then."""
    version = home.ports.campaigns.latest(campaign)
    if version is None:
        raise NotFound(Problem(code="campaign_unknown", params={"campaign": campaign}))
    tasks = home.settings.fan_out_tasks
    planning = Planning(
        id=f"p{home.ports.randomness.token()[:16]}",
        campaign=campaign,
        run=next_run(home, campaign, again=again),
        campaign_version=version.number,
        evaluated_at=home.ports.clock.now() if at is None else at,
        tasks=tasks,
        author=author,
    )
    salt_key(home, campaign)  # made once here, so that no two tasks make one each
    list_plan(home, planning.id)
    home.ports.plans.add(planning)
    bodies = [messages.encode(plan=planning.id, task=task) for task in range(tasks)]
    home.ports.queues.send(messages.PLAN, bodies)
    return planning


def next_run(home: Home, campaign: str, *, again: bool) -> int:
    """Return the run a new plan is for: the last one started, or with `again` the one after it."""
    run = 1
    while home.ports.broadcasts.get(f"{campaign}.{run}") is not None:
        run += 1
    return run if again or run == 1 else run - 1


def find(home: Home, name: str) -> Planning:
    """Return a plan by id or by hash. Raises NotFound."""
    planning = home.ports.plans.get(home.ports.plans.by_hash(name) or name)
    if planning is None:
        raise NotFound(Problem(code="plan_unknown", params={"hash": name}))
    return planning


def versions_now(home: Home, definition: Definition) -> Versions:
    """Return what the hash covers beside people, as it stands now."""
    from chalicelib.authoring.canonical import definition_hash

    rules = home.rules()
    return Versions(
        definition=definition_hash(definition),
        tzdata=home.zones.version,
        policy=rules.policy_hash,
        sender=rules.sender_hashes.get(definition.sender, ""),
        templates=rules.template_hashes.get(definition.template.name, ""),
        countries=countries_version(),
        media=media_version(content_of(rules, definition)),
    )


def media_version(content_by_file: Mapping[str, str]) -> str:
    """Return the hash of the files that a message shows, "" when it shows none."""
    if not content_by_file:
        return ""
    return hashlib.sha256(orjson.dumps(dict(content_by_file), option=orjson.OPT_SORT_KEYS)).hexdigest()


def salt_key(home: Home, campaign: str) -> bytes:
    """Return the secret that salts the campaign's row digests, made once per home."""
    kept = home.ports.objects.get(SALT)
    if kept is None:
        home.ports.objects.add(SALT, home.ports.randomness.token().encode())
        kept = home.ports.objects.get(SALT)
    if not kept:
        raise HomeUnavailable(Problem(code="object_unknown", params={"key": SALT}))
    return hashlib.blake2b(campaign.encode(), key=kept[:64], digest_size=32).digest()


def eligibility_of(
    home: Home, definition: Definition, run: int | str, evaluated_at: Instant, memory: Memory = NOTHING
) -> Eligibility:
    """Return the pure core of fan out for one definition, compiled once per task."""
    rules = home.rules()
    return Eligibility(
        definition=definition,
        sender=home.sender(definition.sender),
        policy=rules.policy,
        templates=rules.templates,
        evaluated_at=evaluated_at,
        salt_key=salt_key(home, f"{definition.campaign}#{run}"),
        memory=memory,
    )


def fan_out(home: Home, plan_id: str, task: int) -> None:
    """Plan one group of shards: one row per person of the audience. The last task seals."""
    planning = home.ports.plans.get(plan_id)
    if planning is None or planning.state is not PlanState.PLANNING:
        return
    if task not in planning.parts:
        with unit("part_planned", home.ports.clock.now, plan=plan_id, task=task) as line:
            summary = _plan_part(home, planning, task)
            finished = home.ports.plans.finish_task(plan_id, task, store_summary(home, plan_id, summary))
            line.add(rows=summary.rows, planned=summary.planned, excluded=dict(summary.excluded))
        if finished is None:
            return
        planning = finished
    if frozenset(planning.parts) == frozenset(range(planning.tasks)):
        seal_plan(home, planning)


def _plan_part(home: Home, planning: Planning, task: int) -> PartSummary:
    """Judge every person of a task's shards, and store their rows."""
    home.look_again()
    definition = home.definition(planning.campaign, planning.campaign_version)
    memory = memory_of_shards(home, definition.audience.segment, shards_of_task(task, planning.tasks))
    eligibility = eligibility_of(home, definition, planning.run, planning.evaluated_at, memory)
    rows: list[Row] = []
    for person in people_of(home, task, planning.tasks):
        row = eligibility.judge(person)
        if row is not None:
            rows.append(row)
    body, summary = write_part(task, rows, eligibility.tally(), plan=planning.id)
    home.ports.objects.put(summary.key, body)
    return summary


def store_summary(home: Home, plan_id: str, summary: PartSummary) -> str:
    """Store a part's summary and return its key, which is made of its content."""
    stored = summary_bytes(summary)
    key = f"{summaries_under(plan_id, summary.task)}{hashlib.sha256(stored).hexdigest()}.json"
    home.ports.objects.put(key, stored)
    return key


def people_of(home: Home, task: int, tasks: int) -> Iterator[Person]:
    """Yield every person of a task's shards, page by page."""
    for shard in sorted(shards_of_task(task, tasks)):
        yield from every(home.ports.book.page, shard)


def seal_plan(home: Home, planning: Planning) -> None:
    """Fold the parts into a plan with its hash, or fail it with every reason. Safe to repeat."""
    with unit("plan_sealed", home.ports.clock.now, plan=planning.id) as line:
        plan, problems = _sealed(home, planning)

        def finished(current: Planning | None) -> Planning | None:
            if current is None or current.state is not PlanState.PLANNING:
                return None
            if plan is None:
                return replace(current, state=PlanState.FAILED, problems=problems)
            return replace(current, state=PlanState.SEALED, plan=plan)

        amend(lambda: home.ports.plans.get(planning.id), home.ports.plans.put, finished)
        if plan is not None:
            note_sealed(home, planning)
        if plan is None:
            line.add(outcome="refused", code=problems[0][0], problems=len(problems))
        else:
            line.add(
                audience=plan.audience,
                planned=plan.planned,
                excluded=dict(plan.excluded),
                waves=len(plan.waves),
                warnings=[warning.code for warning in plan.warnings],
            )


def _sealed(home: Home, planning: Planning) -> tuple[Plan | None, tuple[PlanProblem, ...]]:
    """Return the plan of all parts, or None with every problem."""
    summaries = [summary_of(home, planning.parts[task]) for task in range(planning.tasks)]
    definition = home.definition(planning.campaign, planning.campaign_version)
    template = template_now(home, definition)
    people: Counter[str] = Counter()
    for summary in summaries:
        people.update(summary.languages)
    words = promised(template, people)
    problems = (*problems_of(planning, definition, summaries), *plan_faults(template, words))
    plan = None
    if not problems:
        starts = [wave or planning.evaluated_at for summary in summaries for wave in summary.waves]
        first, now = min(starts, default=planning.evaluated_at), home.ports.clock.now()
        unknown = [("segment_campaign_unknown", {"campaign": c}) for c in unknown_campaigns(home, definition)]
        plan = seal(
            planning,
            definition=definition,
            summaries=summaries,
            versions=versions_now(home, definition),
            sender=sender_as_told(home, definition.sender),
            lateness_ms=home.settings.lateness_ms,
            chunks_key=store_chunk_table(home, planning.id, summaries),
            now=now,
            further=[
                PlanWarning(code=code, params=params)
                for code, params in (*unknown, *plan_concerns(template, people, first_send=first, at=now))
            ],
            components=words,
        )
        home.ports.plans.register_hash(plan.hash, planning.id)
    return plan, problems


def store_chunk_table(home: Home, plan_id: str, summaries: Sequence[PartSummary]) -> str:
    """Store where a plan's chunks are; returns the key, which names the content."""
    chunks = orjson.dumps(list(chunk_table(summaries)))
    key = f"{objects_of(plan_id)}chunks/{hashlib.sha256(chunks).hexdigest()}.json"
    home.ports.objects.put(key, chunks)
    return key


def chunk_table(summaries: Iterable[PartSummary]) -> Iterator[list[object]]:
    """Yield each chunk as [id, part, start, end, wave, people]; ids are the plan's own."""
    for summary in summaries:
        for number, place in enumerate(summary.chunks):
            yield [
                chunk_id(summary.task, number),
                place.part,
                place.start,
                place.end,
                place.wave,
                place.people,
            ]


def chunk_ranges(stored: bytes) -> Iterator[tuple[str, ChunkRange]]:
    """Yield (chunk id, range) of a stored chunk table."""
    for name, part, start, end, wave, people in orjson.loads(stored):
        yield name, ChunkRange(part=part, start=start, end=end, wave=wave, people=people)
