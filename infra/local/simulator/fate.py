"""What becomes of an accepted message: its statuses and the person's reaction, all drawn at once."""

from __future__ import annotations

from infra.local.simulator.draws import Draws
from infra.local.simulator.events import Accepted, Due, PreferenceChange, Reply, StatusChange
from infra.local.simulator.people import ANSWERS, STOP_WORDS, is_in_the_us, words_for
from infra.local.simulator.scenario import Delay, Scenario

UNREACHABLE = 131026
ENGAGEMENT = 131049
STOPPED = 131050


def fate_of(message: Accepted, scenario: Scenario, draws: Draws, *, stopped: bool) -> list[Due]:
    """Return everything that will happen to `message`; `stopped`: this person refused marketing."""
    sent_at = message.at_ms + _delay(draws, "sent_after", scenario.sent_after)
    if message.held:
        sent_at += _delay(draws, "held_for", scenario.held_for)
    code = _failure(message, scenario, draws, stopped)
    if code is not None:
        return [StatusChange(at_ms=sent_at, message=message, status="failed", code=code)]
    due: list[Due] = [StatusChange(at_ms=sent_at, message=message, status="sent", priced=True)]
    if not draws.happens("delivered", scenario.delivered):
        return due
    at = sent_at + _delay(draws, "delivered_after", scenario.delivered_after)
    read = draws.happens("read", scenario.read)
    omitted = read and draws.happens("delivered_omitted", scenario.delivered_omitted)
    if not omitted:
        due.append(StatusChange(at_ms=at, message=message, status="delivered", priced=True))
    if read:
        at += _delay(draws, "read_after", scenario.read_after)
        due.append(StatusChange(at_ms=at, message=message, status="read", priced=omitted))
    reaction = _reaction(message, scenario, draws, at)
    if reaction is not None:
        due.append(reaction)
    return due


def _failure(message: Accepted, scenario: Scenario, draws: Draws, stopped: bool) -> int | None:
    """Return the code of a failure that the platform reports later, or None."""
    if Draws(scenario.seed, message.to).happens("not_on_whatsapp", scenario.not_on_whatsapp):
        return UNREACHABLE
    if message.category == "MARKETING":
        if stopped:
            return STOPPED
        if scenario.us_marketing_paused and is_in_the_us(message.to):
            return ENGAGEMENT
    return draws.code("failed", scenario.failed)


def _reaction(message: Accepted, scenario: Scenario, draws: Draws, after: float) -> Due | None:
    draw = draws.uniform("reaction")
    if draw >= scenario.stops + scenario.replies:
        return None
    at = after + _delay(draws, "reply_after", scenario.reply_after)
    which = draws.uniform("words")
    if draw >= scenario.stops:
        return Reply(at_ms=at, message=message, text=words_for(message.language, ANSWERS, which))
    how = draws.uniform("how")
    if message.category == "MARKETING" and how < 0.2:
        return PreferenceChange(at_ms=at, message=message)
    if message.stop_button is not None and how < 0.6:
        payload, text = message.stop_button
        return Reply(at_ms=at, message=message, text=text, payload=payload, stops=True)
    return Reply(at_ms=at, message=message, text=words_for(message.language, STOP_WORDS, which), stops=True)


def _delay(draws: Draws, name: str, delay: Delay) -> float:
    return draws.delay_ms(name, delay.median, delay.spread)
