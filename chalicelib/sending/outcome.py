"""What an answer means: one table of codes, one verdict per answer.

The table is data (`data/error_codes.json`) with its source and date. A code
may come in the response, by webhook, or both; `judge_code` serves both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files

from chalicelib.audience.instant import MINUTE_MS, SECOND_MS, Instant
from chalicelib.authoring.definition import Retries
from chalicelib.sending.answer import Accepted, Answer, NotSent, Refused
from chalicelib.sending.delivery import Delivery

USUAL_RETRIES = Retries()
DOUBT_RETRIES = 1
"""How often somebody is called again whose own data may be at fault."""


class Reaction(StrEnum):
    """What a code asks of us."""

    SLOW_DOWN = "slow_down"  # our rate: slows the sender, never a failure
    RETRY_LATER = "retry_later"  # transient: twice the wait each time
    RETRY_PAIR = "retry_pair"  # this person only: 4^n seconds
    RETRY_DAY = "retry_day"  # Meta's per-user limit: a day at least, or it gets worse
    GIVE_UP = "give_up"
    OPT_OUT = "opt_out"
    SUPPRESS = "suppress"
    UNCERTAIN = "uncertain"
    DOUBT = "doubt"  # one person's data, or the template: tried once more, stops when it repeats
    STOP = "stop"  # everything in the code's scope, until a rule or a human lets it go on


class Scope(StrEnum):
    """Whom a code is about: what a stop stops, and what a rate answer slows."""

    PERSON = "person"
    TEMPLATE = "template"  # of one account, in every language
    SENDER = "sender"
    COUNTRY = "country"  # people of one country, of one account, in the refused category
    WABA = "waba"  # one WhatsApp Business account: each of its senders
    PORTFOLIO = "portfolio"  # each sender of the business


@dataclass(frozen=True, slots=True)
class CodeMeaning:
    """One row of the table."""

    meaning: str
    scope: Scope
    reaction: Reaction


def _table() -> Mapping[int, CodeMeaning]:
    stored = json.loads(files("chalicelib.sending").joinpath("data/error_codes.json").read_text("utf-8"))
    return {
        code: CodeMeaning(row["meaning"], Scope(row["scope"]), Reaction(row["reaction"]))
        for text, row in stored["codes"].items()
        for code in _codes(text)
    }


def _codes(text: str) -> range:
    """Return the codes that "131026", or a range like "200-299", stands for."""
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


MEANING_BY_CODE: Mapping[int, CodeMeaning] = _table()

RECORDED_AS = {0: 190}
"""Code 0 means what 190 means, but in the ledger 0 means that nothing failed."""


MEDIA_CODES = frozenset({131_052, 131_053})
MEDIA_GONE = 131_053
_PARAMETER_CODES = frozenset({100, 131_008, 131_009})


def lacks_media(answer: Answer) -> bool:
    """Say whether the platform refused a message for a file it has not, or has no longer.

    A parameter fault is one of these only when it names media: it stops the template otherwise.
    """
    if not isinstance(answer, Refused):
        return False
    return answer.code in MEDIA_CODES or (
        answer.code in _PARAMETER_CODES and "media" in answer.details.lower()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What to record about the person, and what to do beyond them.

    Exactly one of `wamid`, `failed_code`, `uncertain`, `excluded` says the
    outcome; `waiting` with `due_at` beside a code or alone says that the person
    is to be called again. `reaction` is what the code asked for, None without
    one, and `scope` whom it is about. `stop` names the cause of a stop of that
    scope, "" without one; `doubt` that it would be one, were others refused as well.
    `unknown_code` raises an alarm.
    """

    wamid: str = ""
    failed_code: int = 0
    uncertain: bool = False
    excluded: str = ""
    waiting: str = ""
    due_at: Instant | None = None
    saw: str = ""
    slow_down: bool = False
    stop: str = ""
    scope: Scope = Scope.PERSON
    doubt: bool = False
    opt_out: bool = False
    suppress: bool = False
    unknown_code: bool = False
    reaction: Reaction | None = None


def judge(
    answer: Answer,
    *,
    attempt: int,
    now: Instant,
    deadline_at: Instant,
    retries: Retries = USUAL_RETRIES,
    known: Delivery | None = None,
) -> Verdict:
    """Return what a call's answer means for attempt number `attempt` of the person whose row is `known`."""
    match answer:
        case Accepted():
            return Verdict(wamid=answer.wamid, saw=answer.status)
        case Refused():
            return judge_code(
                answer.code,
                attempt=attempt,
                now=now,
                deadline_at=deadline_at,
                retries=retries,
                known=known,
            )
        case NotSent():
            due = now + min(60, int(2 ** min(attempt, 6))) * SECOND_MS
            if due >= deadline_at:
                return Verdict(excluded="expired", saw=answer.why)
            return Verdict(waiting="retry", due_at=due, saw=answer.why)
        case _:
            return Verdict(uncertain=True, saw=answer.why)


def judge_code(
    code: int,
    *,
    attempt: int,
    now: Instant,
    deadline_at: Instant,
    retries: Retries = USUAL_RETRIES,
    known: Delivery | None = None,
) -> Verdict:
    """Return what a provider's error code means; unlisted codes give up on the person and alarm."""
    code = RECORDED_AS.get(code, code)
    row = MEANING_BY_CODE.get(code)
    saw = f"{code} {row.meaning if row else 'unknown code'}"
    if row is None:
        return Verdict(failed_code=code, saw=saw, unknown_code=True)
    if row.reaction is Reaction.UNCERTAIN:
        return Verdict(uncertain=True, saw=saw)
    due = _retry_at(row.reaction, attempt, now, retries, known)
    if row.reaction is Reaction.SLOW_DOWN and (due is None or due >= deadline_at):
        # A rate answer is never a failure.
        return Verdict(excluded="expired", saw=saw, slow_down=True, scope=row.scope)
    return Verdict(
        failed_code=code,
        waiting="retry" if due is not None and due < deadline_at else "",
        due_at=due if due is not None and due < deadline_at else None,
        saw=saw,
        slow_down=row.reaction is Reaction.SLOW_DOWN,
        stop=str(code) if row.reaction is Reaction.STOP else "",
        doubt=row.reaction is Reaction.DOUBT,
        scope=row.scope,
        opt_out=row.reaction is Reaction.OPT_OUT,
        suppress=row.reaction is Reaction.SUPPRESS,
        reaction=row.reaction,
    )


def _retry_at(
    reaction: Reaction, attempt: int, now: Instant, retries: Retries, known: Delivery | None
) -> Instant | None:
    """Return when to call again, or None when this reaction allows no further retry.

    Retries are counted by class: waiting out a slow sender uses up nobody's tries.
    """
    transient = known.transient_retries if known else 0
    match reaction:
        case Reaction.SLOW_DOWN:
            return now + min(60, int(2 ** min(attempt, 6))) * SECOND_MS
        case Reaction.RETRY_PAIR:
            return now + int(4 ** min(attempt, 6)) * SECOND_MS
        case Reaction.RETRY_LATER if transient < retries.transient_most:
            return now + retries.transient_backoff_ms * int(2**transient)
        case Reaction.RETRY_DAY if (known.per_user_retries if known else 0) < retries.per_user_most:
            return now + retries.per_user_wait_ms
        case Reaction.DOUBT if transient < DOUBT_RETRIES:
            return now + 5 * MINUTE_MS  # by then the template is stopped, if it is at fault
        case Reaction.STOP:
            return now + 5 * MINUTE_MS  # nobody is lost to a stop: they wait for a human or for the window
        case _:
            return None
