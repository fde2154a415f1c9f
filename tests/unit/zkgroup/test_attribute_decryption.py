"""Many encrypted ids and profile keys at once: each is read, and what is damaged spoils no other."""

from __future__ import annotations

from random import Random

from sigcli.crypto.ristretto import BASE_POINT
from sigcli.wire.addresses import ServiceId
from sigcli.zkgroup.attributes import Attribute
from sigcli.zkgroup.groups import ProfileKeyCiphertext, UuidCiphertext
from sigcli.zkgroup.profile_key import ProfileKey
from tests.unit.zkgroup import samples as s

COUNT = 12


def people() -> list[tuple[ServiceId, ProfileKey]]:
    random = Random(1)
    return [
        (
            (ServiceId.pni if place % 5 == 4 else ServiceId.aci)(random.randbytes(16)),
            ProfileKey(random.randbytes(32)),
        )
        for place in range(COUNT)
    ]


def test_ids_are_read_beside_damaged_ones() -> None:
    group = s.group()
    ids = [service_id for service_id, _ in people()]
    ciphertexts = [group.encrypt_service_id(one).serialize() for one in ids]
    hides_nothing = UuidCiphertext(Attribute(BASE_POINT, BASE_POINT)).serialize()
    damaged = {
        1: b"",
        3: ciphertexts[3][:-1],
        4: b"\x01" + ciphertexts[4][1:],
        6: ciphertexts[6][:33] + b"\xff" * 32,
        7: ciphertexts[7][:33] + ciphertexts[8][33:],
        9: hides_nothing,
        10: bytes(65),
    }
    for place, data in damaged.items():
        ciphertexts[place] = data
    expected = [None if place in damaged else one for place, one in enumerate(ids)]
    assert group.decrypt_service_ids(ciphertexts) == expected
    assert group.decrypt_service_ids([]) == []


def test_profile_keys_are_read_beside_those_of_others() -> None:
    group = s.group()
    owners = [ServiceId.aci(one.uuid_bytes) for one, _ in people()]
    keys = [key for _, key in people()]
    ciphertexts = [
        group.encrypt_profile_key(key, owner).serialize()
        for owner, key in zip(owners, keys, strict=True)
    ]
    asked = [owners[3], *owners[1:]]
    ciphertexts[5] = ciphertexts[5][:33] + ciphertexts[6][33:]
    ciphertexts[8] = bytes(65)
    read = group.decrypt_profile_keys(ciphertexts, asked)
    assert read == [None if place in (0, 5, 8) else key for place, key in enumerate(keys)]


def test_a_key_whose_hidden_bits_were_not_masked_is_read() -> None:
    # Any program may encrypt; what others read, this one must read.
    from sigcli.crypto.elligator import MAP_INPUT_LENGTH, map_to_point
    from sigcli.zkgroup.attributes import profile_key_seed

    group, owner = s.group(), s.ACI
    raw = bytes([2]) + bytes(30) + bytes([0x41])
    derived = profile_key_seed().derive(raw + owner.uuid_bytes, MAP_INPUT_LENGTH)
    attribute = Attribute(map_to_point(derived), map_to_point(raw))
    encrypted = ProfileKeyCiphertext(group.profile_key_key_pair.encrypt(attribute))
    assert group.decrypt_profile_key(encrypted, owner) == ProfileKey(raw)
