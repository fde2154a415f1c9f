"""The provisioning cipher and its messages."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given

from sigcli.crypto.curve import KeyPair
from sigcli.errors import (
    InvalidMessage,
    MalformedMessage,
    ProtocolError,
    UnrecognisedMessageVersion,
)
from sigcli.protocol.provisioning import decrypt_provision_message, encrypt_provision_message
from sigcli.wire import provisioning as wire
from sigcli.wire.addresses import ServiceId
from sigcli.wire.provisioning import ProvisionEnvelope, ProvisionMessage
from tests.unit.protocol.hostile_bytes import hostile

RANDOM = Random("provisioning").randbytes
NEW_DEVICE = KeyPair.generate(RANDOM)
ACI = ServiceId.aci("9d0652a3-dcc3-4d11-975f-74d61598733f")
PNI = ServiceId.pni("796abedb-ca4e-4f18-8803-1fde5b921f9f")
MESSAGE = ProvisionMessage(
    aci_identity_public=b"\x05" + b"a" * 32,
    aci_identity_private=b"secret of the aci",
    aci=ACI,
    pni=PNI,
    number="+15550100",
    account_entropy_pool="pool of entropy",
    profile_key=b"secret profile key",
    read_receipts=False,
    provisioning_version=0,
)
ENVELOPE = encrypt_provision_message(MESSAGE, NEW_DEVICE.public_key, RANDOM)


def test_a_message_comes_through() -> None:
    assert decrypt_provision_message(ENVELOPE, NEW_DEVICE.private_key) == MESSAGE
    assert wire.decode_envelope(wire.encode_envelope(ENVELOPE)) == ENVELOPE
    assert wire.decode_address(wire.encode_address("abc=")) == "abc="


def test_nothing_secret_is_shown() -> None:
    for secret in ("secret", "15550100", "entropy"):
        assert secret not in repr(MESSAGE)


@pytest.mark.parametrize("index", [1, 17, -33, -1])
def test_every_part_is_authenticated(index: int) -> None:
    body = bytearray(ENVELOPE.body)
    body[index] ^= 1
    with pytest.raises(InvalidMessage):
        decrypt_provision_message(replace(ENVELOPE, body=bytes(body)), NEW_DEVICE.private_key)


def test_other_versions_and_short_messages() -> None:
    with pytest.raises(UnrecognisedMessageVersion):
        decrypt_provision_message(
            replace(ENVELOPE, body=b"\x02" + ENVELOPE.body[1:]), NEW_DEVICE.private_key
        )
    for length in (0, 1, 32, 48):
        with pytest.raises(MalformedMessage):
            decrypt_provision_message(
                replace(ENVELOPE, body=ENVELOPE.body[:length]), NEW_DEVICE.private_key
            )


def test_ids_may_come_in_any_form() -> None:
    text = b"\x42\x24" + str(ACI).encode() + b"\x52\x24" + str(PNI.uuid).encode()
    assert wire.decode_message(text) == ProvisionMessage(aci=ACI, pni=PNI)
    binary = b"\x8a\x01\x10" + ACI.uuid_bytes + b"\x92\x01\x11\x01" + PNI.uuid_bytes
    assert wire.decode_message(binary) == ProvisionMessage(aci=ACI, pni=PNI)
    assert wire.decode_message(b"") == ProvisionMessage()
    with pytest.raises(MalformedMessage):
        wire.decode_message(b"\x42\x03abc")
    with pytest.raises(MalformedMessage):
        wire.decode_message(b"\x1a\x02\xff\xfe")


@given(hostile(wire.encode_message(MESSAGE)))
def test_hostile_messages(data: bytes) -> None:
    try:
        message = wire.decode_message(data)
    except ProtocolError:
        return
    assert wire.decode_message(wire.encode_message(message)) == message


@given(hostile(wire.encode_envelope(ENVELOPE)))
def test_hostile_envelopes(data: bytes) -> None:
    try:
        envelope = wire.decode_envelope(data)
        message = decrypt_provision_message(envelope, NEW_DEVICE.private_key)
    except ProtocolError:
        return
    assert isinstance(envelope, ProvisionEnvelope)
    assert message == MESSAGE


@given(hostile(wire.encode_address("address")))
def test_hostile_addresses(data: bytes) -> None:
    try:
        assert wire.decode_address(data)
    except ProtocolError:
        return
