"""A stage where it is deployed: what Meta is to send it, and what stands against removing it."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.sending.broadcast import BroadcastState
from chalicelib.steps import messages
from chalicelib.steps.dead_letters import depths
from chalicelib.tracking.inbound import Unfamiliar, parse_inbound
from infra.deployment.remains import Work, kept, work_of
from infra.deployment.site import WEBHOOK_FIELDS
from tests.contracts.homes import embedded
from tests.contracts.values import BROADCAST

TEMPLATE_NEWS = {
    "message_template_name": "promo",
    "message_template_language": "fr",
    "message_template_id": 8,
}
SAMPLES: dict[str, dict[str, Any]] = {
    "messages": {"messages": [{"from": "33600000001", "id": "w", "timestamp": "1795000100", "type": "text"}]},
    "message_template_status_update": {**TEMPLATE_NEWS, "event": "PAUSED", "reason": "NONE"},
    "message_template_quality_update": {
        **TEMPLATE_NEWS,
        "previous_quality_score": "GREEN",
        "new_quality_score": "YELLOW",
    },
    "template_category_update": {
        **TEMPLATE_NEWS,
        "previous_category": "UTILITY",
        "new_category": "MARKETING",
    },
    "phone_number_quality_update": {"display_phone_number": "33700000000", "event": "FLAGGED"},
    "business_capability_update": {"max_daily_conversations_per_business": 2_000},
    "account_update": {"event": "ACCOUNT_DELETED"},
    "account_review_update": {"decision": "REJECTED"},
    "user_preferences": {
        "user_preferences": [
            {
                "wa_id": "33600000001",
                "category": "marketing_messages",
                "value": "stop",
                "timestamp": 1795000200,
            }
        ]
    },
    "smb_message_echoes": {
        "message_echoes": [{"from": "33700000000", "to": "33600000001", "timestamp": "1795000300"}]
    },
}


@pytest.mark.parametrize("field", WEBHOOK_FIELDS)
def test_what_one_is_told_to_subscribe_to_is_understood(field: str) -> None:
    news = parse_inbound(json.dumps({"v": 1, "field": field, "value": SAMPLES[field], "waba": "1", "at": 0}))
    assert news
    assert not any(isinstance(item, Unfamiliar) for item in news)


def test_broadcasts_that_have_not_ended_and_messages_stand_against_removing_a_stage() -> None:
    with embedded(":memory:") as home:
        pipeline = SimpleNamespace(
            home=SimpleNamespace(ports=home.ports),
            queues=lambda: depths(SimpleNamespace(ports=home.ports)),  # type: ignore[arg-type]
        )
        assert work_of(pipeline) == Work()
        running = replace(BROADCAST, id="news.1", state=BroadcastState.RUNNING)
        ended = replace(BROADCAST, id="news.2", run=2, state=BroadcastState.COMPLETED)
        for broadcast in (running, ended):
            assert home.ports.broadcasts.put(broadcast, expected_version=None)
        home.ports.queues.send(messages.SEND, ["a", "b"])
        home.ports.queues.send(messages.LAUNCH, ["later"], delay_seconds=60)
        home.ports.queues.send(messages.INBOUND, ["poison"])
        home.bury(messages.INBOUND)
        found = work_of(pipeline)
        assert found.broadcasts == ("news.1",)
        assert dict(found.messages) == {messages.SEND: 2, messages.LAUNCH: 1}
        assert dict(found.dead) == {messages.INBOUND: 1}


@pytest.mark.parametrize("protected", [True, False])
def test_what_stays_is_told_with_how_it_goes(protected: bool) -> None:
    data = {"DeletionPolicy": "RetainExceptOnCreate"}
    template = {
        "Resources": {
            "T": {"Type": "AWS::DynamoDB::Table", **data, "Properties": {"TableName": "people"}},
            "B": {"Type": "AWS::S3::Bucket", **data, "Properties": {"BucketName": "files"}},
            "L": {
                "Type": "AWS::S3::Bucket",
                **data,
                "Properties": {"BucketName": "locked", "ObjectLockEnabled": True},
            },
            "G": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "goes"}},
            "Q": {"Type": "AWS::SQS::Queue", "DeletionPolicy": "Delete", "Properties": {}},
        }
    }
    found = list(kept(template, {"people": 3}, protected=protected))
    assert [(one.kind, one.name, one.holds) for one in found] == [
        ("table", "people", 3),
        ("bucket", "files", 0),
        ("bucket", "locked", 0),
    ]
    assert found[2].by_hand == ()
    assert ("--no-deletion-protection-enabled" in " ".join(found[0].by_hand)) is protected
    assert found[0].by_hand[-1] == "aws dynamodb delete-table --table-name people"
