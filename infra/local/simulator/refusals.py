"""Error codes, and the bodies that Graph answers them with.

Titles and HTTP statuses after Meta's error page as of 2026-09-11; where it no
longer gives a status, the older one. A client must not branch on the status.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import orjson

TITLE_BY_CODE = {
    0: "AuthException",
    1: "API Unknown",
    2: "API Service",
    3: "API Method",
    4: "API Too Many Calls",
    10: "Permission Denied",
    33: "Parameter value is not valid",
    100: "Invalid parameter",
    190: "Access token has expired",
    368: "Temporarily blocked for policies violations",
    2500: "Unknown path components",
    2635: "You are calling a deprecated version of the API",
    80007: "Rate limit issues",
    130403: "User blocked the business",
    130429: "Rate limit hit",
    130472: "User's number is part of an experiment",
    130497: "Business account is restricted from messaging users in this country",
    131000: "Something went wrong",
    131005: "Access denied",
    131008: "Required parameter is missing",
    131009: "Parameter value is not valid",
    131016: "Service unavailable",
    131021: "Recipient cannot be sender",
    131026: "Message undeliverable",
    131030: "Recipient phone number not in allowed list",
    131031: "Business Account locked",
    131037: "Phone number needs display name approval before message can be sent",
    131042: "Business eligibility payment issue",
    131045: "Incorrect certificate",
    131047: "Re-engagement message",
    131048: "Spam rate limit hit",
    131049: "This message was not delivered to maintain healthy ecosystem engagement",
    131050: "User has stopped marketing messages from this business",
    131051: "Unsupported message type",
    131052: "Media download error",
    131053: "Media upload error",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    131057: "Account in maintenance mode",
    131064: "Messages limited for template misclassification",
    132000: "Template Param Count Mismatch",
    132001: "Template does not exist",
    132005: "Template Hydrated Text Too Long",
    132007: "Template Format Character Policy Violated",
    132008: "Template Param Value Invalid",
    132012: "Template Parameter Format Mismatch",
    132015: "Template is Paused",
    132016: "Template is Disabled",
    132018: "There is an issue with the parameters in your template",
    133004: "Server Temporarily Unavailable",
    133010: "Phone number not registered",
    133016: "Account register deregister rate limit exceeded",
    135000: "Generic user error",
}
STATUS_BY_CODE = {
    0: 401,
    2: 503,
    3: 500,
    1: 500,
    10: 403,
    190: 401,
    368: 403,
    130497: 403,
    131000: 500,
    131005: 403,
    131016: 503,
    131031: 403,
    131045: 500,
    131057: 500,
    132001: 404,
    133004: 503,
}


class RefusedCall(Exception):
    """The platform answers this call with an error code."""

    def __init__(self, code: int, details: str) -> None:
        super().__init__(f"{code}: {details}")
        self.code = code
        self.details = details


def title_of(code: int) -> str:
    """Return the title of a code; every code has one."""
    return TITLE_BY_CODE.get(code, "Message failed")


def status_of(code: int) -> int:
    """Return the HTTP status that goes with a code."""
    return STATUS_BY_CODE.get(code, 400)


def error_body(code: int, details: str, call: int) -> bytes:
    """Return the JSON that Graph answers; `call` makes its trace id."""
    error: dict[str, Any] = {
        "message": f"(#{code}) {title_of(code)}",
        "type": "OAuthException",
        "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": details},
        "fbtrace_id": "A" + blake2b(str(call).encode(), digest_size=11).hexdigest(),
    }
    return orjson.dumps({"error": error})


def webhook_error(code: int) -> dict[str, Any]:
    """Return one item of `errors` of a failed status."""
    title = title_of(code)
    return {
        "code": code,
        "title": title,
        "message": title,
        "error_data": {"details": title + "."},
        "href": "https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes",
    }
