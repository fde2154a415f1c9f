"""Proving to somebody who knows this account by its PNI that the ACI is the same account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.store.recipient_values import Recipient
from sigcli.store.recipients import find_by_service_id

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content import PniSignature


def pni_signature_for(account: Account, to: Recipient | ServiceId) -> PniSignature | None:
    """What goes with a message to somebody who needs the proof, None for everybody else."""
    known = to if isinstance(to, Recipient) else find_by_service_id(account.database, to)
    if known is None or not known.contact.needs_pni_signature:
        return None
    keys = account.keys
    if keys.pni is None or keys.pni_identity is None:
        return None
    from sigcli.protocol.pni_signature import sign_pni_identity
    from sigcli.wire.content import PniSignature

    signature = sign_pni_identity(
        keys.pni_identity.private_key, keys.aci_identity.public_key, account.random
    )
    return PniSignature(pni=keys.pni, signature=signature)
