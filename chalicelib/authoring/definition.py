"""The definition: what a marketer wrote, checked and typed, with every default filled in.

Durations are milliseconds; wall times are text "HH:MM" already checked, or
minutes since midnight where arithmetic needs them. `reading.py` makes a
`Definition` from YAML or JSON; nothing else does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from chalicelib.audience.consent import Basis
from chalicelib.audience.instant import DAY_MS, MINUTE_MS
from chalicelib.audience.segment import Segment


class Category(StrEnum):
    """What Meta bills it as. Authentication is refused: codes must not share a campaign's queue."""

    MARKETING = "marketing"
    UTILITY = "utility"


class Past(StrEnum):
    """What becomes of somebody whose window has closed before the launch."""

    SKIP = "skip"
    NEXT_DAY = "next_day"
    SEND_NOW = "send_now"
    FAIL_PLAN = "fail_plan"


class Criticality(StrEnum):
    """The order of a roll-out over several campaigns: low before high."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Gap(StrEnum):
    """What a wall time becomes that the clocks skip."""

    SHIFT_FORWARD = "shift_forward"  # as far behind the gap as it was into it
    FIRST_VALID = "first_valid"  # the first instant after the gap
    SKIP = "skip"


class Fold(StrEnum):
    """Which of two is meant by a wall time that happens twice."""

    FIRST = "first"
    SECOND = "second"


class OnHoliday(StrEnum):
    """What a public holiday does to a message of that day."""

    NEXT_ALLOWED_DAY = "next_allowed_day"
    SKIP = "skip"


class OnBlock(StrEnum):
    """What a quiet interval does to a message that falls into it."""

    DEFER = "defer"
    SKIP = "skip"


DAY_WORDS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""Days of the week as a file writes them; elsewhere they are 0 to 6, as `date.weekday` counts."""
ALL_DAYS = tuple(range(7))


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietInterval:
    """Local minutes since midnight, opens <= t < closes; overnight when opens > closes.

    Equal ends mean 24 hours. `days` and the local dates `first_day` to
    `last_day`, both included, are those on which an interval starts: the small
    hours of an overnight one belong to the evening before.
    """

    opens: int
    closes: int
    on_block: OnBlock = OnBlock.DEFER
    days: tuple[int, ...] = ALL_DAYS
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dst:
    """What a wall time means on the days on which the clocks change."""

    gap: Gap = Gap.SHIFT_FORWARD
    fold: Fold = Fold.FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class Holidays:
    """Whose public holidays count: `calendar` "MA" or "FR-57"; None: those of each person's country."""

    calendar: str | None
    on_holiday: OnHoliday = OnHoliday.NEXT_ALLOWED_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownTimezone:
    """People with no zone and no country: exactly one of the three is meant.

    `use` is an IANA zone; `skip` excludes them; neither means the plan fails
    when more than `max_share` (0..1) of the audience is like that.
    """

    use: str | None = None
    skip: bool = False
    max_share: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRule:
    """Which evidence is enough. `max_age_months` is calendar months, `max_age_ms` exact."""

    basis: Basis = Basis.EXPLICIT_OPTIN
    max_age_months: int | None = None
    max_age_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Whom `segment` selects or `include` names, less whom `exclude` names, which always wins.

    Names are ("list", x), ("tag", x) or ("id", external id). A file without a
    segment has one that selects nobody. `limit` fails, never truncates.
    """

    segment: Segment
    include: tuple[tuple[str, str], ...] = ()
    exclude: tuple[tuple[str, str], ...] = ()
    limit: int = 10_000


class ValueKind(StrEnum):
    """What a rendered value must be."""

    TEXT = "text"
    INTEGER = "integer"
    CURRENCY = "currency"
    DATE_TIME = "date_time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One slot of the template: a Jinja2 expression and what to say when it is empty.

    `fallback` maps a language to text; the key "" serves every language. `least`
    and `most` are inclusive bounds as written, "" without one; `currency` is the
    ISO 4217 code behind an amount.
    """

    name: str
    value: str
    fallback: Mapping[str, str] = field(default_factory=dict)
    type: ValueKind = ValueKind.TEXT
    least: str = ""
    most: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button's variable part: an expression, and for some kinds further ones.

    `value` is a URL's suffix, a quick reply's payload, the code to copy, a
    flow's token, or the product whose picture a catalog shows. `data` is what a
    flow's first screen is given; `sections` of a multi-product message are
    (title, products).
    """

    kind: str
    index: int
    value: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    sections: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What stands above the text: `kind` text, image, video or document.

    `values` maps a language to an expression, "" for every language: a text, an
    address beginning with https://, or "media:FILE" of campaigns/media/.
    `fallback` is a text's; `filename` an expression for what people see of a document.
    """

    kind: str
    values: Mapping[str, str]
    fallback: Mapping[str, str] = field(default_factory=dict)
    filename: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card of a carousel, filled like a template of its own."""

    header: Header | None = None
    parameters: tuple[Parameter, ...] = ()
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateUse:
    """Which template, in which languages, filled with what.

    `language_from` is "contact.language" or a fixed language; `chain` maps a
    person's language to the languages to try after it, "*" for any other.
    `carousel` has as many cards as the template.
    """

    name: str
    language_from: str = "contact.language"
    chain: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    buttons: tuple[Button, ...] = ()
    header: Header | None = None
    carousel: tuple[Card, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How often somebody is called again after a failure that may pass, and how long after it.

    `transient_most` retries, the first after `transient_backoff_ms`, each later
    one after twice the wait before it. `per_user_most` retries after Meta's
    per-user limit (131049), each `per_user_wait_ms` later, at least a day. Rate
    answers are no failures: they are retried until the deadline, whatever stands here.
    """

    transient_most: int = 3
    transient_backoff_ms: int = 2 * MINUTE_MS
    per_user_most: int = 2
    per_user_wait_ms: int = DAY_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Replies:
    """What replies do. `stop` are further stop words, as written.

    `hold_ms`: marketing waits this long after a person's last words or a
    colleague's; None is the sender's default (24 h where a human shares the number).
    `handoff` is the webhook that gets whatever is no stop or start word; "": none.
    """

    stop: tuple[str, ...] = ()
    hold_ms: int | None = None
    handoff: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long after a broadcast's end its personal data and its evidence are kept; None: not said here."""

    personal_data_ms: int | None = None
    evidence_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """How far a fresh plan may be from the one that was agreed to; None: not said.

    `people` is a share of those planned, `finish_ms` the difference of the last send.
    """

    people: float | None = None
    finish_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRule:
    """How many others must agree to a plan, and for how long their word holds; None: not said here.

    With `not_author`, which is the default, nobody who wrote or planned it counts.
    With a `tolerance` a launch is compared with a fresh plan.
    """

    approvers: int | None = None
    not_author: bool | None = None
    expires_ms: int | None = None
    tolerance: Tolerance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """Who is kept out, to compare with: a share of 0 to 1, drawn by a hash of `salt` and person."""

    salt: str
    holdout: float = 0.0


class Watched(StrEnum):
    """What a guard looks at."""

    TEMPLATE = "template.status"
    QUALITY = "sender.quality"
    BILLED = "billed_category"
    RATE = "rate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A condition under which a running broadcast is paused. `text` is as written.

    For a rate: when more than `most` (0..1) of a rolling `window_ms` are `counted`
    ("failed", "opt_out", "uncertain"). For the sender's quality: when it is `value`.
    """

    text: str
    watched: Watched
    counted: str = ""
    window_ms: int = 0
    most: float = 0.0
    value: str = ""


USUAL_GUARDS = (
    Guard(text="template.status != APPROVED", watched=Watched.TEMPLATE),
    Guard(text="sender.quality == RED", watched=Watched.QUALITY, value="RED"),
    Guard(
        text="rate(failed, 10m) > 20%",
        watched=Watched.RATE,
        counted="failed",
        window_ms=10 * MINUTE_MS,
        most=0.2,
    ),
)
"""What pauses a broadcast whose author says nothing."""

THIS_CAMPAIGN = "this_campaign"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequency:
    """At most `most` messages of `scope` in a rolling `per_ms`.

    `scope` is "marketing", "all", THIS_CAMPAIGN (earlier runs of the same campaign), or
    KEY=VALUE, a label: whatever campaign had it when it was sent.
    """

    scope: str
    most: int
    per_ms: int
    on_block: OnBlock = OnBlock.DEFER

    @property
    def label(self) -> tuple[str, str] | None:
        """The label that the scope names, None for the scopes that are words."""
        key, equals, value = self.scope.partition("=")
        return (key, value) if equals else None


def with_criticality(labels: Mapping[str, str], criticality: Criticality) -> Mapping[str, str]:
    """Return the labels as an author wrote them, with the one that a definition keeps apart."""
    return {**labels, "criticality": criticality.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A campaign as it will be planned. `send_at` None means `now`, the launch instant.

    `timezone` None means each recipient's own clock. `quiet_hours` None means
    the policy's or the format's default for the category; () means none. So for
    `frequency`. `priority` 0 to 100: the higher is served first by its sender.
    `days` are allowed days of the week, Monday 0; `labels` are all but criticality.
    `share` (0..1] is the most of its sender that it takes while others want it too.
    `resend_after_ms` None: an unanswered call is reported, never made again.
    `re_permission`: whoever lacks consent is put on the list of that name.
    """

    campaign: str
    title: str
    owner: str
    category: Category
    sender: str
    topic: str | None
    consent: ConsentRule
    audience: Audience
    send_at: datetime | None  # naive wall time
    timezone: str | None
    unknown_timezone: UnknownTimezone
    window_ms: int
    past: Past
    quiet_hours: tuple[QuietInterval, ...] | None
    template: TemplateUse
    max_per_second: float | None
    expires_ms: int
    labels: Mapping[str, str] = field(default_factory=dict)
    criticality: Criticality = Criticality.MEDIUM
    dst: Dst = Dst()
    days: tuple[int, ...] = ALL_DAYS
    holidays: Holidays | None = None
    frequency: tuple[Frequency, ...] | None = None
    priority: int = 50
    share: float = 1.0
    retries: Retries = Retries()
    resend_after_ms: int | None = None
    replies: Replies = Replies()
    retention: Retention = Retention()
    experiment: Experiment | None = None
    re_permission: bool = False
    guards: tuple[Guard, ...] = USUAL_GUARDS
    approval: ApprovalRule | None = None

    @property
    def every_label(self) -> Mapping[str, str]:
        """The labels with criticality, by which a frequency cap may tell campaigns."""
        return with_criticality(self.labels, self.criticality)
