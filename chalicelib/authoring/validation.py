"""Validation across files: does the definition fit its sender, its templates and the policy?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from chalicelib.authoring.approval_reading import as_written, completed
from chalicelib.authoring.definition import Category, Definition
from chalicelib.authoring.fields import closest
from chalicelib.authoring.filling_check import (
    face_problems,
    media_problems,
    media_warnings,
    parameter_problems,
)
from chalicelib.authoring.media import MediaFile
from chalicelib.authoring.policy import Policy
from chalicelib.authoring.retention_reading import in_days
from chalicelib.authoring.senders import Sender
from chalicelib.authoring.template import Template, Templates, language_for, languages_of
from chalicelib.errors import Problem

NO_MEDIA: Mapping[str, MediaFile] = {}


def check(
    definition: Definition,
    senders: Mapping[str, Sender],
    policy: Policy,
    templates: Templates,
    webhooks: Collection[str] = (),
    media: Mapping[str, MediaFile] = NO_MEDIA,
) -> list[Problem]:
    """Return every reason why this definition cannot be planned.

    `webhooks` are the names that are known, `media` the files of campaigns/media/ by name.
    """
    return [
        *_sender(definition, senders),
        *_policy(definition, policy),
        *_template(definition, templates, media),
        *_handoff(definition, webhooks),
        *_retention(definition, policy),
        *_approval(definition, policy),
    ]


def _policy(definition: Definition, policy: Policy) -> Iterator[Problem]:
    allowed = policy.allow_categories
    if allowed is not None and definition.category.value not in allowed:
        params = {"category": definition.category.value, "allowed": ", ".join(allowed) or "-"}
        yield Problem(code="category_not_allowed", params=params, path="category")


def _retention(definition: Definition, policy: Policy) -> Iterator[Problem]:
    """A campaign may keep for shorter than the company, never longer; and evidence the longest."""
    own, ours = definition.retention, policy.retention
    kept = {"personal_data": own.personal_data_ms, "evidence": own.evidence_ms}
    most = {"personal_data": ours.personal_data_ms, "evidence": ours.evidence_ms}
    for key, period in kept.items():
        longest = most[key]
        if period is not None and longest is not None and period > longest:
            params = {"value": in_days(period), "most": in_days(longest)}
            yield Problem(code="retention_longer", params=params, path=f"retention.{key}")
    if own.evidence_ms is not None and own.personal_data_ms is None:
        personal_data = ours.personal_data_ms or 0
        if own.evidence_ms < personal_data:
            params = {"evidence": in_days(own.evidence_ms), "personal_data": in_days(personal_data)}
            yield Problem(code="retention_evidence_shorter", params=params, path="retention.evidence")


def _approval(definition: Definition, policy: Policy) -> Iterator[Problem]:
    """A campaign may ask for more agreement than the company, never for less."""
    own, ours = definition.approval, completed(policy.approval)
    if own is None or policy.approval is None:
        return
    approvers, expires = ours.approvers or 0, ours.expires_ms or 0
    if own.approvers is not None and own.approvers < approvers:
        params = {"key": "approvers", "value": str(own.approvers), "policy": str(approvers)}
        yield Problem(code="approval_looser", params=params, path="approval.approvers")
    if own.not_author is False and ours.not_author:
        params = {"key": "not_author", "value": "false", "policy": "true"}
        yield Problem(code="approval_looser", params=params, path="approval.not_author")
    if own.expires_ms is not None and own.expires_ms > expires:
        params = {"key": "expires", "value": as_written(own.expires_ms), "policy": as_written(expires)}
        yield Problem(code="approval_looser", params=params, path="approval.expires")


def _handoff(definition: Definition, webhooks: Collection[str]) -> Iterator[Problem]:
    name = definition.replies.handoff
    if name and name not in webhooks:
        params = {"webhook": name, "guess": closest(name, webhooks)}
        yield Problem(code="webhook_unknown", params=params, path="replies.handoff.to")


def _sender(definition: Definition, senders: Mapping[str, Sender]) -> Iterator[Problem]:
    if definition.sender not in senders:
        guess = closest(definition.sender, senders)
        yield Problem(
            code="sender_unknown", params={"sender": definition.sender, "guess": guess}, path="sender"
        )


def _template(
    definition: Definition, templates: Templates, media: Mapping[str, MediaFile]
) -> Iterator[Problem]:
    name = definition.template.name
    found = [templates[(name, language)] for language in sorted(languages_of(templates, name))]
    if not found:
        guess = closest(name, {known for known, _ in templates})
        yield Problem(
            code="template_unknown", params={"template": name, "guess": guess}, path="template.name"
        )
        return
    for template in found:
        if template.category.lower() != definition.category.value:
            yield Problem(
                code="category_differs",
                params={
                    "category": definition.category.value,
                    "template": name,
                    "language": template.language,
                    "template_category": template.category.lower(),
                },
                path="category",
            )
        yield from face_problems(definition.template, template)
    yield from _parity(found)
    yield from parameter_problems(definition.template, found[0])
    yield from media_problems(definition.template, media)
    if definition.category is Category.MARKETING:
        for template in found:
            if not template.offers_stop():
                params = {"template": name, "language": template.language}
                yield Problem(code="no_stop", params=params, path="template.buttons")


def _parity(found: list[Template]) -> Iterator[Problem]:
    """Every language has the same slots: otherwise one of them would be sent half empty."""
    first = found[0]
    for other in found[1:]:
        if set(other.slots) != set(first.slots):
            yield Problem(
                code="slots_differ",
                params={
                    "template": first.name,
                    "language": other.language,
                    "other": first.language,
                    "slots": ", ".join(sorted(set(other.slots) ^ set(first.slots))),
                },
                path="template.name",
            )


def warnings(
    definition: Definition, senders: Mapping[str, Sender], policy: Policy, templates: Templates
) -> list[Problem]:
    """Return what the marketer should know although the definition may be planned."""
    name = definition.template.name
    found = []
    for language in sorted(languages_of(templates, name)):
        status = templates[(name, language)].status
        if status != "APPROVED":
            params = {"template": name, "language": language, "status": status}
            found.append(Problem(code="template_not_approved", params=params, path="template.name"))
    sender = senders.get(definition.sender)
    if sender and definition.max_per_second and definition.max_per_second > sender.max_per_second:
        params = {"limit": f"{sender.max_per_second:g}", "sender": sender.key}
        found.append(Problem(code="throttle_above_sender", params=params, path="throttle.max_per_second"))
    available = languages_of(templates, name)
    if sender and language_for(None, definition.template, sender.languages, available) is None:
        found.append(Problem(code="no_last_language", params={"template": name}, path="template.language"))
    found += media_warnings(definition.template)
    return found
