from random import Random

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.sending.broadcast import ChunkState, Deferral, Member
from chalicelib.sending.deferral import MOST_PEOPLE, deferral_chunks


def deferral(person: int, *, broadcast: str = "news.1", due_at: int = 1_000, attempt: int = 2) -> Deferral:
    return Deferral(
        sender="boutique",
        due_at=due_at,
        broadcast=broadcast,
        chunk=f"000-{person % 7:05d}",
        person=f"p{person}",
        attempt=attempt,
        reason="quiet_hours",
        deadline_at=due_at + 5_000,
    )


def test_a_chunk_carries_each_person_with_their_home_chunk_and_attempt() -> None:
    [(chunk, used)] = deferral_chunks([deferral(3), deferral(4, due_at=2_000, attempt=5)])
    assert chunk.members == (
        Member(chunk="000-00003", person="p3", attempt=2),
        Member(chunk="000-00004", person="p4", attempt=5),
    )
    assert (chunk.state, chunk.people, chunk.remaining) == (ChunkState.READY, 2, 2)
    assert (chunk.wave, chunk.window_until) == (2_000, 7_000)
    assert [d.person for d in used] == ["p3", "p4"]


def test_broadcasts_are_not_mixed() -> None:
    made = deferral_chunks([deferral(1), deferral(1, broadcast="news.2")])
    assert [chunk.broadcast for chunk, _ in made] == ["news.1", "news.2"]


def test_nobody_due_makes_no_chunk() -> None:
    assert deferral_chunks([]) == []


people = st.lists(
    st.builds(
        deferral, st.integers(0, 400), broadcast=st.sampled_from(["a.1", "b.1"]), due_at=st.integers(0, 50)
    ),
    max_size=300,
    unique_by=lambda d: (d.broadcast, d.person),
)


@given(people, st.randoms(use_true_random=False))
def test_the_same_people_make_the_same_chunks_in_whatever_order_they_are_read(
    people: list[Deferral], chance: Random
) -> None:
    shuffled = list(people)
    chance.shuffle(shuffled)
    made = deferral_chunks(people)
    assert deferral_chunks(shuffled) == made
    used = [d for _, some in made for d in some]
    assert sorted(map(repr, used)) == sorted(map(repr, people))
    assert all(0 < chunk.people <= MOST_PEOPLE for chunk, _ in made)
    assert len({chunk.id for chunk, _ in made}) == len(made)
