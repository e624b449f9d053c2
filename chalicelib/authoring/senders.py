"""senders.yaml: the WhatsApp numbers we send from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.authoring.fields import Reader
from chalicelib.authoring.nodes import compose
from chalicelib.errors import InvalidDefinition, InvalidSettings, Problem

CLOUD_PER_SECOND = 80.0
COEXISTENCE_PER_SECOND = 5.0
DEFAULT_LANGUAGE = "en"


class Mode(StrEnum):
    """How the number is connected."""

    CLOUD = "cloud"
    COEXISTENCE = "coexistence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A number. `max_per_second` is the platform's limit, in and out together.

    `inbound_reserve` is what of it is kept for messages to us. `tier` is the
    portfolio's unique people per rolling 24 hours, None for no limit.
    `languages` is the default chain. `display_phone_number`, digits alone, is by
    which the platform names the number in its news.
    """

    key: str
    phone_number_id: str
    waba_id: str
    portfolio: str
    mode: str = Mode.CLOUD.value
    max_per_second: float = CLOUD_PER_SECOND
    tier: int | None = None
    languages: tuple[str, ...] = (DEFAULT_LANGUAGE,)
    inbound_reserve: float = 0.0
    currency: str = ""
    graph_url: str = ""
    auth_header: str = ""
    display_phone_number: str = ""


def parse_senders(text: str, file: str) -> Mapping[str, Sender]:
    """Return the senders by key. Raises InvalidSettings with every problem."""
    problems: list[Problem] = []
    senders: dict[str, Sender] = {}
    try:
        root = Reader(compose(text, file=file), problems, file=file)
    except InvalidDefinition as error:
        raise InvalidSettings(*error.problems) from error
    listed = root.mapping("senders") if root.required("senders") else None
    for key in listed.fields.by_key if listed else ():
        one = listed.mapping(key) if listed else None
        if one is not None:
            senders[key] = _sender(key, one)
    root.finish()
    _check_tiers(senders, root)
    if problems:
        raise InvalidSettings(*problems)
    return senders


def _sender(key: str, one: Reader) -> Sender:
    one.required("phone_number_id")
    mode = one.choice("mode", Mode, Mode.CLOUD)
    usual = CLOUD_PER_SECOND if mode is Mode.CLOUD else COEXISTENCE_PER_SECOND
    limit = one.number("max_per_second", usual, least=1, most=1_000) or usual
    tier_text = one.text("tier")
    tier = None if tier_text in (None, "unlimited") else one.number("tier", None, least=1, most=10**9)
    reserve = one.number("inbound_reserve", 0.0, least=0, most=max(0.0, limit - 2)) or 0.0
    languages = tuple(text.value for text in one.texts("languages")) or (DEFAULT_LANGUAGE,)
    sender = Sender(
        key=key,
        phone_number_id=one.matching("phone_number_id", r"[0-9]{5,20}", "not_an_id") or "",
        waba_id=one.matching("waba_id", r"[0-9]{5,20}", "not_an_id") or "",
        portfolio=one.text("portfolio") or key,
        mode=mode.value,
        max_per_second=limit,
        tier=int(tier) if tier is not None else None,
        languages=languages,
        inbound_reserve=reserve,
        currency=one.text("currency") or "",
        graph_url=one.matching("graph_url", r"https?://\S+", "not_a_url") or "",
        display_phone_number=_digits(one),
        auth_header=one.matching("auth_header", r"[A-Za-z0-9-]{1,60}", "not_a_header") or "",
    )
    one.finish()
    return sender


def _digits(one: Reader) -> str:
    written = one.matching("display_phone_number", r"\+?[0-9 .()-]{6,30}", "not_an_id") or ""
    return "".join(c for c in written if c.isdigit())


def senders_of_number(senders: Mapping[str, Sender], number: str) -> list[str]:
    """Return whom news of a displayed number is about: who declares it, else everybody who declares none."""
    named = [key for key, sender in senders.items() if sender.display_phone_number == number]
    return named or [key for key, sender in senders.items() if not sender.display_phone_number]


def _check_tiers(senders: Mapping[str, Sender], root: Reader) -> None:
    """One portfolio has one tier, whichever of its numbers sends."""
    tier_by_portfolio: dict[str, int | None] = {}
    for sender in senders.values():
        known = tier_by_portfolio.setdefault(sender.portfolio, sender.tier)
        if known != sender.tier:
            root.note("tiers_differ", "senders", portfolio=sender.portfolio)
