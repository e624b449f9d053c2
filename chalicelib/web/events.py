"""Lambda's events on the way in, its answers on the way out."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import unquote_plus

import orjson

from chalicelib.errors import HomeUnavailable, Unauthorized
from chalicelib.log import log
from chalicelib.pipeline import Pipeline

Event = Any

LARGEST_WEBHOOK_BYTES = 6 * 1024 * 1024
"""Meta sends at most 3 MB; a Function URL takes 6."""


def each_record(event: Event, handle: Callable[[str], None]) -> dict[str, Any]:
    """Handle every record alone and name those that failed: one bad record never fails its neighbours."""
    failed = []
    for record in event:
        message_id = record.to_dict()["messageId"]  # Chalice exposes no attribute for it
        try:
            handle(record.body)
        except Exception:  # noqa: BLE001 - the queue retries it, then sets it aside as a dead letter
            log.exception("record_failed", extra={"message_id": message_id})
            failed.append({"itemIdentifier": message_id})
    return {"batchItemFailures": failed}


def whole_batch(event: Event, handle: Callable[[Sequence[str]], None]) -> dict[str, Any]:
    """Handle all records at once; when that fails each alone, so that one never fails its neighbours."""
    records = list(event)
    try:
        handle([record.body for record in records])
    except HomeUnavailable:
        log.exception("batch_failed", extra={"records": len(records)})
        return {"batchItemFailures": [{"itemIdentifier": r.to_dict()["messageId"]} for r in records]}
    except Exception:  # noqa: BLE001 - some record is bad; which one shows when each is handled alone
        return each_record(records, lambda body: handle([body]))
    return {"batchItemFailures": []}


def each_object(event: Event, handle: Callable[[str], None]) -> None:
    """Handle every object alone; what failed is raised when all were tried, so that Lambda tries again.

    A home that was unavailable goes before everything else: it is what a later try can mend.
    """
    failed: list[Exception] = []
    for key in object_keys(event):
        try:
            handle(key)
        except Exception as error:  # noqa: BLE001 - its neighbours come first; it is raised below
            log.exception("object_failed", extra={"key": key})
            failed.append(error)
    if failed:
        raise next((error for error in failed if isinstance(error, HomeUnavailable)), failed[0])


def object_keys(event: Event) -> Iterator[str]:
    """Yield the keys of the created objects an event tells of, as EventBridge or as S3 itself sends it.

    EventBridge gives a key as it is, S3's own notification encodes it as a form does (a space is "+").
    """
    if event.get("detail-type") == "Object Created":
        yield event["detail"]["object"]["key"]
    for record in event.get("Records") or []:
        if record["eventName"].startswith("ObjectCreated:"):
            yield unquote_plus(record["s3"]["object"]["key"])


def timer_payload(event: Any) -> str:
    """Return the message a schedule carries: its Input, as an object or as text."""
    return event if isinstance(event, str) else orjson.dumps(event).decode()


def function_url_answer(event: dict[str, Any], pipeline: Callable[[], Pipeline]) -> dict[str, Any]:
    """Answer a webhook: the handshake on GET, verified and queued on POST."""
    method = event.get("requestContext", {}).get("http", {}).get("method", "POST")
    try:
        if method == "GET":
            challenge = pipeline().handshake(event.get("queryStringParameters") or {})
            return _answer(200, challenge)
        if method != "POST":
            return _answer(405, "only GET and POST")
        raw = raw_body(event)
        if len(raw) > LARGEST_WEBHOOK_BYTES:
            return _answer(413, "too large")
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        pipeline().receive(raw, headers.get("x-hub-signature-256"))
    except Unauthorized as refusal:
        return _answer(401, refusal.problems[0].code if refusal.problems else "unauthorized")
    except HomeUnavailable:
        log.exception("webhook_not_stored")
        return _answer(503, "try again")  # Meta retries for days
    return _answer(200, "")


def raw_body(event: dict[str, Any]) -> bytes:
    """Return the body's bytes exactly as they were sent; the signature is over those."""
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        return base64.b64decode(body)
    return str(body).encode()


def _answer(status: int, body: str) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {"Content-Type": "text/plain; charset=utf-8"},
        "body": body,
        "isBase64Encoded": False,
    }
