from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from sigcli.client.applying.attachments_in import AttachmentFetcher
from sigcli.client.people.contact_sync import take_contacts
from sigcli.client.receiving.inbox_printing import InboxPrinter
from sigcli.client.receiving.receiving import ReceiveOptions, replay_messages
from sigcli.errors import ReaderGone, UsageError
from sigcli.store.account_data import CONTACTS_SYNCED
from sigcli.store.recipient_values import RequestState
from sigcli.store.settings import read_setting
from sigcli.wire.contacts import ContactAvatar, ContactDetails, encode_contacts
from sigcli.wire.content import AttachmentPointer, Content
from sigcli.wire.content.stories import StoryMessage, TextAttachment
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_state import SyncContacts
from tests.unit.client.world import OWN_ACI, PEER_ACI, Peer, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sigcli.client.base.events import ReceivedEvent


@dataclass
class Stop:
    """Never asked for, unless a test says so."""

    now: bool = False

    def requested(self) -> bool:
        return self.now

    def fileno(self) -> int:
        return 0


@dataclass
class Reader:
    """Takes so many lines, then goes away."""

    takes: int = 1000
    goes: bool = False
    texts: list[str | None] = field(default_factory=list)

    def __call__(self, event: ReceivedEvent) -> bool:
        if len(self.texts) == self.takes:
            if self.goes:
                raise ReaderGone
            return False
        data = event.content.data_message if event.content else None
        self.texts.append(data.body if data else None)
        return True


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World.create(tmp_path)
    with world.account:
        yield world


@pytest.fixture
def bob(world: World) -> Peer:
    return world.peer()


def printer(
    world: World, reader: Reader, options: ReceiveOptions | None = None, stop: Stop | None = None
) -> InboxPrinter:
    stop = stop or Stop()
    fetcher = AttachmentFetcher(world.account, stop)
    return InboxPrinter(world.account, options or ReceiveOptions(), reader, fetcher, stop)


def test_what_was_taken_is_not_printed_again(world: World, bob: Peer) -> None:
    world.take(*(bob.sealed(str(n)) for n in range(50)))
    seen: list[str | None] = []
    for goes in (True, False):
        reader = Reader(takes=20, goes=goes)
        if goes:
            with pytest.raises(ReaderGone):
                printer(world, reader).print_pending()
        else:
            assert not printer(world, reader).print_pending()
        seen += reader.texts
    last = Reader()
    assert printer(world, last).print_pending()
    assert seen + last.texts == [str(n) for n in range(50)]
    assert world.rows() == []


def test_a_limit_and_a_request_to_stop_end_printing(world: World, bob: Peer) -> None:
    world.take(*(bob.sealed(str(n)) for n in range(5)))
    reader = Reader()
    limited = printer(world, reader, ReceiveOptions(max_messages=2))
    assert not limited.print_pending()
    assert limited.remaining == 0
    assert not printer(world, reader, stop=Stop(now=True)).print_pending()
    assert reader.texts == ["0", "1"]
    assert len(world.rows()) == 3


def test_rows_that_come_meanwhile_are_printed(world: World, bob: Peer) -> None:
    reader = Reader()
    printing = printer(world, reader)
    world.take(bob.sealed("one"))
    assert printing.print_pending()
    world.take(bob.sealed("two"))
    assert printing.print_pending()
    assert reader.texts == ["one", "two"]


def test_ignored_stories_are_gone(world: World, bob: Peer) -> None:
    world.take(
        bob.sealed(Content(story_message=StoryMessage(text_attachment=TextAttachment(text="so")))),
        bob.sealed("text"),
    )
    reader = Reader()
    assert printer(world, reader, ReceiveOptions(ignore_stories=True)).print_pending()
    assert reader.texts == ["text"]
    assert world.rows() == []


@pytest.mark.parametrize("text", ["", "yesterday", "-5", "5y", "m"])
def test_replay_wants_a_time(world: World, text: str) -> None:
    with pytest.raises(UsageError):
        replay_messages(world.account, text, Reader(), Stop())


class Blob(AttachmentFetcher):
    """Hands out one text as the plaintext of everything."""

    def __init__(self, world: World, data: bytes) -> None:
        super().__init__(world.account, Stop())
        self.data = data

    def pieces(self, pointer: AttachmentPointer, max_bytes: int) -> Iterator[bytes]:
        del pointer, max_bytes
        yield self.data


def test_contacts_are_stored_and_accepted(world: World) -> None:
    contacts = [
        ContactDetails(aci=OWN_ACI, name="Me"),
        ContactDetails(
            aci=PEER_ACI,
            number="+15550177",
            name="Bob",
            avatar=ContactAvatar(content_type="image/png", data=b"picture"),
            expire_timer_s=60,
            expire_timer_version=2,
        ),
        ContactDetails(name="nobody"),
    ]
    blob = AttachmentPointer(cdn_key="x")
    content = Content(sync_message=SyncMessage(contacts=SyncContacts(blob=blob, complete=True)))
    fetcher = Blob(world, encode_contacts(contacts))
    take_contacts(world.account, fetcher, content, ignore_avatars=True)
    assert world.person().name == "Bob"
    assert world.account.files.contact_avatar(PEER_ACI) is None
    take_contacts(world.account, fetcher, content)
    bob = world.person()
    assert (bob.name, bob.number) == ("Bob", "+15550177")
    assert (bob.contact.profile_sharing, bob.contact.request_state) == (
        True,
        RequestState.ACCEPTED,
    )
    assert bob.contact.expire_timer_s == 60
    assert not world.person(OWN_ACI).contact.profile_sharing
    path = world.account.files.contact_avatar(PEER_ACI)
    assert path is not None
    with open(path, "rb") as file:
        assert file.read() == b"picture"
    assert read_setting(world.database, CONTACTS_SYNCED) is True
