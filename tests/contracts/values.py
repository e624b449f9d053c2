"""One full example of everything that is stored: no field at its default, no text in ASCII alone."""

from __future__ import annotations

from chalicelib.audience.consent import Basis, Consent, ConsentChange, ConsentEvent
from chalicelib.audience.contact import Contact, Happening, shard_of
from chalicelib.audience.standing import Send, Standing
from chalicelib.authoring.campaign import CampaignVersion
from chalicelib.authoring.registry import RegisteredTemplate
from chalicelib.planning.approval import Approval, Verdict
from chalicelib.planning.plan import Plan, Planning, PlanState, PlanWarning, Versions
from chalicelib.sending.announcement import About, Announcement
from chalicelib.sending.broadcast import (
    Broadcast,
    BroadcastState,
    Chunk,
    ChunkState,
    Deferral,
    Doubt,
    Drift,
    Member,
    Quota,
    SenderControl,
    TimelineEntry,
)
from chalicelib.sending.delivery import Delivery, DeliveryKey, Rank
from chalicelib.tracking.audit import AuditEntry
from chalicelib.tracking.retention import Keeping, Kind

AT = 1_800_000_000_000

CONTACT = Contact(
    id="p1",
    version=7,
    external_id="crm-٤٢",
    phone="+33612345678",
    first_name="Zoé",
    last_name="بن علي",
    language="fr",
    country="FR",
    timezone="Europe/Paris",
    tags=frozenset({"vip", "été"}),
    lists=frozenset({"soldes"}),
    attributes={"ville": "Nîmes", "points": "12"},
    updated_at=AT,
    events={"order_paid": (Happening(at=AT - 7, key="commande-é-1"), Happening(at=AT - 6, key="2"))},
    as_of={"first_name": AT - 5, "attributes.ville": AT - 4},
    bsuid="MA.٤٢",
)

SEND = Send(broadcast="soldes.1", chunk="000-00001", attempt=1, at=AT, category="marketing")

STANDING = Standing(
    person="p1",
    version=7,
    phone="+33612345678",
    consents={
        "whatsapp/promotions": Consent(
            granted_at=AT - 2, revoked_at=AT - 1, basis=Basis.INBOUND_MESSAGE, evidence="import b1 row 17"
        )
    },
    suppressed={"blocked": AT - 3},
    last_inbound_at=AT - 4,
    last_echo_at=AT - 5,
    sends=(SEND,),
    erased=True,
)

CONSENT_EVENT = ConsentEvent(
    id="e1",
    person="p1",
    channel="whatsapp",
    topic="promotions",
    change=ConsentChange.OPT_OUT,
    at=AT,
    recorded_at=AT + 1,
    source="keyword",
    detail="arrêter",
    basis=Basis.INBOUND_MESSAGE,
)

CAMPAIGN = CampaignVersion(
    campaign="soldes",
    number=1,
    title="Soldes d'hiver ❄",
    source="campaign: soldes\n",
    hash="ab" * 32,
    author="zoé",
    stored_at=AT,
    file="soldes.yaml",
)

PLAN = Plan(
    hash="cd" * 32,
    campaign="soldes",
    run=1,
    version=1,
    evaluated_at=AT,
    sealed_at=AT + 1,
    audience=3,
    planned=2,
    excluded={"consent.missing": 1},
    waves={AT: 1, AT + 60_000: 1},
    countries={"FR": 2},
    languages={"fr": 2},
    first_send=AT,
    last_send=AT + 60_000,
    last_safe_launch=AT - 60_000,
    parts=("plans/parts/1.jsonl",),
    chunks="plans/chunks/1",
    root="ef" * 32,
    versions=Versions(
        definition="1", tzdata="2", policy="3", sender="4", templates="5", countries="6", media="7"
    ),
    warnings=(PlanWarning(code="late_but_open", params={"people": "1"}),),
    components={"fr": "c" * 64},
    clocks={AT: ("Africa/Casablanca", "Europe/Paris")},
)

PLANNING = Planning(
    id="plan-1",
    campaign="soldes",
    run=1,
    campaign_version=1,
    evaluated_at=AT,
    tasks=4,
    state=PlanState.SEALED,
    version=7,
    parts={0: "summaries/0", 3: "summaries/3"},
    plan=PLAN,
    problems=(("limit_exceeded", {"limit": "10"}),),
    author="zoé",
)

ANNOUNCEMENT = Announcement(
    id="ab" * 16, about=About.WAVE, at=AT + 7, facts={"wave": "2026-12-01T09:00:00Z", "people": 1}
)

BROADCAST = Broadcast(
    id="soldes.1",
    campaign="soldes",
    run=1,
    campaign_version=1,
    plan_hash="cd" * 32,
    plan_id="plan-1",
    sender="boutique",
    category="marketing",
    state=BroadcastState.PAUSED,
    launched_at=AT,
    audience=3,
    planned=2,
    excluded={"consent.missing": 1},
    waves={AT: 1, AT + 60_000: 1},
    window_ms=3_600_000,
    expires_ms=7_200_000,
    max_per_second=12.5,
    priority=60,
    version=7,
    dispatched=frozenset({AT, AT + 60_000}),
    idle_reason="quota",
    ended_at=AT + 1,
    media={"hiver.jpg": "ab" * 32},
    paused_because="rate(failed, 10m) > 10%: 12 of 100",
    paused_at=AT + 2,
    languages=("ar", "fr"),
    held_from=AT - 5,
    recipient="p1",
    share=0.6,
    unknown_until=AT + 6,
    personal_data_gone_at=AT + 4,
    evidence_gone_at=AT + 5,
    request="ef" * 16,
    drift=Drift(by={"accepted": -2, "read": 1}, seen_at=AT + 8, since=AT + 7),
    untold=(ANNOUNCEMENT,),
)

CHUNK = Chunk(
    broadcast="soldes.1",
    id="000-00001",
    wave=AT,
    people=100,
    part="plans/parts/1.jsonl",
    start=10,
    end=20,
    members=(Member(chunk="000-00000", person="p1", attempt=2),),
    state=ChunkState.RUNNING,
    version=7,
    release=3,
    slot0_ms=AT + 0.25,
    step_ms=12.5,
    slots=3,
    offsets=(0.0, 12.5, 50.125),
    expires_at=AT + 1,
    lease_until=AT + 2,
    epoch=4,
    window_until=AT + 3,
    remaining=9,
)

DELIVERY = Delivery(
    key=DeliveryKey(broadcast="soldes.1", chunk="000-00001", person="p1"),
    version=7,
    attempt=2,
    rank=Rank.DELIVERED,
    failed_code=131_049,
    failed_at=AT,
    uncertain=True,
    excluded="expired",
    waiting="frequency",
    due_at=AT + 1,
    deadline_at=AT + 2,
    saw="été",
    wamid="wamid.A=",
    claimed_at=AT + 3,
    accepted_at=AT + 4,
    sent_at=AT + 5,
    delivered_at=AT + 6,
    read_at=AT + 7,
    replied_at=AT + 8,
    opted_out_at=AT + 9,
    billed_category="marketing",
    transient_retries=1,
    erased=True,
    per_user_retries=2,
)

KEEPING = Keeping(
    kind=Kind.UPLOAD,
    id="incoming/contacts/book.csv",
    since=AT,
    look_at=AT + 1,
    without_personal_data=True,
    done="ab" * 32,
)

APPROVAL = Approval(
    plan="cd" * 32,
    who="Zoé",
    at=AT,
    verdict=Verdict.SENT_BACK,
    comment="trop tôt, pas avant l'été",
    token="bureau",
)

AUDIT_ENTRY = AuditEntry(
    id="ab12",
    at=AT,
    who="Zoé",
    kind="token",
    role="approver",
    token="bureau",
    act="plan.approve",
    on="cd" * 32,
    outcome="done",
)

DEFERRAL = Deferral(
    sender="boutique",
    due_at=AT,
    broadcast="soldes.1",
    chunk="000-00001",
    person="p1",
    attempt=1,
    reason="quiet_hours",
    deadline_at=AT + 1,
)

REGISTERED = RegisteredTemplate(
    waba="102290129340398",
    name="soldes_hiver",
    language="pt_BR",
    version=7,
    status="PAUSED",
    status_at=AT,
    reason="LOW_QUALITY",
    category="MARKETING",
    category_at=AT + 1,
    previous_category="UTILITY",
    coming_category="MARKETING",
    quality="RED",
    quality_at=AT + 2,
    components="c" * 64,
    components_at=AT + 3,
    first_approved_at=AT - 1,
)

ENTRY = TimelineEntry(
    sender="boutique", priority=1, wave=AT, broadcast="soldes.1", share=0.6, max_per_second=12.5
)

CONTROL = SenderControl(
    sender="boutique",
    version=7,
    owner="worker-1",
    fence=3,
    lease_until=AT,
    lanes_ms=(AT + 0.5, AT + 12.75),
    turns_ms={"soldes.1": (AT + 0.25,), "été.2": (AT + 1.5, AT + 2.0)},
    factor=0.5,
    factor_at=AT + 1,
    stopped={"human": AT},
    stopped_templates={"soldes_hiver": AT},
    quality="YELLOW",
    stopped_countries={"MA|marketing": AT},
    causes={"soldes_hiver": "132000"},
    ends={"waba:ACCOUNT_RESTRICTION": AT + 5},
    heard={"waba:ACCOUNT_RESTRICTION": AT + 6},
    is_upgraded=True,
    doubts={"soldes_hiver": (Doubt(broadcast="soldes.1", who="ab12", accepted=7),)},
    account="102290129340398|boutique-group",
)

QUOTA = Quota(
    portfolio="boutique-group", version=7, buckets={3_000_000: 12, 3_000_001: 1}, told_tier=-1, told_at=AT
)


def people_of_shard(shard: int, count: int) -> list[str]:
    """Return `count` person ids that are stored under one shard, in order."""
    found: list[str] = []
    number = 0
    while len(found) < count:
        person = f"p{number:06d}"
        if shard_of(person) == shard:
            found.append(person)
        number += 1
    return found
