"""What the service asks of a sealed message: the access key that a recipient's profile key gives."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sigcli.errors import InvalidKey
from sigcli.store.recipient_values import AccessMode
from sigcli.store.recipients import update_recipient

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.service.credentials import AccessKey
    from sigcli.store.recipient_values import Recipient
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.key_types import ProfileKeyBytes


def access_key_of(recipient: Recipient | None, service_id: ServiceId) -> AccessKey | None:
    """The access key for a sealed message; None where it goes identified: to a PNI, or without a profile key."""
    if recipient is None or not service_id.is_aci:
        return None
    from sigcli.protocol.access_keys import UNRESTRICTED_ACCESS_KEY
    from sigcli.service.credentials import AccessKey

    profile = recipient.profile
    if profile.access_mode is AccessMode.UNRESTRICTED:
        return AccessKey(UNRESTRICTED_ACCESS_KEY)
    if profile.access_mode is AccessMode.DISABLED or profile.key is None:
        return None
    try:
        return _access_key(profile.key)
    except InvalidKey:
        return None


@lru_cache(128)
def _access_key(profile_key: ProfileKeyBytes) -> AccessKey:
    from sigcli.service.credentials import AccessKey

    return AccessKey.of(profile_key)


def forget_access_key(account: Account, recipient: Recipient | None) -> None:
    """The access key was refused: the profile is to be looked at anew. Opens a transaction."""
    if recipient is None:
        return
    if recipient.profile.fetched_ms or recipient.profile.access_mode:
        with account.database.transaction() as database:
            update_recipient(
                database, recipient.id, access_mode=AccessMode.UNKNOWN, profile_fetched_ms=0
            )
