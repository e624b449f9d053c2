"""Record: webhooks in, verified and queued at once; then statuses to the ledger, the rest to consents.

Nothing is decided before the signature on the raw bytes holds, and nothing but
queueing happens before the answer. Both queues may deliver twice, late and in
any order: every write is a fold that does not mind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chalicelib.audience.consent import EVERYTHING, MARKETING, WHATSAPP, ConsentChange, ConsentEvent
from chalicelib.audience.contact import Contact
from chalicelib.audience.identity import BSUID, PHONE, Identity
from chalicelib.audience.instant import HOUR_MS, Instant
from chalicelib.audience.standing import Standing
from chalicelib.errors import Problem, Unauthorized
from chalicelib.ports import MOST_ITEMS, Write
from chalicelib.sending.broadcast import Broadcast, BroadcastState, Deferral
from chalicelib.sending.delivery import Delivery, DeliveryKey, Outcome, outcome_of
from chalicelib.sending.outcome import MEDIA_CODES
from chalicelib.sending.settling import retried
from chalicelib.steps import account_news, effects, handoff, media, messages, template_news
from chalicelib.steps.amending import amend
from chalicelib.steps.counting import count_changes
from chalicelib.steps.holding import may_have_retried
from chalicelib.steps.home import Home
from chalicelib.tracking import inbound as inbound_stage
from chalicelib.tracking.receipt import Status, apply, parse_statuses, verdict_of
from chalicelib.tracking.webhook import split, verify_handshake, verify_signature

REPLY_WINDOW_MS = 72 * HOUR_MS
"""A reply without a quoted message belongs to our last send to that person, if it is younger than this."""
WEBHOOKS = "webhooks"
MAY_RETRY = frozenset({BroadcastState.RUNNING, BroadcastState.PAUSED, BroadcastState.COMPLETED})


def receive(home: Home, raw: bytes, signature: str | None) -> None:
    """Verify and queue one webhook. Raises Unauthorized; valid JSON of unknown shape is kept aside."""
    secrets = [
        s
        for s in (home.ports.secrets.get(n) for n in ("WHATSAPP_APP_SECRET", "WHATSAPP_APP_SECRET_OLD"))
        if s
    ]
    if not secrets:
        raise Unauthorized(Problem(code="webhook_secret_missing"))
    if not verify_signature(raw, signature, secrets):
        home.ports.counters.add(WEBHOOKS, {"bad_signature": 1})
        raise Unauthorized(Problem(code="signature_wrong"))
    parts = split(raw, home.ports.clock.now())
    for queue, bodies in (
        (messages.INBOUND, parts.inbound),
        (messages.RECEIPTS, parts.receipts),
        (messages.ASIDE, parts.aside),
    ):
        for start in range(0, len(bodies), MOST_ITEMS):
            home.ports.queues.send(queue, bodies[start : start + MOST_ITEMS])
    if parts.aside:
        home.ports.counters.add(WEBHOOKS, {"aside": len(parts.aside)})


def handshake(home: Home, query: Mapping[str, str]) -> str:
    """Return the challenge when Meta's verify token is ours. Raises Unauthorized."""
    token = home.ports.secrets.get("WHATSAPP_VERIFY_TOKEN")
    challenge = verify_handshake(query, token) if token else None
    if challenge is None:
        raise Unauthorized(Problem(code="verify_token_wrong"))
    return challenge


def receipts(home: Home, bodies: Sequence[str]) -> None:
    """Fold the statuses of many messages into the ledger, a hundred people at a time.

    Together, because what one person's statuses say is then one write.
    """
    statuses = [status for body in bodies for status in parse_statuses(body)]
    key_by_wamid = keys_of_unkeyed(home, [s for s in statuses if s.key is None])
    key_by_status = [(status.key or key_by_wamid.get(status.wamid), status) for status in statuses]
    ours = {name: broadcast_of(home, name) for name in {key.broadcast for key, _ in key_by_status if key}}
    by_key: dict[DeliveryKey, list[Status]] = {}
    for key, status in key_by_status:
        broadcast = ours.get(key.broadcast) if key else None
        # Rows that retention removed are not begun anew by a receipt that comes years late.
        if key is not None and broadcast is not None and broadcast.evidence_gone_at is None:
            by_key.setdefault(key, []).append(status)
    swept = frozenset(name for name, b in ours.items() if b and b.personal_data_gone_at is not None)
    unknown = len(statuses) - sum(map(len, by_key.values()))
    if unknown:  # other software on the same number, or a home that was reset
        home.ports.counters.add(WEBHOOKS, {"unmatched": unknown})
    keys = list(by_key)
    for start in range(0, len(keys), MOST_ITEMS):
        _fold_statuses(home, {key: by_key[key] for key in keys[start : start + MOST_ITEMS]}, swept)


def keys_of_unkeyed(home: Home, statuses: Sequence[Status]) -> dict[str, DeliveryKey]:
    """Return by wamid where statuses without our echo belong: found through whom they were for."""
    found: dict[str, DeliveryKey] = {}
    for start in range(0, len(statuses), MOST_ITEMS // 2):
        some = statuses[start : start + MOST_ITEMS // 2]
        named = {i: s for s in some for i in identities_of(s.phone, s.bsuid)}
        owners = home.ports.book.owners(list(named)) if named else {}
        standings = home.ports.standings.get_all(sorted(set(owners.values())))
        keys = [key for standing in standings.values() for key in keys_of(standing)]
        wanted = {s.wamid for s in some}
        found |= {wamid: key for wamid, key in wamids_of(home, keys).items() if wamid in wanted}
    return found


def identities_of(phone: str, bsuid: str) -> list[Identity]:
    """Return the identities by which the platform names somebody, its own id first."""
    named = [Identity(BSUID, bsuid)] if bsuid else []
    return [*named, Identity(PHONE, phone)] if phone else named


def keys_of(standing: Standing) -> list[DeliveryKey]:
    """Return the deliveries of a person's recent sends, newest first."""
    keys = [
        DeliveryKey(broadcast=s.broadcast, chunk=s.chunk, person=standing.person)
        for s in reversed(standing.sends)
    ]
    return list(dict.fromkeys(keys))


def wamids_of(home: Home, keys: Sequence[DeliveryKey]) -> dict[str, DeliveryKey]:
    """Return these deliveries by the wamid of their last accepted attempt."""
    found: dict[str, DeliveryKey] = {}
    for start in range(0, len(keys), MOST_ITEMS):
        rows = home.ports.ledger.get_all(keys[start : start + MOST_ITEMS])
        found |= {row.wamid: key for key, row in rows.items() if row.wamid}
    return found


def broadcast_of(home: Home, broadcast_id: str) -> Broadcast | None:
    """Return the broadcast a receipt names."""
    return home.ports.broadcasts.get(broadcast_id)


def _fold_statuses(
    home: Home, statuses_by_key: Mapping[DeliveryKey, list[Status]], swept: frozenset[str]
) -> None:
    """Read these people's rows, fold, and write on condition; whoever lost the race is read again.

    `swept` are the broadcasts whose message ids are not kept any more.
    """
    pending = dict(statuses_by_key)
    consistent = False  # rows only ever grow, and a write on one that grew meanwhile is refused
    while pending:
        known = home.ports.ledger.get_all(list(pending), consistent=consistent)
        consistent = True
        changes: list[tuple[Delivery | None, Delivery]] = []
        for key, statuses in pending.items():
            before = known.get(key)
            after = before
            for status in statuses:
                after = apply(after, key, status)
                after = _retried(home, after, status)
            if after is not None and key.broadcast in swept:
                after = replace(after, wamid="")
            if after is not None and after != before:
                changes.append((before, after))
        stored = home.ports.ledger.put_all(
            [Write(after, before.version if before else None) for before, after in changes]
        )
        done = [change for change, ok in zip(changes, stored, strict=True) if ok]
        count_changes(home, done)
        for _, after in done:
            _act_on_failures(home, after, pending[after.key])
        lost = {after.key for (_, after), ok in zip(changes, stored, strict=True) if not ok}
        pending = {key: statuses for key, statuses in pending.items() if key in lost}


def _retried(home: Home, row: Delivery, status: Status) -> Delivery:
    """Let somebody whose failure may pass wait for another attempt: first the wake-up, then the row."""
    if not status.code or outcome_of(row) is not Outcome.FAILED or row.attempt != max(1, status.attempt):
        return row
    broadcast = broadcast_of(home, row.key.broadcast)
    chunk = home.ports.chunks.get(row.key.broadcast, row.key.chunk)
    if broadcast is None or chunk is None or broadcast.state not in MAY_RETRY:
        return row
    now = home.ports.clock.now()
    deadline = chunk.wave + broadcast.expires_ms
    definition = home.definition(broadcast.campaign, broadcast.campaign_version)
    verdict = verdict_of(status, row, now=now, deadline_at=deadline, retries=definition.retries)
    if not verdict.waiting or verdict.due_at is None or may_have_retried(home, row.claimed_at or 0):
        return row
    home.ports.deferrals.add_all(
        [
            Deferral(
                sender=broadcast.sender,
                due_at=verdict.due_at,
                broadcast=broadcast.id,
                chunk=row.key.chunk,
                person=row.key.person,
                attempt=row.attempt + 1,
                reason=verdict.waiting,
                deadline_at=deadline,
            )
        ]
    )
    _reopen(home, broadcast)
    row = retried(row, verdict)
    return replace(row, waiting=verdict.waiting, due_at=verdict.due_at, deadline_at=deadline, saw=verdict.saw)


def _reopen(home: Home, broadcast: Broadcast) -> None:
    """Let a completed broadcast run again: somebody waits, so its sum no longer proves an end."""

    def running(current: Broadcast | None) -> Broadcast | None:
        if current is None or current.state is not BroadcastState.COMPLETED:
            return None
        return replace(current, state=BroadcastState.RUNNING, ended_at=None)

    amend(lambda: home.ports.broadcasts.get(broadcast.id), home.ports.broadcasts.put, running)


def _act_on_failures(home: Home, row: Delivery, statuses: list[Status]) -> None:
    """Do what the failures' codes ask beyond the person: opt-outs, suppressions, brakes."""
    for status in statuses:
        if not status.code:
            continue
        broadcast = broadcast_of(home, row.key.broadcast)
        if broadcast is None:
            continue
        definition = home.definition(broadcast.campaign, broadcast.campaign_version)
        verdict = verdict_of(status, row, now=status.at, deadline_at=status.at, retries=definition.retries)
        name = definition.template.name
        if status.code in template_news.STATUS_CODES and template_news.approved_since(
            home, broadcast.sender, name, status.at
        ):  # told late: the platform has approved it again since
            verdict = replace(verdict, stop="")
        effects.apply(
            home,
            sender=broadcast.sender,
            template=name,
            person=row.key.person,
            echo=status.wamid,
            verdict=verdict,
            to=status.phone,
            broadcast=broadcast,
        )
        if verdict.opt_out:
            _mark(home, row.key, opted_out_at=status.at)
        if status.code in MEDIA_CODES and broadcast.media:
            before = status.at if row.claimed_at is None else row.claimed_at
            media.forget(home, home.sender(broadcast.sender), broadcast.media.values(), before=before)


def inbound(home: Home, body: str) -> None:
    """Act on one message's news: opt-outs before everything else in it."""
    news = inbound_stage.parse_inbound(body)
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


def person_of(home: Home, phone: str, bsuid: str) -> str | None:
    """Return who this is by any identity; somebody we do not know is added, so that their no is kept."""
    identities = identities_of(phone, bsuid)
    if not identities:
        return None
    owners = home.ports.book.owners(identities)
    for identity in identities:
        if identity in owners:
            return owners[identity]
    fresh = f"c{home.ports.randomness.token()[:20]}"
    person = next(iter(home.ports.book.claim_identities(dict.fromkeys(identities, fresh)).values()))
    contact = Contact(id=person, phone=phone or None, updated_at=home.ports.clock.now())
    home.ports.book.put_all([Write(contact, None)])
    home.ports.standings.put(Standing(person=person, phone=phone or None), expected_version=None)
    return person


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
        _mark(home, key, replied_at=reply.at, opted_out_at=reply.at if topic is not None else None)
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
        if current is None or (current.last_inbound_at or 0) >= inbound_at:
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


def _mark(
    home: Home, key: DeliveryKey, *, replied_at: Instant | None = None, opted_out_at: Instant | None = None
) -> None:
    """Note the first reply and the opt-out on a delivery, and move the counters."""
    for _ in range(50):
        before = home.ports.ledger.get_all([key]).get(key)
        if before is None:
            return
        after = replace(
            before,
            replied_at=_first(before.replied_at, replied_at),
            opted_out_at=_first(before.opted_out_at, opted_out_at),
        )
        if after == before:
            return
        if home.ports.ledger.put_all([Write(after, before.version)])[0]:
            count_changes(home, [(before, after)])
            return


def _first(known: Instant | None, at: Instant | None) -> Instant | None:
    if known is None or at is None:
        return at if known is None else known
    return min(known, at)


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
            _mark(home, key, opted_out_at=news.at)


def _echo(home: Home, news: inbound_stage.Echo) -> None:
    """A human is talking to this person: marketing holds back, where the sender says so."""
    owners = home.ports.book.owners([Identity(PHONE, news.phone)]) if news.phone else {}
    for person in owners.values():

        def touched(current: Standing | None) -> Standing | None:
            if current is None or (current.last_echo_at or 0) >= news.at:
                return None
            return replace(current, last_echo_at=news.at)

        amend(lambda p=person: home.ports.standings.get(p), home.ports.standings.put, touched)  # type: ignore[misc]
