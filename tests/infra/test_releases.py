"""Releases: which one runs, which one is before it, and that going back loses no data."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from infra.deployment.releases import (
    Entry,
    Release,
    before,
    entry_of,
    keeping_data,
    placed,
    standing,
    text_of,
)

A, B, C = (Release(name, f"{name}.json", f"{name}.zip") for name in "abc")
B_AGAIN = Release("b", "b-with-a-table-of-c.json", "b.zip")


def history(*deployed: Release | None) -> list[Entry]:
    """Return a history; None is a rollback."""
    found: list[Entry] = []
    for release in deployed:
        found.append(Entry("2026", release or before(found) or A, release is None))
    return found


def test_a_rollback_goes_to_the_release_before_and_the_next_one_further() -> None:
    assert standing(history(A, B, C)) == [A, B, C]
    assert standing(history(A, B, C, None)) == [A, B]
    assert before(history(A, B, C, None)) == A
    assert standing(history(A, B, C, None, None)) == [A]
    assert before(history(A, B, C, None, None)) is None
    assert standing(history(A, B, None, C)) == [A, C]


def test_what_came_later_and_is_kept_brings_the_parameters_and_conditions_that_it_names() -> None:
    older = {"Resources": {}, "Parameters": {"A": {"Default": 1}}, "Conditions": {}}
    data = {"Type": "AWS::S3::Bucket", "Condition": "Locked", "Properties": {"Days": {"Ref": "B"}}}
    present = {
        "Resources": {"Bucket": data},
        "Parameters": {"A": {"Default": 2}, "B": {"Default": 3}},
        "Conditions": {"Locked": {}},
    }
    made = keeping_data(older, present)
    assert made["Parameters"] == {"A": {"Default": 1}, "B": {"Default": 3}}
    assert made["Conditions"] == {"Locked": {}}
    assert keeping_data(older, {**present, "Resources": {}}) == older


def test_a_release_that_is_deployed_again_is_not_before_itself() -> None:
    assert before(history(A, B, B)) == A
    assert before(history(A, A)) is None
    assert before(history()) is None


def test_after_going_back_what_runs_is_the_template_that_went_out() -> None:
    entries = [*history(A, B, C), Entry("2026", B_AGAIN, is_rollback=True)]
    assert standing(entries) == [A, B_AGAIN]


@given(st.lists(st.sampled_from([A, B, C, None])))
def test_whatever_happened_what_runs_was_deployed_and_what_is_before_it_is_another(
    deployed: list[Release | None],
) -> None:
    entries = history(*deployed)
    found = standing(entries)
    assert {release.name for release in found} <= {entry.release.name for entry in entries}
    assert all(one != other for one, other in pairwise(found))


def test_an_entry_comes_back_as_it_was_kept() -> None:
    entry = Entry("2026-11-21T18:00:00+00:00", B, is_rollback=True)
    assert entry_of(text_of(entry)) == entry


def template(**resources: str) -> dict[str, Any]:
    return {"Resources": {name: {"Type": kind, "Properties": {}} for name, kind in resources.items()}}


def test_going_back_keeps_the_tables_that_came_later_and_only_those() -> None:
    older = template(People="AWS::DynamoDB::Table", Gone="AWS::SQS::Queue")
    present = template(People="AWS::DynamoDB::Table", Audit="AWS::DynamoDB::Table", Later="AWS::SQS::Queue")
    assert set(keeping_data(older, present)["Resources"]) == {"People", "Audit", "Gone"}
    assert set(older["Resources"]) == {"People", "Gone"}


def test_a_template_is_placed_in_an_account_with_its_zip_its_release_and_its_names() -> None:
    packaged = template(Send="AWS::Serverless::Function", Bucket="AWS::S3::Bucket")
    packaged["Globals"] = {"Function": {"Environment": {"Variables": {}}}}
    made = placed(packaged, bucket="zips", code="x.zip", release="abc", names={"Bucket.BucketName": "b-1"})
    assert made["Resources"]["Send"]["Properties"]["CodeUri"] == {"Bucket": "zips", "Key": "x.zip"}
    assert made["Resources"]["Bucket"]["Properties"]["BucketName"] == "b-1"
    assert made["Globals"]["Function"]["Environment"]["Variables"] == {"CARILLON_RELEASE": "abc"}
    assert packaged["Resources"]["Send"]["Properties"] == {}
