"""Seal: the parts of a plan become one artefact with one hash, unless they show reasons why not."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TypeVar

import orjson

from chalicelib.audience.instant import HOUR_MS, Instant, to_iso
from chalicelib.authoring.definition import Definition, Past
from chalicelib.authoring.senders import Sender
from chalicelib.planning.experiment import LEAST_HOLDOUT
from chalicelib.planning.forecast import (
    Forecast,
    forecast,
    most_in_a_day,
    rate_per_second,
    safe_launch_until,
)
from chalicelib.planning.manifest import merkle_root
from chalicelib.planning.plan import PartSummary, Plan, Planning, PlanWarning, Versions

Key = TypeVar("Key")

PlanProblem = tuple[str, Mapping[str, str]]
"""A code and its params, as `Planning.problems` keeps them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Totals:
    """The parts' numbers added up."""

    audience: int
    planned: int
    no_country: int
    past: int
    excluded: Mapping[str, int]
    waves: Mapping[Instant, int]
    countries: Mapping[str, int]
    languages: Mapping[str, int]
    concerns: Mapping[str, int]
    problems: Mapping[tuple[str, str], tuple[int, str]]
    examples: Mapping[str, str]


def problems_of(
    planning: Planning, definition: Definition, summaries: Sequence[PartSummary]
) -> tuple[PlanProblem, ...]:
    """Return everything that the parts show to be wrong with a plan; with anything, there is none.

    `summaries` are in task order and complete.
    """
    return tuple(_problems(definition, _totals(summaries), planning.evaluated_at))


def seal(
    planning: Planning,
    *,
    definition: Definition,
    summaries: Sequence[PartSummary],
    versions: Versions,
    sender: Sender,
    lateness_ms: int,
    chunks_key: str,
    now: Instant,
    further: Iterable[PlanWarning] = (),
    components: Mapping[str, str] | None = None,
) -> Plan:
    """Return the plan of parts in which nothing was found that fails it.

    `summaries` are in task order and complete; `now` is when it is sealed, and
    `lateness_ms` the home's, for the forecast. `further` are warnings of what
    cannot be seen in the parts; `components` as in `Plan`.
    """
    totals = _totals(summaries)
    rate = rate_per_second(
        sender.max_per_second, sender.inbound_reserve, lateness_ms, definition.max_per_second
    )
    ahead = forecast(totals.waves, rate, definition.window_ms, planning.evaluated_at)
    root = merkle_root([bytes.fromhex(summary.root) for summary in summaries])
    return Plan(
        hash=_plan_hash(planning, root, versions),
        campaign=planning.campaign,
        run=planning.run,
        version=planning.campaign_version,
        evaluated_at=planning.evaluated_at,
        sealed_at=now,
        audience=totals.audience,
        planned=totals.planned,
        excluded=totals.excluded,
        waves=totals.waves,
        countries=totals.countries,
        languages=totals.languages,
        first_send=ahead.first_send,
        last_send=ahead.last_send,
        last_safe_launch=safe_launch_until(totals.waves, definition.window_ms),
        parts=tuple(summary.key for summary in summaries),
        chunks=chunks_key,
        root=root,
        versions=versions,
        warnings=(
            *_warnings(totals, ahead, sender, planning.evaluated_at),
            *_unknown_names(definition, summaries),
            *_risks(definition, totals),
            *further,
        ),
        components=components or {},
        clocks=_clocks(summaries),
    )


def _totals(summaries: Sequence[PartSummary]) -> _Totals:
    problems: dict[tuple[str, str], tuple[int, str]] = {}
    for summary in summaries:
        for code, detail, people, example in summary.problems:
            before, first = problems.get((code, detail), (0, example))
            problems[(code, detail)] = (before + people, first)
    return _Totals(
        audience=sum(s.rows for s in summaries),
        planned=sum(s.planned for s in summaries),
        no_country=sum(s.no_country for s in summaries),
        past=sum(s.past for s in summaries),
        excluded=_added(s.excluded for s in summaries),
        waves=_added(s.waves for s in summaries),
        countries=_added(s.countries for s in summaries),
        languages=_added(s.languages for s in summaries),
        concerns=_added(s.concerns for s in summaries),
        problems=problems,
        examples={code: example for s in reversed(summaries) for code, example in s.examples.items()},
    )


def _clocks(summaries: Iterable[PartSummary]) -> dict[Instant, tuple[str, ...]]:
    found: dict[Instant, set[str]] = {}
    for summary in summaries:
        for wave, clocks in summary.clocks.items():
            found.setdefault(wave, set()).update(clocks)
    return {wave: tuple(sorted(clocks)) for wave, clocks in found.items()}


def _added(counts: Iterable[Mapping[Key, int]]) -> dict[Key, int]:
    total: Counter[Key] = Counter()
    for some in counts:
        total.update(some)
    return dict(total)


def _problems(definition: Definition, totals: _Totals, evaluated_at: Instant) -> Iterable[PlanProblem]:
    """Yield what fails the plan. People are excluded one by one; these concern them all."""
    if totals.planned > definition.audience.limit:
        params = {"planned": str(totals.planned), "limit": str(definition.audience.limit)}
        yield "limit_exceeded", params
    if definition.past is Past.FAIL_PLAN and totals.past:
        yield "past_people", {"people": str(totals.past), "at": to_iso(evaluated_at)}
    rule = definition.unknown_timezone
    if not rule.skip and totals.no_country > rule.max_share * totals.audience:
        share = 100 * totals.no_country / totals.audience
        yield (
            "no_country_share",
            {
                "people": str(totals.no_country),
                "share": f"{share:.1f}",
                "max_share": f"{100 * rule.max_share:g}",
            },
        )
    for (code, detail), (people, example) in sorted(totals.problems.items()):
        yield code, {"people": str(people), "language": detail, "example": example}
    if totals.planned == 0:
        yield "nobody_planned", {"audience": str(totals.audience)}


def _warnings(totals: _Totals, ahead: Forecast, sender: Sender, launch: Instant) -> Iterable[PlanWarning]:
    """Yield what the marketer should know before launching."""
    if ahead.too_late:
        last = to_iso(ahead.last_send) if ahead.last_send is not None else ""
        params = {"people": str(ahead.too_late), "last_send": last}
        yield PlanWarning(code="last_send_after_window", params=params)
    in_a_day = most_in_a_day(totals.waves, launch)
    if sender.tier is not None and in_a_day > sender.tier:
        params = {"people": str(in_a_day), "tier": str(sender.tier)}
        yield PlanWarning(code="tier_too_small", params=params)
    without = sum(people for reason, people in totals.excluded.items() if reason.startswith("consent."))
    if without:
        yield PlanWarning(code="some_excluded_consent", params={"people": str(without)})
    for code, people in sorted(totals.concerns.items()):
        example = {"example": totals.examples[code]} if code in totals.examples else {}
        yield PlanWarning(code=code, params={"people": str(people), **example})


def _risks(definition: Definition, totals: _Totals) -> Iterable[PlanWarning]:
    """Yield what the author took on with a word in the file."""
    experiment = definition.experiment
    held_out = totals.excluded.get("holdout", 0)
    if experiment is not None and experiment.holdout and held_out < LEAST_HOLDOUT:
        params = {"people": str(held_out), "least": str(LEAST_HOLDOUT)}
        yield PlanWarning(code="holdout_too_small", params=params)
    if definition.resend_after_ms is not None:
        hours = str(definition.resend_after_ms // HOUR_MS)
        yield PlanWarning(code="resend_may_double", params={"hours": hours})
    if definition.re_permission and totals.excluded.get("consent.missing"):
        params = {"people": str(totals.excluded["consent.missing"])}
        yield PlanWarning(code="re_permission_people", params=params)


def _unknown_names(definition: Definition, summaries: Sequence[PartSummary]) -> Iterable[PlanWarning]:
    """Yield a warning of the people included by external id whom the book has not: none are created."""
    named = {name for kind, name in definition.audience.include if kind == "id"}
    unknown = sorted(named.difference(*(summary.met for summary in summaries)))
    if unknown:
        params = {"people": str(len(unknown)), "example": unknown[0]}
        yield PlanWarning(code="include_unknown", params=params)


def _plan_hash(planning: Planning, root: str, versions: Versions) -> str:
    """Return the hash of what was agreed: neither who planned it, nor when, nor where it is stored.

    Instants, languages, parameters and exclusions are in the rows, under `root`.
    """
    header = {
        "format": 1,
        "campaign": planning.campaign,
        "run": planning.run,
        "root": root,
        "versions": asdict(versions),
    }
    return hashlib.sha256(orjson.dumps(header, option=orjson.OPT_SORT_KEYS)).hexdigest()
