"""What the other devices of the account tell this one, applied in the transaction of its row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.applying.sync_account import (
    fetch_latest,
    note_username_changed,
    take_configuration,
    take_keys,
    take_own_profile_key,
    take_request,
)
from sigcli.client.applying.sync_people import (
    take_blocked,
    take_contacts,
    take_response,
    take_transcript,
    take_verified,
)
from sigcli.store.state_versions import State, advance
from sigcli.wire.content.sync_message import SyncMessage

if TYPE_CHECKING:
    from sigcli.client.applying.incoming import Applying, IncomingMessage
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content.sync_sent import SyncSent

_PRIMARY = 1


class SyncApplier:
    """Applies sync messages."""

    def __init__(self) -> None:
        self._newly_trusted: list[ServiceId] = []

    def take_newly_trusted(self) -> list[ServiceId]:
        """The people whose keys have become trusted since the last call."""
        trusted, self._newly_trusted = self._newly_trusted, []
        return trusted

    def apply(self, at: Applying, incoming: IncomingMessage, message: SyncMessage) -> None:
        """Apply one message of another linked device."""
        # The service could name any time: one in the future must not outrank what comes later.
        sent_ms = min(incoming.metadata.timestamp_ms, at.now_ms)
        if message.sent is not None:
            take_transcript(at, message.sent)
            _note_sticker(at, message.sent)
            if incoming.sender.device_id == _PRIMARY:
                take_own_profile_key(at, message.sent, sent_ms)
        if message.contacts is not None and advance(at.transaction, State.CONTACTS, sent_ms):
            take_contacts(at, message.contacts)
        if message.blocked is not None:
            take_blocked(at, message.blocked, sent_ms)
        if message.configuration is not None and advance(
            at.transaction, State.CONFIGURATION, sent_ms
        ):
            take_configuration(at, message.configuration)
        if message.keys is not None:
            take_keys(at, message.keys, sent_ms)
        if message.verified is not None:
            peer = message.verified.destination
            if take_verified(at, message.verified, sent_ms) and peer is not None:
                self._newly_trusted.append(peer)
        if message.fetch_latest is not None:
            fetch_latest(at, message.fetch_latest)
        if message.message_request_response is not None:
            take_response(at, message.message_request_response, sent_ms)
        if message.sticker_pack_operations:
            from sigcli.client.applying.received_stickers import apply_operations

            apply_operations(at.transaction, message.sticker_pack_operations, at.now_ms)
        if message.view_once_open is not None:
            from sigcli.client.applying.withdrawing import take_view_once_open

            take_view_once_open(at.account, at.transaction, message.view_once_open, at.now_ms)
        if message.delete_for_me is not None:
            from sigcli.client.applying.withdrawing import take_deletions_for_me

            take_deletions_for_me(at.account, at.transaction, message.delete_for_me, at.now_ms)
        if message.request is not None:
            take_request(at, message.request)
        if message.username_change is not None:
            note_username_changed(at)
        if (
            message.pni_change_number is not None
            and incoming.sender.device_id == _PRIMARY
            and advance(at.transaction, State.NUMBER, sent_ms)
        ):
            from sigcli.client.applying.number_change import apply_number_change

            apply_number_change(
                at.account,
                at.transaction,
                message.pni_change_number,
                incoming.updated_pni,
                at.now_ms,
            )


def _note_sticker(at: Applying, sent: SyncSent) -> None:
    if sent.message is not None and sent.message.sticker is not None:
        from sigcli.client.applying.received_stickers import note_sticker

        note_sticker(at.transaction, sent.message.sticker, at.now_ms)
