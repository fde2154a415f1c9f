"""One message encrypted once for many devices of a group: with this device's sender key, sealed for all together."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.client.base.outcomes import ResultType
from sigcli.client.sending.outgoing import SentLog, failure_type
from sigcli.client.sending.resuming import note_begun, note_refused
from sigcli.client.sending.sessions import devices_to_address
from sigcli.errors import NoSession, ProtocolError, RecipientMismatch, SigcliError
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.limits import is_registration_id
from sigcli.store.groups import find_group
from sigcli.store.identity_keys import find_identity, is_trusted
from sigcli.store.sender_keys import devices_with_sender_key
from sigcli.wire.addresses import ProtocolAddress, ServiceIdKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sigcli.client.base.account import Account
    from sigcli.client.sending.outgoing import Outgoing
    from sigcli.protocol.certificates import SenderCertificate
    from sigcli.protocol.sealed_sender_v2 import SealedRecipient
    from sigcli.service.credentials import GroupSendToken
    from sigcli.store.database import Transaction
    from sigcli.store.group_values import Group
    from sigcli.wire.addresses import ServiceId

_OWN = ServiceIdKind.ACI


@dataclass(frozen=True, slots=True)
class Encrypted:
    """A message encrypted with the sender key, and for whom."""

    body: bytes = field(repr=False)
    recipients: tuple[SealedRecipient, ...]


class SenderKeyMessage:
    """Encrypts and sends a message to members of a group, again after their devices have changed."""

    def __init__(self, account: Account, group: Group, outgoing: Outgoing) -> None:
        self._account = account
        self._database = account.database
        self._group = group
        self._outgoing = outgoing
        self._log = SentLog(account, outgoing)
        self._registration_ids: dict[ProtocolAddress, int] = {}

    def encrypt(self, members: Sequence[ServiceId]) -> Encrypted:
        """Encrypt for those whose devices all have the sender key, and log it; one transaction."""
        from sigcli.protocol.sender_keys import group_encrypt
        from sigcli.wire.padding import pad

        account, database = self._account, self._database
        with database.transaction() as transaction:
            current = find_group(transaction, self._group.group_id)
            distribution_id = None if current is None else current.distribution_id
            if distribution_id is None:
                raise NoSession
            holders = devices_with_sender_key(transaction, distribution_id)
            recipients = tuple(
                recipient
                for member in members
                if (recipient := self._sealed_recipient(transaction, member, holders)) is not None
            )
            body = group_encrypt(
                account.address(),
                distribution_id,
                pad(self._outgoing.content),
                account.protocol_store(transaction),
                account.random,
            )
            self._log.note(
                transaction,
                {
                    ProtocolAddress(one.service_id, device): one.identity_key.serialize()
                    for one in recipients
                    for device, _ in one.devices
                },
            )
        return Encrypted(body, recipients)

    def _sealed_recipient(
        self, transaction: Transaction, member: ServiceId, holders: Collection[ProtocolAddress]
    ) -> SealedRecipient | None:
        """A member's key and devices; None for a member who gets a message of their own.

        That is so if the key is not trusted, or a device lacks the sender key or a usable session.
        """
        from sigcli.protocol.sealed_sender_v2 import SealedRecipient

        identity = find_identity(self._database, member)
        if identity is None or not is_trusted(
            identity, identity.identity_key, self._account.trust_policy
        ):
            return None
        store = self._account.protocol_store(transaction)
        devices: list[tuple[int, int]] = []
        for device in devices_to_address(self._account, member):
            address = ProtocolAddress(member, device)
            if address not in holders:
                return None
            try:
                record = store.session(address)
            except ProtocolError:
                return None
            # Sessions from before the limit was checked may have any.
            if record is None or not is_registration_id(record.remote_registration_id):
                return None
            devices.append((device, record.remote_registration_id))
            self._registration_ids[address] = record.remote_registration_id
        if not devices:
            return None
        return SealedRecipient(member, identity.identity_key, tuple(devices))

    def send(
        self, encrypted: Encrypted, certificate: SenderCertificate, token: GroupSendToken | None
    ) -> tuple[ServiceId, ...]:
        """Seal and send; those who have no account."""
        from sigcli.protocol.ciphertext import CiphertextMessageType
        from sigcli.protocol.sealed_sender import UnidentifiedSenderMessageContent
        from sigcli.protocol.sealed_sender_v2 import seal_multi_recipient
        from sigcli.service.resources.messages import send_to_many

        account, outgoing = self._account, self._outgoing
        content = UnidentifiedSenderMessageContent(
            CiphertextMessageType.SENDER_KEY,
            certificate,
            encrypted.body,
            outgoing.hint,
            outgoing.group_id,
        )
        sealed = seal_multi_recipient(
            content, account.keys.identity(_OWN), encrypted.recipients, (), account.random
        )
        to = [recipient.service_id for recipient in encrypted.recipients]
        if self._database.hand_over_id is not None:
            with self._database.transaction(is_lasting=False) as transaction:
                note_begun(transaction, outgoing, to)
        try:
            return send_to_many(
                account.unidentified,
                sealed,
                outgoing.timestamp_ms,
                token,
                online=outgoing.online,
                urgent=outgoing.urgent,
                story=outgoing.story,
            )
        except SigcliError as error:
            if _is_refused(error):
                note_refused(account, outgoing, to)
            raise

    def stale(self, member: ServiceId, devices: Iterable[int]) -> Mapping[int, int]:
        """The registration ids that the refused message was addressed to."""
        ids = self._registration_ids
        return {device: ids.get(ProtocolAddress(member, device), -1) for device in devices}


def _is_refused(error: SigcliError) -> bool:
    """Whether nobody has got the message for sure."""
    if isinstance(error, RecipientMismatch):
        return True
    return failure_type(error) is not ResultType.NETWORK_FAILURE
