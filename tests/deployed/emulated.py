"""What is other on the emulator than on AWS: parts of the template, and the rate of a sender."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.processes.running import ROOT

NOT_PLAYED = ("UncertainAlarm", "BucketPolicy", "AuditBucketPolicy")
"""Resources that are not for the emulator: it has no alarms over an expression of metrics, and no TLS."""
USUAL_RATE, RATE = 80, 20
"""Messages a second of the sender: the emulator makes each call to DynamoDB wait for the others."""
MOST_AT_ONCE = 2
"""Functions of one queue side by side: each is a process of this machine."""


def rules_in(folder: Path) -> Path:
    """Make a directory with the rules that the campaigns here need: somebody else must agree to a plan."""
    (folder / "templates").mkdir(parents=True)
    for name in ("senders.yaml", "templates/commande_expediee.fr.json"):
        shutil.copy(ROOT / "campaigns" / name, folder / name)
    (folder / "policy.yaml").write_text("approval: {approvers: 1, not_author: true}\n", "utf-8")
    senders = folder / "senders.yaml"
    text = senders.read_text("utf-8")
    assert f"max_per_second: {USUAL_RATE}" in text
    senders.write_text(text.replace(f"max_per_second: {USUAL_RATE}", f"max_per_second: {RATE}"), "utf-8")
    return folder


def playable(file: Path) -> None:
    """Take out of a template what the emulator refuses, and have few functions run side by side."""
    template = json.loads(file.read_text("utf-8"))
    for name in NOT_PLAYED:
        del template["Resources"][name]
    # The emulator does not read what Chalice says of it in the API's own definition.
    template["Resources"]["RestAPI"]["Properties"]["BinaryMediaTypes"] = ["application/octet-stream"]
    # With it the right to send is not the right to send several, and every schedule is in the group
    # "default" when rights are looked at.
    roles = [found for found in template["Resources"].values() if found["Type"] == "AWS::IAM::Role"]
    for role in roles:
        for policy in role["Properties"].get("Policies", ()):
            for statement in policy["PolicyDocument"]["Statement"]:
                if "sqs:SendMessage" in statement["Action"]:
                    statement["Action"] = [*statement["Action"], "sqs:SendMessageBatch"]
                if statement["Action"][0].startswith("scheduler:"):
                    arn = statement["Resource"]["Fn::Sub"]
                    statement["Resource"] = {"Fn::Sub": arn.replace("${AWS::StackName}", "default")}
    for resource in template["Resources"].values():
        for source in resource.get("Properties", {}).get("Events", {}).values():
            if "ScalingConfig" in source["Properties"]:
                source["Properties"]["ScalingConfig"]["MaximumConcurrency"] = MOST_AT_ONCE
    file.write_text(json.dumps(template), "utf-8")
