"""The proof: what is packaged deploys, and a campaign goes from a file to its report."""

from __future__ import annotations

import json

from tests.deployed.stage import Deployed
from tests.processes.running import DEFINITION, book, eventually

PEOPLE = 2_000


def test_a_campaign_goes_from_files_to_a_report_that_is_the_platforms_log(aws: Deployed) -> None:
    with aws.timed("import"):
        imported = aws.put("incoming/contacts/book.csv", book(PEOPLE))
    assert (imported["outcome"], imported["created"]) == ("imported", PEOPLE), imported
    uploaded = aws.put("incoming/campaigns/expedition.yaml", json.dumps(DEFINITION).encode())
    assert uploaded["outcome"] == "accepted", uploaded
    file = aws.folder / "expedition.yaml"
    file.write_text(json.dumps(DEFINITION))
    with aws.timed("plan"):
        plan = aws.carillon("plan", str(file))
    assert plan["planned"] == PEOPLE, plan
    broadcast = aws.carillon("launch", plan["hash"])["broadcast"]
    eventually(lambda: aws.carillon("status", broadcast)["state"] != "launching")
    aws.wake("pace")
    with aws.timed("send"):
        report = aws.settled(broadcast, lambda told: told["read"] == PEOPLE, seconds=90)
    oracle = aws.oracle(broadcast)
    assert oracle.twice == []
    assert (report["accepted"], report["delivered"], report["read"]) == (
        oracle.accepted,
        oracle.reached["delivered"],
        oracle.reached["read"],
    )
