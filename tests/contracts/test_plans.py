"""Campaign versions and plans, on every home."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from chalicelib.ports import Ports, Write
from tests.contracts import values
from tests.contracts.test_people import all_of
from tests.contracts.threads import side_by_side

FRESH = replace(values.PLANNING, parts={}, plan=None, problems=(), tasks=16)

ADDING: dict[str, Callable[[Ports], bool]] = {
    "a contact": lambda p: p.book.put_all([Write(values.CONTACT, None)])[0],
    "a standing": lambda p: p.standings.put(values.STANDING, expected_version=None),
    "a consent event": lambda p: p.consents.append([values.CONSENT_EVENT])[0],
    "a campaign version": lambda p: p.campaigns.add(values.CAMPAIGN),
    "a planning": lambda p: p.plans.add(FRESH),
    "a chunk": lambda p: p.chunks.add_all([values.CHUNK])[0],
    "a delivery": lambda p: p.ledger.put_all([Write(values.DELIVERY, None)])[0],
}


def test_of_many_who_add_the_same_at_once_one_succeeds(ports: Ports) -> None:
    added: dict[str, list[bool]] = {what: [] for what in ADDING}
    together = threading.Barrier(8)

    def add_all() -> None:
        for what, add in ADDING.items():
            together.wait()
            added[what].append(add(ports))

    side_by_side([add_all] * 8)
    assert {what: sorted(answers) for what, answers in added.items()} == {
        what: [False] * 7 + [True] for what in ADDING
    }


def test_a_campaign_version_is_stored_once_and_never_changes(ports: Ports) -> None:
    assert ports.campaigns.add(values.CAMPAIGN)
    assert not ports.campaigns.add(replace(values.CAMPAIGN, title="Other"))
    assert ports.campaigns.get("soldes", 1) == values.CAMPAIGN
    assert ports.campaigns.get("soldes", 2) is None
    assert ports.campaigns.get("other", 1) is None


def test_the_latest_version_is_the_highest_number(ports: Ports) -> None:
    assert ports.campaigns.latest("soldes") is None
    for number in (1, 2, 10, 9):
        ports.campaigns.add(replace(values.CAMPAIGN, number=number))
    latest = ports.campaigns.latest("soldes")
    assert latest is not None
    assert latest.number == 10


def test_the_heads_are_the_latest_version_of_each_campaign_by_name_over_pages(ports: Ports) -> None:
    names = [f"campaign-{k:03d}" for k in range(120)]
    for name in reversed(names):
        ports.campaigns.add(replace(values.CAMPAIGN, campaign=name))
    ports.campaigns.add(replace(values.CAMPAIGN, campaign=names[3], number=2))
    found = [(v.campaign, v.number) for v in all_of(lambda after: ports.campaigns.page(after=after))]
    assert found == [(name, 2 if name == names[3] else 1) for name in names]


def test_a_campaign_whose_name_begins_like_anothers_is_another(ports: Ports) -> None:
    for name, number in (("soldes", 1), ("soldes-2", 7), ("soldes.3", 8)):
        ports.campaigns.add(replace(values.CAMPAIGN, campaign=name, number=number))
    latest = ports.campaigns.latest("soldes")
    assert latest is not None
    assert (latest.campaign, latest.number) == ("soldes", 1)
    assert ports.campaigns.latest("sold") is None


def test_a_finished_task_keeps_its_first_summary_and_raises_the_version_once(ports: Ports) -> None:
    ports.plans.add(FRESH)
    finished = ports.plans.finish_task("plan-1", 3, "summaries/3")
    assert finished == replace(FRESH, parts={3: "summaries/3"}, version=2)
    assert ports.plans.finish_task("plan-1", 3, "summaries/other") == finished
    assert ports.plans.get("plan-1") == finished


def test_a_task_finished_again_after_the_seal_finds_the_plan_as_it_is(ports: Ports) -> None:
    ports.plans.add(FRESH)
    finished = ports.plans.finish_task("plan-1", 0, "summaries/0")
    assert finished is not None
    ports.plans.put(replace(finished, plan=values.PLAN), expected_version=2)
    again = ports.plans.finish_task("plan-1", 0, "summaries/other")
    assert again == replace(finished, plan=values.PLAN, version=3)
    assert ports.plans.get("plan-1") == again


def test_a_task_of_no_plan_cannot_be_finished(ports: Ports) -> None:
    assert ports.plans.finish_task("plan-1", 0, "summaries/0") is None
    assert ports.plans.get("plan-1") is None


def test_of_tasks_that_finish_at_once_none_is_lost_and_somebody_sees_them_all(ports: Ports) -> None:
    ports.plans.add(FRESH)
    seen: list[int] = []
    together = threading.Barrier(16)

    def finish(task: int) -> None:
        together.wait()
        finished = ports.plans.finish_task("plan-1", task, f"summaries/{task}")
        assert finished is not None
        seen.append(len(finished.parts))

    side_by_side([lambda t=task: finish(t) for task in range(16)])  # type: ignore[misc]
    assert max(seen) == 16
    planning = ports.plans.get("plan-1")
    assert planning is not None
    assert planning.parts == {task: f"summaries/{task}" for task in range(16)}


def test_sealing_on_a_version_from_before_a_task_finished_is_refused(ports: Ports) -> None:
    ports.plans.add(FRESH)
    ports.plans.finish_task("plan-1", 0, "summaries/0")
    assert not ports.plans.put(replace(FRESH, plan=values.PLAN), expected_version=1)


def test_a_hash_leads_to_the_plan_that_sealed_to_it_last(ports: Ports) -> None:
    assert ports.plans.by_hash("cd") is None
    ports.plans.register_hash("cd", "plan-1")
    ports.plans.register_hash("cd", "plan-2")
    assert ports.plans.by_hash("cd") == "plan-2"
