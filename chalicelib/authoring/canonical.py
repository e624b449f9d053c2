"""A definition's meaning as bytes: the same however it was spelled, so that its hash is of the meaning."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any

from chalicelib.authoring.definition import Definition


def canonical(definition: Definition) -> bytes:
    """Return the definition as JSON with sorted keys and every default filled in."""
    return json.dumps(_plain(definition), sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def definition_hash(definition: Definition) -> str:
    """Return the SHA-256 of the definition's meaning."""
    return hashlib.sha256(canonical(definition)).hexdigest()


def _plain(value: Any) -> Any:
    source = getattr(value, "source", None)
    if source is not None and is_dataclass(value):
        return str(source).strip()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    return value
