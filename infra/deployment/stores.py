"""What keeps data: the tables as their models say, the bucket, the secret. None of it goes with the stack."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.adapters.aws.tables import MODELS, DeliveryItem
from chalicelib.steps.entrance import INCOMING

Resources = dict[str, Any]

SECRETS = ("WHATSAPP_TOKEN", "WHATSAPP_APP_SECRET")
"""What somebody puts in after the first deployment; the verify token is made up by AWS."""
STAGE_SECRET = "Secret"
"""The secret's logical name. Nothing refers to it: the functions are told its name."""


def logical(name: str) -> str:
    """Return the part of a resource's logical name that a table, queue or handler gives it."""
    return "".join(word.capitalize() for word in name.split("_"))


def table_id(name: str) -> str:
    """Return a table's logical name."""
    return f"{logical(name)}Table"


KEPT = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
"""What becomes of something with data when the stack, or its place in it, is gone: it stays, in every stage.

Only a deployment that fails removes again what it had just made.
"""


WARM = {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": {"Ref": "WarmWrites"}}
"""A table that is new takes 12,000 reads and 4,000 writes a second. It can be told to be ready for more,
never for less than it once was. Deliveries come nearest to that (`python -m bench scale`)."""


def tables(stage: str) -> Resources:
    """Return every table: keys, indexes and expiry from its model."""
    return {table_id(m.Meta.table_name): _table(m, stage) for m in MODELS}


def _table(model: Any, stage: str) -> dict[str, Any]:
    schema = model._get_schema()
    properties: dict[str, Any] = {
        "TableName": f"carillon-{stage}-{model.Meta.table_name}",
        "BillingMode": model.Meta.billing_mode,
        "AttributeDefinitions": schema["attribute_definitions"],
        "KeySchema": _keys(schema["key_schema"]),
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "SSESpecification": {"SSEEnabled": False},  # encrypted all the same, with a key that AWS owns
        "DeletionProtectionEnabled": stage == "prod",
    }
    for kind, name in (("global", "GlobalSecondaryIndexes"), ("local", "LocalSecondaryIndexes")):
        if indexes := schema[f"{kind}_secondary_indexes"]:
            properties[name] = [_index(index) for index in indexes]
    if (expiry := model._ttl_attribute()) is not None:
        properties["TimeToLiveSpecification"] = {"AttributeName": expiry.attr_name, "Enabled": True}
    if model is DeliveryItem:
        properties["WarmThroughput"] = {"Fn::If": ["IsWarm", WARM, {"Ref": "AWS::NoValue"}]}
    return {"Type": "AWS::DynamoDB::Table", **KEPT, "Properties": properties}


def _index(index: dict[str, Any]) -> dict[str, Any]:
    return {
        "IndexName": index["index_name"],
        "KeySchema": _keys(index["key_schema"]),
        "Projection": index["projection"],
    }


def _keys(schema: list[dict[str, str]]) -> list[dict[str, str]]:
    return sorted(schema, key=lambda key: key["KeyType"])


def bucket(stage: str) -> Resources:
    """Return the one bucket: plans, media, rules, results; and incoming/, which alone wakes somebody."""
    everything = [{"Fn::GetAtt": ["Bucket", "Arn"]}, {"Fn::Sub": "${Bucket.Arn}/*"}]
    return {
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            **KEPT,
            "Properties": {
                "BucketName": {"Fn::Sub": f"carillon-{stage}-${{AWS::AccountId}}-${{AWS::Region}}"},
                "BucketEncryption": {
                    "ServerSideEncryptionConfiguration": [
                        {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
                    ]
                },
                "PublicAccessBlockConfiguration": {
                    "BlockPublicAcls": True,
                    "BlockPublicPolicy": True,
                    "IgnorePublicAcls": True,
                    "RestrictPublicBuckets": True,
                },
                "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
                "NotificationConfiguration": {
                    "EventBridgeConfiguration": {"EventBridgeEnabled": True},
                },
                "LifecycleConfiguration": {
                    "Rules": [
                        {
                            "Id": "uploads-that-were-given-up",
                            "Status": "Enabled",
                            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2},
                        }
                    ]
                },
            },
        },
        "BucketPolicy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {
                "Bucket": {"Ref": "Bucket"},
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "OnlyOverTls",
                            "Effect": "Deny",
                            "Principal": "*",
                            "Action": "s3:*",
                            "Resource": everything,
                            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                        }
                    ],
                },
            },
        },
        "IncomingRule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Description": "A file under incoming/ is taken in",
                "EventPattern": {
                    "source": ["aws.s3"],
                    "detail-type": ["Object Created"],
                    "detail": {
                        "bucket": {"name": [{"Ref": "Bucket"}]},
                        "object": {"key": [{"prefix": INCOMING}]},
                    },
                },
                "Targets": [
                    {
                        "Id": "take-in",
                        "Arn": {"Fn::GetAtt": ["TakeIn", "Arn"]},
                        "DeadLetterConfig": {"Arn": {"Fn::GetAtt": ["EventsDeadQueue", "Arn"]}},
                    }
                ],
            },
        },
        "IncomingPermission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": {"Ref": "TakeIn"},
                "Action": "lambda:InvokeFunction",
                "Principal": "events.amazonaws.com",
                "SourceArn": {"Fn::GetAtt": ["IncomingRule", "Arn"]},
            },
        },
    }


LOCK_PARAMETERS: dict[str, Any] = {
    "AuditLock": {
        "Type": "String",
        "Default": "GOVERNANCE",
        "AllowedValues": ["GOVERNANCE", "COMPLIANCE"],
        "Description": "COMPLIANCE: nobody at all can remove a copy of the audit trail before its time",
    },
    "AuditLockDays": {
        "Type": "Number",
        "Default": 400,
        "MinValue": 1,
        "MaxValue": 36500,
        "Description": "How long no copy of the audit trail may be removed, from when it was made",
    },
}


def audit_bucket(stage: str) -> Resources:
    """Return the archive of the audit trail: the sweep adds to it, and nobody overwrites or removes."""
    everything = [{"Fn::GetAtt": ["AuditBucket", "Arn"]}, {"Fn::Sub": "${AuditBucket.Arn}/*"}]
    files = {"Fn::Sub": "${AuditBucket.Arn}/*"}
    denied: dict[str, Any] = {"Effect": "Deny", "Principal": "*"}
    plain: dict[str, Any] = bucket(stage)["Bucket"]["Properties"]
    return {
        "AuditBucket": {
            "Type": "AWS::S3::Bucket",
            **KEPT,
            "Properties": {
                "BucketName": {"Fn::Sub": f"carillon-{stage}-audit-${{AWS::AccountId}}-${{AWS::Region}}"},
                "VersioningConfiguration": {"Status": "Enabled"},
                "ObjectLockEnabled": True,
                "ObjectLockConfiguration": {
                    "ObjectLockEnabled": "Enabled",
                    "Rule": {
                        "DefaultRetention": {
                            "Mode": {"Ref": "AuditLock"},
                            "Days": {"Ref": "AuditLockDays"},
                        }
                    },
                },
                **{
                    name: plain[name]
                    for name in ("BucketEncryption", "PublicAccessBlockConfiguration", "OwnershipControls")
                },
            },
        },
        "AuditBucketPolicy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {
                "Bucket": {"Ref": "AuditBucket"},
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "OnlyOverTls",
                            **denied,
                            "Action": "s3:*",
                            "Resource": everything,
                            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                        },
                        {
                            "Sid": "OnlyTheSweepWrites",
                            **denied,
                            "Action": "s3:PutObject",
                            "Resource": files,
                            "Condition": {
                                "ArnNotEquals": {"aws:PrincipalArn": {"Fn::GetAtt": ["SweepRole", "Arn"]}}
                            },
                        },
                        {
                            "Sid": "NobodyGoesAroundTheLock",
                            **denied,
                            "Action": [
                                "s3:BypassGovernanceRetention",
                                "s3:DeleteObject",
                                "s3:DeleteObjectVersion",
                                "s3:PutObjectRetention",
                            ],
                            "Resource": files,
                        },
                    ],
                },
            },
        },
    }


def secret(stage: str) -> Resources:
    """Return the one secret, its names without values."""
    return {
        STAGE_SECRET: {
            "Type": "AWS::SecretsManager::Secret",
            **KEPT,
            "Properties": {
                "Name": f"carillon-{stage}",
                "Description": "What Carillon and WhatsApp know each other by",
                "GenerateSecretString": {
                    "SecretStringTemplate": json.dumps(dict.fromkeys(SECRETS, "")),
                    "GenerateStringKey": "WHATSAPP_VERIFY_TOKEN",
                    "ExcludePunctuation": True,
                },
            },
        }
    }
