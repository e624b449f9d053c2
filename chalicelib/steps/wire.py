"""What a worker needs of a chunk's broadcast, read once, and the two things it re-reads as it goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from chalicelib.audience.instant import HOUR_MS, Instant
from chalicelib.authoring.definition import THIS_CAMPAIGN, Category, Definition, OnBlock, QuietInterval
from chalicelib.authoring.senders import Sender
from chalicelib.authoring.template import Template
from chalicelib.planning.send_window import blocked_until, is_skipped
from chalicelib.sending.answer import Message
from chalicelib.sending.broadcast import Broadcast, BroadcastState, Chunk
from chalicelib.sending.decision import Cap, Wire
from chalicelib.sending.stops import country_key
from chalicelib.sending.template_brake import is_stopped
from chalicelib.steps.home import Home
from chalicelib.steps.media import MediaIds, with_ids
from chalicelib.steps.people import Candidate
from chalicelib.tracking.receipt import echo_of


@dataclass(slots=True, kw_only=True)
class Lane:
    """A chunk's surroundings while it is sent. `open_now` turns false when a brake was seen."""

    broadcast: Broadcast
    chunk: Chunk
    definition: Definition
    sender: Sender
    channel: Any
    templates: dict[str, Template]
    quiet: tuple[QuietInterval, ...]
    caps: tuple[Cap, ...]
    labels_of: Callable[[str], Mapping[str, str]]
    live_hold_ms: int
    checked_at: Instant
    media: MediaIds
    open_now: bool = True
    stopped_countries: Mapping[str, Instant] = field(default_factory=dict)

    def deadline(self, candidate: Candidate) -> Instant:
        """Return until when this person may be kept waiting."""
        wave = candidate.row.instant or self.broadcast.launched_at
        return wave + self.broadcast.expires_ms

    async def is_open(self, home: Home) -> bool:
        """Say whether sending may go on; looks again when the last look is half a second old."""
        now = home.ports.clock.now()
        if self.open_now and now - self.checked_at >= home.settings.control_max_age_ms:
            self.checked_at = now
            self.open_now = await home.offload(may_send, home, self)
        return self.open_now


def may_send(home: Home, lane: Lane) -> bool:
    """Read the broadcast's and the sender's brakes; the lane keeps those on countries."""
    broadcast = home.ports.broadcasts.get(lane.broadcast.id)
    control = home.ports.senders.get(lane.broadcast.sender)
    if broadcast is None or broadcast.state is not BroadcastState.RUNNING:
        return False
    if control is None:
        return True
    lane.stopped_countries = control.stopped_countries
    name, languages = lane.definition.template.name, broadcast.languages
    return not control.stopped and not is_stopped(control, name, languages)


def lane_of(home: Home, chunk: Chunk) -> Lane:
    """Gather what the chunk's people have in common, and look at the brakes."""
    broadcast = home.ports.broadcasts.get(chunk.broadcast)
    if broadcast is None:
        raise LookupError(chunk.broadcast)
    lane = lane_for(home, broadcast, chunk)
    lane.open_now = may_send(home, lane)
    return lane


def lane_for(home: Home, broadcast: Broadcast, chunk: Chunk) -> Lane:
    """Gather what the chunk's people have in common, stored or not; the brakes are not looked at."""
    definition = home.definition(broadcast.campaign, broadcast.campaign_version)
    sender = home.sender(broadcast.sender)
    rules = home.rules()
    return Lane(
        broadcast=broadcast,
        chunk=chunk,
        definition=definition,
        sender=sender,
        channel=home.ports.channel_by_mode[sender.mode],
        templates={
            language: template
            for (name, language), template in rules.templates.items()
            if name == definition.template.name
        },
        quiet=rules.policy.quiet_hours_for(definition),
        caps=tuple(
            Cap(
                category="marketing" if f.scope == "marketing" else None,
                campaign=broadcast.campaign if f.scope == THIS_CAMPAIGN else None,
                label=f.label,
                most=f.most,
                window_ms=f.per_ms,
                defers=f.on_block is OnBlock.DEFER,
            )
            for f in rules.policy.frequency_for(definition)
        ),
        labels_of=labels_by_broadcast(home),
        live_hold_ms=live_hold_ms(definition, sender),
        checked_at=home.ports.clock.now(),
        media=MediaIds(broadcast.media),
    )


def labels_by_broadcast(home: Home) -> Callable[[str], Mapping[str, str]]:
    """Return what tells a broadcast's labels: those of the version that was sent; each is read once."""

    @cache
    def labels_of(broadcast_id: str) -> Mapping[str, str]:
        broadcast = home.ports.broadcasts.get(broadcast_id)
        if broadcast is None:
            return {}
        return home.definition(broadcast.campaign, broadcast.campaign_version).every_label

    return labels_of


def live_hold_ms(definition: Definition, sender: Sender) -> int:
    """Return how long a live conversation holds a campaign back: its own word, else its sender's."""
    if definition.category is not Category.MARKETING:
        return 0
    if definition.replies.hold_ms is not None:
        return definition.replies.hold_ms
    return 24 * HOUR_MS if sender.mode == "coexistence" else 0


def wire_for(lane: Lane, candidate: Candidate) -> Wire:
    """Return what the decision asks of one person."""
    definition = lane.definition
    zones = tuple(candidate.row.zone.split("|")) if candidate.row.zone else ()
    return Wire(
        broadcast=lane.broadcast.id,
        chunk=candidate.key.chunk,
        attempt=candidate.attempt,
        to=candidate.row.to,
        category=lane.broadcast.category,
        topic=definition.topic,
        basis=definition.consent.basis,
        max_age_months=definition.consent.max_age_months,
        max_age_ms=definition.consent.max_age_ms,
        caps=lane.caps,
        window_until=lane.chunk.window_until,
        deadline_at=lane.deadline(candidate),
        deferred=candidate.deferred,
        quiet_until=lambda now: blocked_until(now, lane.quiet, zones),
        quiet_skips=lambda now: is_skipped(now, lane.quiet, zones),
        live_hold_ms=lane.live_hold_ms,
        labels_of=lane.labels_of,
        country_stopped=country_stopped(lane, candidate.row.to),
        keep_ms=8 * 24 * HOUR_MS + lane.broadcast.expires_ms,
    )


def country_stopped(lane: Lane, phone: str) -> str:
    """Return the country of a number that nothing of this category may go to, "" when it may."""
    if not lane.stopped_countries:
        return ""
    key = country_key(phone, lane.broadcast.category)
    return key.partition("|")[0] if key in lane.stopped_countries else ""


def message_for(lane: Lane, candidate: Candidate) -> Message:
    """Return the message that leaves for one person."""
    row = candidate.row
    template = lane.templates.get(row.language)
    message = Message(
        sender=lane.sender.key,
        phone_number_id=lane.sender.phone_number_id,
        to=row.to,
        template=lane.definition.template.name,
        language=row.language,
        named=template is not None and template.parameter_format == "NAMED",
        parameters=row.parameters,
        buttons=row.buttons,
        header=row.header,
        cards=row.cards,
        echo=echo_of(candidate.key, candidate.attempt),
        graph_url=lane.sender.graph_url or "",
        auth_header=lane.sender.auth_header or "",
    )
    return with_ids(message, lane.media)
