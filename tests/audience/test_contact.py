from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audience.contact import SHARDS, shard_of


@given(st.text(max_size=40))
def test_everybody_has_one_shard(person: str) -> None:
    assert 0 <= shard_of(person) < SHARDS
    assert shard_of(person) == shard_of(person)


def test_the_shard_of_a_person_never_changes_since_rows_are_stored_under_it() -> None:
    assert [shard_of(p) for p in ("c0", "c1", "amina", "é")] == [55, 33, 54, 62]
