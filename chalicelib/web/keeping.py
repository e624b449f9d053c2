"""Backup and restore of a home on this machine, as the command asks for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chalicelib.adapters.embedded import backup, restore
from chalicelib.adapters.embedded.manifest import Manifest
from chalicelib.adapters.machine import SystemClock
from chalicelib.audience.instant import to_iso
from chalicelib.errors import NotFound, Problem
from chalicelib.tracking.audit_copies import verify


def save(home: Path, file: Path, campaigns: Path) -> dict[str, Any]:
    """Save a home and the rules beside its campaigns. Raises NotFound or HomeUnavailable."""
    manifest = backup.save(home, file, campaigns=campaigns, now=SystemClock().now)
    return _described(file, manifest) | {"size": file.stat().st_size}


def check(file: Path) -> dict[str, Any]:
    """Read a backup to its end. Raises Refused when it is not whole."""
    return _described(file, restore.check(file)) | {"whole": True}


def bring_back(file: Path, home: Path, *, replacing: bool) -> dict[str, Any]:
    """Make a home of a backup, held. Raises Refused or HomeUnavailable."""
    restored = restore.restore(file, home, now=SystemClock().now(), replacing=replacing)
    rules = home / "campaigns"
    return {
        "home": str(home),
        "backed_up_at": to_iso(restored.manifest.at),
        "restored_at": to_iso(restored.at),
        "held": [{"broadcast": b.id, "planned": b.planned} for b in restored.held],
        "campaigns": str(rules) if rules.is_dir() else None,
        "put_aside": None if restored.put_aside is None else str(restored.put_aside),
    }


def verify_copies(directory: Path) -> dict[str, Any]:
    """Check the files of the audit trail in a directory. Raises NotFound where there are none."""
    files = sorted(directory.glob("*.jsonl"))
    if not files:
        raise NotFound(Problem(code="audit_no_files", params={"path": str(directory)}))
    found = verify((file.name, file.read_bytes()) for file in files)
    return {
        "directory": str(directory),
        "files": found.files,
        "entries": found.entries,
        "late": found.late,
        "first": found.first,
        "last": found.last,
        "until": to_iso(found.until) if found.last else None,
        "sha256": found.sha256,
        "faults": [{"code": fault.code, "params": dict(fault.params)} for fault in found.faults],
        "whole": not found.faults,
    }


def _described(file: Path, manifest: Manifest) -> dict[str, Any]:
    return {
        "file": str(file),
        "at": to_iso(manifest.at),
        "schema": manifest.schema,
        "members": len(manifest.members),
        "counts": dict(manifest.counts),
    }
