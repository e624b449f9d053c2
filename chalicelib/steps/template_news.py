"""What the platform says of a template, kept; and the brakes and broadcasts that it concerns."""

from __future__ import annotations

from chalicelib.audience.instant import Instant
from chalicelib.authoring.registry import APPROVED, RegisteredTemplate, TemplateWord, is_name, told
from chalicelib.log import log
from chalicelib.ports import Write
from chalicelib.steps.amending import amend
from chalicelib.steps.home import Home
from chalicelib.steps.template_check import hold_back_concerned, settle
from chalicelib.tracking.inbound import TemplateNews

STATUS_CODES = frozenset({132015, 132016})
"""Of a send whose template is paused or disabled."""


def record(home: Home, news: TemplateNews) -> bool:
    """Keep a webhook's news; False when it is of no template and no account that we know."""
    accounts = {sender.waba_id for sender in home.rules().senders.values()}
    concerned = {news.waba} & accounts if news.waba else accounts
    if not concerned or not is_name(news.template, news.language):
        return False
    for waba in sorted(concerned):
        _keep(home, waba, news.template, news.language, news.word)
        registry = home.ports.registry
        settle(home, waba, registry.of(waba, news.template), registry.synced_at(waba))
        if news.word.category or news.word.components:
            hold_back_concerned(home, waba, frozenset({news.template}))
    log.warning(
        "template_news",
        extra={"template": news.template, "template_language": news.language, "template_event": news.event},
    )
    return True


def _keep(home: Home, waba: str, name: str, language: str, word: TemplateWord) -> None:
    synced_at = home.ports.registry.synced_at(waba) or 0

    def heard(known: RegisteredTemplate | None) -> RegisteredTemplate | None:
        before = known or RegisteredTemplate(waba=waba, name=name, language=language)
        after = told(before, word, synced_at=synced_at)
        return None if after == before else after

    def put(item: RegisteredTemplate, *, expected_version: int | None) -> bool:
        return home.ports.registry.put_all([Write(item, expected_version)])[0]

    amend(lambda: home.ports.registry.get(waba, name, language), put, heard)


def approved_since(home: Home, sender: str, name: str, at: Instant) -> bool:
    """Say whether the platform approved a template after `at`, in every language it spoke of."""
    found = home.ports.registry.of(home.sender(sender).waba_id, name)
    return bool(found) and all(t.status == APPROVED and t.status_at > at for t in found)
