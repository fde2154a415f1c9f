"""What a message says of its sender: sender key, profile key, the PNI that is theirs, the timer of the conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.base.task_items import account_target
from sigcli.client.people.claimed_addresses import take_claimed_ids
from sigcli.errors import ProtocolError
from sigcli.protocol.ciphertext import CiphertextMessageType
from sigcli.store.identity_keys import find_identity
from sigcli.store.recipients import PROFILE_REFRESH_MS, set_expire_timer, set_profile_key
from sigcli.store.sender_keys import prune_sender_keys
from sigcli.store.tasks import TaskKind, add_task

if TYPE_CHECKING:
    from sigcli.client.applying.incoming import Applying, IncomingMessage
    from sigcli.store.recipient_values import Recipient
    from sigcli.wire.content import DataMessage
    from sigcli.wire.key_types import ProfileKeyBytes

PROFILE_KEY_LENGTH = 32
MAX_SENDER_KEYS = 500
"""Groups in which one device's messages can be read, the latest."""
FIRST_TIMER_VERSION = 1
"""Of a timer that a client sent which knows no versions."""


def take_sender_key(at: Applying, message: IncomingMessage) -> None:
    """Keep the key with which a device writes to a group."""
    from sigcli.protocol.sender_keys import process_distribution

    data = message.content.sender_key_distribution_message
    if data is None or message.type is CiphertextMessageType.PLAINTEXT:
        return
    try:
        process_distribution(message.sender, data, at.store(message))
    except ProtocolError as error:
        at.account.warn(f"a sender key could not be read: {error.message}")
        return
    prune_sender_keys(at.transaction, message.destination, message.sender, MAX_SENDER_KEYS)


def merge_identities(at: Applying, message: IncomingMessage) -> None:
    """Two rows become one if the key of a PNI says that it belongs to the sender's ACI, as far as it is trusted."""
    from sigcli.protocol.pni_signature import verify_pni_signature

    signature = message.content.pni_signature
    if signature is None or signature.pni is None:
        return
    identity_key = at.store(message).identity(message.sender)
    known = find_identity(at.transaction, signature.pni)
    if (
        identity_key is None
        or known is None
        or not verify_pni_signature(known.identity_key, identity_key, signature.signature)
    ):
        return
    take_claimed_ids(
        at.account,
        at.transaction,
        aci=message.sender.service_id,
        pni=signature.pni,
        proven=True,
    )
    at.people.forget()


def learn_profile_key(
    at: Applying,
    person: Recipient,
    profile_key: ProfileKeyBytes | None,
    written_ms: int,
) -> None:
    """Keep a new profile key; have the profile fetched if it is new or has not been looked at for long.

    ``written_ms``: when the message was written by which it comes.
    """
    known = person.profile
    if (
        profile_key is not None
        and len(profile_key) == PROFILE_KEY_LENGTH
        and profile_key != known.key
        and set_profile_key(at.transaction, person.id, profile_key, min(written_ms, at.now_ms))
    ):
        at.people.forget()
    elif (
        known.key is None
        or person.id in at.looked_at
        or 0 <= at.now_ms - known.fetched_ms < PROFILE_REFRESH_MS
    ):
        return
    at.looked_at.add(person.id)
    if person.aci is not None:
        add_task(
            at.transaction,
            TaskKind.PROFILE_FETCH,
            account_target(person.aci),
            now_ms=at.now_ms,
        )


def apply_timer(at: Applying, person: Recipient, data: DataMessage) -> None:
    """Take over the timer of a conversation with one person, unless the known one is newer."""
    if not (data.is_expiration_update or data.body or data.attachments):
        return
    version = data.expire_timer_version or FIRST_TIMER_VERSION
    contact = person.contact
    if (contact.expire_timer_s, contact.expire_timer_version) == (data.expire_timer_s, version):
        return
    if set_expire_timer(at.transaction, person.id, data.expire_timer_s, version):
        at.people.forget()
