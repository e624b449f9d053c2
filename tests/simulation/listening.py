"""Another system that listens, and what it must have heard in the end, whatever was lost on the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.audience.consent import WHATSAPP, ConsentChange
from chalicelib.audience.instant import HOUR_MS
from chalicelib.errors import HomeUnavailable, Problem
from chalicelib.ports import Ports, Told
from chalicelib.sending.announcement import About
from chalicelib.sending.announcing import opt_out
from chalicelib.steps.report import find_person
from tests.simulation.scene import PEOPLE, TAGS, phone_of

Must = Callable[..., None]
ROUNDS = 60
"""Hours after which even what a dead process left untold has been looked at again."""


@dataclass(slots=True)
class Listener:
    """A bus with one listener. Now and then it takes nothing, and now and then it took what it refused."""

    strikes: Callable[[str, str], bool]
    heard: list[Told] = field(default_factory=list)

    def put(self, told: Sequence[Told]) -> None:
        """PutEvents."""
        if self.strikes("bus refuses", "bus"):
            raise _away()
        self.heard.extend(told)
        if self.strikes("bus's answer lost", "bus"):
            raise _away()


def _away() -> HomeUnavailable:
    return HomeUnavailable(Problem(code="aws_unavailable", params={"service": "bus", "detail": "planted"}))


def settle(universe: Any) -> None:
    """Let hours go by with nothing but what is still to be told."""
    for _ in range(ROUNDS):
        while universe.home.queues.visible("handoff"):
            universe.feed_now("handoff")
        if not _untold(universe) and not universe.home.queues.waiting("handoff"):
            return
        universe.clock.advance(HOUR_MS)
        universe.keeper.pipeline.sweep()


def _untold(universe: Any) -> list[Any]:
    stored = [universe.ports.broadcasts.get(broadcast) for broadcast in universe.broadcasts.values()]
    return [one for broadcast in stored if broadcast for one in broadcast.untold]


def is_told(universe: Any, must: Must) -> None:
    """What was heard agrees with what became of every broadcast; nothing is missing, nothing was made up."""
    settle(universe)
    must(not _untold(universe), "nothing stays untold", _untold(universe))
    by_id: dict[str, set[str]] = defaultdict(set)
    for told in universe.listener.heard:
        same = told.detail
        if told.about == About.OPT_OUT:  # the scenes' people say no again under the same message id
            same = {name: value for name, value in same.items() if name != "at"}
        by_id[told.id].add(repr((told.about, same)))
        must(told.detail["id"] == told.id, "an announcement says its id", told)
    differing = [same for same in by_id.values() if len(same) > 1]
    must(not differing, "what is told again is the same", differing)
    heard = list({told.id: told for told in universe.listener.heard}.values())
    for broadcast in universe.broadcasts.values():
        _agrees(universe, broadcast, [one for one in heard if one.detail.get("broadcast") == broadcast], must)
    _every_no_is_told(universe.ports, universe.keeper.pipeline.home, heard, must)
    numbers = {phone_of(tag, n)[1:] for tag in TAGS for n in range(PEOPLE)}
    written = repr([told.detail for told in heard])
    must(not any(number in written for number in numbers), "no number is told")


def _agrees(universe: Any, broadcast: str, heard: list[Told], must: Must) -> None:
    stored = universe.ports.broadcasts.get(broadcast)
    told = defaultdict(list)
    for one in heard:
        told[one.about].append(one)
    count = {about: len(told[about]) for about in About}
    must(count[About.STARTED] == 1, "a start is told once", broadcast, count)
    waves = sorted(one.detail["wave"] for one in told[About.WAVE])
    must(len(waves) == len(set(waves)) == len(stored.dispatched), "each wave is told once", broadcast, waves)
    ends = count[About.COMPLETED] - count[About.REOPENED]
    must(ends == (stored.state.value == "completed"), "an end is told once", broadcast, stored.state, count)
    cancelled = stored.state.value == "cancelled"
    must(count[About.CANCELLED] == cancelled, "a cancellation is told once", broadcast, stored.state, count)
    must(0 <= count[About.PAUSED] - count[About.RESUMED] <= 1, "pauses and resumes alternate", count)
    for one in [*told[About.COMPLETED], *told[About.CANCELLED]]:
        outcomes = ("excluded", "accepted", "failed", "uncertain")
        added = sum(one.detail[name] for name in outcomes)
        must(added == one.detail["audience"] == stored.audience, "an end's numbers add up", one)


def _every_no_is_told(ports: Ports, home: Any, heard: list[Told], must: Must) -> None:
    said = [told for told in heard if told.about == About.OPT_OUT]
    for tag in TAGS:
        for phone in (phone_of(tag, n) for n in range(PEOPLE)):
            person = find_person(home, phone)
            for event in ports.consents.page(person).items:
                if event.change is ConsentChange.OPT_OUT and event.channel == WHATSAPP:
                    expected = opt_out(event).id
                    must(any(one.id == expected for one in said), "every no is told", phone, event)
