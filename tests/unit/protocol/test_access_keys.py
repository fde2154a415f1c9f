"""Access keys."""

from __future__ import annotations

import pytest

from sigcli.errors import InvalidKey
from sigcli.protocol.access_keys import (
    access_key_verifier,
    derive_access_key,
    verifies_access_key,
)


def test_an_access_key_is_a_prefix_of_the_key_stream_of_gcm() -> None:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    profile_key = bytes(range(32))
    expected = AESGCM(profile_key).encrypt(bytes(12), bytes(16), None)[:16]
    assert derive_access_key(profile_key) == expected
    with pytest.raises(InvalidKey):
        derive_access_key(bytes(31))


def test_verifiers() -> None:
    access_key = derive_access_key(bytes(32))
    assert verifies_access_key(access_key, access_key_verifier(access_key))
    assert not verifies_access_key(derive_access_key(b"\1" * 32), access_key_verifier(access_key))
