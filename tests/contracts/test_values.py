"""The examples must be full: a field at its default could be lost in storage unseen.

With one of every type that `ports.py` names, a home that is gone is asked everything.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, fields
from functools import partial
from typing import Any, get_type_hints

import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError

from chalicelib.adapters.aws.calls import Calls
from chalicelib.adapters.aws.home import AwsHome, Resources
from chalicelib.adapters.embedded.home import EmbeddedHome
from chalicelib.audience.identity import PHONE, Identity
from chalicelib.errors import HomeUnavailable
from chalicelib.ports import DeadLetter, Ports, Told, Write
from chalicelib.sending.broadcast import ChunkState
from tests.contracts import values
from tests.contracts.aws_home import session, waking
from tests.fakes import FakeClock, SeededRandomness

EXAMPLES = {name: value for name, value in vars(values).items() if hasattr(value, "__dataclass_fields__")}


def default_of(field: Field[Any]) -> Any:
    """Return a field's default, MISSING for none."""
    return field.default if field.default_factory is MISSING else field.default_factory()


@pytest.mark.parametrize("name", [name for name, value in EXAMPLES.items() if not isinstance(value, type)])
def test_no_field_of_an_example_is_at_its_default(name: str) -> None:
    example = EXAMPLES[name]
    assert [f.name for f in fields(example) if getattr(example, f.name) == default_of(f)] == []


def embedded_gone() -> tuple[Ports, set[str]]:
    """Return the ports of an embedded home that was closed, and those that do without its database."""
    home = EmbeddedHome(":memory:", clock=FakeClock(), randomness=SeededRandomness())
    home.close()
    return home.ports({}), {"objects", "archive", "secrets", "bus"}


def aws_gone() -> tuple[Ports, set[str]]:
    """Return the ports of an AWS home of which no service can be reached."""

    def refuse(*_: Any) -> Any:
        raise EndpointConnectionError(endpoint_url="https://nowhere.invalid/")

    def unreachable(service: str, config: Config) -> Any:
        client = made.client(service, config=config)
        client._make_api_call = refuse
        return client

    made, randomness = session(), SeededRandomness()
    parts = Resources(
        table_prefix="gone-",
        queue_url="{queue}",
        bucket="gone",
        archive="gone",
        secret_id="gone",
        waking=waking("gone"),
    )
    calls = Calls(randomness, sleep=lambda seconds: None)
    home = AwsHome(parts, new_client=unreachable, clock=FakeClock(), randomness=randomness, calls=calls)
    return home.ports({}), set()


IDENTITY = Identity(PHONE, "+33612345678")
ARGUMENTS: dict[str, Any] = {
    "str": "p1",
    "int": 1,
    "int | None": None,
    "Cursor | None": None,
    "Deferral | None": None,
    "Keeping | None": None,
    "TimelineEntry | None": None,
    "bool": True,
    "bytes": b"1",
    "Instant": values.AT,
    "Identity": IDENTITY,
    "Sequence[Identity]": [IDENTITY],
    "Mapping[Identity, str]": {IDENTITY: "p1"},
    "Sequence[str]": ["p1"],
    "Mapping[str, int]": {"read": 1},
    "ChunkState": ChunkState.READY,
    "Sequence[DeliveryKey]": [values.DELIVERY.key],
    "Sequence[ConsentEvent]": [values.CONSENT_EVENT],
    "CampaignVersion": values.CAMPAIGN,
    "Planning": values.PLANNING,
    "Broadcast": values.BROADCAST,
    "Standing": values.STANDING,
    "Chunk": values.CHUNK,
    "Sequence[Contact]": [values.CONTACT],
    "Sequence[Standing]": [values.STANDING],
    "Sequence[Chunk]": [values.CHUNK],
    "Keeping": values.KEEPING,
    "Approval": values.APPROVAL,
    "AuditEntry": values.AUDIT_ENTRY,
    "Sequence[AuditEntry]": [values.AUDIT_ENTRY],
    "Sequence[Deferral]": [values.DEFERRAL],
    "TimelineEntry": values.ENTRY,
    "SenderControl": values.CONTROL,
    "Quota": values.QUOTA,
    "Sequence[Told]": [Told(id="1", about="Wave Started", at=values.AT, detail={"id": "1"})],
    "DeadLetter": DeadLetter(queue="send", handle="1", body="1", receives=9),
    "Sequence[Write[Contact]]": [Write(values.CONTACT, None)],
    "Sequence[Write[Chunk]]": [Write(values.CHUNK, 1)],
    "Sequence[Write[Standing]]": [Write(values.STANDING, None)],
    "Sequence[Write[RegisteredTemplate]]": [Write(values.REGISTERED, None)],
    "Sequence[Write[Delivery]]": [Write(values.DELIVERY, None)],
}
"""One argument of each type that `ports.py` names."""


def calls_of(ports: Ports, without: set[str]) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield one call of every method of every store, by its name."""
    for port, protocol in get_type_hints(Ports).items():
        if port in without | {"clock", "randomness", "channel_by_mode", "webhooks"}:
            continue
        for name, method in inspect.getmembers(protocol, inspect.isfunction):
            if not name.startswith("_"):
                parameters = list(inspect.signature(method).parameters.values())[1:]
                given = {
                    p.name: 2 if (port, p.name) == ("objects", "end") else ARGUMENTS[p.annotation]
                    for p in parameters
                }
                yield f"{port}.{name}", partial(getattr(getattr(ports, port), name), **given)


@pytest.mark.parametrize("gone", [embedded_gone, aws_gone])
def test_a_home_that_is_gone_says_so_whatever_it_is_asked(gone: Callable[[], tuple[Ports, set[str]]]) -> None:
    answers = {}
    for name, call in calls_of(*gone()):
        try:
            answers[name] = call()
        except HomeUnavailable:
            continue
    assert answers == {}
