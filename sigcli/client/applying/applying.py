"""What a decrypted message changes beside its row, in the same transaction: people, timers, the send log, tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.applying.incoming import Applying, IncomingMessage, concerns_story, is_for_group
from sigcli.client.applying.received_receipts import take_receipt, take_retry_request
from sigcli.client.applying.sender_changes import (
    apply_timer,
    learn_profile_key,
    merge_identities,
    take_sender_key,
)
from sigcli.client.base.task_items import account_target, timestamp_item
from sigcli.client.content.data_messages import said_in
from sigcli.client.groups.verdicts import Verdict
from sigcli.client.people.claimed_addresses import take_claimed_ids
from sigcli.client.people.known_people import KnownPeople, is_accepted
from sigcli.store.account_data import MULTI_DEVICE
from sigcli.store.recipient_values import RequestState
from sigcli.store.recipients import update_recipient
from sigcli.store.send_log import forget_received
from sigcli.store.sessions import archive_sessions
from sigcli.store.settings import read_setting, write_setting
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.addresses import ProtocolAddress, ServiceIdKind, is_e164
from sigcli.wire.content import Content

if TYPE_CHECKING:
    from sigcli.client.applying.applying_sync import SyncApplier
    from sigcli.client.base.account import Account
    from sigcli.store.database import Transaction
    from sigcli.store.inbox_values import EnvelopeMetadata
    from sigcli.store.recipient_values import Recipient
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content import DataMessage
    from sigcli.wire.content.message_parts import GroupContext
    from sigcli.wire.content.sync_sent import SyncSent


class ContentApplier:
    """Applies messages within transactions of the caller, of each of which ``begin`` is told first."""

    _at: Applying

    def __init__(self, account: Account) -> None:
        self._account = account
        self._sync: SyncApplier | None = None
        self._knows_of_devices = False
        self._looked_at: set[int] = set()
        """Rows whose profiles are to be fetched already."""
        self._told_profile_key: set[ServiceId] = set()
        """Who was looked at already after an unsealed message."""

    def begin(self, transaction: Transaction, now_ms: int) -> None:
        """To be called first in each transaction, and after a part of one was undone."""
        self._at = Applying(
            self._account, transaction, KnownPeople(transaction), now_ms, self._looked_at
        )
        self._told_profile_key.clear()
        self._knows_of_devices = False

    def is_blocked(self, service_id: ServiceId) -> bool:
        """Whether somebody is blocked."""
        return (
            not self._account.is_own(service_id) and self._at.people.get(service_id).contact.blocked
        )

    def take_newly_trusted(self) -> list[ServiceId]:
        """The people whose keys another device has vouched for since the last call."""
        return [] if self._sync is None else self._sync.take_newly_trusted()

    def apply_server_receipt(self, metadata: EnvelopeMetadata) -> bool:
        """The service says that a device has a message of this account; false if that is not to be printed."""
        if metadata.source is None:
            return True
        if self.is_blocked(metadata.source):
            return False
        if metadata.source_device is not None:
            device = ProtocolAddress(metadata.source, metadata.source_device)
            forget_received(self._at.transaction, [metadata.timestamp_ms], device)
        return True

    def judge(self, message: IncomingMessage, *, fetched: bool = False) -> Verdict:
        """Whether the sender of a message may write to its group; what is for no group is taken.

        ``fetched``: the group has been fetched since the message came.
        """
        content, sender = message.content, message.sender.service_id
        if not is_for_group(content):
            return Verdict.TAKEN
        # What groups need is loaded with the first message for one.
        from sigcli.client.groups import contexts
        from sigcli.client.groups.acceptance import NOBODYS, group_id_of, group_of
        from sigcli.client.people.blocked_groups import blocked_groups

        group_id = group_id_of(content) or NOBODYS
        if (
            self.is_blocked(sender)
            or group_id in blocked_groups(self._at.transaction)
            or (message.metadata.story and not concerns_story(content))
        ):
            return Verdict.DROPPED
        context = group_of(content)
        if context is None:
            may = contexts.may_type(self._account, group_id, sender)
            return Verdict.TAKEN if may else Verdict.DROPPED
        return contexts.judge(
            self._account,
            self._at.transaction,
            sender,
            context,
            said_in(content),
            self._at.now_ms,
            fetched=fetched,
        )

    def apply(self, message: IncomingMessage, *, held: bool = False) -> bool:
        """Let a message take effect; false if there is nothing of it to print.

        ``held``: only what it says of its sender, since its group has yet to judge the rest.
        """
        content = message.content
        sender = message.sender.service_id
        if message.metadata.story and not concerns_story(content):
            return False
        if content.sender_key_distribution_message is not None:
            take_sender_key(self._at, message)
        if sender == self._account.aci:
            return self._apply_own(message)
        person = self._at.people.get(sender)
        if person.contact.blocked or content.sync_message is not None:
            return False
        number = None if message.certificate is None else message.certificate.sender_e164
        if number is not None and number != person.number and is_e164(number):
            take_claimed_ids(self._account, self._at.transaction, aci=sender, number=number)
            self._at.people.forget()
            person = self._at.people.get(sender)
        if content.pni_signature is not None:
            merge_identities(self._at, message)
            person = self._at.people.get(sender)
        if (
            message.metadata.destination is ServiceIdKind.PNI
            and not person.contact.needs_pni_signature
        ):
            # They know this account by its number alone, until a signed message tells them who it is.
            update_recipient(self._at.transaction, person.id, needs_pni_signature=True)
            self._at.people.forget()
        if content.decryption_error_message is not None:
            take_retry_request(self._at, message)
            return False
        return held or self.apply_to_conversation(message)

    # --- from somebody else ------------------------------------------------------------------

    def apply_to_conversation(self, message: IncomingMessage) -> bool:
        """Let what a message says take effect, which its group has allowed; false if there is nothing to print."""
        content = message.content
        person = self._at.people.get(message.sender.service_id)
        data = said_in(content)
        if data is not None:
            if data.delete is not None or data.admin_delete is not None:
                self._withdraw(message)
            self._apply_data(message, person, data)
            return True
        if content.story_message is not None:
            written_ms = message.metadata.timestamp_ms
            learn_profile_key(self._at, person, content.story_message.profile_key, written_ms)
            return True
        if content.receipt_message is not None:
            take_receipt(self._at, message, content.receipt_message)
            return True
        return bool(
            content.call_message is not None
            or content.typing_message is not None
            or content.unknown_fields
        )

    def _apply_data(self, message: IncomingMessage, person: Recipient, data: DataMessage) -> None:
        learn_profile_key(self._at, person, data.profile_key, message.metadata.timestamp_ms)
        if data.group is None:
            if data.is_end_session:
                archive_sessions(self._at.transaction, message.sender.service_id)
            apply_timer(self._at, person, data)
            if person.contact.request_state is RequestState.NONE and not is_accepted(person):
                update_recipient(
                    self._at.transaction, person.id, request_state=RequestState.PENDING
                )
                self._at.people.forget()
        if not is_accepted(person) and not self._takes_part(data.group):
            return
        if data.sticker is not None:
            from sigcli.client.applying.received_stickers import note_sticker

            note_sticker(self._at.transaction, data.sticker, self._at.now_ms)
        if message.metadata.sealed:
            add_task(
                self._at.transaction,
                TaskKind.DELIVERY_RECEIPT,
                account_target(message.sender.service_id),
                timestamp_item(message.metadata.timestamp_ms),
                now_ms=self._at.now_ms,
            )
        elif data.group is None and not data.is_profile_key_update:
            self._answer_unsealed(message)

    def _withdraw(self, message: IncomingMessage) -> None:
        """Let the message that is deleted lose its content, if it still waits here or is kept."""
        from sigcli.client.applying.withdrawing import apply_deletion

        sender = message.sender.service_id
        apply_deletion(
            self._account, self._at.transaction, sender, message.content, self._at.now_ms
        )

    def _takes_part(self, group: GroupContext | None) -> bool:
        if group is None:
            return False
        from sigcli.client.groups.acceptance import takes_part

        return takes_part(self._at.transaction, group)

    def _answer_unsealed(self, message: IncomingMessage) -> None:
        """An accepted person who could not seal their message is told the profile key; a PNI takes no sealed ones."""
        sender = message.sender.service_id
        if message.metadata.destination is ServiceIdKind.PNI or sender in self._told_profile_key:
            return
        from sigcli.client.sending.profile_key_sharing import answer_unsealed

        is_primary = self._account.keys.is_primary
        answer_unsealed(self._at.transaction, sender, is_primary=is_primary, now_ms=self._at.now_ms)
        self._told_profile_key.add(sender)

    def _learn_of_group(self, sent: SyncSent) -> None:
        """Another linked device has written, perhaps to a group."""
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
            learn_of_group(self._account, self._at.transaction, group, self._at.now_ms)

    # --- from another linked device ------------------------------------------------------------------

    def _apply_own(self, message: IncomingMessage) -> bool:
        content = message.content
        if content.decryption_error_message is not None:
            take_retry_request(self._at, message)
            return False
        if content.sync_message is None:
            return content.data_message is not None or bool(content.unknown_fields)
        if message.metadata.destination is not ServiceIdKind.ACI:
            return False
        if not self._knows_of_devices:
            if not read_setting(self._at.transaction, MULTI_DEVICE):
                write_setting(self._at.transaction, MULTI_DEVICE, True)
            self._knows_of_devices = True
        if self._sync is None:
            from sigcli.client.applying.applying_sync import SyncApplier

            self._sync = SyncApplier()
        sent = content.sync_message.sent
        if sent is not None:
            self._learn_of_group(sent)
            data = sent.message
            if data is not None and (data.delete is not None or data.admin_delete is not None):
                self._withdraw(message)
        self._sync.apply(self._at, message, content.sync_message)
        return True
