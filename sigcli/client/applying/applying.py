"""What a decrypted message changes beside its row, in the same transaction: people, timers, the send log, tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.base.task_items import account_target, device_target, timestamp_item
from sigcli.client.content.data_messages import said_in
from sigcli.client.groups.verdicts import Verdict
from sigcli.client.people.claimed_addresses import take_claimed_ids
from sigcli.client.people.known_people import KnownPeople, is_accepted
from sigcli.errors import ProtocolError
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.ciphertext import CiphertextMessageType
from sigcli.store.account_data import MULTI_DEVICE
from sigcli.store.identity_keys import find_identity
from sigcli.store.recipient_values import RequestState
from sigcli.store.recipients import (
    PROFILE_REFRESH_MS,
    set_expire_timer,
    set_profile_key,
    update_recipient,
)
from sigcli.store.send_log import find_sent, forget_received
from sigcli.store.sender_keys import forget_shared_with, prune_sender_keys
from sigcli.store.sessions import archive_sessions
from sigcli.store.settings import read_setting, write_setting
from sigcli.store.tasks import TaskKind, add_task, find_items
from sigcli.wire.addresses import ProtocolAddress, ServiceIdKind
from sigcli.wire.content import Content
from sigcli.wire.envelopes import MAX_TIMESTAMP_MS

if TYPE_CHECKING:
    from sigcli.client.applying.applying_sync import SyncApplier
    from sigcli.client.base.account import Account
    from sigcli.store.database import Transaction
    from sigcli.store.inbox_values import EnvelopeFacts
    from sigcli.store.protocol_store import AccountProtocolStore
    from sigcli.store.recipient_values import Recipient
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content import DataMessage
    from sigcli.wire.content.message_parts import GroupContext
    from sigcli.wire.content.receipts import ReceiptMessage
    from sigcli.wire.content.sync_sent import SyncSent

PROFILE_KEY_LENGTH = 32
MAX_SENDER_KEYS = 500
"""Groups in which one device's messages can be read, the latest."""
MAX_RESENDS = 100
"""Messages that one device is sent again, before it has got them."""
MAX_RECEIPTS_LOOKED_AT = 64
"""Messages named by one receipt that are looked at for a signature."""
FIRST_TIMER_VERSION = 1
"""Of a timer that a client sent which knows no versions."""


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


class ContentApplier:
    """Applies messages within transactions of the caller, of each of which ``begin`` is told first."""

    _transaction: Transaction
    _people: KnownPeople

    def __init__(self, account: Account) -> None:
        self._account = account
        self._now_ms = account.now_ms()
        self._sync: SyncApplier | None = None
        self._knows_of_devices = False
        self._looked_at: set[int] = set()
        """Rows whose profiles are to be fetched already."""
        self._told_profile_key: set[ServiceId] = set()
        """Who was looked at already after an unsealed message."""

    def begin(self, transaction: Transaction, now_ms: int) -> None:
        """To be called first in each transaction, and after a part of one was undone."""
        self._transaction = transaction
        self._now_ms = now_ms
        self._people = KnownPeople(transaction)
        self._told_profile_key.clear()
        self._knows_of_devices = False

    def is_blocked(self, service_id: ServiceId) -> bool:
        """Whether somebody is blocked."""
        return not self._account.is_own(service_id) and self._people.get(service_id).contact.blocked

    def take_newly_trusted(self) -> list[ServiceId]:
        """Those whose keys another own device has vouched for since the last call."""
        return [] if self._sync is None else self._sync.take_newly_trusted()

    def apply_server_receipt(self, facts: EnvelopeFacts) -> bool:
        """The service says that a device has a message of this account; false if that is not to be printed."""
        if facts.source is None:
            return True
        if self.is_blocked(facts.source):
            return False
        if facts.source_device is not None:
            device = ProtocolAddress(facts.source, facts.source_device)
            forget_received(self._transaction, [facts.timestamp_ms], device)
        return True

    def judge(self, opened: Opened, *, fetched: bool = False) -> Verdict:
        """Whether the sender of a message may write to its group; what is for no group is taken.

        ``fetched``: the group has been fetched since the message came.
        """
        content, sender = opened.content, opened.sender.service_id
        if not is_for_group(content):
            return Verdict.TAKEN
        # What groups need is loaded with the first message for one.
        from sigcli.client.groups import contexts
        from sigcli.client.groups.acceptance import group_id_of, group_of
        from sigcli.client.people.blocked_groups import blocked_groups

        group_id = group_id_of(content) or b""
        if (
            self.is_blocked(sender)
            or group_id in blocked_groups(self._transaction)
            or (opened.facts.story and not _concerns_story(content))
        ):
            return Verdict.DROPPED
        context = group_of(content)
        if context is None:
            may = contexts.may_type(self._account, group_id, sender)
            return Verdict.TAKEN if may else Verdict.DROPPED
        return contexts.judge(
            self._account,
            self._transaction,
            sender,
            context,
            said_in(content),
            self._now_ms,
            fetched=fetched,
        )

    def apply(self, opened: Opened, *, held: bool = False) -> bool:
        """Let a message take effect; false if there is nothing of it to print.

        ``held``: only what it says of its sender, since its group has yet to judge the rest.
        """
        content = opened.content
        sender = opened.sender.service_id
        if opened.facts.story and not _concerns_story(content):
            return False
        if content.sender_key_distribution_message is not None:
            self._take_sender_key(opened)
        if sender == self._account.aci:
            return self._apply_own(opened)
        person = self._people.get(sender)
        if person.contact.blocked or content.sync_message is not None:
            return False
        if opened.number is not None and opened.number != person.number:
            take_claimed_ids(self._account, self._transaction, aci=sender, number=opened.number)
            self._people.forget()
            person = self._people.get(sender)
        if content.pni_signature is not None:
            self._merge_identities(opened)
            person = self._people.get(sender)
        if opened.facts.destination is ServiceIdKind.PNI and not person.contact.needs_pni_signature:
            # They know this account by its number alone, until a signed message tells them who it is.
            update_recipient(self._transaction, person.id, needs_pni_signature=True)
            self._people.forget()
        if content.decryption_error_message is not None:
            self._take_retry_request(opened)
            return False
        return held or self.apply_to_conversation(opened)

    # --- from somebody else ------------------------------------------------------------------

    def apply_to_conversation(self, opened: Opened) -> bool:
        """Let what a message says take effect, which its group has allowed; false if there is nothing to print."""
        content = opened.content
        person = self._people.get(opened.sender.service_id)
        data = said_in(content)
        if data is not None:
            if data.delete is not None or data.admin_delete is not None:
                self._withdraw(opened)
            self._apply_data(opened, person, data)
            return True
        if content.story_message is not None:
            written_ms = opened.facts.timestamp_ms
            self._learn_profile_key(person, content.story_message.profile_key, written_ms)
            return True
        if content.receipt_message is not None:
            self._take_receipt(opened, content.receipt_message)
            return True
        return bool(
            content.call_message is not None
            or content.typing_message is not None
            or content.unknown_fields
        )

    def _apply_data(self, opened: Opened, person: Recipient, data: DataMessage) -> None:
        self._learn_profile_key(person, data.profile_key, opened.facts.timestamp_ms)
        if data.group is None:
            if data.is_end_session:
                archive_sessions(self._transaction, opened.sender.service_id)
            self.apply_timer(person, data)
            if person.contact.request_state is RequestState.NONE and not is_accepted(person):
                update_recipient(self._transaction, person.id, request_state=RequestState.PENDING)
                self._people.forget()
        if not is_accepted(person) and not self._takes_part(data.group):
            return
        if data.sticker is not None:
            from sigcli.client.applying.received_stickers import note_sticker

            note_sticker(self._transaction, data.sticker, self._now_ms)
        if opened.facts.sealed:
            add_task(
                self._transaction,
                TaskKind.DELIVERY_RECEIPT,
                account_target(opened.sender.service_id),
                timestamp_item(opened.facts.timestamp_ms),
                now_ms=self._now_ms,
            )
        elif data.group is None and not data.is_profile_key_update:
            self._answer_unsealed(opened)

    def _withdraw(self, opened: Opened) -> None:
        """Let the message that is deleted lose its content, if it still waits here or is kept."""
        from sigcli.client.applying.withdrawing import apply_deletion

        sender = opened.sender.service_id
        apply_deletion(self._account, self._transaction, sender, opened.content, self._now_ms)

    def _takes_part(self, group: GroupContext | None) -> bool:
        if group is None:
            return False
        from sigcli.client.groups.acceptance import takes_part

        return takes_part(self._transaction, group)

    def _answer_unsealed(self, opened: Opened) -> None:
        """Whoever is accepted and could not seal their message is told the profile key; a PNI takes no sealed ones."""
        sender = opened.sender.service_id
        if opened.facts.destination is ServiceIdKind.PNI or sender in self._told_profile_key:
            return
        from sigcli.client.sending.profile_key_sharing import answer_unsealed

        is_primary = self._account.keys.is_primary
        answer_unsealed(self._transaction, sender, is_primary=is_primary, now_ms=self._now_ms)
        self._told_profile_key.add(sender)

    def apply_timer(self, person: Recipient, data: DataMessage) -> None:
        """Take over the timer of a conversation with one person, unless the known one is newer."""
        if not (data.is_expiration_update or data.body or data.attachments):
            return
        version = data.expire_timer_version or FIRST_TIMER_VERSION
        contact = person.contact
        if (contact.expire_timer_s, contact.expire_timer_version) == (data.expire_timer_s, version):
            return
        if set_expire_timer(self._transaction, person.id, data.expire_timer_s, version):
            self._people.forget()

    def _learn_profile_key(
        self, person: Recipient, profile_key: bytes | None, written_ms: int
    ) -> None:
        """Keep a new profile key; have the profile fetched if it is new or has not been looked at for long.

        ``written_ms``: when the message was written by which it comes.
        """
        known = person.profile
        if (
            profile_key is not None
            and len(profile_key) == PROFILE_KEY_LENGTH
            and profile_key != known.key
            and set_profile_key(
                self._transaction, person.id, profile_key, min(written_ms, self._now_ms)
            )
        ):
            self._people.forget()
        elif (
            known.key is None
            or person.id in self._looked_at
            or 0 <= self._now_ms - known.fetched_ms < PROFILE_REFRESH_MS
        ):
            return
        self._looked_at.add(person.id)
        if person.aci is not None:
            add_task(
                self._transaction,
                TaskKind.PROFILE_FETCH,
                account_target(person.aci),
                now_ms=self._now_ms,
            )

    def _take_receipt(self, opened: Opened, receipt: ReceiptMessage) -> None:
        from sigcli.wire.content.receipts import ReceiptType

        if receipt.type != ReceiptType.DELIVERY:
            return
        named = [time for time in receipt.timestamps_ms if time <= MAX_TIMESTAMP_MS]
        person = self._people.get(opened.sender.service_id)
        if (
            person.contact.needs_pni_signature
            and opened.facts.destination is ServiceIdKind.ACI
            and self._has_got_signature(opened, named)
        ):
            update_recipient(self._transaction, person.id, needs_pni_signature=False)
            self._people.forget()
        forget_received(self._transaction, named, opened.sender)

    def _has_got_signature(self, opened: Opened, timestamps_ms: list[int]) -> bool:
        """Whether one of the messages that a device has got told it which PNI belongs to this account."""
        if not self._account.settings.send_log:
            return True  # what was sent is not known: believe that it was
        from sigcli.wire.content import decode_content

        key = opened.store.identity(opened.sender)
        if key is None:
            return False
        for timestamp_ms in timestamps_ms[:MAX_RECEIPTS_LOOKED_AT]:
            sent = find_sent(
                self._transaction, timestamp_ms, opened.sender, key.serialize(), self._now_ms
            )
            if sent is not None and decode_content(sent.content).pni_signature is not None:
                return True
        return False

    def _take_retry_request(self, opened: Opened) -> None:
        """Have a message sent again that the sender could not decrypt, if it was for this device."""
        from sigcli.protocol.decryption_error import DecryptionErrorMessage

        data = opened.content.decryption_error_message
        assert data is not None
        try:
            request = DecryptionErrorMessage.deserialize(data)
        except ProtocolError:
            return
        if request.device_id != self._account.device_id:
            return
        sender = opened.sender
        forget_shared_with(self._transaction, sender.service_id, sender.device_id)
        if (
            len(find_items(self._transaction, TaskKind.RESEND, device_target(sender)))
            >= MAX_RESENDS
        ):
            return
        add_task(
            self._transaction,
            TaskKind.RESEND,
            device_target(sender),
            request.serialize(),
            now_ms=self._now_ms,
        )

    def _take_sender_key(self, opened: Opened) -> None:
        from sigcli.protocol.sender_keys import process_distribution

        data = opened.content.sender_key_distribution_message
        if data is None or opened.type is CiphertextMessageType.PLAINTEXT:
            return
        try:
            process_distribution(opened.sender, data, opened.store)
        except ProtocolError as error:
            self._account.warn(f"a sender key could not be read: {error.message}")
            return
        prune_sender_keys(self._transaction, opened.store.own, opened.sender, MAX_SENDER_KEYS)

    def _merge_identities(self, opened: Opened) -> None:
        """Two rows become one if the key of a PNI says that it belongs to the sender's ACI, as far as it is trusted."""
        from sigcli.protocol.pni_signature import verify_pni_signature

        signature = opened.content.pni_signature
        if signature is None or signature.pni is None:
            return
        identity_key = opened.store.identity(opened.sender)
        known = find_identity(self._transaction, signature.pni)
        if (
            identity_key is None
            or known is None
            or not verify_pni_signature(known.identity_key, identity_key, signature.signature)
        ):
            return
        take_claimed_ids(
            self._account,
            self._transaction,
            aci=opened.sender.service_id,
            pni=signature.pni,
            proven=True,
        )
        self._people.forget()

    def _learn_of_group(self, sent: SyncSent) -> None:
        """Another own device has written, perhaps to a group."""
        contents = Content(
            data_message=sent.message,
            edit_message=sent.edit_message,
            story_message=sent.story_message,
        )
        if not is_for_group(contents):
            return
        from sigcli.client.groups.acceptance import group_of
        from sigcli.client.groups.contexts import learn_of_group

        group = group_of(contents)
        if group is not None:
            learn_of_group(self._account, self._transaction, group, self._now_ms)

    # --- from an own device ------------------------------------------------------------------

    def _apply_own(self, opened: Opened) -> bool:
        content = opened.content
        if content.decryption_error_message is not None:
            self._take_retry_request(opened)
            return False
        if content.sync_message is None:
            return content.data_message is not None or bool(content.unknown_fields)
        if opened.facts.destination is not ServiceIdKind.ACI:
            return False
        if not self._knows_of_devices:
            if not read_setting(self._transaction, MULTI_DEVICE):
                write_setting(self._transaction, MULTI_DEVICE, True)
            self._knows_of_devices = True
        if self._sync is None:
            from sigcli.client.applying.applying_sync import SyncApplier

            self._sync = SyncApplier(self._account, self.apply_timer)
        sent = content.sync_message.sent
        if sent is not None:
            self._learn_of_group(sent)
            data = sent.message
            if data is not None and (data.delete is not None or data.admin_delete is not None):
                self._withdraw(opened)
        self._sync.apply(
            self._transaction, self._people, opened, content.sync_message, self._now_ms
        )
        return True


def is_for_group(content: Content) -> bool:
    """Whether a message, an edit, a story or a typing indicator is for a group."""
    data, story, typing = said_in(content), content.story_message, content.typing_message
    return (
        (data is not None and data.group is not None)
        or (story is not None and story.group is not None)
        or (typing is not None and typing.group_id is not None)
    )


def _concerns_story(content: Content) -> bool:
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
