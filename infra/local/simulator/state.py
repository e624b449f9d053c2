"""What the platform remembers, and what passes in and out of a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.simulator.catalogue import Catalogue, Number, Template
from infra.local.simulator.files import UploadedFile
from infra.local.simulator.limits import Pace, PairRate, RollingDay
from infra.local.simulator.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request. Names of `headers` are looked up as they are written here."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP answer, due `latency_ms` after the request. `cut`: the connection closes instead."""

    status: int
    body: bytes
    latency_ms: float = 0.0
    cut: bool = False
    content_type: str = "application/json"


@dataclass(slots=True, kw_only=True)
class State:
    """All that the platform remembers. `step` and `happen` change it; nothing else does."""

    catalogue: Catalogue
    scenario: Scenario
    token: str
    pace: dict[str, Pace] = field(default_factory=dict)
    days: dict[str, RollingDay] = field(default_factory=dict)
    pairs: PairRate = field(default_factory=PairRate)
    tries: dict[str, int] = field(default_factory=dict)
    open_until: dict[tuple[str, str], float] = field(default_factory=dict)
    stopped: set[tuple[str, str]] = field(default_factory=set)
    calls: int = 0
    files: dict[str, UploadedFile] = field(default_factory=dict)

    def types_of(self, phone_number_id: str, now_ms: float) -> dict[str, str]:
        """Return the files that a number has now, by id: their MIME types."""
        return {
            found: file.type
            for found, file in self.files.items()
            if file.number == phone_number_id and now_ms < file.until_ms
        }

    def status_of(self, template: Template) -> str:
        """Return a template's present status: the scenario's, or its file's."""
        return self.scenario.templates.get(f"{template.name}.{template.language}", template.status)

    def category_of(self, template: Template) -> str:
        """Return a template's present category."""
        return self.scenario.categories.get(f"{template.name}.{template.language}", template.category)

    def quality_of(self, template: Template) -> str:
        """Return a template's present quality."""
        return self.scenario.qualities.get(f"{template.name}.{template.language}", "GREEN")

    def body_of(self, template: Template) -> str:
        """Return a template's present body; the parameters it takes stay those of its file."""
        texts = [p.get("text", "") for p in template.raw["components"] if p["type"].upper() == "BODY"]
        return self.scenario.bodies.get(f"{template.name}.{template.language}", str(texts[0]))

    def said_of(self, template: Template) -> dict[str, Any]:
        """Return what a listing shows of a template."""
        body = self.body_of(template)
        return {
            "parameter_format": "POSITIONAL",
            **template.raw,
            "quality_score": {"score": self.quality_of(template)},
            "category": self.category_of(template),
            "status": self.status_of(template),
            "components": [
                {**part, "text": body} if part["type"].upper() == "BODY" else part
                for part in template.raw["components"]
            ],
            "id": template.id,
        }

    def pace_of(self, phone_number_id: str) -> Pace:
        """Return the seconds of a number."""
        return self.pace.setdefault(phone_number_id, Pace())

    def limit_of(self, number: Number) -> int:
        """Return the messages per second that a number may exchange."""
        return self.scenario.per_second.get(number.phone_number_id, number.per_second)
