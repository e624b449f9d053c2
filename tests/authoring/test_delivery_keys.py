"""How long and how often a campaign tries: what `delivery` may say."""

from __future__ import annotations

import pytest

from chalicelib.audience.instant import DAY_MS, HOUR_MS, MINUTE_MS
from chalicelib.authoring.definition import Retries
from chalicelib.authoring.reading import read
from tests.authoring.test_definition_table import SMALLEST, problems, with_line


def with_delivery(fields: str) -> str:
    return with_line("delivery", f"delivery: {{{fields}}}")


def test_without_a_word_failures_are_retried_as_the_format_says_and_silence_is_reported() -> None:
    definition = read(SMALLEST)
    assert definition.retries == Retries()
    assert definition.resend_after_ms is None
    assert definition.expires_ms == definition.window_ms
    usual = Retries()
    assert (usual.transient_most, usual.transient_backoff_ms) == (3, 2 * MINUTE_MS)
    assert (usual.per_user_most, usual.per_user_wait_ms) == (2, DAY_MS)


def test_the_example_of_the_format_is_read() -> None:
    definition = read(
        with_delivery(
            "expires: 72h, on_uncertain: report, retry: {rate_limited: until_expiry, "
            "transient: {max: 3, backoff: 2m}, per_user_limit: {max: 2, wait: 24h}}"
        )
    )
    assert (definition.expires_ms, definition.retries) == (72 * HOUR_MS, Retries())


def test_each_class_of_failures_may_be_given_its_own_tries_and_waits() -> None:
    definition = read(
        with_delivery("expires: 8d, retry: {transient: {max: 0}, per_user_limit: {max: 1, wait: 3d}}")
    )
    assert definition.retries == Retries(transient_most=0, per_user_most=1, per_user_wait_ms=3 * DAY_MS)
    backoff = read(with_delivery("retry: {transient: {backoff: 30m}}"))
    assert backoff.retries == Retries(transient_backoff_ms=30 * MINUTE_MS)


def test_an_unanswered_call_is_made_again_only_where_the_author_says_after_how_long() -> None:
    definition = read(with_delivery("expires: 72h, on_uncertain: resend_after 48h"))
    assert definition.resend_after_ms == 48 * HOUR_MS


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [
        ("expires: 1h", "expires_before_window", "delivery.expires"),
        ("expires: 999d", "too_long", "delivery.expires"),
        ("retry: {transient: {max: 11}}", "out_of_bounds", "delivery.retry.transient.max"),
        ("retry: {transient: {max: -1}}", "out_of_bounds", "delivery.retry.transient.max"),
        ("retry: {transient: {max: 1.5}}", "not_a_whole_number", "delivery.retry.transient.max"),
        ("retry: {transient: {backoff: 0s}}", "wait_too_short", "delivery.retry.transient.backoff"),
        ("retry: {transient: {backoff: 3h}}", "wait_after_expiry", "delivery.retry.transient.backoff"),
        ("retry: {transient: {wait: 3h}}", "key_unknown", "delivery.retry.transient.wait"),
        ("expires: 72h, retry: {per_user_limit: {wait: 23h}}", "wait_too_short",
         "delivery.retry.per_user_limit.wait"),
        ("retry: {per_user_limit: {wait: 24h}}", "wait_after_expiry", "delivery.retry.per_user_limit.wait"),
        ("retry: {rate_limited: never}", "not_a_choice", "delivery.retry.rate_limited"),
        ("retry: {permanent: {max: 1}}", "key_unknown", "delivery.retry.permanent"),
        ("retry: 3", "not_a_mapping_at", "delivery.retry"),
        ("on_uncertain: resend", "not_a_choice", "delivery.on_uncertain"),
        ("expires: 72h, on_uncertain: resend_after 23h", "wait_too_short", "delivery.on_uncertain"),
        ("expires: 72h, on_uncertain: resend_after soon", "not_a_choice", "delivery.on_uncertain"),
        ("on_uncertain: resend_after 24h", "wait_after_expiry", "delivery.on_uncertain"),
        ("fallback: []", "not_available_yet", "delivery.fallback"),
    ],
)  # fmt: skip
def test_a_faulty_delivery_is_refused_at_its_place(fields: str, code: str, path: str) -> None:
    assert [(c, p) for c, p, _, _ in problems(with_delivery(fields))] == [(code, path)]
