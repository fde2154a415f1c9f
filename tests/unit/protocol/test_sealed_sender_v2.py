"""Sealed sender, version 2: sent and received forms."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given

from sigcli.crypto.curve import KeyPair, PublicKey
from sigcli.errors import (
    InvalidKey,
    InvalidMessage,
    InvalidSession,
    MalformedMessage,
    ProtocolError,
    UnsealableRecipients,
)
from sigcli.protocol.sealed_sender import unseal
from sigcli.protocol.sealed_sender_v2 import (
    SealedRecipient,
    SentMessage,
    received_form,
    seal_multi_recipient,
)
from sigcli.wire.addresses import ServiceId
from tests.unit.protocol.hostile_bytes import hostile
from tests.unit.protocol.test_certificates import SENDER
from tests.unit.protocol.test_sealed_sender import CONTENT

RANDOM = Random("sealed sender v2").randbytes
KEYS = [KeyPair.generate(RANDOM) for _ in range(3)]
RECIPIENTS = [
    SealedRecipient(ServiceId.aci(bytes([1]) * 16), KEYS[0].public_key, ((1, 1),)),
    SealedRecipient(ServiceId.pni(bytes([1]) * 16), KEYS[1].public_key, ((127, 0x3FFF), (2, 0))),
    SealedRecipient(ServiceId.aci(bytes([3]) * 16), KEYS[2].public_key, ((3, 3), (1, 1), (2, 2))),
]
EXCLUDED = (ServiceId.aci(bytes([4]) * 16),)
SENT = seal_multi_recipient(CONTENT, SENDER, RECIPIENTS, EXCLUDED, RANDOM)
RECEIVED = received_form(SENT, RECIPIENTS[0].service_id)


def test_everybody_gets_the_message() -> None:
    parsed = SentMessage.parse(SENT)
    assert list(parsed.recipients) == [r.service_id for r in RECIPIENTS] + list(EXCLUDED)
    for recipient, keys in zip(RECIPIENTS, KEYS, strict=True):
        assert parsed.recipients[recipient.service_id].devices == recipient.devices
        assert unseal(parsed.received_form(recipient.service_id), keys) == CONTENT
    with pytest.raises(InvalidMessage):
        unseal(parsed.received_form(RECIPIENTS[0].service_id), KEYS[1])


def test_those_who_get_nothing() -> None:
    parsed = SentMessage.parse(SENT)
    assert parsed.recipients[EXCLUDED[0]].devices == ()
    for nobody in (EXCLUDED[0], ServiceId.aci(bytes(16))):
        with pytest.raises(MalformedMessage):
            parsed.received_form(nobody)


def test_the_layout() -> None:
    sent = seal_multi_recipient(CONTENT, SENDER, RECIPIENTS[1:2], EXCLUDED)
    assert sent[:2] == b"\x23\x02"
    assert sent[2:19] == b"\x01" + b"\x01" * 16
    assert sent[19:25] == bytes.fromhex("7fbfff 020000")
    assert sent[73:91] == b"\x00" + b"\x04" * 16 + b"\x00"
    # Over 127 recipients the count takes two bytes.
    many = [ServiceId.aci(n.to_bytes(16, "big")) for n in range(200)]
    assert seal_multi_recipient(CONTENT, SENDER, [], many)[1:3] == b"\xc8\x01"


def test_one_account_may_stand_there_twice() -> None:
    recipient = RECIPIENTS[2]
    halves = [
        SealedRecipient(recipient.service_id, recipient.identity_key, recipient.devices[:1]),
        SealedRecipient(recipient.service_id, recipient.identity_key, recipient.devices[1:]),
    ]
    parsed = SentMessage.parse(seal_multi_recipient(CONTENT, SENDER, halves))
    assert parsed.recipients[recipient.service_id].devices == recipient.devices
    assert unseal(parsed.received_form(recipient.service_id), KEYS[2]) == CONTENT
    both = seal_multi_recipient(CONTENT, SENDER, halves[:1], [recipient.service_id])
    with pytest.raises(MalformedMessage):
        SentMessage.parse(both)


def test_the_older_sent_form_has_bare_uuids() -> None:
    sent = seal_multi_recipient(CONTENT, SENDER, RECIPIENTS[:1])
    older = b"\x22\x01" + sent[3:]
    assert (
        received_form(older, RECIPIENTS[0].service_id)[1:]
        == received_form(sent, RECIPIENTS[0].service_id)[1:]
    )


@pytest.mark.parametrize("devices", [(), ((0, 1),), ((128, 1),), ((1, 0x4000),), ((1, -1),)])
def test_sessions_that_cannot_be_written(devices: tuple[tuple[int, int], ...]) -> None:
    recipient = SealedRecipient(RECIPIENTS[0].service_id, KEYS[0].public_key, devices)
    with pytest.raises(UnsealableRecipients) as caught:
        seal_multi_recipient(CONTENT, SENDER, [RECIPIENTS[1], recipient])
    assert list(caught.value.problems) == [str(recipient.service_id)]
    assert isinstance(caught.value.problems[str(recipient.service_id)], InvalidSession)


def test_every_recipient_in_the_way_is_named() -> None:
    small_order = SealedRecipient(RECIPIENTS[0].service_id, PublicKey(bytes(32)), ((1, 1),))
    nameless = replace(RECIPIENTS[1], devices=())
    with pytest.raises(UnsealableRecipients) as caught:
        seal_multi_recipient(CONTENT, SENDER, [small_order, nameless])
    assert [type(one) for one in caught.value.problems.values()] == [InvalidKey, InvalidSession]


@pytest.mark.parametrize("index", [1, 33, 49, 81, -1])
def test_every_part_is_authenticated(index: int) -> None:
    broken = bytearray(RECEIVED)
    broken[index] ^= 1
    with pytest.raises(ProtocolError):
        unseal(bytes(broken), KEYS[0])


@given(hostile(SENT, b"\x23\xff\xff\xff\xff\x0f", b"\x23" + b"\x80" * 11))
def test_hostile_sent_forms(data: bytes) -> None:
    try:
        parsed = SentMessage.parse(data)
    except ProtocolError:
        return
    for service_id, recipient in parsed.recipients.items():
        if recipient.devices:
            assert parsed.received_form(service_id).endswith(parsed.shared)


@given(hostile(RECEIVED))
def test_hostile_received_forms(data: bytes) -> None:
    try:
        opened = unseal(data, KEYS[0])
    except ProtocolError:
        return
    assert opened == CONTENT
