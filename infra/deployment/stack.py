"""A stage's stack in CloudFormation: what a deployment would change, the change, and its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from infra.deployment.changes import Change, change_of, is_nothing
from infra.deployment.ending import End, end_of, finished, invalid, reasons

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
PATIENCE_SECONDS = 1_800.0
Told = Callable[[int], None]
"""Told how many resources are done."""


class NotDeployed(Exception):
    """CloudFormation did not do it; `reasons` are what it said, `end` where the stack stands now."""

    def __init__(self, reasons: Collection[str], end: End = End.DONE) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = list(reasons)
        self.end = end


class Stack:
    """One stage's stack. `new_client` makes the clients of a service by its name."""

    def __init__(self, stage: str, new_client: Any, *, look_every_seconds: float = 5.0) -> None:
        self.name = f"carillon-{stage}"
        self._cloudformation = new_client("cloudformation")
        self._look_every = look_every_seconds

    def propose(self, template_url: str, parameters: Mapping[str, str], known: Collection[str]) -> str:
        """Make a change set and return its id; "" when nothing would change. Raises NotDeployed.

        `known`: the parameters that the template has. Those that are not given stay as they are.
        """
        is_there = self.exists()
        made = self._cloudformation.create_change_set(
            StackName=self.name,
            ChangeSetName=f"deploy-{time.time_ns()}",
            ChangeSetType="UPDATE" if is_there else "CREATE",
            TemplateURL=template_url,
            Capabilities=CAPABILITIES,
            Parameters=list(self._parameters(parameters, known, is_there)),
            # What an earlier stack left behind under the same name is taken over, with what is in it.
            ImportExistingResources=True,
        )
        change_set = str(made["Id"])
        for found in self._watched(
            lambda: self._cloudformation.describe_change_set(ChangeSetName=change_set)
        ):
            if found["Status"] == "CREATE_COMPLETE":
                return change_set
            if found["Status"] == "FAILED":
                reason = str(found.get("StatusReason", ""))
                self.abandon(change_set)
                if is_nothing(reason):
                    return ""
                raise NotDeployed([reason], self.end())
        raise NotDeployed(["the change set was not ready in time"], self.end())

    def _parameters(
        self, given: Mapping[str, str], known: Collection[str], is_there: bool
    ) -> Iterator[dict[str, Any]]:
        before = self._described().get("Parameters", []) if is_there else []
        for name in sorted(({p["ParameterKey"] for p in before} & set(known)) - set(given)):
            yield {"ParameterKey": name, "UsePreviousValue": True}
        for name, value in given.items():
            yield {"ParameterKey": name, "ParameterValue": value}

    def changes(self, change_set: str) -> list[Change]:
        """Return what a change set would do."""
        found: list[Change] = []
        more: dict[str, str] = {}
        while True:
            page = self._cloudformation.describe_change_set(ChangeSetName=change_set, **more)
            found += map(change_of, page.get("Changes", ()))
            if not page.get("NextToken"):
                return found
            more = {"NextToken": page["NextToken"]}

    def execute(self, change_set: str, told: Told = lambda _: None) -> None:
        """Make the change and wait for its end. Raises NotDeployed; CloudFormation then rolls it back."""
        # A first deployment that fails leaves no empty tables behind, though they are to be kept later.
        self._cloudformation.execute_change_set(ChangeSetName=change_set, RetainExceptOnCreate=True)
        for end in self._watched(self.end):
            if end is End.DONE:
                return
            if end not in (End.UNDER_WAY, End.ABSENT):  # a first one is absent until AWS has begun
                raise NotDeployed(self._why(), end)
            told(finished(self.name, self._events()))

    def abandon(self, change_set: str) -> None:
        """Remove a change set; and the empty stack that a first one leaves."""
        self._cloudformation.delete_change_set(ChangeSetName=change_set)
        if self._described().get("StackStatus") == "REVIEW_IN_PROGRESS":
            self._cloudformation.delete_stack(StackName=self.name)

    def destroy(self, told: Told = lambda _: None) -> None:
        """Delete the stack and wait for its end. Raises NotDeployed."""
        identity = self._described().get("StackId")
        if identity is None:
            return
        self._cloudformation.delete_stack(StackName=self.name)
        for found in self._watched(lambda: self._described(identity)):
            status = str(found.get("StackStatus", "DELETE_COMPLETE"))
            if status == "DELETE_COMPLETE":
                return
            if status.endswith("_FAILED"):
                raise NotDeployed(self._why(), End.STUCK)
            told(finished(self.name, self._events()))

    def exists(self) -> bool:
        """Say whether the stack was ever deployed."""
        return self.end() not in (End.ABSENT, End.NEVER_MADE)

    def end(self) -> End:
        """Return where the stack stands."""
        return end_of(str(self._described().get("StackStatus", "")))

    def status(self) -> str:
        """Return CloudFormation's own word for where the stack stands, "" without one."""
        return str(self._described().get("StackStatus", ""))

    def outputs(self) -> dict[str, str]:
        """Return what the stack tells: addresses and names."""
        return {out["OutputKey"]: out["OutputValue"] for out in self._described().get("Outputs", [])}

    def holds(self, logical_id: str) -> bool:
        """Say whether a resource is part of the stack."""
        try:
            self._cloudformation.describe_stack_resource(StackName=self.name, LogicalResourceId=logical_id)
        except ClientError:
            return False
        return True

    def _described(self, name: str = "") -> dict[str, Any]:
        try:
            (found,) = self._cloudformation.describe_stacks(StackName=name or self.name)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return {}
            raise
        return dict(found)

    def _events(self) -> Iterator[dict[str, Any]]:
        more: dict[str, str] = {}
        while True:
            try:
                page = self._cloudformation.describe_stack_events(StackName=self.name, **more)
            except ClientError:  # a stack that has just gone has none
                return
            yield from page["StackEvents"]
            if not page.get("NextToken"):
                return
            more = {"NextToken": page["NextToken"]}

    def _why(self) -> list[str]:
        """Return why the last operation failed; what was wrong before it began is told elsewhere."""
        told = reasons(self.name, self._events()) or ["CloudFormation gives no reason"]
        if not any("DescribeEvents" in reason for reason in told):
            return told
        try:
            events = self._cloudformation.describe_events(StackName=self.name)["OperationEvents"]
        except ClientError:
            return told
        return invalid(events) or told

    def _watched(self, look: Any) -> Iterator[Any]:
        """Yield what a look shows, again and again until patience ends."""
        patient_until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < patient_until:
            yield look()
            time.sleep(self._look_every)
        raise NotDeployed([f"{self.name}: no end after {PATIENCE_SECONDS:.0f} s"], End.UNDER_WAY)
