"""The audit finds every way in which report and platform log can differ."""

from __future__ import annotations

from typing import Any

import pytest

from cli.demo_audit import differences, oracle_of


def message(person: str, *statuses: str, attempt: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "echo": f"1|b.1|000-00000|{person}|{attempt}",
        "answered": True,
        "statuses": dict.fromkeys(statuses, 1),
        "failed": None,
        "replied": False,
        "stopped": False,
        **more,
    }


LOG = [
    message("a", "sent", "delivered", "read", replied=True, stopped=True),
    message("b", "sent"),
    message("c", "read"),
    message("d", answered=False),
    message("e", "failed", failed=131026),
    message("f", "failed", failed=131049),
    message("g", "failed", failed=131016),
    message("g", "sent", "delivered", attempt=2, answered=False),
    {"echo": "1|other.1|000-00000|a|1", "answered": True, "statuses": {}, "failed": None},
    {"echo": None, "answered": True, "statuses": {}, "failed": None},
]
REPORT: dict[str, Any] = {
    "accepted": 4,
    "uncertain": 1,
    "sent": 4,
    "delivered": 3,
    "read": 2,
    "replied": 1,
    "opt_outs": 1,
    "failed": {"131026": 1},
    "proven": True,
}
PACE = {"limit": 80, "peak_accepted": 75, "peak_with_inbound": 78, "throttled": 0}
SUMMARY: dict[str, Any] = {"refused": {"131016": 3}, "numbers": {"1": PACE}}
OUTCOMES = {"e": "failed", "f": "waiting"}


def found(report: dict[str, Any] | None = None, **summary: Any) -> list[str]:
    return differences(
        REPORT | (report or {}), oracle_of(LOG, "b.1"), SUMMARY | summary, lambda p: {"outcome": OUTCOMES[p]}
    )


def test_a_report_that_equals_the_log_has_no_differences() -> None:
    assert found() == []


@pytest.mark.parametrize(
    "name", ["accepted", "uncertain", "sent", "delivered", "read", "replied", "opt_outs"]
)
def test_one_more_or_less_of_anything_is_a_difference(name: str) -> None:
    assert len(found({name: REPORT[name] + 1})) == 1
    assert len(found({name: REPORT[name] - 1})) == 1


def test_a_failure_the_platform_never_reported_is_a_difference() -> None:
    assert found({"failed": {"131026": 2}})
    assert found({"failed": {}})
    assert found({"failed": {"131026": 1, "1": 1}})


def test_a_code_refused_in_the_answer_may_be_more_than_the_log_of_accepted_messages() -> None:
    assert found({"failed": {"131026": 1, "131016": 3}}) == []
    assert found({"failed": {"131026": 1, "131016": 4}})


def test_somebody_who_got_it_twice_is_named() -> None:
    twice = [*LOG, message("b", "sent", attempt=2)]
    assert oracle_of(twice, "b.1").twice == ["b"]
    again = [*LOG, message("e", "failed", failed=131026)]
    assert oracle_of(again, "b.1").twice == ["e"]


def test_a_retry_after_a_definite_failure_is_not_twice() -> None:
    assert oracle_of(LOG, "b.1").twice == []


def test_a_second_above_the_limit_and_throttled_calls_are_differences() -> None:
    assert found(numbers={"1": PACE | {"peak_with_inbound": 81}})
    assert found(numbers={"1": PACE | {"throttled": 1}})


def test_outcomes_that_do_not_add_up_are_a_difference() -> None:
    assert found({"proven": False})
