"""The list of contacts, told by the primary device and taken by a linked one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from sigcli.client.people.contact_sync import take_contacts
from sigcli.client.people.recipients import resolve
from sigcli.client.sending.contact_list import listed_contacts
from sigcli.errors import UnknownRecipient
from sigcli.store.recipient_merging import resolve_recipient
from sigcli.store.recipient_values import RequestState
from sigcli.store.recipients import update_recipient
from sigcli.wire.addresses import ServiceId
from sigcli.wire.contacts import ContactDetails, encode_contacts
from sigcli.wire.content import AttachmentPointer, Content
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_state import SyncContacts
from tests.unit.client.receiving.test_inbox_printing import Blob
from tests.unit.client.world import OWN_ACI, PEER_ACI, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OTHER = ServiceId.aci(UUID(int=77))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World.create(tmp_path)
    with world.account:
        yield world


def change(world: World, service_id: ServiceId, **columns: object) -> None:
    with world.database.transaction() as database:
        row_id = resolve_recipient(database, aci=service_id).id
        update_recipient(database, row_id, **columns)  # type: ignore[arg-type]


def take(world: World, *contacts: ContactDetails) -> None:
    contact_sync = SyncContacts(blob=AttachmentPointer(cdn_key="x"), complete=True)
    content = Content(sync_message=SyncMessage(contacts=contact_sync))
    take_contacts(world.account, Blob(world, encode_contacts(contacts)), content)


def test_only_names_that_the_user_gave_are_told(world: World) -> None:
    change(world, PEER_ACI, is_contact=True, given_name="Bob", family_name="Lee")
    change(world, PEER_ACI, nickname_given="Bobby")
    # What somebody calls themselves must not become a contact's name elsewhere.
    change(world, OTHER, profile_sharing=True, profile_given_name="ops")
    change(world, OWN_ACI, profile_given_name="Alice")
    told = {one.aci: one.name for one in listed_contacts(world.account)}
    assert told == {PEER_ACI: "Bob Lee", OTHER: None, OWN_ACI: None}


def test_a_name_that_the_contact_may_have_chosen_is_shown_and_names_nobody(world: World) -> None:
    take(world, ContactDetails(aci=PEER_ACI, name="Boss"))
    person = world.person()
    assert person.name == "Boss"
    assert person.contact.name == ""
    assert person.contact.is_contact
    with pytest.raises(UnknownRecipient):
        resolve(world.account, "Boss")
    # Nor does this device tell it on as the user's own.
    assert {one.name for one in listed_contacts(world.account)} == {None}


def test_a_name_that_is_known_stays(world: World) -> None:
    change(world, PEER_ACI, given_name="Bob", family_name="Lee")
    change(world, OTHER, profile_given_name="Eve")
    take(world, ContactDetails(aci=PEER_ACI, name="Robert"), ContactDetails(aci=OTHER, name="Boss"))
    contact = world.person().contact
    assert (contact.given_name, contact.family_name) == ("Bob", "Lee")
    assert world.person(OTHER).name == "Eve"


def test_who_is_blocked_stays_without_the_profile_key(world: World) -> None:
    change(world, PEER_ACI, blocked=True)
    take(world, ContactDetails(aci=PEER_ACI, name="Bob"), ContactDetails(aci=OTHER))
    blocked = world.person().contact
    assert (blocked.profile_sharing, blocked.request_state) == (False, RequestState.NONE)
    other = world.person(OTHER).contact
    assert (other.profile_sharing, other.request_state) == (True, RequestState.ACCEPTED)
