"""Server and sender certificates."""

from __future__ import annotations

from base64 import b64decode
from random import Random

import pytest
from hypothesis import given

from sigcli.crypto.curve import KeyPair, PrivateKey, PublicKey
from sigcli.errors import InvalidCertificate
from sigcli.protocol.certificates import (
    KNOWN_SERVER_CERTIFICATES,
    REVOKED_SERVER_CERTIFICATE_IDS,
    CertificateValidator,
    SenderCertificate,
    ServerCertificate,
    default_server_certificates,
)
from sigcli.wire.addresses import ServiceId
from tests.unit.protocol.hostile_bytes import hostile

RANDOM = Random("certificates").randbytes
ROOT, SERVER, SENDER, STRANGER = (KeyPair.generate(RANDOM) for _ in range(4))
ACI = ServiceId.aci("9d0652a3-dcc3-4d11-975f-74d61598733f")
EXPIRES_MS = 1_750_000_000_000
SERVER_CERTIFICATE = ServerCertificate.issue(5, SERVER.public_key, ROOT.private_key, RANDOM)
# From libsignal's sealed_sender.rs: expires at 31337, UUID as text, signer by the test id, and a
# private key of zeros as trust root; then one with an unknown field and an embedded signer.
VECTOR_BY_ID = (
    bytes.fromhex(
        "100119697a000000000000222105d75b13e15c7700079dd226f51e5a790ba395e819e88a74d0cf5cedfad8b43348"
        "40d786df9a07322461616161616161612d373030302d313165622d623332612d333362386138613438376136"
    ),
    bytes.fromhex(
        "e62667bce627caed56ca2ab309b6ae7bc890a30a7482c0e1fd77ec9c3b7528abfd45c8c42b240509a71d973ef5e0"
        "f1dbd2685fe01410f0fdbaa8fb247a67e08f"
    ),
)
VECTOR_UUID_BYTES = (
    bytes.fromhex(
        "100119697a000000000000222105e083a8ce423d1c1955174107a85a6a7f3bcbf566723624077f75eafe8e0a0775"
        "2a690a25080112210507a24397ae27d06fa76d2f02cfb5546e0b23a7e0c3670c1eb1e73b135a8e1e4d12407d1275"
        "09ae1f5e9dcaa511793d3e94350dcb269e4ca54500da6e1f4dc13d95940c15badef019edfe8666315500c54e4489"
        "d4b83f6ce79c7f65c9772a1a83d88c3a10aaaaaaaa700011ebb32a33b8a8a487a6"
    ),
    bytes.fromhex(
        "755c428e9bf6ba367152f1e545834649b4e8f70df8383a352a953fdb774862af5d42fab573fc52b90ad47c331c36"
        "f93b1a4fa7a2504917d895452ffe7f44bd0e"
    ),
)
TEST_SERVER_CERTIFICATE = ServerCertificate.deserialize(
    bytes.fromhex(
        "0a2908d786df9a07122105847c0d2c375234f365e660955187a3735a0f7613d1609d3a6a4d8c53aeaa5a2212"
        "40e0b9ebacdfc3aa2827f7924b697784d1c25e44ca05dd433e1a38dc6382eb2730d419ca9a250b1be9d5a946"
        "3e61efd6781777a91b83c97b844d014206e2829785"
    )
)
# The trust roots of Signal's two services, by the id of the server certificate they signed.
TRUST_ROOTS = {
    2: "BYhU6tPjqP46KGZEzRs1OL4U39V5dlPJ/X09ha4rErkm",
    3: "BUkY0I+9+oPgDCn4+Ac6Iu813yvqkDr/ga8DzLxFxuk6",
}


def certify(**changes: object) -> SenderCertificate:
    values: dict[str, object] = {
        "sender": ACI,
        "device_id": 1,
        "identity_key": SENDER.public_key,
        "expires_ms": EXPIRES_MS,
        "signer": SERVER_CERTIFICATE,
        "signer_key": SERVER.private_key,
        "random": RANDOM,
        **changes,
    }
    return SenderCertificate.issue(**values)  # type: ignore[arg-type]


def signed(vector: tuple[bytes, bytes]) -> bytes:
    certificate, signature = vector
    return b"\x0a" + _length(certificate) + b"\x12" + _length(signature)


def _length(data: bytes) -> bytes:
    return (bytes([len(data)]) if len(data) < 128 else bytes([len(data) & 127 | 128, 1])) + data


def test_vectors_of_libsignal() -> None:
    root = PrivateKey(bytes(32)).public_key()
    uuid_bytes = SenderCertificate.deserialize(signed(VECTOR_UUID_BYTES))
    uuid_bytes.validate([root], 31337)
    by_id = SenderCertificate.deserialize(signed(VECTOR_BY_ID))
    by_id.validate([root], 31336, {0x7357C357: TEST_SERVER_CERTIFICATE})
    for certificate in (uuid_bytes, by_id):
        assert str(certificate.sender) == "aaaaaaaa-7000-11eb-b32a-33b8a8a487a6"
        assert certificate.sender_e164 is None
        assert (certificate.device_id, certificate.expires_ms) == (1, 31337)
    with pytest.raises(InvalidCertificate, match="expired"):
        uuid_bytes.validate([root], 31338)


@pytest.mark.parametrize("key_id", sorted(KNOWN_SERVER_CERTIFICATES))
def test_the_known_certificates_are_signed_by_their_services_roots(key_id: int) -> None:
    certificate = default_server_certificates()[key_id]
    assert certificate.key_id == key_id
    certificate.validate([PublicKey.deserialize(b64decode(TRUST_ROOTS[key_id]))])


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [
        (certify(expires_ms=EXPIRES_MS - 1), "expired"),
        (certify(signer_key=STRANGER.private_key), "by its server"),
        (certify(signer=99), "unknown"),
        (
            certify(signer=ServerCertificate.issue(5, SERVER.public_key, STRANGER.private_key)),
            "trust root",
        ),
        (
            certify(
                signer=ServerCertificate.issue(
                    min(REVOKED_SERVER_CERTIFICATE_IDS), SERVER.public_key, ROOT.private_key
                )
            ),
            "revoked",
        ),
    ],
)
def test_what_is_refused(certificate: SenderCertificate, reason: str) -> None:
    again = SenderCertificate.deserialize(certificate.serialized)
    with pytest.raises(InvalidCertificate, match=reason):
        again.validate([ROOT.public_key], EXPIRES_MS)
    validator = CertificateValidator([ROOT.public_key])
    for _ in range(2):
        with pytest.raises(InvalidCertificate, match=reason):
            validator.validate(again, EXPIRES_MS)


def test_the_validator_remembers_signatures_but_not_expiry() -> None:
    validator = CertificateValidator([STRANGER.public_key, ROOT.public_key])
    good = certify()
    validator.validate(good, EXPIRES_MS)
    validator.validate(good, EXPIRES_MS)
    with pytest.raises(InvalidCertificate, match="expired"):
        validator.validate(good, EXPIRES_MS + 1)
    # The same text with another signature is another certificate.
    other = SenderCertificate.deserialize(
        signed((good.certificate, good.signature[:-1] + bytes([good.signature[-1] ^ 1])))
    )
    with pytest.raises(InvalidCertificate):
        validator.validate(other, EXPIRES_MS)


def test_a_number_is_never_shown() -> None:
    assert "15550100" not in repr(certify(sender_e164="+15550100"))


@given(hostile(certify().serialized, certify(signer=3, uuid_as_text=True).serialized))
def test_hostile_bytes(data: bytes) -> None:
    try:
        certificate = SenderCertificate.deserialize(data)
        certificate.validate([ROOT.public_key], EXPIRES_MS)
    except InvalidCertificate:
        return
    assert certificate.sender == ACI
    assert certificate.identity_key == SENDER.public_key


@given(hostile(SERVER_CERTIFICATE.serialized))
def test_hostile_server_certificates(data: bytes) -> None:
    try:
        certificate = ServerCertificate.deserialize(data)
        certificate.validate([ROOT.public_key])
    except InvalidCertificate:
        return
    assert certificate.key == SERVER.public_key
