"""Every file that marketers own is valid as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib.authoring.canonical import definition_hash
from chalicelib.authoring.reading import read, read_all
from chalicelib.authoring.validation import check, warnings
from chalicelib.planning.trial import tried
from chalicelib.rules import load_rules

CAMPAIGNS = Path(__file__).parents[2] / "campaigns"
FILES = sorted(f for f in CAMPAIGNS.glob("*.yaml") if f.name not in ("senders.yaml", "policy.yaml"))
RULES = load_rules(CAMPAIGNS)


def test_there_are_campaigns_in_french_arabic_and_english() -> None:
    assert len(FILES) >= 5
    assert {"fr", "ar", "en", "es"} <= {language for _, language in RULES.templates}


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_a_campaign_file_is_valid_and_fits_its_sender_and_templates(file: Path) -> None:
    definition = read(file.read_text("utf-8"), file=file.name)
    arguments = (definition, RULES.senders, RULES.policy, RULES.templates)
    assert check(*arguments, (), RULES.media) == []
    assert warnings(*arguments) == []
    assert definition.campaign == file.stem


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_a_campaign_files_own_tests_pass(file: Path) -> None:
    reading = read_all(file.read_text("utf-8"), file=file.name)
    assert reading.definition is not None
    sender = RULES.senders[reading.definition.sender]
    for case in reading.cases:
        trial = tried(case, reading.definition, sender=sender, policy=RULES.policy, templates=RULES.templates)
        assert trial.differences == (), case.name


def test_no_two_campaign_files_mean_the_same() -> None:
    hashes = [definition_hash(read(f.read_text("utf-8"))) for f in FILES]
    assert len(set(hashes)) == len(FILES)
