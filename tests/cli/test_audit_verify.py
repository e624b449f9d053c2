"""`carillon audit verify`: the files of the audit trail, as an auditor checks them without the home."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.fake_api import FakeApi
from tests.cli.test_home_client import carillon
from tests.tracking.test_audit_copies import chain


def filled(directory: Path) -> Path:
    directory.mkdir(parents=True)
    for name, body in chain(2, 1, 3):
        (directory / name).write_bytes(body)
    return directory


def test_a_directory_of_whole_files_is_said_to_be_whole(tmp_path: Path) -> None:
    filled(tmp_path / "copies")
    status, found = carillon(tmp_path, "audit", "verify", "copies")
    assert (status, found["whole"], found["files"], found["entries"]) == (0, True, 3, 6)
    assert (found["first"], found["last"], found["until"]) == (1, 3, "2027-01-15T08:00:03Z")


def test_without_a_directory_it_is_the_homes_archive(tmp_path: Path) -> None:
    filled(tmp_path / "home/archive/audit")
    status, found = carillon(tmp_path, "audit", "verify", "--home", "home")
    assert (status, found["files"]) == (0, 3)


def test_what_is_wrong_is_said_and_the_exit_status_is_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, _ = sorted(filled(tmp_path / "copies").iterdir())
    second.unlink()
    first.write_bytes(first.read_bytes().replace(b"done", b"fine"))
    status, found = carillon(tmp_path, "audit", "verify", "copies")
    assert (status, found["whole"]) == (1, False)
    assert [fault["code"] for fault in found["faults"]] == ["audit_file_altered", "audit_file_missing"]
    assert "00000003-" in found["faults"][1]["text"]
    assert FakeApi().carillon("audit", "verify", str(tmp_path / "copies")) == 1
    told = capsys.readouterr()
    assert "no file 2\n" in told.err
    assert "2 faults" in told.out


def test_a_directory_without_files_is_refused_and_nothing_is_made(tmp_path: Path) -> None:
    status, refused = carillon(tmp_path, "audit", "verify", "nowhere")
    assert (status, refused["problems"][0]["code"]) == (1, "audit_no_files")
    assert not (tmp_path / "nowhere").exists()
