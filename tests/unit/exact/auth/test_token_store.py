"""Where pairs are kept: versions that are never overwritten, sizes, and sealing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from exact_connector.errors import ConfigurationError, StoreUnavailable
from exact_connector.exact.auth.cipher import EnvelopeCipher
from exact_connector.exact.auth.oauth import TokenPair
from exact_connector.exact.auth.token_store import (
    ADVANCED_LIMIT,
    ParameterTokenStore,
    StoredPair,
    TableTokenStore,
    TokenStore,
    decode,
    encode,
)
from fakes.clocks import ManualClock
from fakes.ports import MemoryParameters
from fakes.tables import MemoryDatabase

NOW = ManualClock().now()


def stored(generation: int, *, size: int = 10) -> StoredPair:
    pair = TokenPair("a" * size, f"refresh-{generation}", NOW, NOW + timedelta(seconds=600))
    return StoredPair(pair, generation, f"attempt-{generation}")


class Keys:
    """A key service: wrapping is a mask, bound to the context."""

    def __init__(self) -> None:
        self.made = 0

    def generate(self, context: Mapping[str, str]) -> tuple[bytes, bytes]:
        self.made += 1
        key = bytes([self.made]) * 32
        return key, bytes(byte ^ 0x55 for byte in key)

    def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        return bytes(byte ^ 0x55 for byte in wrapped)


def stores() -> list[TokenStore]:
    return [
        ParameterTokenStore(MemoryParameters(), "test"),
        TableTokenStore(MemoryDatabase()["control"], EnvelopeCipher(Keys())),
    ]


@pytest.mark.parametrize("store", stores(), ids=["parameters", "table"])
def test_every_save_is_a_version_of_its_own(store: TokenStore) -> None:
    first, second = store.save("acme", stored(1)), store.save("acme", stored(2))
    assert second > first
    assert store.load("acme", first) == stored(1)
    assert store.load("acme", second) == stored(2)
    assert store.newer("acme", first) == [(second, stored(2))]
    assert store.newer("acme", second) == []
    assert store.load("acme", second + 1) is None
    assert store.load("other", first) is None
    assert store.newer("other", 0) == []


@pytest.mark.parametrize("store", stores(), ids=["parameters", "table"])
def test_only_the_last_few_versions_are_looked_through(store: TokenStore) -> None:
    versions = [store.save("acme", stored(number)) for number in range(1, 31)]
    assert [version for version, _ in store.newer("acme", versions[0])] == versions[-6:][::-1]


@pytest.mark.parametrize("store", stores(), ids=["parameters", "table"])
def test_forgetting_leaves_nothing(store: TokenStore) -> None:
    version = store.save("acme", stored(1))
    store.delete_tenant_data("acme")
    assert store.load("acme", version) is None


@pytest.mark.parametrize("size", [1000, 5000, ADVANCED_LIMIT - 400])
def test_a_pair_up_to_8_kilobytes_fits_into_a_parameter(size: int) -> None:
    store = ParameterTokenStore(MemoryParameters(), "test")
    assert store.load("acme", store.save("acme", stored(1, size=size))) == stored(1, size=size)


def test_a_larger_pair_is_refused_before_it_is_put_and_names_the_way_out() -> None:
    parameters = MemoryParameters()
    with pytest.raises(ConfigurationError, match="DynamoDB"):
        ParameterTokenStore(parameters, "test").save("acme", stored(1, size=ADVANCED_LIMIT))
    assert parameters.get("/test/tenants/acme/tokens") is None


def test_the_table_holds_no_token_in_the_clear() -> None:
    database = MemoryDatabase()
    TableTokenStore(database["control"], EnvelopeCipher(Keys())).save("acme", stored(1))
    assert b"refresh-1" not in str(database["control"].all_rows()).encode()


def test_a_sealed_row_does_not_open_for_another_tenant() -> None:
    cipher = EnvelopeCipher(Keys())
    sealed = cipher.seal(b"secret", context={"tenant": "acme"})
    assert cipher.open(sealed, context={"tenant": "acme"}) == b"secret"
    with pytest.raises(ConfigurationError):
        cipher.open(sealed, context={"tenant": "other"})


@pytest.mark.parametrize("at", [0, 1, 3, 40, -1], ids=["version", "length", "key", "nonce", "text"])
def test_a_changed_seal_does_not_open(at: int) -> None:
    cipher = EnvelopeCipher(Keys())
    sealed = bytearray(cipher.seal(b"secret", context={"tenant": "acme"}))
    sealed[at] ^= 1
    with pytest.raises(ConfigurationError):
        cipher.open(bytes(sealed), context={"tenant": "acme"})


def test_each_value_has_its_own_data_key() -> None:
    keys = Keys()
    cipher = EnvelopeCipher(keys)
    assert cipher.seal(b"x", context={}) != cipher.seal(b"x", context={})
    assert keys.made == 2


def test_a_damaged_value_does_not_show_in_its_error() -> None:
    assert decode(encode(stored(3))) == stored(3)
    for value in ("", "[]", '{"access_token":"secret-thing"}', "secret-thing"):
        with pytest.raises(StoreUnavailable) as caught:
            decode(value)
        assert "secret-thing" not in str(caught.value)
