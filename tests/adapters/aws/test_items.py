"""Items on DynamoDB: how small they are, what their numbers become, and who can still read them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.config import Config
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.aws.tables import typed, untyped
from chalicelib.audience.consent import Consent
from chalicelib.audience.instant import DAY_MS
from chalicelib.audience.standing import Send, Standing
from chalicelib.planning.plan import Planning
from chalicelib.ports import Ports, Write
from chalicelib.sending.broadcast import Chunk, Member, SenderControl
from chalicelib.sending.delivery import Delivery, DeliveryKey
from tests.adapters.aws.far_side import NEW_CLIENT, item_of
from tests.adapters.aws.sizes import WRITE_UNIT, size_of
from tests.contracts.values import AT, CHUNK, CONTROL, DEFERRAL, DELIVERY, STANDING

PEOPLE, CHUNKS, DELIVERIES = "carillon-test-people", "carillon-test-chunks", "carillon-test-deliveries"
PERSON = "c0123456789abcdef0123"
LONG = "a-campaign-whose-name-was-made-as-long-as-names-may-ever-get.12"
PAGE_OF_AWS = 1_000_000
"""Bytes after which a query's page ends; AWS says 1 MB."""

plain = st.recursive(
    st.none() | st.booleans() | st.text() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(min_size=1), inner),
)


def standing(sends: int, broadcast: str = LONG) -> Standing:
    """Return the standing of somebody with two topics, each granted and revoked, and long names all over."""
    consent = Consent(granted_at=AT - 1, revoked_at=AT - 7, evidence="import 0123456789abcdef row 123456")
    return Standing(
        person=PERSON,
        phone="+33612345678",
        consents={"whatsapp/promotions": consent, "whatsapp/order-updates": consent},
        last_inbound_at=AT - 3,
        last_echo_at=AT - 9,
        sends=tuple(
            Send(broadcast=broadcast, chunk="000-00001", attempt=1, at=AT + n * 111, category="marketing")
            for n in range(sends)
        ),
    )


def stored(ports: Ports, wanted: Standing) -> dict[str, Any]:
    ports.standings.put(wanted, expected_version=None)
    return item_of(PEOPLE)


def test_the_size_of_an_item_is_that_of_awss_documentation() -> None:
    assert size_of({"name": {"S": "é"}}) == 4 + 2
    assert size_of({"n": {"N": "-1800000000000.25"}}) == 1 + 8 + 1 + 1
    assert size_of({"n": {"N": "1800"}, "b": {"BOOL": True}, "z": {"NULL": True}}) == 3 + 2 + 1 + 1
    assert size_of({"l": {"L": [{"S": "a"}]}, "m": {"M": {"k": {"S": "v"}}}}) == (1 + 3 + 2) + (1 + 3 + 3)


def test_a_standing_with_something_in_every_field_is_one_write_unit(ports: Ports) -> None:
    assert size_of(stored(ports, STANDING)) <= WRITE_UNIT


def test_a_standing_with_long_names_and_four_sends_is_one_write_unit(ports: Ports) -> None:
    assert size_of(stored(ports, standing(4))) <= WRITE_UNIT


def test_a_standing_with_eight_sends_of_ordinary_names_is_one_write_unit(ports: Ports) -> None:
    assert size_of(stored(ports, standing(8, "soldes-hiver-2027.12"))) <= WRITE_UNIT


def test_a_standing_with_long_names_and_eight_sends_is_two_write_units(ports: Ports) -> None:
    assert WRITE_UNIT < size_of(stored(ports, standing(8))) <= 2 * WRITE_UNIT


def test_a_delivery_with_something_in_every_field_and_long_names_is_one_write_unit(ports: Ports) -> None:
    key = DeliveryKey(broadcast=LONG, chunk="000-00001", person=PERSON)
    wamid = "wamid.HBgL" + "A" * 48 + "="
    ports.ledger.put_all([Write(replace(DELIVERY, key=key, wamid=wamid), None)])
    assert size_of(item_of(DELIVERIES)) <= WRITE_UNIT


def test_a_hundred_chunks_of_a_hundred_members_are_one_page_so_all_are_counted(ports: Ports) -> None:
    members = tuple(Member(chunk="000-00000", person=PERSON, attempt=12) for _ in range(100))
    ports.chunks.put(replace(CHUNK, broadcast=LONG, members=members), expected_version=None)
    assert 100 * size_of(item_of(CHUNKS)) < PAGE_OF_AWS


def test_what_is_at_its_default_is_not_stored(ports: Ports) -> None:
    assert stored(ports, Standing(person=PERSON))["body"] == {"M": {"person": {"S": PERSON}}}


def test_the_version_is_stored_once_beside_the_body(ports: Ports) -> None:
    item = stored(ports, STANDING)
    assert item["version"] == {"N": "1"}
    assert "version" not in item["body"]["M"]


def test_what_is_at_its_default_within_a_value_is_not_stored_either(ports: Ports) -> None:
    consents = {"whatsapp/promotions": Consent(granted_at=AT)}
    body = stored(ports, Standing(person=PERSON, consents=consents))["body"]["M"]
    assert body["consents"] == {"M": {"whatsapp/promotions": {"M": {"granted_at": {"N": str(AT)}}}}}


@given(plain)
def test_every_plain_value_comes_back_from_dynamodbs_notation_as_it_was(value: Any) -> None:
    assert repr(untyped(typed(value))) == repr(value)


@given(plain)
def test_dynamodbs_notation_has_one_type_per_value(value: Any) -> None:
    assert len(typed(value)) == 1


def test_what_dynamodb_has_no_type_for_is_refused() -> None:
    with pytest.raises(TypeError, match="set"):
        typed({"a": {1, 2}})


@pytest.mark.parametrize("instant", [1_800_000_000_000.25, 1_800_000_000_000.0, 0.1, 1e-7, 2.0**53 + 2])
def test_a_fraction_of_a_millisecond_comes_back_exact(ports: Ports, instant: float) -> None:
    ports.senders.put(SenderControl(sender="s", lanes_ms=(instant, AT + 0.5)), expected_version=None)
    found = ports.senders.get("s")
    assert found is not None
    assert found.lanes_ms == (instant, AT + 0.5)


def test_a_whole_number_that_dynamodb_wrote_shorter_is_a_fraction_again(ports: Ports) -> None:
    ports.chunks.put(replace(CHUNK, slot0_ms=float(AT)), expected_version=None)
    item = item_of(CHUNKS)
    item["body"]["M"]["slot0_ms"] = {"N": str(AT)}  # as AWS does: it keeps no zeros behind the point
    NEW_CLIENT("dynamodb", Config()).put_item(TableName=CHUNKS, Item=item)
    found = ports.chunks.get(CHUNK.broadcast, CHUNK.id)
    assert found is not None
    assert repr(found.slot0_ms) == repr(float(AT))


def changed(table: str, **fields: dict[str, Any]) -> None:
    """Rewrite the only item of a table: some fields of its body set, and the empty ones gone."""
    item = item_of(table)
    item["body"]["M"] = {n: v for n, v in (item["body"]["M"] | fields).items() if v}
    NEW_CLIENT("dynamodb", Config()).put_item(TableName=table, Item=item)


def test_an_item_with_a_field_of_another_version_is_read_without_it(ports: Ports) -> None:
    stored(ports, STANDING)
    changed(PEOPLE, shoe_size={"N": "43"})
    assert ports.standings.get("p1") == replace(STANDING, version=1)


def test_an_item_of_before_a_field_was_there_is_read_with_its_default(ports: Ports) -> None:
    stored(ports, STANDING)
    changed(PEOPLE, last_echo_at={}, sends={})
    assert ports.standings.get("p1") == replace(STANDING, version=1, last_echo_at=None, sends=())


def test_an_item_without_the_mark_of_its_write_is_read_and_replaced(ports: Ports) -> None:
    stored(ports, STANDING)
    item = {name: value for name, value in item_of(PEOPLE).items() if name != "mark"}
    NEW_CLIENT("dynamodb", Config()).put_item(TableName=PEOPLE, Item=item)
    assert ports.standings.put(STANDING, expected_version=1)
    assert item_of(PEOPLE)["mark"]["S"]


def test_every_write_has_a_mark_of_its_own(ports: Ports) -> None:
    first = stored(ports, STANDING)["mark"]
    ports.standings.put(STANDING, expected_version=1)
    assert item_of(PEOPLE)["mark"] != first


def test_a_new_plan_has_a_place_for_its_finished_tasks(ports: Ports) -> None:
    bare = Planning(id="p", campaign="c", run=1, campaign_version=1, evaluated_at=AT, tasks=2)
    ports.plans.add(bare)
    assert item_of("carillon-test-plans")["parts"] == {"M": {}}


def test_a_deferral_goes_by_itself_seven_days_after_its_deadline(ports: Ports) -> None:
    ports.deferrals.add_all([DEFERRAL])
    expires = item_of("carillon-test-deferrals")["expires"]
    assert expires == {"N": str((DEFERRAL.deadline_at + 7 * DAY_MS) // 1_000)}


def test_deliveries_and_chunks_never_go_by_themselves(ports: Ports) -> None:
    ports.ledger.put_all([Write(Delivery(key=DELIVERY.key), None)])
    ports.chunks.add_all([Chunk(broadcast="b", id="c", wave=AT, people=1)])
    assert "expires" not in item_of(DELIVERIES)
    assert "expires" not in item_of(CHUNKS)


def test_a_pacers_control_with_something_in_every_field_is_one_write_unit(ports: Ports) -> None:
    ports.senders.put(CONTROL, expected_version=None)
    assert size_of(item_of("carillon-test-senders")) <= WRITE_UNIT
