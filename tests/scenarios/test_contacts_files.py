"""Contacts files of every usual make, through the API."""

from __future__ import annotations

import pytest

from tests.scenarios.world import World

BOOK = "phone,external_id,first_name\n+212612000001,a,Zoé\n+212612000002,b,Noël\n"


@pytest.mark.parametrize(
    ("codec", "encoding"), [("utf-8", "utf-8"), ("utf-16", "utf-16"), ("cp1252", "windows-1252")]
)
def test_an_import_says_as_which_encoding_the_file_was_read(world: World, codec: str, encoding: str) -> None:
    done = world.api("POST", "/api/contacts/imports", raw=BOOK.encode(codec))
    assert (done["encoding"], done["created"], done["rows"]) == (encoding, 2, 2)
    assert world.api("GET", "/api/contacts/a")["first_name"] == "Zoé"
