"""The stream of contacts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.errors import MalformedMessage, SigcliError
from sigcli.wire.addresses import ServiceId
from sigcli.wire.contacts import ContactAvatar, ContactDetails, decode_contacts, encode_contacts
from tests.support.wire_fields import encode_fields

ACI = ServiceId.aci("8c78cd2a-16ff-427d-83dc-1a5e36ce713d")
CONTACTS = (
    ContactDetails(
        aci=ACI,
        number="+15550100",
        name="Ada",
        avatar=ContactAvatar(content_type="image/png", length=300, data=b"\x89" * 300),
        expire_timer_s=0,
        expire_timer_version=3,
        inbox_position=0,
    ),
    ContactDetails(number="+15550101", name="x" * 200),
    ContactDetails(),
    ContactDetails(aci=ACI, avatar=ContactAvatar(content_type="image/jpeg")),
)


def test_contacts_come_back() -> None:
    assert tuple(decode_contacts(encode_contacts(CONTACTS))) == CONTACTS


def test_the_form_on_the_wire() -> None:
    details = encode_fields(
        (1, "+15550100"), (2, "Ada"), (3, encode_fields((1, "image/png"), (2, 3))), (9, str(ACI))
    )
    stream = bytes([len(details)]) + details + b"pic" + b"\x00"
    avatar = ContactAvatar(content_type="image/png", length=3, data=b"pic")
    assert list(decode_contacts(stream)) == [
        ContactDetails(aci=ACI, number="+15550100", name="Ada", avatar=avatar),
        ContactDetails(),
    ]


def test_what_stands_before_a_broken_contact_is_read() -> None:
    stream = encode_contacts(CONTACTS[:2])
    contacts = decode_contacts(stream[:-1])
    assert next(contacts) == CONTACTS[0]
    with pytest.raises(MalformedMessage):
        next(contacts)


def test_every_truncation_inside_a_contact_is_noticed() -> None:
    stream = encode_contacts(CONTACTS[:1])
    for end in range(1, len(stream)):
        with pytest.raises(MalformedMessage):
            list(decode_contacts(stream[:end]))


@given(st.binary(max_size=120))
def test_hostile_bytes(data: bytes) -> None:
    try:
        contacts = tuple(decode_contacts(data))
    except SigcliError:
        return
    assert tuple(decode_contacts(encode_contacts(contacts))) == contacts
