"""Settings: every variable Carillon reads, its default, and what each home sets differently."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chalicelib.errors import InvalidSettings, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this home behaves.

    `lateness_ms` is the delta of the pacing proof: lateness allowed, clock error
    and jitter together. `horizon_ms` is how far ahead slots are handed out,
    `worker_rate` the most messages a second one worker is given,
    `schedule_lead_ms` how early a wave's schedule fires, `claim_lead_ms` how long
    before its slot a claim is made, `fan_out_tasks` the parts of a plan.
    """

    home: Path
    campaigns: Path
    graph_url: str = "https://graph.facebook.com"
    graph_version: str = "v25.0"
    token: str = ""
    lateness_ms: int = 30
    horizon_ms: int = 2_000
    worker_rate: float = 100_000.0
    schedule_lead_ms: int = 1_500
    claim_lead_ms: int = 120
    control_max_age_ms: int = 500
    lease_ms: int = 30_000
    fan_out_tasks: int = 4


def embedded_settings(environment: Mapping[str, str], *, home: Path | None = None) -> Settings:
    """Return the settings of the embedded home. Raises InvalidSettings naming the variable."""
    graph_url = environment.get("CARILLON_GRAPH_URL", "https://graph.facebook.com").rstrip("/")
    if not graph_url.startswith(("https://", "http://")):
        raise InvalidSettings(Problem(code="setting_not_a_url", params={"name": "CARILLON_GRAPH_URL"}))
    return Settings(
        home=home or Path(environment.get("CARILLON_HOME", ".home")),
        campaigns=Path(environment.get("CARILLON_CAMPAIGNS", "campaigns")),
        graph_url=graph_url,
        graph_version=environment.get("CARILLON_GRAPH_VERSION", "v25.0"),
        token=environment.get("CARILLON_TOKEN", ""),
    )
