"""What the pipeline needs of the outside world. Two homes implement each port.

The rule that keeps the homes honest: a method does what ONE DynamoDB get,
query page or conditional write of at most 100 items can do, and its docstring
names that call. A method over several items promises nothing across them: each
item's condition stands alone. Reads are strongly consistent unless they say
otherwise. A conditional write returns False, and changes nothing, when its
condition does not hold.

`put(item, expected_version=v)` stores `item` with version v + 1 if the stored
version is v; `expected_version=None` stores it with version 1 if there is none.
The item's own `version` field is ignored on the way in and right on the way out.
Stores are synchronous and short; every one may raise `HomeUnavailable`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from chalicelib.audience.consent import ConsentEvent
from chalicelib.audience.contact import Contact
from chalicelib.audience.identity import Identity
from chalicelib.audience.instant import Instant
from chalicelib.audience.standing import Person, Standing
from chalicelib.authoring.campaign import CampaignVersion
from chalicelib.authoring.endpoints import Endpoint
from chalicelib.authoring.registry import RegisteredTemplate
from chalicelib.authoring.senders import Sender
from chalicelib.planning.approval import Approval
from chalicelib.planning.plan import Planning
from chalicelib.sending.answer import Answer, Message
from chalicelib.sending.broadcast import (
    Broadcast,
    Chunk,
    ChunkState,
    Deferral,
    Quota,
    SenderControl,
    TimelineEntry,
)
from chalicelib.sending.delivery import Delivery, DeliveryKey
from chalicelib.tracking.audit import AuditEntry
from chalicelib.tracking.retention import Keeping

T = TypeVar("T")

MOST_ITEMS = 100
"""The most items one call of any port takes or returns."""

LONGEST_SCHEDULE_NAME = 64

RESTORED = "restored"
BACKED_UP_AT, RESTORED_AT, RELEASED_AT = "backed_up_at", "restored_at", "released_at"
"""Under which counters a restored home keeps its gap, and when somebody let it launch again."""

Cursor = str
"""Opaque; what a page gives to resume behind it."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """At most MOST_ITEMS items in key order; `next` resumes behind them, None at the end."""

    items: tuple[T, ...]
    next: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Write(Generic[T]):
    """One conditional put of a batch; `expected_version` as in the module docstring."""

    item: T
    expected_version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A message whose handler failed too often. `handle` is what its home knows it by, for a while."""

    queue: str
    handle: str
    body: str
    receives: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """How many messages a queue holds: `waiting` to be received, `in_hand` of a handler, `delayed`.

    `oldest_at` is when the oldest one that waits was sent; None without one, and on
    AWS, where SQS does not tell.
    """

    waiting: int
    in_hand: int
    delayed: int
    oldest_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class ListedTemplates:
    """One page of an account's templates, as Graph lists them; `next` resumes behind it, "" at the end."""

    templates: tuple[Mapping[str, Any], ...]
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotListed:
    """Why the platform did not list; with `again`, asking later helps."""

    why: str
    again: bool


@dataclass(frozen=True, slots=True)
class Uploaded:
    """The platform has the file, under this id, for the number it was uploaded to."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotUploaded:
    """Why the platform did not take a file; with `again`, trying later helps."""

    why: str
    again: bool


class Clock(Protocol):
    """Time, injected. Virtual in tests and rehearsals."""

    def now(self) -> Instant:
        """Return the present instant, in whole milliseconds."""

    async def sleep_until(self, instant: float) -> None:
        """Return at `instant` (milliseconds, may be fractional) or at once when it is past."""


class Randomness(Protocol):
    """Unguessable values, injected. Seeded in tests and rehearsals."""

    def token(self) -> str:
        """Return 32 lower-case hex characters that nobody can guess."""


class ContactBook(Protocol):
    """Contacts, their standings beside them, and the identities that lead to them."""

    def get(self, person: str) -> Contact | None:
        """GetItem."""

    def get_all(self, persons: Sequence[str]) -> Mapping[str, Contact]:
        """BatchGetItem, at most 100; absent ones are left out."""

    def put_all(self, writes: Sequence[Write[Contact]]) -> Sequence[bool]:
        """At most 100 conditional PutItems side by side; one answer each, in order."""

    def page(self, shard: int, *, after: Cursor | None = None) -> Page[Person]:
        """Query of one shard's partition, where a contact and its standing lie side by side.

        In order of person id; eventually consistent. A contact without a
        standing yet is left out.
        """

    def owners(self, identities: Sequence[Identity]) -> Mapping[Identity, str]:
        """BatchGetItem on the identities' own table: who owns each; absent ones are left out."""

    def claim_identities(self, claims: Mapping[Identity, str]) -> Mapping[Identity, str]:
        """At most 100 PutItems conditional on absence; returns the owner after it, for each."""

    def release_identity(self, identity: Identity, person: str) -> bool:
        """DeleteItem conditional on `person` being the owner."""

    def release_identities(self, owner_by_identity: Mapping[Identity, str]) -> Sequence[bool]:
        """At most 100 DeleteItems side by side, each conditional on its owner; one answer each, in order."""

    def remove_all(self, contacts: Sequence[Contact]) -> Sequence[bool]:
        """At most 100 DeleteItems side by side, each conditional on the version; one answer each."""


class Standings(Protocol):
    """One small item per person; what a claim is a conditional write of."""

    def get(self, person: str, *, consistent: bool = True) -> Standing | None:
        """GetItem. Without `consistent`: at half the cost, maybe a moment old, for who puts on condition."""

    def get_all(self, persons: Sequence[str]) -> Mapping[str, Standing]:
        """BatchGetItem, strongly consistent, at most 100."""

    def put(self, standing: Standing, *, expected_version: int | None) -> bool:
        """Conditional PutItem. This is the claim, the opt-out and the edit alike."""

    def put_all(self, writes: Sequence[Write[Standing]]) -> Sequence[bool]:
        """At most 100 conditional PutItems side by side."""

    def remove_all(self, standings: Sequence[Standing]) -> Sequence[bool]:
        """At most 100 DeleteItems side by side, each conditional on the version; one answer each."""


class ConsentLog(Protocol):
    """Every change of consent, append only, with its evidence."""

    def append(self, events: Sequence[ConsentEvent]) -> Sequence[bool]:
        """At most 100 PutItems conditional on the event's id being absent; False: known already."""

    def page(self, person: str, *, after: Cursor | None = None) -> Page[ConsentEvent]:
        """Query of a person's events, oldest first."""

    def remove_all(self, events: Sequence[ConsentEvent]) -> None:
        """At most 100 DeleteItems, of somebody who is erased; absent ones are no error."""


class Campaigns(Protocol):
    """Versions of definitions."""

    def add(self, version: CampaignVersion) -> bool:
        """PutItem conditional on (campaign, number) being absent."""

    def latest(self, campaign: str) -> CampaignVersion | None:
        """Query backwards, limit 1."""

    def get(self, campaign: str, number: int) -> CampaignVersion | None:
        """GetItem."""

    def page(self, *, after: Cursor | None = None) -> Page[CampaignVersion]:
        """Query of the heads: the latest version of each campaign, by name."""


class Plans(Protocol):
    """Plans from their first task to their seal."""

    def add(self, planning: Planning) -> bool:
        """PutItem conditional on the id being absent."""

    def get(self, plan_id: str) -> Planning | None:
        """GetItem."""

    def finish_task(self, plan_id: str, task: int, summary_key: str) -> Planning | None:
        """UpdateItem SET parts.#task if absent, ReturnValues ALL_NEW; None when there is no plan.

        Finishing a finished task changes nothing and returns the item as it is.
        """

    def put(self, planning: Planning, *, expected_version: int) -> bool:
        """Conditional PutItem (finish_task raises the version too)."""

    def register_hash(self, plan_hash: str, plan_id: str) -> None:
        """PutItem: the hash leads to the plan that sealed to it last, whose age is the one that counts."""

    def by_hash(self, plan_hash: str) -> str | None:
        """GetItem: the plan id that sealed to this hash."""


class TemplateRegistry(Protocol):
    """What the platform says of our templates, by account, name and language."""

    def get(self, waba: str, name: str, language: str) -> RegisteredTemplate | None:
        """GetItem."""

    def put_all(self, writes: Sequence[Write[RegisteredTemplate]]) -> Sequence[bool]:
        """At most 100 conditional PutItems side by side."""

    def of(self, waba: str, name: str) -> Sequence[RegisteredTemplate]:
        """Query, one page, of a template's languages."""

    def page(self, waba: str, *, after: Cursor | None = None) -> Page[RegisteredTemplate]:
        """Query of an account's templates in the order of `NAME|LANGUAGE`, any of which may be `after`."""

    def mark_synced(self, waba: str, at: Instant) -> None:
        """PutItem: the whole account was listed at `at`."""

    def synced_at(self, waba: str) -> Instant | None:
        """GetItem: when the whole account was last listed; None: never."""


class Broadcasts(Protocol):
    """Runs of campaigns."""

    def get(self, broadcast: str) -> Broadcast | None:
        """GetItem."""

    def put(self, broadcast: Broadcast, *, expected_version: int | None) -> bool:
        """Conditional PutItem."""

    def page(self, *, after: Cursor | None = None) -> Page[Broadcast]:
        """Query of all broadcasts but single sends, newest launch first; eventually consistent."""

    def open(self, *, after: Cursor | None = None) -> Page[Broadcast]:
        """Query of the sparse index of those neither completed nor cancelled, single sends too."""


class Chunks(Protocol):
    """Units of release."""

    def get(self, broadcast: str, chunk: str) -> Chunk | None:
        """GetItem."""

    def put(self, chunk: Chunk, *, expected_version: int | None) -> bool:
        """Conditional PutItem."""

    def put_all(self, writes: Sequence[Write[Chunk]]) -> Sequence[bool]:
        """At most 100 conditional PutItems side by side."""

    def add_all(self, chunks: Sequence[Chunk]) -> Sequence[bool]:
        """At most 100 PutItems conditional on absence."""

    def page(self, broadcast: str, *, after: Cursor | None = None) -> Page[Chunk]:
        """Query of a broadcast's chunks by id."""

    def ready(self, broadcast: str, wave: Instant) -> Sequence[Chunk]:
        """Query, one page, of the sparse index of ready chunks of one wave, by id."""

    def in_flight(self, broadcast: str) -> Sequence[Chunk]:
        """Query, one page, of the sparse index of released and running chunks, oldest first."""

    def count(self, broadcast: str, wave: Instant, state: ChunkState) -> int:
        """Query with Select=COUNT of the state index, one page (so at most 100 means "or more")."""

    def remove_all(self, chunks: Sequence[Chunk]) -> None:
        """At most 100 DeleteItems; absent ones are no error."""


class Ledger(Protocol):
    """Deliveries, kept together by home chunk, so one query page reads a chunk's people."""

    def get_all(
        self, keys: Sequence[DeliveryKey], *, consistent: bool = True
    ) -> Mapping[DeliveryKey, Delivery]:
        """BatchGetItem, at most 100. `consistent` as in `Standings.get`."""

    def put_all(self, writes: Sequence[Write[Delivery]]) -> Sequence[bool]:
        """At most 100 conditional PutItems side by side."""

    def of_chunk(self, broadcast: str, chunk: str) -> Sequence[Delivery]:
        """Query of one partition; a home chunk never has more than 100."""

    def remove_all(self, keys: Sequence[DeliveryKey]) -> None:
        """At most 100 DeleteItems; absent ones are no error."""


class Deferrals(Protocol):
    """People waiting behind their own gate, by sender and due instant."""

    def add_all(self, deferrals: Sequence[Deferral]) -> None:
        """At most 100 PutItems; the key is (sender, due_at, broadcast, person, attempt)."""

    def due(self, sender: str, until: Instant) -> Sequence[Deferral]:
        """Query, one page, of those due at or before `until`, oldest first."""

    def remove_all(self, deferrals: Sequence[Deferral]) -> None:
        """At most 100 DeleteItems."""

    def of_broadcast(self, broadcast: str, *, after: Deferral | None = None) -> Sequence[Deferral]:
        """Query, one page, of the index by broadcast, behind `after`: who still waits."""


class Timelines(Protocol):
    """Due waves per sender, in the order they are served."""

    def add(self, entry: TimelineEntry) -> None:
        """PutItem; adding again changes nothing."""

    def page(self, sender: str, *, after: TimelineEntry | None = None) -> Sequence[TimelineEntry]:
        """Query, one page, by (priority, wave, broadcast), behind `after`."""

    def remove(self, entry: TimelineEntry) -> None:
        """DeleteItem."""

    def senders(self) -> Sequence[str]:
        """Query of the senders that have an entry or a deferral."""


class Keepings(Protocol):
    """What will have to go one day, by the instant at which it is looked at next."""

    def add(self, keeping: Keeping) -> None:
        """PutItem; the key is (look_at, kind, id), and adding again replaces."""

    def due(self, until: Instant, *, after: Keeping | None = None) -> Sequence[Keeping]:
        """Query, one page, of those to be looked at at or before `until`, oldest first, behind `after`."""

    def remove(self, keeping: Keeping) -> None:
        """DeleteItem; an absent one is no error."""


class Approvals(Protocol):
    """What people say of plans, by the plan's hash; of each person their last word."""

    def put(self, approval: Approval) -> None:
        """PutItem; the key is (plan, who said it, without regard to case), and saying it again replaces."""

    def page(self, plan_hash: str, *, after: Cursor | None = None) -> Page[Approval]:
        """Query of a plan's, strongly consistent, by who said it."""


class AuditTrail(Protocol):
    """Every act of the control plane. Entries are never changed; only retention removes them."""

    def append(self, entry: AuditEntry) -> bool:
        """PutItem conditional on (at, id) being absent; False: there is one already."""

    def page(self, *, after: Cursor | None = None) -> Page[AuditEntry]:
        """Query backwards, strongly consistent: newest first."""

    def until(self, instant: Instant) -> Sequence[AuditEntry]:
        """Query, one page, of those at or before `instant`, oldest first."""

    def between(self, start: Instant, end: Instant, *, after: Cursor | None = None) -> Page[AuditEntry]:
        """Query, strongly consistent, of those from `start` to `end`, both included, oldest first."""

    def remove_all(self, entries: Sequence[AuditEntry]) -> None:
        """At most 100 DeleteItems; absent ones are no error."""


class Senders(Protocol):
    """Control items of the pacer, and quotas of portfolios."""

    def get(self, sender: str) -> SenderControl | None:
        """GetItem, strongly consistent."""

    def put(self, control: SenderControl, *, expected_version: int | None) -> bool:
        """Conditional PutItem."""

    def quota(self, portfolio: str) -> Quota | None:
        """GetItem, strongly consistent."""

    def put_quota(self, quota: Quota, *, expected_version: int | None) -> bool:
        """Conditional PutItem."""


class Counters(Protocol):
    """Caches of folds over the ledger; rebuilt from it, never the truth."""

    def add(self, subject: str, deltas: Mapping[str, int]) -> None:
        """UpdateItem ADD."""

    def get(self, subject: str) -> Mapping[str, int]:
        """GetItem."""

    def set(self, subject: str, values: Mapping[str, int]) -> None:
        """PutItem: replaces all of the subject's counters."""


class Queues(Protocol):
    """Work that is to be done at least once. Who consumes it is the home's business."""

    def send(self, queue: str, bodies: Sequence[str], *, delay_seconds: int = 0) -> None:
        """SendMessageBatch, at most 100 bodies in batches of 10; raises if any was not taken."""

    def dead_letters(self, queue: str) -> Sequence[DeadLetter]:
        """ReceiveMessage on the queue's dead letters, at most 10; on AWS hidden for some seconds."""

    def depth(self, queue: str, *, dead: bool = False) -> Depth:
        """GetQueueAttributes of the queue, or of its dead letters: about how many messages it holds."""

    def replay(self, letter: DeadLetter) -> None:
        """SendMessage to its queue, then DeleteMessage of the letter; replaying it again may do so twice."""


class Schedules(Protocol):
    """One-time wake-ups at a UTC instant."""

    def create(self, name: str, at: Instant, payload: str) -> None:
        """CreateSchedule with at() in UTC, idempotent by name; ValueError above LONGEST_SCHEDULE_NAME."""

    def cancel(self, name: str) -> None:
        """DeleteSchedule; an unknown name is no error."""


class Objects(Protocol):
    """Immutable files named by their content, and a few by their purpose."""

    def put(self, key: str, body: bytes) -> None:
        """PutObject; the same key with another body, which only a key by purpose may have, replaces it."""

    def add(self, key: str, body: bytes) -> bool:
        """PutObject with If-None-Match: False, and nothing changed, when the key has a body already."""

    def get(self, key: str) -> bytes | None:
        """GetObject."""

    def get_range(self, key: str, start: int, end: int) -> bytes:
        """GetObject with Range: bytes [start, end). Raises NotFound when there is no such object."""

    def keys(self, prefix: str) -> Sequence[str]:
        """ListObjectsV2, one page: the first 100 keys that begin with `prefix`, which is not empty."""

    def remove_all(self, keys: Sequence[str]) -> None:
        """DeleteObjects, at most 100; absent ones are no error."""


class Archive(Protocol):
    """Files that are written once, and that nothing of ours reads, changes or removes."""

    def add(self, key: str, body: bytes) -> bool:
        """PutObject with If-None-Match: False, and nothing changed, when the key has a body already."""


class Secrets(Protocol):
    """Secret values by name (WHATSAPP_TOKEN, WHATSAPP_APP_SECRET, WHATSAPP_VERIFY_TOKEN)."""

    def get(self, name: str) -> str | None:
        """GetSecretValue, cached by the adapter; None when it is not set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What came of a post: the answer's HTTP status, or 0 and why there was none."""

    status: int
    detail: str = ""


class Webhooks(Protocol):
    """Endpoints of other systems. No retries inside: the queue comes again."""

    def post(self, endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> Posted:
        """One HTTP POST, within seconds, not redirected, and never to where credentials lie. Never raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a bus is given: `about` is its kind in words, `detail` a JSON object, `at` when it was so."""

    id: str
    about: str
    at: Instant
    detail: Mapping[str, Any]


class Bus(Protocol):
    """Where other systems listen to what becomes of broadcasts; on one machine, in the log."""

    def put(self, told: Sequence[Told]) -> None:
        """PutEvents, at most 10; raises HomeUnavailable unless all were taken. Some may be taken twice."""


class Channel(Protocol):
    """How a message leaves. No retries inside: every attempt needs a slot."""

    async def send(self, message: Message) -> Answer:
        """Make one provider call and say what is known of its fate. Never raises."""

    async def close(self) -> None:
        """Release pooled connections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """An RSA public key."""

    modulus: int
    exponent: int


class SigningKeys(Protocol):
    """The keys that an identity provider signs with. Asked when a person's token is shown."""

    def get(self, kid: str) -> SigningKey | None:
        """Return the key of this name, None without one; raises HomeUnavailable when none are known."""


class TemplateListing(Protocol):
    """What templates an account has. Asked by `templates sync` alone, never by planning."""

    async def page(self, sender: Sender, *, after: str, limit: int) -> ListedTemplates | NotListed:
        """Make one call for a page of the sender's account. Never raises."""


class MediaUploads(Protocol):
    """How the platform gets the files that headers show."""

    async def upload(self, sender: Sender, *, name: str, type: str, body: bytes) -> Uploaded | NotUploaded:
        """Make one call that uploads a file of a MIME type to the sender's number. Never raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """One home, wired."""

    clock: Clock
    randomness: Randomness
    book: ContactBook
    standings: Standings
    consents: ConsentLog
    campaigns: Campaigns
    plans: Plans
    registry: TemplateRegistry
    broadcasts: Broadcasts
    chunks: Chunks
    ledger: Ledger
    deferrals: Deferrals
    timelines: Timelines
    keepings: Keepings
    approvals: Approvals
    audit: AuditTrail
    senders: Senders
    counters: Counters
    queues: Queues
    schedules: Schedules
    objects: Objects
    archive: Archive
    secrets: Secrets
    webhooks: Webhooks
    bus: Bus
    channel_by_mode: Mapping[str, Any]
