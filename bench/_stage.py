"""The main job on real processes, in a form that can be measured: a book, a sender, a campaign, its log."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any

import orjson
import pytz

from bench._figures import ROOT
from chalicelib.audience.consent import Consent
from chalicelib.audience.contact import Contact
from chalicelib.audience.instant import DAY_MS
from chalicelib.audience.standing import Person, Standing
from cli.client import HttpClient, path_of
from cli.demo_processes import Running, get_json, running
from cli.refusal import demanded

USUAL_NUMBER = 106_540_352_242_922
SENDER = """\
  {key}: {{phone_number_id: "{number}", waba_id: "102290129340398", portfolio: p, mode: cloud,
           max_per_second: {rate}, inbound_reserve: 0, tier: unlimited, languages: [en]}}
"""
SCENARIO = """\
seed: 7
latency: {{median: 45, spread: 0.35}}
sent_after: {{median: 250, spread: 0.3}}
delivered_after: {{median: 600, spread: 0.3}}
read: 0.7
read_after: {{median: 1200, spread: 0.3}}
webhooks: {{batch: 50, linger_ms: 150}}
per_second: {per_second}
"""
"""An ordinary day, its receipts a little hurried, so that they come while others are sent."""
CAMPAIGN = """\
campaign: {name}
title: "Bench"
owner: bench
category: marketing
sender: {sender}
topic: promotions
consent: {{basis: explicit_optin}}
audience: {{segment: 'tag("{name}")', limit: 1000000}}
send_at: {at}
timezone: {zone}
window: 4h
template:
  name: soldes_hiver_2027
  parameters:
    prenom: {{value: "{{{{ contact.first_name | title }}}}", fallback: "there"}}
    remise: {{value: "{{{{ attr.discount or 20 }}}}", fallback: "20"}}
    fin: {{value: "Sunday", fallback: "soon"}}
  buttons:
    - {{type: url, index: 0, value: "soldes"}}
    - {{type: quick_reply, index: 1, payload: STOP_PROMOS}}
"""
ZONES = (
    *("Africa/Casablanca", "Asia/Dubai", "Asia/Tokyo", "Pacific/Auckland"),
    *("Pacific/Honolulu", "America/Denver", "America/Sao_Paulo"),
)
PATIENCE_SECONDS = 900
POLL_SECONDS = 0.5
TICKS = os.sysconf("SC_CLK_TCK")
BATCH = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """So many people of a tag, for the campaign of that name, which one sender sends."""

    tag: str
    count: int
    sender: str = "boutique"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call in the platform's log: when it arrived (ms since 1970), what number made it, for whom.

    `accepted` is false where the platform refused it; then nobody is named.
    """

    at_ms: float
    number: str
    accepted: bool
    broadcast: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A sealed plan that can be launched."""

    hash: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The processes, and how to ask them."""

    client: HttpClient
    processes: Running
    home: Path
    crowds: Sequence[Crowd]
    zone: str

    def ask(self, method: str, *path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Return the API's answer. Raises Refusal."""
        return demanded(self.client.request(method, path_of(*path), body=body))

    def planned(self, tag: str, at: datetime | None = None) -> Planned:
        """Plan the campaign of a crowd, for an instant or for now."""
        wall = at and at.astimezone(pytz.timezone(self.zone))
        sender = next(crowd.sender for crowd in self.crowds if crowd.tag == tag)
        text = f'"{wall:%Y-%m-%d %H:%M}"' if wall else "now"
        source = CAMPAIGN.format(name=tag, sender=sender, at=text, zone=self.zone)
        self.ask("POST", "campaigns", body={"source": source, "file": f"{tag}.yaml", "author": "bench"})
        plan = self.ask("POST", "campaigns", tag, "plans", body={})["plan"]
        found = self.once("plans", plan, holds=lambda plan: plan["state"] != "planning")
        if found["state"] != "sealed":
            raise RuntimeError(f"not planned: {found['problems']}")
        return Planned(hash=found["hash"], at=at)

    def launched(self, plan: Planned) -> str:
        """Launch a plan; returns the broadcast."""
        return str(self.ask("POST", "plans", plan.hash, "launch", body={})["broadcast"])

    def completed(self, broadcast: str) -> None:
        """Return when a broadcast is completed: everybody was sent to or has a reason."""
        self.once("broadcasts", broadcast, holds=lambda found: found["state"] == "completed")

    def quiet(self) -> None:
        """Return when every receipt was posted and answered."""
        until = time.monotonic() + PATIENCE_SECONDS
        while any(self._webhooks()[key] for key in ("scheduled", "pending")):
            if time.monotonic() > until:
                raise TimeoutError(f"webhooks: {self._webhooks()}")
            time.sleep(POLL_SECONDS)

    def _webhooks(self) -> Mapping[str, int]:
        found: Mapping[str, int] = get_json(self.processes.simulator, "/_simulator/summary")["webhooks"]
        return found

    def stalled_ms(self) -> float:
        """Return for how long the platform at most did not run; calls that waited then bear one instant."""
        return float(get_json(self.processes.simulator, "/_simulator/summary")["stalled_ms"])

    def once(self, *path: str, holds: Callable[[Any], bool]) -> Any:
        """Return what the API says at a path as soon as that holds. Raises TimeoutError."""
        until = time.monotonic() + PATIENCE_SECONDS
        while not holds(found := self.ask("GET", *path)):
            if time.monotonic() > until:
                raise TimeoutError(f"{'/'.join(path)}: {found}")
            time.sleep(POLL_SECONDS)
        return found

    def amend(self, scenario: Mapping[str, Any]) -> None:
        """Change what the platform does, from now on."""
        connection = http.client.HTTPConnection(self.processes.simulator.removeprefix("http://"), timeout=10)
        with contextlib.closing(connection):
            connection.request("POST", "/_simulator/scenario", orjson.dumps(scenario))
            if connection.getresponse().status != http.client.OK:
                raise RuntimeError(f"the simulator refused {scenario}")

    def calls(self) -> list[Call]:
        """Return every call that the platform logged so far, in order of arrival."""
        with (self.home / "simulator.jsonl").open("rb") as file:
            lines = (orjson.loads(line) for line in file if line.endswith(b"\n"))
            found = [_call(line) for line in lines if line["kind"] in ("accepted", "refused")]
        return sorted(found, key=lambda call: call.at_ms)


def _call(line: Mapping[str, Any]) -> Call:
    at_ms, number = line["t_ms"], line["phone_number_id"]
    if line["kind"] == "refused":
        return Call(at_ms=at_ms, number=number, accepted=False)
    _, broadcast, _, person, _ = line["echo"].split("|")
    return Call(at_ms=at_ms, number=number, accepted=True, broadcast=broadcast, person=person)


@contextlib.contextmanager
def staged(
    home: Path, *, rates: Mapping[str, int], crowds: Sequence[Crowd], subscribed: bool = True
) -> Iterator[Stage]:
    """Start a worker with senders of these limits a second and these crowds in its book, and the platform."""
    campaigns = home / "campaigns"
    shutil.copytree(ROOT / "campaigns/templates", campaigns / "templates")
    number_by_sender = {key: str(USUAL_NUMBER + n) for n, key in enumerate(rates)}
    senders = [SENDER.format(key=k, number=number_by_sender[k], rate=rate) for k, rate in rates.items()]
    (campaigns / "senders.yaml").write_text("senders:\n" + "".join(senders), "utf-8")
    per_second = orjson.dumps({number_by_sender[k]: rate for k, rate in rates.items()}).decode()
    scenario = home / "scenario.yaml"
    scenario.write_text(SCENARIO.format(per_second=per_second), "utf-8")
    zone = zone_at_noon()
    store(home, chain.from_iterable(people(n, crowd, zone) for n, crowd in enumerate(crowds)))
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("CARILLON_", "WHATSAPP_"))}
    with running(
        home, environment, campaigns=campaigns, scenario=scenario, subscribed=subscribed, ports=(0, 0)
    ) as processes:
        client = HttpClient(processes.api)
        yield Stage(client=client, processes=processes, home=home, crowds=crowds, zone=zone)


def zone_at_noon() -> str:
    """Return a zone in whose quiet hours nobody is now: the one nearest to 13:00."""
    now = datetime.now(UTC)

    def from_one_o_clock(zone: str) -> float:
        local = now.astimezone(pytz.timezone(zone))
        return abs(local.hour + local.minute / 60 - 13)

    return min(ZONES, key=from_one_o_clock)


def next_minute(at_least_seconds: float) -> datetime:
    """Return the first whole minute that is far enough away to plan and launch before it."""
    earliest = datetime.now(UTC) + timedelta(seconds=at_least_seconds)
    return earliest.replace(second=0, microsecond=0) + timedelta(minutes=1)


def people(number: int, crowd: Crowd, zone: str) -> Iterator[Person]:
    """Yield the crowd of this number; all have consented a month ago, and none has a number of another's."""
    granted_at = int(time.time() * 1_000) - 30 * DAY_MS
    for n in range(crowd.count):
        person, phone = f"{crowd.tag}-{n:09d}", f"+2126{number}{n:07d}"
        yield Person(
            contact=Contact(
                id=person,
                phone=phone,
                first_name="amina",
                language="en",
                country="MA",
                timezone=zone,
                tags=frozenset({crowd.tag}),
                attributes={"discount": "30"},
            ),
            standing=Standing(
                person=person, phone=phone, consents={"whatsapp/promotions": Consent(granted_at=granted_at)}
            ),
        )


def store(home: Path, book: Iterator[Person]) -> None:
    """Write people into a home straight through the stores."""
    from chalicelib.adapters.embedded.home import open_home
    from chalicelib.ports import Write

    opened = open_home(home)
    ports = opened.ports({})
    while batch := list(islice(book, BATCH)):
        ports.book.put_all([Write(person.contact, None) for person in batch])
        ports.standings.put_all([Write(person.standing, None) for person in batch])
    opened.close()


@dataclass(slots=True)
class Watch:
    """The CPU seconds of living processes since the watch was started, as Linux counts them."""

    pids: tuple[int, ...]
    _began: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        self._began = tuple(map(_cpu_seconds, self.pids))

    def spent(self) -> tuple[float, ...]:
        """Return the seconds of each."""
        return tuple(_cpu_seconds(pid) - at for pid, at in zip(self.pids, self._began, strict=True))


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def most_memory_bytes(pid: int) -> int:
    """Return the most memory a living process has held, as Linux counts it."""
    for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1_024
    raise LookupError(f"no VmHWM of {pid}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seconds:
    """What sliding seconds (t - 1 s, t] held: the most arrivals in one, and how many ended above a limit."""

    busiest: int
    above: int


def seconds_of(instants_ms: Sequence[float], limit: int) -> Seconds:
    """Return what the sliding seconds that end with each of these arrivals, in order, held."""
    busiest = above = first = 0
    for last, at in enumerate(instants_ms):
        while instants_ms[first] <= at - 1_000:
            first += 1
        held = last + 1 - first
        busiest = max(busiest, held)
        above += held > limit
    return Seconds(busiest=busiest, above=above)
