"""docs/operations*.md: every command they quote is one that works, and the safe ones are run."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest

from cli.arguments import parse

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "docs" / name for name in ("operations.md", "operations-aws.md")]
TEXT = "\n".join(page.read_text("utf-8") for page in PAGES)
SAMPLES = ROOT / "infra" / "samples"
OTHER_PROGRAMS = frozenset(
    (
        "adduser",
        "aws",
        "cfn-lint",
        "curl",
        "df",
        "du",
        "git",
        "install",
        "journalctl",
        "make",
        "mv",
        "systemctl",
    )
)
BOOK = "phone,external_id,first_name,language,country,consent_whatsapp_promotions\n" + "".join(
    f"+2126{12000000 + n},p{n},Name{n},fr,MA,2026-06-01\n" for n in range(3)
)
CAMPAIGN = {
    "campaign": "spring-news",
    "category": "marketing",
    "sender": "boutique",
    "topic": "promotions",
    "audience": {"segment": 'country = "MA"'},
    "template": {"name": "spring_news", "parameters": {"first_name": "amie"}},
    "send_at": "now",
}


def blocks() -> Iterator[tuple[bool, list[str]]]:
    """Yield (is it run, its lines) of every block of commands."""
    for mark, body in re.findall(r"^```sh( run)?\n(.*?)^```$", TEXT, re.DOTALL | re.M):
        yield bool(mark), [line for line in body.splitlines() if line.strip()]


QUOTED = [line for _, lines in blocks() for line in lines]
RUN = [line for is_run, lines in blocks() if is_run for line in lines]
INLINE = sorted(set(re.findall(r"`(carillon [a-z][^`]*)`", TEXT)))


@pytest.mark.parametrize("line", [line for line in QUOTED if line.startswith("carillon ")])
def test_every_quoted_command_is_one_that_carillon_takes(line: str) -> None:
    words = shlex.split(line.replace("$API", "https://api.example.com/v1"))[1:]
    if words == ["--help"]:
        return  # run for real below
    arguments = parse(words)
    assert arguments.run != "main:not_available", line


@pytest.mark.parametrize("line", INLINE)
def test_commands_in_sentences_exist(line: str) -> None:
    assert parse([*shlex.split(line)[1:2], *_least(line)]).run != "main:not_available"


def _least(line: str) -> list[str]:
    """Return what the command needs besides its name, where the sentence leaves it out."""
    words = shlex.split(line)[2:]
    needs = {"backup": ["FILE"], "restore": ["FILE"], "resume": ["B"]}
    has_place = any(not word.startswith("-") for word in words)
    return words if has_place else [*words, *needs.get(shlex.split(line)[1], [])]


def test_every_other_program_is_one_we_know_to_be_there() -> None:
    assert {shlex.split(line)[0] for line in QUOTED} - {"carillon"} <= OTHER_PROGRAMS
    assert len(RUN) >= 8


def test_what_the_runbook_names_of_this_repository_is_there() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (ROOT / "docs" / link).exists(), link
    for path in re.findall(r"/opt/carillon/([\w./-]+)", TEXT):
        assert path.startswith(".venv") or (ROOT / path).exists(), path
    targets = set(re.findall(r"make -C /opt/carillon (\S+)", TEXT))
    makefile = (ROOT / "Makefile").read_text("utf-8").replace("$(VENV)", ".venv")
    assert all(f"\n{target}:" in makefile for target in targets)
    for unit in re.findall(r"systemctl (?:stop|start|restart) (\S+)", TEXT):
        assert (SAMPLES / unit).is_file()


def test_the_safe_commands_do_what_the_runbook_says_in_its_order(tmp_path: Path) -> None:
    (tmp_path / "book.csv").write_text(BOOK, "utf-8")
    (tmp_path / "campaign.yaml").write_text(json.dumps(CAMPAIGN), "utf-8")
    env = {name: value for name, value in os.environ.items() if not name.startswith(("CARILLON_", "LC_"))}
    env |= {
        "CARILLON_HOME": str(tmp_path / "home"),
        "CARILLON_CAMPAIGNS": str(ROOT / "campaigns"),
        "PYTHONPATH": str(ROOT),
        "LANG": "C.UTF-8",
    }
    for line in RUN:
        command = [sys.executable, "-m", "cli", *shlex.split(line)[1:]]
        done = subprocess.run(
            command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
    assert (tmp_path / "home.zip").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "restored").stat().st_mode & 0o777 == 0o700
    [aside] = [path.name for path in tmp_path.iterdir() if path.name.startswith("restored.replaced-")]
    assert (tmp_path / aside / "carillon.db").is_file()


def unit(name: str) -> ConfigParser:
    """Return a systemd unit's sections; of keys that stand twice, the last."""
    parsed = ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parsed.optionxform = str  # type: ignore[assignment]
    parsed.read_string((SAMPLES / name).read_text("utf-8").replace("\\\n", " "))
    return parsed


def test_units_call_commands_that_exist_as_a_user_who_may_do_nothing_else() -> None:
    for name in ("carillon.service", "carillon-backup.service"):
        service = unit(name)["Service"]
        for line in re.findall(r"/opt/carillon/\.venv/bin/carillon ([^;]+)", service["ExecStart"]):
            parse(shlex.split(line.strip("'")))
        assert service["User"] == "carillon"
        assert service["UMask"] == "0077"
        assert service["ProtectSystem"] == "strict"
        assert service["NoNewPrivileges"] == "yes"
        assert service["CapabilityBoundingSet"] == ""
    assert unit("carillon.service")["Service"]["StateDirectoryMode"] == "0700"


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_proxies_let_only_webhooks_in_from_everywhere_and_log_no_path(name: str) -> None:
    text = (SAMPLES / name).read_text("utf-8")
    bare = "\n".join(line for line in text.splitlines() if not line.strip().startswith("#"))
    assert bare.count("{") == bare.count("}")
    assert "127.0.0.1:8000" in bare
    assert not re.search(r"\$request\b|\$request_uri|\$uri|\$args|^\s*log\b", bare, re.M)
    public = bare[: bare.index("carillon.example.com")]
    places = re.findall(r"(?:location|handle) (?:= )?(/\S*)", public)
    assert places in (["/webhooks/whatsapp"], ["/webhooks/whatsapp", "/"])
    assert "404" in public


def test_no_sample_holds_a_secret() -> None:
    for path in SAMPLES.iterdir():
        assert not re.search(r"(TOKEN|SECRET)=(?!\.\.\.)\S", path.read_text("utf-8")), path.name
