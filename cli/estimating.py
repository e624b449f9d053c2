"""What AWS asks for a plan's messages, beside Meta's fee: told where the API's address says its region."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cli.screen import Screen

PRICES = Path(__file__).parents[1] / "infra" / "prices" / "aws.yaml"
GATEWAY = re.compile(r"[a-z0-9]+\.execute-api\.([a-z0-9-]+)\.amazonaws\.com")
MILLION = 1_000_000


def region_of(api: str) -> str:
    """Return the region in the address of an API on AWS, "" in any other."""
    found = GATEWAY.fullmatch(urlsplit(api).hostname or "")
    return found.group(1) if found else ""


def estimate_of(api: str, messages: int) -> dict[str, Any]:
    """Return about what so many messages cost there; empty where that was never counted."""
    region = region_of(api)
    if not region:
        return {}
    import yaml

    known = yaml.safe_load(PRICES.read_text("utf-8"))
    price = known["per_million_messages"].get(region)
    if price is None:
        return {}
    usd = round(messages * float(price) / MILLION, 2)
    return {"region": region, "usd": usd, "as_of": str(known["as_of"])}


def show(screen: Screen, estimate: dict[str, Any]) -> None:
    """Tell it, where there is one."""
    if estimate:
        screen.say("aws_estimate", **estimate)
