import re
from pathlib import Path
from string import Formatter

import pytest

import chalicelib.audience
from chalicelib.audience.wording import WORDING

STAGE = Path(chalicelib.audience.__file__).parent
CODE = re.compile(r'"((?:csv|xlsx|row|undo|phone|country|language|segment)\.[a-z_]+[a-z0-9]*)"')
NOTES = {
    *("consent.bad_date", "consent.in_future", "consent.opted_out", "contact.erased"),
    *("xlsx.broken", "xlsx.too_large_inside"),  # given by steps/contacts_files.py, which unpacks
}


def params_of(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("code", sorted(WORDING))
def test_every_code_says_the_same_facts_in_three_languages(code: str) -> None:
    texts = WORDING[code]
    assert set(texts) == {"en", "fr", "ar"}
    assert params_of(texts["en"]) == params_of(texts["fr"]) == params_of(texts["ar"])
    assert re.search("[ء-ي]", texts["ar"])


def test_every_code_the_stage_gives_is_worded_and_no_other() -> None:
    given = {
        code
        for module in STAGE.glob("*.py")
        if not module.name.startswith("wording")
        for code in CODE.findall(module.read_text())
    }
    assert given | NOTES == set(WORDING)
