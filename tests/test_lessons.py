"""What users of other tools complained of, one lesson each, and the tests that fail if we forget it.

`docs/reliability.md` publishes the table. Each test was read: it plays the
complaint itself, so that the bug behind it, built in again, makes it fail.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/reliability.md"
BEGIN, END = "<!-- lessons: as in tests/test_lessons.py -->", "<!-- end of lessons -->"

LESSONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "T-01": (
        "a slot is claimed before any work; a tick that loses the race does nothing",
        (
            "tests/scenarios/test_lessons.py::test_t01_a_tick_that_another_tick_overtook_hands_out_nothing",
            "tests/scenarios/test_one_campaign.py::test_launching_a_hash_twice_starts_one_broadcast_and_sends_once",
            "tests/contracts/test_conditions.py::test_of_many_who_write_at_once_on_one_version_one_succeeds",
        ),
    ),
    "T-02": (
        "finished is a count that equals the audience, never a cursor at its end",
        (
            "tests/scenarios/test_watchdog.py::test_a_wave_that_the_timeline_lost_is_put_back_and_nobody_waits_for_ever",
            "tests/scenarios/test_one_campaign.py::test_the_report_adds_up_to_the_audience_at_every_moment",
            "tests/scenarios/test_verify.py::test_whatever_is_lost_is_named",
        ),
    ),
    "T-03": (
        "resuming goes to whoever has no outcome, never to an offset",
        (
            "tests/scenarios/test_one_campaign.py::"
            "test_pausing_stops_sending_and_resuming_sends_only_to_those_without_an_outcome",
        ),
    ),
    "T-04": (
        "being stopped is normal: killed at every step",
        (
            "tests/simulation/test_seeds.py::test_three_hundred_seeds_keep_every_promise",
            "tests/processes/test_kill.py::test_kill_nine_in_the_middle_loses_nobody_and_messages_nobody_twice",
            "tests/scenarios/test_single_sends.py::"
            "test_killed_at_any_call_and_never_asked_again_it_is_sent_once_or_not_at_all",
        ),
    ),
    "T-05": (
        "another speed touches no progress",
        ("tests/scenarios/test_lessons.py::test_t05_another_speed_in_the_middle_touches_no_progress",),
    ),
    "T-06": (
        "queues deliver at least once, the ledger lets it happen once",
        (
            "tests/lambda_events/test_queues.py::test_a_batch_delivered_twice_calls_nobody_twice",
            "tests/simulation/test_seeds.py::test_three_hundred_seeds_keep_every_promise",
        ),
    ),
    "T-07": (
        "a worker is given up when that is sure; who was in its hands is reported, not called again",
        (
            "tests/scenarios/test_one_campaign.py::"
            "test_a_chunk_whose_worker_died_after_a_claim_is_recovered_when_that_is_sure",
            "tests/scenarios/test_one_campaign.py::test_an_unanswered_call_is_uncertain_and_is_never_made_again",
        ),
    ),
    "T-08": (
        "no loop in anybody's tab: the server goes on, and every wait has an end",
        (
            "tests/scenarios/test_watchdog.py::test_a_wave_that_the_timeline_lost_is_put_back_and_nobody_waits_for_ever",
            "tests/scenarios/test_stops.py::test_a_country_that_stays_stopped_is_excluded_with_the_reason",
            "tests/sending/test_decision.py::test_waiting_always_ends_at_an_instant_to_come_before_the_deadline",
        ),
    ),
    "T-09": (
        "a slot expires; a restored or late home sends nothing old",
        (
            "tests/scenarios/test_lessons.py::"
            "test_t09_what_was_due_while_everything_was_off_is_skipped_by_name_and_not_sent_late",
            "tests/scenarios/test_restored.py::"
            "test_a_campaign_whose_home_is_lost_in_the_middle_goes_on_with_whoever_was_surely_not_called",
            "tests/scenarios/test_restored.py::test_a_plan_that_the_lost_home_may_have_launched_is_not_launched_again",
        ),
    ),
    "T-10": (
        "an edit is a version; what was launched stays as it was",
        (
            "tests/scenarios/test_lessons.py::"
            "test_t10_an_edit_in_the_middle_changes_nobodys_words_and_messages_nobody_again",
        ),
    ),
    "T-11": (
        "one bucket per sender, whoever and however many send",
        (
            "tests/sending/test_frame.py::test_no_sliding_second_passes_the_limit_whoever_shares_the_lanes",
            "tests/scenarios/test_two_thousand.py::test_no_second_passes_the_limit_with_many_workers_at_once",
            "tests/scenarios/test_shares.py::"
            "test_a_throttled_campaign_keeps_to_its_own_rate_and_leaves_the_others_the_rest",
        ),
    ),
    "T-12": (
        "no interval of a length holds more than it may: a second, and a day",
        (
            "tests/sending/test_frame.py::test_no_sliding_second_passes_the_limit_whoever_shares_the_lanes",
            "tests/sending/test_quota.py::test_no_rolling_day_of_sends_passes_the_tier",
        ),
    ),
    "T-13": (
        "a rate answer gives the person back and slows the sender; it is no failure",
        (
            "tests/scenarios/test_one_campaign.py::"
            "test_a_rate_answer_slows_the_sender_and_the_person_is_called_again",
            "tests/scenarios/test_what_people_and_the_platform_say.py::"
            "test_a_rate_failure_by_webhook_is_tried_again_and_never_counted_as_failed",
            "tests/sending/test_outcome.py::test_a_rate_answer_slows_the_sender_and_is_never_a_failure",
        ),
    ),
    "T-14": (
        "nobody sleeps in a worker: who must wait is written down, and the worker goes on",
        (
            "tests/test_lessons.py::test_no_step_sleeps_but_until_the_slot_it_was_given",
            "tests/scenarios/test_one_campaign.py::test_a_person_deferred_by_quiet_hours_is_messaged_when_they_end",
        ),
    ),
    "T-15": (
        "no step is longer than one function's time; the next goes on from the ledger",
        (
            "tests/scenarios/test_lessons.py::"
            "test_t15_a_chunk_that_is_too_long_for_one_run_goes_on_from_the_ledger_in_the_next",
            "tests/sending/test_pacing.py::test_a_chunk_gets_no_more_slots_than_its_worker_has_time_for",
        ),
    ),
    "T-16": (
        "what is due and has not begun is alarmed, and what is idle says why",
        (
            "tests/scenarios/test_watchdog.py::test_a_pacer_that_hands_out_nothing_is_alarmed",
            "tests/scenarios/test_watchdog.py::test_every_idle_broadcast_says_why",
            "tests/scenarios/test_watchdog.py::test_a_stop_is_a_reason_and_status_says_it",
        ),
    ),
    "T-17": (
        "circuit breakers on codes and on rates",
        (
            "tests/scenarios/test_guards.py::test_too_many_failures_pause_a_broadcast_with_the_evidence",
            "tests/scenarios/test_stops.py::"
            "test_a_code_stops_its_scope_says_why_and_nobody_is_lost_when_a_human_resumes",
            "tests/scenarios/test_portfolios.py::"
            "test_two_accounts_stopped_for_policy_stop_their_whole_portfolio_and_status_says_so",
        ),
    ),
    "T-18": (
        "the date moves, then the wall time is put on it and resolved once",
        (
            "tests/planning/test_eligibility.py::test_the_next_day_is_resolved_anew_across_a_change_of_the_clocks",
            "tests/planning/test_local_time.py::"
            "test_every_change_of_every_clock_agrees_with_an_independent_clock",
        ),
    ),
    "T-19": (
        "does not apply: nothing recurs by itself. A run is one plan of one date, in which a day of changing "
        "clocks is resolved for each person, and a plan for nobody is refused (T-18, T-29)",
        (),
    ),
    "T-20": (
        "hours are looked at in the slot, not when queueing",
        (
            "tests/scenarios/test_one_campaign.py::test_a_person_deferred_by_quiet_hours_is_messaged_when_they_end",
            "tests/scenarios/test_one_campaign.py::"
            "test_people_whose_window_closed_waiting_for_capacity_are_excluded_by_name",
            "tests/sending/test_decision.py::test_a_claim_is_only_ever_made_past_every_gate",
        ),
    ),
    "T-21": (
        "the zone data are of the plan, which is stale when they change, and compared before each wave; "
        "the host's are never read",
        (
            "tests/planning/test_wave.py::test_a_plan_goes_stale_when_what_it_rests_on_changes",
            "tests/scenarios/test_drift.py::"
            "test_a_wave_whose_people_would_move_stops_and_says_why_and_those_before_it_went",
            "tests/scenarios/test_drift.py::test_zone_data_that_move_nobody_stop_nothing",
            "tests/planning/test_drift.py::test_a_clock_has_moved_whose_wall_time_is_another_instant",
            "tests/planning/test_local_time.py::test_the_zone_data_is_the_one_that_comes_with_pytz",
            "tests/processes/test_zone_files.py::test_a_plan_is_the_same_whatever_zone_files_the_host_has",
        ),
    ),
    "T-22": (
        "consent is read by the claim itself; the numbers follow a no",
        (
            "tests/scenarios/test_lessons.py::"
            "test_t22_a_no_between_the_look_and_the_claim_wins_and_the_numbers_say_so",
            "tests/scenarios/test_one_campaign.py::test_a_stop_that_comes_before_the_claim_prevents_the_send",
        ),
    ),
    "T-23": (
        "every word has a value or a fallback for everybody",
        (
            "tests/scenarios/test_lessons.py::"
            "test_t23_a_word_that_may_be_missing_needs_another_which_whoever_lacks_it_gets",
            "tests/planning/test_eligibility.py::test_the_first_gate_that_says_no_gives_the_reason",
        ),
    ),
    "T-24": (
        "each person's own words, compared with distinct names",
        ("tests/scenarios/test_lessons.py::test_t24_everybody_gets_their_own_name_and_not_a_neighbours",),
    ),
    "T-25": (
        "one row a person, with its reason; those who failed can be chosen again",
        (
            "tests/scenarios/test_lessons.py::"
            "test_t25_at_the_end_every_person_of_the_audience_has_an_outcome_with_its_reason",
            "tests/scenarios/test_memory.py::"
            "test_relaunching_to_those_who_did_not_read_leaves_out_nobody_silently",
        ),
    ),
    "T-26": (
        "receipts find their row by our key and by the platform's id, in any order and number",
        (
            "tests/tracking/test_receipt_folds.py::"
            "test_the_same_statuses_in_any_order_and_number_give_the_same_row",
            "tests/scenarios/test_one_campaign.py::test_receipts_may_come_twice_in_any_order_and_before_each_other",
            "tests/scenarios/test_one_campaign.py::test_a_receipt_without_our_echo_is_matched_by_its_message_id",
        ),
    ),
    "T-27": (
        "an import's verdicts add up to its rows, each bad one with its reason",
        (
            "tests/scenarios/test_lessons.py::"
            "test_t27_the_rows_of_an_import_are_its_verdicts_and_each_bad_one_says_why",
        ),
    ),
    "T-28": (
        "two identical triggers at once are one message",
        (
            "tests/scenarios/test_single_sends.py::test_one_request_told_by_many_threads_at_once_is_one_message",
            "tests/scenarios/test_single_sends.py::"
            "test_the_same_request_has_the_same_answer_and_is_one_message_for_ever",
        ),
    ),
    "T-29": (
        "a plan for nobody, or for too many people without a zone, is refused",
        ("tests/planning/test_sealing.py::test_a_plan_that_may_not_be_is_not_sealed",),
    ),
}
MAY_SLEEP = {
    "chalicelib/adapters",  # a home's own pauses between tries of a call
    "chalicelib/steps/send.py",  # until the slot
    "chalicelib/steps/pace.py",  # until the next round of the same minute
    "chalicelib/steps/media.py",  # seconds, before a file is offered again
    "chalicelib/steps/template_sync.py",  # seconds, before a page is asked for again
    "chalicelib/ports.py",
}


@cache
def names_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_lesson_is_in_the_table_in_order() -> None:
    assert list(LESSONS) == [f"T-{n:02}" for n in range(1, 30)]
    assert all(tests or "does not apply" in lesson for lesson, tests in LESSONS.values())


@pytest.mark.parametrize("number", LESSONS)
def test_every_test_of_a_lesson_is_there(number: str) -> None:
    for node in LESSONS[number][1]:
        path, name = node.split("::")
        assert name in names_in(path), node


def test_a_test_that_bears_a_lessons_number_is_in_the_table_under_it() -> None:
    path = "tests/scenarios/test_lessons.py"
    played = {name for name in names_in(path) if name.startswith("test_")}
    named = {
        node.split("::")[1]: number
        for number, (_, tests) in LESSONS.items()
        for node in tests
        if node.startswith(path)
    }
    assert named.keys() == played
    assert all(f"test_t{number[2:]}_" in name for name, number in named.items())


def table() -> str:
    lines = ["| | lesson | shown by |", "|---|---|---|"]
    for number, (lesson, tests) in LESSONS.items():
        shown = "<br>".join(f"`{node.removeprefix('tests/').replace('::', '` `')}`" for node in tests)
        lines.append(f"| {number} | {lesson} | {shown} |")
    return "\n".join(lines)


def test_the_page_publishes_the_table() -> None:
    published = re.search(f"{re.escape(BEGIN)}\n(.*?)\n{re.escape(END)}", PAGE.read_text("utf-8"), re.DOTALL)
    assert published is not None
    assert published[1] == table()


def test_no_step_sleeps_but_until_the_slot_it_was_given() -> None:
    """T-14: whoever must wait longer is a row with a due minute, and the worker ends."""
    sleeping = set()
    for path in (ROOT / "chalicelib").rglob("*.py"):
        name = str(path.relative_to(ROOT))
        if any(name.startswith(allowed) for allowed in MAY_SLEEP):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("sleep", "sleep_until", "wait_for"):
                sleeping.add(f"{name}:{node.lineno}")
    assert sleeping == set()
