"""Each function's policy: what its code can come to, and what Lambda does with its role; nothing else.

`python -m infra.deployment.policies` writes the files in `.chalice/policies`,
which Chalice puts into the roles; a test compares them with the code.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chalicelib.steps import messages
from infra.deployment.functions import ROOT, handlers, sources
from infra.deployment.reach import reached_by
from infra.deployment.rights import INDEXED, OTHER_CALLS, TABLE_CALLS
from infra.deployment.stores import table_id
from infra.deployment.waking import RETRIES, dead_id, queue_id

FOLDER = ROOT / ".chalice" / "policies"
CONSUMING = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
Right = tuple[str, str]
"""An action and the name of what it is done to, as `RESOURCES` and the tables have it."""

_ARN = "arn:${AWS::Partition}"
_HERE = "${AWS::Region}:${AWS::AccountId}"
RESOURCES: dict[str, Any] = {
    "objects": {"Fn::Sub": "${Bucket.Arn}/*"},
    "archive": {"Fn::Sub": "${AuditBucket.Arn}/*"},
    "bucket": {"Fn::GetAtt": ["Bucket", "Arn"]},
    # AWS puts six characters behind a secret's name.
    "secret": {"Fn::Sub": f"{_ARN}:secretsmanager:{_HERE}:secret:${{AWS::StackName}}-??????"},
    "schedules": {"Fn::Sub": f"{_ARN}:scheduler:{_HERE}:schedule/${{AWS::StackName}}/*"},
    # By its name: the role itself names functions, whose roles would name it.
    "scheduler role": {
        "Fn::Sub": f"{_ARN}:iam::${{AWS::AccountId}}:role/${{AWS::StackName}}-${{AWS::Region}}-scheduler"
    },
    "bus": {"Fn::GetAtt": ["EventBus", "Arn"]},
    "logs": {"Fn::GetAtt": ["LogGroup", "Arn"]},
}
KIND_BY_ACTION = {
    "s3:ListBucket": "bucket",
    "s3": "objects",
    "scheduler": "schedules",
    "events": "bus",
    "iam": "scheduler role",
    "secretsmanager": "secret",
}


def rights_of(handler: str) -> set[Right]:
    """Return every right that a function needs."""
    reached = reached_by(handler)
    found: set[Right] = {("logs:CreateLogStream", "logs"), ("logs:PutLogEvents", "logs")}
    for call in reached.calls:
        for table, actions in TABLE_CALLS.get(call, {}).items():
            what = f"{table_id(table)}/index" if call in INDEXED else table_id(table)
            found |= {(f"dynamodb:{action}", what) for action in actions.split()}
        for action in OTHER_CALLS.get(call, ()):
            found |= set(_elsewhere(action, reached.queues))
    if handler in sources():
        found |= {(action, queue_id(sources()[handler].queue)) for action in CONSUMING}
    if handler in RETRIES:
        found.add(("sqs:SendMessage", dead_id("events")))
    return found


def _elsewhere(action: str, queues: set[str]) -> Iterator[Right]:
    """Yield the rights of a call that is no table's."""
    if action == "sqs:SendMessage":
        yield from ((action, queue_id(queue)) for queue in queues)
    elif action == "depth":
        for queue in messages.CONSUMED:
            yield "sqs:GetQueueAttributes", queue_id(queue)
            yield "sqs:GetQueueAttributes", dead_id(queue)
    elif action == "archive":  # to add, never to read, change or remove
        yield "s3:PutObject", "archive"
    elif action == "dead letters":
        yield from (("sqs:ReceiveMessage", dead_id(queue)) for queue in messages.CONSUMED)
    elif action == "replay":
        for queue in messages.CONSUMED:
            yield "sqs:SendMessage", queue_id(queue)
            yield "sqs:DeleteMessage", dead_id(queue)
    else:
        yield action, KIND_BY_ACTION.get(action) or KIND_BY_ACTION[action.split(":")[0]]


def policy_of(handler: str) -> dict[str, Any]:
    """Return a function's policy: one statement for each thing, in order."""
    actions_by_thing: dict[str, set[str]] = {}
    for action, thing in rights_of(handler):
        actions_by_thing.setdefault(thing, set()).add(action)
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": sorted(actions), "Resource": arn_of(thing)}
            for thing, actions in sorted(actions_by_thing.items())
        ],
    }


def arn_of(thing: str) -> Any:
    """Return what the template calls a thing."""
    if thing in RESOURCES:
        return RESOURCES[thing]
    if thing.endswith("/index"):
        return {"Fn::Sub": f"${{{thing.removesuffix('/index')}.Arn}}/index/*"}
    return {"Fn::GetAtt": [thing, "Arn"]}


def text_of(policy: dict[str, Any]) -> str:
    """Return a policy as its file has it: a line for each statement."""
    lines = ",\n".join(f"    {json.dumps(statement)}" for statement in policy["Statement"])
    return f'{{\n  "Version": "{policy["Version"]}",\n  "Statement": [\n{lines}\n  ]\n}}\n'


def main(folder: Path = FOLDER) -> int:
    """Write every function's file, and remove those of functions that are gone."""
    for file in folder.glob("*.json"):
        if file.stem not in handlers():
            file.unlink()
    for handler in handlers():
        (folder / f"{handler}.json").write_text(text_of(policy_of(handler)), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
