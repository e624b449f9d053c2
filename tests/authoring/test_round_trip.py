"""A definition means the same as YAML, as JSON, and as YAML again."""

from __future__ import annotations

import json
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.authoring.canonical import definition_hash
from chalicelib.authoring.reading import LATER, read

WORDS = st.text(st.sampled_from("aZ0 é'\":#-,[]{}&*!|>%@`\\عم😀\n"), min_size=1, max_size=12).filter(
    str.strip
)
NAMES = st.sampled_from(["vip", "staff", "no", "on", "1e3", "0612"])
CLOCKS = st.sampled_from(["21:00", "08:30", "12:00", "0:00"])
SHARES = st.integers(1, 100).map(lambda n: f"{n}%")
ON_BLOCK = st.sampled_from(["defer", "skip"])
SETS = st.lists(NAMES.map(lambda name: f"list:{name}"), max_size=3)

TEMPLATE = st.fixed_dictionaries(
    {"name": st.just("soldes")},
    optional={
        "language": st.just({"from": "contact.language", "chain": {"ary": ["ar", "fr"], "*": ["no"]}}),
        "header": st.fixed_dictionaries({"text": st.just("{{ contact.first_name }}"), "fallback": WORDS}),
        "parameters": st.fixed_dictionaries(
            {"a": st.just("{{ attr.x or 20 }}")},
            optional={
                "b": st.fixed_dictionaries(
                    {"value": st.just("{{ contact.first_name | title }}")},
                    optional={"fallback": st.dictionaries(st.sampled_from(["fr", "no", "ar"]), WORDS)},
                ),
                "c": st.just({"value": "{{ attr.n }}", "type": "integer", "min": "5", "max": "50"}),
            },
        ),
        "buttons": st.just(
            [
                {"type": "url", "index": 0, "value": "soldes"},
                {"type": "quick_reply", "index": 1, "payload": "STOP"},
            ]
        ),
    },
)
KEYS: dict[str, st.SearchStrategy[Any]] = {
    "format": st.just(1),
    "title": WORDS,
    "owner": WORDS,
    "labels": st.fixed_dictionaries({"team": WORDS, "criticality": st.sampled_from(["low", "high"])}),
    "consent": st.fixed_dictionaries(
        {"basis": st.just("explicit_optin"), "on_missing": st.sampled_from(["skip", "re_permission"])},
        optional={"max_age": st.sampled_from(["24mo", "30d"])},
    ),
    "timezone": st.sampled_from(["recipient", "Africa/Casablanca"]),
    "unknown_timezone": st.one_of(
        st.sampled_from(["skip", "fail_plan"]),
        st.fixed_dictionaries({"use": st.just("Europe/Paris"), "max_share": SHARES}),
    ),
    "window": st.integers(1, 48).map(lambda n: f"{n}h"),
    "past": st.sampled_from(["skip", "next_day", "send_now", "fail_plan"]),
    "dst": st.just({"gap": "first_valid", "fold": "second"}),
    "days": st.lists(st.sampled_from(["mon", "fri", "sun"]), min_size=1, unique=True),
    "holidays": st.just({"calendar": "MA", "on_holiday": "skip"}),
    "quiet_hours": st.lists(
        st.fixed_dictionaries({"from": CLOCKS, "to": st.just("07:15"), "on_block": ON_BLOCK}), max_size=3
    ),
    "experiment": st.fixed_dictionaries({"salt": NAMES, "holdout": st.just("5%")}),
    "throttle": st.fixed_dictionaries(
        {"max_per_second": st.integers(1, 1_000), "priority": st.integers(0, 100), "share": SHARES}
    ),
    "frequency": st.lists(
        st.fixed_dictionaries(
            {"scope": st.sampled_from(["marketing", "all", "this_campaign"]), "max": st.integers(1, 9)}
        ).map(lambda cap: {**cap, "per": "7d"}),
        max_size=3,
    ),
    "delivery": st.just(
        {
            "expires": "72h",
            "retry": {"transient": {"max": 3, "backoff": "2m"}, "per_user_limit": {"max": 2, "wait": "24h"}},
            "on_uncertain": "report",
        }
    ),
    "replies": st.just(
        {
            "stop": ["ARRET", "إيقاف"],
            "hold_if_live_conversation": "30m",
            "handoff": {"when": "any_other_reply", "to": "webhook:inbox"},
        }
    ),
    "pause_if": st.lists(
        st.sampled_from(["template.status != APPROVED", "rate(failed, 10m) > 10%"]), max_size=2, unique=True
    ),
    "retention": st.just({"personal_data": "400d", "evidence": "5y"}),
    "tests": st.just([{"name": "no", "contact": {"id": "1e3"}, "expect": {"outcome": "excluded"}}]),
}
DEFINITIONS = st.fixed_dictionaries(
    {
        "campaign": st.sampled_from(["spring", "2027-01", "0612", "yes"]),
        "category": st.just("marketing"),
        "sender": NAMES,
        "topic": st.just("promotions"),
        "audience": st.fixed_dictionaries(
            {"segment": st.sampled_from(['country = "NO"', 'tag("x")\nand attr.n > 1.50'])},
            optional={"include": SETS, "exclude": SETS, "limit": st.integers(1, 10**6)},
        ),
        "send_at": st.just("2027-01-14 09:00"),
        "template": TEMPLATE,
    },
    optional=KEYS,
)


def as_yaml(value: Any, *, flow: bool | None = False) -> str:
    return yaml.safe_dump(value, allow_unicode=True, default_flow_style=flow, sort_keys=False)


def told(text: str) -> Any:
    """Return what a converter that leaves every scalar as it is written makes of a YAML text."""
    return yaml.load(text, Loader=yaml.BaseLoader)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(source=DEFINITIONS, ascii_only=st.booleans(), indent=st.sampled_from([None, 2]))
def test_yaml_to_json_to_yaml_is_the_same_definition_with_the_same_hash(
    source: dict[str, Any], ascii_only: bool, indent: int | None
) -> None:
    first = as_yaml(source)
    as_json = json.dumps(told(first), ensure_ascii=ascii_only, indent=indent)
    texts = [first, as_json, as_yaml(json.loads(as_json)), as_yaml(json.loads(as_json), flow=True)]
    definitions = [read(text) for text in texts]
    assert definitions[1:] == definitions[:1] * 3
    assert len({definition_hash(definition) for definition in definitions}) == 1


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(source=DEFINITIONS, order=st.randoms(use_true_random=False))
def test_the_order_of_a_files_keys_means_nothing(source: dict[str, Any], order: Any) -> None:
    names = list(source)
    order.shuffle(names)
    assert definition_hash(read(as_yaml({name: source[name] for name in names}))) == definition_hash(
        read(as_yaml(source))
    )


def test_every_key_of_the_format_that_is_built_is_tried() -> None:
    known = {"campaign", "category", "sender", "topic", "audience", "send_at", "template"} | set(KEYS)
    assert not known & LATER
    assert len(known) == 28
