"""What each method of a port asks of AWS: the smallest right with which it works, by table.

A conditional write that went unanswered is tried again and then looked for: it
needs GetItem too. An object that is absent is known to be so only by whoever may
list its bucket.
"""

from __future__ import annotations

from collections.abc import Mapping

_LOOKED_FOR = "PutItem GetItem"
_REMOVED = "DeleteItem GetItem"

TABLE_CALLS: Mapping[str, Mapping[str, str]] = {
    "book.get": {"people": "GetItem"},
    "book.get_all": {"people": "BatchGetItem"},
    "book.put_all": {"people": _LOOKED_FOR},
    "book.page": {"people": "Query"},
    "book.owners": {"identities": "BatchGetItem"},
    "book.claim_identities": {"identities": "PutItem BatchGetItem"},
    "book.release_identity": {"identities": _REMOVED},
    "book.release_identities": {"identities": _REMOVED},
    "book.remove_all": {"people": _REMOVED},
    "standings.get": {"people": "GetItem"},
    "standings.get_all": {"people": "BatchGetItem"},
    "standings.put": {"people": _LOOKED_FOR},
    "standings.put_all": {"people": _LOOKED_FOR},
    "standings.remove_all": {"people": _REMOVED},
    "consents.append": {"consents": _LOOKED_FOR},
    "consents.page": {"consents": "Query"},
    "campaigns.add": {"campaigns": _LOOKED_FOR},
    "campaigns.latest": {"campaigns": "Query"},
    "campaigns.get": {"campaigns": "GetItem"},
    "campaigns.page": {"campaigns": "Query"},
    "plans.add": {"plans": _LOOKED_FOR},
    "plans.put": {"plans": _LOOKED_FOR},
    "plans.get": {"plans": "GetItem"},
    "plans.finish_task": {"plans": "UpdateItem GetItem"},
    "plans.register_hash": {"plans": "PutItem"},
    "plans.by_hash": {"plans": "GetItem"},
    "registry.get": {"templates": "GetItem"},
    "registry.put_all": {"templates": _LOOKED_FOR},
    "registry.of": {"templates": "Query"},
    "registry.page": {"templates": "Query"},
    "registry.mark_synced": {"templates": "PutItem"},
    "registry.synced_at": {"templates": "GetItem"},
    "broadcasts.get": {"broadcasts": "GetItem"},
    "broadcasts.put": {"broadcasts": _LOOKED_FOR},
    "broadcasts.page": {"broadcasts": "Query"},
    "broadcasts.open": {"broadcasts": "Query"},
    "chunks.get": {"chunks": "GetItem"},
    "chunks.put": {"chunks": _LOOKED_FOR},
    "chunks.put_all": {"chunks": _LOOKED_FOR},
    "chunks.add_all": {"chunks": _LOOKED_FOR},
    "chunks.page": {"chunks": "Query"},
    "chunks.ready": {"chunks": "Query"},
    "chunks.in_flight": {"chunks": "Query"},
    "chunks.count": {"chunks": "Query"},
    "chunks.remove_all": {"chunks": "BatchWriteItem"},
    "ledger.get_all": {"deliveries": "BatchGetItem"},
    "ledger.put_all": {"deliveries": _LOOKED_FOR},
    "ledger.of_chunk": {"deliveries": "Query"},
    "ledger.remove_all": {"deliveries": "BatchWriteItem"},
    "deferrals.add_all": {"deferrals": "BatchWriteItem", "timelines": "PutItem"},
    "deferrals.due": {"deferrals": "Query"},
    "deferrals.of_broadcast": {"deferrals": "Query"},
    "deferrals.remove_all": {"deferrals": "BatchWriteItem"},
    "timelines.add": {"timelines": "BatchWriteItem PutItem"},
    "timelines.page": {"timelines": "Query"},
    "timelines.remove": {"timelines": "BatchWriteItem"},
    "timelines.senders": {"timelines": "Query", "deferrals": "Query"},
    "keepings.add": {"keepings": "BatchWriteItem"},
    "keepings.due": {"keepings": "Query"},
    "keepings.remove": {"keepings": "BatchWriteItem"},
    "senders.get": {"senders": "GetItem"},
    "senders.put": {"senders": _LOOKED_FOR},
    "senders.quota": {"senders": "GetItem"},
    "senders.put_quota": {"senders": _LOOKED_FOR},
    "counters.add": {"counters": "UpdateItem"},
    "counters.get": {"counters": "GetItem"},
    "counters.set": {"counters": "PutItem"},
}
INDEXED = (
    "consents.page",
    "broadcasts.page",
    "broadcasts.open",
    "chunks.ready",
    "chunks.in_flight",
    "chunks.count",
    "deferrals.of_broadcast",
)
"""Queries of a table's index, which is a resource of its own."""

OTHER_CALLS: Mapping[str, tuple[str, ...]] = {
    "objects.put": ("s3:PutObject",),
    "objects.add": ("s3:PutObject",),
    "objects.get": ("s3:GetObject", "s3:ListBucket"),
    "objects.get_range": ("s3:GetObject", "s3:ListBucket"),
    "objects.keys": ("s3:ListBucket",),
    "objects.remove_all": ("s3:DeleteObject",),
    "queues.send": ("sqs:SendMessage",),
    "queues.depth": ("depth",),
    "queues.dead_letters": ("dead letters",),
    "queues.replay": ("replay",),
    "schedules.create": ("scheduler:CreateSchedule", "iam:PassRole"),
    "schedules.cancel": ("scheduler:DeleteSchedule",),
    "secrets.get": ("secretsmanager:GetSecretValue",),
    "webhooks.post": (),
    "clock.now": (),
    "clock.sleep_until": (),
    "randomness.token": (),
}
