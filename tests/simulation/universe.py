"""A universe: one home, its workers, the provider and its webhooks, in one virtual event loop.

Everything runs through the handlers of `app.py` over the embedded stores in
memory. Nothing here knows how Carillon works, only how Lambda, SQS, a machine
and the provider treat it.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import orjson

import app
from chalicelib import bootstrap
from chalicelib.adapters.channels.whatsapp_cloud import body_of, understood
from chalicelib.adapters.embedded.database import MEMORY
from chalicelib.adapters.embedded.home import EmbeddedHome
from chalicelib.adapters.embedded.queues import Received
from chalicelib.adapters.embedded.runtime import backoff_ms
from chalicelib.adapters.embedded.triggers import Consumer, handlers_of, sqs_event
from chalicelib.audience.instant import HOUR_MS, Instant, from_iso
from chalicelib.log import log
from chalicelib.rules import DefinitionShelf, load_rules
from chalicelib.sending.answer import Unknown
from chalicelib.settings import BUS, Settings, aws_settings
from chalicelib.steps.home import Rules
from chalicelib.web.local import call
from infra.local.simulator.catalogue import load_catalogue
from infra.local.simulator.in_process import InProcessChannel, deliver_due
from infra.local.simulator.outbox import Webhook
from infra.local.simulator.platform import Platform
from infra.local.simulator.scenario import Scenario, amended
from infra.local.simulator.state import Request
from tests.fakes import FakeClock, SeededRandomness
from tests.scenarios.world import CAMPAIGNS, SECRETS, DictSecrets, signed
from tests.simulation.faults import Fates
from tests.simulation.listening import Listener
from tests.simulation.lives import Crashed, Life, watched
from tests.simulation.scene import (
    CODE_ODDS,
    PEOPLE,
    POSTS,
    SECOND_SENDER,
    WEATHERS,
    Act,
    Scene,
    book,
    definition_of,
    new_version_of,
    phone_of,
)
from tests.simulation.written import Written

WAVE_AT = from_iso("2026-12-01T08:00:00Z")
"""Nine o'clock in Casablanca."""
NUMBER = "106540352242922"
SECOND_NUMBER = "106540352242955"
HUMAN_MS = 60_000
"""How often somebody looks at what the provider has stopped, and lets it go on."""
RECONCILE_MS = 10_000
PACE_MS = {False: 200, True: 60_000}
ACTIVE_MS = 200
SLOW_MS = 20_000
QUIET_MS = 60_000
RUSH_MS = 60_000
"""So long after the wave the machine looks closely; later it may look up less often, to save our time."""
AFTER_CRASH_MS = (500, 20_000)
LAMBDA_MS = 900_000
_RULES = load_rules(CAMPAIGNS)
_CATALOGUE = load_catalogue(CAMPAIGNS)


class MachineClock:
    """The clock of the home's machine: right, until somebody sets it."""

    def __init__(self, true: FakeClock) -> None:
        self._true = true
        self.ahead_ms = 0

    def now(self) -> Instant:
        """Return what the machine believes."""
        return self._true.now() + self.ahead_ms

    async def sleep_until(self, instant: float) -> None:
        """Return at `instant` by this clock; as an operating system, look at it only when a sleep is over."""
        while (left := instant - self.ahead_ms - self._true.exact()) > 0:
            await self._true.sleep_until(self._true.exact() + left)


@dataclass(slots=True)
class Acked:
    """A human's order that was acknowledged: when, and when the opposite was."""

    at: Instant
    until: Instant | None = None


class Universe:
    """Plays one scene. `only`: exactly these faults and acts, for replays."""

    def __init__(self, scene: Scene, only: Collection[str] | None = None) -> None:
        log.setLevel(logging.CRITICAL)
        self.scene = scene
        self.leases_only = scene.leases_only
        self.clock = FakeClock(from_iso("2026-12-01T06:00:00Z"))
        self.machine = MachineClock(self.clock)
        self.fates = Fates(scene.seed, scene.odds, only, self.clock.now)
        self.rate = scene.per_second
        self._rules, self._rules_at = _RULES, 0
        self.settings = self._settings()
        self.home = EmbeddedHome(
            MEMORY, clock=self.machine, randomness=SeededRandomness(scene.seed), secrets=DictSecrets(SECRETS)
        )
        self.platform = Platform(
            replace_number(scene),
            amended(Scenario(), self._weather()),
            token=SECRETS["WHATSAPP_TOKEN"],
            app_secret=SECRETS["WHATSAPP_APP_SECRET"],
        )
        channel = InProcessChannel(
            self.platform,
            self.clock,
            token=SECRETS["WHATSAPP_TOKEN"],
            body_of=body_of,
            understood=understood,
            unanswered=lambda: Unknown(why="cut"),
        )
        self.listener = Listener(self.strikes)
        self.ports = replace(self.home.ports({"cloud": channel, "coexistence": channel}), bus=self.listener)
        self.handlers = handlers_of(app)
        self.definition = DefinitionShelf(self.ports.campaigns).definition
        self.written = Written(self.home.database)
        self.judged: tuple[int, int] | None = None
        """What had been written when everything was last judged, and in which hour that was."""
        self.observer = Life(self, "observer", epoch=0, ports=watched(self.ports))
        self.keeper = Life(self, "keeper", epoch=0, ports=self.ports)
        self.process: Life | None = None
        self.broadcasts: dict[str, str] = {}
        self.hashes: dict[str, str] = {}
        self.said_no: dict[str, Instant] = {}
        self.erased: dict[str, Instant] = {}
        self.paused: dict[str, list[Acked]] = {}
        self.longest_ms: dict[str, int] = {}
        self._said: list[str] = []
        self._planning: list[tuple[str, str]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._depth = 0
        self._lives = 0
        self._acts = list(scene.acts)
        self._failed_by_itself: set[str] = set()
        """Messages that a handler has failed although nothing went wrong around it."""
        self._ticked: dict[str, Instant] = {}
        self._fed = ["plan", "launch", "dispatch", "inbound", "receipts", *["handoff"] * scene.announces]

    def _settings(self) -> Settings:
        events = BUS if self.scene.announces else ""
        if self.leases_only:
            return replace(
                aws_settings({"CARILLON_CAMPAIGNS": str(CAMPAIGNS)}),
                fan_out_tasks=2,
                home=Path(MEMORY),
                needs_token=False,
                events=events,
            )
        return Settings(home=Path(MEMORY), campaigns=CAMPAIGNS, fan_out_tasks=2, events=events)

    def _weather(self) -> dict[str, Any]:
        scene = self.scene
        weather = dict(WEATHERS[scene.weather])
        if scene.codes:
            refused, failed = scene.codes
            weather |= {"refused": {refused: CODE_ODDS}, "failed": {failed: CODE_ODDS}}
        return {
            "seed": scene.seed,
            "delivered": 0.95,
            "stops": 0.05,
            "replies": 0.1,
            "webhooks": {**POSTS[scene.posts], "retry_ms": 2_000},
            "per_second": {number: scene.per_second for number in (NUMBER, SECOND_NUMBER)},
            **weather,
        }

    def rules(self) -> Rules:
        """Return the marketers' rules as they are now: the sender's rate may change."""
        if self._rules_at != self.rate:
            self._rules_at = self.rate
            sender = replace(_RULES.senders["boutique"], max_per_second=self.rate, tier=self.scene.tier)
            senders = {**_RULES.senders, "boutique": sender}
            if any(c.changes.get("sender") == SECOND_SENDER for c in self.scene.campaigns):
                senders[SECOND_SENDER] = replace(
                    _RULES.senders[SECOND_SENDER],
                    mode=sender.mode,
                    portfolio=sender.portfolio,
                    max_per_second=self.rate,
                    tier=self.scene.tier,
                )
            self._rules = replace(_RULES, senders=senders)
        return self._rules

    # faults -------------------------------------------------------------------

    def strikes(self, kind: str, site: str) -> bool:
        """Say whether a fault happens here."""
        return self.fates.strikes(kind, site)

    def stall_ms(self, life: Life) -> int:
        """Return for how long a worker hangs before its next call: now and then beyond every lease."""
        if not self.strikes("stalled", life.doing):
            return 0
        longest = 90_000 if self.leases_only else 3_000
        return 1 + self.fates.among(f"stall {len(self.fates.struck)}", longest)

    def meanwhile(self, life: Life, place: str) -> None:
        """Before a port call let something else happen whole, as another thread or function would."""
        kind = "meanwhile a claim" if place.startswith("send · standings") else "meanwhile"
        if self._depth > 1 or not self.strikes(kind, place):
            return
        self._depth += 1
        try:
            which = self.fates.among(f"meanwhile {len(self.fates.struck)}", 6)
            if which == 0:
                self._tick("pace")
            elif which == 1:
                self._tick("reconcile")
            elif which == 2:
                self._opts_out(phone_of("red", self.fates.among(place, PEOPLE)))
                self._feed_now("inbound")
            else:
                self._webhooks()
                self._feed_now("inbound" if which == 3 else "receipts")
        except Crashed:
            pass  # that life ended; ours may be the same one, and finds out at its next call
        finally:
            self._depth -= 1

    def says_no_now(self, phone: str | None) -> None:
        """Behind the look at somebody, before they are claimed, let them say no, and let it be recorded."""
        if phone is None or self._depth > 1 or not self.strikes("a no at the claim", "send"):
            return
        self._depth += 1
        try:
            self._opts_out(phone)
            self._feed_now("inbound")
        except Crashed:
            pass  # as above
        finally:
            self._depth -= 1

    def is_erased_now(self, phone: str | None, place: str) -> None:
        """Behind the look at somebody, before they are claimed, or once they were called, erase them."""
        if phone is None or self._depth > 1 or not self.strikes("an erasure", place):
            return
        self._depth += 1
        try:
            self._erase(phone)
        finally:
            self._depth -= 1

    # lives --------------------------------------------------------------------

    def life(self, name: str) -> Life:
        """Return who does the next piece of work: the one process, or a function run of its own."""
        if not self.leases_only and self.process is not None:
            return self.process
        self._lives += 1
        skew = self.fates.among(f"skew {self._lives}", 61) - 30 if self.leases_only else 0
        return Life(self, f"{name}-{self._lives}", epoch=0, skew=skew)

    def _begin_process(self) -> None:
        self._lives += 1
        self.process = Life(self, f"worker-{self._lives}", epoch=self.home.lock())

    def _woken(
        self, life: Life, doing: str, handler: Callable[[], Any]
    ) -> tuple[Any, list[asyncio.Task[Any]]]:
        """Run a handler; returns its answer and what it began to drive."""
        before, begun, was = bootstrap.pipeline() if bootstrap._installed else None, life.begun, life.doing
        life.begun, life.doing = [], doing
        bootstrap.install(life.pipeline)
        try:
            return handler(), life.begun
        finally:
            life.begun, life.doing = begun, was
            if before is not None:
                bootstrap.install(before)

    # queues -------------------------------------------------------------------

    def _consumer(self, queue: str) -> Consumer:
        return next(c for c in self.handlers.consumers if c.queue == queue)

    def _received(self, consumer: Consumer) -> list[Received]:
        got = self.home.queues.receive(consumer.queue, consumer.batch, consumer.visibility_ms)
        if got and self.strikes("message is late", consumer.queue):
            for message in got:
                self.home.queues.extend(message, 20_000)
            return []
        for message in got:
            if self.strikes("message comes twice", consumer.queue):
                self.home.queues.extend(message, 0)
        return got

    def _forget(self, consumer: Consumer, messages: list[Received], failed: Collection[str]) -> None:
        done = [m for m in messages if str(m.id) not in failed]
        if done and not self.strikes("message is not forgotten", consumer.queue):
            self.home.queues.delete(done)
        for message in messages:
            if str(message.id) in failed:
                self.home.queues.extend(message, backoff_ms(message.receives))

    def _feed_now(self, queue: str) -> int:
        """Give one event to a queue's handler that needs no loop."""
        consumer = self._consumer(queue)
        messages = self._received(consumer)
        if not messages:
            return 0
        life, faults = self.life(queue), len(self.fates.struck)
        everybody = {str(m.id) for m in messages}
        try:
            answer, _ = self._woken(life, queue, partial(consumer.handler, sqs_event(messages), None))
            failed = {str(item["itemIdentifier"]) for item in (answer or {}).get("batchItemFailures", [])}
        except Crashed:
            return len(messages)
        except Exception:  # noqa: BLE001 - as on Lambda: the whole batch comes again
            failed = everybody
        if len(self.fates.struck) == faults:
            self._failed_by_itself |= failed
        self._forget(consumer, messages, failed)
        return len(messages)

    feed_now = _feed_now

    async def _feed(self, queue: str) -> None:
        """Give one event to a queue's handler, and wait for what it drives."""
        consumer = self._consumer(queue)
        messages = self._received(consumer)
        if not messages:
            return
        life, started = self.life(queue), self.clock.now()
        failed: set[str] = set()
        try:
            answer, begun = self._woken(life, queue, partial(consumer.handler, sqs_event(messages), None))
            failed = {str(item["itemIdentifier"]) for item in (answer or {}).get("batchItemFailures", [])}
            ends = await asyncio.gather(*begun, return_exceptions=True)
            if any(isinstance(end, Exception) for end in ends):
                failed = {str(m.id) for m in messages}
        except Crashed:
            return
        self.longest_ms[queue] = max(self.longest_ms.get(queue, 0), self.clock.now() - started)
        if not life.dead:
            self._forget(consumer, messages, failed)

    def _begin(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # what wakes ---------------------------------------------------------------

    def _tick(self, name: str) -> None:
        timer = next(t for t in self.handlers.timers if t.name == name)
        life = self.life(name)
        try:
            _, begun = self._woken(life, name, partial(timer.handler, {"timer": name}, None))
        except Exception:  # noqa: BLE001 - a timer that fails comes again
            return
        for task in begun:
            self._begin(_ended(task))

    def _timers(self) -> None:
        now = self.clock.now()
        reconcile_ms = RECONCILE_MS if abs(now - WAVE_AT) < RUSH_MS else 6 * RECONCILE_MS
        for name, every in (("pace", PACE_MS[self.leases_only]), ("reconcile", reconcile_ms)):
            if now - self._ticked.get(name, 0) >= every:
                self._ticked[name] = now
                self._tick(name)
                if name == "pace" and self.leases_only and self.strikes("a second pacer", "pace"):
                    self._tick(name)

    def _schedules(self) -> None:
        for schedule in self.home.schedules.due(self.machine.now()):
            if self.strikes("schedule never fires", "dispatch"):
                self.home.schedules.cancel(schedule.name)
                continue
            life = self.life("dispatch")
            try:
                fire = partial(self.handlers.scheduled, schedule.payload, None)
                self._woken(life, "dispatch", fire)
                if self.strikes("schedule fires twice", "dispatch"):
                    self._woken(life, "dispatch", fire)
            except Exception:  # noqa: BLE001 - it comes again
                self.home.schedules.postpone(schedule, self.machine.now() + 1_000)
            else:
                self.home.schedules.cancel(schedule.name)

    def _webhooks(self) -> None:
        deliver_due(self.platform, self.clock.now(), self._post)

    def _post(self, webhook: Webhook) -> int | None:
        if self.strikes("webhook is not taken", "webhook"):
            return None
        return self._posted(webhook.raw, webhook.signature)

    def _posted(self, raw: bytes, signature: str) -> int | None:
        event = {
            "version": "2.0",
            "requestContext": {"http": {"method": "POST", "path": "/"}},
            "headers": {"x-hub-signature-256": signature, "content-type": "application/json"},
            "body": raw.decode(),
            "isBase64Encoded": False,
        }
        try:
            answer, _ = self._woken(self.life("webhook"), "webhook", partial(app.webhook, event, None))
        except Crashed:
            return None
        return int(answer["statusCode"])

    @property
    def is_sending(self) -> bool:
        """Whether a worker has a chunk in hand, whose counts come at its end."""
        return bool(self._tasks)

    # people -------------------------------------------------------------------

    def ask(self, method: str, path: str, body: Any = None, *, raw: bytes | None = None) -> tuple[int, Any]:
        """Make one API request; (0, None) when the connection broke."""
        content = raw if raw is not None else json.dumps(body or {}).encode()
        kind = "text/csv" if raw is not None else "application/json"
        request = partial(call, method, path, "", {"content-type": kind}, content)
        try:
            (status, _, answer), _ = self._woken(self.life("api"), f"{method} {path.split('/')[2]}", request)
        except Crashed:
            return 0, None
        return status, json.loads(answer)

    async def asked(self, method: str, path: str, body: Any = None, *, raw: bytes | None = None) -> Any:
        """Make a request as a client does: again when the connection broke or the home says 503."""
        for _ in range(30):
            status, answer = self.ask(method, path, body, raw=raw)
            if status not in (0, 503):
                assert status < 400, (status, answer)
                return answer
            await self._breathe(1_000)
        raise AssertionError(f"{method} {path} never answered")

    def _do(self, act: Act) -> None:
        """Let somebody do something; what comes of it is noted when it was acknowledged."""
        now = self.clock.now()
        if act.verb in ("opts out", "is edited", "is erased"):
            self._do_of_person(act)
        elif act.verb == "slower":
            self.rate = max(1, self.rate // 2)
        elif act.verb == "new version":
            self._new_version(act.what)
        elif act.verb == "launch again" and act.what in self.hashes:
            self.ask("POST", f"/api/plans/{self.hashes[act.what]}/launch")
        elif act.what in self.broadcasts and act.verb in ("pause", "resume", "cancel"):
            broadcast = self.broadcasts[act.what]
            status, _ = self.ask("POST", f"/api/broadcasts/{broadcast}/{act.verb}")
            if status == 200 and act.verb in ("pause", "cancel"):
                self.paused.setdefault(broadcast, []).append(Acked(self.clock.now()))
            elif act.verb == "resume":  # even one that was not answered may have been done
                for acked in self.paused.get(broadcast, []):
                    acked.until = acked.until or now

    def _do_of_person(self, act: Act) -> None:
        phone = phone_of("red", int(act.what))
        if act.verb == "opts out":
            self._opts_out(phone)
        elif act.verb == "is erased":
            self._erase(phone)
        else:
            self.ask("PUT", f"/api/contacts/red{act.what}", {"first_name": f"Edited{act.what}"})

    def _new_version(self, name: str) -> None:
        campaign = next(c for c in self.scene.campaigns if c.name == name)
        source = json.dumps(new_version_of(campaign))
        self.ask("POST", "/api/campaigns", {"source": source, "file": "x.yaml"})
        status, answer = self.ask("POST", f"/api/campaigns/{name}/plans", {"again": True})
        if status == 200:
            self._planning.append((name, answer["plan"]))

    def _new_plans(self) -> None:
        """Launch a new version as soon as it is planned, as its author does who waits for it."""
        for name, plan in list(self._planning):
            status, shown = self.ask("GET", f"/api/plans/{plan}")
            if status == 200 and shown["state"] == "sealed":
                status, answer = self.ask("POST", f"/api/plans/{shown['hash']}/launch")
                if status == 200:
                    self.broadcasts[f"{name} again"] = answer["broadcast"]
            if (status == 200 and shown["state"] != "planning") or status in (400, 404, 409, 422):
                self._planning.remove((name, plan))

    def _lift_stops(self) -> None:
        """Look at what is stopped and let it go on, as a human does who has seen to the cause."""
        if self.scene.codes is None or self.clock.now() - self._ticked.get("human", 0) < HUMAN_MS:
            return
        self._ticked["human"] = self.clock.now()
        status, answer = self.ask("GET", "/api/stops")
        for stop in answer["stops"] if status == 200 else ():
            self.ask("POST", "/api/stops/resume", {"stop": stop["stop"]})

    def _replay_letters(self) -> None:
        """Give back what was put aside because every try met a fault, as whoever the alarm woke does."""
        if self.clock.now() - self._ticked.get("letters", 0) < HUMAN_MS:
            return
        self._ticked["letters"] = self.clock.now()
        for consumer in self.handlers.consumers:
            for letter in self.home.queues.dead_letters(consumer.queue):
                if letter.handle not in self._failed_by_itself:
                    self.home.queues.replay(letter)

    def _opts_out(self, phone: str) -> None:
        value = {
            "messaging_product": "whatsapp",
            "messages": [
                {
                    "from": phone[1:],
                    "id": f"wamid.no{phone}",
                    "timestamp": str(self.clock.now() // 1_000),
                    "type": "text",
                    "text": {"body": "STOP"},
                }
            ],
        }
        raw, signature = signed(value)
        for _ in range(5):
            if self._posted(raw, signature) == 200:
                self._said.append(phone)
                return

    def _erase(self, phone: str) -> None:
        """Erase somebody, asking again when the connection broke; a sweep ends what a dead process began."""
        for _ in range(3):
            status, _ = self.ask("POST", "/api/contacts/erase", {"contact": phone, "confirmed": True})
            if status == 200:
                self.erased.setdefault(phone, self.clock.now())
                return

    def _note_acknowledged(self) -> None:
        """Once nothing is left in the queue, every no that was taken is recorded."""
        if self._said and not self.home.queues.waiting("inbound"):
            for phone in self._said:
                self.said_no.setdefault(phone, self.clock.now())
            self._said.clear()

    # time ---------------------------------------------------------------------

    async def _breathe(self, milliseconds: float) -> None:
        """Let time pass with everything that is due in it."""
        until = self.clock.now() + milliseconds
        while self.clock.now() < until:
            await self._once()
            await self.clock.sleep_until(min(until, self._next(until)))

    def _next(self, until: float) -> float:
        """Return when there is something to do again."""
        now = self.clock.now()
        due: list[float] = [until]
        stored = [self.home.queues.next_due(c.queue) for c in self.handlers.consumers]
        stored.append(self.home.schedules.next_due())
        due += [at - self.machine.ahead_ms for at in stored if at is not None]
        due += [at for at in (self.platform.next_due(),) if at is not None]
        due += [WAVE_AT + act.after_ms for act in self._acts[:1]]
        if not self._tasks and not self.ports.timelines.senders():
            due.append(now + QUIET_MS)
        elif abs(now - WAVE_AT) > RUSH_MS:
            due.append(now + SLOW_MS)
        else:
            due.append(now + (1_000 if self.leases_only else ACTIVE_MS))
        return max(now + 20, min(due))

    async def _once(self) -> None:
        """Do everything that is due now, once."""
        if not self.leases_only and (self.process is None or self.process.dead):
            await self._restart()
        try:
            self._webhooks()
            self._schedules()
            while self._acts and WAVE_AT + self._acts[0].after_ms <= self.clock.now():
                act = self._acts.pop(0)
                if self.fates.planned(f"{act.verb} {act.what} at {act.after_ms:+} ms"):
                    self._do(act)
            for queue in self._fed:
                for _ in range(self.home.queues.visible(queue)):
                    self._feed_now(queue)
            self._note_acknowledged()
            self._new_plans()
            self._lift_stops()
            self._replay_letters()
            self._timers()
            for _ in range(self.home.queues.visible("send")):
                self._begin(self._feed("send"))
        except Crashed:
            pass

    async def _restart(self) -> None:
        """The process died: everything it did ends where it is, and some time later there is a new one."""
        if self.process is not None:
            for task in list(self._tasks):
                task.cancel()
            for task in self.process.begun:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            low, high = AFTER_CRASH_MS
            await self.clock.sleep_until(
                self.clock.now() + low + self.fates.among(f"down {self._lives}", high)
            )
        self._begin_process()

    def revive(self) -> None:
        """Start a process whose last call was its last: what is over by now is still to be judged."""
        if not self.leases_only and (self.process is None or self.process.dead):
            self._begin_process()

    async def play(self, check: Callable[[Universe], None]) -> None:
        """Play the scene to its end; `check` is asked over and over."""
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)  # the dead tell nobody
        self.fates.enabled = False
        await self.asked("POST", "/api/contacts/imports", raw=book().encode())
        for campaign in self.scene.campaigns:
            source = json.dumps(definition_of(campaign))
            await self.asked("POST", "/api/campaigns", {"source": source, "file": "x.yaml"})
        self.fates.enabled = True
        for campaign in self.scene.campaigns:
            await self._launch(campaign.name)
        end = WAVE_AT + 4 * HOUR_MS
        while self.clock.now() < end and not self.is_over():
            await self._breathe(1_000 if abs(self.clock.now() - WAVE_AT) < RUSH_MS else 60_000)
            check(self)
        self.fates.enabled = False
        for broadcast, state in state_of(self).items():
            if state == "paused":
                await self.asked("POST", f"/api/broadcasts/{broadcast}/resume")
        end = self.clock.now() + 6 * HOUR_MS
        while self.clock.now() < end and not self.is_over():
            await self._breathe(120_000)
            check(self)
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _launch(self, name: str) -> None:
        plan = (await self.asked("POST", f"/api/campaigns/{name}/plans"))["plan"]
        for _ in range(600):
            shown = await self.asked("GET", f"/api/plans/{plan}")
            if shown["state"] != "planning":
                break
            await self._breathe(10_000)
        assert shown["state"] == "sealed", shown
        self.hashes[name] = shown["hash"]
        self.broadcasts[name] = (await self.asked("POST", f"/api/plans/{shown['hash']}/launch"))["broadcast"]

    def is_over(self) -> bool:
        """Say whether every broadcast has ended and the provider has nothing more to tell."""
        states = [self.ports.broadcasts.get(b) for b in self.broadcasts.values()]
        ended = all(b is not None and b.state.value in ("completed", "cancelled") for b in states)
        told = self.platform.next_due() is None
        return ended and told and not any(self.home.queues.waiting(q) for q in ("receipts", "inbound"))

    def log_of_platform(self) -> list[dict[str, Any]]:
        """Return what the provider says it was sent."""
        request = Request(
            method="GET", path="/_simulator/log", headers={}, body=b"", query={"limit": "100000"}
        )
        return list(orjson.loads(self.platform.receive(self.clock.now(), request).body)["messages"])


async def _ended(task: asyncio.Task[Any]) -> None:
    await asyncio.wait([task])
    if not task.cancelled() and not isinstance(task.exception(), Exception | Crashed | None):
        await task


def replace_number(scene: Scene) -> Any:
    """Return the provider's catalogue with the scene's limits."""
    first = replace(_CATALOGUE.numbers[NUMBER], per_second=scene.per_second, tier=scene.tier)
    second = replace(
        _CATALOGUE.numbers[SECOND_NUMBER],
        per_second=scene.per_second,
        tier=scene.tier,
        portfolio=first.portfolio,
    )
    return replace(_CATALOGUE, numbers={**_CATALOGUE.numbers, NUMBER: first, SECOND_NUMBER: second})


def state_of(universe: Universe) -> Mapping[str, str]:
    """Return each broadcast's state."""
    found = {b: universe.ports.broadcasts.get(b) for b in universe.broadcasts.values()}
    return {name: b.state.value if b else "gone" for name, b in found.items()}
