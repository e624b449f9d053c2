"""The proof: what is packaged deploys, and campaigns go from files to reports. Played in order."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.packaging import chaliced
from tests.deployed.stage import Deployed
from tests.processes.running import DEFINITION
from tests.scenarios.world import signed

PEOPLE = 2_000
AUDIENCES = {"expedition": 100, "retrait": 40, "coupure": 60, "attente": 100}
"""Of the book: whoever is sent something at once, whom Scheduler's wave is for, whose function is killed, and
whose broadcast is paused; everybody else is planned to be left alone."""
LEAD_SECONDS = 5
"""Scheduler wakes a wave so long before its instant, and a little."""
PAUSE_SECONDS = 2
SHOWN_SECONDS = 6
"""Letters that somebody looked at are hidden for five seconds."""
AUTHOR, APPROVER = "amina", "badr"


def book() -> bytes:
    """Return a contacts file, with a status by audience."""
    statuses = [status for status, people in AUDIENCES.items() for _ in range(people)]
    statuses += ["livree"] * (PEOPLE - len(statuses))
    rows = (f"+2126{12000000 + n},p{n},Name{n},fr,MA,{s},C{n}\n" for n, s in enumerate(statuses))
    return ("phone,external_id,first_name,language,country,statut,commande\n" + "".join(rows)).encode()


def definition(campaign: str, **more: Any) -> bytes:
    """Return a definition for whoever has its status."""
    audience = {"segment": f'attr.statut = "{campaign}"', "limit": 1_000}
    return json.dumps({**DEFINITION, "campaign": campaign, "audience": audience, **more}).encode()


def planned(aws: Deployed, campaign: str, **more: Any) -> str:
    """Upload and plan as its author; returns the plan's hash."""
    file = aws.folder / f"{campaign}.yaml"
    file.write_bytes(definition(campaign, **more))
    plan = aws.carillon("plan", str(file), by=AUTHOR)
    assert plan["planned"] == AUDIENCES[campaign], plan
    return str(plan["hash"])


def launched(aws: Deployed, campaign: str, **more: Any) -> str:
    """Plan, have somebody agree, launch; returns the broadcast."""
    plan_hash = planned(aws, campaign, **more)
    aws.carillon("approve", plan_hash, by=APPROVER)
    return str(aws.carillon("launch", plan_hash, by=AUTHOR)["broadcast"])


def test_files_in_the_bucket_are_taken_in(aws: Deployed) -> None:
    with aws.timed("import"):
        imported = aws.put("incoming/contacts/book.csv", book())
    assert (imported["outcome"], imported["created"]) == ("imported", PEOPLE), imported
    uploaded = aws.put("incoming/campaigns/expedition.yaml", definition("expedition"))
    assert uploaded["outcome"] == "accepted", uploaded
    wrong = aws.put("incoming/campaigns/wrong.yaml", b"campaign: x\n")
    assert wrong["outcome"] == "refused", wrong


def test_a_plan_is_launched_when_somebody_else_agreed_and_not_before(aws: Deployed) -> None:
    aws.hire(AUTHOR, "marketer")
    aws.hire(APPROVER, "approver")
    with aws.timed("plan"):
        plan_hash = planned(aws, "expedition")
    assert "approval_missing" in aws.refused("launch", plan_hash, by=AUTHOR)
    assert "role_needed" in aws.refused("approve", plan_hash, by=AUTHOR)
    aws.carillon("approve", plan_hash, "--comment", "checked", by=APPROVER)
    with aws.timed("launch"):
        launch = aws.carillon("launch", plan_hash, by=AUTHOR)
    assert launch == {**launch, "broadcast": "expedition.1", "already": False}
    assert aws.carillon("launch", plan_hash, by=AUTHOR)["already"]


@pytest.fixture(scope="module")
def scheduled(aws: Deployed) -> str:
    """A broadcast whose wave Scheduler wakes at a whole minute, seconds after the one that went at once."""
    began = datetime.now(UTC)
    ready = began + timedelta(seconds=LEAD_SECONDS + 10)
    at = ready.replace(second=0) + timedelta(minutes=1)
    broadcast = launched(aws, "retrait", send_at=f"{at:%Y-%m-%d %H:%M}", timezone="UTC")
    aws.until(lambda: aws.status(broadcast)["state"] == "running")
    assert len(aws.schedules()) == 1, aws.said()
    return broadcast


def test_the_report_is_the_platforms_own_log(aws: Deployed, scheduled: str) -> None:
    broadcast, people = "expedition.1", AUDIENCES["expedition"]
    with aws.timed("first message"):
        aws.begun(broadcast)
    with aws.timed("send"):
        aws.settled(broadcast, people)
    report = aws.agrees(broadcast)
    assert (report["accepted"], report["uncertain"]) == (people, 0)


@pytest.fixture(scope="module")
def killed(aws: Deployed, scheduled: str) -> str:
    """A broadcast whose sending function was killed in the middle of a batch."""
    with aws.timed("kill"):
        aws.client("sqs").set_queue_attributes(
            QueueUrl=aws.queue("send"), Attributes={"VisibilityTimeout": "8"}
        )
        broadcast = launched(aws, "coupure")
        aws.begun(broadcast, least=10)
        assert aws.kill("send") >= 1
    sent = aws.sent_to(broadcast)
    assert 10 <= sent < AUDIENCES["coupure"], "it was not in the middle"
    assert aws.depth("send") >= 1, "nobody took the batch off the queue"
    return broadcast


def test_pause_stops_a_broadcast_within_seconds_and_resume_ends_it(aws: Deployed, killed: str) -> None:
    broadcast, people = launched(aws, "attente"), AUDIENCES["attente"]
    with aws.timed("pause"):
        aws.begun(broadcast, least=10)
        aws.carillon("pause", broadcast, by=AUTHOR)
        time.sleep(PAUSE_SECONDS)
        sent = aws.sent_to(broadcast)
        assert sent < people, "it was over before"
        time.sleep(PAUSE_SECONDS)
        assert aws.sent_to(broadcast) == sent
    with aws.timed("resume"):
        aws.carillon("resume", broadcast, by=AUTHOR)
        aws.begun(broadcast, least=people)
        aws.settled(broadcast, people)
    report = aws.agrees(broadcast)
    assert (report["accepted"], report["uncertain"]) == (people, 0)


def test_a_wave_that_scheduler_woke_is_sent_at_its_minute(aws: Deployed, scheduled: str) -> None:
    with aws.timed("Scheduler's wave"):
        report = aws.settled(scheduled, AUDIENCES["retrait"], seconds=90)
    assert aws.agrees(scheduled) == report
    assert aws.schedules() == []


def test_an_event_that_comes_twice_changes_nothing(aws: Deployed) -> None:
    before = aws.oracle("expedition.1").messages
    with aws.timed("twice"):
        again = aws.put("incoming/contacts/book.csv", book())
    assert (again["outcome"], again["unchanged"]) == ("imported", PEOPLE)
    aws.wake("dispatch", {"v": 1, "broadcast": "expedition.1", "wave": 0}, wait=True)
    aws.wake("pace", wait=True)
    assert aws.oracle("expedition.1").messages == before
    assert aws.status("expedition.1")["state"] == "completed"


@contextmanager
def without_rights(aws: Deployed, handler: str) -> Iterator[None]:
    """Take a function's policy away, as a wrong deployment does; it is put back with the block's end."""
    iam = aws.client("iam")
    function = aws.client("lambda").get_function_configuration(FunctionName=f"{aws.name}-{handler}")
    role = function["Role"].rpartition("/")[2]
    kept = {
        name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    }
    for name in kept:
        iam.delete_role_policy(RoleName=role, PolicyName=name)
    try:
        yield
    finally:
        for name, document in kept.items():
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


@pytest.fixture(scope="module")
def dead(aws: Deployed, killed: str) -> float:
    """Somebody's STOP among the dead letters, since its function lost its rights; when it was looked at."""
    stop = {"from": "212612000005", "id": "wamid.stop", "timestamp": "1796115700", "type": "text"}
    value = {"messaging_product": "whatsapp", "messages": [{**stop, "text": {"body": "STOP"}}]}
    raw, signature = signed(value, secret="simulator-secret")
    sqs, queue = aws.client("sqs"), aws.queue("inbound")
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "0"})  # instead of minutes
    with aws.timed("dead letter"), without_rights(aws, "record_inbound"):
        assert aws.webhook_posted(raw, signature) == 200
        aws.until(lambda: aws.depth("inbound-dead") == 1)
    (letter,) = aws.carillon("dead-letters", "--queue", "inbound")["letters"]
    assert "STOP" in letter["body"]
    assert aws.carillon("contacts", "show", "p5")["consent_events"] == []
    return time.monotonic()


def test_a_message_that_fails_too_often_is_put_aside_and_shown(aws: Deployed, dead: float) -> None:
    assert aws.depth("inbound-dead") == 1


def test_a_webhook_without_a_signature_is_refused(aws: Deployed) -> None:
    assert aws.webhook_posted(b'{"entry": []}', "") == 401


def test_cfn_lint_finds_nothing_in_the_package(tmp_path: Path) -> None:
    (libraries := tmp_path / "libraries").mkdir()
    template = chaliced("prod", tmp_path / "project", libraries, "arm64") / "sam.json"
    command = [str(Path(sys.executable).with_name("cfn-lint")), "-t", str(template)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


def test_a_dead_letter_is_given_back_when_its_cause_is_mended(aws: Deployed, dead: float) -> None:
    time.sleep(max(0.0, dead + SHOWN_SECONDS - time.monotonic()))
    with aws.timed("replay"):
        assert aws.carillon("dead-letters", "--queue", "inbound", "--replay") == {"replayed": 1}
        aws.until(lambda: aws.carillon("contacts", "show", "p5")["consent_events"])
    assert aws.depth("inbound-dead") == 0


def test_nobody_is_forgotten_or_messaged_twice_when_a_function_is_killed_in_a_batch(
    aws: Deployed, killed: str
) -> None:
    def ended() -> bool:
        aws.wake("reconcile", wait=True)
        return bool(aws.status(killed)["state"] == "completed")

    with aws.timed("recover"):
        aws.until(ended, seconds=120)
        aws.until(lambda: aws.oracle(killed).accepted == aws.report(killed)["accepted"])
    report = aws.agrees(killed)
    assert report["accepted"] + report["uncertain"] == report["audience"] == AUDIENCES["coupure"]
    assert len(report["uncertain_people"]) == report["uncertain"]
