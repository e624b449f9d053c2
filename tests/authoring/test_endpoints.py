"""webhooks.yaml: where a campaign's replies may be handed off to, and where never."""

from __future__ import annotations

import pytest

from chalicelib.authoring.endpoints import is_forbidden, parse_endpoints
from chalicelib.errors import InvalidSettings


def faults(text: str) -> list[tuple[str, str, int, int]]:
    with pytest.raises(InvalidSettings) as caught:
        parse_endpoints(text, "webhooks.yaml")
    return [(p.code, p.path, p.line, p.column) for p in caught.value.problems]


def test_an_absent_file_is_no_endpoint() -> None:
    assert parse_endpoints("{}", "webhooks.yaml") == {}


def test_an_endpoint_has_its_parts_and_the_name_of_its_secret() -> None:
    found = parse_endpoints("crm-eu: {url: 'https://crm.example:8443/hooks/a?b=c'}", "webhooks.yaml")[
        "crm-eu"
    ]
    assert (found.is_https, found.host, found.port, found.target) == (
        True,
        "crm.example",
        8443,
        "/hooks/a?b=c",
    )
    assert found.secret == "CARILLON_WEBHOOK_CRM_EU_SECRET"


@pytest.mark.parametrize(
    ("url", "port", "target"),
    [
        ("https://inbox.example", 443, "/"),
        ("http://localhost:9000/in", 9000, "/in"),
        ("http://127.0.0.1/", 80, "/"),
        ("http://[::1]:81/", 81, "/"),
        ("https://10.1.2.3/chatwoot", 443, "/chatwoot"),
    ],
)
def test_https_anywhere_and_http_on_this_machine(url: str, port: int, target: str) -> None:
    found = parse_endpoints(f"inbox: {{url: '{url}'}}", "webhooks.yaml")["inbox"]
    assert (found.port, found.target) == (port, target)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://inbox.example/", "webhook_not_https"),
        ("http://10.1.2.3/", "webhook_not_https"),
        ("http://localhost.example/", "webhook_not_https"),
        ("ftp://inbox.example/", "not_a_url"),
        ("https://user:pass@inbox.example/", "not_a_url"),
        ("https://inbox.example/#part", "not_a_url"),
        ("https://inbox.example:0/", "not_a_url"),
        ("https://inbox.example:65536/", "not_a_url"),
        ("https://", "not_a_url"),
        ("https://inbox.example/a b", "not_a_url"),
        ("https://inbox.example/" + "x" * 2_000, "not_a_url"),
        ("https://169.254.169.254/latest/meta-data/", "webhook_address_refused"),
        ("https://[fd00:ec2::254]/", "webhook_address_refused"),
        ("https://[::ffff:169.254.169.254]/", "webhook_address_refused"),
    ],
)
def test_no_other_address_may_be_written(url: str, code: str) -> None:
    assert faults(f"inbox: {{url: '{url}'}}") == [(code, "inbox.url", 1, 14)]


@pytest.mark.parametrize(
    ("text", "code", "path"),
    [
        ("inbox: {}", "key_required", "inbox.url"),
        ("inbox: https://inbox.example", "not_a_mapping_at", "inbox"),
        ("inbox:", "not_a_mapping_at", "inbox"),
        ("In_Box: {url: 'https://inbox.example'}", "webhook_name_invalid", "In_Box"),
        ("inbox: {url: 'https://inbox.example', secret: x}", "key_unknown", "inbox.secret"),
    ],
)
def test_a_faulty_endpoint_is_refused_at_its_place(text: str, code: str, path: str) -> None:
    assert [(c, p) for c, p, _, _ in faults(text)] == [(code, path)]


def test_every_fault_of_the_file_is_told_at_once() -> None:
    text = "a: {url: 'http://a.example'}\nb: {url: nonsense}\nc: {}\n"
    assert [code for code, *_ in faults(text)] == ["webhook_not_https", "not_a_url", "key_required"]


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.170.2",
        "fe80::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "100.100.100.200",
        "168.63.129.16",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "255.255.255.255",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "no address",
        "",
    ],
)
def test_nobody_is_led_to_where_credentials_lie(address: str) -> None:
    assert is_forbidden(address, loopback=True)


@pytest.mark.parametrize("address", ["93.184.215.14", "10.0.0.8", "192.168.1.4", "2606:2800::1", "fd12::1"])
def test_other_addresses_may_be_called_also_a_companys_own(address: str) -> None:
    assert not is_forbidden(address, loopback=False)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_called_only_where_that_is_meant(address: str) -> None:
    assert is_forbidden(address, loopback=False)
    assert not is_forbidden(address, loopback=True)
