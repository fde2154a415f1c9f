"""Access without a login: access keys and group send tokens.

Rules: ``OptionalAccess`` and ``UnidentifiedAccessUtil`` of the public Signal-Server.
"""

from __future__ import annotations

import hmac
from functools import reduce
from typing import TYPE_CHECKING

from sigcli.errors import SigcliError
from sigcli.sandbox.exchange import Refused
from sigcli.sandbox.fields import decode_standard

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sigcli.sandbox.accounts import Account
    from sigcli.sandbox.exchange import Caller, Request
    from sigcli.sandbox.state import State
    from sigcli.wire.addresses import ServiceId

ACCESS_KEY_HEADER = "unidentified-access-key"
GROUP_SEND_HEADER = "group-send-token"
_KEY_LENGTH = 16


def access_key(request: Request) -> bytes | None:
    """The access key in the headers (16 bytes); raises Refused (401) for anything else there."""
    text = request.headers.get(ACCESS_KEY_HEADER)
    if text is None:
        return None
    key = decode_standard(text)
    if key is None or len(key) != _KEY_LENGTH:
        raise Refused(401)
    return key


def group_send_token(request: Request) -> bytes | None:
    """The group send token in the headers; raises Refused (401) for anything else there."""
    text = request.headers.get(GROUP_SEND_HEADER)
    if text is None:
        return None
    token = decode_standard(text)
    if not token:
        raise Refused(401)
    return token


def require_access(
    caller: Caller | None, key: bytes | None, target: Account | None, service_id: ServiceId
) -> Account:
    """The target, if the caller's login or the key allows access.

    Refused with 404 for an unknown target with a login, else with 401.
    """
    if caller is not None:
        if target is None:
            raise Refused(404)
        return target
    # An unknown target looks like a wrong key, so that callers cannot find out who exists.
    if key is None or target is None or service_id.is_pni:
        raise Refused(401)
    if target.unrestricted_access:
        return target
    if target.access_key is None or not hmac.compare_digest(target.access_key, key):
        raise Refused(401)
    return target


def require_combined_access(key: bytes, targets: Iterable[Account]) -> None:
    """Refused (401) unless the key is the exclusive-or of all restricted targets' keys."""
    keys = [target.access_key for target in targets if not target.unrestricted_access]
    if any(held is None for held in keys):
        raise Refused(401)
    combined = reduce(_xor, (held for held in keys if held is not None), bytes(_KEY_LENGTH))
    if not hmac.compare_digest(combined, key):
        raise Refused(401)


def require_group_send_token(state: State, token: bytes, recipients: Sequence[ServiceId]) -> None:
    """Refused (401) unless the token was made for exactly these recipients and has not expired."""
    from sigcli.zkgroup.endorsements import GroupSendDerivedKeyPair, GroupSendFullToken

    try:
        parsed = GroupSendFullToken.deserialize(token)
        key = GroupSendDerivedKeyPair.for_expiration(parsed.expiration_s, state.keys.zkgroup)
        parsed.verify(recipients, state.clock.now_ms(), key)
    except SigcliError:
        raise Refused(401) from None


def _xor(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b, strict=True))
