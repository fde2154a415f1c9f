"""A message that was decrypted, and what it takes effect on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.content.data_messages import said_in
from sigcli.client.people.known_people import KnownPeople
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.ciphertext import CiphertextMessageType
from sigcli.wire.addresses import ProtocolAddress
from sigcli.wire.content import Content

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.store.database import Transaction
    from sigcli.store.inbox_values import EnvelopeFacts
    from sigcli.store.protocol_store import AccountProtocolStore
    from sigcli.wire.addresses import ServiceId


@dataclass(frozen=True, slots=True)
class Opened:
    """A message that was decrypted; ``number`` is what its sender certificate says, if anything."""

    sender: ProtocolAddress
    facts: EnvelopeFacts
    content: Content
    type: CiphertextMessageType | None
    store: AccountProtocolStore
    number: str | None = None
    updated_pni: ServiceId | None = None


@dataclass(frozen=True, slots=True)
class Applying:
    """What messages take effect on, within one transaction."""

    account: Account
    transaction: Transaction
    people: KnownPeople
    now_ms: int


def is_for_group(content: Content) -> bool:
    """Whether a message, an edit, a story or a typing indicator is for a group."""
    data, story, typing = said_in(content), content.story_message, content.typing_message
    return (
        (data is not None and data.group is not None)
        or (story is not None and story.group is not None)
        or (typing is not None and typing.group_id is not None)
    )


def concerns_story(content: Content) -> bool:
    """Whether a content may come as a story does, which the service takes from anybody, without access to this account.

    Source: Android's ``EnvelopeContentValidator``.
    """
    data = content.data_message
    return (
        content.story_message is not None
        or content.sender_key_distribution_message is not None
        or (data is not None and data.delete is not None)
        or (data is not None and data.story_context is not None and data.group is not None)
    )
