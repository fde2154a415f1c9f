"""Answers to retry requests in groups: with the sender key that the device evidently lacks, and to members only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import InvalidSession, MalformedMessage
from sigcli.lazy_dataclass import replace
from sigcli.store.groups import find_group

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.store.send_log import SentMessage
    from sigcli.wire.addresses import ProtocolAddress


def for_group_member(
    account: Account, device: ProtocolAddress, sent: SentMessage
) -> SentMessage | None:
    """What to send again to a device; None if it is not a member's any more. Opens a transaction.

    Messages to people are as they were. It is not noted that the device has the key: the next message to the group
    sends it once more, which does no harm.
    """
    if sent.group_id is None or account.is_own(device.service_id):
        return sent
    group = find_group(account.database, sent.group_id)
    if group is None or group.details is None:
        return sent
    if group.details.member(device.service_id) is None:
        return None
    if group.distribution_id is None:
        return sent
    from sigcli.protocol.sender_keys import create_distribution
    from sigcli.wire.content import decode_content, encode_content

    try:
        content = decode_content(sent.content)
        with account.database.transaction() as transaction:
            store = account.protocol_store(transaction)
            key = create_distribution(
                account.address(), group.distribution_id, store, account.random
            )
    except (MalformedMessage, InvalidSession):
        return sent
    return replace(
        sent, content=encode_content(replace(content, sender_key_distribution_message=key))
    )
