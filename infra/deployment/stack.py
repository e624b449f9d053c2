"""A stage's stack in CloudFormation: what a deployment would change, the change, and its end."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
PATIENCE_SECONDS = 1_800.0
MOST_EVENTS = 10
"""Of a deployment that failed: how many of its reasons are told."""


class NotDeployed(Exception):
    """CloudFormation did not do it; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Change:
    """One resource that a deployment adds, changes or removes; `replaced` when AWS makes a new one."""

    action: str
    logical_id: str
    kind: str
    replaced: bool


class Stack:
    """One stage's stack. `new_client` makes the clients of a service by its name."""

    def __init__(self, stage: str, new_client: Any, *, look_every_seconds: float = 5.0) -> None:
        self.name = f"carillon-{stage}"
        self._cloudformation = new_client("cloudformation")
        self._s3 = new_client("s3")
        self._sts = new_client("sts")
        self._region = self._s3.meta.region_name
        self._look_every = look_every_seconds

    def upload(self, package: Path) -> str:
        """Store the zip under its content and the template beside it; returns the template's address."""
        account = self._sts.get_caller_identity()["Account"]
        bucket = f"carillon-packages-{account}-{self._region}"
        self._make_bucket(bucket)
        code = (package / "deployment.zip").read_bytes()
        key = f"{self.name}/{hashlib.sha256(code).hexdigest()}.zip"
        self._s3.put_object(Bucket=bucket, Key=key, Body=code)
        template = json.loads((package / "sam.json").read_text("utf-8"))
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::Serverless::Function":
                resource["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": key}
        body = json.dumps(template, sort_keys=True).encode()
        key = f"{self.name}/{hashlib.sha256(body).hexdigest()}.json"
        self._s3.put_object(Bucket=bucket, Key=key, Body=body)
        endpoint = self._s3.meta.endpoint_url
        if "amazonaws.com" in endpoint:
            return f"https://{bucket}.s3.{self._region}.amazonaws.com/{key}"
        return f"{endpoint}/{bucket}/{key}"

    def _make_bucket(self, bucket: str) -> None:
        where = {} if self._region == "us-east-1" else {"LocationConstraint": self._region}
        try:
            self._s3.create_bucket(Bucket=bucket, **({"CreateBucketConfiguration": where} if where else {}))
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
                raise
            return
        self._s3.put_public_access_block(
            Bucket=bucket,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
        )

    def propose(self, template_url: str, parameters: Mapping[str, str]) -> str:
        """Make a change set and return its id; "" when nothing would change. Raises NotDeployed."""
        known = self.exists()
        made = self._cloudformation.create_change_set(
            StackName=self.name,
            ChangeSetName=f"deploy-{int(time.time())}",
            ChangeSetType="UPDATE" if known else "CREATE",
            TemplateURL=template_url,
            Capabilities=CAPABILITIES,
            Parameters=list(self._parameters(parameters, known)),
        )
        change_set = str(made["Id"])
        for found in self._watched(
            lambda: self._cloudformation.describe_change_set(ChangeSetName=change_set)
        ):
            if found["Status"] == "CREATE_COMPLETE":
                return change_set
            if found["Status"] == "FAILED":
                reason = found.get("StatusReason", "")
                self._cloudformation.delete_change_set(ChangeSetName=change_set)
                if "didn't contain changes" in reason or "No updates" in reason:
                    return ""
                raise NotDeployed(reason)
        raise NotDeployed("the change set was not ready in time")

    def _parameters(self, given: Mapping[str, str], known: bool) -> Iterator[dict[str, Any]]:
        """Yield the parameters that were given; the others stay as they are."""
        before = self._described().get("Parameters", []) if known else []
        for name in sorted({p["ParameterKey"] for p in before} - set(given)):
            yield {"ParameterKey": name, "UsePreviousValue": True}
        for name, value in given.items():
            yield {"ParameterKey": name, "ParameterValue": value}

    def changes(self, change_set: str) -> list[Change]:
        """Return what a change set would do."""
        found: list[Change] = []
        more: dict[str, str] = {}
        while True:
            page = self._cloudformation.describe_change_set(ChangeSetName=change_set, **more)
            for one in page.get("Changes", []):
                change = one["ResourceChange"]
                replaced = change.get("Replacement", "False") == "True"
                found.append(
                    Change(change["Action"], change["LogicalResourceId"], change["ResourceType"], replaced)
                )
            if not page.get("NextToken"):
                return found
            more = {"NextToken": page["NextToken"]}

    def execute(self, change_set: str) -> None:
        """Make the change and wait for its end. Raises NotDeployed; CloudFormation then rolls it back."""
        self._cloudformation.execute_change_set(ChangeSetName=change_set)
        self._wait(lambda: self._described().get("StackStatus", ""))

    def abandon(self, change_set: str) -> None:
        """Remove a change set; and the empty stack that a first one leaves."""
        self._cloudformation.delete_change_set(ChangeSetName=change_set)
        if self._described().get("StackStatus") == "REVIEW_IN_PROGRESS":
            self._cloudformation.delete_stack(StackName=self.name)

    def destroy(self) -> None:
        """Delete the stack and wait for its end. Raises NotDeployed."""
        self._cloudformation.delete_stack(StackName=self.name)
        for found in self._watched(self._described):
            status = found.get("StackStatus", "DELETE_COMPLETE")
            if status == "DELETE_COMPLETE":
                return
            if status.endswith("_FAILED"):
                raise NotDeployed(self._why())

    def exists(self) -> bool:
        """Say whether the stack was ever deployed."""
        return self._described().get("StackStatus", "REVIEW_IN_PROGRESS") not in (
            "REVIEW_IN_PROGRESS",
            "DELETE_COMPLETE",
        )

    def outputs(self) -> dict[str, str]:
        """Return what the stack tells: addresses and names."""
        return {out["OutputKey"]: out["OutputValue"] for out in self._described().get("Outputs", [])}

    def _described(self) -> dict[str, Any]:
        try:
            (found,) = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return {}
            raise
        return dict(found)

    def _wait(self, status_of: Any) -> None:
        for status in self._watched(status_of):
            if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
                return
            if status.endswith(("_FAILED", "ROLLBACK_COMPLETE")):
                raise NotDeployed(self._why())

    def _why(self) -> str:
        events = self._cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        reasons = [
            f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
            for event in events
            if event["ResourceStatus"].endswith("_FAILED") and event.get("ResourceStatusReason")
        ]
        return "\n".join(reasons[:MOST_EVENTS]) or "no reason was given"

    def _watched(self, look: Any) -> Iterator[Any]:
        """Yield what a look shows, again and again until patience ends."""
        patient_until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < patient_until:
            yield look()
            time.sleep(self._look_every)
        raise NotDeployed(f"{self.name}: no end after {PATIENCE_SECONDS:.0f} s")
