"""Envelope encryption: each value is sealed with its own data key, which itself is wrapped by the deployment's key.

Layout of sealed bytes: version (1 byte), length of the wrapped key (2 bytes), wrapped key, nonce (12 bytes), the
AES-256-GCM ciphertext. The context is authenticated: a row copied to another tenant does not open.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from exact_connector.errors import ConfigurationError

_VERSION = 1
_NONCE = 12


class DataKeys(Protocol):
    """The key service (KMS): makes data keys and unwraps them. Raises StoreUnavailable."""

    def generate(self, context: Mapping[str, str]) -> tuple[bytes, bytes]:
        """Return a new 32-byte data key, plain and wrapped."""
        ...

    def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        """Return the plain data key."""
        ...


class EnvelopeCipher:
    """Seals values with AES-256-GCM under data keys of the key service."""

    def __init__(self, keys: DataKeys, *, random: Callable[[int], bytes] = os.urandom) -> None:
        self._keys = keys
        self._random = random

    def seal(self, plain: bytes, *, context: Mapping[str, str]) -> bytes:
        """Return the sealed bytes."""
        key, wrapped = self._keys.generate(context)
        nonce = self._random(_NONCE)
        sealed = AESGCM(key).encrypt(nonce, plain, _authenticated(context))
        return bytes([_VERSION]) + len(wrapped).to_bytes(2, "big") + wrapped + nonce + sealed

    def open(self, sealed: bytes, *, context: Mapping[str, str]) -> bytes:
        """Return what was sealed; raises ConfigurationError when it was sealed elsewhere or changed since."""
        if len(sealed) < 3 or sealed[0] != _VERSION:
            raise ConfigurationError("a sealed value has an unknown form; authorise again", code="SEAL_BROKEN")
        end = 3 + int.from_bytes(sealed[1:3], "big")
        wrapped, nonce, rest = sealed[3:end], sealed[end : end + _NONCE], sealed[end + _NONCE :]
        try:
            return AESGCM(self._keys.unwrap(wrapped, context)).decrypt(nonce, rest, _authenticated(context))
        except (InvalidTag, ValueError) as error:
            raise ConfigurationError(
                "a sealed value was changed or belongs elsewhere; authorise again", code="SEAL_BROKEN"
            ) from error


def _authenticated(context: Mapping[str, str]) -> bytes:
    return json.dumps(dict(context), sort_keys=True, separators=(",", ":")).encode()
