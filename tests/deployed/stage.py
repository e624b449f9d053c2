"""The packaged stack on the emulator: CloudFormation deploys it, its functions run from the zip.

The platform simulator is a process of its own; its signed webhooks go to the
webhook's Function URL. Every call of a function is allowed by its own policy,
or refused.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from cli.demo_audit import Oracle, oracle_of
from cli.main import main
from infra.deployment.checks import workshop
from infra.deployment.site import Tools
from infra.local.aws.ministack import free_port, running
from infra.packaging import package
from tests.cli.staging import staged
from tests.processes.running import ROOT, eventually

REGION = "eu-west-1"
SECRETS = {
    "WHATSAPP_TOKEN": "simulator-token",
    "WHATSAPP_APP_SECRET": "simulator-secret",
    "WHATSAPP_VERIFY_TOKEN": "verify",
}
SCENARIO = (
    "seed: 5\nlatency: {median: 30, spread: 0.2}\ndelivered: 1.0\nsent_after: {median: 200, spread: 0.2}\n"
    "delivered_after: {median: 500, spread: 0.4}\nread: 1.0\nread_after: {median: 900, spread: 0.4}\n"
    "webhooks: {batch: 20, linger_ms: 150, duplicated: 0.1, reordered: 0.1, retry_ms: 300}\n"
)
MOST_WAKINGS, WAKE_SECONDS = 20, 3.0
NOT_PLAYED = ("UncertainAlarm", "BucketPolicy")
"""Resources that are not for the emulator: it has no alarms over an expression of metrics, and no TLS."""
USUAL_RATE, RATE = 80, 15
"""Messages a second of the sender: the emulator makes each call to DynamoDB wait for the others."""
MOST_AT_ONCE = 2
"""Functions of one queue side by side: each is a process of this machine."""


class Deployed:
    """One stage that was deployed, and its far side."""

    def __init__(self, folder: Path, address: str, stack: ExitStack) -> None:
        self.folder = folder
        self.address = address
        self.platform = free_port()
        self.package = folder / "package"
        self._exit = stack
        self.name = "carillon-dev"
        self.took: dict[str, float] = {}
        self._environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("CARILLON_", "AWS_"))},
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": address,
            **SECRETS,
        }

    @cache  # noqa: B019 - as long-lived as the tests
    def client(self, service: str, config: Config | None = None) -> Any:
        """Return a client with every right, as whoever deploys has."""
        once = Config(retries={"total_max_attempts": 1}, read_timeout=120)
        made = boto3.Session("test", "test", region_name=REGION)
        return made.client(service, endpoint_url=self.address, config=config.merge(once) if config else once)

    @property
    def tools(self) -> Tools:
        """What `carillon deploy` works with here: a package and addresses of the emulator."""
        return Tools(
            region=REGION,
            new_client=self.client,
            package=lambda stage, folder: shutil.copytree(self.package, folder, dirs_exist_ok=True),
            workshop=workshop(),
            reach=self.reached,
            look_every_seconds=0.2,
        )

    def reached(self, address: str) -> str:
        """Return where the emulator has an address of AWS."""
        place = address.split("//")[1].split(".")[0]
        if "execute-api" in address:
            return f"{self.address}/restapis/{place}/v1/_user_request_"
        return f"{self.address}/_aws/lambda-url/{place}/"

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Note how long something took."""
        began = time.monotonic()
        yield
        self.took[what] = round(time.monotonic() - began, 1)

    def staged(self, *words: str, value: str = "") -> Any:
        """Run a command about the stage; returns its JSON. It must be done."""
        status, answer = staged(self.tools, *words, "--stage", "dev", value=value)
        assert status == 0, (words, answer, (self.folder / "emulator.log").read_text()[-3_000:])
        return answer

    def deploy(self) -> None:
        """Deploy as people do: first, then the secrets, then once more with other parameters."""
        first = self.staged("deploy", "--yes", "--parameter", f"GraphUrl=http://127.0.0.1:{self.platform}")
        for name, value in SECRETS.items():
            self.staged("secrets", "set", name, value=value)
        # An update: and the functions, which know secrets for minutes, begin anew.
        self.staged("deploy", "--yes", "--parameter", "ScheduleLeadSeconds=3")
        self.token = first["token"]
        self.api, self.webhook = self.reached(first["api"]), self.reached(first["webhook"])
        self.bucket = f"{self.name}-{first['account']}-{REGION}"

    def start_platform(self) -> None:
        """Start the platform simulator, whose webhooks go to the Function URL."""
        scenario = self.folder / "scenario.yaml"
        scenario.write_text(SCENARIO)
        command = [sys.executable, "-m", "cli", "simulator", "--port", str(self.platform)]
        command += ["--webhook-url", self.webhook, "--scenario", str(scenario)]
        with (self.folder / "simulator.log").open("wb") as log:
            process = subprocess.Popen(command, env=self._environment, cwd=ROOT, stdout=log, stderr=log)
        self._exit.callback(process.wait)
        self._exit.callback(process.kill)
        eventually(lambda: self.platform_says("summary") is not None)

    def platform_says(self, path: str) -> Any:
        """Return what the simulator tells about itself, None when nobody answers."""
        from cli.client import HttpClient, Unreachable

        try:
            return HttpClient(f"http://127.0.0.1:{self.platform}").request("GET", f"/_simulator/{path}").json
        except Unreachable:
            return None

    def carillon(self, *words: str) -> Any:
        """Run a command against the deployed API; returns its JSON. It must be done."""
        said = io.StringIO()
        with redirect_stdout(said):
            status = main([*words, "--json", "--api", self.api], {"CARILLON_TOKEN": self.token})
        answer = json.loads(said.getvalue())
        assert status == 0, (words, answer)
        return answer

    def put(self, key: str, body: bytes) -> Any:
        """Put a file into the bucket and return what became of it."""
        self.client("s3").put_object(Bucket=self.bucket, Key=key, Body=body)
        result = f"results/{key.removeprefix('incoming/')}.json"
        eventually(lambda: self.object(result) is not None, seconds=90)
        return json.loads(self.object(result) or b"")

    def object(self, key: str) -> bytes | None:
        """Return an object of the bucket, None without it."""
        s3 = self.client("s3")
        try:
            body: bytes = s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except s3.exceptions.NoSuchKey:
            return None
        return body

    def wake(self, handler: str, event: Mapping[str, Any] | None = None, *, wait: bool = False) -> Any:
        """Invoke a function as Scheduler does, or and wait for its answer."""
        answer = self.client("lambda").invoke(
            FunctionName=f"{self.name}-{handler}",
            InvocationType="RequestResponse" if wait else "Event",
            Payload=json.dumps(event or {}).encode(),
        )
        return json.loads(answer["Payload"].read() or b"null") if wait else None

    def queue(self, name: str) -> str:
        """Return a queue's address."""
        return str(self.client("sqs").get_queue_url(QueueName=f"{self.name}-{name}")["QueueUrl"])

    def depth(self, queue: str) -> int:
        """Count what lies on a queue, in hand or not."""
        names = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed")]
        found = self.client("sqs").get_queue_attributes(QueueUrl=self.queue(queue), AttributeNames=names)
        return sum(int(found["Attributes"][name]) for name in names)

    def oracle(self, broadcast: str) -> Oracle:
        """Return the platform's own log of a broadcast, folded."""
        messages: list[Any] = []
        after: int | None = 0
        while after is not None:
            page = self.platform_says(f"log?after={after}&limit=5000")
            messages += page["messages"]
            after = page["next"]
        return oracle_of(messages, broadcast)

    def report(self, broadcast: str) -> Any:
        """Return a broadcast's report."""
        return self.carillon("report", broadcast)

    def settled(self, broadcast: str, people: int, seconds: float = 60) -> Any:
        """Return the report once so many people have read their message."""
        found: list[Any] = []

        def holds() -> bool:
            found[:] = [self.report(broadcast)]
            return bool(found[0]["read"] == people)

        try:
            eventually(holds, seconds=seconds)
        except AssertionError:
            raise AssertionError(f"{found[0]}\n{self.said()}") from None
        return found[0]

    def schedules(self) -> list[str]:
        """Return the waves' schedules."""
        listed = self.client("scheduler").list_schedules(GroupName=self.name)["Schedules"]
        return [found["Name"] for found in listed if found["Name"].startswith("wave-")]

    def paced(self, *broadcasts: str) -> None:
        """Wake the pacer, as every minute does, until each of these broadcasts has begun to send."""
        for _ in range(MOST_WAKINGS):
            self.wake("pace")
            time.sleep(WAKE_SECONDS)
            told = [self.report(broadcast) for broadcast in broadcasts]
            if all(report["accepted"] + report["claimed"] for report in told):
                return
        raise AssertionError(f"nothing was paced:\n{self.said()}")

    def said(self) -> str:
        """Return the end of what the emulator and the functions logged."""
        logs = self.client("logs")
        lines: list[str] = []
        for stream in logs.describe_log_streams(logGroupName="/carillon/dev").get("logStreams", []):
            events = logs.get_log_events(
                logGroupName="/carillon/dev", logStreamName=stream["logStreamName"], limit=1_000
            )["events"]
            told = (event["message"] for event in events)
            lines += [text for text in told if not text.startswith(("START", "END", "REPORT"))]
        worse = sorted(line for line in lines if '"level":"info"' not in line)
        return "\n".join(
            [*sorted(lines)[-10:], *worse[-20:], (self.folder / "emulator.log").read_text()[-3_000:]]
        )


def rules_in(folder: Path) -> Path:
    """Make a directory with the rules that the campaigns here need."""
    (folder / "templates").mkdir(parents=True)
    for name in ("senders.yaml", "policy.yaml", "templates/commande_expediee.fr.json"):
        shutil.copy(ROOT / "campaigns" / name, folder / name)
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
    for role in template["Resources"].values():
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


@contextmanager
def deployed(folder: Path) -> Iterator[Deployed]:
    """Package, deploy, and start the platform. Everything ends with the block."""
    with ExitStack() as stack:
        address = stack.enter_context(running(whole=True, log_to=folder / "emulator.log"))
        made = Deployed(folder, address, stack)
        with made.timed("package"):
            package("dev", made.package, architecture="x86_64")
            playable(made.package / "sam.json")
        with made.timed("deploy, twice"):
            made.deploy()
        with made.timed("push"):
            made.carillon("push", str(rules_in(folder / "campaigns")))
        made.start_platform()
        yield made
