"""The log: JSON lines, no phone number whatever is logged, and files that stay small and private."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.log import JsonLines, log, to_file, without_numbers


@pytest.fixture
def usual_log() -> Iterator[None]:
    """Put the log back as it was."""
    handlers, level, propagate = list(log.handlers), log.level, log.propagate
    yield
    for handler in log.handlers:
        handler.close()
    log.handlers[:], log.propagate = handlers, propagate
    log.setLevel(level)


@pytest.mark.parametrize(
    "text",
    [
        "/api/contacts/+34612345678",
        "/api/contacts/%2B34612345678/consents",
        "/api/broadcasts/soldes.1/people/34612345678",
        "no contact +212612000176.",
        "0612345678",
    ],
)
def test_what_may_be_a_phone_number_is_not_logged(text: str) -> None:
    found = without_numbers(text)
    assert "[number]" in found
    assert not any(part.isdigit() and len(part) >= 9 for part in found.replace("+", "/").split("/"))


@pytest.mark.parametrize(
    "text",
    [
        "soldes-hiver-2027.1",
        "002-000000",
        "plans/parts/1796115602400-2.jsonl",
        "d0123456789abcdef",
        "send.py:120 > wire.py:33",
        "2027-01-14T06:00:00Z",
    ],
)
def test_names_of_things_are_logged_as_they_are(text: str) -> None:
    assert without_numbers(text) == text


def test_every_text_of_a_line_is_looked_at_and_its_counts_stay() -> None:
    record = logging.makeLogRecord(
        {
            "msg": "request_failed",
            "levelname": "ERROR",
            "path": "/api/contacts/+34612345678",
            "n": 123456789012,
        }
    )
    line = json.loads(JsonLines().format(record))
    assert (line["path"], line["n"]) == ("/api/contacts/[number]", 123456789012)


def test_log_files_are_the_owners_and_never_more_than_their_number_and_size(
    tmp_path: Path, usual_log: None
) -> None:
    file = tmp_path / "logs" / "carillon.log"
    to_file(file, most_bytes=2_000, files=3)
    for n in range(500):
        log.info("chunk_sent", extra={"chunk": f"000-{n:06}", "sent": n})
    found = sorted(path.name for path in file.parent.iterdir())
    assert found == ["carillon.log", "carillon.log.1", "carillon.log.2"]
    assert all(path.stat().st_size <= 2_000 for path in file.parent.iterdir())
    assert {path.stat().st_mode & 0o777 for path in file.parent.iterdir()} == {0o600}
    assert file.parent.stat().st_mode & 0o777 == 0o700
    last = json.loads(file.read_text().splitlines()[-1])
    assert (last["event"], last["sent"]) == ("chunk_sent", 499)


def test_a_log_that_others_could_read_is_the_owners_again(tmp_path: Path, usual_log: None) -> None:
    file = tmp_path / "carillon.log"
    file.write_text("")
    file.chmod(0o644)
    to_file(file, most_bytes=2_000, files=2)
    assert file.stat().st_mode & 0o777 == 0o600
