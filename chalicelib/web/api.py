"""The control plane's routes: parse the request, ask the pipeline, word the answer.

Errors are `{"code", "message", "problems": [...]}`, worded in the language of
`Accept-Language`. HTTP statuses are chosen here and in `events.py` alone.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import unquote

import orjson
from chalice import Blueprint, Response

from chalicelib import bootstrap, errors
from chalicelib.audience.instant import Instant, from_iso
from chalicelib.log import log
from chalicelib.sending.broadcast import BroadcastState
from chalicelib.web import shapes

routes = Blueprint(__name__)

STATUS_BY_ERROR: dict[type[errors.CarillonError], int] = {
    errors.InvalidDefinition: 422,
    errors.InvalidImport: 422,
    errors.InvalidSettings: 409,
    errors.Refused: 409,
    errors.NotFound: 404,
    errors.Unauthorized: 401,
    errors.HomeUnavailable: 503,
}

Handler = Callable[..., Any]


def answered(handler: Handler) -> Handler:
    """Check the token, run the handler, and make JSON of its answer or of its error."""

    @wraps(handler)
    def wrapped(**path: str) -> Response:
        try:
            authorize()
            return json_answer(200, handler(**{name: unquote(value) for name, value in path.items()}))
        except errors.CarillonError as error:
            status = next((s for kind, s in STATUS_BY_ERROR.items() if isinstance(error, kind)), 500)
            return json_answer(status, shapes.error(error, language()))
        except Exception:  # noqa: BLE001 - the last line of defence: a sentence, not a traceback
            log.exception("request_failed", extra={"path": routes.current_request.path})
            message = "something went wrong inside Carillon; the log names the place"
            return json_answer(500, {"code": "internal", "message": message, "problems": []})

    return wrapped


def authorize() -> None:
    """Refuse a request without the token, where one is set. Compares in constant time."""
    token = bootstrap.pipeline().home.settings.token
    scheme, _, rest = routes.current_request.headers.get("authorization", "").partition(" ")
    given = rest.strip() if scheme.lower() == "bearer" else ""
    if token and not hmac.compare_digest(given.encode(), token.encode()):
        raise errors.Unauthorized(errors.Problem(code="token_wrong"))


def json_answer(status: int, body: Any) -> Response:
    """Return a JSON response."""
    return Response(
        body=orjson.dumps(body).decode(),
        status_code=status,
        headers={"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"},
    )


def language() -> str:
    """Return "fr", "ar" or "en", whichever the request asks for first."""
    asked = routes.current_request.headers.get("accept-language", "en")
    return next(
        (tag for tag in (p.strip()[:2].lower() for p in asked.split(",")) if tag in ("fr", "ar", "en")), "en"
    )


def raw_bytes() -> bytes:
    """Return the request's body as bytes."""
    raw = routes.current_request.raw_body
    return raw if isinstance(raw, bytes) else raw.encode()


def body() -> dict[str, Any]:
    """Return the request's JSON object. Raises Refused on anything else."""
    raw = routes.current_request.raw_body
    try:
        fields = orjson.loads(raw) if raw else {}
    except orjson.JSONDecodeError as error:
        raise errors.Refused(errors.Problem(code="body_not_json")) from error
    if not isinstance(fields, dict):
        raise errors.Refused(errors.Problem(code="body_not_json"))
    return fields


def text_field(fields: dict[str, Any], name: str, default: str | None = None) -> str:
    """Return a text field of the body. Raises Refused when it is absent or no text."""
    value = fields.get(name, default)
    if not isinstance(value, str):
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
    value = dict(routes.current_request.query_params or {}).get(name)
    return str(value) if value is not None else None


@routes.route("/health", methods=["GET"])
def health() -> Response:
    """Alive, and which version of what."""
    return json_answer(200, shapes.health(bootstrap.pipeline()))


@routes.route("/api/campaigns/validate", methods=["POST"])
@answered
def validate() -> Any:
    """All problems and warnings of a definition; stores nothing."""
    fields = body()
    done = bootstrap.pipeline().validate(text_field(fields, "source"), file=text_field(fields, "file", ""))
    return shapes.validated(done, language())


@routes.route("/api/campaigns/tests", methods=["POST"])
@answered
def run_tests() -> Any:
    """What came of a definition's own tests; stores nothing."""
    fields = body()
    trials = bootstrap.pipeline().run_tests(text_field(fields, "source"), file=text_field(fields, "file", ""))
    return shapes.trials(trials)


@routes.route("/api/campaigns", methods=["POST"])
@answered
def upload() -> Any:
    """Store a definition as a version of its campaign."""
    fields = body()
    done = bootstrap.pipeline().upload(
        text_field(fields, "source"),
        file=text_field(fields, "file", ""),
        author=text_field(fields, "author", ""),
    )
    return shapes.uploaded(done, language())


@routes.route("/api/campaigns/{campaign}/plans", methods=["POST"])
@answered
def plan(campaign: str) -> Any:
    """Start planning the latest version."""
    fields = body()
    planning = bootstrap.pipeline().plan(
        campaign, at=instant_field(fields, "at"), again=bool(fields.get("again"))
    )
    return shapes.planning(planning, language())


@routes.route("/api/plans/{plan}", methods=["GET"])
@answered
def show_plan(plan: str) -> Any:
    """How far a plan is, or what it says; by id or by hash."""
    return shapes.planning(bootstrap.pipeline().planning(plan), language())


@routes.route("/api/plans/{plan}/launch", methods=["POST"])
@answered
def launch(plan: str) -> Any:
    """Start the plan's broadcast; the same one however often."""
    launched = bootstrap.pipeline().launch(plan)
    return {
        "broadcast": launched.broadcast.id,
        "already": launched.already,
        "state": launched.broadcast.state.value,
    }


@routes.route("/api/broadcasts", methods=["GET"])
@answered
def broadcasts() -> Any:
    """Broadcasts, newest first, a page at a time."""
    return shapes.broadcasts(bootstrap.pipeline(), after=query("after"))


@routes.route("/api/broadcasts/{broadcast}", methods=["GET"])
@answered
def broadcast(broadcast: str) -> Any:
    """Live state, from counters; the report is exact."""
    return shapes.broadcast(bootstrap.pipeline(), bootstrap.pipeline().broadcast(broadcast))


def _order(broadcast: str, wanted: BroadcastState) -> Any:
    return shapes.ordered(bootstrap.pipeline().order(broadcast, wanted))


@routes.route("/api/broadcasts/{broadcast}/pause", methods=["POST"])
@answered
def pause(broadcast: str) -> Any:
    """Stop sending within two seconds; what was handed over already is counted."""
    return _order(broadcast, BroadcastState.PAUSED)


@routes.route("/api/broadcasts/{broadcast}/resume", methods=["POST"])
@answered
def resume(broadcast: str) -> Any:
    """Go on with whoever has no outcome yet."""
    return _order(broadcast, BroadcastState.RUNNING)


@routes.route("/api/broadcasts/{broadcast}/cancel", methods=["POST"])
@answered
def cancel(broadcast: str) -> Any:
    """End it: whoever has no outcome yet is excluded as `cancelled`."""
    return _order(broadcast, BroadcastState.CANCELLING)


@routes.route("/api/broadcasts/{broadcast}/report", methods=["GET"])
@answered
def report(broadcast: str) -> Any:
    """The exact report, folded from the ledger."""
    found = bootstrap.pipeline().broadcast(broadcast)
    return shapes.report(found, bootstrap.pipeline().report(broadcast))


@routes.route("/api/broadcasts/{broadcast}/people/{contact}", methods=["GET"])
@answered
def explain(broadcast: str, contact: str) -> Any:
    """Why one person did or did not get it."""
    return shapes.explanation(bootstrap.pipeline().explain(broadcast, contact))


@routes.route(
    "/api/contacts/imports", methods=["POST"], content_types=["text/csv", "application/octet-stream"]
)
@answered
def import_contacts() -> Any:
    """Import a contacts file, sent as the raw body."""
    return shapes.imported(
        bootstrap.pipeline().import_contacts(
            raw_bytes(),
            file=query("file") or "contacts.csv",
            default_country=query("default_country"),
        )
    )


@routes.route("/api/contacts/imports/{batch}/results", methods=["GET"])
@answered
def import_results(batch: str) -> Any:
    """One line per row of an import: its verdict and, where it was refused, why."""
    return {"batch": batch, "lines": shapes.import_lines(bootstrap.pipeline(), batch, language())}


@routes.route("/api/events", methods=["POST"])
@answered
def record_event() -> Any:
    """What a person did, told by another system; the same key again changes nothing."""
    fields = body()
    person, is_new = bootstrap.pipeline().record_event(
        text_field(fields, "person"),
        text_field(fields, "event"),
        key=text_field(fields, "key"),
        at=instant_field(fields, "at"),
    )
    return {"person": person, "recorded": is_new}


@routes.route("/api/contacts/{contact}", methods=["GET"])
@answered
def contact(contact: str) -> Any:
    """A person by id, phone or external id, with consents and evidence."""
    return shapes.contact(*bootstrap.pipeline().contact(contact))


@routes.route("/api/dead-letters", methods=["GET"])
@answered
def dead_letters() -> Any:
    """Messages that failed too often, at most ten of each queue."""
    letters = bootstrap.pipeline().dead_letters(query("queue"))
    return {"letters": [{"queue": x.queue, "receives": x.receives, "body": x.body} for x in letters]}


@routes.route("/api/dead-letters/replay", methods=["POST"])
@answered
def replay_dead_letters() -> Any:
    """Give them back to their handlers."""
    return {"replayed": bootstrap.pipeline().replay_dead_letters(query("queue"))}


@routes.route("/api/test-sends", methods=["POST"])
@answered
def test_send() -> Any:
    """Send one rendering to one phone."""
    fields = body()
    return bootstrap.pipeline().test_send(
        text_field(fields, "source"),
        file=text_field(fields, "file", ""),
        contact=text_field(fields, "contact"),
        to=text_field(fields, "to", ""),
    )
