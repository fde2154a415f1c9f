"""A message on its way in, and what it takes effect on."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.client.content.data_messages import said_in
from sigcli.client.people.known_people import KnownPeople
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.addresses import ServiceIdKind
from sigcli.wire.content import Content

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.crypto.curve import PublicKey
    from sigcli.protocol.certificates import SenderCertificate
    from sigcli.protocol.ciphertext import CiphertextMessageType
    from sigcli.store.database import Transaction
    from sigcli.store.inbox_values import EnvelopeMetadata
    from sigcli.store.protocol_store import AccountProtocolStore
    from sigcli.wire.addresses import ProtocolAddress, ServiceId
    from sigcli.wire.key_types import GroupIdentifier


_NO_CONTENT = Content()


@dataclass(slots=True)
class IncomingMessage:
    """One envelope from its arrival until it has taken effect, and what has become known of it so far."""

    metadata: EnvelopeMetadata
    """The sender of a sealed message is filled in when it is unsealed."""
    body: bytes = field(default=b"", repr=False)
    """The ciphertext; of a sealed message what it seals, once it is unsealed."""
    type: CiphertextMessageType | None = None
    """What ``body`` is encrypted with; None while it is still sealed, and for what was decrypted earlier."""
    only_key: PublicKey | None = None
    """The one identity key of the sender under which it is to be decrypted, where it was held."""
    report_spam_token: bytes | None = None
    updated_pni: ServiceId | None = None
    known_sender: ProtocolAddress | None = None
    """The sender, once that is established."""
    certificate: SenderCertificate | None = None
    group_id: GroupIdentifier | None = None
    """The group that the sealed part names."""
    content: Content = field(default=_NO_CONTENT, repr=False)
    """Empty until it is decrypted."""

    @property
    def destination(self) -> ServiceIdKind:
        """Which of the account's identities it is for."""
        return self.metadata.destination or ServiceIdKind.ACI

    @property
    def sender(self) -> ProtocolAddress:
        """The sender of a message whose sender is established."""
        assert self.known_sender is not None
        return self.known_sender

    @property
    def is_still_sealed(self) -> bool:
        """Whether it cannot be told yet who has sent it."""
        return self.type is None and self.metadata.sealed


@dataclass(frozen=True, slots=True)
class Applying:
    """What messages take effect on, within one transaction."""

    account: Account
    transaction: Transaction
    people: KnownPeople
    now_ms: int
    looked_at: set[int]
    """Rows of people whose profiles are to be fetched already."""

    def store(self, message: IncomingMessage) -> AccountProtocolStore:
        """The protocol's store for the identity that a message is for; raises AccountIncomplete."""
        return self.account.protocol_store(self.transaction, message.destination)


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
