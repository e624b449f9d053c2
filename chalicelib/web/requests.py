"""What every route shares: the token, the request's parts, an answer or an error as JSON.

Errors are `{"code", "message", "problems": [...]}`, worded in the language of
`Accept-Language`. HTTP statuses are chosen here and in `events.py` alone.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import unquote

import orjson
from chalice import Blueprint, Response
from chalice.app import Request

from chalicelib import bootstrap, errors
from chalicelib.audience.instant import Instant, from_iso
from chalicelib.authoring.actor import Actor
from chalicelib.log import log, unit
from chalicelib.tracking.audit import DONE
from chalicelib.web import shapes
from chalicelib.web.identity import identified
from chalicelib.web.roles import Act, act_of, refusal

routes = Blueprint(__name__)
"""The one blueprint to which the modules named `api_*` add their routes."""

STATUS_BY_ERROR: dict[type[errors.CarillonError], int] = {
    errors.InvalidDefinition: 422,
    errors.InvalidImport: 422,
    errors.TooLarge: 413,
    errors.InvalidRequest: 422,
    errors.Ineligible: 422,
    errors.InvalidSettings: 409,
    errors.Refused: 409,
    errors.NotFound: 404,
    errors.Unauthorized: 401,
    errors.Forbidden: 403,
    errors.HomeUnavailable: 503,
}

Handler = Callable[..., Any]


@dataclass(slots=True)
class Asked:
    """A request that is being answered, and who asks, once that is known."""

    request: Request
    actor: Actor | None = None
    about: str = ""
    outcome: str = DONE


_current: ContextVar[Asked] = ContextVar("asked")


@routes.middleware("http")
def keep_apart(request: Any, get_response: Callable[[Any], Any]) -> Any:
    """Keep the request for whoever answers it.

    Chalice knows one present request of the whole app, and a home on one machine
    answers several at once: one would read the token and the body of another.
    """
    _current.set(Asked(request))
    return get_response(request)


def current_request() -> Request:
    """Return the request that is being answered here, whatever is answered beside it."""
    return _current.get().request


def about(name: str) -> None:
    """Say what the act is done to, where neither the path nor the answer does."""
    _current.get().about = name


def ended_as(outcome: str) -> None:
    """Say how the act ended, where it may end in more than one way."""
    _current.get().outcome = outcome


def acting() -> Actor:
    """Return who asks. Only for what `answered` runs, which has asked who it is."""
    actor = _current.get().actor
    if actor is None:
        raise errors.Unauthorized(errors.Problem(code="token_wrong"))
    return actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of a request: status and body, the code of what stood against it, and what it was done to."""

    status: int
    body: Any
    code: str = ""
    on: str = ""


def answered(handler: Handler, *, status: int = 200) -> Handler:
    """Ask who it is and whether they may, run the handler, keep the act, and make JSON of what came of it."""

    @wraps(handler)
    def wrapped(**path: str) -> Response:
        request = current_request()
        # Chalice's path is the route, not the address, which may hold a number.
        act = act_of(request.method, request.path)
        with unit("api_request", _now, method=request.method, route=request.path) as line:
            done = _done(act, handler, {name: unquote(value) for name, value in path.items()}, status)
            done = _kept(act, done)
            if done.code and done.status != 500:
                line.add(code=done.code)
            line.add(status=done.status, outcome=OUTCOMES[min(done.status // 100, 5)])
            return json_answer(done.status, done.body)

    return wrapped


def _done(act: Act, handler: Handler, path: dict[str, str], status: int) -> Done:
    on = path.get(act.on, "")
    try:
        authorize(act)
        body = handler(**path)
        named = body.get(act.on, "") if isinstance(body, dict) and not on else on
        return Done(status=status, body=body, on=str(named) or _current.get().about)
    except errors.CarillonError as error:
        return _refused(error, "" if isinstance(error, errors.NotFound) else on)
    except Exception:  # noqa: BLE001 - the last line of defence: a sentence, not a traceback
        log.exception("request_failed", extra={"path": current_request().path})
        message = "something went wrong inside Carillon; the log names the place"
        body = {"code": "internal", "message": message, "problems": []}
        return Done(status=500, body=body, code="internal", on=on)


def _refused(error: errors.CarillonError, on: str = "") -> Done:
    code = error.problems[0].code if error.problems else error.code
    return Done(status=status_of(error), body=shapes.error(error, language()), code=code, on=on)


def _kept(act: Act, done: Done) -> Done:
    """Put an act into the audit trail. One that cannot be is answered as not done, and is asked again."""
    actor = _current.get().actor
    if not act.kept or actor is None:
        return done
    try:
        bootstrap.pipeline().record_act(
            actor, act.name, on=done.on, outcome=done.code or _current.get().outcome
        )
    except errors.HomeUnavailable as error:
        return _refused(error)
    return done


OUTCOMES = {2: "done", 4: "refused", 5: "failed"}


def _now() -> int:
    """Return the instant by the home's clock; 0 while there is no home, which the answer says."""
    try:
        return bootstrap.pipeline().home.ports.clock.now()
    except errors.CarillonError:
        return 0


def status_of(error: errors.CarillonError) -> int:
    """Return the HTTP status of an error."""
    return next((s for kind, s in STATUS_BY_ERROR.items() if isinstance(error, kind)), 500)


def accepted(handler: Handler) -> Handler:
    """Answer as `answered` does, but 202: what was asked for is kept, and not done yet."""
    return answered(handler, status=202)


def authorize(act: Act) -> None:
    """Keep who asks. Raises Unauthorized when nobody knows, Forbidden when they may not do this."""
    asked = _current.get()
    asked.actor = identified(asked.request.headers, asked.request.context)
    problem = refusal(asked.actor, act)
    if problem is not None:
        raise errors.Forbidden(problem)


def json_answer(status: int, body: Any) -> Response:
    """Return a JSON response."""
    return Response(
        body=orjson.dumps(body).decode(),
        status_code=status,
        headers={"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"},
    )


def language() -> str:
    """Return "fr", "ar" or "en", whichever the request asks for first."""
    return preferred(current_request().headers.get("accept-language", "en"))


def preferred(asked: str) -> str:
    """Return "fr", "ar" or "en", whichever an Accept-Language header names first."""
    return next(
        (tag for tag in (p.strip()[:2].lower() for p in asked.split(",")) if tag in ("fr", "ar", "en")), "en"
    )


def raw_bytes() -> bytes:
    """Return the request's body as bytes."""
    raw = current_request().raw_body
    return raw if isinstance(raw, bytes) else raw.encode()


MOST_BODY_BYTES = 4 * 1024 * 1024
MOST_SMALL_BODY_BYTES = 64 * 1024


def body(most_bytes: int = MOST_BODY_BYTES) -> dict[str, Any]:
    """Return the request's JSON object. Raises TooLarge, or Refused on anything else."""
    raw = raw_bytes()
    if len(raw) > most_bytes:
        raise errors.TooLarge(errors.Problem(code="body_too_large", params={"most": str(most_bytes // 1024)}))
    try:
        fields = orjson.loads(raw) if raw else {}
    except orjson.JSONDecodeError as error:
        raise errors.Refused(errors.Problem(code="body_not_json")) from error
    if not isinstance(fields, dict):
        raise errors.Refused(errors.Problem(code="body_not_json"))
    return fields


def small_body() -> dict[str, Any]:
    """Return the request's JSON object, which describes one thing. Raises TooLarge when it is large."""
    return body(MOST_SMALL_BODY_BYTES)


def text_field(fields: dict[str, Any], name: str, default: str | None = None) -> str:
    """Return a text field of the body. Raises Refused when it is absent or no text."""
    value = fields.get(name, default)
    if not isinstance(value, str):
        raise errors.Refused(errors.Problem(code="field_missing", params={"field": name}))
    return value


def object_field(fields: dict[str, Any], name: str) -> dict[str, Any]:
    """Return an object of the body. Raises Refused when it is absent or something else."""
    found = fields.get(name)
    if not isinstance(found, dict):
        raise errors.Refused(errors.Problem(code="field_missing", params={"field": name}))
    return found


def texts_field(fields: dict[str, Any], name: str) -> list[str]:
    """Return a list of texts of the body, [] when it is absent. Raises Refused when it is anything else."""
    value = fields.get(name, [])
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise errors.Refused(errors.Problem(code="field_missing", params={"field": name}))
    return value


def truth_field(fields: dict[str, Any], name: str) -> bool:
    """Return a true or false of the body, False when it is absent. Raises Refused when it is no such."""
    value = fields.get(name, False)
    if not isinstance(value, bool):
        raise errors.Refused(errors.Problem(code="field_missing", params={"field": name}))
    return value


def instant_field(fields: dict[str, Any], name: str) -> Instant | None:
    """Return an instant of the body, None when it is absent. Raises Refused when it is none."""
    value = fields.get(name)
    try:
        return from_iso(value) if value else None
    except (ValueError, TypeError) as error:
        raise errors.Refused(errors.Problem(code="instant_invalid", params={"value": str(value)})) from error


def query(name: str) -> str | None:
    """Return one query parameter."""
    value = dict(current_request().query_params or {}).get(name)
    return str(value) if value is not None else None
