"""The AWS home: clients, tables, queues, schedules, bucket and secret of one deployment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.config import Config

from chalicelib.adapters.aws import tables
from chalicelib.adapters.aws.access_stores import DynamoApprovals, DynamoAuditTrail
from chalicelib.adapters.aws.authoring_stores import DynamoCampaigns, DynamoPlans
from chalicelib.adapters.aws.calls import CONFIG, Calls
from chalicelib.adapters.aws.event_bus import EventBus
from chalicelib.adapters.aws.event_scheduler import EventSchedules, Waking
from chalicelib.adapters.aws.keeping_store import DynamoKeepings
from chalicelib.adapters.aws.objects import S3Objects
from chalicelib.adapters.aws.pacing_stores import (
    DynamoCounters,
    DynamoDeferrals,
    DynamoSenders,
    DynamoTimelines,
)
from chalicelib.adapters.aws.people_stores import DynamoConsents, DynamoContacts, DynamoStandings
from chalicelib.adapters.aws.queues import SqsQueues
from chalicelib.adapters.aws.registry_store import DynamoRegistry
from chalicelib.adapters.aws.secrets import ManagedSecrets
from chalicelib.adapters.aws.sending_stores import DynamoBroadcasts, DynamoChunks, DynamoLedger
from chalicelib.adapters.aws.table import bound
from chalicelib.adapters.outgoing import HttpWebhooks
from chalicelib.ports import Clock, Ports, Randomness

NewClient = Callable[[str, Config], Any]
"""Makes a client of a service: `boto3.Session().client(service, config=config)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What a deployment's parts are called. `queue_url` has `{queue}` where a queue's name goes.

    `bus` is where other systems listen, "" where they do not; `archive` the bucket of what is
    written once, "" on a stage that has none yet.
    """

    table_prefix: str
    queue_url: str
    bucket: str
    secret_id: str
    waking: Waking
    bus: str = ""
    archive: str = ""


class AwsHome:
    """One deployment. Nothing is asked of AWS before a port is used."""

    def __init__(
        self,
        resources: Resources,
        *,
        new_client: NewClient,
        clock: Clock,
        randomness: Randomness,
        calls: Calls | None = None,
        loopback: bool = False,
    ) -> None:
        self.resources = resources
        self.clock = clock
        self.randomness = randomness
        self._calls = calls or Calls(randomness)
        self._new_client = new_client
        # On Lambda this machine is its runtime's own API; only in development may webhooks call it.
        self._webhooks = HttpWebhooks(loopback=loopback)
        self._dynamodb = new_client("dynamodb", CONFIG)
        self._dynamodb_once = new_client("dynamodb", CONFIG.merge(Config(retries={"total_max_attempts": 1})))
        self.secrets = ManagedSecrets(new_client("secretsmanager", CONFIG), resources.secret_id, clock)
        self.schedules = EventSchedules(new_client("scheduler", CONFIG), resources.waking)

    def model(self, model: Any) -> Any:
        """Return a table's model, bound to this deployment."""
        return bound(model, self.resources.table_prefix, self._dynamodb)

    def ports(self, channel_by_mode: Mapping[str, Any]) -> Ports:
        """Return the home's ports with these ways for a message to leave."""
        calls = self._calls
        s3 = self._new_client("s3", CONFIG)
        people = self.model(tables.PersonItem)
        timelines = self.model(tables.TimelineItem)
        deferrals = DynamoDeferrals(self.model(tables.DeferralItem), timelines, calls)
        return Ports(
            clock=self.clock,
            randomness=self.randomness,
            book=DynamoContacts(people, self.model(tables.IdentityItem), calls),
            standings=DynamoStandings(people, calls),
            consents=DynamoConsents(self.model(tables.ConsentItem), calls),
            campaigns=DynamoCampaigns(self.model(tables.CampaignItem), calls),
            plans=DynamoPlans(self.model(tables.PlanItem), calls),
            registry=DynamoRegistry(self.model(tables.TemplateItem), calls),
            broadcasts=DynamoBroadcasts(self.model(tables.BroadcastItem), calls),
            chunks=DynamoChunks(self.model(tables.ChunkItem), calls),
            ledger=DynamoLedger(self.model(tables.DeliveryItem), calls),
            deferrals=deferrals,
            timelines=DynamoTimelines(timelines, deferrals, calls),
            keepings=DynamoKeepings(self.model(tables.KeepingItem), calls),
            approvals=DynamoApprovals(self.model(tables.ApprovalItem), calls),
            audit=DynamoAuditTrail(self.model(tables.AuditItem), calls),
            senders=DynamoSenders(self.model(tables.ControlItem), calls),
            counters=DynamoCounters(
                self.model(tables.CounterItem),
                bound(tables.CounterItem, self.resources.table_prefix, self._dynamodb_once),
            ),
            queues=SqsQueues(self._new_client("sqs", CONFIG), self._queue_url, calls),
            schedules=self.schedules,
            objects=S3Objects(s3, self.resources.bucket, calls),
            archive=S3Objects(s3, self.resources.archive, calls),
            secrets=self.secrets,
            webhooks=self._webhooks,
            bus=EventBus(lambda: self._new_client("events", CONFIG), self.resources.bus, calls),
            channel_by_mode=channel_by_mode,
        )

    def _queue_url(self, queue: str) -> str:
        return self.resources.queue_url.replace("{queue}", queue)

    def close(self) -> None:
        """End the threads."""
        self._calls.close()
