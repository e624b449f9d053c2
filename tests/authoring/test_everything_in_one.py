"""The format's own example: every key of it is understood, or refused by its name as not built yet."""

from __future__ import annotations

import json
from pathlib import Path

from chalicelib.authoring.media import MediaFile
from chalicelib.authoring.policy import Policy
from chalicelib.authoring.reading import read_all
from chalicelib.authoring.senders import Sender
from chalicelib.authoring.template import Template, parse_template
from chalicelib.authoring.validation import check

SOURCE = (Path(__file__).parent / "everything_in_one.yaml").read_text("utf-8")
TEMPLATES = Path(__file__).parents[2] / "campaigns" / "templates"
LATER = {
    "rollout",
    "budget",
    "tracking",
    "approval.tolerance.cost",
    "experiment.variants",
    "experiment.winner",
    "delivery.fallback",
}


def test_what_is_refused_is_what_is_not_built_yet_by_name() -> None:
    problems = read_all(SOURCE).problems
    assert {p.path for p in problems if p.code == "not_available_yet"} == LATER
    assert [(p.code, p.path, p.params["name"]) for p in problems if p.code != "not_available_yet"] == [
        ("expression_later", "template.buttons[0].value", "link")
    ]


def with_image(language: str) -> Template:
    fields = json.loads((TEMPLATES / f"soldes_hiver_2027.{language}.json").read_text("utf-8"))
    return parse_template(
        {**fields, "components": [{"type": "HEADER", "format": "IMAGE"}, *fields["components"]]}, ""
    )


def test_all_the_rest_fits_a_sender_templates_and_files_of_its_kind() -> None:
    definition = read_all(SOURCE).definition
    assert definition is not None
    sender = Sender(key="boutique-ma", phone_number_id="1", waba_id="2", portfolio="p", languages=("fr",))
    picture = MediaFile(name="hiver.jpg", size=1_000, sha256="a" * 64, beginning=b"\xff\xd8\xff")
    found = check(
        definition,
        {sender.key: sender},
        Policy(),
        {("soldes_hiver_2027", language): with_image(language) for language in ("fr", "ar", "en")},
        ("inbox",),
        {picture.name: picture},
    )
    assert found == []


def test_its_own_tests_are_read() -> None:
    assert [case.name for case in read_all(SOURCE).cases] == ["Amina gets French at nine", "consent too old"]
