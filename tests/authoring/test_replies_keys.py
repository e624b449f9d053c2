"""What a campaign makes of replies: what `replies` may say."""

from __future__ import annotations

import pytest

from chalicelib.audience.instant import HOUR_MS
from chalicelib.authoring.definition import Replies
from chalicelib.authoring.reading import read
from tests.authoring.test_definition_table import SMALLEST, problems, with_line


def with_replies(fields: str, *, expires: str = "72h") -> str:
    source = with_line("replies", f"replies: {{{fields}}}")
    return source + f"delivery: {{expires: {expires}}}\n"


def test_without_a_word_the_formats_stop_words_and_the_senders_hold_count() -> None:
    assert read(SMALLEST).replies == Replies(stop=(), hold_ms=None)


def test_further_stop_words_are_kept_as_written_each_once() -> None:
    definition = read(with_replies('stop: [STOP, ARRET, "إيقاف", Arrêt, "plus rien"]'))
    assert definition.replies.stop == ("STOP", "ARRET", "إيقاف", "plus rien")


@pytest.mark.parametrize(
    ("written", "held"), [("0", 0), ('"0"', 0), ("24h", 24 * HOUR_MS), ("72h", 72 * HOUR_MS)]
)
def test_a_live_conversation_holds_for_as_long_as_the_author_says(written: str, held: int) -> None:
    assert read(with_replies(f"hold_if_live_conversation: {written}")).replies.hold_ms == held


@pytest.mark.parametrize("when", ["", "when: any_other_reply, "])
def test_other_replies_go_to_the_webhook_that_is_named(when: str) -> None:
    assert read(with_replies(f'handoff: {{{when}to: "webhook:inbox"}}')).replies.handoff == "inbox"


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [
        ('stop: ["!!!"]', "stop_word_invalid", "replies.stop"),
        (f'stop: ["{"x" * 41}"]', "stop_word_invalid", "replies.stop"),
        ("stop: [" + ", ".join(f"w{n}" for n in range(31)) + "]", "too_many", "replies.stop"),
        ("stop: {word: x}", "not_a_list", "replies.stop"),
        ("hold_if_live_conversation: a day", "not_a_duration", "replies.hold_if_live_conversation"),
        ("hold_if_live_conversation: 73h", "wait_after_expiry", "replies.hold_if_live_conversation"),
        ("hold_if_live_conversation: 31d", "too_long", "replies.hold_if_live_conversation"),
        ("forward: yes", "key_unknown", "replies.forward"),
        ("handoff: {}", "key_required", "replies.handoff.to"),
        ("handoff: webhook:inbox", "not_a_mapping_at", "replies.handoff"),
        ("handoff: {to: inbox}", "handoff_to_invalid", "replies.handoff.to"),
        ("handoff: {to: 'https://inbox.example'}", "handoff_to_invalid", "replies.handoff.to"),
        ("handoff: {when: always, to: 'webhook:inbox'}", "not_a_choice", "replies.handoff.when"),
    ],
)
def test_faulty_replies_are_refused_at_their_place(fields: str, code: str, path: str) -> None:
    assert [(c, p) for c, p, _, _ in problems(with_replies(fields))] == [(code, path)]
