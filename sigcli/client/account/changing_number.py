"""``startChangeNumber`` and ``finishChangeNumber``: the account moves to another number, with all its devices.

The new number is verified as for a registration, in two runs of the program. The second makes the keys of a new phone
number identity, for this device and for each linked one, which gets its own in an encrypted message that goes with the
request. What this device has to take over is stored before the request leaves: if the answer is lost, the next
attempt or the next account check finds out whether the number was changed.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sigcli.client.account.account_check import note_number
from sigcli.client.account.new_account import release_number
from sigcli.client.account.new_keys import new_lasting_prekeys, new_registration_id
from sigcli.client.account.prekey_upkeep import public_prekey, upload_prekeys
from sigcli.client.applying.number_change import (
    adopt_pending_change,
    identity_of,
    keep_pending_change,
    pending_change,
)
from sigcli.client.base.steps import run
from sigcli.client.sending.sessions import devices_to_address, match_devices, renew_sessions
from sigcli.crypto.curve import KeyPair
from sigcli.errors import (
    MismatchedDevices,
    NoSession,
    NumberRequired,
    PrimaryOnly,
    ProtocolError,
    RegistrationLocked,
    SameNumber,
    ServiceError,
    SigcliError,
    StaleDevices,
    StoreError,
)
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.prekeys import (
    KyberPreKeyRecord,
    SignedPreKeyRecord,
)
from sigcli.service.resources.change_number import DeviceKeys, NumberChangeRequest, change_number
from sigcli.store.tasks import TaskKind, drop_tasks
from sigcli.wire.addresses import ProtocolAddress, ServiceIdKind
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_state import SyncPniChangeNumber
from sigcli.wire.identity_key_pair import encode_identity_key_pair

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sigcli.client.account.verification import Verification
    from sigcli.client.base.account import Account
    from sigcli.crypto.randomness import RandomSource
    from sigcli.service.resources.accounts import AccountIdentity
    from sigcli.service.resources.messages import OutgoingMessage

MAX_ROUNDS = 5
_ENVELOPE_TYPES = {2: 1, 3: 3}
"""Kinds of ciphertext messages (a running session, a new one) as the service numbers them."""


@dataclass(frozen=True, slots=True)
class NewDevice:
    """A device's keys under the new phone number identity."""

    registration_id: int
    signed: SignedPreKeyRecord
    last_resort: KyberPreKeyRecord

    @classmethod
    def make(cls, identity: KeyPair, now_ms: int, random: RandomSource) -> NewDevice:
        """Fresh keys, signed by the new identity."""
        signed, last_resort = new_lasting_prekeys(identity, now_ms, random)
        return cls(new_registration_id(random), signed, last_resort)

    def public(self) -> DeviceKeys:
        """What the service is told of them."""
        return DeviceKeys(
            registration_id=self.registration_id,
            signed_prekey=public_prekey(self.signed),
            last_resort_prekey=public_prekey(self.last_resort),
        )

    def change(self, identity: KeyPair, number: str, *, for_itself: bool) -> SyncPniChangeNumber:
        """What the device is told; to others the Kyber key goes in libsignal's form, which is not the one kept here."""
        kyber = self.last_resort
        return SyncPniChangeNumber(
            identity_key_pair=encode_identity_key_pair(
                identity.public_key.serialize(), identity.private_key.serialize()
            ),
            signed_prekey=self.signed.serialize(),
            last_resort_kyber_prekey=kyber.serialize()
            if for_itself
            else kyber.serialize_expanded(),
            registration_id=self.registration_id,
            new_number=number,
        )


# --- the two commands -----------------------------------------------------------------------------


def start_change(
    account: Account,
    number: str,
    *,
    voice: bool = False,
    captcha: str | None = None,
    language: str | None = None,
) -> bool:
    """Have a code sent to the new number; true if a code for it was accepted earlier already.

    Raises PrimaryOnly, NumberRequired, InvalidNumber, SameNumber, CaptchaRequired, CaptchaRejected,
    CodeTransportImpossible, RateLimited.
    """
    from sigcli.service.resources.verification import SMS, VOICE

    number = _new_number(account, number)
    if number == account.number:
        raise SameNumber
    with _verification(account, number) as verification:
        session = verification.request_code(VOICE if voice else SMS, captcha, language)
    return session.verified


def finish_change(account: Account, number: str, code: str, pin: str | None = None) -> None:
    """Hand in the code and move the account; what fails can be repeated with the same code, and so can what is done.

    ``pin``: that of the account that has the number now, if its registration is locked. Raises PrimaryOnly,
    NumberRequired, InvalidNumber, RegistrationLocked, WrongPin, PinDataMissing,
    WrongVerificationCode, NothingToVerify, RateLimited.
    """
    from sigcli.client.account.registration import plain_code

    number, code = _new_number(account, number), plain_code(code)
    with _verification(account, number) as verification:
        if number != account.number and not _has_happened(account, number):
            session_id = verification.submit_code(code)
            identity = _change_unlocked(account, number, session_id, pin)
            if not adopt_pending_change(account, identity):
                raise ServiceError("the service has moved the account to another number")
        verification.forget()
    _settle(account)


def _new_number(account: Account, text: str) -> str:
    from sigcli.client.account.registration import international_number

    if not account.keys.is_primary:
        raise PrimaryOnly("only the account's primary device can change its number")
    number = international_number(text)
    if account.number is None:
        raise NumberRequired
    return number


@contextmanager
def _verification(account: Account, number: str) -> Iterator[Verification]:
    from sigcli.client.account.verification import Verification
    from sigcli.service.chat import UnlinkedChat

    with UnlinkedChat(account.network) as chat:
        yield Verification(
            chat,
            str(account.settings.data_dir),
            account.environment_name,
            number,
            captcha_url=account.environment.registration_captcha_url,
            clock=account.now_ms,
            begin=f"have a code sent first: sigcli startChangeNumber {number}",
            repeat="sigcli finishChangeNumber",
        )


def _has_happened(account: Account, number: str) -> bool:
    """Whether an earlier attempt, whose answer was lost, has changed the number."""
    from sigcli.service.resources.accounts import whoami

    if pending_change(account.database) is None:
        return False
    return adopt_pending_change(account, whoami(account.identified)) and account.number == number


# --- the change -----------------------------------------------------------------------------------


def _change_unlocked(
    account: Account, number: str, session_id: str, pin: str | None
) -> AccountIdentity:
    """Ask for the change, and where the number is locked, with what its PIN opens."""
    from sigcli.client.account.pin_recovery import lock_end, open_lock
    from sigcli.protocol.account_entropy import registration_lock

    try:
        return _change(account, number, session_id, None)
    except RegistrationLocked as lock:
        lock.hint = (
            "the account that has the number is locked: run sigcli finishChangeNumber again with --pin and its PIN."
            f" Without it, the lock ends {lock_end(lock)}"
        )
        if pin is None:
            raise
        found = open_lock(account.network, lock, pin, account.now_ms(), account.random)
    return _change(account, number, session_id, registration_lock(found.master_key))


def _change(
    account: Account, number: str, session_id: str, registration_lock: str | None
) -> AccountIdentity:
    """Ask for it, again as long as the devices do not fit; what this device takes over stays pending."""
    own = _own_change(account, number)
    identity = identity_of(own)
    problem: SigcliError = NoSession()
    for _ in range(MAX_ROUNDS):
        others = _other_devices(account)
        made = {
            device: NewDevice.make(identity, account.now_ms(), account.random) for device in others
        }
        messages = _messages(account, identity, number, made)
        request = NumberChangeRequest(
            number=number,
            session_id=session_id,
            registration_lock=registration_lock,
            identity_key=identity.public_key.serialize(),
            devices={account.device_id: _own_keys(own)}
            | {device: keys.public() for device, keys in made.items()},
            messages=messages,
        )
        try:
            return change_number(account.identified, request)
        except StaleDevices as error:
            problem = error
            addressed = {message.device_id: message.registration_id for message in messages}
            stale = {device: addressed.get(device, -1) for device in error.stale}
            run(renew_sessions(account, account.aci, stale, None))
        except MismatchedDevices as error:
            problem = error  # the list of devices is asked for anew
    raise ServiceError(
        f"the account's devices still did not fit after {MAX_ROUNDS} rounds"
    ) from problem


def _own_change(account: Account, number: str) -> SyncPniChangeNumber:
    """What this device takes over: of an earlier attempt at the same number if there was one, stored in any case.

    An earlier request may still be under way, so its keys are not thrown away.
    """
    pending = pending_change(account.database)
    if pending is not None and pending.new_number == number:
        return pending
    identity = KeyPair.generate(account.random)
    device = NewDevice.make(identity, account.now_ms(), account.random)
    change = device.change(identity, number, for_itself=True)
    with account.database.transaction() as database:
        keep_pending_change(database, change)
    return change


def _own_keys(change: SyncPniChangeNumber) -> DeviceKeys:
    signed = SignedPreKeyRecord.deserialize(change.signed_prekey or b"")
    last_resort = KyberPreKeyRecord.deserialize(change.last_resort_kyber_prekey or b"")
    return NewDevice(change.registration_id or 0, signed, last_resort).public()


def _other_devices(account: Account) -> list[int]:
    """The linked devices, with each of which there is a session now."""
    from sigcli.service.resources.devices import list_devices

    listed = {info.device_id for info in list_devices(account.identified)} - {account.device_id}
    with account.database.transaction():
        gone = set(devices_to_address(account, account.aci)) - listed
    run(match_devices(account, account.aci, sorted(listed), sorted(gone), None))
    return sorted(listed)


def _messages(
    account: Account, identity: KeyPair, number: str, devices: Mapping[int, NewDevice]
) -> list[OutgoingMessage]:
    """The message for each linked device; the steps of the ratchets are committed."""
    from sigcli.protocol.session import encrypt
    from sigcli.service.resources.messages import OutgoingMessage
    from sigcli.wire.content import Content, encode_content
    from sigcli.wire.padding import pad

    local = account.address(ServiceIdKind.ACI)
    messages = []
    with account.database.transaction() as transaction:
        store = account.protocol_store(transaction)
        for device, keys in devices.items():
            change = keys.change(identity, number, for_itself=False)
            content = encode_content(Content(sync_message=SyncMessage(pni_change_number=change)))
            remote = ProtocolAddress(account.aci, device)
            sealed = encrypt(pad(content), remote, local, store, account.now_ms(), account.random)
            record = store.session(remote)
            if record is None:
                raise NoSession
            kind = _ENVELOPE_TYPES[int(sealed.type)]
            messages.append(
                OutgoingMessage(kind, device, record.remote_registration_id, sealed.body)
            )
    return messages


# --- afterwards -----------------------------------------------------------------------------------


def _settle(account: Account) -> None:
    """What follows from a new number; what fails here is a warning, and made up for by the next receive."""
    assert account.number is not None
    release_number(account.settings, account.environment_name, account.number, account.aci)
    note_number(account)
    from sigcli.client.account.update_account import refresh_attributes

    try:
        upload_prekeys(account, ServiceIdKind.PNI, rotate=False)
        refresh_attributes(account)
        with account.database.transaction() as database:
            drop_tasks(database, TaskKind.PREKEY_REFRESH, bytes([ServiceIdKind.PNI.value]))
            drop_tasks(database, TaskKind.ATTRIBUTES_UPDATE, b"")
    except StoreError:
        raise
    except (ServiceError, ProtocolError) as error:
        account.warn(f"the number is changed, but not all is set up yet: {error.message}")
