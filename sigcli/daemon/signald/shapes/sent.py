"""The outcome of a message, in signald's format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.client.base.outcomes import ResultType
from sigcli.client.sending.sync_sending import has_other_devices
from sigcli.daemon.signald.failures import PROOF_OPTIONS
from sigcli.daemon.signald.shapes.people import address_of
from sigcli.store.identity_keys import find_identity
from sigcli.store.sessions import session_devices
from sigcli.wire.addresses import ServiceIdKind

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.client.base.outcomes import SendOutcome, SendResult

_NOT_REACHED = frozenset(
    {
        ResultType.NETWORK_FAILURE,
        ResultType.RATE_LIMIT_FAILURE,
        ResultType.INVALID_PRE_KEY_FAILURE,
    }
)


def send_response(account: Account, outcome: SendOutcome, duration_ms: int) -> dict[str, Any]:
    """``SendResponse``."""
    return {
        "results": send_results(account, outcome, duration_ms),
        "timestamp": outcome.timestamp_ms,
    }


def send_results(account: Account, outcome: SendOutcome, duration_ms: int) -> list[dict[str, Any]]:
    """One result a recipient, successes first: a client takes the first one for the whole."""
    ordered = sorted(outcome.results, key=lambda result: not result.succeeded)
    needs_sync = has_other_devices(account)
    return [_result(account, result, needs_sync, duration_ms) for result in ordered]


def done_response(account: Account, address: dict[str, Any], now_ms: int) -> dict[str, Any]:
    """The same for an operation that only reports success."""
    return {
        "results": [
            {
                "address": address,
                "success": {"unidentified": False, "needsSync": False, "duration": 0},
                "networkFailure": False,
                "unregisteredFailure": False,
            }
        ],
        "timestamp": now_ms,
    }


def _result(
    account: Account, result: SendResult, needs_sync: bool, duration_ms: int
) -> dict[str, Any]:
    kind = result.type
    shape: dict[str, Any] = {
        "address": address_of(result.recipient),
        "networkFailure": kind in _NOT_REACHED and result.token is None,
        "unregisteredFailure": kind is ResultType.UNREGISTERED_FAILURE,
    }
    service_id = result.recipient.aci or result.recipient.pni
    if result.succeeded:
        devices = (
            []
            if service_id is None
            else session_devices(account.database, ServiceIdKind.ACI, service_id)
        )
        shape["success"] = {
            "unidentified": result.sealed,
            "needsSync": needs_sync,
            "duration": duration_ms,
            "devices": devices,
        }
    if kind is ResultType.IDENTITY_FAILURE:
        known = None if service_id is None else find_identity(account.database, service_id)
        shape["identityFailure"] = "" if known is None else known.identity_key.serialize().hex()
    if result.token is not None:
        shape["proof_required_failure"] = {
            "token": result.token,
            "options": PROOF_OPTIONS,
            "message": None if result.error is None else result.error.message,
            "retry_after": result.retry_after_s,
        }
    return shape
