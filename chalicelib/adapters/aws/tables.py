"""The tables on DynamoDB as PynamoDB models: their keys, indexes and shape, and no rules.

An item is its keys, the `version` its conditions name, the `mark` of the write
that stored it, and `body`: the value's fields as a native map, those at their
default left out. Which key takes how many writes a second:
`docs/decisions/0011-keys-on-dynamodb.md`.
"""

from __future__ import annotations

from typing import Any

from pynamodb.attributes import Attribute, MapAttribute, NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.constants import MAP, PAY_PER_REQUEST_BILLING_MODE
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, LocalSecondaryIndex
from pynamodb.models import Model

INDEX = "by_index"
"""The one index of a table that has one."""


class BodyAttribute(Attribute[dict[str, Any]]):
    """A value's fields, of any depth, as DynamoDB's own types."""

    attr_type = MAP

    def serialize(self, value: Any) -> Any:
        """Return the fields in DynamoDB's notation."""
        return {name: typed(item) for name, item in value.items()}

    def deserialize(self, value: Any) -> dict[str, Any]:
        """Return the fields as lists, mappings and scalars."""
        return {name: untyped(item) for name, item in value.items()}


def typed(value: Any) -> dict[str, Any]:
    """Return a plain value in DynamoDB's notation."""
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, int | float):
        return {"N": repr(value)}
    if isinstance(value, dict):
        return {"M": {name: typed(item) for name, item in value.items()}}
    if isinstance(value, list):
        return {"L": [typed(item) for item in value]}
    raise TypeError(f"DynamoDB has no {type(value).__name__}")


def untyped(value: dict[str, Any]) -> Any:
    """Return what DynamoDB's notation stands for; numbers without a fraction are integers."""
    kind, content = next(iter(value.items()))
    if kind == "M":
        return {name: untyped(item) for name, item in content.items()}
    if kind == "L":
        return [untyped(item) for item in content]
    if kind == "N":
        return int(content) if content.lstrip("-").isdigit() else float(content)
    return None if kind == "NULL" else content


class Item(Model):
    """What every item has beside its keys."""

    version = NumberAttribute()
    mark = UnicodeAttribute(null=True)
    body = BodyAttribute()


class _Table:
    """What every table has: it is billed by use."""

    billing_mode = PAY_PER_REQUEST_BILLING_MODE


class LocalIndex(LocalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
    """The items of one partition in another order; may be read strongly."""

    class Meta:
        index_name = INDEX
        projection = AllProjection()

    pk = UnicodeAttribute(hash_key=True)
    sort = UnicodeAttribute(range_key=True)


class GlobalIndex(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
    """Items by another key; always eventually consistent."""

    class Meta:
        index_name = INDEX
        projection = AllProjection()
        billing_mode = PAY_PER_REQUEST_BILLING_MODE

    group = UnicodeAttribute(hash_key=True)
    sort = UnicodeAttribute(range_key=True)


class PersonItem(Item):
    """A contact or its standing: by shard, `PERSON#contact` beside `PERSON#standing`."""

    class Meta(_Table):
        table_name = "people"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)


class IdentityItem(Model):
    """Who owns an outside name: by `KIND|VALUE`."""

    class Meta(_Table):
        table_name = "identities"

    pk = UnicodeAttribute(hash_key=True)
    owner = UnicodeAttribute()


class ConsentItem(Item):
    """A consent event: by person and event id; the index has a person's in order of time."""

    class Meta(_Table):
        table_name = "consents"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    sort = UnicodeAttribute()
    by_index = LocalIndex()


class CampaignItem(Item):
    """A version of a definition: by campaign and number. The names are under `names`."""

    class Meta(_Table):
        table_name = "campaigns"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)


class PlanItem(Item):
    """A planning, by `plan|ID`, its finished tasks beside its body; and `hash|HASH` -> plan id."""

    class Meta(_Table):
        table_name = "plans"

    pk = UnicodeAttribute(hash_key=True)
    parts: MapAttribute[str, Any] = MapAttribute(default=dict)  # type: ignore[no-untyped-call]


class TemplateItem(Item):
    """A template as the platform has it: by account and `NAME|LANGUAGE`; and `synced|ACCOUNT`."""

    class Meta(_Table):
        table_name = "templates"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)


class BroadcastItem(Item):
    """A broadcast by id; the index has the open, the ended and the single ones, newest first."""

    class Meta(_Table):
        table_name = "broadcasts"

    pk = UnicodeAttribute(hash_key=True)
    group = UnicodeAttribute()
    sort = UnicodeAttribute()
    by_index = GlobalIndex()


class ChunkItem(Item):
    """A chunk by broadcast and id; the index has a broadcast's by state."""

    class Meta(_Table):
        table_name = "chunks"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    sort = UnicodeAttribute()
    expires = TTLAttribute(null=True)
    by_index = LocalIndex()


class DeferralItem(Item):
    """Somebody who waits: by `SENDER|SHARD` and due instant; the index by `BROADCAST|SHARD`."""

    class Meta(_Table):
        table_name = "deferrals"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    group = UnicodeAttribute()
    sort = UnicodeAttribute()
    expires = TTLAttribute()
    by_index = GlobalIndex()


class DeliveryItem(Item):
    """A delivery: by `BROADCAST|CHUNK` and person."""

    class Meta(_Table):
        table_name = "deliveries"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    expires = TTLAttribute(null=True)


class TimelineItem(Item):
    """A due wave by sender and turn; and under `senders` those that ever had something to do."""

    class Meta(_Table):
        table_name = "timelines"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)


class KeepingItem(Item):
    """What will have to go one day: all under `keepings`, by the instant of the next look."""

    class Meta(_Table):
        table_name = "keepings"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)


class ApprovalItem(Item):
    """Somebody's word on a plan: by its hash and who said it."""

    class Meta(_Table):
        table_name = "approvals"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)


class AuditItem(Item):
    """An act of the control plane: all under `audit`, by time."""

    class Meta(_Table):
        table_name = "audit"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)


class ControlItem(Item):
    """A sender's control by `sender|KEY`, a portfolio's quota by `portfolio|KEY`."""

    class Meta(_Table):
        table_name = "senders"

    pk = UnicodeAttribute(hash_key=True)


class CounterItem(Model):
    """A subject's counters, one number attribute each, beside its key."""

    class Meta(_Table):
        table_name = "counters"

    pk = UnicodeAttribute(hash_key=True)


MODELS: tuple[type[Model], ...] = (
    PersonItem,
    IdentityItem,
    ConsentItem,
    CampaignItem,
    PlanItem,
    TemplateItem,
    BroadcastItem,
    ChunkItem,
    DeferralItem,
    DeliveryItem,
    TimelineItem,
    KeepingItem,
    ApprovalItem,
    AuditItem,
    ControlItem,
    CounterItem,
)
