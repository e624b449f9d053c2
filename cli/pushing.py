"""push: senders, policy, templates and media to a home that has no directory of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cli.client import path_of
from cli.invocation import Invocation
from cli.refusal import Refusal, demanded
from cli.texts import next_command

NAMES = ("senders.yaml", "policy.yaml", "webhooks.yaml")
PATTERNS = (*NAMES, "templates/*.json", "media/*")
MOST_BYTES = 4 * 1024 * 1024
"""Of one file through the API on AWS; a larger one is put into the bucket itself."""


def push(invocation: Invocation) -> int:
    """Bring what is not there yet, then have all of it count at once."""
    screen = invocation.screen
    directory = Path(invocation.arguments.directory or _usual(invocation))
    files = files_of(directory)
    if "senders.yaml" not in files:
        file = directory / "senders.yaml"
        raise Refusal(
            "senders_missing", screen.word("rules_none", file=file), next_command("senders_missing")
        )
    named = {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}
    told = _ask(invocation, named)
    for sha256 in told["missing"]:
        name = next(name for name, known in named.items() if known == sha256)
        if len(files[name]) > MOST_BYTES:
            words = screen.word("rules_file_large", file=directory / name)
            copy = f"aws s3 cp {directory / name} s3://BUCKET/rules/files/{sha256}"
            raise Refusal("rules_file_large", words, copy)
        path = path_of("rules", "files", sha256)
        demanded(
            invocation.client.request("PUT", path, body=files[name], content_type="application/octet-stream")
        )
        screen.say("rules_brought", file=name)
    told = _ask(invocation, named) if told["missing"] else told
    said = "rules_unchanged" if told["unchanged"] else "rules_pushed"
    screen.say(said, count=str(told["files"]), version=str(told["version"])[:12])
    screen.result(told)
    return 0


def files_of(directory: Path) -> dict[str, bytes]:
    """Return the rules of a directory by name; hidden files are none."""
    found = (path for pattern in PATTERNS for path in sorted(directory.glob(pattern)))
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in found
        if path.is_file() and not path.name.startswith(".")
    }


def _usual(invocation: Invocation) -> str:
    return invocation.environment.get("CARILLON_CAMPAIGNS", "campaigns")


def _ask(invocation: Invocation, named: Mapping[str, str]) -> dict[str, Any]:
    told: dict[str, Any] = demanded(
        invocation.client.request("POST", "/api/rules", body={"files": dict(named)})
    )
    return told
