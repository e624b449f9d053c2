"""Receipts through verify, parse and record: `python -m bench receipts`.

Webhooks are signed and shaped as the platform's. They go through the handlers
of `app.py` and the queues of an embedded home in a file, one thread for all.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

import app
from bench._figures import Figure
from chalicelib import bootstrap
from chalicelib.adapters.embedded.runtime import Runtime, handlers_of
from chalicelib.ports import Write
from chalicelib.sending.broadcast import Broadcast, BroadcastState
from chalicelib.sending.delivery import Delivery, DeliveryKey, Rank
from chalicelib.tracking.receipt import echo_of

PEOPLE = 10_000
NOW = 1_800_000_000_000
SECRET = "bench-secret"
BATCH = 50
TARGET_BATCHED, TARGET_SINGLE = 10_000, 2_500
"""Statuses a second per core in webhooks of fifty; webhooks a second of one status."""


def measure(quick: bool) -> list[Figure]:
    """Measure both shapes, each the best of two."""
    count, tries = (200, 1) if quick else (PEOPLE, 2)
    with tempfile.TemporaryDirectory() as directory:
        places = iter(Path(directory) / str(n) for n in range(2 * tries))
        batched = min(
            recorded(next(places), count, BATCH, ("sent", "delivered", "read")) for _ in range(tries)
        )
        single = min(recorded(next(places), count, 1, ("sent",)) for _ in range(tries))
    return [
        Figure(
            row="receipts",
            what=f"statuses in webhooks of {BATCH}",
            value=3 * count / batched[0],
            unit="/s per core",
            at_least=TARGET_BATCHED,
            how=f"wall {3 * count / batched[1]:,.0f}/s; best of {tries}",
        ),
        Figure(
            row="receipts",
            what="webhooks of one status",
            value=count / single[0],
            unit="/s per core",
            at_least=TARGET_SINGLE,
            how=f"wall {count / single[1]:,.0f}/s; best of {tries}",
        ),
    ]


def recorded(path: Path, count: int, per_webhook: int, statuses: tuple[str, ...]) -> tuple[float, float]:
    """Return the seconds of this process's CPU and of the wall clock, from raw bytes to the ledger."""
    os.environ["WHATSAPP_APP_SECRET"] = SECRET
    opened = bootstrap.open_embedded(path, os.environ, triggers=app)
    try:
        bootstrap.install(opened.pipeline)
        keys = prepared(opened.pipeline.home.ports, count)
        events = [event for status in statuses for event in webhooks(keys, status, per_webhook)]
        runtime = Runtime(opened.home, handlers_of(app))
        receipts = next(c for c in handlers_of(app).consumers if c.queue == "receipts")
        wall, cpu = time.perf_counter(), time.process_time()
        for number, event in enumerate(events):
            assert app.webhook(event, None)["statusCode"] == 200
            if number % 100 == 99:
                while runtime.feed(receipts):
                    pass
        while runtime.feed(receipts):
            pass
        spent = time.process_time() - cpu, time.perf_counter() - wall
        check(opened.pipeline.home.ports, keys, statuses)
    finally:
        opened.close()
    return spent


def prepared(ports: Any, count: int) -> list[DeliveryKey]:
    """Store a broadcast and an accepted delivery for everybody."""
    ports.broadcasts.put(broadcast(), expected_version=None)
    keys = [
        DeliveryKey(broadcast="bench.1", chunk=f"000-{n // 100:06d}", person=f"p{n:08d}")
        for n in range(count)
    ]
    for start in range(0, count, 100):
        rows = [
            Delivery(key=key, attempt=1, rank=Rank.ACCEPTED, wamid=f"wamid.{key.person}", accepted_at=NOW)
            for key in keys[start : start + 100]
        ]
        ports.ledger.put_all([Write(row, None) for row in rows])
    return keys


def broadcast() -> Broadcast:
    """Return a running broadcast."""
    return Broadcast(
        id="bench.1",
        campaign="bench",
        run=1,
        campaign_version=1,
        plan_hash="0" * 64,
        plan_id="p",
        sender="boutique",
        category="marketing",
        state=BroadcastState.RUNNING,
        launched_at=NOW,
        audience=PEOPLE,
        planned=PEOPLE,
        excluded={},
        waves={NOW: PEOPLE},
        window_ms=7_200_000,
        expires_ms=7_200_000,
    )


def webhooks(keys: list[DeliveryKey], status: str, per_webhook: int) -> Iterator[dict[str, Any]]:
    """Yield Function URL events that report `status` for everybody."""
    for start in range(0, len(keys), per_webhook):
        statuses = [
            {
                "id": f"wamid.{key.person}",
                "status": status,
                "timestamp": "1800000001",
                "recipient_id": "212612000000",
                "biz_opaque_callback_data": echo_of(key, 1),
                "pricing": {"billable": True, "pricing_model": "PMP", "category": "marketing"},
            }
            for key in keys[start : start + per_webhook]
        ]
        value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "1"}, "statuses": statuses}
        raw = orjson.dumps({"entry": [{"id": "W", "changes": [{"field": "messages", "value": value}]}]})
        signature = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
        yield {
            "requestContext": {"http": {"method": "POST"}},
            "headers": {"x-hub-signature-256": f"sha256={signature}"},
            "body": raw.decode(),
            "isBase64Encoded": False,
        }


def check(ports: Any, keys: list[DeliveryKey], statuses: tuple[str, ...]) -> None:
    """Fail when somebody's row does not say what was reported."""
    wanted = {"sent": Rank.SENT, "delivered": Rank.DELIVERED, "read": Rank.READ}[statuses[-1]]
    for start in range(0, len(keys), 100):
        rows = ports.ledger.get_all(keys[start : start + 100])
        assert len(rows) == len(keys[start : start + 100])
        assert all(row.rank is wanted for row in rows.values())
