"""Inbound: what people and the platform say becomes consents, replies and news, opt-outs first.

The queue may deliver twice, late and in any order: every write is a fold that
does not mind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from chalicelib.audience.consent import EVERYTHING, MARKETING, WHATSAPP, ConsentChange, ConsentEvent
from chalicelib.audience.identity import PHONE, Identity
from chalicelib.audience.instant import HOUR_MS, Instant
from chalicelib.audience.standing import Standing
from chalicelib.log import unit
from chalicelib.sending.delivery import DeliveryKey
from chalicelib.steps import account_news, effects, handoff, template_news
from chalicelib.steps.amending import amend
from chalicelib.steps.home import Home
from chalicelib.steps.matching import WEBHOOKS, keys_of, mark, person_of, wamids_of
from chalicelib.tracking import inbound as inbound_stage

REPLY_WINDOW_MS = 72 * HOUR_MS
"""A reply without a quoted message belongs to our last send to that person, if it is younger than this."""


def act(home: Home, body: str) -> None:
    """Act on one message's news: opt-outs before everything else in it."""
    with unit("inbound_recorded", home.ports.clock.now) as line:
        news = inbound_stage.parse_inbound(body)
        line.add(news=dict(Counter(type(item).__name__ for item in news)))
        _act(home, news)


def _act(home: Home, news: Sequence[inbound_stage.News]) -> None:
    for item in news:
        if isinstance(item, inbound_stage.Reply):
            _reply(home, item)
        elif isinstance(item, inbound_stage.Preference):
            _preference(home, item)
        elif isinstance(item, inbound_stage.Echo):
            _echo(home, item)
        elif not _heard(home, item):
            home.ports.counters.add(WEBHOOKS, {"unfamiliar": 1})


def _heard(home: Home, item: inbound_stage.News) -> bool:
    """Act on what the platform says of templates, accounts and numbers; False when it is of none of ours."""
    if isinstance(item, inbound_stage.TemplateNews):
        return template_news.record(home, item)
    if isinstance(item, inbound_stage.AccountNews):
        return account_news.account(home, item)
    if isinstance(item, inbound_stage.TierNews):
        return account_news.tier(home, item)
    if isinstance(item, inbound_stage.SenderNews):
        account_news.number(home, item)
        return True
    return False


def _reply(home: Home, reply: inbound_stage.Reply) -> None:
    person = person_of(home, reply.phone, reply.bsuid)
    if person is None:
        home.ports.counters.add(WEBHOOKS, {"nobody": 1})
        return
    topic = _stopped_topic(home, reply, person)
    if topic is not None:
        effects.record_opt_out(
            home,
            person,
            topic=topic,
            source="quick_reply" if reply.payload else "keyword",
            detail=(reply.payload or reply.text)[:100],
            event_id=f"in-{reply.wamid}",
            at=reply.at,
        )
    starts = topic is None and inbound_stage.intent_of(reply.text) is inbound_stage.Intent.START
    if starts:
        for scope in (EVERYTHING, MARKETING):
            effects.record_consent(
                home,
                ConsentEvent(
                    id=f"in-{reply.wamid}-{scope}",
                    person=person,
                    channel=WHATSAPP,
                    topic=scope,
                    change=ConsentChange.OPT_IN,
                    at=reply.at,
                    recorded_at=home.ports.clock.now(),
                    source="keyword",
                    detail=reply.text[:100],
                ),
            )
    standing = _touched(home, person, inbound_at=reply.at)
    key = _answered(home, standing, reply)
    if key is not None:
        mark(home, key, replied_at=reply.at, opted_out_at=reply.at if topic is not None else None)
    if key is not None and topic is None and not starts:
        handoff.offer(home, reply, key)  # last: a refusal of the queue repeats what is stored, to no effect


def _stopped_topic(home: Home, reply: inbound_stage.Reply, person: str) -> str | None:
    """Return the scope a reply revokes: by its button's payload, else by its words.

    A word that only one campaign calls a stop counts from whoever got that campaign lately.
    """
    if reply.payload:
        topics = frozenset(
            d.topic
            for d in (home.definition(v.campaign, v.number) for v in home.ports.campaigns.page().items)
            if d.topic
        )
        topic = inbound_stage.stopped_topic(reply.payload, topics)
        if topic is not None:
            return topic
    intent = inbound_stage.intent_of(reply.text)
    if intent is inbound_stage.Intent.NONE:
        intent = inbound_stage.intent_of(reply.text, _own_stop_words(home, person))
    return EVERYTHING if intent is inbound_stage.Intent.STOP else None


def _own_stop_words(home: Home, person: str) -> list[str]:
    """Return the stop words of the campaigns that a person got lately."""
    standing = home.ports.standings.get(person)
    sends = {send.broadcast for send in standing.sends} if standing else set()
    found = [broadcast for name in sorted(sends) if (broadcast := home.ports.broadcasts.get(name))]
    definitions = [home.definition(b.campaign, b.campaign_version) for b in found]
    return [word for definition in definitions for word in definition.replies.stop]


def _touched(home: Home, person: str, *, inbound_at: Instant) -> Standing | None:
    def later(current: Standing | None) -> Standing | None:
        if current is None or current.erased or (current.last_inbound_at or 0) >= inbound_at:
            return None
        return replace(current, last_inbound_at=inbound_at)

    return amend(lambda: home.ports.standings.get(person), home.ports.standings.put, later)


def _answered(home: Home, standing: Standing | None, reply: inbound_stage.Reply) -> DeliveryKey | None:
    """Return the delivery a reply belongs to: the one it quotes, else our last send before it."""
    if standing is None:
        return None
    if reply.quoted:
        quoted = wamids_of(home, keys_of(standing)).get(reply.quoted)
        if quoted is not None:
            return quoted
    recent = [s for s in standing.sends if reply.at - REPLY_WINDOW_MS < s.at <= reply.at + 1_000]
    if not recent:
        return None
    return DeliveryKey(broadcast=recent[-1].broadcast, chunk=recent[-1].chunk, person=standing.person)


def _preference(home: Home, news: inbound_stage.Preference) -> None:
    person = person_of(home, news.phone, news.bsuid)
    if person is None:
        return
    effects.record_consent(
        home,
        ConsentEvent(
            id=f"pref-{person}-{news.at}-{news.stops}",
            person=person,
            channel=WHATSAPP,
            topic=MARKETING,
            change=ConsentChange.OPT_OUT if news.stops else ConsentChange.OPT_IN,
            at=news.at,
            recorded_at=home.ports.clock.now(),
            source="user_preferences",
        ),
    )
    standing = home.ports.standings.get(person)
    if news.stops and standing is not None:
        recent = [s for s in standing.sends if news.at - REPLY_WINDOW_MS < s.at <= news.at + 1_000]
        if recent:
            key = DeliveryKey(broadcast=recent[-1].broadcast, chunk=recent[-1].chunk, person=person)
            mark(home, key, opted_out_at=news.at)


def _echo(home: Home, news: inbound_stage.Echo) -> None:
    """A human is talking to this person: marketing holds back, where the sender says so."""
    owners = home.ports.book.owners([Identity(PHONE, news.phone)]) if news.phone else {}
    for person in owners.values():

        def touched(current: Standing | None) -> Standing | None:
            if current is None or current.erased or (current.last_echo_at or 0) >= news.at:
                return None
            return replace(current, last_echo_at=news.at)

        amend(lambda p=person: home.ports.standings.get(p), home.ports.standings.put, touched)  # type: ignore[misc]
