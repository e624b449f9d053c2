"""Structured logs: one JSON line per unit of work, with ids and counts, never a number or a value."""

from __future__ import annotations

import logging
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from threading import Lock
from typing import Any

import orjson

from chalicelib.audience.instant import to_iso
from chalicelib.errors import CarillonError, HomeUnavailable

log = logging.getLogger("carillon.work")  # "carillon" itself is Chalice's, which resets its level

TALLY_MS = 60_000

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object: time, level, event, and the extra fields.

    Lambda takes a line's level for its own only beside a `timestamp` of RFC 3339; without one it says INFO
    (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html).
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. An exception becomes its type and where it was raised, without its values."""
        fields: dict[str, Any] = {
            "timestamp": to_iso(round(record.created * 1_000)),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        fields |= {k: v for k, v in record.__dict__.items() if k not in _STANDARD}
        fields = {k: without_numbers(v) if isinstance(v, str) else v for k, v in fields.items()}
        if record.exc_info and record.exc_info[0] is not None:
            fields["error"] = record.exc_info[0].__name__
            fields["where"] = _where(record.exc_info[2])
        return orjson.dumps(fields, default=str).decode()


class Line:
    """The one line of a unit of work, until it is written."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = fields
        self.is_silent = False

    def add(self, **fields: Any) -> None:
        """Add what is known by now. Counts by reason that are empty are left out of the line."""
        self.fields.update(fields)

    def silence(self) -> None:
        """Write nothing: there was nothing to do."""
        self.is_silent = True


@contextmanager
def unit(event: str, now: Callable[[], int], **fields: Any) -> Iterator[Line]:
    """Write one line at the end of a unit of work: what it counted, how long it took, how it ended.

    `outcome` is done, refused (with the first problem's code) or failed (with the
    error's type), unless the unit says otherwise. A process that dies writes none.
    """
    line, began = Line(dict(fields)), now()
    try:
        yield line
    except Exception as fault:
        line.is_silent = False
        line.add(**_ending(fault))
        _write(event, line, now() - began)
        raise
    _write(event, line, now() - began)


def _ending(fault: Exception) -> dict[str, Any]:
    if isinstance(fault, CarillonError) and not isinstance(fault, HomeUnavailable):
        return {"outcome": "refused", "code": fault.problems[0].code if fault.problems else fault.code}
    return {"outcome": "failed", "error": type(fault).__name__}


def _write(event: str, line: Line, took_ms: int) -> None:
    if line.is_silent:
        return
    fields = {"outcome": "done", **line.fields, "ms": took_ms}
    log.info(event, extra={name: value for name, value in fields.items() if value not in ({}, (), [], None)})


class Tally:
    """One line a minute for units of work of which there are millions, too small for a line each.

    The units of a process that ends before its next one are in no line.
    """

    def __init__(self, event: str, now: Callable[[], int]) -> None:
        self._event = event
        self._now = now
        self._lock = Lock()
        self._since = 0
        self._counts: Counter[str] = Counter()
        self._longest_ms = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count one unit, by how it ended; writes the line when the last is a minute old."""
        began, outcome = self._now(), "done"
        try:
            yield
        except Exception as fault:
            outcome = _ending(fault)["outcome"]
            raise
        finally:
            self._count(outcome, began, self._now())

    def _count(self, outcome: str, began: int, ended: int) -> None:
        with self._lock:
            self._since = self._since or began
            self._counts[outcome] += 1
            self._longest_ms = max(self._longest_ms, ended - began)
            if ended - self._since < TALLY_MS:
                return
            counts, longest, took = dict(self._counts), self._longest_ms, ended - self._since
            self._counts, self._longest_ms, self._since = Counter(), 0, 0
        log.info(self._event, extra={**counts, "longest_ms": longest, "ms": took})


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
