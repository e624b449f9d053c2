"""Structured logs: one JSON line per unit of work, with ids and counts, never a number or a value."""

from __future__ import annotations

import logging
import os
import re
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
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
        fields = {k: without_numbers(v) if isinstance(v, str) else v for k, v in fields.items()}
        if record.exc_info and record.exc_info[0] is not None:
            fields["error"] = record.exc_info[0].__name__
            fields["where"] = _where(record.exc_info[2])
        return orjson.dumps(fields, default=str).decode()


PHONE = re.compile(r"(?:\+|%2[Bb])\d{6,15}|(?<![\w.-])\d{9,15}(?![\w.-])")


def without_numbers(text: str) -> str:
    """Return a text without what may be a phone number: no line should have one, and an address may."""
    return PHONE.sub("[number]", text)


def _where(traceback: Any) -> str:
    places = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    return " > ".join(places[-6:])


class PrivateRotatingFile(RotatingFileHandler):
    """A file that only its owner may read, whatever the umask; when full it becomes FILE.1, and so on."""

    def _open(self) -> TextIOWrapper:
        handle = os.open(self.baseFilename, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        os.fchmod(handle, 0o600)
        return TextIOWrapper(os.fdopen(handle, "ab"), encoding=self.encoding)


def to_stderr(level: int = logging.INFO) -> None:
    """Send Carillon's log to standard error as JSON lines."""
    _to(logging.StreamHandler(), level)


def to_file(file: Path, *, most_bytes: int, files: int, level: int = logging.INFO) -> None:
    """Send the log to a file as JSON lines: never more than `files` (at least 2) of about `most_bytes`.

    Raises OSError where it cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _to(PrivateRotatingFile(file, maxBytes=most_bytes, backupCount=files - 1, encoding="utf-8"), level)


def _to(handler: logging.Handler, level: int) -> None:
    handler.setFormatter(JsonLines())
    log.handlers[:] = [handler]
    log.setLevel(level)
    log.propagate = False
