"""Structured logs: one JSON line per unit of work, with ids and counts, never a number or a value."""

from __future__ import annotations

import logging
from typing import Any

import orjson

log = logging.getLogger("carillon.work")  # "carillon" itself is Chalice's, which resets its level

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object: time, level, event, and the extra fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. An exception becomes its type and where it was raised, without its values."""
        fields: dict[str, Any] = {
            "at": round(record.created, 3),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        fields |= {k: v for k, v in record.__dict__.items() if k not in _STANDARD}
        if record.exc_info and record.exc_info[0] is not None:
            fields["error"] = record.exc_info[0].__name__
            fields["where"] = _where(record.exc_info[2])
        return orjson.dumps(fields, default=str).decode()


def _where(traceback: Any) -> str:
    places = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    return " > ".join(places[-6:])


def to_stderr(level: int = logging.INFO) -> None:
    """Send Carillon's log to standard error as JSON lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    log.handlers[:] = [handler]
    log.setLevel(level)
    log.propagate = False
