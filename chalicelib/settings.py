"""Settings: every variable Carillon reads, its default, and what each home sets differently."""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalicelib.authoring.endpoints import NAME as ENDPOINT_NAME
from chalicelib.errors import InvalidSettings, Problem

LONGEST_NAME = 64
"""Of whoever sits at the home."""
EVENTS = "CARILLON_EVENTS"
BUS = "*bus"
"""Instead of a webhook's name: other systems listen to the home's own bus; on one machine, to its log."""
MOST_TASKS = 256
"""Into which a plan is cut: one for each shard of the book."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this home behaves.

    `lateness_ms` is the delta of the pacing proof: lateness allowed, clock error
    and jitter together. `horizon_ms` is how far ahead slots are handed out,
    `worker_rate` the most messages a second one worker is given,
    `schedule_lead_ms` how early a wave's schedule fires, `claim_lead_ms` how long
    before its slot a claim is made, `fan_out_tasks` the parts of a plan.
    `hand_over_ms` is the time from a chunk's release to its worker's first look at
    it, `queue_lead_ms` how long before its first slot its message shows itself,
    `longest_send_ms` the most time one release of a chunk may take. A pacer that
    has work goes round every `pace_every_ms` for `pace_for_ms`; 0: once. Of these
    rounds one in `wake_every_ms` looks for people whose wait is over. `token` is
    an API token that is not stored; with `needs_token` the API never opens without one.
    With `pushed_rules` the rules are those that were pushed, not the files of `campaigns`.
    `release` names what was deployed, "" on one machine, where `local_name` is who
    sits at the home. `mfa_enforced`: the identity provider lets nobody in without a
    second factor. `issuer` signs people in, for the application `client`; "" where
    nobody does. `events` is who is told what becomes of broadcasts: a webhook of
    webhooks.yaml, BUS, or "" for nobody.
    """

    home: Path
    campaigns: Path
    graph_url: str = "https://graph.facebook.com"
    graph_version: str = "v25.0"
    token: str = ""
    needs_token: bool = False
    pushed_rules: bool = False
    local_name: str = "local"
    release: str = ""
    mfa_enforced: bool = False
    issuer: str = ""
    client: str = ""
    events: str = ""
    lateness_ms: int = 30
    horizon_ms: int = 2_000
    worker_rate: float = 100_000.0
    schedule_lead_ms: int = 1_500
    claim_lead_ms: int = 120
    control_max_age_ms: int = 500
    lease_ms: int = 30_000
    fan_out_tasks: int = 4
    hand_over_ms: int = 150
    queue_lead_ms: int = 500
    longest_send_ms: int = 600_000
    pace_every_ms: int = 1_000
    pace_for_ms: int = 0
    wake_every_ms: int = 10_000


def embedded_settings(environment: Mapping[str, str], *, home: Path | None = None) -> Settings:
    """Return the settings of the embedded home. Raises InvalidSettings naming the variable."""
    return Settings(
        home=home or Path(environment.get("CARILLON_HOME", ".home")),
        local_name=_local_name(environment),
        events=_events(environment, bus="log"),
        **_everywhere(environment),
    )


def _local_name(environment: Mapping[str, str]) -> str:
    """Return CARILLON_USER, else the name under which the operating system runs us."""
    name = environment.get("CARILLON_USER", "").strip()
    if len(name) > LONGEST_NAME or not name.isprintable():
        params = {"name": "CARILLON_USER", "most": str(LONGEST_NAME)}
        raise InvalidSettings(Problem(code="setting_not_a_name", params=params))
    try:
        return name or pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container may run under a number that has no name
        return f"uid-{os.getuid()}"


def aws_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings of the AWS home: farther ahead, because whoever is woken there starts slower.

    Raises InvalidSettings naming the variable.
    """
    return Settings(
        home=Path("/nonexistent"),
        **_everywhere(environment),
        **_identity(environment),
        events=_events(environment, bus=r"bus:[A-Za-z0-9._-]{1,200}"),
        lateness_ms=170,
        horizon_ms=20_000,
        worker_rate=40.0,
        schedule_lead_ms=1_000 * _seconds(environment, "CARILLON_SCHEDULE_LEAD_SECONDS", 120),
        claim_lead_ms=300,
        control_max_age_ms=1_000,
        fan_out_tasks=_tasks(environment, "CARILLON_PLAN_TASKS", 64),
        hand_over_ms=3_000,
        queue_lead_ms=1_500,
        longest_send_ms=40_000,
        pace_for_ms=55_000,
        needs_token=True,
        pushed_rules=True,
    )


def _seconds(environment: Mapping[str, str], name: str, usual: int) -> int:
    words = environment.get(name, str(usual))
    if not (words.isascii() and words.isdecimal() and int(words[:6]) <= 3_600):
        raise InvalidSettings(Problem(code="setting_not_seconds", params={"name": name}))
    return int(words)


def _tasks(environment: Mapping[str, str], name: str, usual: int) -> int:
    words = environment.get(name, str(usual))
    if not (words.isascii() and words.isdecimal() and 1 <= int(words[:6]) <= MOST_TASKS):
        raise InvalidSettings(
            Problem(code="setting_not_tasks", params={"name": name, "most": str(MOST_TASKS)})
        )
    return int(words)


def _everywhere(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return what is set by the same variables in both homes."""
    graph_url = environment.get("CARILLON_GRAPH_URL", "https://graph.facebook.com").rstrip("/")
    if not graph_url.startswith(("https://", "http://")):
        raise InvalidSettings(Problem(code="setting_not_a_url", params={"name": "CARILLON_GRAPH_URL"}))
    if environment.get("PYTZ_TZDATADIR"):  # other rules than those of the release that plans are sealed with
        raise InvalidSettings(Problem(code="zone_files_elsewhere", params={"name": "PYTZ_TZDATADIR"}))
    return {
        "campaigns": Path(environment.get("CARILLON_CAMPAIGNS", "campaigns")),
        "graph_url": graph_url,
        "graph_version": environment.get("CARILLON_GRAPH_VERSION", "v25.0"),
        "token": environment.get("CARILLON_TOKEN", ""),
        "release": environment.get("CARILLON_RELEASE", ""),
        "mfa_enforced": _mfa_enforced(environment),
    }


def _identity(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return who signs people in, and for which application; both are said or neither."""
    issuer, client = (
        environment.get("CARILLON_ISSUER", "").rstrip("/"),
        environment.get("CARILLON_CLIENT", ""),
    )
    if issuer and not re.fullmatch(r"https://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~-]+)*", issuer):
        raise InvalidSettings(Problem(code="setting_not_a_url", params={"name": "CARILLON_ISSUER"}))
    if bool(issuer) != bool(client):
        missing = "CARILLON_CLIENT" if issuer else "CARILLON_ISSUER"
        raise InvalidSettings(Problem(code="setting_missing", params={"name": missing}))
    return {"issuer": issuer, "client": client}


def _events(environment: Mapping[str, str], *, bus: str) -> str:
    """Return who CARILLON_EVENTS says is told; what matches `bus` is the home's own bus."""
    said = environment.get(EVENTS, "")
    if said and re.fullmatch(bus, said):
        return BUS
    if said and not re.fullmatch(f"webhook:{ENDPOINT_NAME}", said):
        raise InvalidSettings(Problem(code="setting_not_events", params={"name": EVENTS}))
    return said.removeprefix("webhook:")


def _mfa_enforced(environment: Mapping[str, str]) -> bool:
    """Return whether CARILLON_MFA says "enforced"; anything else it may not say is refused."""
    said = environment.get("CARILLON_MFA", "")
    if said not in ("", "enforced"):
        raise InvalidSettings(Problem(code="setting_not_mfa", params={"name": "CARILLON_MFA"}))
    return said == "enforced"
