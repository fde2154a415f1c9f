"""Encrypted service ids and profile keys, decrypted many at a time.

M2 = E2 - a2 E1 tells the plaintext among few candidates, M1 which of them it is. Of a service id there is
one candidate, since Lizard has a checksum; of a profile key each input of the Elligator map that leads
to M2 is one, eight times over for the bits that the map does not see. Source: libsignal
``rust/zkgroup/src/crypto/{uid,profile_key}_encryption.rs``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sigcli.crypto import scalars
from sigcli.crypto.elligator import MAP_INPUT_LENGTH
from sigcli.crypto.elligator_inverse import (
    Lifted,
    in_turn,
    input_squares,
    lift_decoded,
    lift_doubles,
    lizard_decode_all,
    subtract_lifted,
)
from sigcli.crypto.field import PRIME
from sigcli.crypto.ristretto import (
    BASE_POINT,
    eights,
    multiply_in_eight_form,
    multiply_in_half_form,
)
from sigcli.wire.addresses import ServiceId
from sigcli.zkgroup.attributes import (
    Attribute,
    AttributeKeyPair,
    profile_key_seed,
    uid_first_points,
)

_LOW_255_BITS = 2**255 - 1


def decrypt_uids(
    key_pair: AttributeKeyPair, ciphertexts: Sequence[Attribute]
) -> list[ServiceId | None]:
    """The service id in each ciphertext; None if this key did not encrypt one."""
    uuids = lizard_decode_all(_second_points(key_pair, ciphertexts))
    firsts = eights([ciphertext.first for ciphertext in ciphertexts])
    found: list[ServiceId | None] = [
        # Where a1 hides nothing, anyone could have written the ciphertext.
        None if uuid is None or ciphertext.first == BASE_POINT else ServiceId.aci(uuid)
        for uuid, ciphertext in zip(uuids, ciphertexts, strict=True)
    ]
    open_places = [place for place, service_id in enumerate(found) if service_id is not None]
    for kind in (ServiceId.aci, ServiceId.pni):
        tried = [kind(uuid) for place in open_places if (uuid := uuids[place]) is not None]
        encrypted = multiply_in_eight_form(uid_first_points(tried), key_pair.a1)
        still_open = []
        for place, service_id, first in zip(open_places, tried, encrypted, strict=True):
            found[place] = service_id if first == firsts[place] else None
            if found[place] is None:
                still_open.append(place)
        open_places = still_open
    return found


def decrypt_profile_keys(
    key_pair: AttributeKeyPair, ciphertexts: Sequence[Attribute], owners: Sequence[ServiceId]
) -> list[bytes | None]:
    """The profile key (32 bytes) in each ciphertext; None if it is not its owner's."""
    first = multiply_in_half_form(
        [ciphertext.first for ciphertext in ciphertexts], scalars.invert(key_pair.a1)
    )
    inputs_of_first = input_squares(lift_doubles(first))
    inputs_of_second = input_squares(_second_points(key_pair, ciphertexts))
    seed = profile_key_seed()
    unusual: dict[int, list[bytes]] = {}

    def tried(place: int, profile_keys: Iterable[bytes]) -> bytes | None:
        """The one that leads to M1."""
        expected, owner = inputs_of_first[place], owners[place].uuid_bytes
        for profile_key in profile_keys:
            data = seed.derive(profile_key + owner, MAP_INPUT_LENGTH)
            r0 = int.from_bytes(data, "little") & _LOW_255_BITS
            if r0 * r0 % PRIME in expected:
                return profile_key
        return None

    def usual(place: int, encoded: bytes) -> bytes | None:
        """The candidates that an honest program would write."""
        if encoded[31] & 0x40:
            unusual.setdefault(place, []).append(encoded)
            return None
        return tried(place, [_with_variable_bits(encoded, bits) for bits in range(8)])

    found = in_turn(
        [
            # Where a1 hides nothing, everybody could have written the ciphertext.
            [] if ciphertext.first == BASE_POINT else squares
            for ciphertext, squares in zip(ciphertexts, inputs_of_second, strict=True)
        ],
        usual,
    )
    for place, encodings in unusual.items():
        if found[place] is None:
            found[place] = tried(
                place,
                [_with_variable_bits(one, bits) for one in encodings for bits in (0, 2, 4, 6)],
            )
    return found


def _second_points(key_pair: AttributeKeyPair, ciphertexts: Sequence[Attribute]) -> list[Lifted]:
    """M2 of each ciphertext; it is meaningless until M1 is checked."""
    blinding = multiply_in_half_form([ciphertext.first for ciphertext in ciphertexts], key_pair.a2)
    hidden = lift_decoded([ciphertext.second for ciphertext in ciphertexts])
    return subtract_lifted(hidden, lift_doubles(blinding))


def _with_variable_bits(encoded: bytes, bits: int) -> bytes:
    profile_key = bytearray(encoded)
    profile_key[0] |= bits >> 2
    profile_key[31] |= (bits & 3) << 6
    return bytes(profile_key)
