"""What the other devices of the account tell of people: whom they have written to, accepted, blocked or verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.applying.sender_changes import apply_timer
from sigcli.client.base.task_items import (
    BLOCKED_LIST_TARGET,
    CONTACTS_TARGET,
    NEW_PROFILE_KEY_TARGET,
)
from sigcli.client.content.data_messages import sent_in
from sigcli.client.people import blocked_groups
from sigcli.client.people.claimed_addresses import take_claimed_ids
from sigcli.client.people.pending_blocks import apply_pending_blocks
from sigcli.errors import InvalidKey
from sigcli.store import account_data
from sigcli.store.groups import accept_group
from sigcli.store.identity_keys import (
    TrustLevel,
    find_identity,
    save_peer_identity,
    set_trust_level,
)
from sigcli.store.recipient_merging import resolve_recipient
from sigcli.store.recipient_values import RequestState
from sigcli.store.recipients import find_by_service_id, list_recipients, update_recipient
from sigcli.store.recipients import replace_blocked as replace_blocked_people
from sigcli.store.sender_keys import forget_shared_with
from sigcli.store.sessions import archive_sessions
from sigcli.store.settings import write_setting
from sigcli.store.state_versions import State, advance, is_older
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.content import Content, encode_content
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_state import MessageRequestResponseType, SyncContacts, VerifiedState

if TYPE_CHECKING:
    from sigcli.client.applying.incoming import Applying
    from sigcli.store.recipient_values import Recipient
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content.sync_sent import SyncSent
    from sigcli.wire.content.sync_state import SyncBlocked, SyncMessageRequestResponse, SyncVerified

_BLOCKING = (
    MessageRequestResponseType.BLOCK,
    MessageRequestResponseType.BLOCK_AND_DELETE,
    MessageRequestResponseType.BLOCK_AND_SPAM,
)


def take_transcript(at: Applying, sent: SyncSent) -> None:
    """A message that another linked device has sent: writing to somebody accepts them."""
    _learn_pni_identities(at, sent)
    destination = sent.destination
    if destination is None and sent.destination_number is None:
        return
    if destination is not None and at.account.is_own(destination):
        return
    data = sent_in(sent)
    if data is None:
        return
    person = _person(at, destination, sent.destination_number)
    if person is None:
        return
    at.people.accept(person)
    apply_timer(at, person, data)
    if data.is_end_session and destination is not None:
        archive_sessions(at.transaction, destination)


def _learn_pni_identities(at: Applying, sent: SyncSent) -> None:
    """Keys of phone number identities that were written to: a signature by one is to be verified one day."""
    from sigcli.crypto.curve import PublicKey

    for status in sent.unidentified_statuses:
        pni, serialised = status.destination, status.destination_pni_identity_key
        if pni is None or not pni.is_pni or serialised is None:
            continue
        try:
            identity_key = PublicKey.deserialize(serialised)
        except InvalidKey:
            continue
        if find_identity(at.transaction, pni) is None:
            save_peer_identity(
                at.transaction, pni, identity_key, at.account.trust_policy, at.now_ms
            )


def take_contacts(at: Applying, contacts: SyncContacts) -> None:
    """Have the list of contacts downloaded."""
    if contacts.blob is None:
        return
    pointer = Content(sync_message=SyncMessage(contacts=contacts))
    add_task(
        at.transaction,
        TaskKind.ATTACHMENT_DOWNLOAD,
        CONTACTS_TARGET,
        encode_content(pointer),
        now_ms=at.now_ms,
    )


def take_blocked(at: Applying, blocked: SyncBlocked, sent_ms: int) -> None:
    """The whole list of another device; one that is older than what was decided since only adds to it."""
    ids = {at.people.get(aci).id for aci in blocked.acis if not at.account.is_own(aci)}
    ids |= {
        resolve_recipient(at.transaction, number=number).id
        for number in blocked.numbers
        if number and number != at.account.number
    }
    group_ids = set(blocked.group_ids)
    if not advance(at.transaction, State.BLOCKED, sent_ms):
        ids |= {person.id for person in list_recipients(at.transaction, blocked=True)}
        group_ids |= blocked_groups.blocked_groups(at.transaction)
    replace_blocked_people(at.transaction, ids)
    blocked_groups.replace_blocked_groups(at.transaction, group_ids)
    write_setting(at.transaction, account_data.BLOCKED_LIST_KNOWN, True)
    if apply_pending_blocks(at.transaction):
        add_task(at.transaction, TaskKind.SYNC_ANSWER, BLOCKED_LIST_TARGET, now_ms=at.now_ms)
    at.people.forget()


def take_verified(at: Applying, verified: SyncVerified, sent_ms: int) -> bool:
    """Another device has compared a safety number, or takes that back; true if the peer has become trusted.

        VERIFIED     the key is taken over, verified; what was kept back under it is released
        DEFAULT      no longer verified, if this key was; a key that is not trusted here stays so
        UNVERIFIED   this key is not trusted

    What was decided after the message was written stays.
    """
    from sigcli.crypto.curve import PublicKey

    peer, state = verified.destination, verified.state
    if peer is None or verified.identity_key is None or at.account.is_own(peer):
        return False
    if state not in (VerifiedState.VERIFIED, VerifiedState.DEFAULT, VerifiedState.UNVERIFIED):
        return False
    try:
        identity_key = PublicKey.deserialize(verified.identity_key)
    except InvalidKey:
        return False
    database = at.transaction
    known = find_identity(database, peer)
    if known is not None and sent_ms < known.decided_ms:
        return False
    if known is not None and known.identity_key != identity_key:
        if state != VerifiedState.VERIFIED:
            return False  # about a key that is no longer theirs
        archive_sessions(database, peer)
        forget_shared_with(database, peer)
        known = None
    if known is None:
        save_peer_identity(database, peer, identity_key, at.account.trust_policy, at.now_ms)
    if state == VerifiedState.VERIFIED:
        set_trust_level(database, peer, identity_key, TrustLevel.TRUSTED_VERIFIED, sent_ms)
        return True
    if state == VerifiedState.UNVERIFIED:
        set_trust_level(database, peer, identity_key, TrustLevel.UNTRUSTED, sent_ms)
    elif known is not None and known.trust_level is TrustLevel.TRUSTED_VERIFIED:
        set_trust_level(database, peer, identity_key, TrustLevel.TRUSTED_UNVERIFIED, sent_ms)
    return False


def take_response(at: Applying, response: SyncMessageRequestResponse, sent_ms: int) -> None:
    """A message request was answered on another device; a block that was decided since is not lifted by it."""
    blocks = response.type in _BLOCKING
    accepts = response.type == MessageRequestResponseType.ACCEPT
    if blocks:
        advance(at.transaction, State.BLOCKED, sent_ms)
    lifts_blocks = accepts and not is_older(at.transaction, State.BLOCKED, sent_ms)
    group_id = response.group_id
    if group_id is not None and not (blocks or lifts_blocks):
        accepts = accepts and group_id not in blocked_groups.blocked_groups(at.transaction)
    if group_id is not None and (blocks or accepts):
        blocked_groups.set_group_blocked(at.transaction, group_id, blocks)
        if accepts:
            accept_group(at.transaction, group_id)
    peer = response.thread
    if peer is None or at.account.is_own(peer):
        return
    person = at.people.get(peer)
    if accepts and person.contact.blocked and not lifts_blocks:
        return
    if accepts:
        update_recipient(at.transaction, person.id, blocked=False)
        at.people.forget()
        at.people.accept(at.people.get(peer))
    elif blocks:
        update_recipient(at.transaction, person.id, blocked=True, profile_sharing=False)
        _replace_profile_key(at, person)
    elif response.type == MessageRequestResponseType.DELETE:
        update_recipient(
            at.transaction,
            person.id,
            profile_sharing=False,
            request_state=RequestState.NONE,
        )
    at.people.forget()


def _replace_profile_key(at: Applying, person: Recipient) -> None:
    """As the primary device: somebody who has just been blocked must not keep the profile key."""
    if not at.account.keys.is_primary or not person.contact.profile_sharing:
        return
    from sigcli.client.people.profile_key_loss import is_key_lost_to

    if is_key_lost_to(at.transaction, at.account.aci, person.aci):
        add_task(
            at.transaction,
            TaskKind.ATTRIBUTES_UPDATE,
            NEW_PROFILE_KEY_TARGET,
            now_ms=at.now_ms,
        )


def _person(at: Applying, service_id: ServiceId | None, number: str | None) -> Recipient | None:
    """The person of a transcript, by both ids if both are given."""
    if service_id is None:
        row_id = resolve_recipient(at.transaction, number=number).id
    else:
        person = at.people.get(service_id)
        if number is None or person.number == number:
            return person
        if service_id.is_aci:
            row_id = take_claimed_ids(at.account, at.transaction, aci=service_id, number=number)
        else:
            row_id = take_claimed_ids(at.account, at.transaction, pni=service_id, number=number)
    at.people.forget()
    if service_id is not None:
        return find_by_service_id(at.transaction, service_id)
    from sigcli.store.recipients import load_recipient

    return load_recipient(at.transaction, row_id)
