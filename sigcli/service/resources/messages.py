"""Sending: one message for every device of an account, or one sealed message for several accounts.

All attempts at a message carry the same timestamp. Statuses: ``MessageController`` of the public Signal-Server.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from sigcli.errors import MismatchedDevices, RecipientMismatch, StaleDevices
from sigcli.lazy_dataclass import dataclass
from sigcli.service.answers import JsonObject, encode_base64, lenient_object, parse_json
from sigcli.service.exchange import REQUEST_TIMEOUT_S, Request, json_request
from sigcli.service.status_errors import require_success

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.errors import SigcliError
    from sigcli.service.chat import IdentifiedChat, UnidentifiedChat
    from sigcli.service.credentials import Access
    from sigcli.service.exchange import Response
    from sigcli.wire.addresses import ServiceId

MULTI_RECIPIENT_TYPE = "application/vnd.signal-messenger.mrm"


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A ciphertext for one device. ``type``: 1 ratchet, 3 prekey, 6 sealed, 8 plaintext, as in an Envelope."""

    type: int
    device_id: int
    registration_id: int
    content: bytes = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        return {
            "type": self.type,
            "destinationDeviceId": self.device_id,
            "destinationRegistrationId": self.registration_id,
            "content": encode_base64(self.content),
        }


@dataclass(frozen=True, slots=True)
class SentTo:
    """A message was accepted. ``needs_sync``: the account has other devices (told for identified sends)."""

    needs_sync: bool


def send(
    chat: IdentifiedChat,
    recipient: ServiceId,
    messages: Sequence[OutgoingMessage],
    timestamp_ms: int,
    *,
    online: bool = False,
    urgent: bool = True,
    timeout_s: float = REQUEST_TIMEOUT_S,
) -> SentTo:
    """Send to every device of an account; for this account, to every other device.

    ``online``: dropped for devices that are not connected. Raises StaleDevices (reported first), MismatchedDevices,
    NotFound, Unauthorized, RateLimited, ChallengeRequired, PayloadTooLarge, ServerRejected.
    """
    request = _request(recipient, messages, timestamp_ms, online=online, urgent=urgent, story=False)
    return _sent(chat.request(request, timeout_s))


def send_sealed(
    chat: UnidentifiedChat,
    recipient: ServiceId,
    messages: Sequence[OutgoingMessage],
    timestamp_ms: int,
    access: Access | None,
    *,
    online: bool = False,
    urgent: bool = True,
    story: bool = False,
    timeout_s: float = REQUEST_TIMEOUT_S,
) -> SentTo:
    """Like ``send``, without a login; ``access`` is None for a story only.

    Raises Unauthorized if the access does not fit or the recipient is unknown: the message may then be sent identified.
    """
    request = _request(recipient, messages, timestamp_ms, online=online, urgent=urgent, story=story)
    return _sent(chat.request(request, access, timeout_s))


def send_to_many(
    chat: UnidentifiedChat,
    sealed_message: bytes,
    timestamp_ms: int,
    access: Access | None,
    *,
    online: bool = False,
    urgent: bool = True,
    story: bool = False,
    timeout_s: float = REQUEST_TIMEOUT_S,
) -> tuple[ServiceId, ...]:
    """Send one sealed message (version 2, its sent form) to several accounts; returns those that do not exist.

    ``access``: a token that covers exactly the recipients, or the exclusive-or of their access keys; None for a story
    only. Raises RecipientMismatch with the problem of each account; missing and extra devices are reported before stale
    ones.
    """
    path = (
        f"/v1/messages/multi_recipient?ts={timestamp_ms}"
        f"&online={_flag(online)}&urgent={_flag(urgent)}&story={_flag(story)}"
    )
    request = Request("PUT", path, {"Content-Type": MULTI_RECIPIENT_TYPE}, sealed_message)
    overrides = {409: _account_mismatch, 410: _account_mismatch}
    response = require_success(
        chat.request(request, access, timeout_s), "send the message", overrides
    )
    body = lenient_object(response)
    if body is None:
        return ()
    return body.service_ids("uuids404")


def report_spam(
    chat: IdentifiedChat, sender: ServiceId, server_guid: str, token: bytes | None
) -> None:
    """Report a received message as spam; ``token`` is the one in its envelope.

    ``sender`` is an ACI: the service fails on a report about a PNI.
    """
    assert sender.is_aci
    body = {} if token is None else {"token": encode_base64(token)}
    request = json_request("POST", f"/v1/messages/report/{sender}/{server_guid}", body)
    require_success(chat.request(request), "accept the report")


def _request(
    recipient: ServiceId,
    messages: Sequence[OutgoingMessage],
    timestamp_ms: int,
    *,
    online: bool,
    urgent: bool,
    story: bool,
) -> Request:
    assert messages
    body = {
        "messages": [message.to_json() for message in messages],
        "timestamp": timestamp_ms,
        "online": online,
        "urgent": urgent,
    }
    return json_request("PUT", f"/v1/messages/{recipient}{'?story=true' if story else ''}", body)


def _sent(response: Response) -> SentTo:
    body = lenient_object(require_success(response, "send the message"))
    return SentTo(body is not None and body.flag("needsSync"))


def _account_mismatch(response: Response) -> SigcliError:
    accounts: dict[str, MismatchedDevices | StaleDevices] = {}
    entries = parse_json(response.body)
    for entry in entries if isinstance(entries, list) else ():
        account = JsonObject.of(entry, "account")
        devices = account.object("devices")
        problem = (
            MismatchedDevices(devices.integers("missingDevices"), devices.integers("extraDevices"))
            if response.status == 409
            else StaleDevices(devices.integers("staleDevices"))
        )
        accounts[str(account.service_id("uuid"))] = problem
    return RecipientMismatch(response.status, accounts)


def _flag(value: bool) -> str:
    return "true" if value else "false"
