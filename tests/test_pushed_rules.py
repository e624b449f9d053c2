"""Rules that are pushed: what counts changes all at once, or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from chalicelib.errors import InvalidRequest, InvalidSettings, Refused
from chalicelib.pushed_rules import PushedFiles, content_key, manifest_of
from chalicelib.rules import LocalFiles, RulesShelf, load_rules, rules_of
from chalicelib.steps import pushing
from chalicelib.steps.home import Home
from cli.pushing import files_of
from tests.scenarios.world import CAMPAIGNS, World

OURS = files_of(CAMPAIGNS)


@pytest.fixture
def home() -> Iterator[Home]:
    """A home as on AWS: it has no directory, and looks at each question."""
    world = World("2026-12-01T09:00:00Z")
    home = world.pipeline.home
    shelf = RulesShelf(PushedFiles(home.ports.objects), monotonic=lambda: 0.0)
    yield replace(
        home,
        settings=replace(home.settings, pushed_rules=True),
        rules=shelf.current,
        look_again=shelf.look_again,
    )
    world.close()


def named(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}


def bring(home: Home, files: Mapping[str, bytes]) -> pushing.Pushed:
    """Push as the command does."""
    for sha256 in pushing.push(home, named(files)).missing:
        body = next(body for body in files.values() if hashlib.sha256(body).hexdigest() == sha256)
        pushing.keep_content(home, sha256, body)
    return pushing.push(home, named(files))


def test_pushed_rules_are_those_of_the_directory(home: Home) -> None:
    bring(home, OURS)
    here, there = load_rules(CAMPAIGNS), home.rules()
    assert there.read_media("agadir.jpg") == here.read_media("agadir.jpg") != b""
    assert replace(there, read_media=here.read_media) == here


def test_without_a_push_a_home_on_aws_says_what_is_missing(home: Home) -> None:
    with pytest.raises(InvalidSettings) as refused:
        home.rules()
    assert [problem.code for problem in refused.value.problems] == ["senders_missing"]


def test_until_every_content_is_there_nothing_changes(home: Home) -> None:
    bring(home, OURS)
    before = home.rules().policy
    changed = {**OURS, "policy.yaml": b"quiet_hours: []\n"}
    asked = pushing.push(home, named(changed))
    assert asked.missing == (named(changed)["policy.yaml"],)
    home.look_again()
    assert home.rules().policy == before


def test_a_push_acts_at_the_next_look(home: Home) -> None:
    bring(home, OURS)
    fewer = {name: body for name, body in OURS.items() if not name.startswith("templates/")}
    assert home.rules().templates
    bring(home, fewer)
    assert home.rules().templates == {}


def test_rules_with_a_problem_never_count(home: Home) -> None:
    first = bring(home, OURS)
    with pytest.raises(InvalidSettings) as refused:
        bring(home, {**OURS, "senders.yaml": b"senders: {x: 1}\n", "templates/broken.json": b"{"})
    assert len({problem.file for problem in refused.value.problems}) == 2
    assert pushing.pushed(home).version == first.version


def test_the_same_files_again_are_no_change(home: Home) -> None:
    first = bring(home, OURS)
    again = pushing.push(home, named(OURS))
    assert (again.unchanged, again.version) == (True, first.version)


def test_what_counted_before_stays_in_the_bucket(home: Home) -> None:
    first = bring(home, OURS)
    bring(home, {"senders.yaml": OURS["senders.yaml"]})
    kept = home.ports.objects.get(f"rules/versions/{first.version}.json")
    assert kept is not None
    assert manifest_of(kept).version == first.version


@pytest.mark.parametrize(
    "name",
    ["../senders.yaml", "campaign.yaml", "templates/../x.json", "media/", "media/a/b.jpg", "templates/x.txt"],
)
def test_only_rules_are_pushed(home: Home, name: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        pushing.push(home, {**named(OURS), name: "0" * 64})
    assert [problem.code for problem in refused.value.problems] == ["rules_file_name"]


def test_a_content_under_another_hash_is_refused(home: Home) -> None:
    with pytest.raises(InvalidRequest):
        pushing.keep_content(home, "0" * 64, b"something else")
    assert home.ports.objects.get(content_key("0" * 64)) is None


def test_a_home_with_a_directory_takes_no_push(home: Home) -> None:
    own = replace(home, settings=replace(home.settings, pushed_rules=False))
    with pytest.raises(Refused):
        pushing.push(own, named(OURS))


def test_a_look_is_one_read(home: Home) -> None:
    bring(home, OURS)
    reads: list[str] = []

    class Counted:
        def get(self, key: str) -> bytes | None:
            reads.append(key)
            return home.ports.objects.get(key)

    files = PushedFiles(Counted())  # type: ignore[arg-type]
    files.stamp()
    rules_of(files)
    reads.clear()
    files.stamp()
    rules_of(files)
    assert reads == ["rules/current.json"]


def test_the_command_sees_what_the_home_reads() -> None:
    local = LocalFiles(CAMPAIGNS)
    assert {name for name in OURS if name.startswith("templates/")} == set(local.templates())
    assert {name.removeprefix("media/") for name in OURS if name.startswith("media/")} == set(local.media())
    assert all(pushing.is_rule(name) for name in OURS)
