"""webhooks.yaml: named places of other systems to post to, and which addresses are never called."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.authoring.fields import Reader
from chalicelib.authoring.nodes import compose
from chalicelib.errors import InvalidDefinition, InvalidSettings, Problem

NAME = r"[a-z][a-z0-9-]{0,30}"
MOST_ENDPOINTS = 50
LONGEST_URL = 2_000
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>\d{1,5}))?"
    r"(?P<path>/[!$%&'()*+,./0-9:;=?@A-Z_a-z~-]*)?"
)
MOST_PORT = 65_535

# Where clouds keep credentials beside 169.254.169.254, a link-local one: AWS (IPv6), Alibaba, Oracle, Azure.
METADATA = frozenset(
    map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200", "192.0.0.192", "168.63.129.16"))
)
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A place of another system. `host` is without brackets, `target` what follows it: "/" at least."""

    name: str
    url: str
    is_https: bool
    host: str
    port: int
    target: str

    @property
    def secret(self) -> str:
        """The name of the secret that signs what is posted there."""
        return f"CARILLON_WEBHOOK_{self.name.upper().replace('-', '_')}_SECRET"


def parse_endpoints(text: str, file: str) -> Mapping[str, Endpoint]:
    """Return the endpoints by name. Raises InvalidSettings with every problem."""
    problems: list[Problem] = []
    try:
        root = Reader(compose(text, file=file), problems, file=file)
    except InvalidDefinition as error:
        raise InvalidSettings(*error.problems) from error
    found = {}
    for number, (name, place) in enumerate(root.fields.key_places.items()):
        if number == MOST_ENDPOINTS:
            root.note("too_many", name, place, most=str(MOST_ENDPOINTS))
            break
        if not re.fullmatch(NAME, name):
            root.note("webhook_name_invalid", name, place, value=name[:60])
        one = root.mapping(name)
        if one is None:
            if root.node(name) is None:
                root.note("not_a_mapping_at", name, place)
            continue
        endpoint = _endpoint(name, one)
        if endpoint is not None:
            found[name] = endpoint
        one.finish()
    if problems:
        raise InvalidSettings(*problems)
    return found


def _endpoint(name: str, one: Reader) -> Endpoint | None:
    url = one.text("url") if one.required("url") else None
    if url is None:
        return None
    endpoint = endpoint_of(name, url)
    if endpoint is None:
        one.note("not_a_url", "url", value=url[:100])
        return None
    if not endpoint.is_https and not _is_this_machine(endpoint.host):
        one.note("webhook_not_https", "url", value=url[:100])
    if _address(endpoint.host) is not None and is_forbidden(endpoint.host, loopback=True):
        one.note("webhook_address_refused", "url", value=endpoint.host)
    return endpoint


def endpoint_of(name: str, url: str) -> Endpoint | None:
    """Return the parts of an address, or None when it is none that may be posted to."""
    found = _URL.fullmatch(url) if len(url) <= LONGEST_URL else None
    if found is None:
        return None
    is_https = found["scheme"] == "https"
    port = int(found["port"] or (443 if is_https else 80))
    if not 0 < port <= MOST_PORT:
        return None
    return Endpoint(
        name=name,
        url=url,
        is_https=is_https,
        host=found["host"].strip("[]").lower(),
        port=port,
        target=found["path"] or "/",
    )


def _is_this_machine(host: str) -> bool:
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def _address(text: str) -> Address | None:
    """Return an IP address as its network reaches it: the IPv4 one inside an IPv6 one, where that is so."""
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address):
        if found in NAT64:
            return ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)
        return found.ipv4_mapped or found.sixtofour or found
    return found


def is_forbidden(address: str, *, loopback: bool) -> bool:
    """Say whether a resolved address must not be called, whoever wrote the name that led to it.

    Never link-local ones and those where clouds keep credentials; `loopback`
    tells whether this machine itself may be called. Anything that is no address is forbidden.
    """
    found = _address(address)
    if found is None:
        return True
    if found.is_loopback:
        return not loopback
    return (
        found.is_link_local
        or found.is_multicast
        or found.is_unspecified
        or found.is_reserved
        or found in METADATA
    )
