"""The simulated platform takes files and messages, asked as Graph is by the real adapters."""

from __future__ import annotations

from collections import deque

import orjson

from chalicelib.adapters.channels import graph_media
from chalicelib.adapters.channels.whatsapp_cloud import body_of, understood
from chalicelib.authoring.senders import Sender
from chalicelib.ports import NotUploaded, Uploaded
from chalicelib.sending.answer import Answer, Message
from infra.local.simulator.platform import Platform
from infra.local.simulator.state import Request
from tests.fakes import FakeClock

BOUNDARY = "carillon"
HEADERS = {"Authorization": "Bearer token"}


class SimulatedUploads:
    """`MediaUploads` of the simulator. `busy` are the HTTP statuses of the next calls."""

    def __init__(self, clock: FakeClock, platform: Platform) -> None:
        self._clock = clock
        self._platform = platform
        self.busy: deque[int] = deque()
        self.taken: list[tuple[str, str]] = []
        self.bodies: list[bytes] = []

    async def upload(self, sender: Sender, *, name: str, type: str, body: bytes) -> Uploaded | NotUploaded:
        if self.busy:
            return graph_media.understood(self.busy.popleft(), b"{}")
        self.taken.append((sender.phone_number_id, name))
        self.bodies.append(body)
        request = Request(
            method="POST",
            path=f"/v25.0/{sender.phone_number_id}/media",
            headers={**HEADERS, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
            body=form(name, type, body),
        )
        answer = self._platform.receive(self._clock.now(), request)
        return graph_media.understood(answer.status, answer.body)


def form(name: str, type_: str, body: bytes) -> bytes:
    """Return an upload's form as it is on the wire."""
    parts = [
        ('name="messaging_product"', "", b"whatsapp"),
        ('name="type"', "", type_.encode()),
        (f'name="file"; filename="{name}"', f"Content-Type: {type_}\r\n", body),
    ]
    pieces = [
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; {what}\r\n{more}\r\n".encode() + content + b"\r\n"
        for what, more, content in parts
    ]
    return b"".join(pieces) + f"--{BOUNDARY}--\r\n".encode()


def asked(platform: Platform, now: int, message: Message) -> Answer:
    """Send a message to the simulated platform, in which nothing is left to chance."""
    path = f"/v25.0/{message.phone_number_id}/messages"
    raw = orjson.dumps(body_of(message))
    answer = platform.receive(now, Request(method="POST", path=path, headers=HEADERS, body=raw))
    return understood(answer.status, answer.body)
