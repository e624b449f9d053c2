"""What every step is given: the ports, the rules marketers own, and how to run concurrently."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from chalicelib.authoring.definition import Definition
from chalicelib.authoring.endpoints import Endpoint
from chalicelib.authoring.media import MediaFile
from chalicelib.authoring.policy import Policy
from chalicelib.authoring.senders import Sender
from chalicelib.authoring.template import Template
from chalicelib.errors import Problem, Refused
from chalicelib.planning.local_time import OURS, ZoneData
from chalicelib.ports import MediaUploads, Ports, SigningKeys, TemplateListing
from chalicelib.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The files that marketers own beside definitions, with a hash of each meaning that a plan depends on.

    `template_hashes` are by name, over all languages, and leave out the status,
    which is the platform's to say. `component_hashes` are by name and language,
    of what people get. `media` are the files of media/ by name; `read_media`
    returns a file's bytes, and raises OSError when it is gone.
    """

    senders: Mapping[str, Sender]
    policy: Policy
    templates: Mapping[tuple[str, str], Template]
    policy_hash: str
    sender_hashes: Mapping[str, str]
    template_hashes: Mapping[str, str]
    component_hashes: Mapping[tuple[str, str], str]
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    media: Mapping[str, MediaFile] = field(default_factory=dict)
    read_media: Callable[[str], bytes] = lambda name: b""


class Offload(Protocol):
    """Runs a short blocking call beside the event loop, or at once on a virtual clock."""

    def __call__(self, call: Callable[..., T], /, *args: Any) -> Awaitable[T]:
        """Return the call's result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """One wired home. `epoch` numbers this worker's life; 0 where only leases tell.

    `committed` is an `offload` for calls that write little: a home may keep one
    for a few milliseconds to commit it together with others, and may keep all of
    a call's writes or none. What it wrote is durable when its result is there.
    `rules` may be a second old; after `look_again` they are as the files say.
    `keys` are those of whoever signs people in, None where nobody does.
    `zones` are the zone data that waves are compared with. `trouble` says as a
    problem's code why nothing can be stored at present, "" while it can.
    """

    ports: Ports
    settings: Settings
    rules: Callable[[], Rules]
    definition: Callable[[str, int], Definition]
    offload: Offload
    committed: Offload
    worker: str
    epoch: int = 0
    listing: TemplateListing | None = None
    uploads: MediaUploads | None = None
    keys: SigningKeys | None = None
    trouble: Callable[[], str] = lambda: ""
    look_again: Callable[[], None] = lambda: None
    zones: ZoneData = OURS

    def sender(self, key: str) -> Sender:
        """Return a sender's settings. Raises Refused when senders.yaml no longer has it."""
        sender = self.rules().senders.get(key)
        if sender is None:
            raise Refused(Problem(code="sender_unknown", params={"sender": key, "guess": ""}))
        return sender
