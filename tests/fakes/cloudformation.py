"""CloudFormation, as far as a deployment sees it: stacks, change sets, events, and rolling back.

It compares templates as they are written. What is given to `breaks` fails when it
is executed, and everything is put back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

Template = Mapping[str, Any]
NAMES = {
    "AWS::DynamoDB::Table": "TableName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SecretsManager::Secret": "Name",
}
"""A change of it makes AWS replace the thing."""


class FakeCloudFormation:
    """A client of CloudFormation for one account. `read` returns a template by its address.

    `kept`: what lies in the account outside of any stack, by its name.
    """

    def __init__(self, read: Callable[[str], Template]) -> None:
        self._read = read
        self.template: Template | None = None
        self.status = ""
        self.parameters: dict[str, str] = {}
        self.events: list[dict[str, Any]] = []
        self.breaks: dict[str, str] = {}
        self.kept: set[str] = set()
        self.outputs: dict[str, str] = {}
        self.proposed: dict[str, dict[str, Any]] = {}
        self._looks_until_done = 0
        self._then: Callable[[], None] = lambda: None

    def create_change_set(self, **asked: Any) -> dict[str, Any]:
        if (asked["ChangeSetType"] == "CREATE") != (self.template is None):
            raise _error("ValidationError", f"{asked['StackName']} is not in a state for this")
        identity = f"change-set-{len(self.proposed) + 1}"
        self.proposed[identity] = {**asked, "template": self._read(asked["TemplateURL"])}
        if self.template is None:
            self.status = "REVIEW_IN_PROGRESS"
        return {"Id": identity}

    def describe_change_set(self, *, ChangeSetName: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        asked = self.proposed[ChangeSetName]
        changes = list(self._changes(asked))
        if not changes and asked["Parameters"] == self._told_parameters():
            reason = "The submitted information didn't contain changes."
            return {"Status": "FAILED", "StatusReason": reason, "Changes": []}
        return {"Status": "CREATE_COMPLETE", "Changes": changes}

    def _told_parameters(self) -> list[dict[str, Any]]:
        return [{"ParameterKey": name, "UsePreviousValue": True} for name in sorted(self.parameters)]

    def _changes(self, asked: Mapping[str, Any]) -> Any:
        before = (self.template or {"Resources": {}})["Resources"]
        after = asked["template"]["Resources"]
        for name in sorted({*before, *after}):
            old, new = before.get(name), after.get(name)
            kind = (new or old)["Type"]
            field = NAMES.get(kind, "")
            change = {"LogicalResourceId": name, "ResourceType": kind}
            if old is None:
                is_kept = new.get("Properties", {}).get(field) in self.kept
                takes_over = is_kept and asked.get("ImportExistingResources")
                yield {"ResourceChange": {**change, "Action": "Import" if takes_over else "Add"}}
            elif new is None:
                yield {"ResourceChange": {**change, "Action": "Remove"}}
            elif old != new:
                renamed = field and old["Properties"].get(field) != new["Properties"].get(field)
                replacement = {"Replacement": "True" if renamed else "False"}
                yield {"ResourceChange": {**change, "Action": "Modify", **replacement}}

    def delete_change_set(self, *, ChangeSetName: str) -> None:  # noqa: N803
        del self.proposed[ChangeSetName]

    def execute_change_set(self, *, ChangeSetName: str, RetainExceptOnCreate: bool) -> None:  # noqa: N803
        assert RetainExceptOnCreate, "a first deployment that fails would leave empty tables"
        asked = self.proposed.pop(ChangeSetName)
        word = "CREATE" if self.template is None else "UPDATE"
        self._event(asked["StackName"], f"{word}_IN_PROGRESS", "User Initiated")
        broken = {name: why for name, why in self.breaks.items() if name in asked["template"]["Resources"]}
        for name in asked["template"]["Resources"]:
            if name in broken:
                self._event(name, f"{word}_FAILED", broken[name])
            elif not broken:
                self._event(name, f"{word}_COMPLETE")
            else:
                self._event(name, f"{word}_FAILED", "Resource creation cancelled")
        self.status, self._looks_until_done = f"{word}_IN_PROGRESS", 1
        if broken:
            self._then = lambda: self._set(
                "ROLLBACK_COMPLETE" if word == "CREATE" else "UPDATE_ROLLBACK_COMPLETE"
            )
        else:
            self._then = lambda: self._made(asked, f"{word}_COMPLETE")

    def _made(self, asked: Mapping[str, Any], status: str) -> None:
        self.template = asked["template"]
        given = {p["ParameterKey"]: p["ParameterValue"] for p in asked["Parameters"] if "ParameterValue" in p}
        self.parameters |= given
        self._set(status)

    def _set(self, status: str) -> None:
        self.status = status

    def _event(self, name: str, status: str, reason: str = "") -> None:
        event = {"LogicalResourceId": name, "ResourceStatus": status, "ResourceStatusReason": reason}
        self.events.insert(0, event)

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        if not self.status:
            raise _error("ValidationError", f"Stack with id {StackName} does not exist")
        if self.status.endswith("_IN_PROGRESS") and self.status != "REVIEW_IN_PROGRESS":
            if self._looks_until_done == 0:
                self._then()
            self._looks_until_done -= 1
        stack = {
            "StackId": f"arn:{StackName}",
            "StackStatus": self.status,
            "Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in self.parameters.items()],
            "Outputs": [{"OutputKey": k, "OutputValue": v} for k, v in self.outputs.items()],
        }
        return {"Stacks": [stack]}

    def describe_stack_events(self, **_: Any) -> dict[str, Any]:
        return {"StackEvents": self.events}

    def describe_stack_resource(self, *, StackName: str, LogicalResourceId: str) -> Any:  # noqa: N803
        if LogicalResourceId not in (self.template or {"Resources": {}})["Resources"]:
            raise _error("ValidationError", f"{LogicalResourceId} does not exist for {StackName}")
        return {}

    def delete_stack(self, *, StackName: str) -> None:  # noqa: N803
        for resource in (self.template or {"Resources": {}})["Resources"].values():
            if resource.get("DeletionPolicy", "Delete") != "Delete":
                self.kept.add(resource["Properties"][NAMES[resource["Type"]]])
        self.template, self.status, self.parameters = None, "", {}


def _error(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "fake")


def read_from(s3: Any) -> Callable[[str], Template]:
    """Return what reads a template at its address from the bucket it lies in."""

    def read(url: str) -> Template:
        place = url.removeprefix("https://").split("/", 1)
        body = s3.get_object(Bucket=place[0].split(".")[0], Key=place[1])["Body"].read()
        found: Template = json.loads(body)
        return found

    return read
