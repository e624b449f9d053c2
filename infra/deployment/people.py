"""The people of a stage, if it has any: a Cognito user pool that lets nobody in without a second factor."""

from __future__ import annotations

from typing import Any

from chalicelib.authoring.actor import Role
from infra.deployment.stores import KEPT, Resources

HAS = "HasPeople"
PARAMETER: dict[str, Any] = {
    "People": {
        "Type": "String",
        "Default": "no",
        "AllowedValues": ["yes", "no"],
        "Description": "Whether people sign in by a user pool of this stack; tokens open the API either way",
    }
}
CONDITION: dict[str, Any] = {HAS: {"Fn::Equals": [{"Ref": "People"}, "yes"]}}
LASTS_MINUTES = {"Access": 60, "Id": 60, "Refresh": 12 * 60}
"""So long somebody who was put out may still act, and has to sign in anew."""


def _if_any(value: Any) -> dict[str, Any]:
    return {"Fn::If": [HAS, value, ""]}


VARIABLES: dict[str, Any] = {
    "CARILLON_ISSUER": _if_any(
        {"Fn::Sub": "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${UserPool}"},
    ),
    "CARILLON_CLIENT": _if_any({"Ref": "UserPoolClient"}),
    # True of everybody in the pool, also where its tokens do not say by what somebody signed in.
    "CARILLON_MFA": _if_any("enforced"),
}
OUTPUTS: dict[str, Any] = {
    "UserPoolId": {"Condition": HAS, "Value": {"Ref": "UserPool"}},
    "UserPoolClientId": {"Condition": HAS, "Value": {"Ref": "UserPoolClient"}},
}


def pool(stage: str) -> Resources:
    """Return the pool, the one application that signs in there, and a group for each role.

    An admin makes the people: whoever could choose their own name could take
    another's. No identity provider stands behind it, whose people would come
    in by its rules, and no device is remembered, which would be a way around the factor.
    """
    made: Resources = {
        "UserPool": {
            "Type": "AWS::Cognito::UserPool",
            "Condition": HAS,
            **KEPT,
            "Properties": {
                "UserPoolName": f"carillon-{stage}",
                "DeletionProtection": "ACTIVE" if stage == "prod" else "INACTIVE",
                "MfaConfiguration": "ON",
                "EnabledMfas": ["SOFTWARE_TOKEN_MFA"],
                "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True},
                "UsernameConfiguration": {"CaseSensitive": False},
                "AccountRecoverySetting": {
                    "RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}],
                },
                "AutoVerifiedAttributes": ["email"],
                "Policies": {
                    "PasswordPolicy": {"MinimumLength": 14, "TemporaryPasswordValidityDays": 2},
                },
            },
        },
        "UserPoolClient": {
            "Type": "AWS::Cognito::UserPoolClient",
            "Condition": HAS,
            "Properties": {
                "UserPoolId": {"Ref": "UserPool"},
                "ClientName": "carillon",
                "GenerateSecret": False,
                "SupportedIdentityProviders": ["COGNITO"],
                "ExplicitAuthFlows": [
                    "ALLOW_USER_SRP_AUTH",
                    "ALLOW_USER_PASSWORD_AUTH",  # the AWS CLI's; the second factor is asked for too
                    "ALLOW_REFRESH_TOKEN_AUTH",
                ],
                "PreventUserExistenceErrors": "ENABLED",
                "EnableTokenRevocation": True,
                "TokenValidityUnits": dict.fromkeys((f"{kind}Token" for kind in LASTS_MINUTES), "minutes"),
                **{f"{kind}TokenValidity": minutes for kind, minutes in LASTS_MINUTES.items()},
            },
        },
    }
    for role in Role:
        made[f"{role.value.capitalize()}Group"] = {
            "Type": "AWS::Cognito::UserPoolGroup",
            "Condition": HAS,
            "Properties": {"UserPoolId": {"Ref": "UserPool"}, "GroupName": role.value},
        }
    return made
