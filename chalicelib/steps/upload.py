"""Upload: a marketer's file becomes a version of its campaign, or every problem at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.authoring.campaign import CampaignVersion
from chalicelib.authoring.canonical import definition_hash
from chalicelib.authoring.definition import Definition
from chalicelib.authoring.reading import Reading, located, read_all
from chalicelib.authoring.validation import check, warnings
from chalicelib.errors import InvalidDefinition, Problem
from chalicelib.planning.trial import Trial, tried
from chalicelib.steps.home import Home
from chalicelib.steps.memory import runs_of, unknown_campaigns
from chalicelib.steps.template_check import effective, validation_warnings


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """An accepted definition; `version` is 0 when it was only validated."""

    definition: Definition
    hash: str
    warnings: Sequence[Problem]
    version: int = 0
    unchanged: bool = False


def validate(home: Home, source: str, *, file: str) -> Uploaded:
    """Return the definition, or raise InvalidDefinition with every problem, also in what it names."""
    home.look_again()
    reading = read_all(source, file=file)
    rules = home.rules()
    definition = reading.definition
    problems = list(reading.problems)
    if definition is not None:
        faulty = {problem.path.split(".")[0] for problem in problems}
        problems += [
            located(problem, reading.tree, file)
            for problem in check(
                definition, rules.senders, rules.policy, rules.templates, rules.endpoints, rules.media
            )
            if problem.path.split(".")[0] not in faulty  # a fault there would only be echoed
        ]
        problems += [located(problem, reading.tree, file) for problem in salt_changed(home, definition)]
    if problems or definition is None:
        raise InvalidDefinition(*sorted(problems, key=lambda p: (p.line, p.column)))
    failed = [trial for trial in trials(home, reading, definition) if trial.differences]
    if failed:
        raise InvalidDefinition(*(p for trial in failed for p in failures(trial, file)))
    found = [
        *warnings(definition, rules.senders, rules.policy, effective(home, definition)),
        *validation_warnings(home, definition),
        *(
            Problem(code="segment_campaign_unknown", params={"campaign": name}, path="audience.segment")
            for name in unknown_campaigns(home, definition)
        ),
    ]
    return Uploaded(
        definition=definition,
        hash=definition_hash(definition),
        warnings=[located(problem, reading.tree, file) for problem in found],
    )


def salt_changed(home: Home, definition: Definition) -> Iterator[Problem]:
    """Yield a problem where an earlier run drew people with another salt."""
    if definition.experiment is None:
        return
    for broadcast in runs_of(home, definition.campaign):
        before = home.definition(broadcast.campaign, broadcast.campaign_version).experiment
        if before is not None and before.salt != definition.experiment.salt:
            params = {"before": before.salt, "run": str(broadcast.run)}
            yield Problem(code="salt_changed", params=params, path="experiment.salt")
            return


def trials(home: Home, reading: Reading, definition: Definition) -> list[Trial]:
    """Run a definition's own tests."""
    rules = home.rules()
    return [
        tried(
            case,
            definition,
            sender=home.sender(definition.sender),
            policy=rules.policy,
            templates=rules.templates,
        )
        for case in reading.cases
    ]


def failures(trial: Trial, file: str) -> list[Problem]:
    """Return a failed test as problems, one for each difference."""
    place = trial.case.place
    return [
        Problem(
            code="test_failed",
            params={"name": trial.case.name, "what": what, "expected": expected, "found": found},
            path="tests",
            line=place.line,
            column=place.column,
            file=file,
        )
        for what, expected, found in trial.differences
    ]


def run_tests(home: Home, source: str, *, file: str) -> list[Trial]:
    """Return what came of a definition's tests. Raises InvalidDefinition for what cannot be read."""
    home.look_again()
    reading = read_all(source, file=file)
    if reading.problems or reading.definition is None:
        raise InvalidDefinition(*reading.problems)
    return trials(home, reading, reading.definition)


def upload(home: Home, source: str, *, file: str, author: str) -> Uploaded:
    """Store the definition as the campaign's next version, unless it means what the latest means."""
    valid = validate(home, source, file=file)
    campaign = valid.definition.campaign
    while True:
        latest = home.ports.campaigns.latest(campaign)
        if latest is not None and latest.hash == valid.hash:
            number, unchanged = latest.number, True
            break
        number, unchanged = (latest.number + 1 if latest else 1), False
        version = CampaignVersion(
            campaign=campaign,
            number=number,
            title=valid.definition.title,
            source=source,
            hash=valid.hash,
            author=author,
            stored_at=home.ports.clock.now(),
            file=file,
        )
        if home.ports.campaigns.add(version):
            break
    return Uploaded(
        definition=valid.definition,
        hash=valid.hash,
        warnings=valid.warnings,
        version=number,
        unchanged=unchanged,
    )
