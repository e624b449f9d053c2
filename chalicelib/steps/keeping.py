"""Listing what will have to go one day, before it is stored: so that nothing is kept that nobody knows of."""

from __future__ import annotations

from chalicelib.audience.instant import DAY_MS
from chalicelib.steps.home import Home
from chalicelib.tracking.retention import Keeping, Kind


def list_plan(home: Home, plan_id: str) -> None:
    """List what a plan, and its broadcast after it, is going to store."""
    _list(home, Kind.PLAN, plan_id)


def list_import(home: Home, batch: str) -> None:
    """List an import's results."""
    _list(home, Kind.IMPORT, batch)


def list_upload(home: Home, key: str, sha256: str) -> None:
    """List a contacts file that somebody put there, and which content it had."""
    _list(home, Kind.UPLOAD, key, done=sha256)


def _list(home: Home, kind: Kind, name: str, *, done: str = "") -> None:
    now = home.ports.clock.now()
    home.ports.keepings.add(Keeping(kind=kind, id=name, since=now, look_at=now + DAY_MS, done=done))
