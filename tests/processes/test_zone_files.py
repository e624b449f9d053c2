"""The host's zone files may be older than pytz's, or wrong: only pytz's count."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import pytz

from tests.processes.running import DEFINITION, ROOT, book

ZONES = ("Africa/Casablanca", "Europe/Paris", "UTC")
WRONG = "America/New_York"
AT = "2027-02-01T06:00:00Z"


@pytest.fixture
def wrong_zones(tmp_path: Path) -> Path:
    """A directory of zone files in which every zone that matters here has the rules of another."""
    directory = tmp_path / "zoneinfo"
    source = Path(str(pytz.__file__)).parent / "zoneinfo" / WRONG
    for zone in (*ZONES, WRONG):
        (directory / zone).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, directory / zone)
    return directory


def carillon(home: Path, environment: Mapping[str, str], *argv: str) -> tuple[int, Any]:
    """Run one command on a home in processes of this environment; returns exit status and answer."""
    done = subprocess.run(
        [sys.executable, "-m", "cli", *argv, "--home", str(home), "--json"],
        cwd=home,  # where the import's results are put
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "CARILLON_CAMPAIGNS": str(ROOT / "campaigns"),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, json.loads(done.stdout)


def planned(home: Path, environment: Mapping[str, str]) -> Any:
    """Plan the same campaign in a home of its own."""
    home.mkdir(mode=0o700)
    people, definition = home / "book.csv", home / "expedition.yaml"
    people.write_bytes(book(20))
    definition.write_text(json.dumps({**DEFINITION, "send_at": "2027-02-01 09:00", "timezone": "recipient"}))
    assert carillon(home, environment, "contacts", "import", str(people))[0] == 0
    status, answer = carillon(home, environment, "plan", str(definition), "--at", AT)
    assert status == 0, answer
    return answer


def test_a_plan_is_the_same_whatever_zone_files_the_host_has(tmp_path: Path, wrong_zones: Path) -> None:
    here = planned(tmp_path / "usual", {})
    wrong = {"TZDIR": str(wrong_zones), "PYTHONTZPATH": str(wrong_zones), "TZ": WRONG}
    elsewhere = planned(tmp_path / "wrong", wrong)
    assert here["planned"] == elsewhere["planned"] == 20
    assert [wave["at"] for wave in here["waves"]] == [wave["at"] for wave in elsewhere["waves"]]
    assert here["first_send"] == elsewhere["first_send"]


def test_these_wrong_files_would_have_mattered(wrong_zones: Path) -> None:
    code = "import datetime, zoneinfo; z = zoneinfo.ZoneInfo('Africa/Casablanca'); "
    code += "print(datetime.datetime(2027, 2, 1, 9, tzinfo=z).utcoffset())"
    env = {**os.environ, "PYTHONTZPATH": str(wrong_zones)}
    said = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "-1 day, 19:00:00"


def test_a_home_whose_pytz_would_read_other_files_is_not_opened(tmp_path: Path, wrong_zones: Path) -> None:
    (tmp_path / "home").mkdir(mode=0o700)
    status, answer = carillon(tmp_path / "home", {"PYTZ_TZDATADIR": str(wrong_zones)}, "status")
    assert status == 1
    assert [problem["code"] for problem in answer["problems"]] == ["zone_files_elsewhere"]
