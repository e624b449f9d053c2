"""One stage in one account and region: its stack, its packages, its secret, and its own stores."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chalicelib.authoring.actor import Actor, ActorKind, Role
from chalicelib.bootstrap import deployed_pipeline
from chalicelib.pipeline import Pipeline
from chalicelib.tracking.audit import DONE
from infra.deployment import checks, releases, smoke
from infra.deployment.ending import End
from infra.deployment.packages import Packages
from infra.deployment.releases import Entry, Release
from infra.deployment.secret_values import VERIFY_TOKEN, StageSecret
from infra.deployment.stack import Stack
from infra.deployment.stores import STAGE_SECRET

FIRST_TOKEN = "first admin"
WEBHOOK_FIELDS = (
    "messages",
    "message_template_status_update",
    "message_template_quality_update",
    "template_category_update",
    "phone_number_quality_update",
    "business_capability_update",
    "account_update",
    "account_review_update",
    "user_preferences",
    "smb_message_echoes",
)
"""What to subscribe to in Meta's console: all that Carillon understands. The last is for coexistence."""


@dataclass(frozen=True)
class Tools:
    """What a deployment works with, so that it can be played elsewhere.

    `new_client` makes the client of a service; `package` writes a stage's package
    into a folder; `reach` returns how an address is called from here.
    """

    region: str
    new_client: Callable[..., Any]
    package: Callable[[str, Path], object]
    workshop: checks.Workshop
    ask: smoke.Ask = smoke.over_http
    reach: Callable[[str], str] = lambda address: address
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    look_every_seconds: float = 5.0
    smoke_tries: int = smoke.TRIES


class Site:
    """One stage where it is deployed."""

    def __init__(self, stage: str, account: str, tools: Tools) -> None:
        self.stage = stage
        self.account = account
        self.tools = tools
        self.stack = Stack(stage, tools.new_client, look_every_seconds=tools.look_every_seconds)
        self.packages = Packages(stage, account, tools.new_client)
        self.secret = StageSecret(stage, tools.new_client)
        self._pipeline: Pipeline | None = None

    def kept(self, package: Path) -> Release:
        """Store a package and return it as it can be deployed here."""
        return self._fitting(self.packages.keep(package))

    def going_back(self) -> Release | None:
        """Return the release before the one that runs, with everything that holds data by now."""
        history = self.packages.history()
        older = releases.before(history)
        if older is None:
            return None
        present = self.packages.template(releases.standing(history)[-1])
        template = releases.keeping_data(self.packages.template(older), present)
        return self._fitting(self.packages.keep_template(template, older))

    def _fitting(self, release: Release) -> Release:
        """Leave the secret of an earlier stack beside the new one: CloudFormation takes none over."""
        if not self.secret.exists() or self.stack.holds(STAGE_SECRET):
            return release
        template = releases.without(self.packages.template(release), [STAGE_SECRET])
        return self.packages.keep_template(template, release)

    def propose(self, release: Release, parameters: Mapping[str, str]) -> str:
        """Make a change set; "" when nothing would change. Raises NotDeployed."""
        if self.stack.end() is End.NEVER_MADE:
            self.stack.destroy()  # the empty name that a first deployment left that failed
        return self.stack.propose(self.packages.address(release), parameters, self.parameters(release))

    def parameters(self, release: Release) -> Collection[str]:
        """Return the names of a template's parameters."""
        return list(self.packages.template(release).get("Parameters", {}))

    def note(self, release: Release, *, is_rollback: bool) -> None:
        """Write down that a release was deployed."""
        self.packages.note(Entry(self.tools.now().isoformat(), release, is_rollback))

    @property
    def running(self) -> Release | None:
        """Return the release that was deployed last and not rolled back."""
        found = releases.standing(self.packages.history())
        return found[-1] if found else None

    def pipeline(self) -> Pipeline:
        """Return the stage's own pipeline, with the rights of whoever deploys."""
        if self._pipeline is None:
            function = f"{self.stack.name}-api_handler"
            found = self.tools.new_client("lambda").get_function_configuration(FunctionName=function)
            self._pipeline = deployed_pipeline(found["Environment"]["Variables"], self.tools.new_client)
        return self._pipeline

    def new_token(self, name: str, by: str) -> str:
        """Make an admin's token and return it, this once; the audit trail has it.

        Without a name only where there was none ever; "" where there was.
        """
        pipeline = self.pipeline()
        if not name and pipeline.tokens():
            return ""
        text, token = pipeline.create_token(name or FIRST_TOKEN)
        deployer = Actor(name=by, role=Role.ADMIN, kind=ActorKind.LOCAL)
        pipeline.record_act(deployer, "token.create", on=str(token.number), outcome=DONE)
        return text

    def api(self) -> str:
        """Return the API's address, without a slash at its end."""
        return self.stack.outputs()["EndpointURL"].rstrip("/")

    def webhook(self) -> str:
        """Return the webhook's address, as Meta is told it."""
        return self.stack.outputs()["WebhookUrl"]

    def smoke(self, release: Release, token: str) -> list[smoke.Finding]:
        """Ask the deployed stage whether it works, and whether it is this release."""
        reach = self.tools.reach
        stage = smoke.Stage(
            api=reach(self.api()).rstrip("/"),
            webhook=reach(self.webhook()),
            release=release.name,
            verify_token=self.secret.values().get(VERIFY_TOKEN, ""),
            token=token,
        )
        return smoke.settled(stage, self.tools.ask, tries=self.tools.smoke_tries)


def deployer_of(sts: Any) -> str:
    """Return the name of whoever these credentials are: what stands behind the last slash."""
    return str(sts.get_caller_identity()["Arn"]).rpartition("/")[2][:64] or "root"
