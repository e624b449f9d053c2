"""A stage on the emulator after all that was played: an upgrade, a way back, an end, a beginning."""

from __future__ import annotations

import json

from tests.cli.staging import staged
from tests.deployed.stage import Deployed


def test_an_upgrade_keeps_everybody_and_can_be_taken_back(aws: Deployed) -> None:
    people = aws.client("dynamodb").scan(TableName=f"{aws.name}-people", Select="COUNT")["Count"]
    assert people > 0
    before = aws.staged("deploy", "--dry-run")["release"]
    with (aws.package / "deployment.zip").open("ab") as packed:
        packed.write(b"\0")  # other bytes, the same code: a zip is read from its end, padding is let pass
    with aws.timed("upgrade"):
        upgraded = aws.staged("deploy", "--yes")
    assert upgraded["release"] != before
    assert all(finding["holds"] for finding in upgraded["smoke"])
    with aws.timed("rollback"):
        back = aws.staged("deploy", "--rollback", "--yes")
    assert back["release"] == before
    assert all(finding["holds"] for finding in back["smoke"])
    assert aws.client("dynamodb").scan(TableName=f"{aws.name}-people", Select="COUNT")["Count"] == people


def test_a_stage_with_dead_letters_is_not_removed(aws: Deployed) -> None:
    aws.client("sqs").send_message(QueueUrl=aws.queue("inbound-dead"), MessageBody="{}")
    status, answer = staged(aws.tools, "destroy", "--stage", "dev", "--yes-destroy", "dev")
    assert status == 1
    assert "destroy_dead" in [problem["code"] for problem in answer["problems"]]


def test_a_stage_that_was_removed_comes_back_with_its_people_its_tokens_and_its_secret(aws: Deployed) -> None:
    person = aws.carillon("contacts", "show", "p1")
    gone = aws.staged("destroy", "--even-if-running", "--yes-destroy", "dev")
    assert f"{aws.name}-people" in json.dumps(gone["kept"])
    assert aws.client("lambda").list_functions()["Functions"] == []
    with aws.timed("deploy over what was kept"):
        again = aws.staged("deploy", "--yes")
    deeds = {change["name"]: change["deed"] for change in again["changes"]}
    assert (deeds["PeopleTable"], deeds["Bucket"], deeds["Send"]) == ("taken_over", "taken_over", "added")
    assert "token" not in again
    aws.api = aws.reached(again["api"])
    assert aws.carillon("contacts", "show", "p1") == person
