"""Test-send: one person's rendering of a definition, to one phone, marked as a test.

It passes validation and rendering but no audience gates: the phone is the
author's own. It is not in any broadcast's ledger, and its echo says so.
"""

from __future__ import annotations

from typing import Any

from chalicelib.audience.identity import InvalidPhone, normalise_phone
from chalicelib.errors import Problem, Refused
from chalicelib.planning.filling import Fillings, Refusal
from chalicelib.sending.answer import Accepted, Message, NotSent, Unknown
from chalicelib.sending.answer import Refused as RefusedAnswer
from chalicelib.sending.outcome import MEANING_BY_CODE
from chalicelib.steps.home import Home
from chalicelib.steps.media import MediaIds, MediaNotReady, keep_files, make_ready, with_ids
from chalicelib.steps.report import find_person
from chalicelib.steps.upload import validate


async def test_send(
    home: Home, source: str, *, file: str, contact: str, to: str, result: dict[str, Any]
) -> None:
    """Send what `contact` would read to the phone `to` (their own when it is empty).

    `result` receives the text, the language and what became of the call. Raises
    InvalidDefinition, NotFound or Refused before anything leaves.
    """
    message, text, media = _message(home, source, file=file, contact=contact, to=to)
    sender = home.sender(message.sender)
    result |= {"language": message.language, "text": text, "wamid": None, "refused": None}
    try:
        await make_ready(home, sender, media)
    except MediaNotReady as fault:
        result["refused"] = f"media {fault}"
        return
    answer = await home.ports.channel_by_mode[sender.mode].send(with_ids(message, media))
    match answer:
        case Accepted():
            result["wamid"] = answer.wamid
        case RefusedAnswer():
            known = MEANING_BY_CODE.get(answer.code)
            result["refused"] = f"{answer.code}: {known.meaning if known else answer.details}"
        case NotSent() | Unknown():
            result["refused"] = answer.why


def _message(home: Home, source: str, *, file: str, contact: str, to: str) -> tuple[Message, str, MediaIds]:
    definition = validate(home, source, file=file).definition
    sender = home.sender(definition.sender)
    person = home.ports.book.get(find_person(home, contact))
    if person is None:
        raise Refused(Problem(code="contact_unknown", params={"contact": contact}))
    fillings = Fillings(definition, home.rules().templates, sender.languages)
    language = fillings.language_of(person)
    if language is None:
        raise Refused(Problem(code="language_missing_for", params={"contact": contact}))
    words = fillings.words_for(person, language)
    if isinstance(words, Refusal):
        raise Refused(Problem(code="test_unfilled", params={"reason": words.reason, "saw": words.saw}))
    try:
        phone = normalise_phone(to, person.country) if to else person.phone
    except InvalidPhone as error:
        raise Refused(Problem(code="phone_invalid", params={"value": to, "reason": error.code})) from error
    if not phone:
        raise Refused(Problem(code="phone_invalid", params={"value": to, "reason": "phone.missing"}))
    template = home.rules().templates[(definition.template.name, language)]
    message = Message(
        sender=sender.key,
        phone_number_id=sender.phone_number_id,
        to=phone,
        template=template.name,
        language=language,
        named=template.parameter_format == "NAMED",
        parameters=words.parameters,
        buttons=words.buttons,
        header=words.header,
        cards=words.cards,
        echo=f"test|{definition.campaign}|{home.ports.randomness.token()[:12]}",
        graph_url=sender.graph_url,
        auth_header=sender.auth_header,
    )
    cards = [dict(parameters) for _, parameters, _ in words.cards]
    text = template.filled(dict(words.parameters), words.header, cards)
    return message, text, MediaIds(keep_files(home, definition))
