"""Templates sync: every account listed over the network, what it says kept, what changed told.

Planning never calls the network: it reads the files and what is kept here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.audience.instant import Instant
from chalicelib.authoring.registry import (
    DELETED,
    FACETS,
    RegisteredTemplate,
    TemplateWord,
    components_hash,
    is_name,
    listed,
    second_of,
)
from chalicelib.authoring.senders import Sender
from chalicelib.authoring.template import parse_template
from chalicelib.errors import InvalidSettings, Problem, Refused
from chalicelib.log import log
from chalicelib.ports import MOST_ITEMS, ListedTemplates, NotListed, Write
from chalicelib.steps.home import Home
from chalicelib.steps.pages import every
from chalicelib.steps.template_check import hold_back_concerned, settle

PAGE_TEMPLATES = 100
MOST_PAGES = 100
"""Of one account: 10,000 templates, where Meta allows 6,000."""
PAUSES_MS = (1_000, 2_000, 4_000, 8_000)
"""Before asking again for a page that a busy platform did not give."""
WRITTEN = ("name", "language", "category", "status", "parameter_format", "components")
"""What a template file holds of a listing."""
Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRow:
    """A template of an account after a sync. `changes` are (what, was, now); `file` tells of the texts.

    `what` is new, status, category, quality, components or gone; `file` is same,
    differs or absent. `unusable` is why no campaign could use it, as a file.
    """

    known: RegisteredTemplate
    changes: tuple[tuple[str, str, str], ...]
    file: str
    raw: Raw | None = None
    unusable: tuple[Problem, ...] = ()


@dataclass(slots=True, kw_only=True)
class AccountSynced:
    """One account: whose it is, how many templates it has, or why it could not be listed."""

    waba: str
    senders: tuple[str, ...]
    at: Instant
    rows: list[TemplateRow] = field(default_factory=list)
    failed: str = ""


async def sync(home: Home, sender: str | None, accounts: list[AccountSynced]) -> None:
    """List each account of senders.yaml once, or that of one sender, into `accounts`.

    Raises Refused when there is no such sender, or when no account could be listed.
    """
    home.look_again()
    by_waba: dict[str, list[Sender]] = {}
    for each in [home.sender(sender)] if sender else home.rules().senders.values():
        by_waba.setdefault(each.waba_id, []).append(each)
    for waba, senders in by_waba.items():
        at = second_of(home.ports.clock.now())
        account = AccountSynced(waba=waba, senders=tuple(s.key for s in senders), at=at)
        accounts.append(account)
        found = await _all_pages(home, senders[0])
        if isinstance(found, NotListed):
            account.failed = found.why
            continue
        account.rows = _keep(home, waba, at, found)
        log.info("templates_synced", extra={"waba": waba, "templates": len(found)})
    if accounts and all(account.failed for account in accounts):
        raise Refused(
            *(Problem(code="sync_failed", params={"waba": a.waba, "why": a.failed}) for a in accounts)
        )


async def _all_pages(home: Home, sender: Sender) -> dict[tuple[str, str], Raw] | NotListed:
    """Return an account's templates by name and language, all of them or why not."""
    if home.listing is None:
        return NotListed(why="this home cannot list templates", again=False)
    found: dict[tuple[str, str], Raw] = {}
    after, cursors = "", {""}
    for _ in range(MOST_PAGES):
        page = await _one_page(home, sender, after)
        if isinstance(page, NotListed):
            return page
        for raw in page.templates:
            key = str(raw.get("name") or ""), str(raw.get("language") or "")
            if is_name(*key):
                found[key] = raw
        after = page.next
        if not after:
            return found
        if after in cursors:
            return NotListed(why="the pages of the listing do not end", again=False)
        cursors.add(after)
    return NotListed(why=f"more than {MOST_PAGES * PAGE_TEMPLATES} templates", again=False)


async def _one_page(home: Home, sender: Sender, after: str) -> ListedTemplates | NotListed:
    """Ask for a page, and again after a pause while the platform is busy."""
    assert home.listing is not None
    for pause in PAUSES_MS:
        page = await home.listing.page(sender, after=after, limit=PAGE_TEMPLATES)
        if isinstance(page, ListedTemplates) or not page.again:
            return page
        await home.ports.clock.sleep_until(home.ports.clock.now() + pause)
    return await home.listing.page(sender, after=after, limit=PAGE_TEMPLATES)


def _keep(home: Home, waba: str, at: Instant, found: Mapping[tuple[str, str], Raw]) -> list[TemplateRow]:
    """Store what a whole listing says, and say how it differs from what was known and from the files.

    The account is marked as listed last, so that a crash before it loses nothing.
    """
    known = {(t.name, t.language): t for t in registered(home, waba)}
    rows: list[TemplateRow] = []
    words = {key: _word(at, raw) for key, raw in found.items()}
    words |= {key: TemplateWord(at=at, status=DELETED) for key in known.keys() - found.keys()}
    changed: list[tuple[RegisteredTemplate | None, RegisteredTemplate]] = []
    for key in sorted(words):
        before = known.get(key)
        after = listed(before or RegisteredTemplate(waba=waba, name=key[0], language=key[1]), words[key])
        if after != before:
            changed.append((before, after))
        rows.append(_row(home, before, after, found.get(key)))
    _store(home, changed, words)
    home.ports.registry.mark_synced(waba, at)
    settle(home, waba, registered(home, waba), home.ports.registry.synced_at(waba))
    hold_back_concerned(home, waba, frozenset(name for name, _ in words))
    return rows


def _store(
    home: Home,
    changed: Sequence[tuple[RegisteredTemplate | None, RegisteredTemplate]],
    words: Mapping[tuple[str, str], TemplateWord],
) -> None:
    """Write, a hundred at a time; whatever a webhook changed meanwhile is read and folded again."""
    pending = list(changed)
    while pending:
        some, pending = pending[:MOST_ITEMS], pending[MOST_ITEMS:]
        writes = [Write(after, before.version if before else None) for before, after in some]
        for (_, after), stored in zip(some, home.ports.registry.put_all(writes), strict=True):
            if not stored:
                now = home.ports.registry.get(after.waba, after.name, after.language)
                blank = RegisteredTemplate(waba=after.waba, name=after.name, language=after.language)
                again = listed(now or blank, words[(after.name, after.language)])
                if again != now:
                    pending.append((now, again))


def registered(home: Home, waba: str) -> Iterator[RegisteredTemplate]:
    """Yield everything known of an account's templates."""
    return every(home.ports.registry.page, waba)


def _word(at: Instant, raw: Raw) -> TemplateWord:
    """Return what one line of a listing says."""
    score = raw.get("quality_score")
    components = raw.get("components")
    return TemplateWord(
        at=at,
        status=str(raw.get("status") or "").upper()[:40],
        category=str(raw.get("category") or "").upper()[:40],
        quality=str(score.get("score") or "").upper()[:40] if isinstance(score, dict) else "",
        components=components_hash(components) if isinstance(components, list) else "",
    )


def _row(
    home: Home, before: RegisteredTemplate | None, after: RegisteredTemplate, raw: Raw | None
) -> TemplateRow:
    texts = home.rules().component_hashes.get((after.name, after.language))
    file = "absent" if texts is None else "same" if texts == after.components else "differs"
    shown = None if raw is None else {name: raw[name] for name in WRITTEN if name in raw}
    return TemplateRow(
        known=after,
        changes=tuple(_changes(before, after, raw)),
        file=file,
        raw=shown,
        unusable=_unusable(shown),
    )


def _unusable(raw: Raw | None) -> tuple[Problem, ...]:
    """Return what a file of this would be refused for: one such file would stop every campaign."""
    try:
        if raw is not None:
            parse_template(dict(raw), "")
    except InvalidSettings as error:
        return tuple(error.problems)
    return ()


def _changes(
    before: RegisteredTemplate | None, after: RegisteredTemplate, raw: Raw | None
) -> Iterable[tuple[str, str, str]]:
    if before is None:
        yield "new", "", after.status
        return
    if raw is None:
        if before.status != DELETED:
            yield "gone", before.status, after.status
        return
    for facet in FACETS:
        was, now = getattr(before, facet), getattr(after, facet)
        if was != now:
            yield facet, was, now
