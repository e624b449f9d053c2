"""The tables as they are created: billed by use, keyed as the models say, and what expires in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from botocore.config import Config

from chalicelib.adapters.aws.tables import MODELS
from tests.adapters.aws.far_side import NEW_CLIENT, Overheard
from tests.contracts.aws_home import on_moto

TABLES = sorted(f"carillon-test-{model.Meta.table_name}" for model in MODELS)
LOCAL = {"carillon-test-chunks", "carillon-test-consents"}
GLOBAL = {"carillon-test-broadcasts", "carillon-test-deferrals"}
EXPIRING = {"carillon-test-chunks", "carillon-test-deferrals", "carillon-test-deliveries"}


@pytest.fixture(scope="module")
def created() -> Iterator[Mapping[str, Mapping[str, Any]]]:
    """What is asked of DynamoDB to create each table, while the tables are there."""
    overheard = Overheard()
    with on_moto(new_client=overheard):
        yield {request["TableName"]: request for request in overheard.of("CreateTable")}


def keys(schema: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(key["AttributeName"], key["KeyType"]) for key in schema]


def test_every_model_has_its_table(created: Mapping[str, Any]) -> None:
    assert sorted(created) == TABLES


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_billed_by_use_and_so_are_its_indexes(created: Mapping[str, Any], table: str) -> None:
    request = created[table]
    assert request["BillingMode"] == "PAY_PER_REQUEST"
    provisioned = [i for i in (request, *request.get("GlobalSecondaryIndexes", ())) if _is_provisioned(i)]
    assert provisioned == []


def _is_provisioned(part: Mapping[str, Any]) -> bool:
    return "ProvisionedThroughput" in part


@pytest.mark.parametrize("table", TABLES)
def test_a_table_declares_the_attributes_of_its_keys_and_no_others(
    created: Mapping[str, Any], table: str
) -> None:
    request = created[table]
    indexes = [*request.get("LocalSecondaryIndexes", ()), *request.get("GlobalSecondaryIndexes", ())]
    used = {key["AttributeName"] for part in (request, *indexes) for key in part["KeySchema"]}
    assert {attribute["AttributeName"] for attribute in request["AttributeDefinitions"]} == used


@pytest.mark.parametrize("table", TABLES)
def test_every_key_is_text(created: Mapping[str, Any], table: str) -> None:
    assert {attribute["AttributeType"] for attribute in created[table]["AttributeDefinitions"]} == {"S"}


@pytest.mark.parametrize("table", TABLES)
def test_a_local_index_orders_its_tables_own_partitions(created: Mapping[str, Any], table: str) -> None:
    indexes = created[table].get("LocalSecondaryIndexes", [])
    assert [keys(i["KeySchema"]) for i in indexes] == [[("pk", "HASH"), ("sort", "RANGE")]] * (table in LOCAL)
    assert all(i["Projection"] == {"ProjectionType": "ALL"} for i in indexes)


@pytest.mark.parametrize("table", TABLES)
def test_a_global_index_has_partitions_of_its_own(created: Mapping[str, Any], table: str) -> None:
    indexes = created[table].get("GlobalSecondaryIndexes", [])
    assert [keys(i["KeySchema"]) for i in indexes] == [[("group", "HASH"), ("sort", "RANGE")]] * (
        table in GLOBAL
    )
    assert all(i["Projection"] == {"ProjectionType": "ALL"} for i in indexes)


@pytest.mark.usefixtures("created")
@pytest.mark.parametrize("table", TABLES)
def test_what_expires_is_told_to_dynamodb(table: str) -> None:
    told = NEW_CLIENT("dynamodb", Config()).describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    expected = {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    assert told == (expected if table in EXPIRING else {"TimeToLiveStatus": "DISABLED"})
