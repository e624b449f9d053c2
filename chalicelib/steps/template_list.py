"""Templates as they stand for each account: the platform's words and the files, side by side. Asks nobody."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.audience.instant import Instant
from chalicelib.authoring.registry import RegisteredTemplate
from chalicelib.authoring.template import Template
from chalicelib.errors import InvalidRequest, NotFound, Problem
from chalicelib.planning.template_use import Finding, TemplateView, faults, unapproved, view_of
from chalicelib.ports import MOST_ITEMS, Cursor
from chalicelib.steps.home import Home

PLACE = re.compile(r"([0-9]{5,20})\|((?:[a-z0-9_]{1,512}\|[A-Za-z_]{2,10})?)")
"""A cursor: an account, and NAME|LANGUAGE of the last line, "" before its first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateLine:
    """A template in one language for one account. `known` is None while the platform said nothing of it."""

    waba: str
    name: str
    language: str
    view: TemplateView
    known: RegisteredTemplate | None
    file: Template | None

    @property
    def compared(self) -> str:
        """How the file's words are to the platform's: same, differs, unasked, or absent without a file."""
        if self.file is None:
            return "absent"
        if not self.view.words:
            return "unasked"
        return "same" if self.view.words == self.view.promised else "differs"

    def findings(self) -> list[Finding]:
        """Return why a campaign of the file's category could not be launched with it."""
        category = (self.file.category if self.file else self.view.category).lower()
        views, needed = {self.language: self.view}, {self.language: self.view.promised}
        return [*faults(self.name, category, views, needed), *unapproved(self.name, views, needed)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A WhatsApp Business Account of senders.yaml: whose it is, and when it was last listed."""

    waba: str
    senders: tuple[str, ...]
    synced_at: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page of lines; every account, also those without a line on this page."""

    accounts: Sequence[Account]
    lines: Sequence[TemplateLine]
    next: Cursor | None = None


def page(home: Home, sender: str | None, after: Cursor | None) -> Listed:
    """Return at most 100 templates, account by account, by name and language.

    Files of which the platform said nothing are among them, as they would be
    used. Raises Refused when there is no such sender, InvalidRequest for a cursor
    that is none.
    """
    accounts = _accounts(home, sender)
    place = PLACE.fullmatch(after or "00000|")
    if place is None:
        raise InvalidRequest(
            Problem(code="template_cursor", path="after", params={"value": (after or "")[:40]})
        )
    left = [account for account in accounts if account.waba >= place[1]]
    if not left:
        return Listed(accounts=accounts, lines=())
    account, behind = left[0], place[2] if left[0].waba == place[1] else ""
    found = home.ports.registry.page(account.waba, after=behind or None)
    known = {f"{t.name}|{t.language}": t for t in found.items}
    last = max(known) if found.next is not None else None
    files = {f"{name}|{language}" for name, language in home.rules().templates}
    inside = {key for key in files if key > behind and (last is None or key <= last)}
    keys = sorted(known.keys() | inside)
    next_ = f"{left[1].waba}|" if len(left) > 1 else None
    if len(keys) > MOST_ITEMS or found.next is not None:
        keys = keys[:MOST_ITEMS]
        next_ = f"{account.waba}|{keys[-1]}"
    return Listed(
        accounts=accounts, lines=[_line(home, account, key, known.get(key)) for key in keys], next=next_
    )


def show(home: Home, name: str, sender: str | None) -> Listed:
    """Return every language of a template in every account. Raises NotFound when nobody knows it."""
    accounts = _accounts(home, sender)
    files = {f"{each}|{language}" for each, language in home.rules().templates if each == name}
    lines: list[TemplateLine] = []
    for account in accounts:
        known = _known(home, account, name)
        lines += [_line(home, account, key, known.get(key)) for key in sorted(files | known.keys())]
    if not lines:
        raise NotFound(Problem(code="template_unknown", params={"template": name[:60]}))
    return Listed(accounts=accounts, lines=lines)


def _known(home: Home, account: Account, name: str) -> Mapping[str, RegisteredTemplate]:
    if not re.fullmatch(r"[a-z0-9_]{1,512}", name):
        return {}
    return {f"{name}|{t.language}": t for t in home.ports.registry.of(account.waba, name)}


def _accounts(home: Home, sender: str | None) -> list[Account]:
    senders: dict[str, list[str]] = {}
    for each in [home.sender(sender)] if sender else home.rules().senders.values():
        senders.setdefault(each.waba_id, []).append(each.key)
    return [
        Account(
            waba=waba, senders=tuple(sorted(senders[waba])), synced_at=home.ports.registry.synced_at(waba)
        )
        for waba in sorted(senders)
    ]


def _line(home: Home, account: Account, key: str, known: RegisteredTemplate | None) -> TemplateLine:
    name, _, language = key.partition("|")
    rules = home.rules()
    file = rules.templates.get((name, language))
    promised = rules.component_hashes.get((name, language), "")
    return TemplateLine(
        waba=account.waba,
        name=name,
        language=language,
        view=view_of(file, promised, known, synced=account.synced_at is not None),
        known=known,
        file=file,
    )
