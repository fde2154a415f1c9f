"""``PUT /v1/messages/{id}``: one message for every device of an account.

Order of the checks: ``MessageController`` and ``MessageSender`` of the public Signal-Server.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass
from sigcli.sandbox.access import (
    access_key,
    group_send_token,
    require_access,
    require_group_send_token,
)
from sigcli.sandbox.accounts import parse_uuid
from sigcli.sandbox.delivery import MAX_CONTENT, check_devices, deliver
from sigcli.sandbox.exchange import Refused, Response, json_response
from sigcli.sandbox.faults import FaultKind
from sigcli.sandbox.fields import Fields, invalid, path_service_id, query_flag
from sigcli.sandbox.router import Login, Route
from sigcli.wire.addresses import ServiceId, is_e164
from sigcli.wire.envelopes import MAX_TIMESTAMP_MS, Envelope, EnvelopeType

if TYPE_CHECKING:
    from sigcli.sandbox.accounts import Account
    from sigcli.sandbox.endpoints.challenge import Challenges
    from sigcli.sandbox.exchange import Caller, Request
    from sigcli.sandbox.state import State

_SENDABLE = frozenset(EnvelopeType) - {EnvelopeType.SERVER_DELIVERY_RECEIPT}
_ANY_LENGTH = range(1, 1 << 24)
_ANY_TOKEN = range(1 << 16)


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A ciphertext for one device."""

    type: EnvelopeType
    device_id: int
    registration_id: int
    content: bytes = field(repr=False)

    @classmethod
    def read(cls, fields: Fields) -> IncomingMessage:
        """Raises Refused (422)."""
        type_number = fields.integer("type", 0, 127)
        if type_number not in _SENDABLE:
            raise invalid()
        return cls(
            EnvelopeType(type_number),
            fields.integer("destinationDeviceId", -128, 127),
            fields.integer("destinationRegistrationId", -(2**31), 2**31 - 1, 0),
            fields.data("content", _ANY_LENGTH),
        )


@dataclass(frozen=True, slots=True)
class IncomingMessages:
    """A message for all devices of an account."""

    messages: tuple[IncomingMessage, ...]
    timestamp_ms: int
    online: bool
    urgent: bool

    @classmethod
    def read(cls, fields: Fields) -> IncomingMessages:
        """Raises Refused (422), also if there are no messages or two for one device."""
        messages = tuple(IncomingMessage.read(entry) for entry in fields.list_of_fields("messages"))
        if len({message.device_id for message in messages}) != len(messages) or not messages:
            raise invalid()
        return cls(
            messages,
            fields.integer("timestamp", 0, MAX_TIMESTAMP_MS, 0),
            fields.flag("online"),
            fields.flag("urgent", default=True),
        )

    @property
    def registration_ids(self) -> dict[int, int]:
        return {message.device_id: message.registration_id for message in self.messages}


class MessageEndpoints:
    """Sending to one account, and reporting spam."""

    def __init__(self, state: State, challenges: Challenges) -> None:
        self._state = state
        self._challenges = challenges

    def routes(self) -> list[Route]:
        return [
            Route("PUT", "/v1/messages/{id}", Login.OPTIONAL, self._send),
            Route("POST", "/v1/messages/report/{source}/{guid}", Login.REQUIRED, self._report),
        ]

    def _send(self, request: Request) -> Response:
        key, token = access_key(request), group_send_token(request)
        destination = path_service_id(request, "id")
        messages = IncomingMessages.read(Fields.of(request))
        story = query_flag(request, "story")
        if token is not None and (request.caller is not None or key is not None or story):
            raise Refused(400)
        caller = None if story else request.caller
        if story:
            target = self._story_target(destination)
            if target is None:
                return json_response({"needsSync": False})
        elif caller is not None:
            target = self._identified_target(caller, destination)
        else:
            target = self._sealed_target(destination, key, token)
        self._meet_faults(request, caller)
        self._queue(target, destination, messages, caller, story=story)
        syncs = caller is not None and target.aci != caller.account.aci
        needs_sync = syncs and caller is not None and len(caller.account.devices) > 1
        return json_response({"needsSync": needs_sync})

    def _story_target(self, destination: ServiceId) -> Account | None:
        target = self._state.accounts.by_service_id(destination)
        if target is not None:
            self._state.limits.use("stories", target.aci)
        return target

    def _identified_target(self, caller: Caller, destination: ServiceId) -> Account:
        if destination == caller.account.aci:
            return caller.account
        if destination == caller.account.pni:
            raise Refused(403)
        target = self._state.accounts.by_service_id(destination)
        if target is None:
            raise Refused(404)
        self._state.limits.use("messages", (caller.account.aci, target.aci))
        return target

    def _sealed_target(
        self, destination: ServiceId, key: bytes | None, token: bytes | None
    ) -> Account:
        if key is None and token is None:
            raise Refused(401)
        target = self._state.accounts.by_service_id(destination)
        if token is None:
            return require_access(None, key, target, destination)
        require_group_send_token(self._state, token, [destination])
        if target is None:
            raise Refused(404)
        return target

    def _meet_faults(self, request: Request, caller: Caller | None) -> None:
        """Faults that a service may answer with for no reason that a client could see."""
        faults = self._state.faults
        if caller is not None:
            challenge = faults.take(FaultKind.CHALLENGE, request)
            if challenge is not None:
                raise self._challenges.demand(caller.account.aci, challenge.retry_after_s)
        stale = faults.take(FaultKind.STALE, request)
        if stale is not None:
            addressed = IncomingMessages.read(Fields.of(request)).registration_ids
            raise Refused(410, {"staleDevices": list(stale.devices or addressed)})
        mismatched = faults.take(FaultKind.MISMATCHED, request)
        if mismatched is not None:
            body = {
                "missingDevices": list(mismatched.devices),
                "extraDevices": list(mismatched.extra),
            }
            raise Refused(409, body)

    def _queue(
        self,
        target: Account,
        destination: ServiceId,
        messages: IncomingMessages,
        caller: Caller | None,
        *,
        story: bool,
    ) -> None:
        state = self._state
        size = sum(len(message.content) for message in messages.messages)
        state.limits.use("inbound-bytes", destination, size)
        if state.switches.read_only:
            raise Refused(503)
        is_sync = caller is not None and caller.account.aci == target.aci
        sender_device = caller.device.id if caller is not None and is_sync else None
        problems = check_devices(target, destination, messages.registration_ids, sender_device)
        if problems.stale:
            raise Refused(410, problems.stale_json)
        if problems:
            raise Refused(409, problems.mismatched_json)
        if any(len(message.content) > MAX_CONTENT for message in messages.messages):
            raise Refused(413)
        now_ms = state.clock.now_ms()
        for message in messages.messages:
            envelope = Envelope(
                type=message.type,
                timestamp_ms=messages.timestamp_ms or now_ms,
                source=caller.account.aci if caller is not None else None,
                source_device_id=caller.device.id if caller is not None else None,
                destination=destination,
                content=message.content,
                server_timestamp_ms=now_ms,
                urgent=messages.urgent,
                story=story,
                ephemeral=messages.online,
                report_spam_token=_spam_token(state, caller.account) if caller else None,
            )
            deliver(state, target, message.device_id, envelope)

    def _report(self, request: Request) -> Response:
        source = request.parameters["source"]
        if source.startswith("PNI:"):
            raise Refused(500)
        if not is_e164(source) and parse_uuid(source) is None:
            raise Refused(400)
        guid = parse_uuid(request.parameters["guid"])
        if guid is None:
            raise Refused(404)
        token = Fields.of(request).optional_data("token", _ANY_TOKEN) if request.body else None
        expected = self._expected_token(source)
        event = {"event": "spamReport", "source": source, "serverGuid": str(guid)}
        self._state.emit(event | {"tokenIsRight": token is not None and token == expected})
        return Response(202)

    def _expected_token(self, source: str) -> bytes | None:
        accounts = self._state.accounts
        by_number = is_e164(source)
        account = (
            accounts.by_number(source)
            if by_number
            else accounts.by_service_id(ServiceId.aci(source))
        )
        return None if account is None else _spam_token(self._state, account)


def _spam_token(state: State, sender: Account) -> bytes:
    """By which the service recognises the sender when a message is reported."""
    return bytes.fromhex(state.keys.tag("spam", str(sender.aci)))
