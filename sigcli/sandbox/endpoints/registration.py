"""``POST /v1/registration``: a new account, or taking over an old one.

Order of the checks: ``RegistrationController`` of the public Signal-Server.
"""

from __future__ import annotations

import secrets
from dataclasses import field
from typing import TYPE_CHECKING, Any

from sigcli.crypto.curve import PublicKey
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.device_name import seal_created_at
from sigcli.sandbox.account_attributes import RECOVERY_PASSWORD_LENGTH, AccountAttributes
from sigcli.sandbox.accounts import PRIMARY, Account, Device, SaltedHash, parse_uuid
from sigcli.sandbox.capabilities import REQUIRED, has_capability
from sigcli.sandbox.endpoints.usernames import with_reserved_username
from sigcli.sandbox.exchange import Refused, json_response
from sigcli.sandbox.fields import Fields, encode_standard, encode_url_safe, invalid
from sigcli.sandbox.login import BasicLogin
from sigcli.sandbox.registration_lock import require_registration_lock
from sigcli.sandbox.router import Login, Route
from sigcli.sandbox.uploaded_keys import (
    RepeatedUseKeys,
    read_identity_key,
    read_optional_identity_key,
    read_repeated_use_keys,
    require_one_delivery_channel,
    require_signatures,
)
from sigcli.wire.addresses import ServiceId, is_e164

if TYPE_CHECKING:
    from sigcli.sandbox.exchange import Request, Response
    from sigcli.sandbox.state import State
    from sigcli.sandbox.uploaded_keys import DeviceAttributes
    from sigcli.sandbox.verification import Sessions


@dataclass(frozen=True, slots=True)
class Registration:
    """A registration as sent, with all fields valid."""

    session_id: str | None = field(repr=False)
    recovery_password: bytes | None = field(repr=False)
    receipt: bytes | None = field(repr=False)
    skip_device_transfer: bool
    attributes: AccountAttributes
    aci_identity: bytes
    aci_keys: RepeatedUseKeys
    pni_identity: bytes | None
    pni_keys: RepeatedUseKeys | None

    @classmethod
    def read(cls, fields: Fields) -> Registration:
        """Raises Refused (422)."""
        session_id = fields.optional_text("sessionId") or None
        recovery = fields.optional_data("recoveryPassword", (0, RECOVERY_PASSWORD_LENGTH)) or None
        receipt = fields.optional_data("receiptCredentialPresentation", range(1 << 12)) or None
        if sum(way is not None for way in (session_id, recovery, receipt)) != 1:
            raise invalid()
        attributes = AccountAttributes.read(fields.fields("accountAttributes"))
        aci_keys = read_repeated_use_keys(fields, "aci")
        pni_identity = read_optional_identity_key(fields, "pniIdentityKey")
        pni_keys = read_repeated_use_keys(fields, "pni")
        of_pni = (pni_identity, pni_keys, attributes.device.pni_registration_id)
        if aci_keys is None or len({part is None for part in of_pni}) != 1:
            raise invalid()
        require_one_delivery_channel(fields, attributes.device)
        return cls(
            session_id,
            recovery,
            receipt,
            fields.flag("skipDeviceTransfer"),
            attributes,
            read_identity_key(fields, "aciIdentityKey"),
            aci_keys,
            pni_identity,
            pni_keys,
        )

    def require_signatures(self) -> None:
        """Raises Refused (422)."""
        keys = self.aci_keys
        require_signatures(self.aci_identity, (keys.signed, keys.last_resort))
        if self.pni_identity is not None and self.pni_keys is not None:
            keys = self.pni_keys
            require_signatures(self.pni_identity, (keys.signed, keys.last_resort))


RECEIPT = "receipt"
"""The database's kind of issued receipts."""
SALT_LENGTH = 16


class RegistrationEndpoints:
    """The one request that creates accounts."""

    def __init__(self, state: State, sessions: Sessions) -> None:
        self._state = state
        self._sessions = sessions

    def routes(self) -> list[Route]:
        return [Route("POST", "/v1/registration", Login.IGNORED, self._register)]

    def _register(self, request: Request) -> Response:
        if "authorization" not in request.headers:
            raise Refused(400)
        login = BasicLogin.parse(request.headers["authorization"])
        if login is None:
            raise Refused(401)
        registration = Registration.read(Fields.of(request))
        registration.require_signatures()
        if not (registration.attributes.device.capabilities or frozenset()) >= REQUIRED:
            raise Refused(499)
        uuid = parse_uuid(login.user)
        number: str | None = login.user
        existing = None
        if registration.receipt is not None:
            self._take_receipt(registration)
            number = None
        elif uuid is not None:
            existing = self._recover_by_aci(ServiceId.aci(uuid), registration)
            number = existing.number
        else:
            if registration.pni_identity is None:
                raise invalid()
            self._verify_number(login.user, registration)
            existing = self._state.accounts.by_number(login.user)
        if (number is None) != (registration.pni_identity is None):
            raise invalid()
        if existing is not None:
            self._require_takeover(existing, registration, by_aci=uuid is not None)
        agent = request.headers.get("x-signal-agent", "")
        account = self._create(number, login.password, agent, registration, existing)
        answer = identity_json(account)
        # About the old account: whether there may be something to restore.
        capable = existing is not None and has_capability(existing, "storage")
        return json_response(
            answer | {"storageCapable": capable, "reregistration": existing is not None}
        )

    def _take_receipt(self, registration: Registration) -> None:
        """Use up a receipt for an account without a number (issued by ``POST /sandbox/receipt``)."""
        receipt = (registration.receipt or b"").hex()
        if registration.attributes.recovery_password is None:
            raise invalid()
        if self._state.database.get(RECEIPT, receipt) is None:
            raise Refused(400)
        self._state.database.delete(RECEIPT, receipt)

    def _verify_number(self, number: str, registration: Registration) -> None:
        self._state.limits.use("registration", number)
        if not is_e164(number):
            raise Refused(401)
        if registration.recovery_password is not None:
            pni = self._state.accounts.pni_for(number)
            held = self._state.accounts.recovery_password(pni)
            if held is None or not held.matches(registration.recovery_password):
                raise Refused(403)
            return
        require_verified_session(self._state, self._sessions, registration.session_id, number)

    def _recover_by_aci(self, aci: ServiceId, registration: Registration) -> Account:
        given = registration.recovery_password
        if given is None or registration.attributes.recovery_password is None:
            raise Refused(400)
        account = self._state.accounts.by_service_id(aci)
        held = account.recovery_password if account is not None else None
        if account is None or held is None or not held.matches(given):
            raise Refused(403)
        return account

    def _require_takeover(
        self, existing: Account, registration: Registration, *, by_aci: bool
    ) -> None:
        if not registration.skip_device_transfer and has_capability(existing, "transfer"):
            raise Refused(409)
        if not by_aci:
            require_registration_lock(
                self._state,
                existing,
                registration.attributes.registration_lock or None,
                by_recovery_password=registration.recovery_password is not None,
            )

    def _create(
        self,
        number: str | None,
        password: str,
        agent: str,
        registration: Registration,
        existing: Account | None,
    ) -> Account:
        state, accounts = self._state, self._state.accounts
        pni = None if number is None else accounts.pni_for(number)
        if existing is not None:
            state.wipe_account(existing)
        account = Account(
            aci=existing.aci if existing is not None else accounts.aci_for(pni),
            auth_credential_salt=secrets.token_bytes(SALT_LENGTH) if pni is None else None,
            pni=pni,
            number=number,
            aci_identity=registration.aci_identity,
            pni_identity=registration.pni_identity,
        )
        if existing is not None:
            account = with_reserved_username(account, existing, state.clock.now_ms())
        device = new_device(
            state, PRIMARY, password, agent, registration.attributes.device, account.aci_identity
        )
        account = registration.attributes.applied_to_account(account).with_device(device)
        accounts.put(account)
        if registration.attributes.recovery_password is not None and pni is not None:
            accounts.store_recovery_password(pni, registration.attributes.recovery_password)
        registration.aci_keys.store(state.prekeys, account.aci, PRIMARY)
        if registration.pni_keys is not None and pni is not None:
            registration.pni_keys.store(state.prekeys, pni, PRIMARY)
        return account


def require_verified_session(
    state: State, sessions: Sessions, session_id: str | None, number: str
) -> None:
    """Refused with 401 if the session is unknown or not verified, 400 if it is for another number."""
    session = sessions.get(session_id or "", state.clock.now_ms())
    if session is None:
        raise Refused(401)
    if session.number != number:
        raise Refused(400)
    if not session.verified:
        raise Refused(401)


def new_device(
    state: State,
    device_id: int,
    password: str,
    agent: str,
    attributes: DeviceAttributes,
    aci_identity: bytes,
) -> Device:
    """A device in the form in which it is stored after registration or linking."""
    now_ms = state.clock.now_ms()
    return Device(
        id=device_id,
        password=SaltedHash.of(password),
        registration_id=attributes.registration_id,
        pni_registration_id=attributes.pni_registration_id,
        created_ms=now_ms,
        last_seen_ms=state.clock.today_ms(),
        name=attributes.name,
        capabilities=attributes.capabilities or frozenset(),
        fetches_messages=attributes.fetches_messages,
        agent=agent,
        created_at_ciphertext=seal_created_at(
            now_ms,
            PublicKey.deserialize(aci_identity),
            device_id,
            attributes.registration_id,
        ),
    )


def identity_json(account: Account) -> dict[str, Any]:
    """The identity object in the answers to registration, whoami and change of number; the PNI has no prefix."""
    username_hash = account.username_hash
    return {
        "uuid": str(account.aci),
        "number": account.number,
        "pni": None if account.pni is None else str(account.pni.uuid),
        "authCredentialSalt": None
        if account.auth_credential_salt is None
        else encode_standard(account.auth_credential_salt),
        "usernameHash": None if username_hash is None else encode_url_safe(username_hash),
        "usernameLinkHandle": account.username_link,
        "storageCapable": has_capability(account, "storage"),
        "entitlements": {"badges": []},
    }
