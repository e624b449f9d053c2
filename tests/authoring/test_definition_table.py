"""What a definition may say, key by key: the code and the place of each fault."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.authoring.canonical import definition_hash
from chalicelib.authoring.definition import OnBlock, Past, QuietInterval
from chalicelib.authoring.reading import LATER, read
from chalicelib.errors import InvalidDefinition
from tests.fakes.computing import least_seconds

SMALLEST = """campaign: spring-news
category: marketing
sender: boutique
topic: promotions
audience: {segment: country = "ES"}
template: {name: spring_news, parameters: {first_name: {value: "{{ contact.first_name }}", fallback: amigo}}}
send_at: "2027-04-03 10:00"
"""


def problems(source: str) -> list[tuple[str, str, int, int]]:
    with pytest.raises(InvalidDefinition) as caught:
        read(source, file="x.yaml")
    return [(p.code, p.path, p.line, p.column) for p in caught.value.problems]


def with_line(key: str, line: str) -> str:
    """Return the smallest definition with one line replaced or added; it stands where it stood, or last."""
    lines = SMALLEST.splitlines()
    at = next((i for i, known in enumerate(lines) if known.startswith(f"{key}:")), None)
    if at is None:
        lines.append(line)
    else:
        lines[at] = line
    return "\n".join(lines) + "\n"


def test_the_smallest_definition_has_every_default_of_the_format() -> None:
    definition = read(SMALLEST)
    assert definition.title == "spring-news"
    assert definition.timezone is None
    assert (definition.window_ms, definition.expires_ms) == (7_200_000, 7_200_000)
    assert definition.past is Past.FAIL_PLAN
    assert definition.audience.limit == 10_000
    assert definition.quiet_hours is None
    assert definition.unknown_timezone.max_share == 0.05
    assert definition.max_per_second is None


@pytest.mark.parametrize(
    ("key", "line", "code"),
    [
        ("campaign", "campaign: Été", "campaign_name_invalid"),
        ("campaign", "campaign: ab", "campaign_name_invalid"),
        ("category", "category: authentication", "authentication_refused"),
        ("category", "category: marketting", "not_a_choice"),
        ("topic", "topic: all", "topic_all"),
        ("topic", "title: no topic", "topic_required"),
        ("audience", "audience: {segment: 'true'}", "segment_everybody"),
        ("audience", "audience: {segment: country = }", "segment.ends_early"),
        ("audience", 'audience: {segment: country = "ES", exclude: [staff]}', "not_a_set"),
        ("audience", 'audience: {segment: country = "ES", limit: 0}', "out_of_bounds"),
        ("send_at", 'send_at: "2027-04-03T10:00+02:00"', "send_at_has_offset"),
        ("send_at", 'send_at: "2027-04-03T10:00Z"', "send_at_has_offset"),
        ("send_at", 'send_at: "2027-02-30 10:00"', "send_at_invalid"),
        ("send_at", "send_at: tomorrow", "send_at_invalid"),
        ("timezone", "timezone: '+01:00'", "zone_is_offset"),
        ("timezone", "timezone: Etc/GMT-1", "zone_is_offset"),
        ("timezone", "timezone: Europe/Pariss", "zone_unknown"),
        ("window", "window: 0m", "window_too_short"),
        ("window", "window: 14m", "window_too_short"),
        ("window", "window: two hours", "not_a_duration"),
        ("past", "past: never", "not_a_choice"),
        ("unknown_timezone", "unknown_timezone: guess", "not_a_choice"),
        ("unknown_timezone", "unknown_timezone: {use: Mars/Base}", "zone_unknown"),
        ("unknown_timezone", "unknown_timezone: {use: Europe/Paris, max_share: 500%}", "not_a_share"),
        ("quiet_hours", "quiet_hours: [{from: 25:00, to: 08:00}]", "not_a_clock_time"),
        ("quiet_hours", "quiet_hours: [{from: 21:00}]", "key_required"),
        ("quiet_hours", "quiet_hours: [{from: 21:00, to: 21:00}]", "quiet_all_day"),
        ("throttle", "throttle: {max_per_second: fast}", "not_a_number"),
        ("throttle", "throttle: {share: 0%}", "out_of_bounds"),
        ("throttle", "throttle: {share: 101%}", "out_of_bounds"),
        ("throttle", "throttle: {share: most}", "not_a_share"),
        ("throttle", "throttle: {priority: 101}", "out_of_bounds"),
        ("throttle", "throttle: {priority: -1}", "out_of_bounds"),
        ("throttle", "throttle: {priority: 1.5}", "not_a_whole_number"),
        ("throttle", "throttle: {priority: high}", "not_a_number"),
        ("delivery", "delivery: {expires: 1h}", "expires_before_window"),
        ("delivery", "delivery: {fallback: []}", "not_available_yet"),
        ("consent", "consent: {basis: inbound_message}", "inbound_basis_marketing"),
        ("consent", "consent: {max_age: 0mo}", "not_a_duration"),
        ("consent", "consent: {on_missing: ask}", "not_a_choice"),
        ("format", "format: 2", "format_unknown"),
        ("template", "template: {name: Spring News}", "template_name_invalid"),
        ("template", "template: {name: a, header: {image: x}}", "header_value_invalid"),
        (
            "template",
            "template: {name: a, parameters: {x: {value: '{{ foo.bar }}'}}}",
            "expression_name_unknown",
        ),
        (
            "template",
            "template: {name: a, parameters: {x: {value: '{% for i in x %}{% endfor %}'}}}",
            "expression_not_allowed",
        ),
        ("template", "template: {name: a, buttons: [{type: phone, index: 0}]}", "button_kind_unknown"),
    ],
)
def test_a_fault_has_its_code_and_stands_at_its_line(key: str, line: str, code: str) -> None:
    source = with_line(key, line)
    number = source.splitlines().index(line) + 1
    found = problems(source)
    assert code in {c for c, *_ in found}
    assert all(where == number or c == "topic_required" for c, _, where, _ in found)


@pytest.mark.parametrize("key", sorted(LATER))
def test_a_key_that_is_not_built_yet_is_refused_by_name_and_never_ignored(key: str) -> None:
    assert problems(with_line(key, f"{key}: {{}}")) == [("not_available_yet", key, 8, 1)]


def test_an_unknown_key_is_refused_with_what_was_probably_meant() -> None:
    with pytest.raises(InvalidDefinition) as caught:
        read(with_line("windw", "windw: 3h"))
    assert [(p.code, p.params["guess"]) for p in caught.value.problems] == [("key_unknown", "window")]


def test_all_faults_come_at_once_in_the_order_of_the_file() -> None:
    source = (
        SMALLEST.replace("marketing", "authentication").replace("2027-04-03", "2027-13-03") + "window: 1m\n"
    )
    assert [(code, line) for code, _, line, _ in problems(source)] == [
        ("authentication_refused", 2),
        ("send_at_invalid", 7),
        ("window_too_short", 8),
    ]


def test_a_fault_inside_a_block_of_text_has_the_line_and_column_of_the_fault() -> None:
    source = with_line("audience", 'audience:\n  segment: |\n    country = "ES"\n    and tagg("x")')
    assert [(line, column) for _, _, line, column in problems(source)] == [(8, 9)]


@pytest.mark.parametrize(
    ("line", "opens", "closes"),
    [
        ("{from: 21:00, to: 08:30}", 1260, 510),
        ('{from: "21:00", to: "08:30"}', 1260, 510),
        ("{from: 0:00, to: 9:05}", 0, 545),
    ],
)
def test_times_are_times_however_yaml_would_read_them(line: str, opens: int, closes: int) -> None:
    definition = read(with_line("quiet_hours", f"quiet_hours: [{line}]"))
    assert definition.quiet_hours == (QuietInterval(opens=opens, closes=closes, on_block=OnBlock.DEFER),)


def test_no_is_norway_and_not_false() -> None:
    definition = read(with_line("template", "template: {name: a, language: {chain: {NO: [NO, FR]}}}"))
    assert definition.template.chain == {"no": ("NO", "FR")}


def test_yaml_and_json_that_mean_the_same_have_one_hash() -> None:
    fields: dict[str, Any] = {
        "campaign": "spring-news",
        "category": "marketing",
        "sender": "boutique",
        "topic": "promotions",
        "audience": {"segment": 'country = "ES"', "limit": 10000},
        "template": {
            "name": "spring_news",
            "parameters": {"first_name": {"value": "{{ contact.first_name }}", "fallback": "amigo"}},
        },
        "send_at": "2027-04-03 10:00",
        "window": "120m",
    }
    assert definition_hash(read(json.dumps(fields))) == definition_hash(read(SMALLEST))
    fields["window"] = "121m"
    assert definition_hash(read(json.dumps(fields))) != definition_hash(read(SMALLEST))


@pytest.mark.parametrize(
    "source",
    [
        "a: &a [x]\nb: [*a, *a]",
        "[" * 2_000,
        "{a: " * 500,
        "campaign: " + "x" * 10_000_000,
        "a: !!python/object/apply:os.system [ls]",
        "\x00\x01",
        "? [a]\n: b",
        "a: 1\na: 2",
        "- a\n- b",
        "",
        SMALLEST.replace('country = "ES"', "(" * 5_000),
        SMALLEST.replace("{{ contact.first_name }}", "{{ " + "(" * 200 + " }}"),
    ],
)
def test_a_hostile_file_is_refused_in_less_than_a_second(source: str) -> None:
    def refused() -> None:
        with pytest.raises(InvalidDefinition):
            read(source)

    assert least_seconds(refused, 1.0) < 1.0
