"""Media: a file is uploaded to the platform once per number, and its id kept until it runs out.

What is kept is a cache: an id that was lost, or uploaded twice by two workers at
once, costs an upload and changes no message.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import orjson

from chalicelib.audience.instant import DAY_MS, Instant
from chalicelib.authoring.definition import Definition
from chalicelib.authoring.media import PREFIX, files_of, type_of
from chalicelib.authoring.senders import Sender
from chalicelib.log import log
from chalicelib.planning.plan import FilledHeader
from chalicelib.ports import Uploaded
from chalicelib.sending.answer import ID, Message
from chalicelib.steps.home import Home, Rules

KEPT_MS = 30 * DAY_MS
"""How long the platform keeps an uploaded file (Meta, "Media", read 2026-09)."""
RENEWED_MS = 2 * DAY_MS
"""How long before that it is uploaded anew: no chunk, and none of its retries of a day, lasts longer."""
PAUSES_MS = (1_000, 2_000, 4_000)
"""Before asking again while the platform is busy."""


class MediaNotReady(Exception):
    """The platform has no such file of ours, and took none; the text is evidence for a person."""


@dataclass(slots=True)
class MediaIds:
    """The platform's ids of a broadcast's files, as far as they were needed: by file name."""

    content_by_file: Mapping[str, str]
    id_by_file: dict[str, str] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


def content_of(rules: Rules, definition: Definition) -> dict[str, str]:
    """Return the hash of each file that a message may show; one that is gone has ""."""
    files = {name: rules.media.get(name) for name in sorted(files_of(definition.template))}
    return {name: file.sha256 if file else "" for name, file in files.items()}


def keep_files(home: Home, definition: Definition) -> dict[str, str]:
    """Copy the files into the home, named by their content, and return the hash of each.

    Whatever happens to campaigns/media/ afterwards, the broadcast shows these. The
    hash is of what was copied: the rules' own may be of what the file was just before.
    """
    rules = home.rules()
    kept: dict[str, str] = {}
    for name in content_of(rules, definition):
        body = rules.read_media(name)
        kept[name] = hashlib.sha256(body).hexdigest()
        home.ports.objects.add(_file_key(kept[name]), body)
    return kept


async def make_ready(home: Home, sender: Sender, media: MediaIds) -> None:
    """See that the platform has every file for this number. Raises MediaNotReady."""
    for name in media.content_by_file:
        await _make_one_ready(home, sender, media, name)


async def _make_one_ready(home: Home, sender: Sender, media: MediaIds, name: str) -> None:
    content = media.content_by_file[name]
    key = _id_key(sender, content)
    known = await home.offload(home.ports.objects.get, key)
    stored = orjson.loads(known) if known else {}
    if stored.get("until", 0) - RENEWED_MS > home.ports.clock.now():
        media.id_by_file[name] = str(stored["id"])
        return
    body = await home.offload(home.ports.objects.get, _file_key(content))
    if body is None:
        raise MediaNotReady(f"{name}: not in the home any more")
    now = home.ports.clock.now()
    media.id_by_file[name] = await _upload(home, sender, name, body)
    said = {"id": media.id_by_file[name], "at": now, "until": now + KEPT_MS}
    await home.offload(home.ports.objects.put, key, orjson.dumps(said))
    log.info("media_uploaded", extra={"sender": sender.key, "file": name, "bytes": len(body)})


async def _upload(home: Home, sender: Sender, name: str, body: bytes) -> str:
    """Upload, and again after a pause while the platform is busy: an upload twice is no message twice."""
    if home.uploads is None:
        raise MediaNotReady(f"{name}: this home cannot upload media")
    why = ""
    for pause in (*PAUSES_MS, None):
        answer = await home.uploads.upload(sender, name=name, type=type_of(name), body=body)
        if isinstance(answer, Uploaded):
            return answer.id
        why = answer.why
        if not answer.again or pause is None:
            break
        await home.ports.clock.sleep_until(home.ports.clock.now() + pause)
    log.error("media_not_uploaded", extra={"sender": sender.key, "file": name, "why": why})
    raise MediaNotReady(f"{name}: {why}")


async def ready_for(home: Home, broadcast_id: str) -> None:
    """Upload a broadcast's files at its launch, ahead of its first chunk, which would try again."""
    broadcast = await home.offload(home.ports.broadcasts.get, broadcast_id)
    if broadcast is None or not broadcast.media:
        return
    try:
        await make_ready(home, home.sender(broadcast.sender), MediaIds(broadcast.media))
    except MediaNotReady as fault:
        log.warning("media_later", extra={"broadcast": broadcast_id, "why": str(fault)})


def with_ids(message: Message, media: MediaIds) -> Message:
    """Return the message with the platform's ids where the plan has files; they must be ready."""
    cards = tuple((_above(header, media), *rest) for header, *rest in message.cards)
    return replace(message, header=_above(message.header, media), cards=cards)  # type: ignore[arg-type]


def _above(header: FilledHeader, media: MediaIds) -> FilledHeader:
    if header and header[0] != "text" and header[1].startswith(PREFIX):
        kind, value, name = header
        file = value.removeprefix(PREFIX)
        shown = name or (file if kind == "document" else "")
        return kind, ID + media.id_by_file[file], shown
    return header


def ids_in(message: Message) -> frozenset[str]:
    """Return the media ids that a message names."""
    headers = [message.header, *(header for header, _, _ in message.cards)]
    return frozenset(h[1].removeprefix(ID) for h in headers if h and h[0] != "text" and h[1].startswith(ID))


async def renew(home: Home, sender: Sender, media: MediaIds, refused: Iterable[str]) -> None:
    """Upload again what the platform says it has not; once, however many messages were refused for it.

    Raises MediaNotReady.
    """
    async with media.lock:
        names = [name for name, id_ in media.id_by_file.items() if id_ in set(refused)]
        for name in names:
            log.warning("media_gone", extra={"sender": sender.key, "file": name})
            await home.offload(home.ports.objects.put, _id_key(sender, media.content_by_file[name]), b"{}")
            await _make_one_ready(home, sender, media, name)


def forget(home: Home, sender: Sender, contents: Iterable[str], *, before: Instant) -> None:
    """Forget the ids of files that were uploaded before an instant: a message of then could not show them."""
    for content in contents:
        key = _id_key(sender, content)
        known = home.ports.objects.get(key)
        if known and orjson.loads(known).get("at", before) < before:
            home.ports.objects.put(key, b"{}")
            log.warning("media_gone", extra={"sender": sender.key, "content": content[:12]})


def _file_key(content: str) -> str:
    return f"media/files/{content}"


def _id_key(sender: Sender, content: str) -> str:
    return f"media/ids/{sender.phone_number_id}/{content}.json"
