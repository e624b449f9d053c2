"""Reading what a campaign makes of replies: stop words, who answers, how long a talk holds it back."""

from __future__ import annotations

from enum import StrEnum

from chalicelib.audience.instant import DAY_MS
from chalicelib.authoring.definition import Replies
from chalicelib.authoring.endpoints import NAME
from chalicelib.authoring.fields import Reader, duration_ms
from chalicelib.authoring.keywords import folded

MOST_STOP_WORDS = 30
LONGEST_STOP_WORD = 40
LONGEST_HOLD_MS = 30 * DAY_MS


class _When(StrEnum):
    ANY_OTHER_REPLY = "any_other_reply"


def read_replies(root: Reader, expires: int) -> Replies:
    """Return the replies of a definition whose deferred sends expire after `expires` milliseconds."""
    one = root.mapping("replies")
    if one is None:
        return Replies()
    replies = Replies(stop=_stop_words(one), hold_ms=_hold(one, expires), handoff=_handoff(one))
    one.finish()
    return replies


def _handoff(replies: Reader) -> str:
    """Return the name of the webhook that gets the other replies, or ""."""
    one = replies.mapping("handoff")
    if one is None:
        return ""
    one.choice("when", _When, _When.ANY_OTHER_REPLY)
    one.required("to")
    to = one.matching("to", f"webhook:{NAME}", "handoff_to_invalid")
    one.finish()
    return (to or "").removeprefix("webhook:")


def _stop_words(one: Reader) -> tuple[str, ...]:
    """Return the words as written, each once. The format's own words count whatever stands here."""
    found: dict[str, str] = {}
    texts = one.texts("stop")
    if len(texts) > MOST_STOP_WORDS:
        one.note("too_many", "stop", most=str(MOST_STOP_WORDS))
    for text in texts[:MOST_STOP_WORDS]:
        word = text.value.strip()
        if not folded(word) or len(word) > LONGEST_STOP_WORD:
            one.note("stop_word_invalid", "stop", text.place, value=word[:60], most=str(LONGEST_STOP_WORD))
            continue
        found.setdefault(folded(word), word)
    return tuple(found.values())


def _hold(one: Reader, expires: int) -> int | None:
    word = one.text("hold_if_live_conversation")
    if word is None:
        return None
    hold = 0 if word == "0" else duration_ms(word)
    if hold is None:
        one.note("not_a_duration", "hold_if_live_conversation", value=word)
    elif hold > LONGEST_HOLD_MS:
        one.note("too_long", "hold_if_live_conversation")
    elif hold > expires:
        one.note("wait_after_expiry", "hold_if_live_conversation")
    return hold
