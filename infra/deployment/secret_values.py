"""The values in a stage's secret: written, never shown. The app secret before the last one stays valid."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

TOKEN, APP_SECRET, VERIFY_TOKEN = "WHATSAPP_TOKEN", "WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN"
NAMES = (TOKEN, APP_SECRET, VERIFY_TOKEN)
OF_WEBHOOKS = re.compile(r"CARILLON_WEBHOOK_[A-Z0-9_]{1,60}_SECRET")
"""What an inbox knows us by: `webhooks.yaml` names it."""
OLD = "_OLD"
LONGEST = 4_096
TAG = "carillon:"
"""A tag of the secret says when each of its values was written: AWS knows that only of the whole."""


class NoSecret(Exception):
    """The stage has no secret: it was never deployed."""


@dataclass(frozen=True, slots=True)
class Named:
    """One name in the secret: whether it has a value, and when that was written, "" when by somebody else."""

    name: str
    is_set: bool
    changed_at: str


def is_known(name: str) -> bool:
    """Say whether something of ours reads this name."""
    return name in NAMES or OF_WEBHOOKS.fullmatch(name) is not None


def with_value(values: Mapping[str, str], name: str, value: str) -> dict[str, str]:
    """Return the values with a new one. An app secret that was there is the old one, and counts too."""
    made = dict(values) | {name: value}
    before = values.get(name)
    if name == APP_SECRET and before and before != value:
        made[name + OLD] = before
    return made


def without_old(values: Mapping[str, str]) -> dict[str, str]:
    """Return the values with no app secret but the present one."""
    return {name: value for name, value in values.items() if name != APP_SECRET + OLD}


class StageSecret:
    """The one secret of a stage. Its functions read it again within five minutes."""

    def __init__(self, stage: str, new_client: Any) -> None:
        self._name = f"carillon-{stage}"
        self._client = new_client("secretsmanager")

    def exists(self) -> bool:
        """Say whether it is there."""
        try:
            self._client.describe_secret(SecretId=self._name)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return False
            raise
        return True

    def values(self) -> dict[str, str]:
        """Return its values. Raises NoSecret."""
        try:
            text = self._client.get_secret_value(SecretId=self._name)["SecretString"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                raise NoSecret(self._name) from error
            raise
        return {str(name): str(value) for name, value in json.loads(text).items() if value is not None}

    def set(self, name: str, value: str, at: str) -> bool:
        """Write one value. Returns whether an older app secret stays valid. Raises NoSecret."""
        made = with_value(self.values(), name, value)
        self._write(made)
        self._client.tag_resource(SecretId=self._name, Tags=[{"Key": TAG + name, "Value": at}])
        return name == APP_SECRET and bool(made.get(APP_SECRET + OLD))

    def forget_old(self) -> bool:
        """Have only the present app secret count. Returns whether there was another. Raises NoSecret."""
        values = self.values()
        if APP_SECRET + OLD not in values:
            return False
        self._write(without_old(values))
        return True

    def names(self) -> list[Named]:
        """Return the names in it, without values. Raises NoSecret."""
        values = self.values()
        told = self._client.describe_secret(SecretId=self._name)
        tags = {str(tag["Key"]): str(tag["Value"]) for tag in told.get("Tags", ())}
        known = [*NAMES, *sorted(set(values) - set(NAMES))]
        return [Named(name, bool(values.get(name)), tags.get(TAG + name, "")) for name in known]

    def _write(self, values: Mapping[str, str]) -> None:
        self._client.put_secret_value(SecretId=self._name, SecretString=json.dumps(dict(values)))
