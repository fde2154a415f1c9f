"""``PUT /v2/accounts/number``: an account moves to another number, all its devices at once.

Order of the checks: ``AccountControllerV2`` and ``ChangeNumberManager`` of the public Signal-Server.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass, replace
from sigcli.protocol.limits import MAX_REGISTRATION_ID
from sigcli.sandbox.account_attributes import RECOVERY_PASSWORD_LENGTH
from sigcli.sandbox.accounts import PRIMARY, Account
from sigcli.sandbox.delivery import MAX_CONTENT, check_devices, deliver
from sigcli.sandbox.endpoints.messages import IncomingMessage
from sigcli.sandbox.endpoints.registration import identity_json, require_verified_session
from sigcli.sandbox.exchange import Refused, json_response
from sigcli.sandbox.fields import Fields, invalid
from sigcli.sandbox.registration_lock import require_registration_lock
from sigcli.sandbox.router import Login, Route
from sigcli.sandbox.uploaded_keys import (
    RepeatedUseKeys,
    read_curve_key,
    read_identity_key,
    read_kyber_key,
    require_signatures,
)
from sigcli.wire.addresses import is_e164
from sigcli.wire.envelopes import Envelope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.sandbox.exchange import Request, Response
    from sigcli.sandbox.state import State
    from sigcli.sandbox.verification import Sessions


@dataclass(frozen=True, slots=True)
class NumberChange:
    """A change of number as sent, with all fields valid."""

    number: str = field(repr=False)
    session_id: str | None = field(repr=False)
    recovery_password: bytes | None = field(repr=False)
    registration_lock: str | None = field(repr=False)
    pni_identity: bytes
    keys: Mapping[int, RepeatedUseKeys]
    registration_ids: Mapping[int, int]
    messages: tuple[IncomingMessage, ...]
    named_devices: tuple[frozenset[int], ...]
    """The devices in each of the three maps."""

    @classmethod
    def read(cls, fields: Fields) -> NumberChange:
        """Raises Refused (422)."""
        number = fields.text("number")
        session_id = fields.optional_text("sessionId") or None
        recovery = fields.optional_data("recoveryPassword", (0, RECOVERY_PASSWORD_LENGTH)) or None
        if not is_e164(number) or (session_id is None) == (recovery is None):
            raise invalid()
        signed = fields.fields("devicePniSignedPrekeys")
        last_resort = fields.fields("devicePniPqLastResortPrekeys")
        ids = fields.fields("pniRegistrationIds")
        maps = [set(signed), set(last_resort), set(ids)]
        if not all(maps):
            raise invalid()
        if not all(name.isdecimal() and len(name) < 4 for names in maps for name in names):
            raise invalid()
        keys = {
            int(name): RepeatedUseKeys(
                read_curve_key(signed.fields(name), signed=True),
                read_kyber_key(last_resort.fields(name)),
            )
            for name in maps[0] & maps[1]
        }
        return cls(
            number,
            session_id,
            recovery,
            fields.optional_text("reglock") or None,
            read_identity_key(fields, "pniIdentityKey"),
            keys,
            {int(name): ids.integer(name, 1, MAX_REGISTRATION_ID) for name in ids},
            tuple(IncomingMessage.read(entry) for entry in fields.list_of_fields("deviceMessages")),
            tuple(frozenset(map(int, names)) for names in maps),
        )


class ChangeNumberEndpoints:
    """The one request that moves an account."""

    def __init__(self, state: State, sessions: Sessions) -> None:
        self._state = state
        self._sessions = sessions

    def routes(self) -> list[Route]:
        return [Route("PUT", "/v2/accounts/number", Login.REQUIRED, self._change)]

    def _change(self, request: Request) -> Response:
        caller = request.required_caller
        change = NumberChange.read(Fields.of(request))
        if not caller.is_primary:
            raise Refused(403)
        for keys in change.keys.values():
            require_signatures(change.pni_identity, (keys.signed, keys.last_resort))
        account = caller.account
        if account.pni is None or account.number is None:
            raise Refused(400)
        existing = self._state.accounts.by_number(change.number)
        if change.number != account.number:
            self._verify(change, existing)
        self._require_devices(account, change)
        moved = self._move(account, existing, change)
        self._tell_other_devices(moved, change)
        return json_response(identity_json(moved))

    def _verify(self, change: NumberChange, existing: Account | None) -> None:
        self._state.limits.use("registration", change.number)
        if change.recovery_password is not None:
            pni = self._state.accounts.pni_for(change.number)
            held = self._state.accounts.recovery_password(pni)
            if held is None or not held.matches(change.recovery_password):
                raise Refused(403)
        else:
            require_verified_session(self._state, self._sessions, change.session_id, change.number)
        if existing is not None:
            require_registration_lock(
                self._state,
                existing,
                change.registration_lock,
                by_recovery_password=change.recovery_password is not None,
            )

    def _require_devices(self, account: Account, change: NumberChange) -> None:
        if change.messages:
            self._require_messages(account, change)
        for named in change.named_devices:
            missing, extra = account.devices.keys() - named, named - account.devices.keys()
            if missing or extra:
                problem = {"missingDevices": sorted(missing), "extraDevices": sorted(extra)}
                raise Refused(409, problem)

    @staticmethod
    def _require_messages(account: Account, change: NumberChange) -> None:
        addressed = {message.device_id: message.registration_id for message in change.messages}
        if len(addressed) != len(change.messages):
            raise invalid()
        problems = check_devices(account, account.aci, addressed, PRIMARY)
        if problems.stale:
            raise Refused(410, problems.stale_json)
        if problems:
            raise Refused(409, problems.mismatched_json)
        if any(len(message.content) > MAX_CONTENT for message in change.messages):
            raise Refused(413)

    def _move(self, account: Account, existing: Account | None, change: NumberChange) -> Account:
        state, left = self._state, account.pni
        # An account without a number was refused before.
        assert left is not None
        pni = state.accounts.pni_for(change.number)
        displaced = state.accounts.deleted_aci(pni)
        if existing is not None and existing.aci != account.aci:
            state.remove_account(existing)
            displaced = existing.aci
        state.prekeys.delete(left)
        state.prekeys.delete(pni)
        if change.number != account.number:
            state.accounts.displace(pni, left, displaced)
        devices = {
            id: replace(device, pni_registration_id=change.registration_ids[id])
            for id, device in account.devices.items()
        }
        moved = state.accounts.put(
            replace(
                account,
                number=change.number,
                pni=pni,
                pni_identity=change.pni_identity,
                devices=devices,
            )
        )
        for device_id, keys in change.keys.items():
            keys.store(state.prekeys, pni, device_id)
        return moved

    def _tell_other_devices(self, account: Account, change: NumberChange) -> None:
        now_ms = self._state.clock.now_ms()
        for message in change.messages:
            envelope = Envelope(
                type=message.type,
                timestamp_ms=now_ms,
                source=account.aci,
                source_device_id=PRIMARY,
                destination=account.aci,
                content=message.content,
                server_timestamp_ms=now_ms,
                updated_pni=account.pni,
            )
            deliver(self._state, account, message.device_id, envelope)
