"""The command over a home on this machine, as users run it: a process of its own, the real API, no server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BOOK = """\
external_id,phone,first_name,country,tags,consent_whatsapp_promotions
ana,+34612345678,Ana,ES,,2026-01-01
bea,+34612345679,Bea,ES,staff,2026-01-01
col,not a number,Col,ES,,2026-01-01
dan,+34612345670,Dan,ES,,
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory to work in, with a book of contacts; the home becomes ./.home."""
    (tmp_path / "book.csv").write_text(BOOK, "utf-8")
    return tmp_path


def carillon(place: Path, *argv: str, **variables: str) -> tuple[int, Any]:
    """Run one command with --json and some variables; returns its exit status and document."""
    names = ("CARILLON_TOKEN", "CARILLON_HOME", "LANG", "LC_ALL")
    env = {name: value for name, value in os.environ.items() if name not in names}
    env |= {"CARILLON_CAMPAIGNS": str(ROOT / "campaigns"), "PYTHONPATH": str(ROOT), **variables}
    command = [sys.executable, "-m", "cli", *argv, "--json"]
    done = subprocess.run(
        command, cwd=place, env=env, capture_output=True, text=True, check=False, timeout=60
    )
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout)


def test_a_campaign_goes_from_file_to_broadcast_without_a_server(place: Path) -> None:
    status, imported = carillon(place, "contacts", "import", "book.csv")
    assert (status, imported["created"], imported["invalid"]) == (0, 3, 1)
    lines = [json.loads(line) for line in (place / "book.results.jsonl").read_text("utf-8").splitlines()]
    assert [line["verdict"] for line in lines] == ["created", "created", "invalid", "created"]

    spring = str(ROOT / "campaigns" / "spring-news.yaml")
    status, planned = carillon(place, "plan", spring, "--at", "2027-04-01T00:00:00Z")
    assert (status, planned["audience"], planned["planned"]) == (0, 2, 1)
    assert planned["excluded"] == {"consent.missing": 1}

    status, shown = carillon(place, "contacts", "show", "+34612345678")
    assert (status, shown["external_id"]) == (0, "ana")


def test_an_unknown_hash_is_refused_with_what_to_run(place: Path) -> None:
    status, refusal = carillon(place, "launch", "0" * 64)
    assert status == 1
    assert refusal["problems"][0]["code"] == "plan_unknown"
    assert refusal["next"] == "carillon plan FILE"


def test_a_faulty_definition_gets_all_its_problems(place: Path) -> None:
    (place / "bad.yaml").write_text("campaign: X\ntpoic: promotions\n", "utf-8")
    status, refusal = carillon(place, "plan", "bad.yaml")
    assert status == 1
    assert len(refusal["problems"]) > 2
    assert all(problem["line"] for problem in refusal["problems"])


def test_a_home_that_cannot_be_made_is_a_sentence(place: Path) -> None:
    (place / ".home").write_text("a file", "utf-8")
    status, refusal = carillon(place, "status")
    assert status == 1
    assert "Traceback" not in refusal["message"]
    assert refusal["code"] == "home_unavailable"


def test_whoever_sits_at_the_home_is_its_admin_under_their_own_name(place: Path) -> None:
    assert carillon(place, "token", "create", "till", CARILLON_USER="amina")[0] == 0
    status, trail = carillon(place, "audit", CARILLON_TOKEN="asked-of-others-only")
    (entry,) = trail["entries"]
    assert (status, entry["who"], entry["kind"], entry["role"]) == (0, "amina", "local", "admin")
    assert (entry["act"], entry["on"], entry["outcome"]) == ("token.create", "1", "done")
