"""moto, answering DynamoDB sooner: it looks for each attribute by ten names, a plain dict has it by one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from moto import mock_aws
from moto.core.serialize import ResponseSerializer

_thorough = ResponseSerializer.get_value


def _soon(serializer: ResponseSerializer, value: Any, key: str, shape: Any) -> Any:
    """Return a member of an answer: of DynamoDB's plain dicts, which have the names of its API, at once."""
    if type(value) is dict and serializer.operation_model.service_model.service_name == "dynamodb":
        return value.get(key)
    return _thorough(serializer, value, key, shape)


@contextmanager
def quick_aws() -> Iterator[None]:
    """Play AWS with moto. Its answers are the same; a third of a scenario's time was this lookup."""
    with mock_aws(), mock.patch.object(ResponseSerializer, "get_value", _soon):
        yield
