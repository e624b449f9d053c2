"""The command line as a whole: usage, refusals, languages, and how fast it starts."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from chalicelib.web.front_door import is_loopback
from cli.arguments import LATER
from cli.client import HttpClient, Unreachable
from cli.main import main
from cli.texts import TABLES, TEXTS, language_of, text
from tests.cli.fake_api import FakeApi

ROOT = Path(__file__).parents[2]
NOBODY = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    "argv",
    [
        (),
        ("nonsense",),
        ("plan",),
        ("plan", "a.yaml", "--at", "tomorrow"),
        ("plan", "a.yaml", "--at", "2027-01-14T06:00:00"),
        ("status", "--api", "localhost:8000"),
        ("status", "--api", NOBODY, "--home", "x"),
        ("up", "--port", "99999"),
        ("contacts",),
    ],
)
def test_wrong_usage_exits_with_2_and_a_hint(
    argv: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv, {}) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "next: carillon --help" in err


def test_wrong_usage_is_one_document_under_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("plan", "--json"), {}) == 2
    out, err = capsys.readouterr()
    assert json.loads(out)["code"] == "wrong_usage"
    assert err == ""


@pytest.mark.parametrize("argv", [(c,) for c in LATER])
@pytest.mark.parametrize("rest", [(), ("--json",), ("x", "--any", "--json")])
def test_what_is_not_built_yet_is_refused_by_name(
    argv: tuple[str, ...], rest: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main((*argv, *rest), {}) == 1
    out, err = capsys.readouterr()
    said = json.loads(out)["message"] if "--json" in rest else err
    assert f"`carillon {' '.join(argv)}` is not available yet" in said


def test_a_server_that_is_away_is_a_sentence_with_the_next_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(("status", "--api", NOBODY), {}) == 1
    err = capsys.readouterr().err
    assert f"no Carillon server answers at {NOBODY}" in err
    assert err.endswith("next: carillon up\n")


def test_a_file_that_cannot_be_read_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert FakeApi().carillon("validate", "/nowhere/a.yaml") == 1
    assert "/nowhere/a.yaml cannot be read: No such file" in capsys.readouterr().err


def test_a_file_that_is_no_text_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    assert FakeApi().carillon("validate", str(path)) == 1
    assert "not UTF-8" in capsys.readouterr().err


def test_an_unexpected_error_is_a_sentence_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert FakeApi().carillon("launch", "abc") == 1  # the fake has no such answer: KeyError
    out, err = capsys.readouterr()
    assert "Traceback" not in err + out
    assert "CARILLON_DEBUG=1 carillon launch" in err


def test_up_needs_a_token_on_any_other_address(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("up", "--host", "0.0.0.0", "--home", str(tmp_path / "home")), {}) == 1
    err = capsys.readouterr().err
    assert "needs a token" in err
    assert "carillon token create" in err


@pytest.mark.parametrize(
    ("host", "is_ours_alone"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("shop.example", False)],
)
def test_loopback_addresses(host: str, is_ours_alone: bool) -> None:
    assert is_loopback(host) is is_ours_alone


def test_options_may_stand_before_or_behind_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("--json", "status", "--api", NOBODY), {}) == 1
    before = capsys.readouterr().out
    assert main(("status", "--api", NOBODY, "--json"), {}) == 1
    assert capsys.readouterr().out == before


@pytest.mark.parametrize(
    ("asked", "lang", "expected"),
    [
        (None, "fr_FR.UTF-8", "fr"),
        (None, "C", "en"),
        ("ar", "fr_FR", "ar"),
        (None, "", "en"),
        (None, "de_DE", "en"),
    ],
)
def test_the_language_is_what_is_asked_for_else_what_lang_says(
    asked: str | None, lang: str, expected: str
) -> None:
    assert language_of(asked, lang) == expected


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_every_text_exists_in_three_languages_with_the_same_slots(name: str) -> None:
    texts = TEXTS[name]
    slots = [{part.split("}")[0] for part in words.split("{")[1:]} for words in texts]
    assert all(words.strip() for words in texts)
    assert slots[0] == slots[1] == slots[2]


def test_no_two_tables_of_texts_have_one_name() -> None:
    assert len(TEXTS) == sum(map(len, TABLES))


def test_french_is_spoken_when_lang_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("status", "--api", NOBODY), {"LANG": "fr_MA.UTF-8"}) == 1
    assert capsys.readouterr().err.startswith("refusé : aucun serveur")


def test_an_unknown_text_is_said_as_it_is() -> None:
    assert text("consent.missing", "fr") == "consent.missing"


def test_help_imports_nothing_heavy() -> None:
    script = "import sys; from cli.main import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    heavy = ("chalice", "chalicelib", "pytz", "phonenumbers", "yaml", "aiohttp", "sqlite3")
    script += f"print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.splitlines()[-1] == "[]"


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was asked, or with what is no JSON."""

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        asked = {
            "path": self.path,
            "authorization": self.headers.get("Authorization"),
            "language": self.headers.get("Accept-Language"),
            "type": self.headers.get("Content-Type"),
            "body": self.rfile.read(size).decode(),
        }
        raw = b"<html>bad gateway</html>" if "broken" in self.path else json.dumps(asked).encode()
        self.send_response(502 if "broken" in self.path else 200)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> object:
    with HTTPServer(("127.0.0.1", 0), Echo) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}/prefix/"
        listening.shutdown()
        thread.join()


def test_http_requests_carry_token_language_query_and_body(server: str) -> None:
    client = HttpClient(server, token="s3cret", language="ar")
    answer = client.request("POST", "/api/x", query={"file": "a b.csv"}, body=b"raw", content_type="text/csv")
    assert answer.done
    assert answer.json == {
        "path": "/prefix/api/x?file=a+b.csv",
        "authorization": "Bearer s3cret",
        "language": "ar",
        "type": "text/csv",
        "body": "raw",
    }


def test_an_answer_that_is_no_json_becomes_an_error_with_its_words(server: str) -> None:
    answer = HttpClient(server).request("POST", "/broken")
    assert not answer.done
    assert "bad gateway" in answer.json["message"]


def test_nobody_listening_raises_unreachable() -> None:
    with pytest.raises(Unreachable):
        HttpClient(NOBODY).request("GET", "/health")
