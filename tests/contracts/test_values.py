"""The examples must be full: a field at its default could be lost in storage unseen."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from typing import Any

import pytest

from tests.contracts import values

EXAMPLES = {name: value for name, value in vars(values).items() if hasattr(value, "__dataclass_fields__")}


def default_of(field: Field[Any]) -> Any:
    """Return a field's default, MISSING for none."""
    return field.default if field.default_factory is MISSING else field.default_factory()


@pytest.mark.parametrize("name", [name for name, value in EXAMPLES.items() if not isinstance(value, type)])
def test_no_field_of_an_example_is_at_its_default(name: str) -> None:
    example = EXAMPLES[name]
    assert [f.name for f in fields(example) if getattr(example, f.name) == default_of(f)] == []
