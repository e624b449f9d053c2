"""A single send: one person, named by another system, planned through the gates of everybody.

What makes it another thing than a run of the campaign is said here: nobody asks
the segment, and it is due at once. All else holds, from `exclude` to the last
gate in the slot.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from chalicelib.audience.contact import Contact
from chalicelib.audience.segment import parse
from chalicelib.authoring.definition import Definition
from chalicelib.authoring.rendering import Expression, Unrenderable, sendable
from chalicelib.errors import Problem

EVERYBODY = parse("true")
ATTRIBUTE = "attr."


def single_name(campaign: str, key: str) -> str:
    """Return the broadcast's name, "CAMPAIGN.kHASH": the same for the same key of the caller, ever."""
    return f"{campaign}.k{hashlib.sha256(f'{campaign}|{key}'.encode()).hexdigest()[:20]}"


def digest_of(contact: str, parameters: Mapping[str, Any]) -> str:
    """Return what two requests under one key have in common if, and only if, they say the same."""
    said = orjson.dumps([contact, dict(parameters)], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(said).hexdigest()[:32]


def for_one(definition: Definition) -> Definition:
    """Return `definition` as it is for somebody whom the request names, now."""
    audience = replace(definition.audience, segment=EVERYBODY, include=())
    return replace(definition, audience=audience, send_at=None)


def told(contact: Contact, parameters: Mapping[str, str]) -> Contact:
    """Return `contact` with the attributes of this one send over their own."""
    return replace(contact, attributes={**contact.attributes, **parameters})


def parameter_problems(definition: Definition, parameters: Mapping[str, str]) -> list[Problem]:
    """Return what is wrong with a request's parameters: one that no text uses, or that cannot be sent."""
    known = attributes_of(definition)
    problems = []
    for name, value in parameters.items():
        path = f"parameters.{name}"
        if name not in known:
            params = {"name": name[:80], "known": ", ".join(sorted(known))[:200]}
            problems.append(Problem(code="single_parameter_unused", path=path, params=params))
            continue
        try:
            sendable(value)
        except Unrenderable as fault:
            params = {"name": name, "detail": str(fault)}
            problems.append(Problem(code="single_parameter_unsendable", path=path, params=params))
    return problems


def attributes_of(definition: Definition) -> frozenset[str]:
    """Return the attributes that the texts of a definition read."""
    use = definition.template
    texts = [p.value for p in use.parameters] + [b.value for b in use.buttons]
    names = {name for text in texts for name in Expression(text).names}
    return frozenset(name.removeprefix(ATTRIBUTE) for name in names if name.startswith(ATTRIBUTE))
