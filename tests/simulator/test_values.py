"""Scenario, catalogue, draws and limits."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.simulator.catalogue import UnreadableCatalogue, load_catalogue, parse_numbers, parse_template
from infra.local.simulator.draws import Draws
from infra.local.simulator.limits import DAY_MS, RollingDay, SlidingSecond
from infra.local.simulator.people import is_in_the_us, user_id_of
from infra.local.simulator.scenario import Scenario, UnreadableScenario, amended, read_scenario

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "infra/local/scenarios").glob("*.yaml")), ids=lambda p: p.name
)
def test_every_scenario_that_we_ship_can_be_read(path: Path) -> None:
    assert read_scenario(path.read_text("utf-8")) != Scenario()


def test_the_catalogue_that_marketers_own_can_be_read() -> None:
    found = load_catalogue(ROOT / "campaigns")
    assert "106540352242922" in found.numbers
    assert found.templates


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "neither"),
        ("[1]", "expected keys"),
        ("sed: 1", "sed: unknown"),
        ("latency: {medium: 1}", "latency.medium: unknown"),
        ("read: 1.5", "between 0 and 1"),
        ("read: true", "expected a number"),
        ("read: -0.1", "expected a number"),
        ("latency: {median: .inf}", "expected a number"),
        ("refused: {soon: 0.1}", "no error code"),
        ("failed: {131049: 0.7, 131026: 0.6}", "more than 1"),
        ("templates: {promo.fr: SLEEPING}", "no status"),
        ("count_inbound: 1", "true or false"),
        ("webhooks: {batch: 0}", "at least 1"),
        ("per_second: {'1': 0}", "expected a number from 1"),
    ],
)
def test_a_faulty_scenario_is_refused_with_its_key(text: str, said: str) -> None:
    with pytest.raises(UnreadableScenario, match=said):
        read_scenario(text)


def test_an_amendment_changes_only_what_it_names() -> None:
    before = amended(Scenario(), {"read": 0.3, "webhooks": {"batch": 9}})
    after = amended(before, {"webhooks": {"duplicated": 0.5}})
    assert (after.read, after.webhooks.batch, after.webhooks.duplicated) == (0.3, 9, 0.5)
    assert read_scenario("") == Scenario()


@pytest.mark.parametrize(
    "text",
    [
        *("", "senders: []", "senders: {a: 1}", "senders: {a: {waba_id: '1'}}", "senders: {", "a: 1"),
        "senders: {a: {phone_number_id: '1', waba_id: '2', max_per_second: fast}}",
    ],
)
def test_faulty_senders_are_refused(text: str) -> None:
    with pytest.raises(UnreadableCatalogue, match="senders"):
        parse_numbers(text)


@pytest.mark.parametrize("raw", [b"{", b"[]", b'{"name": "a"}', b"\xff"])
def test_a_faulty_template_is_refused_by_its_file_name(raw: bytes) -> None:
    with pytest.raises(UnreadableCatalogue, match=r"promo\.fr\.json"):
        parse_template(raw, "promo.fr.json")


def test_a_missing_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableCatalogue):
        load_catalogue(tmp_path)


def test_positional_slots_follow_their_numbers_not_their_place() -> None:
    raw = (
        b'{"name":"a","language":"fr","category":"UTILITY","status":"APPROVED",'
        b'"components":[{"type":"BODY","text":"x {{2}} y {{10}} z {{ 1 }} {{2}} w"}]}'
    )
    assert parse_template(raw, "a").body.slots == ("1", "2", "10")


@given(st.integers(), st.text(max_size=10), st.text(max_size=10))
def test_a_draw_depends_on_nothing_but_its_names(seed: int, subject: str, name: str) -> None:
    first = Draws(seed, subject).uniform(name)
    other = Draws(seed, subject)
    other.uniform("something else")
    assert 0 <= first < 1
    assert other.uniform(name) == first


def test_odds_are_kept_over_many_draws() -> None:
    draws = [Draws(7, str(n)) for n in range(20_000)]
    assert 1_850 < sum(d.happens("a", 0.1) for d in draws) < 2_150
    codes = [d.code("b", {1: 0.1, 2: 0.2}) for d in draws]
    assert 1_850 < codes.count(1) < 2_150
    assert 3_750 < codes.count(2) < 4_250
    assert 0.48 < sum(d.delay_ms("c", 100, 0.5) < 100 for d in draws) / 20_000 < 0.52


def test_certain_and_impossible_things_need_no_luck() -> None:
    draws = Draws(1, "x")
    assert draws.happens("a", 1.0)
    assert not draws.happens("a", 0.0)
    assert draws.delay_ms("a", 5.0, 0.0) == 5.0
    assert draws.code("a", {}) is None


@given(st.lists(st.integers(0, 1_500), max_size=60))
def test_the_sliding_second_agrees_with_counting_by_hand(gaps: list[int]) -> None:
    second, times = SlidingSecond(), list[int]()
    for gap in gaps:
        times.append((times[-1] if times else 0) + gap)
        second.add(times[-1])
        assert second.count(times[-1]) == sum(t > times[-1] - 1_000 for t in times)
    most = max((sum(t - 1_000 < u <= t for u in times) for t in times), default=0)
    assert second.peak == most


def test_a_rolling_day_counts_people_once_and_forgets_them_after_a_day() -> None:
    day = RollingDay()
    for at, user in ((0, "a"), (10, "b"), (20, "a"), (DAY_MS + 10, "c"), (DAY_MS + 20, "d")):
        day.add(user, at)
    assert (len(day), day.peak) == (2, 2)


def test_user_ids_name_the_country_of_the_number() -> None:
    ids = {
        to: user_id_of(to, "group") for to in ("+33612345678", "+212612345678", "+12125550123", "+210123456")
    }
    assert [value[:3] if value else None for value in ids.values()] == ["FR.", "MA.", "US.", None]
    assert user_id_of("+33612345678", "other") != ids["+33612345678"]


def test_an_unreadable_number_is_not_in_the_united_states() -> None:
    assert not is_in_the_us("+1")


def test_the_simulator_imports_nothing_of_what_it_judges() -> None:
    for path in (ROOT / "infra/local/simulator").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] in ("chalicelib", "app", "cli")], path
