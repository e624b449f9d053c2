"""Bugs to plant into a home, each around one of its ports: what a wrong adapter would do."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chalicelib.audience.identity import EXTERNAL_ID, PHONE, Identity
from chalicelib.ports import Page
from tests.contracts.test_people import all_of


class Meeting:
    """Holds everybody until so many have come, so that their reads all lie before their writes."""

    def __init__(self, most: int) -> None:
        self._together = threading.Barrier(most)
        self._is_over = False

    def wait(self) -> None:
        """Return when all have come, and at once from then on."""
        if not self._is_over:
            self._together.wait(30)
            self._is_over = True


class Around:
    """A port that does what the one inside does, where a plant says nothing else."""

    callers = 1
    """How many call at once, and are held until all have read."""

    def __init__(self, port: Any) -> None:
        self.port = port
        self.seen: dict[str, Any] = {}
        self.meeting = Meeting(self.callers)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.port, name)


class PutOnAnyVersion(Around):
    def put(self, standing: Any, *, expected_version: int | None) -> bool:
        stored = self.port.get(standing.person)
        return bool(self.port.put(standing, expected_version=stored.version if stored else None))


class GetOfTheVersionGiven(Around):
    def get(self, person: str, *, consistent: bool = True) -> Any:
        stored = self.port.get(person, consistent=consistent)
        return stored and replace(stored, version=7)


class PutAllUntilTheFirstRefusal(Around):
    def put_all(self, writes: Sequence[Any]) -> list[bool]:
        answers: list[bool] = []
        for write in writes:
            answers.append(all(answers) and self.port.put_all([write])[0])
        return answers


class PutAllThatAlwaysSaysYes(Around):
    def put_all(self, writes: Sequence[Any]) -> list[bool]:
        self.port.put_all(writes)
        return [True] * len(writes)


class GetAllThatWantsThemAll(Around):
    def get_all(self, keys: Sequence[Any]) -> dict[Any, Any]:
        found = self.port.get_all(keys)
        return {key: found[key] for key in keys}


class GetAllOfTenAtMost(Around):
    def get_all(self, keys: Sequence[Any]) -> Any:
        return self.port.get_all(keys[:10])


class PagesThatOverlap(Around):
    def page(self, broadcast: str, *, after: str | None = None) -> Any:
        page = self.port.page(broadcast, after=after)
        before = [self.port.get(broadcast, after)] if after else []
        return replace(page, items=(*before, *page.items))


class PagesWithoutTheirLastItem(Around):
    def page(self, broadcast: str, *, after: str | None = None) -> Any:
        page = self.port.page(broadcast, after=after)
        return replace(page, items=page.items[:-1]) if page.next else page


class PagesThatStartOver(Around):
    def page(self, broadcast: str, *, after: str | None = None) -> Any:
        return self.port.page(broadcast)


class OnePageOfEverything(Around):
    def page(self, broadcast: str, *, after: str | None = None) -> Any:
        return Page(tuple(all_of(lambda cursor: self.port.page(broadcast, after=cursor))))


class TheLastClaimWins(Around):
    def claim_identities(self, claims: Mapping[Any, str]) -> Any:
        for identity, owner in self.port.owners(list(claims)).items():
            self.port.release_identity(identity, owner)
        return self.port.claim_identities(claims)


class AnybodyReleases(Around):
    def release_identity(self, identity: Any, person: str) -> bool:
        owner = self.port.owners([identity]).get(identity)
        return bool(self.port.release_identity(identity, owner or person))


class OwnersOfAnyKind(Around):
    def owners(self, identities: Sequence[Any]) -> dict[Any, str]:
        found = self.port.owners([Identity(k, i.value) for i in identities for k in (PHONE, EXTERNAL_ID)])
        owner_by_value = {i.value: owner for i, owner in found.items()}
        return {i: owner_by_value[i.value] for i in identities if i.value in owner_by_value}


class ConsentsAsTheyCame(Around):
    def append(self, events: Sequence[Any]) -> Any:
        self.seen = {event.id: number for number, event in enumerate(events, len(self.seen))} | self.seen
        return self.port.append(events)

    def page(self, person: str, *, after: str | None = None) -> Any:
        page = self.port.page(person, after=after)
        return replace(page, items=tuple(sorted(page.items, key=lambda event: self.seen[event.id])))


class ConsentsThatAreOverwritten(Around):
    def append(self, events: Sequence[Any]) -> list[bool]:
        self.port.append(events)
        self.seen |= {event.id: event for event in events}
        return [True] * len(events)

    def page(self, person: str, *, after: str | None = None) -> Any:
        page = self.port.page(person, after=after)
        return replace(page, items=tuple(self.seen[event.id] for event in page.items))


class LatestByItsText(Around):
    def latest(self, campaign: str) -> Any:
        found = [self.port.get(campaign, number) for number in range(1, 20)]
        return max(filter(None, found), key=lambda version: str(version.number), default=None)


class TheLastSummaryStands(Around):
    def finish_task(self, plan_id: str, task: int, summary_key: str) -> Any:
        current = self.port.get(plan_id)
        parts = {**current.parts, task: summary_key}
        self.port.put(replace(current, parts=parts), expected_version=current.version)
        return self.port.get(plan_id)


class FinishedTasksAreLost(Around):
    callers = 16

    def finish_task(self, plan_id: str, task: int, summary_key: str) -> Any:
        stale = self.port.get(plan_id)
        self.meeting.wait()
        mine = replace(stale, parts={**stale.parts, task: summary_key})
        while not self.port.put(mine, expected_version=self.port.get(plan_id).version):
            pass
        return mine


class TheFirstSealStands(Around):
    def register_hash(self, plan_hash: str, plan_id: str) -> None:
        if self.port.by_hash(plan_hash) is None:
            self.port.register_hash(plan_hash, plan_id)


class ReadyWithThoseReleased(Around):
    def ready(self, broadcast: str, wave: int) -> list[Any]:
        flying = [chunk for chunk in self.port.in_flight(broadcast) if chunk.wave == wave]
        return sorted([*flying, *self.port.ready(broadcast, wave)], key=lambda chunk: chunk.id)[:100]


class InFlightById(Around):
    def in_flight(self, broadcast: str) -> list[Any]:
        return sorted(self.port.in_flight(broadcast), key=lambda chunk: chunk.id)


class CountOfThemAll(Around):
    def count(self, broadcast: str, wave: int, state: Any) -> int:
        every = OnePageOfEverything(self.port).page(broadcast).items
        return sum(chunk.wave == wave and chunk.state is state for chunk in every)


class DueAtAnyTime(Around):
    def due(self, sender: str, until: int) -> Any:
        return self.port.due(sender, 10**14)


class DueNewestFirst(Around):
    def due(self, sender: str, until: int) -> list[Any]:
        return list(reversed(self.port.due(sender, until)))


class WavesBeforePriorities(Around):
    def page(self, sender: str, **behind: Any) -> list[Any]:
        return sorted(self.port.page(sender, **behind), key=lambda entry: entry.wave)


class SetThatMerges(Around):
    def set(self, subject: str, counts: Mapping[str, int]) -> None:
        self.port.set(subject, {**self.port.get(subject), **counts})


class AddThatReadsThenWrites(Around):
    callers = 10

    def add(self, subject: str, deltas: Mapping[str, int]) -> None:
        stale = self.port.get(subject)
        self.meeting.wait()
        self.port.set(subject, {**stale, **{name: stale.get(name, 0) + d for name, d in deltas.items()}})


class TheEleventhBodyIsDropped(Around):
    def send(self, queue: str, bodies: Sequence[str], *, delay_seconds: int = 0) -> None:
        self.port.send(queue, [*bodies[:10], *bodies[11:]], delay_seconds=delay_seconds)


class SendThatNeverWaits(Around):
    def send(self, queue: str, bodies: Sequence[str], *, delay_seconds: int = 0) -> None:
        self.port.send(queue, bodies)


class TheLastScheduleStands(Around):
    def create(self, name: str, at: int, payload: str) -> None:
        self.port.cancel(name)
        self.port.create(name, at, payload)


class AddThatOverwrites(Around):
    def add(self, key: str, body: bytes) -> bool:
        self.port.put(key, body)
        return True


class RangeWithItsEnd(Around):
    def get_range(self, key: str, start: int, end: int) -> Any:
        return self.port.get_range(key, start, end + 1)


class AuditThatIsOverwritten(Around):
    def append(self, entry: Any) -> bool:
        if not self.port.append(entry):
            self.port.remove_all([entry])
            self.port.append(entry)
        return True


class AuditOldestFirst(Around):
    def page(self, *, after: str | None = None) -> Any:
        found = self.port.page(after=after)
        return replace(found, items=tuple(reversed(found.items)))


class WordsByHowTheyAreWritten(Around):
    def put(self, approval: Any) -> None:
        self.port.put(replace(approval, who=f" {approval.who}." if approval.who.isupper() else approval.who))
