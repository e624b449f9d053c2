"""Campaign versions and plans on DynamoDB."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.operand import Path, Value

from chalicelib.adapters.aws.calls import CONDITION_FAILED, Calls, surfaced
from chalicelib.adapters.aws.table import DYNAMODB, Key, Put, Table
from chalicelib.adapters.codec import from_plain
from chalicelib.authoring.campaign import CampaignVersion
from chalicelib.planning.plan import Planning
from chalicelib.ports import MOST_ITEMS, Cursor, Page

NAMES = "names"


class DynamoCampaigns:
    """`Campaigns`. A name is written before its first version, so that no version is ever without one."""

    def __init__(self, campaigns: Any, calls: Calls) -> None:
        self._table = Table(campaigns, CampaignVersion, calls)
        self._calls = calls

    @staticmethod
    def _key(campaign: str, number: int) -> Key:
        return f"campaign|{campaign}", f"{number:08d}"

    def add(self, version: CampaignVersion) -> bool:
        """PutItem of the name, which changes nothing the second time; conditional PutItem of the version."""
        model = self._table.model
        with surfaced(DYNAMODB):
            model(pk=NAMES, sk=version.campaign, version=1, body={}).save()
        return self._table.put(Put(self._key(version.campaign, version.number), version))

    def latest(self, campaign: str) -> CampaignVersion | None:
        """Query backwards, limit 1."""
        rows = self._table.query(f"campaign|{campaign}", limit=1, backwards=True)
        return rows[0].value if rows else None

    def get(self, campaign: str, number: int) -> CampaignVersion | None:
        """GetItem."""
        return self._table.get(self._key(campaign, number))

    def page(self, *, after: Cursor | None = None) -> Page[CampaignVersion]:
        """Query of the names, then the latest version of each, side by side."""
        model = self._table.model
        behind = model.sk > after if after else None
        with surfaced(DYNAMODB):
            names = [item.sk for item in model.query(NAMES, behind, consistent_read=True, limit=MOST_ITEMS)]
        heads = self._calls.side_by_side(self.latest, names)
        full = len(names) == MOST_ITEMS
        return Page(tuple(h for h in heads if h is not None), names[-1] if full else None)


class DynamoPlans:
    """`Plans`. The finished tasks lie beside the body, so that each is one UpdateItem."""

    def __init__(self, plans: Any, calls: Calls) -> None:
        self._table = Table(plans, Planning, calls)

    def _put(self, planning: Planning, expected_version: int | None) -> bool:
        parts = {str(task): key for task, key in planning.parts.items()}
        bare = replace(planning, parts={})
        return self._table.put(Put(_key(planning.id), bare, expected_version, {"parts": parts}))

    def add(self, planning: Planning) -> bool:
        """Conditional PutItem."""
        return self._put(planning, None)

    def put(self, planning: Planning, *, expected_version: int) -> bool:
        """Conditional PutItem."""
        return self._put(planning, expected_version)

    def get(self, plan_id: str) -> Planning | None:
        """GetItem."""
        item = self._table.item(_key(plan_id))
        return None if item is None else _planning(item)

    def finish_task(self, plan_id: str, task: int, summary_key: str) -> Planning | None:
        """UpdateItem SET parts.#task if absent; whoever finds it there reads what stands."""
        model = self._table.model
        part = Path(["parts", str(task)])
        actions = [part.set(Value(summary_key)), model.version.add(1)]
        absent = part.does_not_exist() & model.pk.exists()
        item = model(pk=_key(plan_id)[0])
        try:
            with surfaced(DYNAMODB, besides=(CONDITION_FAILED,)):
                item.update(actions, condition=absent, add_version_condition=False)
        except UpdateError:
            return self.get(plan_id)
        return _planning(item)  # ReturnValues ALL_NEW

    def register_hash(self, plan_hash: str, plan_id: str) -> None:
        """PutItem."""
        model = self._table.model
        with surfaced(DYNAMODB):
            model(pk=f"hash|{plan_hash}", version=1, body={"plan": plan_id}).save()

    def by_hash(self, plan_hash: str) -> str | None:
        """GetItem."""
        item = self._table.item((f"hash|{plan_hash}", ""))
        return str(item.body["plan"]) if item is not None else None


def _planning(item: Any) -> Planning:
    parts = {task: item.parts[task] for task in item.parts}
    return from_plain(Planning, {**item.body, "version": int(item.version), "parts": parts})


def _key(plan_id: str) -> Key:
    return f"plan|{plan_id}", ""
