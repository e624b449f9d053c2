"""The suite catches what it is for: each bug planted into a home fails the test that promises otherwise."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.sending.broadcast import ChunkState
from tests.contracts import (
    plants,
    test_access,
    test_conditions,
    test_outside,
    test_people,
    test_plans,
    test_sending,
)
from tests.contracts.aws_home import Deployment, client_maker
from tests.contracts.homes import HomeUnderTest, aws, embedded
from tests.contracts.threads import side_by_side
from tests.fakes import FakeClock


@dataclass(frozen=True)
class Plant:
    """A bug: around which port, which test fails on it, that test's arguments, and how it fails."""

    port: str
    bug: Callable[[Any], Any]
    test: Callable[..., None]
    given: Mapping[str, Any] = field(default_factory=dict)
    failure: type[Exception] = AssertionError


STANDING = {"kind": test_conditions.KINDS["standing"]}
STANDINGS = {"batch": test_conditions.BATCHES["standings"]}
CHUNK_PAGES = test_sending.test_chunks_are_added_where_absent_and_paged_by_id
READY = {"state": ChunkState.READY}

PLANTS = {
    "put ignores the version it is given": Plant(
        "standings",
        plants.PutOnAnyVersion,
        test_conditions.test_a_write_on_another_version_is_refused_and_changes_nothing,
        {**STANDING, "version": 1},
    ),
    "put stores anew what is there": Plant(
        "standings",
        plants.PutOnAnyVersion,
        test_conditions.test_storing_anew_what_is_there_is_refused_and_changes_nothing,
        STANDING,
    ),
    "get gives the version that was put": Plant(
        "standings",
        plants.GetOfTheVersionGiven,
        test_conditions.test_what_is_stored_comes_back_whole_as_version_one,
        STANDING,
    ),
    "put_all stops at the first refusal": Plant(
        "standings",
        plants.PutAllUntilTheFirstRefusal,
        test_conditions.test_in_a_batch_of_a_hundred_each_condition_stands_alone,
        STANDINGS,
    ),
    "put_all answers True for all": Plant(
        "standings",
        plants.PutAllThatAlwaysSaysYes,
        test_conditions.test_in_a_batch_of_a_hundred_each_condition_stands_alone,
        STANDINGS,
    ),
    "get_all raises on an absent key": Plant(
        "standings",
        plants.GetAllThatWantsThemAll,
        test_conditions.test_a_hundred_are_found_together_and_absent_ones_left_out,
        STANDINGS,
        KeyError,
    ),
    "get_all returns at most ten": Plant(
        "standings",
        plants.GetAllOfTenAtMost,
        test_conditions.test_a_hundred_are_found_together_and_absent_ones_left_out,
        STANDINGS,
    ),
    "a page repeats the last item of the one before": Plant("chunks", plants.PagesThatOverlap, CHUNK_PAGES),
    "a page drops the item at its end": Plant("chunks", plants.PagesWithoutTheirLastItem, CHUNK_PAGES),
    "a cursor is ignored": Plant("chunks", plants.PagesThatStartOver, CHUNK_PAGES),
    "a page has more than a hundred items": Plant("chunks", plants.OnePageOfEverything, CHUNK_PAGES),
    "the last claim of an identity wins": Plant(
        "book", plants.TheLastClaimWins, test_people.test_an_identity_belongs_to_whoever_claimed_it_first
    ),
    "anybody releases an identity": Plant(
        "book", plants.AnybodyReleases, test_people.test_only_its_owner_releases_an_identity
    ),
    "owners mixes kinds": Plant(
        "book", plants.OwnersOfAnyKind, test_people.test_kinds_of_identity_do_not_mix
    ),
    "consents come as they were appended": Plant(
        "consents",
        plants.ConsentsAsTheyCame,
        test_people.test_a_persons_consent_events_come_oldest_first_over_pages,
    ),
    "an appended consent overwrites": Plant(
        "consents",
        plants.ConsentsThatAreOverwritten,
        test_people.test_a_consent_event_is_known_by_its_id_alone,
    ),
    "an act in the trail is overwritten": Plant(
        "audit",
        plants.AuditThatIsOverwritten,
        test_access.test_an_entry_is_written_once_and_never_changed,
    ),
    "the trail is oldest first": Plant(
        "audit",
        plants.AuditOldestFirst,
        test_access.test_an_entry_is_written_once_and_never_changed,
    ),
    "a name in capitals is another person": Plant(
        "approvals",
        plants.WordsByHowTheyAreWritten,
        test_access.test_of_each_person_the_last_word_on_a_plan_stands,
    ),
    "latest takes 9 for more than 10": Plant(
        "campaigns", plants.LatestByItsText, test_plans.test_the_latest_version_is_the_highest_number
    ),
    "finish_task overwrites the first summary": Plant(
        "plans",
        plants.TheLastSummaryStands,
        test_plans.test_a_finished_task_keeps_its_first_summary_and_raises_the_version_once,
    ),
    "finish_task loses what finishes at once": Plant(
        "plans",
        plants.FinishedTasksAreLost,
        test_plans.test_of_tasks_that_finish_at_once_none_is_lost_and_somebody_sees_them_all,
    ),
    "a hash leads to the first plan": Plant(
        "plans", plants.TheFirstSealStands, test_plans.test_a_hash_leads_to_the_plan_that_sealed_to_it_last
    ),
    "ready has released chunks too": Plant(
        "chunks",
        plants.ReadyWithThoseReleased,
        test_sending.test_ready_chunks_are_those_of_one_wave_by_id_at_most_a_page,
    ),
    "in_flight is by id": Plant(
        "chunks",
        plants.InFlightById,
        test_sending.test_chunks_in_flight_are_those_released_or_running_oldest_slot_first,
    ),
    "count goes beyond a hundred": Plant(
        "chunks", plants.CountOfThemAll, test_sending.test_a_count_of_a_hundred_means_a_hundred_or_more, READY
    ),
    "due ignores until": Plant(
        "deferrals", plants.DueAtAnyTime, test_sending.test_deferrals_are_due_by_sender_oldest_first
    ),
    "due has no order": Plant(
        "deferrals", plants.DueNewestFirst, test_sending.test_deferrals_are_due_by_sender_oldest_first
    ),
    "a timeline is by wave before priority": Plant(
        "timelines",
        plants.WavesBeforePriorities,
        test_sending.test_a_timeline_is_served_by_priority_then_wave_then_broadcast,
    ),
    "setting counters merges": Plant(
        "counters", plants.SetThatMerges, test_sending.test_setting_counters_replaces_all_of_a_subjects
    ),
    "adding to counters reads, then writes": Plant(
        "counters",
        plants.AddThatReadsThenWrites,
        test_sending.test_counters_add_up_also_between_threads,
    ),
    "send drops the eleventh body": Plant(
        "queues", plants.TheEleventhBodyIsDropped, test_outside.test_a_queue_gives_every_body_as_it_was_sent
    ),
    "send does not wait": Plant(
        "queues", plants.SendThatNeverWaits, test_outside.test_a_body_sent_with_a_delay_is_not_there_before
    ),
    "the last schedule of a name stands": Plant(
        "schedules", plants.TheLastScheduleStands, test_outside.test_a_schedule_of_one_name_is_created_once
    ),
    "adding an object overwrites": Plant(
        "objects", plants.AddThatOverwrites, test_outside.test_an_object_is_added_once_and_the_first_stays
    ),
    "a range includes its end": Plant(
        "objects",
        plants.RangeWithItsEnd,
        test_outside.test_a_part_is_what_the_object_has_from_its_start_to_before_its_end,
    ),
}

new_client = cache(client_maker)


@contextmanager
def on_moto() -> Iterator[HomeUnderTest]:
    """Open an AWS home with nothing in it."""
    with mock_aws(), aws(deployed()) as home:
        yield home


@contextmanager
def deployed() -> Iterator[Deployment]:
    """Make a deployment; what clients are made of is read once for all."""
    deployment = Deployment(FakeClock(), new_client=new_client()).create()
    try:
        yield deployment
    finally:
        deployment.home.close()


HOMES: dict[str, Callable[[], Any]] = {
    "embedded in memory": lambda: embedded(":memory:"),
    "AWS on moto": on_moto,
}


def outcome(plant: Plant, home: HomeUnderTest) -> Exception | None:
    """Run the plant's test on a home and return how it failed, None when it passed.

    In a thread of its own: under a deep stack Python 3.11 may map memory anew with every call.
    """
    offered = {"home": home, "ports": home.ports, **plant.given}
    test = partial(plant.test, **{name: offered[name] for name in inspect.signature(plant.test).parameters})
    try:
        side_by_side([test])
    except Exception as failure:  # noqa: BLE001 - whoever asked looks at what it is
        return failure
    return None


@pytest.mark.parametrize("kind", HOMES)
@pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS)
def test_a_planted_bug_fails_the_test_that_a_home_without_it_passes(plant: Plant, kind: str) -> None:
    with HOMES[kind]() as home:
        assert outcome(plant, home) is None
    with HOMES[kind]() as home:
        bug = plant.bug(getattr(home.ports, plant.port))
        planted = replace(home, ports=replace(home.ports, **{plant.port: bug}))
        assert type(outcome(plant, planted)) is plant.failure
