"""What the other devices of the account tell this one, applied in the transaction of its row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.base.task_items import (
    BLOCKED_LIST_TARGET,
    CONTACTS_TARGET,
    NEW_PROFILE_KEY_TARGET,
)
from sigcli.client.content.data_messages import sent_in
from sigcli.client.people import blocked_groups
from sigcli.client.people.block_wishes import apply_block_wishes
from sigcli.client.people.claimed_addresses import take_claimed_ids
from sigcli.errors import InvalidKey, SigcliError
from sigcli.protocol.account_entropy import AccountEntropyPool
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
from sigcli.store.recipients import (
    find_by_service_id,
    is_former_profile_key,
    list_recipients,
    set_profile_key,
    update_recipient,
)
from sigcli.store.recipients import replace_blocked as replace_blocked_people
from sigcli.store.sender_keys import forget_shared_with
from sigcli.store.sessions import archive_sessions
from sigcli.store.settings import write_setting
from sigcli.store.state_versions import State, advance, is_older
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.content import Content, encode_content
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_state import (
    FetchLatestType,
    MessageRequestResponseType,
    SyncContacts,
    VerifiedState,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.applying.applying import Opened
    from sigcli.client.base.account import Account
    from sigcli.client.people.known_people import KnownPeople
    from sigcli.store.database import Transaction
    from sigcli.store.recipient_values import Recipient
    from sigcli.store.settings import Setting
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content import DataMessage
    from sigcli.wire.content.sync_sent import SyncSent
    from sigcli.wire.content.sync_state import (
        SyncBlocked,
        SyncConfiguration,
        SyncFetchLatest,
        SyncKeys,
        SyncMessageRequestResponse,
        SyncRequest,
        SyncVerified,
    )

_PRIMARY = 1
_KEY_LENGTH = 32
_BLOCKING = (
    MessageRequestResponseType.BLOCK,
    MessageRequestResponseType.BLOCK_AND_DELETE,
    MessageRequestResponseType.BLOCK_AND_SPAM,
)


class SyncApplier:
    """Applies sync messages; ``apply_timer`` takes over the timer of a conversation."""

    _transaction: Transaction
    _people: KnownPeople

    def __init__(
        self,
        account: Account,
        apply_timer: Callable[[Recipient, DataMessage], None],
    ) -> None:
        self._account = account
        self._apply_timer = apply_timer
        self._now_ms = 0
        self._newly_trusted: list[ServiceId] = []

    def take_newly_trusted(self) -> list[ServiceId]:
        """Those whose keys have become trusted since the last call."""
        trusted, self._newly_trusted = self._newly_trusted, []
        return trusted

    def apply(
        self,
        transaction: Transaction,
        people: KnownPeople,
        opened: Opened,
        message: SyncMessage,
        now_ms: int,
    ) -> None:
        """Apply one message of another linked device; ``people`` are those of the transaction."""
        self._transaction, self._people, self._now_ms = transaction, people, now_ms
        # The service could name any time: none beyond the present one stands in the way of what comes later.
        sent_ms = min(opened.facts.timestamp_ms, now_ms)
        if message.sent is not None:
            self._take_transcript(message.sent)
            self._note_sticker(message.sent)
            if opened.sender.device_id == _PRIMARY:
                self._take_own_profile_key(message.sent, sent_ms)
        if message.contacts is not None and advance(self._transaction, State.CONTACTS, sent_ms):
            self._take_contacts(message.contacts)
        if message.blocked is not None:
            self._take_blocked(message.blocked, sent_ms)
        if message.configuration is not None and advance(
            self._transaction, State.CONFIGURATION, sent_ms
        ):
            self._take_configuration(message.configuration)
        if message.keys is not None:
            self._take_keys(message.keys, sent_ms)
        if message.verified is not None:
            self._take_verified(message.verified, sent_ms)
        if message.fetch_latest is not None:
            self._fetch(message.fetch_latest)
        if message.message_request_response is not None:
            self._take_response(message.message_request_response, sent_ms)
        if message.sticker_pack_operations:
            from sigcli.client.applying.received_stickers import apply_operations

            apply_operations(self._transaction, message.sticker_pack_operations, now_ms)
        if message.view_once_open is not None:
            from sigcli.client.applying.withdrawing import take_view_once_open

            take_view_once_open(self._account, self._transaction, message.view_once_open, now_ms)
        if message.delete_for_me is not None:
            from sigcli.client.applying.withdrawing import take_deletions_for_me

            take_deletions_for_me(self._account, self._transaction, message.delete_for_me, now_ms)
        if message.request is not None:
            self._take_request(message.request)
        if message.username_change is not None:
            self._note_username_changed(now_ms)
        if (
            message.pni_change_number is not None
            and opened.sender.device_id == _PRIMARY
            and advance(self._transaction, State.NUMBER, sent_ms)
        ):
            from sigcli.client.applying.number_change import apply_number_change

            apply_number_change(
                self._account,
                self._transaction,
                message.pni_change_number,
                opened.updated_pni,
                now_ms,
            )

    # --- people ------------------------------------------------------------------------------

    def _take_transcript(self, sent: SyncSent) -> None:
        """A message that another own device has sent: writing to somebody accepts them."""
        self._learn_pni_identities(sent)
        destination = sent.destination
        if destination is None and sent.destination_number is None:
            return
        if destination is not None and self._account.is_own(destination):
            return
        data = sent_in(sent)
        if data is None:
            return
        person = self._person(destination, sent.destination_number)
        if person is None:
            return
        self._people.accept(person)
        self._apply_timer(person, data)
        if data.is_end_session and destination is not None:
            archive_sessions(self._transaction, destination)

    def _note_sticker(self, sent: SyncSent) -> None:
        if sent.message is not None and sent.message.sticker is not None:
            from sigcli.client.applying.received_stickers import note_sticker

            note_sticker(self._transaction, sent.message.sticker, self._now_ms)

    def _take_own_profile_key(self, sent: SyncSent, sent_ms: int) -> None:
        """What the primary device has written carries the account's profile key, which it may have replaced."""
        key = None if sent.message is None else sent.message.profile_key
        keys = self._account.keys
        if key is None or len(key) != _KEY_LENGTH or key == keys.profile_key or keys.is_primary:
            return
        own_row = self._people.get(self._account.aci).id
        set_profile_key(self._transaction, own_row, keys.profile_key)
        if is_former_profile_key(self._transaction, own_row, key):
            return  # written before it was replaced
        if not advance(self._transaction, State.OWN_PROFILE_KEY, sent_ms):
            return
        write_setting(self._transaction, account_data.PROFILE_KEY, key)
        self._account.reload_keys()
        self._have_own_profile_fetched()

    def _learn_pni_identities(self, sent: SyncSent) -> None:
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
            if find_identity(self._transaction, pni) is None:
                save_peer_identity(
                    self._transaction, pni, identity_key, self._account.trust_policy, self._now_ms
                )

    def _take_contacts(self, contacts: SyncContacts) -> None:
        if contacts.blob is None:
            return
        pointer = Content(sync_message=SyncMessage(contacts=contacts))
        add_task(
            self._transaction,
            TaskKind.ATTACHMENT_DOWNLOAD,
            CONTACTS_TARGET,
            encode_content(pointer),
            now_ms=self._now_ms,
        )

    def _take_blocked(self, blocked: SyncBlocked, sent_ms: int) -> None:
        """The whole list of another device; one that is older than what was decided since only adds to it."""
        ids = {self._people.get(aci).id for aci in blocked.acis if not self._account.is_own(aci)}
        ids |= {
            resolve_recipient(self._transaction, number=number).id
            for number in blocked.numbers
            if number and number != self._account.number
        }
        group_ids = set(blocked.group_ids)
        if not advance(self._transaction, State.BLOCKED, sent_ms):
            ids |= {person.id for person in list_recipients(self._transaction, blocked=True)}
            group_ids |= blocked_groups.blocked_groups(self._transaction)
        replace_blocked_people(self._transaction, ids)
        blocked_groups.replace_blocked_groups(self._transaction, group_ids)
        write_setting(self._transaction, account_data.BLOCKED_LIST_KNOWN, True)
        if apply_block_wishes(self._transaction):
            add_task(
                self._transaction, TaskKind.SYNC_ANSWER, BLOCKED_LIST_TARGET, now_ms=self._now_ms
            )
        self._people.forget()

    def _take_verified(self, verified: SyncVerified, sent_ms: int) -> None:
        """Another device has compared a safety number, or takes that back.

            VERIFIED     the key is taken over, verified; what was kept back under it is released
            DEFAULT      no longer verified, if this key was; a key that is not trusted here stays so
            UNVERIFIED   this key is not trusted

        What was decided after the message was written stays.
        """
        from sigcli.crypto.curve import PublicKey

        peer, state = verified.destination, verified.state
        if peer is None or verified.identity_key is None or self._account.is_own(peer):
            return
        if state not in (VerifiedState.VERIFIED, VerifiedState.DEFAULT, VerifiedState.UNVERIFIED):
            return
        try:
            identity_key = PublicKey.deserialize(verified.identity_key)
        except InvalidKey:
            return
        database = self._transaction
        known = find_identity(database, peer)
        if known is not None and sent_ms < known.decided_ms:
            return
        if known is not None and known.identity_key != identity_key:
            if state != VerifiedState.VERIFIED:
                return  # about a key that is no longer theirs
            archive_sessions(database, peer)
            forget_shared_with(database, peer)
            known = None
        if known is None:
            save_peer_identity(
                database, peer, identity_key, self._account.trust_policy, self._now_ms
            )
        if state == VerifiedState.VERIFIED:
            set_trust_level(database, peer, identity_key, TrustLevel.TRUSTED_VERIFIED, sent_ms)
            self._newly_trusted.append(peer)
        elif state == VerifiedState.UNVERIFIED:
            set_trust_level(database, peer, identity_key, TrustLevel.UNTRUSTED, sent_ms)
        elif known is not None and known.trust_level is TrustLevel.TRUSTED_VERIFIED:
            set_trust_level(database, peer, identity_key, TrustLevel.TRUSTED_UNVERIFIED, sent_ms)

    def _take_response(self, response: SyncMessageRequestResponse, sent_ms: int) -> None:
        """A message request was answered on another device; a block that was decided since is not lifted by it."""
        blocks = response.type in _BLOCKING
        accepts = response.type == MessageRequestResponseType.ACCEPT
        if blocks:
            advance(self._transaction, State.BLOCKED, sent_ms)
        lifts_blocks = accepts and not is_older(self._transaction, State.BLOCKED, sent_ms)
        group_id = response.group_id
        if group_id is not None and not (blocks or lifts_blocks):
            accepts = accepts and group_id not in blocked_groups.blocked_groups(self._transaction)
        if group_id is not None and (blocks or accepts):
            blocked_groups.set_group_blocked(self._transaction, group_id, blocks)
            if accepts:
                accept_group(self._transaction, group_id)
        peer = response.thread
        if peer is None or self._account.is_own(peer):
            return
        person = self._people.get(peer)
        if accepts and person.contact.blocked and not lifts_blocks:
            return
        if accepts:
            update_recipient(self._transaction, person.id, blocked=False)
            self._people.forget()
            self._people.accept(self._people.get(peer))
        elif blocks:
            update_recipient(self._transaction, person.id, blocked=True, profile_sharing=False)
            self._replace_profile_key(person)
        elif response.type == MessageRequestResponseType.DELETE:
            update_recipient(
                self._transaction,
                person.id,
                profile_sharing=False,
                request_state=RequestState.NONE,
            )
        self._people.forget()

    def _replace_profile_key(self, person: Recipient) -> None:
        """As the primary device: somebody who has just been blocked must not keep the profile key."""
        if not self._account.keys.is_primary or not person.contact.profile_sharing:
            return
        from sigcli.client.people.profile_key_loss import is_key_lost_to

        if is_key_lost_to(self._transaction, self._account.aci, person.aci):
            add_task(
                self._transaction,
                TaskKind.ATTRIBUTES_UPDATE,
                NEW_PROFILE_KEY_TARGET,
                now_ms=self._now_ms,
            )

    def _person(self, service_id: ServiceId | None, number: str | None) -> Recipient | None:
        """The person of a transcript, by both ids if both are given."""
        if service_id is None:
            row_id = resolve_recipient(self._transaction, number=number).id
        else:
            person = self._people.get(service_id)
            if number is None or person.number == number:
                return person
            if service_id.is_aci:
                row_id = take_claimed_ids(
                    self._account, self._transaction, aci=service_id, number=number
                )
            else:
                row_id = take_claimed_ids(
                    self._account, self._transaction, pni=service_id, number=number
                )
        self._people.forget()
        if service_id is not None:
            return find_by_service_id(self._transaction, service_id)
        from sigcli.store.recipients import load_recipient

        return load_recipient(self._transaction, row_id)

    # --- the account -------------------------------------------------------------------------

    def _take_configuration(self, configuration: SyncConfiguration) -> None:
        values: tuple[tuple[Setting[bool], bool | None], ...] = (
            (account_data.READ_RECEIPTS, configuration.read_receipts),
            (account_data.TYPING_INDICATORS, configuration.typing_indicators),
            (account_data.LINK_PREVIEWS, configuration.link_previews),
            (
                account_data.UNIDENTIFIED_DELIVERY_INDICATORS,
                configuration.unidentified_delivery_indicators,
            ),
        )
        for setting, value in values:
            if value is not None:
                write_setting(self._transaction, setting, value)

    def _take_keys(self, keys: SyncKeys, sent_ms: int) -> None:
        if self._account.keys.is_primary:
            return  # which makes them, and takes them from nobody
        if not advance(self._transaction, State.KEYS, sent_ms):
            return
        if keys.account_entropy_pool is not None:
            try:
                pool = AccountEntropyPool(keys.account_entropy_pool)
            except SigcliError:
                self._account.warn("another device sent an account entropy pool that is none")
            else:
                write_setting(self._transaction, account_data.ACCOUNT_ENTROPY_POOL, pool.text)
        for setting, value in (
            (account_data.MEDIA_ROOT_BACKUP_KEY, keys.media_root_backup_key),
            (account_data.MASTER_KEY, keys.master_key),
        ):
            if value is not None and len(value) == _KEY_LENGTH:
                write_setting(self._transaction, setting, value)
        self._account.reload_keys()
        add_task(self._transaction, TaskKind.STORAGE_SYNC, now_ms=self._now_ms)

    def _fetch(self, latest: SyncFetchLatest) -> None:
        if latest.type == FetchLatestType.LOCAL_PROFILE:
            self._have_own_profile_fetched()
        elif latest.type == FetchLatestType.STORAGE_MANIFEST:
            add_task(self._transaction, TaskKind.STORAGE_SYNC, now_ms=self._now_ms)

    def _have_own_profile_fetched(self) -> None:
        from sigcli.client.people.profiles import have_own_profile_fetched

        have_own_profile_fetched(self._account, self._transaction)

    def _note_username_changed(self, now_ms: int) -> None:
        """Another linked device has changed the username: have it looked up."""
        write_setting(self._transaction, account_data.USERNAME_CHANGED_ELSEWHERE, True)
        write_setting(self._transaction, account_data.LAST_ACCOUNT_CHECK_MS, 0)
        add_task(self._transaction, TaskKind.STORAGE_SYNC, now_ms=now_ms)

    def _take_request(self, request: SyncRequest) -> None:
        """Another device asks for something: only the primary answers."""
        if self._account.keys.is_primary:
            add_task(
                self._transaction,
                TaskKind.SYNC_ANSWER,
                bytes([int(request.type) & 0xFF]),
                now_ms=self._now_ms,
            )
