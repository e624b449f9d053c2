"""Events exactly as AWS hands them to a function, from the examples in its documentation.

Amazon's pages: "Lambda proxy integrations" (API Gateway), "Using Lambda with
Amazon SQS", "Invoking Lambda function URLs", "Using Lambda with EventBridge
Scheduler", "EventBridge event message structure" and "Event message structure"
(both Amazon S3). Everything that AWS sends is there, also what nobody reads.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote_plus, urlencode

Shape = dict[str, Any]

ACCOUNT = "123456789012"
REGION = "eu-west-3"
BUCKET = "carillon-prod"
AGENT = "curl/8.5.0"
META = "facebookexternalua"
ETAG = "b1946ac92492d2347c6235b4d2611184"
VERSION = "096fKKXTRTtl3on89fVO.nfljtsv6qko"
CALLER = "203.0.113.7"
REST_HOST = f"a1b2c3d4e5.execute-api.{REGION}.amazonaws.com"
URL_HOST = f"abcdefghijklmnop.lambda-url.{REGION}.on.aws"
FORWARDED = {
    "X-Amzn-Trace-Id": "Root=1-6750a2b1-1f2e3d4c5b6a79880123abcd",
    "X-Forwarded-For": CALLER,
    "X-Forwarded-Port": "443",
    "X-Forwarded-Proto": "https",
}
NOBODY = (
    *("cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller", "accessKey", "userArn", "user"),
    *("cognitoAuthenticationType", "cognitoAuthenticationProvider", "principalOrgId"),
)
"""What an identity says of a caller who has not signed: nothing."""


def body_fields(body: str | bytes | None) -> Shape:
    """Return a body as it travels: text as text, bytes in base64, nothing as null."""
    if isinstance(body, bytes):
        return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    return {"body": body, "isBase64Encoded": False}


def rest_request(
    method: str,
    resource: str,
    body: str | bytes | None = None,
    *,
    path: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Shape:
    """Return a request to a REST API (payload version 1): header names as the caller wrote them."""
    sent = {"Accept": "*/*", "Content-Type": "application/json", "Host": REST_HOST, "User-Agent": AGENT}
    sent |= {**FORWARDED, **(headers or {})}
    place = resource.format(**(path or {}))
    return {
        "resource": resource,
        "path": place,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": dict(query) if query else None,
        "multiValueQueryStringParameters": {n: [v] for n, v in query.items()} if query else None,
        "pathParameters": dict(path) if path else None,
        "stageVariables": None,
        "requestContext": rest_context(method, resource, place),
        **body_fields(body),
    }


def rest_context(method: str, resource: str, place: str) -> Shape:
    """Return what API Gateway adds of its own; its `path` begins with the stage."""
    return {
        "resourceId": "0d3m1v",
        "resourcePath": resource,
        "httpMethod": method,
        "extendedRequestId": "CMlxzGmwCGYFYzA=",
        "requestTime": "01/Dec/2026:08:00:00 +0000",
        "path": f"/api{place}",
        "accountId": ACCOUNT,
        "protocol": "HTTP/1.1",
        "stage": "api",
        "domainPrefix": "a1b2c3d4e5",
        "requestTimeEpoch": 1796112000123,
        "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        "identity": {**dict.fromkeys(NOBODY), "sourceIp": CALLER, "userAgent": AGENT},
        "domainName": REST_HOST,
        "deploymentId": "f0o1b2",
        "apiId": "a1b2c3d4e5",
    }


def sqs_event(queue: str, bodies: Sequence[str]) -> Shape:
    """Return a batch of a queue's messages. Their ids are "<queue>-0", "<queue>-1" and so on."""
    return {"Records": [sqs_record(queue, number, body) for number, body in enumerate(bodies)]}


def sqs_record(queue: str, number: int, body: str) -> Shape:
    """Return one message."""
    return {
        "messageId": f"{queue}-{number}",
        "receiptHandle": f"AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a{number}",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1796112000000",
            "SenderId": "AROAIENQZJOLO23YVJ4VO:carillon",
            "ApproximateFirstReceiveTimestamp": "1796112000002",
        },
        "messageAttributes": {},
        "md5OfBody": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:carillon-{queue}",
        "awsRegion": REGION,
    }


def bridged(kind: str, source: str, resource: str, detail: Any) -> Shape:
    """Return an event in EventBridge's envelope."""
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": kind,
        "source": source,
        "account": ACCOUNT,
        "time": "2026-12-01T08:00:00Z",
        "region": REGION,
        "resources": [resource],
        "detail": detail,
    }


def scheduler_default() -> Shape:
    """Return what EventBridge Scheduler sends for a schedule without an input of its own."""
    arn = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/carillon/every-minute"
    return bridged("Scheduled Event", "aws.scheduler", arn, "{}")


def rule_event() -> Shape:
    """Return what a rate rule of EventBridge sends."""
    arn = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/carillon-reconcile"
    return bridged("Scheduled Event", "aws.events", arn, {})


def object_created(key: str, *, kind: str = "Object Created") -> Shape:
    """Return S3's event by way of EventBridge: one object, its key as it is."""
    thing = {"key": key, "size": 5, "etag": ETAG, "version-id": VERSION, "sequencer": "00617F08299329D189"}
    detail = {
        "version": "0",
        "bucket": {"name": BUCKET},
        "object": thing,
        "request-id": "N4N7GDK58NMKJ12R",
        "requester": ACCOUNT,
        "source-ip-address": CALLER,
        "reason": "PutObject",
    }
    return bridged(kind, "aws.s3", f"arn:aws:s3:::{BUCKET}", detail)


def s3_notification(*keys: str, name: str = "ObjectCreated:Put") -> Shape:
    """Return S3's own notification: one record an object, its key encoded as a form does it."""
    return {"Records": [s3_record(quote_plus(key, safe="/"), name) for key in keys]}


def s3_record(encoded: str, name: str) -> Shape:
    """Return one object's record."""
    owner = {"principalId": "A3NL1KOZZKExample"}
    thing = {"key": encoded, "size": 5, "eTag": ETAG, "versionId": VERSION, "sequencer": "0055AED6DCD90281E5"}
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": "2026-12-01T08:00:00.000Z",
        "eventName": name,
        "userIdentity": {"principalId": "AWS:AIDAJDPLRKLG7UEXAMPLE"},
        "requestParameters": {"sourceIPAddress": CALLER},
        "responseElements": {"x-amz-request-id": "C3D13FE58DE4C810", "x-amz-id-2": "FMyUVURIY8/IgAtTv8xRjs"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "incoming",
            "bucket": {"name": BUCKET, "ownerIdentity": owner, "arn": f"arn:aws:s3:::{BUCKET}"},
            "object": thing,
        },
    }


def function_url(
    method: str,
    body: str | bytes | None = None,
    *,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Shape:
    """Return a request to a function URL (payload version 2): header names in lower case, no empty fields."""
    sent = {"Accept": "*/*", "Content-Type": "application/json", "Host": URL_HOST, "User-Agent": META}
    sent |= {**FORWARDED, **(headers or {})}
    event: Shape = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/webhooks/whatsapp",
        "rawQueryString": urlencode(query or {}),
        "cookies": ["session=1", "theme=dark"],
        "headers": {name.lower(): value for name, value in sent.items()},
        "requestContext": url_context(method),
        "isBase64Encoded": False,
    }
    if query:
        event["queryStringParameters"] = dict(query)
    return event if body is None else event | body_fields(body)


def url_context(method: str) -> Shape:
    """Return what a function URL says of a request whose caller need not sign."""
    return {
        "accountId": "anonymous",
        "apiId": "abcdefghijklmnop",
        "domainName": URL_HOST,
        "domainPrefix": "abcdefghijklmnop",
        "http": {
            "method": method,
            "path": "/webhooks/whatsapp",
            "protocol": "HTTP/1.1",
            "sourceIp": CALLER,
            "userAgent": META,
        },
        "requestId": "e1506fd5-9e7b-434f-bd42-4f8fa224b599",
        "routeKey": "$default",
        "stage": "$default",
        "time": "01/Dec/2026:08:00:00 +0000",
        "timeEpoch": 1796112000123,
    }
