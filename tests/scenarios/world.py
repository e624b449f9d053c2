"""A whole Carillon on virtual time: the real `app.py`, pipeline and stores, and a scripted platform."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import app
from chalicelib import bootstrap
from chalicelib.adapters.embedded.database import MEMORY
from chalicelib.adapters.embedded.home import EmbeddedHome
from chalicelib.adapters.embedded.runtime import Runtime, handlers_of
from chalicelib.audience.instant import Instant, from_iso
from chalicelib.log import log
from chalicelib.pipeline import Pipeline
from chalicelib.rules import DefinitionShelf, LocalFiles, RulesShelf
from chalicelib.sending.answer import Accepted, Answer, Message
from chalicelib.settings import Settings
from chalicelib.steps.home import Home
from chalicelib.web.local import call
from tests.fakes import FakeClock, SeededRandomness
from tests.fakes.seconds import most_in_a_second
from tests.scenarios.listing import SimulatedListing
from tests.scenarios.uploading import SimulatedUploads

T = TypeVar("T")
CAMPAIGNS = Path(__file__).parents[2] / "campaigns"
SECRETS = {
    "WHATSAPP_TOKEN": "token",
    "WHATSAPP_APP_SECRET": "app-secret",
    "WHATSAPP_VERIFY_TOKEN": "verify-me",
}


class DictSecrets:
    """`Secrets` of a test."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = dict(values)

    def get(self, name: str) -> str | None:
        return self.values.get(name)


class Platform:
    """A channel that keeps what it was sent. `script` may answer otherwise, or crash the worker."""

    def __init__(self, clock: FakeClock) -> None:
        self.sent: list[tuple[Instant, Message]] = []
        self.script: Callable[[Message], Answer | None] = lambda message: None
        self._clock = clock

    async def send(self, message: Message) -> Answer:
        answer = self.script(message)
        self.sent.append((self._clock.now(), message))
        return answer or Accepted(wamid=f"wamid.{len(self.sent)}")

    async def close(self) -> None:
        return None

    def to(self) -> Counter[str]:
        """Return how often each number was called."""
        return Counter(message.to for _, message in self.sent)

    def busiest_second(self) -> int:
        """Return the most calls in any sliding second."""
        return most_in_a_second(at for at, _ in self.sent)


class EmbeddedStage:
    """An embedded home, and the loop that plays Lambda there."""

    def __init__(self, clock: FakeClock, secrets: Mapping[str, str], path: str = MEMORY) -> None:
        self._secrets = DictSecrets(secrets)
        self._home = EmbeddedHome(path, clock=clock, randomness=SeededRandomness(), secrets=self._secrets)
        self.ports = self._home.ports
        self.lock = self._home.lock
        self.close = self._home.close
        runtime = Runtime(self._home, handlers_of(app))
        self.step, self.fire_schedules = runtime.step, runtime.fire_schedules

    def set_secrets(self, secrets: Mapping[str, str]) -> None:
        """Replace the home's secrets."""
        self._secrets.values = dict(secrets)


def aws_stage(clock: FakeClock, secrets: Mapping[str, str]) -> Any:
    """Return an AWS home on moto, which takes half a second to import: only who plays there pays for it."""
    from tests.scenarios.aws_stage import AwsStage

    return AwsStage(clock, secrets)


STAGES: Mapping[str, Callable[[FakeClock, Mapping[str, str]], Any]] = {
    "embedded": EmbeddedStage,
    "AWS on moto": aws_stage,
}
"""The homes every scenario is played in."""


class World:
    """One home, one platform, one clock."""

    def __init__(self, now: str = "2026-12-01T08:00:00Z", *, path: str = MEMORY, stage: Any = None) -> None:
        log.setLevel("INFO")  # so that a log line that cannot be written fails its test
        self.clock = FakeClock(from_iso(now))
        self.platform = Platform(self.clock)
        make = stage or partial(EmbeddedStage, path=path)
        self.runtime: Any = make(self.clock, SECRETS)
        self.settings = self.usual_settings()
        self.listing = SimulatedListing(self.clock, self.settings.campaigns)
        self.uploads = SimulatedUploads(self.clock, self.listing.platform)
        self.open_worker()
        self._status = 0

    def usual_settings(self) -> Settings:
        """One chunk is worked at a time here, so slots are handed out one chunk ahead."""
        return Settings(home=Path(MEMORY), campaigns=CAMPAIGNS, horizon_ms=300)

    def channel(self) -> Any:
        """Return how messages leave."""
        return self.platform

    def run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Drive a chunk's sending to its end."""
        self.clock.run(coroutine)

    def open_worker(self) -> None:
        """Begin a worker's life: a new epoch, as after a start or a crash."""
        channel = self.channel()
        self.ports = self.runtime.ports({"cloud": channel, "coexistence": channel})
        shelf = RulesShelf(LocalFiles(self.settings.campaigns), monotonic=lambda: self.clock.now() / 1_000)
        self.home = Home(
            ports=self.ports,
            settings=self.settings,
            rules=shelf.current,
            look_again=shelf.look_again,
            definition=DefinitionShelf(self.ports.campaigns).definition,
            offload=_at_once,
            committed=_at_once,
            worker="test",
            listing=self.listing,
            uploads=self.uploads,
            epoch=self.runtime.lock(),
        )
        self.pipeline = Pipeline(self.home, self.run)
        bootstrap.install(self.pipeline)

    def close(self) -> None:
        """Put the home away."""
        self.runtime.close()

    def api(
        self, method: str, path: str, body: Any = None, *, query: str = "", raw: bytes | None = None
    ) -> Any:
        """Send a request through `app.py`'s routes; `status` keeps the last status."""
        content = raw if raw is not None else json.dumps(body or {}).encode()
        kind = "text/csv" if raw is not None else "application/json"
        self.status, _, answer = call(method, path, query, {"content-type": kind}, content)
        return json.loads(answer)

    def import_csv(self, text: str) -> Any:
        """Import a contacts file."""
        return self.api("POST", "/api/contacts/imports", raw=text.encode())

    def people(self, count: int, *, country: str = "MA", extra: str = "") -> Any:
        """Import `count` opted-in people with distinct names and valid Moroccan numbers."""
        rows = "".join(
            f"+2126{12000000 + n},{country.lower()}{n},Name{n},fr,{country},2026-06-01{extra}\n"
            for n in range(count)
        )
        return self.import_csv(
            "phone,external_id,first_name,language,country,consent_whatsapp_promotions\n" + rows
        )

    def upload(self, **changes: Any) -> Any:
        """Upload the test campaign with some keys changed; None removes a key."""
        definition = {**DEFINITION, **changes}
        source = json.dumps({k: v for k, v in definition.items() if v is not None})
        return self.api("POST", "/api/campaigns", {"source": source, "file": "test.yaml"})

    def plan(self, campaign: str = "test-campaign", **body: Any) -> Any:
        """Plan and work the plan to its seal."""
        started = self.api("POST", f"/api/campaigns/{campaign}/plans", body)
        for _ in range(200):
            self.runtime.step()
            planned = self.api("GET", f"/api/plans/{started['plan']}")
            if planned["state"] != "planning":
                return planned
        raise AssertionError("the plan was never sealed")

    def launch(self, plan_hash: str) -> Any:
        """Launch, and work the launch."""
        return self.api("POST", f"/api/plans/{plan_hash}/launch")

    def launched(self, **changes: Any) -> str:
        """Upload, plan and launch in one go; returns the broadcast."""
        self.upload(**changes)
        planned = self.plan()
        assert planned["state"] == "sealed", planned["problems"]
        return str(self.launch(planned["hash"])["broadcast"])

    def step(self, *, seconds: float = 0.2) -> int:
        """Do everything that is due, then let time pass."""
        done = int(self.runtime.step())
        self.clock.advance(seconds * 1_000)
        return done

    def run_for(self, *, seconds: float, step: float = 0.2) -> None:
        """Work for a while."""
        until = self.clock.now() + seconds * 1_000
        while self.clock.now() < until:
            self.step(seconds=step)

    def run_until_idle(self, *, most_seconds: float = 600) -> None:
        """Work until nothing of any broadcast is left to do now."""
        until = self.clock.now() + most_seconds * 1_000
        quiet = 0
        while quiet < 40 and self.clock.now() < until:
            before = len(self.platform.sent)
            quiet = 0 if self.step() or len(self.platform.sent) > before else quiet + 1

    def report(self, broadcast: str) -> Any:
        """Return the report."""
        return self.api("GET", f"/api/broadcasts/{broadcast}/report")

    def explain(self, broadcast: str, person: str) -> Any:
        """Return the explanation."""
        return self.api("GET", f"/api/broadcasts/{broadcast}/people/{person}")

    def webhook(
        self,
        value: Mapping[str, Any],
        *,
        field: str = "messages",
        secret: str = "app-secret",
        waba: str = "102290129340398",
        time: int | None = None,
    ) -> int:
        """Deliver a signed webhook; returns the status. `time`: the entry's, in seconds."""
        raw, signature = signed(value, field=field, secret=secret, waba=waba, time=time)
        event = {
            "requestContext": {"http": {"method": "POST"}},
            "headers": {"X-Hub-Signature-256": signature},
            "body": raw.decode(),
            "isBase64Encoded": False,
        }
        return int(app.webhook(event, None)["statusCode"])

    def status_of(self, index: int, status: str, *, code: int = 0, echo: bool = True) -> dict[str, Any]:
        """Return the platform's status for its n-th call."""
        _, message = self.platform.sent[index]
        item: dict[str, Any] = {
            "id": f"wamid.{index + 1}",
            "status": status,
            "timestamp": str(self.clock.now() // 1_000),
            "recipient_id": message.to[1:],
        }
        if echo:
            item["biz_opaque_callback_data"] = message.echo
        if code:
            item["errors"] = [{"code": code, "title": "failed"}]
        return item

    def receipt(self, *items: dict[str, Any]) -> int:
        """Deliver statuses."""
        return self.webhook({"messaging_product": "whatsapp", "statuses": list(items)})

    def says(self, phone: str, text: str, *, wamid: str = "wamid.in", quoted: str = "") -> int:
        """Deliver a person's message."""
        message: dict[str, Any] = {
            "from": phone.removeprefix("+"),
            "id": wamid,
            "timestamp": str(self.clock.now() // 1_000),
            "type": "text",
            "text": {"body": text},
        }
        if quoted:
            message["context"] = {"id": quoted}
        return self.webhook({"messaging_product": "whatsapp", "messages": [message]})

    def at(self, instant: str) -> None:
        """Move the clock to an instant, working a step every ten minutes on the way."""
        while self.clock.now() + 600_000 < from_iso(instant):
            self.step(seconds=600)
        self.clock.advance_to(from_iso(instant))


def signed(
    value: Mapping[str, Any],
    *,
    field: str = "messages",
    secret: str = "app-secret",
    waba: str = "102290129340398",
    time: int | None = None,
) -> tuple[bytes, str]:
    """Return a webhook's body and its signature header."""
    entry = {"id": waba, "changes": [{"field": field, "value": value}]}
    raw = json.dumps(
        {"object": "whatsapp_business_account", "entry": [entry if time is None else {**entry, "time": time}]}
    ).encode()
    return raw, f"sha256={hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()}"


async def _at_once(work: Callable[..., T], /, *args: Any) -> T:
    return work(*args)


DEFINITION: dict[str, Any] = {
    "campaign": "test-campaign",
    "category": "marketing",
    "sender": "boutique",
    "topic": "promotions",
    "audience": {"segment": 'country = "MA"'},
    "template": {
        "name": "soldes_hiver_2027",
        "parameters": {
            "prenom": {"value": "{{ contact.first_name }}", "fallback": "cher client"},
            "remise": "20",
            "fin": "{{ '2027-01-31' | date('long') }}",
        },
        "buttons": [
            {"type": "url", "index": 0, "value": "soldes"},
            {"type": "quick_reply", "index": 1, "payload": "STOP_PROMOS"},
        ],
    },
    "send_at": "2026-12-01 09:00",
    "past": "skip",
}
