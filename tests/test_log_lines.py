"""Every line of the log is in docs/logs.md with its fields, and no other; one line per unit of work."""

from __future__ import annotations

import ast
import json
import logging
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from chalicelib.errors import HomeUnavailable, Problem, Refused
from chalicelib.log import JsonLines, Tally, log, unit
from chalicelib.sending.answer import Message, Unknown
from chalicelib.sending.answer import Refused as RefusedBy
from tests.scenarios.test_single_sends import SHIPPED
from tests.scenarios.world import SECRETS, World

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/logs.md"
FILTERS = ROOT / "infra/samples/metric-filters.json"
BY_UNIT = {"outcome", "ms", "code", "error"}
"""What `unit` adds by itself; `code` and `error` when it did not end well."""
LEVELS = ("info", "warning", "error", "exception", "log")


@dataclass(frozen=True)
class Documented:
    """A row of the page."""

    level: str
    fields: frozenset[str]


def rows() -> dict[str, Documented]:
    found = {}
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == 4:
            fields = frozenset(re.findall(r"`(\w+)`", cells[3]))
            found[cells[0].strip("`")] = Documented(cells[1], fields)
    return found


@dataclass(frozen=True)
class Written:
    """A place in the code that writes a line: its fields, as far as they are written out there."""

    event: str
    fields: frozenset[str]
    is_whole: bool


def python_files() -> Iterator[Path]:
    yield ROOT / "app.py"
    yield from sorted((ROOT / "chalicelib").rglob("*.py"))


def written() -> Iterator[Written]:
    for path in python_files():
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name, on = node.func, None
            if isinstance(name, ast.Attribute):
                on = name.value.id if isinstance(name.value, ast.Name) else None
            if on == "log" and isinstance(name, ast.Attribute) and name.attr in LEVELS:
                yield _logged(path, node, 1 if name.attr == "log" else 0)
            if isinstance(name, ast.Name) and name.id in ("unit", "Tally") and node.args:
                yield _unit(path, node)


def _event(path: Path, node: ast.Call, place: int) -> str | None:
    event = node.args[place]
    if path.name == "log.py":
        return None
    assert isinstance(event, ast.Constant), f"{path}:{node.lineno}: the name of a line is written out"
    return str(event.value)


def _logged(path: Path, node: ast.Call, place: int) -> Written:
    extra = next((k.value for k in node.keywords if k.arg == "extra"), ast.Dict(keys=[], values=[]))
    keys = extra.keys if isinstance(extra, ast.Dict) else [None]
    named = frozenset(str(key.value) for key in keys if isinstance(key, ast.Constant))
    return Written(_event(path, node, place) or "", named, all(key is not None for key in keys))


def _unit(path: Path, node: ast.Call) -> Written:
    named = frozenset(k.arg for k in node.keywords if k.arg)
    return Written(_event(path, node, 0) or "", named, False)


@cache
def code() -> list[Written]:
    return [found for found in written() if found.event]


def test_the_page_names_every_line_of_the_code_and_no_other() -> None:
    assert sorted({found.event for found in code()}) == sorted(rows())


def test_the_page_names_every_field_that_the_code_writes_out() -> None:
    page = rows()
    missing = {(w.event, name) for w in code() for name in w.fields - page[w.event].fields}
    assert missing == set()


def test_a_line_written_out_whole_has_no_other_field_on_the_page() -> None:
    page = rows()
    whole = {w.event for w in code()} - {w.event for w in code() if not w.is_whole}
    stale = {
        (event, name)
        for event in whole
        for name in page[event].fields - frozenset().union(*(w.fields for w in code() if w.event == event))
    }
    assert stale == set()


def test_the_log_files_lines_are_in_order_of_name_so_that_one_is_found() -> None:
    sections = PAGE.read_text("utf-8").split("\n## ")
    for section in sections:
        names = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
        assert names == sorted(names)


class Kept(logging.Handler):
    """Keeps every line as it is written."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, Any]] = []
        self.bytes: Counter[str] = Counter()
        self._format = JsonLines()

    def emit(self, record: logging.LogRecord) -> None:
        text = self._format.format(record)
        self.lines.append(json.loads(text))
        self.bytes[record.getMessage()] += len(text.encode())

    def named(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event]


@pytest.fixture
def kept() -> Iterator[Kept]:
    handler, level = Kept(), log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield handler
    log.removeHandler(handler)
    log.setLevel(level)


PEOPLE = 240


def day(world: World) -> str:
    """Play one of each unit of work: each kind of outcome, receipts, a STOP, a single send."""
    world.people(PEOPLE)
    world.import_csv("phone,external_id,first_name,country\n+212612999999,none,Nadia,MA\n")
    broadcast = world.launched()

    def script(message: Message) -> Any:
        return {
            "+212612000003": Unknown(why="reset"),
            "+212612000004": RefusedBy(code=131026),
            "+212612000005": RefusedBy(code=131016),
        }.get(message.to)

    world.platform.script = script
    world.run_for(seconds=2)
    world.says("+212612000001", "ARRÊT, je m'appelle Zoubida")
    world.says("+212612000002", "ARRÊT")
    world.at("2026-12-01T08:59:58Z")
    world.run_until_idle()
    world.receipt(*(world.status_of(n, "delivered") for n in range(50)))
    world.run_for(seconds=61, step=1)
    world.receipt(world.status_of(51, "read"))
    world.run_for(seconds=2)
    world.webhook({"statuses": []}, secret="wrong")
    world.upload(**SHIPPED)
    world.api(
        "POST",
        "/api/campaigns/parcel-shipped/sends",
        {"contact": "ma7", "key": "k1", "parameters": {"order": "SECRET-4711"}},
    )
    world.run_for(seconds=5)
    world.api("GET", "/api/contacts/+212612000007")
    return broadcast


def test_a_day_of_work_writes_one_line_for_each_unit_and_no_word_or_number_of_anybody(kept: Kept) -> None:
    world = World()
    broadcast = day(world)
    page = rows()
    for line in kept.lines:
        documented = page[line["event"]]
        fields = line.keys() - {"timestamp", "level", "event", "where"}
        assert fields <= documented.fields | BY_UNIT, line
        assert line["level"] in documented.level.split(" or "), line
    text = json.dumps(kept.lines, ensure_ascii=False)
    for private in ("2126", "Name7", "Zoubida", "Nadia", "SECRET-4711", *SECRETS.values()):
        assert private not in text
    units = Counter(line["event"] for line in kept.lines)
    assert units["contacts_imported"] == 2
    assert units["part_planned"] == world.settings.fan_out_tasks
    assert (units["plan_sealed"], units["broadcast_opened"], units["wave_dispatched"]) == (1, 1, 1)
    assert units["inbound_recorded"] == 2
    assert units["single_send"] == 1
    _adds_up(kept, world, broadcast)
    world.close()


def _adds_up(kept: Kept, world: World, broadcast: str) -> None:
    """The chunks' lines together say what the report says: every gate's people, and every code's."""
    found: Counter[str] = Counter()
    for line in kept.named("chunk_sent"):
        if line["broadcast"] != broadcast:
            continue
        for name in ("accepted", "uncertain"):
            found[name] += line.get(name, 0)
        for name in ("excluded", "waiting", "failed"):
            found.update({f"{name}.{reason}": n for reason, n in line.get(name, {}).items()})
    report = world.report(broadcast)
    assert found["accepted"] == report["accepted"] == PEOPLE - 5
    assert found["uncertain"] == report["uncertain"] == 1
    assert found["excluded.consent.revoked"] == report["excluded"]["consent.revoked"] == 2
    assert found["failed.131026"] == report["failed"]["131026"] == 1
    assert found["waiting.retry.131016"] >= 1
    assert sum(line["slots"] for line in kept.named("paced")) >= PEOPLE


def test_the_lines_of_the_way_of_a_message_are_few_and_short(kept: Kept) -> None:
    """CloudWatch takes 26 bytes more for each; a million messages at $0.53 per GB: under $0.05."""
    world = World()
    world.people(PEOPLE)
    world.launched()
    world.at("2026-12-01T08:59:58Z")
    kept.lines.clear()
    kept.bytes.clear()
    world.run_until_idle()
    assert len(world.platform.sent) == PEOPLE
    way = [line for line in kept.lines if line["event"] in ("paced", "chunk_sent", "wave_dispatched")]
    size = sum(kept.bytes[event] for event in ("paced", "chunk_sent", "wave_dispatched"))
    chunks = len(kept.named("chunk_sent"))
    assert len(way) <= 2 * chunks + 1
    assert size / chunks < 2 * 350
    world.close()


def test_refused_and_failed_requests_are_lines_too_by_their_route_and_never_their_address(kept: Kept) -> None:
    world = World()
    world.api("GET", "/api/contacts/+212612000007")
    (line,) = kept.named("api_request")
    assert (line["method"], line["route"]) == ("GET", "/api/contacts/{contact}")
    assert (line["status"], line["outcome"], line["code"]) == (404, "refused", "contact_unknown")
    world.close()


def test_webhook_posts_are_one_line_a_minute(kept: Kept) -> None:
    now = [1_000]
    posts = Tally("webhooks_posted", lambda: now[0])
    for n in range(300):
        now[0] += 500
        with posts.one():
            now[0] += 7 if n == 3 else 0
        if n == 10:
            with pytest.raises(Refused), posts.one():
                raise Refused(Problem(code="signature_wrong"))
            with pytest.raises(HomeUnavailable), posts.one():
                raise HomeUnavailable(Problem(code="disk_full"))
    first, *others = kept.named("webhooks_posted")
    assert (first["refused"], first["failed"], first["longest_ms"]) == (1, 1, 7)
    assert [line["done"] for line in (first, *others)] == [121, 121]
    assert all(60_000 <= line["ms"] < 61_000 for line in (first, *others))


def test_a_unit_says_how_it_ended_and_one_whose_process_dies_says_nothing(kept: Kept) -> None:
    now = iter(range(0, 100, 10))
    with unit("reconciled", lambda: next(now), dispatched=0, excluded={}):
        pass
    with pytest.raises(Refused), unit("reconciled", lambda: next(now)):
        raise Refused(Problem(code="plan_unknown", params={"secret": "+212612000007"}))
    with pytest.raises(ZeroDivisionError), unit("reconciled", lambda: next(now)) as line:
        line.is_silent = bool(1 / 0)
    with pytest.raises(SystemExit), unit("reconciled", lambda: next(now)):
        raise SystemExit
    with unit("reconciled", lambda: next(now)) as line:
        line.silence()
    seen = [{k: v for k, v in line.items() if k != "timestamp"} for line in kept.lines]
    common = {"level": "info", "event": "reconciled", "ms": 10}
    assert seen == [
        {**common, "outcome": "done", "dispatched": 0},
        {**common, "outcome": "refused", "code": "plan_unknown"},
        {**common, "outcome": "failed", "error": "ZeroDivisionError"},
    ]


def test_every_metric_filter_reads_a_field_that_its_line_has() -> None:
    page = rows()
    filters = json.loads(FILTERS.read_text("utf-8"))
    assert filters
    for found in filters:
        event = re.findall(r'\$\.event = "(\w+)"', found["filterPattern"])
        named = set(re.findall(r"\$\.(\w+)", found["filterPattern"]))
        (change,) = found["metricTransformations"]
        named |= set(re.findall(r"\$\.(\w+)", change["metricValue"]))
        for name in event:
            assert named - {"event", "level"} <= page[name].fields | BY_UNIT, found["filterName"]
        assert event or "level" in named
