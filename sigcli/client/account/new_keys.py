"""What a device makes for itself before the service knows it: password, registration id, lasting prekeys."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from sigcli.protocol.limits import MAX_PREKEY_ID, MAX_REGISTRATION_ID
from sigcli.protocol.prekeys import generate_kyber_prekeys, generate_signed_prekey

if TYPE_CHECKING:
    from sigcli.crypto.curve import KeyPair
    from sigcli.crypto.randomness import RandomSource
    from sigcli.protocol.prekeys import KyberPreKeyRecord, SignedPreKeyRecord

    LastingPreKeys = tuple[SignedPreKeyRecord, KyberPreKeyRecord]

_PASSWORD_BYTES = 18


def new_password(random: RandomSource) -> str:
    """24 characters of base64."""
    return base64.b64encode(random(_PASSWORD_BYTES)).decode()


def new_registration_id(random: RandomSource) -> int:
    """A number from 1 to 16383, by which peers notice that a device was set up anew."""
    return 1 + int.from_bytes(random(4), "big") % MAX_REGISTRATION_ID


def new_lasting_prekeys(identity: KeyPair, now_ms: int, random: RandomSource) -> LastingPreKeys:
    """A signed and a last-resort prekey with random ids."""
    signed_id, kyber_id = (1 + int.from_bytes(random(4), "big") % MAX_PREKEY_ID for _ in range(2))
    (last_resort,) = generate_kyber_prekeys(identity, kyber_id, 1, now_ms, random)
    return generate_signed_prekey(identity, signed_id, now_ms, random), last_resort
