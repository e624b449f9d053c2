"""`carillon demo`, what `make run` runs: the main job on real processes, and an audit of it.

A fresh home, the simulated platform and `carillon up` on free ports; everything
goes through the API as any user's commands do. Exit status 1 when the report is
not the platform's own log.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cli.broadcasts import show_report, status_line
from cli.campaigns import launched_as, planned_as, show_plan, show_waves
from cli.client import HttpClient, path_of
from cli.contacts import COUNTS, imported_as
from cli.demo_audit import differences, oracle_of
from cli.demo_campaign import Brief, brief
from cli.demo_home import fresh_home
from cli.demo_processes import Running, get_json, running
from cli.invocation import Invocation, home_of
from cli.refusal import Refusal, demanded
from cli.sample_book import Row, sample_csv, sample_rows
from cli.screen import Screen, clock, number

SETTLE_SECONDS = 240
QUIET_SECONDS = 3.0
TAIL_SECONDS = 20.0
"""Reads and replies trickle in for long; after this they are compared as they stand."""

LINE_SECONDS = 3.0
AUDIT_TRIES = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The processes, and an invocation that asks them."""

    invocation: Invocation
    processes: Running
    home: Path

    @property
    def screen(self) -> Screen:
        """Where to speak."""
        return self.invocation.screen

    def get(self, *path: str) -> Any:
        """Return the API's answer to a GET. Raises Refusal."""
        return demanded(self.invocation.client.request("GET", path_of(*path)))


def demo(invocation: Invocation) -> int:
    """Run it all. On a terminal everything stays up until Ctrl-C."""
    began = time.monotonic()
    signal.signal(signal.SIGTERM, _interrupted)  # so that the children are stopped too
    leave = invocation.arguments.leave or (sys.stdout.isatty() and not invocation.screen.as_json)
    with fresh_home(Path(home_of(invocation.arguments, invocation.environment))) as home:
        invocation.screen.line(f"home: {home}")
        with running(home, invocation.environment) as processes:
            stage = _stage(invocation, processes, home)
            verdict = run(stage)
            invocation.screen.line(f"took {time.monotonic() - began:.0f} s")
            if leave:
                _leave_open(stage)
    return verdict


def _interrupted(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _stage(invocation: Invocation, processes: Running, home: Path) -> Stage:
    token = invocation.environment.get("CARILLON_TOKEN", "")
    client = HttpClient(processes.api, token=token, language=invocation.screen.language)
    return Stage(invocation=replace(invocation, client=client), processes=processes, home=home)


def run(stage: Stage) -> int:
    """Import, plan, launch, watch, report, audit."""
    screen = stage.screen
    rows = bring_book(stage)
    chosen = brief(rows, datetime.now(UTC))
    planned = plan_campaign(stage, chosen)
    show_plan(screen, planned)
    launched = launched_as(stage.invocation, planned["hash"])
    screen.line()
    screen.say("launched", broadcast=launched["broadcast"])
    watch(stage, launched["broadcast"])
    report = stage.get("broadcasts", launched["broadcast"], "report")
    found, audited = audit(stage, launched["broadcast"])
    report = audited or report
    screen.line()
    show_report(screen, report)
    show_rest(stage, launched["broadcast"])
    summary = get_json(stage.processes.simulator, "/_simulator/summary")
    say_verdict(stage, found, summary)
    screen.result(
        {
            "home": str(stage.home),
            "plan": planned,
            "report": report,
            "simulator": summary,
            "differences": found,
        }
    )
    return 1 if found else 0


def bring_book(stage: Stage) -> list[Row]:
    """Import the sample book over HTTP."""
    screen = stage.screen
    rows = sample_rows(datetime.now(UTC).date())
    raw = sample_csv(rows)
    (stage.home / "book.csv").write_bytes(raw)
    countries = len({row.country.code for row in rows})
    screen.line(f"a sample book of {number(len(rows))} rows from {countries} countries")
    imported = imported_as(stage.invocation, raw, "book.csv", "", stage.home / "book.results.jsonl")
    screen.table([(screen.word(name), imported[name]) for name in COUNTS])
    screen.say("results", path=imported["results"])
    return rows


def plan_campaign(stage: Stage, chosen: Brief) -> dict[str, Any]:
    """Write the definition into the home, upload and plan it."""
    file = stage.home / "campaign.yaml"
    source = chosen.definition()
    file.write_text(source, "utf-8")
    stage.screen.line()
    stage.screen.line(f"campaign {file}: {chosen.wall:%H:%M} on every recipient's own clock")
    stage.invocation.arguments.file = str(file)
    body = {"source": source, "file": str(file)}
    uploaded = demanded(stage.invocation.client.request("POST", "/api/campaigns", body=body))
    return planned_as(stage.invocation, uploaded["campaign"], at=None, again=False)


def watch(stage: Stage, broadcast: str) -> None:
    """Show live progress until everybody who is due has an outcome and the receipts are quiet."""
    began, said_at = time.monotonic(), 0.0
    seen: Mapping[str, Any] = {}
    changed_at = settled_at = 0.0
    while time.monotonic() - began < SETTLE_SECONDS:
        found = stage.get("broadcasts", broadcast)
        now = time.monotonic()
        if found["counts"] != seen:
            seen, changed_at = found["counts"], now
        settled_at = (settled_at or now) if is_settled(found) else 0.0
        stage.screen.progress(status_line(stage.screen, found))
        if not stage.screen.is_terminal and now - said_at >= LINE_SECONDS:
            stage.screen.line("  " + status_line(stage.screen, found))
            said_at = now
        if settled_at and (now - changed_at > QUIET_SECONDS or now - settled_at > TAIL_SECONDS):
            return
        time.sleep(0.5)
    raise Refusal(
        "demo_not_settled", f"{broadcast} was not done after {SETTLE_SECONDS} s", f"less {stage.home}/up.log"
    )


def is_settled(found: Mapping[str, Any]) -> bool:
    """Whether nothing leaves any more: no wave is due and undispatched, nothing is on its way."""
    if any(wave["state"] == "due" for wave in found["waves"]):
        return False
    return found["idle"] in ("scheduled", "finishing", "completed")


def audit(stage: Stage, broadcast: str) -> tuple[list[str], dict[str, Any]]:
    """Compare report and log at one moment: receipts on their way make a try void, not a difference."""
    found: list[str] = []
    report: dict[str, Any] = {}
    for _ in range(AUDIT_TRIES):
        before = platform_log(stage)
        report = stage.get("broadcasts", broadcast, "report")
        summary = get_json(stage.processes.simulator, "/_simulator/summary")
        found = differences(
            report,
            oracle_of(before, broadcast),
            summary,
            lambda person: dict(stage.get("broadcasts", broadcast, "people", person)),
        )
        if not found and before == platform_log(stage):
            return [], report
        time.sleep(1)
    return found, report


def platform_log(stage: Stage) -> list[dict[str, Any]]:
    """Return every message in the simulator's log."""
    messages: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        page = get_json(stage.processes.simulator, f"/_simulator/log?after={after}&limit=5000")
        messages += page["messages"]
        after = page["next"]
    return messages


def show_rest(stage: Stage, broadcast: str) -> None:
    """Print the waves that are still to come."""
    found = stage.get("broadcasts", broadcast)
    stage.screen.line()
    stage.screen.line(f"still to come, at UTC ({clock(found.get('next_wave'))} is next):")
    show_waves(stage.screen, [w for w in found["waves"] if w["state"] == "waiting"], most=60)


def say_verdict(stage: Stage, found: list[str], summary: Mapping[str, Any]) -> None:
    """Say whether the report is the platform's log, and what the platform saw of our pace."""
    screen = stage.screen
    screen.line()
    for pace in summary["numbers"].values():
        screen.line(
            f"the platform took {number(summary['accepted'])} messages, at most "
            f"{pace['peak_with_inbound']} in any second with what people wrote (limit {pace['limit']}); "
            f"{summary['unanswered']} answers were lost, {summary['webhooks']['posts']} webhooks posted"
        )
    for line in found:
        screen.line(f"  {line}")
    screen.line(
        "The report differs from the simulator's log." if found else "The report equals the simulator's log."
    )


def _leave_open(stage: Stage) -> None:
    """Wait for Ctrl-C."""
    api, home = stage.processes.api, stage.home
    stage.screen.line(f"still running at {api}; Ctrl-C stops it. In another terminal:")
    stage.screen.line(f"  carillon status --watch --api {api}")
    stage.screen.line(f"  carillon contacts show sn-00001 --home {home}")
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            time.sleep(3600)
