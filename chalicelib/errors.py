"""The one tree of errors, and `Problem`, the unit in which bad input is reported.

An error has a stable `code` and carries its facts as attributes. Its text in
English, French or Arabic is made by `wording.say(problem, language)`; HTTP
statuses are chosen in `app.py` alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault in what somebody gave us.

    `code` is a key of the wording tables; `params` fill its text. `path` is the
    dotted place in the definition ("audience.segment"); `line` and `column`
    count from 1, and are 0 where there is no file.
    """

    code: str
    params: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    line: int = 0
    column: int = 0
    file: str = ""


class CarillonError(Exception):
    """Root of everything Carillon raises on purpose."""

    code = "error"

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{p.code} {dict(p.params)}" for p in problems))
        self.problems: Sequence[Problem] = problems


class InvalidDefinition(CarillonError):
    """The file cannot be accepted; `problems` lists everything wrong. Nothing was stored."""

    code = "invalid_definition"


class InvalidSettings(CarillonError):
    """senders.yaml, policy.yaml, a template file or a variable is wrong or missing."""

    code = "invalid_settings"


class InvalidImport(CarillonError):
    """The file is no contacts file at all; nothing changed."""

    code = "invalid_import"


class InvalidRequest(CarillonError):
    """What another system sent is not well formed; `problems` lists everything wrong. Nothing changed."""

    code = "invalid_request"


class TooLarge(InvalidRequest):
    """A request is longer than any that makes sense; it was not read."""

    code = "too_large"


class Refused(CarillonError):
    """Understood, well formed, and not done: the world or a rule is against it."""

    code = "refused"


class Ineligible(CarillonError):
    """A gate says no to the one message that was asked for; `problems` say which, and why."""

    code = "ineligible"


class NotFound(CarillonError):
    """The thing named does not exist."""

    code = "not_found"


class Unauthorized(CarillonError):
    """A missing or wrong token or signature."""

    code = "unauthorized"


class Forbidden(CarillonError):
    """Somebody may not ask this: by their role, their token's scope, or from another site's page."""

    code = "forbidden"


class HomeUnavailable(CarillonError):
    """The home's storage cannot be used now: disk full, locked, unwritable."""

    code = "home_unavailable"
