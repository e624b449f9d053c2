"""People whom a user pool has signed in: which tokens open the API, and as whom; and which open nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from chalicelib.adapters.aws.published_keys import KEPT_MS, PublishedKeys, keys_in
from chalicelib.authoring.actor import ActorKind, Role
from chalicelib.errors import Forbidden, HomeUnavailable, InvalidSettings, Unauthorized
from chalicelib.ports import SigningKey
from chalicelib.settings import aws_settings
from chalicelib.web import signed_in
from chalicelib.web.identity import actor_of_bearer, identified, may_come_in
from chalicelib.web.signed_in import is_signed
from tests.scenarios.world import World

ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Abc"
CLIENT = "1h57kf5cpq17m0eml12EXAMPLE"


@cache
def pair(name: str = "pool", bits: int = 2_048) -> RSAPrivateKey:
    """Return a key pair, made once."""
    return generate_private_key(public_exponent=65_537, key_size=bits)


def public(key: RSAPrivateKey) -> SigningKey:
    numbers = key.public_key().public_numbers()
    return SigningKey(modulus=numbers.n, exponent=numbers.e)


class Keys:
    """The pool's keys."""

    def __init__(self, keys: Mapping[str, SigningKey]) -> None:
        self.keys = keys

    def get(self, kid: str) -> SigningKey | None:
        return self.keys.get(kid)


def part(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def token(
    claims: Mapping[str, Any],
    *,
    header: Mapping[str, Any] | None = None,
    sign: Callable[[bytes], bytes] | None = None,
) -> str:
    head = {"alg": "RS256", "kid": "1", **(header or {})}
    signing = f"{part(json.dumps(head).encode())}.{part(json.dumps(claims).encode())}"
    signed = (sign or signed_by(pair()))(signing.encode())
    return f"{signing}.{part(signed)}"


def signed_by(key: RSAPrivateKey, algorithm: hashes.HashAlgorithm | None = None) -> Callable[[bytes], bytes]:
    return lambda message: key.sign(message, padding.PKCS1v15(), algorithm or hashes.SHA256())


@pytest.fixture
def world() -> Iterator[World]:
    """One home."""
    world = World()
    yield world
    world.close()


@pytest.fixture
def pool(world: World) -> World:
    """A world whose people sign in by a pool."""
    settings = replace(world.settings, issuer=ISSUER, client=CLIENT, needs_token=True)
    keys = Keys({"1": public(pair()), "short": public(pair("short", 1_024))})
    world.pipeline.home = replace(world.home, settings=settings, keys=keys)
    return world


def access(world: World, **changes: Any) -> dict[str, Any]:
    claims = {
        "iss": ISSUER,
        "token_use": "access",
        "client_id": CLIENT,
        "username": "amina",
        "sub": "57e7b692-4f66-480d-98b8-45a6729b4c88",
        "cognito:groups": ["approver"],
        "exp": world.clock.now() // 1_000 + 3_600,
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def of_id(world: World, **changes: Any) -> dict[str, Any]:
    same = {
        "token_use": "id",
        "client_id": None,
        "aud": CLIENT,
        "username": None,
        "cognito:username": "amina",
    }
    return access(world, **{**same, **changes})


def bearer(text: str) -> dict[str, str]:
    return {"authorization": f"Bearer {text}"}


@pytest.mark.parametrize("claims", [access, of_id])
def test_a_token_of_the_pool_is_its_person_with_their_highest_role(
    pool: World, claims: Callable[..., dict[str, Any]]
) -> None:
    shown = token(claims(pool, **{"cognito:groups": ["viewer", "approver", "others"]}))
    actor = identified(bearer(shown), {})
    assert (actor.name, actor.role, actor.kind) == ("amina", Role.APPROVER, ActorKind.PERSON)
    assert may_come_in(bearer(shown))


def test_a_second_factor_is_believed_of_the_token_or_of_the_whole_pool(pool: World) -> None:
    for said, enforced, has_mfa in (
        (["pwd", "otp", "mfa"], False, True),
        (["pwd"], False, False),
        (None, False, False),
        (None, True, True),
    ):
        settings = replace(pool.pipeline.home.settings, mfa_enforced=enforced)
        pool.pipeline.home = replace(pool.pipeline.home, settings=settings)
        assert identified(bearer(token(of_id(pool, amr=said))), {}).has_mfa is has_mfa


WRONG: Mapping[str, Callable[[World], str]] = {
    "another pool": lambda w: token(access(w, iss=ISSUER + "d")),
    "no issuer": lambda w: token(access(w, iss=None)),
    "another application": lambda w: token(access(w, client_id="other")),
    "an application among several": lambda w: token(of_id(w, aud=[CLIENT, "other"])),
    "an access token that names it as an id token does": lambda w: token(
        access(w, client_id=None, aud=CLIENT)
    ),
    "an id token that names it as an access token does": lambda w: token(
        of_id(w, aud=None, client_id=CLIENT)
    ),
    "a refresh token": lambda w: token(access(w, token_use="refresh")),
    "no use": lambda w: token(access(w, token_use=None)),
    "a list of uses": lambda w: token(access(w, token_use=["access"])),
    "no end": lambda w: token(access(w, exp=None)),
    "an end in words": lambda w: token(access(w, exp="9999999999")),
    "an end that is true": lambda w: token(access(w, exp=True)),
    "an end beyond all time": lambda w: token(access(w, exp=10**30)),
    "no algorithm": lambda w: token(access(w), header={"alg": "none"}, sign=lambda m: b"x"),
    "no algorithm, in capitals": lambda w: token(access(w), header={"alg": "NONE"}),
    "a secret made of the public key": lambda w: token(
        access(w), header={"alg": "HS256"}, sign=lambda m: hmac.new(pem(), m, hashlib.sha256).digest()
    ),
    "such a secret called RS256": lambda w: token(
        access(w), sign=lambda m: hmac.new(pem(), m, hashlib.sha256).digest()
    ),
    "an unknown key": lambda w: token(access(w), header={"kid": "2"}),
    "a key of its own": lambda w: token(
        access(w), header={"kid": "2", "jwk": {"kty": "RSA"}}, sign=signed_by(pair("own"))
    ),
    "no key": lambda w: token(access(w), header={"kid": None}),
    "a list of keys": lambda w: token(access(w), header={"kid": ["1"]}),
    "somebody else's signature": lambda w: token(access(w), sign=signed_by(pair("own"))),
    "a signature over another digest": lambda w: token(access(w), sign=signed_by(pair(), hashes.SHA512())),
    "a signature too short to trust": lambda w: token(
        access(w), header={"kid": "short"}, sign=signed_by(pair("short", 1_024))
    ),
    "an empty signature": lambda w: token(access(w), sign=lambda m: b"\0"),
    "what has to be understood": lambda w: token(access(w), header={"crit": ["b64"], "b64": False}),
    "a body that was changed": lambda w: changed(token(access(w)), access(w, username="badr")),
    "no object": lambda w: token([1]),  # type: ignore[arg-type]
    "no text": lambda w: ".".join((part(b"\xff"), part(b"\xff"), part(b"x"))),
    "padding": lambda w: token(access(w)) + "==",
    "too much": lambda w: token(access(w, more="x" * 9_000)),
}


def pem() -> bytes:
    return (
        pair()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def changed(text: str, claims: Mapping[str, Any]) -> str:
    head, _, signature = text.split(".")
    return f"{head}.{part(json.dumps(claims).encode())}.{signature}"


@pytest.mark.parametrize("what", WRONG)
def test_what_the_pool_has_not_signed_for_us_opens_nothing(pool: World, what: str) -> None:
    shown = bearer(WRONG[what](pool))
    with pytest.raises(Unauthorized, match="token_wrong"):
        identified(shown, {})
    assert not may_come_in(shown)


def test_a_token_that_expired_opens_nothing_and_says_since_when(pool: World) -> None:
    ends = pool.clock.now() // 1_000
    shown = bearer(token(access(pool, exp=ends)))
    with pytest.raises(Unauthorized, match="token_expired"):
        identified(shown, {})
    assert identified(bearer(token(access(pool, exp=ends + 1))), {}).name == "amina"


@pytest.mark.parametrize("groups", [None, [], ["accounting"]])
def test_whoever_is_in_no_group_of_ours_may_nothing(pool: World, groups: Any) -> None:
    with pytest.raises(Forbidden, match="role_none"):
        identified(bearer(token(access(pool, **{"cognito:groups": groups}))), {})


def test_where_nobody_signs_in_such_a_token_is_a_wrong_one(world: World) -> None:
    with pytest.raises(Unauthorized, match="token_wrong"):
        identified(bearer(token(access(world))), {})


def test_tokens_of_ours_open_the_api_beside_it(pool: World) -> None:
    made = pool.pipeline.home.settings
    pool.pipeline.home = replace(pool.pipeline.home, settings=replace(made, token="of-the-environment"))
    actor = actor_of_bearer(bearer("of-the-environment"))
    assert actor is not None
    assert actor.kind is ActorKind.TOKEN


def test_one_bit_of_a_signature_is_enough_to_be_wrong() -> None:
    message, key = b"message", public(pair())
    good = signed_by(pair())(message)
    assert is_signed(message, good, key)
    for place in range(0, len(good), 17):
        bad = bytes([*good[:place], good[place] ^ 1, *good[place + 1 :]])
        assert not is_signed(message, bad, key)
    assert not is_signed(message, b"\0" + good, key)
    assert not is_signed(message, (int.from_bytes(good, "big") + key.modulus).to_bytes(257, "big"), key)


def test_a_forged_signature_that_a_lenient_reader_would_take_is_wrong() -> None:
    """Bleichenbacher's forgery: the right digest behind too little padding, and anything after it."""
    ending = signed_in.DIGEST_INFO + hashlib.sha256(b"m").digest()
    block = b"\x00\x01\xff\x00" + ending
    key = SigningKey(modulus=(1 << 2_048) - 1, exponent=1)  # whose signatures are their own message
    assert is_signed(b"m", b"\x00\x01" + b"\xff" * (256 - len(ending) - 3) + b"\x00" + ending, key)
    assert not is_signed(b"m", block + b"x" * (256 - len(block)), key)


class Provider:
    """An identity provider that publishes keys."""

    def __init__(self, *kids: str) -> None:
        self.kids = kids
        self.asked: list[str] = []
        self.away = False

    def fetch(self, address: str) -> bytes:
        self.asked.append(address)
        if self.away:
            raise TimeoutError
        return json.dumps({"keys": [published(kid) for kid in self.kids]}).encode()


def published(name: str, **more: Any) -> dict[str, Any]:
    numbers = public(pair())
    n = part(numbers.modulus.to_bytes(256, "big"))
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": name, "n": n, "e": "AQAB", **more}


def test_keys_are_looked_up_once_and_again_for_a_new_one_at_most_once_a_minute(world: World) -> None:
    provider = Provider("1")
    keys = PublishedKeys(ISSUER, world.clock.now, provider.fetch)
    assert keys.get("1") == keys.get("1") == public(pair())
    assert provider.asked == [f"{ISSUER}/.well-known/jwks.json"]
    provider.kids = ("1", "2")
    assert keys.get("2") is None
    world.clock.advance(60_000)
    assert keys.get("2") is not None
    for _ in range(10):
        assert keys.get("invented") is None
    assert len(provider.asked) == 2


def test_a_key_that_was_taken_back_opens_nothing_after_an_hour(world: World) -> None:
    provider = Provider("1")
    keys = PublishedKeys(ISSUER, world.clock.now, provider.fetch)
    assert keys.get("1") is not None
    provider.kids = ("2",)
    world.clock.advance(KEPT_MS)
    assert keys.get("1") is None


def test_while_the_provider_is_away_the_keys_that_are_known_count(world: World) -> None:
    provider = Provider("1")
    keys = PublishedKeys(ISSUER, world.clock.now, provider.fetch)
    provider.away = True
    with pytest.raises(HomeUnavailable):
        keys.get("1")
    provider.away = False
    world.clock.advance(60_000)
    assert keys.get("1") is not None
    provider.away = True
    world.clock.advance(KEPT_MS)
    assert keys.get("1") is not None


def test_only_keys_for_our_signatures_are_read() -> None:
    others: tuple[dict[str, Any], ...] = (
        {"kty": "EC"},
        {"use": "enc"},
        {"alg": "RS512"},
        {"n": None},
        {"kid": 7},
    )
    raw = json.dumps({"keys": [published("1"), *(published(f"o{n}", **o) for n, o in enumerate(others)), 3]})
    assert list(keys_in(raw.encode())) == ["1"]
    for wrong in (b"[]", b"{}", b'{"keys": {}}'):
        with pytest.raises(ValueError, match="no key set"):
            keys_in(wrong)


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"CARILLON_ISSUER": ISSUER}, "setting_missing"),
        ({"CARILLON_CLIENT": CLIENT}, "setting_missing"),
        (
            {"CARILLON_ISSUER": ISSUER.replace("https", "http"), "CARILLON_CLIENT": CLIENT},
            "setting_not_a_url",
        ),
        ({"CARILLON_ISSUER": "https://u@x/", "CARILLON_CLIENT": CLIENT}, "setting_not_a_url"),
    ],
)
def test_who_signs_in_is_said_wholly_or_not_at_all(variables: dict[str, str], code: str) -> None:
    with pytest.raises(InvalidSettings, match=code):
        aws_settings(variables)
    assert aws_settings({"CARILLON_ISSUER": "", "CARILLON_CLIENT": ""}).issuer == ""
    assert aws_settings({"CARILLON_ISSUER": ISSUER, "CARILLON_CLIENT": CLIENT}).client == CLIENT
