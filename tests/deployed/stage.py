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
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from cli.demo_audit import RANKS, Oracle, oracle_of
from cli.main import main
from infra.deployment.checks import workshop
from infra.deployment.site import Tools
from infra.local.aws.ministack import free_port, running
from infra.packaging import package
from tests.cli.staging import staged
from tests.deployed.account import REGION, Account
from tests.deployed.emulated import playable, rules_in
from tests.processes.running import ROOT, eventually

SECRETS = {
    "WHATSAPP_TOKEN": "simulator-token",
    "WHATSAPP_APP_SECRET": "simulator-secret",
    "WHATSAPP_VERIFY_TOKEN": "verify",
}
SCENARIO = (
    "seed: 5\nlatency: {median: 30, spread: 0.2}\ndelivered: 1.0\nsent_after: {median: 200, spread: 0.2}\n"
    "delivered_after: {median: 500, spread: 0.4}\nread: 1.0\nread_after: {median: 900, spread: 0.4}\n"
    "webhooks: {batch: 50, linger_ms: 700, duplicated: 0.1, reordered: 0.1, retry_ms: 2000}\n"
)
MOST_WAKINGS, WAKE_SECONDS = 6, 15.0
QUICK_LOOK_SECONDS = 0.1
"""Between two looks at the platform, which is a process of its own and answers at once."""
PARAMETERS = ("ScheduleLeadSeconds=3", "PlanTasks=4")
ADMIN, SIGNATURE = "admin", "X-Hub-Signature-256"


class Deployed(Account):
    """One stage that was deployed, and its far side."""

    def __init__(self, folder: Path, address: str, stack: ExitStack) -> None:
        super().__init__(folder, address)
        self.platform = free_port()
        self.package = folder / "package"
        self._exit = stack
        self.tokens: dict[str, str] = {}
        self._environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("CARILLON_", "AWS_"))},
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": address,
            **SECRETS,
        }

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
        self.staged("deploy", "--yes", *(word for p in PARAMETERS for word in ("--parameter", p)))
        self.tokens[ADMIN] = first["token"]
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

    def hire(self, name: str, role: str) -> None:
        """Give somebody a token with a role."""
        made = self.carillon("token", "create", f"{name}-laptop", "--role", role, "--owner", name)
        self.tokens[name] = made["secret"]

    def carillon(self, *words: str, by: str = ADMIN) -> Any:
        """Run a command against the deployed API; returns its JSON. It must be done."""
        status, answer = self._run(words, by)
        assert status == 0, (words, answer, self.said())
        return answer

    def refused(self, *words: str, by: str = ADMIN) -> list[str]:
        """Run a command that must be refused; returns the codes of its problems."""
        status, answer = self._run(words, by)
        assert status == 1, (words, answer)
        return [answer["code"], *(problem["code"] for problem in answer.get("problems", ()))]

    def _run(self, words: Sequence[str], by: str) -> tuple[int, Any]:
        said = io.StringIO()
        with redirect_stdout(said):
            status = main([*words, "--json", "--api", self.api], {"CARILLON_TOKEN": self.tokens[by]})
        return status, json.loads(said.getvalue())

    def webhook_posted(self, raw: bytes, signature: str) -> int:
        """Post to the webhook's Function URL as Meta does; returns the status."""
        headers = {"Content-Type": "application/json"} | ({SIGNATURE: signature} if signature else {})
        request = urllib.request.Request(self.webhook, raw, headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refusal:
            return refusal.code

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

    def status(self, broadcast: str) -> Any:
        """Return what `carillon status` shows of a broadcast."""
        return self.carillon("status", broadcast)

    def counted(self, broadcast: str, name: str) -> int:
        """Return one of a broadcast's counters: cheaper than its report, which folds the ledger."""
        return int((self.status(broadcast)["counts"] or {}).get(name, 0))

    def settled(self, broadcast: str, people: int, seconds: float = 60) -> Any:
        """Return the report once so many people have read their message."""
        self.until(lambda: self.counted(broadcast, "read") == people, seconds=seconds)
        return self.report(broadcast)

    def agrees(self, broadcast: str) -> Any:
        """Return the report, which must say what the platform's own log says; nobody was messaged twice."""
        report, oracle = self.report(broadcast), self.oracle(broadcast)
        assert oracle.twice == []
        told = {name: oracle.reached[name] for name in RANKS} | {"accepted": oracle.accepted}
        assert {name: report[name] for name in told} == told
        assert report["proven"]
        return report

    def sent_to(self, broadcast: str) -> int:
        """Return to how many of a broadcast's people the platform was asked to send."""
        return self.oracle(broadcast).messages

    def begun(self, broadcast: str, least: int = 1) -> None:
        """Wake the pacer, as every minute does, until the platform has so many messages of a broadcast.

        One pacer at a time hands out slots, for as long as there is work: to wake many helps nobody.
        """
        self.until(lambda: self.depth("launch") + self.depth("dispatch") == 0)
        for _ in range(MOST_WAKINGS):
            self.wake("pace")
            patient_until = time.monotonic() + WAKE_SECONDS
            while time.monotonic() < patient_until:
                if self.sent_to(broadcast) >= least:
                    return
                time.sleep(QUICK_LOOK_SECONDS)
        raise AssertionError(f"nothing was paced:\n{self.said()}")


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
