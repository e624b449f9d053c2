"""Whom other systems ask what became of broadcasts: the stack's own bus, with rules of theirs."""

from __future__ import annotations

from typing import Any

from chalicelib.authoring.endpoints import NAME
from infra.deployment.stores import Resources


def parameter(stage: str) -> dict[str, Any]:
    """Return who is told: the bus unless somebody says otherwise; no other bus, since no right goes there."""
    return {
        "Events": {
            "Type": "String",
            "Default": f"bus:carillon-{stage}",
            "AllowedPattern": f"^(bus:carillon-{stage}|webhook:{NAME})?$",
            "Description": "Who is told of broadcasts: the bus, webhook:NAME, or nobody when empty",
        }
    }


def bus(stage: str) -> Resources:
    """Return the bus; it costs nothing before something is told."""
    return {"EventBus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": f"carillon-{stage}"}}}
