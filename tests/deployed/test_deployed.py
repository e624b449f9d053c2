"""The proof: what is packaged deploys, and campaigns go from files to reports. Played in order."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.packaging import package
from tests.deployed.stage import Deployed
from tests.processes.running import DEFINITION, eventually

PEOPLE, NOW, LATER = 300, 40, 12
"""In the book; and of these those of the campaign that goes at once, and of the one that Scheduler wakes."""
LEAD_SECONDS = 5
"""Scheduler wakes a wave so long before its instant, and a little."""


def book() -> bytes:
    """Return a contacts file: p0 to p39 have been sent something, p40 to p51 may fetch it."""

    def row(n: int) -> str:
        status = "expediee" if n < NOW else "prete" if n < NOW + LATER else "livree"
        return f"+2126{12000000 + n},p{n},Name{n},fr,MA,{status},C{n}\n"

    head = "phone,external_id,first_name,language,country,statut,commande\n"
    return (head + "".join(map(row, range(PEOPLE)))).encode()


def definition(campaign: str, status: str, **more: Any) -> bytes:
    """Return a definition for whoever has this status."""
    audience = {"segment": f'attr.statut = "{status}"', "limit": 1_000}
    return json.dumps({**DEFINITION, "campaign": campaign, "audience": audience, **more}).encode()


def launched(aws: Deployed, campaign: str, source: bytes) -> str:
    """Plan and launch a definition; returns the broadcast."""
    file = aws.folder / f"{campaign}.yaml"
    file.write_bytes(source)
    plan = aws.carillon("plan", str(file))
    return str(aws.carillon("launch", plan["hash"])["broadcast"])


def test_files_in_the_bucket_are_taken_in(aws: Deployed) -> None:
    with aws.timed("import"):
        imported = aws.put("incoming/contacts/book.csv", book())
    assert (imported["outcome"], imported["created"]) == ("imported", PEOPLE), imported
    uploaded = aws.put("incoming/campaigns/expedition.yaml", definition("expedition", "expediee"))
    assert uploaded["outcome"] == "accepted", uploaded
    wrong = aws.put("incoming/campaigns/wrong.yaml", b"campaign: x\n")
    assert wrong["outcome"] == "refused", wrong


@pytest.fixture(scope="module")
def broadcasts(aws: Deployed) -> tuple[str, str]:
    """Two broadcasts: one whose wave Scheduler wakes at a whole minute, and one that goes at once."""
    began = datetime.now(UTC)
    with aws.timed("plan and launch"):
        now = launched(aws, "expedition", definition("expedition", "expediee"))
        ready = datetime.now(UTC) + 2 * (datetime.now(UTC) - began) + timedelta(seconds=LEAD_SECONDS)
        at = ready.replace(second=0) + timedelta(minutes=1)
        wall = {"send_at": f"{at:%Y-%m-%d %H:%M}", "timezone": "UTC"}
        later = launched(aws, "retrait", definition("retrait", "prete", **wall))
        eventually(lambda: aws.carillon("status", later)["state"] == "running")
    assert len(aws.schedules()) == 1, aws.said()
    return now, later


def test_the_reports_are_the_platforms_own_log(aws: Deployed, broadcasts: tuple[str, str]) -> None:
    with aws.timed("send"):
        aws.paced(*broadcasts)
        for broadcast, people in zip(broadcasts, (NOW, LATER), strict=True):
            report = aws.settled(broadcast, people, seconds=120)
            oracle = aws.oracle(broadcast)
            assert oracle.twice == []
            told = (report["accepted"], report["delivered"], report["read"], report["uncertain"])
            assert told == (oracle.accepted, oracle.reached["delivered"], oracle.reached["read"], 0)
    assert aws.schedules() == []


def test_an_event_that_comes_twice_changes_nothing(aws: Deployed, broadcasts: tuple[str, str]) -> None:
    broadcast = broadcasts[0]
    before = aws.oracle(broadcast).messages
    again = aws.put("incoming/contacts/book.csv", book())
    eventually(
        lambda: json.loads(aws.object("results/contacts/book.csv.json") or b"{}").get("unchanged") == PEOPLE
    )
    assert again["outcome"] == "imported"
    wave = aws.carillon("status", broadcast)
    aws.wake("dispatch", {"v": 1, "broadcast": broadcast, "wave": 0}, wait=True)
    aws.wake("pace", wait=True)
    assert aws.oracle(broadcast).messages == before
    assert aws.carillon("status", broadcast)["state"] == wave["state"]


def test_a_poisoned_message_is_put_aside_and_shown(aws: Deployed) -> None:
    sqs, queue = aws.client("sqs"), aws.queue("inbound")
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "0"})  # instead of minutes
    sqs.send_message(QueueUrl=queue, MessageBody="poison")
    eventually(lambda: aws.depth("inbound-dead") == 1, seconds=60)
    letters = aws.carillon("dead-letters", "--queue", "inbound")["letters"]
    assert [letter["body"] for letter in letters] == ["poison"]


def test_a_webhook_without_a_signature_is_refused(aws: Deployed) -> None:
    from cli.client import HttpClient

    answer = HttpClient(aws.webhook.rstrip("/")).request("POST", "/", body=b'{"entry": []}')
    assert answer.status == 401


def test_cfn_lint_finds_nothing_in_the_package(tmp_path: Path) -> None:
    template = package("prod", tmp_path)
    command = [str(Path(sys.executable).with_name("cfn-lint")), "-t", str(template)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")
