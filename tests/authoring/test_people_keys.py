"""Whom a campaign is for, whose it is, and how it is labelled."""

from __future__ import annotations

from itertools import permutations

import pytest

from chalicelib.audience.segment import parse
from chalicelib.authoring.canonical import definition_hash
from chalicelib.authoring.definition import Criticality
from chalicelib.authoring.reading import read
from tests.authoring.test_definition_table import SMALLEST, problems, with_line


def test_without_labels_a_campaign_is_of_medium_criticality_and_nobodys() -> None:
    definition = read(SMALLEST)
    assert (definition.labels, definition.criticality, definition.owner) == ({}, Criticality.MEDIUM, "")


def test_labels_are_texts_and_criticality_has_a_meaning_of_its_own() -> None:
    definition = read(with_line("labels", "labels: {team: retail, criticality: low, budget-2027: 0612}"))
    assert definition.labels == {"team": "retail", "budget-2027": "0612"}
    assert definition.criticality is Criticality.LOW


def test_the_owner_is_kept_as_written() -> None:
    assert read(with_line("owner", "owner: marketing-maroc")).owner == "marketing-maroc"


@pytest.mark.parametrize(
    ("line", "code", "path"),
    [
        ("labels: {criticality: urgent}", "not_a_choice", "labels.criticality"),
        ("labels: {team: [a, b]}", "not_text", "labels.team"),
        ("labels: {Équipe: retail}", "label_invalid", "labels.Équipe"),
        ("labels: [retail]", "not_a_mapping_at", "labels"),
        ("owner: [a]", "not_text", "owner"),
        ('audience: {include: ["phone:+212612345678"]}', "not_a_set", "audience.include"),
        ('audience: {include: ["id:"]}', "not_a_set", "audience.include"),
        ("audience: {include: vip}", "not_a_set", "audience.include"),
        ("audience: {include: {list: vip}}", "not_a_list", "audience.include"),
        ("audience: {limit: 5}", "key_required", "audience.segment"),
        ("audience: {segment: 'true'}", "segment_everybody", "audience.segment"),
        ("audience: {include: []}", "key_required", "audience.segment"),
        ("audience: {segment: 'true', include: []}", "segment_everybody", "audience.segment"),
    ],
)
def test_a_fault_has_its_code_and_its_path(line: str, code: str, path: str) -> None:
    assert [(c, p) for c, p, *_ in problems(with_line(line.split(":")[0], line))] == [(code, path)]


def test_people_are_included_by_list_tag_and_external_id() -> None:
    line = 'audience: {segment: country = "ES", include: ["list:vip", "tag:press", "id:c-7:b"]}'
    audience = read(with_line("audience", line)).audience
    assert audience.include == (("id", "c-7:b"), ("list", "vip"), ("tag", "press"))
    assert audience.segment == parse('country = "ES"')


def test_a_campaign_for_named_people_needs_no_segment() -> None:
    audience = read(with_line("audience", 'audience: {include: "list:vip"}')).audience
    assert (audience.segment, audience.include) == (parse("false"), (("list", "vip"),))


def test_a_segment_of_everybody_is_accepted_beside_include() -> None:
    line = "audience: {segment: 'true', include: ['list:vip']}"
    assert read(with_line("audience", line)).audience.segment == parse("true")


def test_exclude_names_people_too() -> None:
    line = 'audience: {segment: country = "ES", exclude: ["id:c-7", "list:staff"]}'
    assert read(with_line("audience", line)).audience.exclude == (("id", "c-7"), ("list", "staff"))


def test_the_order_in_which_people_are_named_does_not_change_the_hash() -> None:
    names = ["list:vip", "tag:press", "id:c-7", "list:vip"]
    lines = [f"audience: {{include: {list(order)}}}" for order in permutations(names)]
    assert len({definition_hash(read(with_line("audience", line))) for line in lines}) == 1


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("labels", "labels: {team: retail}"),
        ("labels", "labels: {criticality: high}"),
        ("owner", "owner: ana"),
        ("audience", 'audience: {segment: country = "ES", include: ["list:vip"]}'),
        ("audience", 'audience: {segment: country = "ES", exclude: ["list:vip"]}'),
    ],
)
def test_the_hash_covers_what_is_said(key: str, line: str) -> None:
    assert definition_hash(read(with_line(key, line))) != definition_hash(read(SMALLEST))


@pytest.mark.parametrize("line", ["labels: {criticality: medium}", "labels: {}", "owner:"])
def test_saying_a_default_does_not_change_the_hash(line: str) -> None:
    source = with_line(line.split(":")[0], line)
    assert definition_hash(read(source)) == definition_hash(read(SMALLEST))
