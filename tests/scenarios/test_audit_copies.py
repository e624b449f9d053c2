"""The audit trail is copied into the archive: everything once, in one chain, before any of it may go."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.audience.instant import DAY_MS, HOUR_MS
from chalicelib.errors import HomeUnavailable, Problem
from chalicelib.steps import audit_copying
from chalicelib.tracking.audit import AuditEntry
from chalicelib.tracking.audit_copies import MOST_LINES, key_of, name_of, read, verify
from tests.contracts.values import AUDIT_ENTRY
from tests.scenarios.world import World

pytestmark = pytest.mark.long
YEARS = 5 * 365 * DAY_MS


class Archived:
    """What the archive was given, in the order of its names, before the home's own archive gets it."""

    def __init__(self, world: World) -> None:
        self.body_by_name: dict[str, bytes] = {}
        self._archive: Any = world.ports.archive
        world.home = replace(world.home, ports=replace(world.ports, archive=self))
        world.pipeline.home = world.home

    def add(self, key: str, body: bytes) -> bool:
        """PutObject with If-None-Match."""
        assert key.startswith("audit/")
        self.body_by_name.setdefault(key.removeprefix("audit/"), body)
        added: bool = self._archive.add(key, body)
        return added

    def files(self) -> list[tuple[str, bytes]]:
        """Return them as a directory lists them."""
        return sorted(self.body_by_name.items())

    def keys(self) -> list[str]:
        """Return the keys of all entries, file by file; the chain is whole."""
        assert verify(self.files()).faults == ()
        return [key for _, body in self.files() for key in read(body).keys]

    def late(self) -> list[str]:
        """Return the keys of those named as late."""
        return [key for _, body in self.files() for key in read(body).late]


def acts(world: World, *, count: int = 1, ago: int = 0, every: int = 1, tag: str = "") -> list[str]:
    """Append entries to the trail, the newest of them `ago` milliseconds ago; returns their keys."""
    made = [
        replace(AUDIT_ENTRY, at=world.clock.now() - ago - k // every, id=f"{tag}{k:05d}")
        for k in range(count)
    ]
    for entry in made:
        assert world.ports.audit.append(entry)
    return sorted(map(key_of, made), key=lambda key: (int(key.partition("|")[0]), key))


def hours(world: World, count: float) -> dict[str, int]:
    """Let hours pass, then sweep."""
    world.clock.advance(round(count * HOUR_MS))
    return world.pipeline.sweep()


def test_what_is_older_than_an_hour_is_copied_once_and_what_is_younger_is_not(world: World) -> None:
    archived = Archived(world)
    first = acts(world, count=3)
    hours(world, 0.5)
    assert archived.keys() == []
    hours(world, 0.5)
    assert archived.keys() == first
    second = acts(world, count=2, tag="b")
    for _ in range(3):
        hours(world, 1)
    assert archived.keys() == first + second
    assert len(archived.files()) == 2
    assert archived.late() == []
    for _ in range(30):
        hours(world, 1)
    assert len(archived.files()) == 2, "an hour in which nothing was done costs no file"


def test_what_is_late_is_copied_in_the_next_file_and_named_as_late(world: World) -> None:
    archived = Archived(world)
    first = acts(world, count=3, ago=HOUR_MS)
    hours(world, 1)
    late = acts(world, ago=HOUR_MS + 1, tag="late")
    right = acts(world, tag="b")
    hours(world, 1)
    assert archived.keys() == first + late + right
    assert archived.late() == late
    hours(world, 2)
    assert len(archived.files()) == 2


def test_a_clock_that_ran_ahead_for_a_while_keeps_nothing_out_of_the_archive(world: World) -> None:
    archived = Archived(world)
    ahead = acts(world)
    until = world.clock.now() + 1_000 * DAY_MS
    head = audit_copying.head_of(world.home)
    audit_copying.keep(world.home, head, list(world.ports.audit.page().items), until)
    expected = acts(world, count=150, tag="b")
    hours(world, 1)
    assert archived.keys() == ahead + expected
    for _ in range(3):
        expected += acts(world, tag=str(world.clock.now()))
        hours(world, 1)
    assert archived.keys() == ahead + expected
    assert archived.late() == expected
    assert audit_copying.head_of(world.home).stretch == 1, "so many files, and one that is looked at"


@pytest.mark.parametrize("every", [1, 7, 40, 99, 100, 101, 130])
def test_at_the_border_of_pages_and_files_nothing_is_left_out_or_twice(every: int) -> None:
    """Several entries of one millisecond: neither a page's end nor a file's may part or lose them."""
    world = World()
    archived = Archived(world)
    expected = acts(world, count=2 * MOST_LINES + 150, every=every)
    hours(world, 1)
    assert archived.keys() == expected
    assert len(archived.files()) in (2, 3), "as many as borders of pages allow"
    later = acts(world, count=205, every=every, tag="b")
    hours(world, 1)
    assert archived.keys() == expected + later
    assert archived.late() == []
    world.close()


class Killed(BaseException):
    """The process is gone."""


class Mortal:
    """A port of whose calls one is the last: before it is done, or after."""

    def __init__(self, port: Any, calls: Any, life: int, after: bool) -> None:
        self._port, self._calls, self._life, self._after = port, calls, life, after

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._port, name)

        def call(*args: Any, **named: Any) -> Any:
            is_last = next(self._calls) == self._life
            if is_last and not self._after:
                raise Killed
            answer = method(*args, **named)
            if is_last:
                raise Killed
            return answer

        return call


def mortal(world: World, life: int, *, after: bool) -> Any:
    """Return the home with ports that die at one of their calls."""
    calls = itertools.count()
    names = ("audit", "objects", "archive")
    dying: dict[str, Any] = {
        name: Mortal(getattr(world.home.ports, name), calls, life, after) for name in names
    }
    return replace(world.home, ports=replace(world.home.ports, **dying))


def swept_or_killed(world: World, home: Any, until: int) -> bool:
    try:
        audit_copying.copy_on(home)
        audit_copying.forget(home, until, lambda gone: True)
    except Killed:
        return False
    return True


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("late", [False, True])
def test_a_sweep_that_is_killed_at_any_call_leaves_one_whole_chain(after: bool, late: bool) -> None:
    for life in itertools.count():
        world = World()
        archived = Archived(world)
        expected = acts(world, count=4)
        world.clock.advance(HOUR_MS)
        audit_copying.copy_on(world.home)
        expected += acts(world, count=3, tag="b")
        if late:
            expected += acts(world, ago=HOUR_MS, tag="late")
        world.clock.advance(HOUR_MS)
        cutoff = world.clock.now() - HOUR_MS // 2
        is_done = swept_or_killed(world, mortal(world, life, after=after), cutoff)
        if late:  # what comes meanwhile changes no file that somebody has begun
            expected += acts(world, ago=HOUR_MS + 5, tag="later")
        world.clock.advance(1_000)
        assert swept_or_killed(world, world.home, cutoff)
        assert sorted(archived.keys()) == sorted(expected)
        assert world.ports.audit.page().items == ()
        world.close()
        if is_done:
            break
    assert life > 12


def test_two_sweeps_at_once_agree_on_every_file() -> None:
    world = World()
    archived = Archived(world)
    expected = acts(world, count=5)
    world.clock.advance(HOUR_MS)
    head = audit_copying.head_of(world.home)
    audit_copying.copy_on(world.home)
    expected += acts(world, count=2, tag="b")
    world.clock.advance(HOUR_MS)
    # The other one has read the old head, stood still, and goes on now with what it then saw.
    audit_copying.keep(world.home, head, list(world.ports.audit.page().items), world.clock.now())
    audit_copying.copy_on(world.home)
    assert archived.keys() == expected
    assert len(archived.files()) == 2
    assert audit_copying.head_of(world.home).number == 2
    world.close()


def test_no_entry_goes_before_it_is_in_the_archive(world: World) -> None:
    archived = Archived(world)
    first = acts(world, count=2)
    hours(world, 1)
    forgotten = acts(world, ago=3 * DAY_MS, tag="very-late")  # further back than any look
    hours(world, 25)
    assert archived.keys() == first
    world.clock.advance(YEARS)
    assert world.pipeline.sweep()["acts"] == 3
    assert sorted(archived.keys()) == sorted(first + forgotten)
    assert archived.late() == forgotten
    assert world.ports.audit.page().items == ()


def test_our_own_files_of_what_is_forgotten_go_too_and_the_archives_stay(world: World) -> None:
    archived = Archived(world)
    expected = []
    for n in range(4):
        expected += acts(world, tag=str(n))
        hours(world, 1)
    assert len(world.ports.objects.keys(audit_copying.COPIES)) == 4
    world.clock.advance(YEARS)
    assert world.pipeline.sweep()["acts"] == 4
    assert len(world.ports.objects.keys(audit_copying.COPIES)) == 1, "the newest says where to go on"
    expected += acts(world, tag="new")
    hours(world, 1)
    assert archived.keys() == expected
    assert len(archived.files()) == 5


class Shut:
    """An archive that cannot be reached."""

    def add(self, key: str, body: bytes) -> bool:
        raise HomeUnavailable(Problem(code="home_unavailable"))


def test_while_the_archive_cannot_be_reached_no_entry_goes(world: World) -> None:
    archived = Archived(world)
    expected = acts(world, count=2)
    ports = world.home.ports
    world.clock.advance(2 * YEARS)
    world.pipeline.home = replace(world.home, ports=replace(ports, archive=Shut()))
    with pytest.raises(HomeUnavailable):
        world.pipeline.sweep()
    assert len(world.ports.audit.page().items) == 2
    world.pipeline.home = world.home
    assert world.pipeline.sweep()["acts"] == 2
    assert archived.keys() == expected


def test_a_name_that_is_a_number_is_not_copied(world: World) -> None:
    archived = Archived(world)
    entry = replace(AUDIT_ENTRY, at=world.clock.now(), who="+212612000000", token="0612345678", on="17")
    world.ports.audit.append(entry)
    hours(world, 1)
    [(_, body)] = archived.files()
    assert body.count(b'"[number]"') == 2
    assert b"6120000" not in body
    assert b'"on":"17"' in body


def test_a_chain_that_begins_anew_overwrites_nothing(world: World) -> None:
    """Where our own objects are lost: the archive then has two files of one number, which shows."""
    archived = Archived(world)
    acts(world)
    hours(world, 1)
    world.ports.objects.remove_all([audit_copying.HEAD, *world.ports.objects.keys(audit_copying.COPIES)])
    acts(world, tag="b")
    hours(world, 1)
    assert len(archived.files()) == 2
    assert [fault.code for fault in verify(archived.files()).faults] == ["audit_file_twice"]


def test_the_files_of_a_home_on_one_machine_may_only_be_read(tmp_path: Path) -> None:
    world = World(path=str(tmp_path / "home"))
    acts(world, count=2)
    hours(world, 1)
    [file] = sorted((tmp_path / "home/archive/audit").iterdir())
    assert file.stat().st_mode & 0o777 == 0o400
    assert file.name == name_of(1, file.read_bytes())
    world.close()


def test_every_act_of_a_played_campaign_is_in_the_archive_as_the_trail_has_it(world: World) -> None:
    archived = Archived(world)
    world.people(2)
    world.launched()
    trail: Sequence[AuditEntry] = list(world.ports.audit.page().items)
    assert len(trail) >= 4
    hours(world, 1)
    assert archived.keys() == [key_of(entry) for entry in reversed(trail)]
