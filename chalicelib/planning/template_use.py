"""May a campaign use its template? What its file, the last sync and the webhooks say, taken together.

The file is the truth of the words. A plan promises them under its hash, so
words that differ from the platform's fail it: people would get others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from chalicelib.audience.instant import DAY_MS, HOUR_MS, Instant
from chalicelib.authoring.registry import APPROVED, HOPELESS, MISSING, RegisteredTemplate
from chalicelib.authoring.template import Template
from chalicelib.planning.zones import country_table

Finding = tuple[str, Mapping[str, str]]
"""A code and its params."""
IN_REVIEW = frozenset({"PENDING", "IN_APPEAL"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateView:
    """One language of a template as it stands for one account.

    `words` is the hash of what people get, as the platform has it, "" where
    nobody knows; `promised` is that of the file, "" where there is none.
    """

    status: str
    category: str
    quality: str = ""
    coming_category: str = ""
    words: str = ""
    promised: str = ""
    first_approved_at: Instant | None = None


def view_of(
    file: Template | None, promised: str, known: RegisteredTemplate | None, *, synced: bool
) -> TemplateView:
    """Return how a template stands. What the platform said counts before the file.

    `synced`: its account was listed, so that what is not known there is not there.
    """
    if known is None:
        status = MISSING if synced or file is None else file.status
        return TemplateView(status=status, category=file.category if file else "", promised=promised)
    return TemplateView(
        status=known.status or (file.status if file else MISSING),
        category=known.category or (file.category if file else ""),
        quality=known.quality,
        coming_category=known.coming_category,
        words=known.components,
        promised=promised,
        first_approved_at=known.first_approved_at,
    )


def faults(
    name: str, category: str, views: Mapping[str, TemplateView], promised: Mapping[str, str]
) -> Iterator[Finding]:
    """Yield why nothing may be planned or launched, by language: waiting would not help.

    `promised` are the hashes of the words agreed on, by the languages needed.
    """
    for language in sorted(promised):
        status = views[language].status if language in views else MISSING
        if status in HOPELESS:
            yield "template_unusable", {"template": name, "language": language, "status": status}
    yield from breaches(name, category, views, promised)


def breaches(
    name: str, category: str, views: Mapping[str, TemplateView], promised: Mapping[str, str]
) -> Iterator[Finding]:
    """Yield what is no longer as it was planned: another price, or other words. Only a human may go on.

    A status is none of these: whoever waits for a template that is stopped waits
    behind its brake, until it is approved again or their window closes.
    """
    for language, agreed in sorted(promised.items()):
        view = views.get(language)
        about = {"template": name, "language": language}
        now = view.category.lower() if view else ""
        if now and now != category:
            yield "template_recategorised", {**about, "category": category, "now": now}
        if view and agreed and view.words not in ("", agreed):
            yield "template_words_differ", about


def unapproved(
    name: str, views: Mapping[str, TemplateView], languages: Mapping[str, object]
) -> Iterator[Finding]:
    """Yield the languages that are not approved yet, or not any more, and may be again."""
    for language in sorted(languages):
        view = views.get(language)
        if view is not None and view.status != APPROVED and view.status not in HOPELESS:
            yield (
                "template_not_approved",
                {"template": name, "language": language, "status": view.status},
            )


def evidence(found: Iterable[Finding]) -> str:
    """Return why breaches paused a broadcast, as conditions are written."""
    return "; ".join(
        {
            "template_recategorised": "template.category = {now}, planned as {category}",
            "template_words_differ": "template.components changed",
        }[code].format_map(params)
        + f" ({params['template']}.{params['language']})"
        for code, params in found
    )


def concerns(
    name: str,
    category: str,
    views: Mapping[str, TemplateView],
    people: Mapping[str, int],
    *,
    first_send: Instant,
    now: Instant,
    synced_at: Instant | None,
) -> Iterator[Finding]:
    """Yield what to know before launching; `people` are counted by the languages needed."""
    if synced_at is None:
        yield "templates_never_synced", {}
    elif now - synced_at > _limit("synced_hours") * HOUR_MS:
        yield "templates_sync_old", {"hours": str((now - synced_at) // HOUR_MS)}
    yield from unapproved(name, views, people)
    for language, number in sorted(people.items()):
        view = views.get(language)
        if view is None:
            continue
        about = {"template": name, "language": language}
        ahead = first_send - now
        if view.status in IN_REVIEW and ahead < _limit("approval_hours") * HOUR_MS:
            hours = {"hours": str(max(0, ahead // HOUR_MS)), "usual": str(_limit("approval_hours"))}
            yield "template_approval_short", {**about, **hours}
        if view.quality in ("YELLOW", "RED"):
            yield "template_quality", {**about, "quality": view.quality}
        if view.coming_category and view.coming_category.lower() != category:
            yield "template_category_coming", {**about, "coming": view.coming_category.lower()}
        new_since = first_send - _limit("new_days") * DAY_MS
        is_new = view.status in IN_REVIEW or (view.first_approved_at or 0) > new_since
        if category == "marketing" and is_new and number >= _limit("paced_people"):
            yield "template_paced", {**about, "people": str(number)}


def _limit(name: str) -> int:
    return int(country_table("template_rules.json")[name]["value"])
