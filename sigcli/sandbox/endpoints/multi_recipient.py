"""``PUT /v1/messages/multi_recipient``: one sealed message for several accounts.

Order of the checks: ``MessageController`` and ``MessageSender`` of the public Signal-Server. Here missing and extra
devices are reported before stale ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import SigcliError
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.sealed_sender_v2 import SentMessage
from sigcli.sandbox.access import (
    access_key,
    group_send_token,
    require_combined_access,
    require_group_send_token,
)
from sigcli.sandbox.delivery import MAX_CONTENT, check_devices, deliver
from sigcli.sandbox.exchange import Refused, json_response
from sigcli.sandbox.faults import FaultKind
from sigcli.sandbox.fields import query_flag, query_integer
from sigcli.sandbox.router import Login, Route
from sigcli.wire.envelopes import MAX_TIMESTAMP_MS, Envelope, EnvelopeType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.protocol.sealed_sender_v2 import SentRecipient
    from sigcli.sandbox.accounts import Account
    from sigcli.sandbox.exchange import Request, Response
    from sigcli.sandbox.state import State
    from sigcli.wire.addresses import ServiceId

MEDIA_TYPE = "application/vnd.signal-messenger.mrm"
MAX_RECIPIENTS = 5000
MAX_SHARED = 256 * 1024 + 32


@dataclass(frozen=True, slots=True)
class Sending:
    """A multi-recipient message with its query parameters; recipients are those not excluded."""

    message: SentMessage
    recipients: Mapping[ServiceId, SentRecipient]
    timestamp_ms: int
    online: bool
    urgent: bool
    story: bool

    @classmethod
    def read(cls, request: Request) -> Sending:
        """Raises Refused with 415, 400 or 413."""
        if request.headers.get("content-type", "").strip().lower() != MEDIA_TYPE:
            raise Refused(415)
        try:
            message = SentMessage.parse(request.body)
        except SigcliError:
            raise Refused(400) from None
        if len(message.recipients) > MAX_RECIPIENTS or len(message.shared) > MAX_SHARED:
            raise Refused(413)
        timestamp_ms = query_integer(request, "ts", 0)
        if not 0 <= timestamp_ms <= MAX_TIMESTAMP_MS:
            raise Refused(400)
        recipients = {
            service_id: recipient
            for service_id, recipient in message.recipients.items()
            if recipient.devices
        }
        if not recipients:
            raise Refused(400)
        return cls(
            message,
            recipients,
            timestamp_ms,
            query_flag(request, "online"),
            query_flag(request, "urgent", default=True),
            query_flag(request, "story"),
        )

    def require_no_duplicates(self) -> None:
        """Raises Refused (400)."""
        for recipient in self.recipients.values():
            if len(dict(recipient.devices)) != len(recipient.devices):
                raise Refused(400)


class MultiRecipientEndpoints:
    """Sending to several accounts at once."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[Route]:
        path = "/v1/messages/multi_recipient"
        return [Route("PUT", path, Login.IGNORED, self._send)]

    def _send(self, request: Request) -> Response:
        key, token = access_key(request), group_send_token(request)
        sending = Sending.read(request)
        if sending.story and token is not None:
            raise Refused(400)
        sending.require_no_duplicates()
        found = {
            service_id: self._state.accounts.by_service_id(service_id)
            for service_id in sending.recipients
        }
        targets = {id: account for id, account in found.items() if account is not None}
        unknown = [str(id) for id, account in found.items() if account is None]
        if sending.story:
            unknown = []
            for target in targets.values():
                self._state.limits.use("stories", target.aci)
        else:
            self._authorise(sending, targets, key, token, has_unknown=bool(unknown))
        self._meet_faults(request, targets)
        if self._state.switches.read_only:
            raise Refused(503)
        self._require_devices(sending, targets)
        self._queue(sending, targets)
        return json_response({"uuids404": unknown})

    def _authorise(
        self,
        sending: Sending,
        targets: Mapping[ServiceId, Account],
        key: bytes | None,
        token: bytes | None,
        *,
        has_unknown: bool,
    ) -> None:
        if token is None and key is None:
            raise Refused(401)
        if token is not None and key is not None:
            raise Refused(400)
        if token is not None:
            require_group_send_token(self._state, token, list(sending.recipients))
            return
        assert key is not None
        if has_unknown:
            raise Refused(404)
        if any(service_id.is_pni for service_id in sending.recipients):
            raise Refused(401)
        require_combined_access(key, targets.values())

    def _meet_faults(self, request: Request, targets: Mapping[ServiceId, Account]) -> None:
        faults = self._state.faults
        mismatched = faults.take(FaultKind.MISMATCHED, request)
        if mismatched is not None:
            devices = {
                "missingDevices": list(mismatched.devices),
                "extraDevices": list(mismatched.extra),
            }
            raise Refused(409, [{"uuid": str(id), "devices": devices} for id in targets])
        stale = faults.take(FaultKind.STALE, request)
        if stale is not None:
            raise Refused(
                410,
                [
                    {
                        "uuid": str(id),
                        "devices": {"staleDevices": list(stale.devices or target.devices)},
                    }
                    for id, target in targets.items()
                ],
            )

    @staticmethod
    def _require_devices(sending: Sending, targets: Mapping[ServiceId, Account]) -> None:
        if any(
            len(sending.message.received_form(service_id)) > MAX_CONTENT for service_id in targets
        ):
            raise Refused(413)
        problems = {
            service_id: check_devices(target, service_id, dict(recipient.devices))
            for service_id, recipient in sending.recipients.items()
            if (target := targets.get(service_id)) is not None
        }
        mismatched = [
            {"uuid": str(service_id), "devices": problem.mismatched_json}
            for service_id, problem in problems.items()
            if problem.missing or problem.extra
        ]
        if mismatched:
            raise Refused(409, mismatched)
        stale = [
            {"uuid": str(service_id), "devices": problem.stale_json}
            for service_id, problem in problems.items()
            if problem.stale
        ]
        if stale:
            raise Refused(410, stale)

    def _queue(self, sending: Sending, targets: Mapping[ServiceId, Account]) -> None:
        now_ms = self._state.clock.now_ms()
        for service_id, target in targets.items():
            envelope = Envelope(
                type=EnvelopeType.UNIDENTIFIED_SENDER,
                timestamp_ms=sending.timestamp_ms or now_ms,
                destination=service_id,
                content=sending.message.received_form(service_id),
                server_timestamp_ms=now_ms,
                urgent=sending.urgent,
                story=sending.story,
                ephemeral=sending.online,
            )
            for device_id, _ in sending.recipients[service_id].devices:
                deliver(self._state, target, device_id, envelope)
