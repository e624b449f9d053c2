"""Brakes on templates: which of a sender's templates nothing may leave with, and until when.

`SenderControl.stopped_templates` has two kinds of keys. NAME was stopped by an
error code of a send. NAME|LANGUAGE is not approved, as the platform says; it
stops the broadcasts that have people in that language, all of them: what part
of a campaign goes out is its author's to decide, not chance's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from chalicelib.audience.instant import Instant
from chalicelib.authoring.registry import APPROVED, RegisteredTemplate, second_of
from chalicelib.sending.broadcast import SenderControl


def key_of(name: str, language: str) -> str:
    """Return the brake of a template in one language."""
    return f"{name}|{language}"


def is_stopped(control: SenderControl, name: str, languages: Sequence[str]) -> bool:
    """Say whether a broadcast with people in these languages must wait; without languages, in any."""
    stopped = control.stopped_templates
    if not stopped:
        return False
    if languages:
        return name in stopped or any(key_of(name, language) in stopped for language in languages)
    return any(key.partition("|")[0] == name for key in stopped)


def settled(
    control: SenderControl, templates: Iterable[RegisteredTemplate], synced_at: Instant | None
) -> SenderControl:
    """Return the control with the brakes that what is known of its account's templates asks for.

    What an error code stopped goes on when the platform says APPROVED at that
    second or later; a template that it stopped goes on when it is approved again.
    """
    stopped = dict(control.stopped_templates)
    for template in templates:
        key = key_of(template.name, template.language)
        if template.status and template.status != APPROVED:
            stopped.setdefault(key, template.status_at)
            continue
        stopped.pop(key, None)
        said_at = max(template.status_at, synced_at or 0)
        if template.status and second_of(stopped.get(template.name, said_at)) <= said_at:
            stopped.pop(template.name, None)
    freed = control.stopped_templates.keys() - stopped.keys()
    causes = {name: code for name, code in control.causes.items() if name not in freed}
    doubts = {name: found for name, found in control.doubts.items() if name not in freed}
    return replace(control, stopped_templates=stopped, causes=causes, doubts=doubts)
