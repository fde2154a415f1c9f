"""signal-cli's account file and settings: who the account is, its login and keys."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from sigcli.client.account.account_secrets import master_key_in_force, store_pin
from sigcli.crypto.curve import KeyPair
from sigcli.errors import (
    InvalidKey,
    InvalidServiceId,
    ProtocolError,
    SignalCliDataDamaged,
    SignalCliTooNew,
    SignalCliTooOld,
)
from sigcli.protocol.account_entropy import AccountEntropyPool, registration_lock
from sigcli.store import account_data
from sigcli.store.account_data import AccountKeys, store_account_keys
from sigcli.store.adopting import note_next_prekey_id
from sigcli.store.settings import Setting, write_setting
from sigcli.wire.addresses import ServiceId, ServiceIdKind
from sigcli.wire.key_types import ProfileKeyBytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.crypto.randomness import RandomSource
    from sigcli.store.database import Transaction
    from sigcli.store.signal_cli.database import SignalCliDatabase

_T = TypeVar("_T")

OLDEST_VERSION = 9
NEWEST_VERSION = 10
_SECTIONS = {ServiceIdKind.ACI: "aciAccountData", ServiceIdKind.PNI: "pniAccountData"}
_NEXT_IDS = {
    "prekey": "nextPreKeyId",
    "signed_prekey": "nextSignedPreKeyId",
    "kyber_prekey": "nextKyberPreKeyId",
}
_CONFIGURATION: Mapping[str, Setting[bool]] = {
    "config-read-receipts": account_data.READ_RECEIPTS,
    "config-typing-indicators": account_data.TYPING_INDICATORS,
    "config-link-previews": account_data.LINK_PREVIEWS,
    "config-unidentified-delivery-indicators": account_data.UNIDENTIFIED_DELIVERY_INDICATORS,
    "unrestricted-unidentified-access": account_data.UNRESTRICTED_UNIDENTIFIED_ACCESS,
}
_LINK_COLORS = ("UNKNOWN", "BLUE", "WHITE", "GREY", "OLIVE", "GREEN", "ORANGE", "PINK", "PURPLE")


class AccountFile:
    """The account file, version 9 or 10, with its values by type; raises SignalCliDataDamaged where one is missing."""

    __slots__ = ("_document",)

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Raises SignalCliTooOld and SignalCliTooNew as well."""
        version = document.get("version")
        if not isinstance(version, int):
            raise SignalCliTooOld
        if not OLDEST_VERSION <= version <= NEWEST_VERSION:
            raise SignalCliTooOld if version < OLDEST_VERSION else SignalCliTooNew
        self._document = document

    @property
    def is_registered(self) -> bool:
        return bool(self._document.get("registered"))

    @property
    def is_multi_device(self) -> bool:
        return bool(self._document.get("isMultiDevice"))

    @property
    def pin(self) -> str | None:
        return self.text("registrationLockPin")

    def text(self, name: str) -> str | None:
        """A text, None where it is absent."""
        value = self._document.get(name)
        if value is None or isinstance(value, str):
            return value or None
        raise SignalCliDataDamaged(f"signal-cli's account file has no text as {name}")

    def data(self, name: str, within: Mapping[str, Any] | None = None) -> bytes | None:
        """Bytes that stand there in base64, None where they are absent."""
        value = (self._document if within is None else within).get(name)
        if value is None:
            return None
        try:
            return base64.b64decode(value, validate=True)
        except (TypeError, ValueError, binascii.Error):
            raise SignalCliDataDamaged(
                f"signal-cli's account file has no base64 as {name}"
            ) from None

    def number(self, name: str, within: Mapping[str, Any] | None = None) -> int | None:
        """A whole number, None where it is absent."""
        value = (self._document if within is None else within).get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def section(self, own: ServiceIdKind) -> Mapping[str, Any]:
        """What belongs to one of the account's identities; empty where it is absent."""
        found = self._document.get(_SECTIONS[own])
        return found if isinstance(found, dict) else {}

    def active_id(self, own: ServiceIdKind, name: str) -> int | None:
        """The id of a lasting prekey that the service has."""
        return self.number(name, self.section(own))

    def keys(self, random: RandomSource) -> AccountKeys:
        """Who the account is; a primary device without a pool for its secrets gets one."""
        aci, pni = self.section(ServiceIdKind.ACI), self.section(ServiceIdKind.PNI)
        pni_identity = self._key_pair(pni)
        device_id = self.number("deviceId")
        pool = self.text("accountEntropyPool")
        # Signal's clients derive the master key from the pool where there is one.
        master_key = None if pool else self.data("pinMasterKey")
        if not pool and master_key is None and device_id == 1:
            pool = AccountEntropyPool.generate(random).text
        return AccountKeys(
            aci=_service_id(aci.get("serviceId"), ServiceIdKind.ACI),
            device_id=_required(device_id, "device id"),
            password=_required(self.text("password"), "password"),
            aci_identity=_required(self._key_pair(aci), "identity key"),
            registration_id=_required(self.number("registrationId", aci), "registration id"),
            profile_key=ProfileKeyBytes(_required(self.data("profileKey"), "profile key")),
            number=self.text("number"),
            pni=_service_id(pni["serviceId"], ServiceIdKind.PNI) if pni.get("serviceId") else None,
            pni_identity=pni_identity,
            pni_registration_id=self.number("registrationId", pni) if pni_identity else None,
            account_entropy_pool=pool,
            master_key=master_key,
            media_root_backup_key=self.data("mediaRootBackupKey"),
            storage_key=self.data("storageKey"),
        )

    def _key_pair(self, section: Mapping[str, Any]) -> KeyPair | None:
        private = self.data("identityPrivateKey", section)
        if private is None:
            return None
        try:
            pair = KeyPair.from_private(private)
        except InvalidKey:
            raise SignalCliDataDamaged("signal-cli's identity key is not valid") from None
        public = self.data("identityPublicKey", section)
        if public is not None and pair.public_key.serialize() != public:
            raise SignalCliDataDamaged("the halves of signal-cli's identity key do not fit")
        return pair


def adopt_account(
    transaction: Transaction, file: AccountFile, keys: AccountKeys, random: RandomSource
) -> None:
    """Store who the account is and what its file says beside that."""
    store_account_keys(transaction, keys)
    write_setting(transaction, account_data.REGISTERED, file.is_registered)
    write_setting(
        transaction, account_data.MULTI_DEVICE, file.is_multi_device or not keys.is_primary
    )
    write_setting(transaction, account_data.USERNAME, file.text("username"))
    entropy, server_id = file.data("usernameLinkEntropy"), file.text("usernameLinkServerId")
    if entropy is not None and server_id is not None:
        write_setting(transaction, account_data.USERNAME_LINK_ENTROPY, entropy)
        write_setting(transaction, account_data.USERNAME_LINK_SERVER_ID, _uuid_text(server_id))
    _adopt_device_name(transaction, file, keys)
    # A primary device knows all; a linked one asks it.
    write_setting(transaction, account_data.BLOCKED_LIST_KNOWN, keys.is_primary)
    write_setting(transaction, account_data.CONTACTS_SYNCED, keys.is_primary)
    pin, master_key = file.pin, master_key_in_force(keys)
    if pin is not None and keys.is_primary:
        store_pin(transaction, keys, pin, random)
        write_setting(transaction, account_data.LOCKS_REGISTRATION, True)
        if master_key is not None:
            write_setting(
                transaction, account_data.REGISTRATION_LOCK, registration_lock(master_key)
            )
    for own in ServiceIdKind:
        section = file.section(own)
        for table, name in _NEXT_IDS.items():
            next_id = file.number(name, section)
            if next_id is not None and next_id > 0:
                note_next_prekey_id(transaction, own, table, next_id)


def adopt_configuration(transaction: Transaction, source: SignalCliDatabase) -> None:
    """Store the settings that the devices of an account share."""
    values = {row["key"]: row["value"] for row in source.rows("key_value")}
    for name, setting in _CONFIGURATION.items():
        if values.get(name) is not None:
            write_setting(transaction, setting, bool(values[name]))
    unlisted = values.get("config-phone-number-unlisted")
    if unlisted is not None:
        write_setting(transaction, account_data.DISCOVERABLE_BY_NUMBER, not unlisted)
    sharing = values.get("config-phone-number-sharing-mode")
    if sharing is not None:
        write_setting(transaction, account_data.NUMBER_SHARING, sharing == "EVERYBODY")
    color = values.get("username-link-color")
    if color in _LINK_COLORS:
        write_setting(transaction, account_data.USERNAME_LINK_COLOR, _LINK_COLORS.index(color))
    received = values.get("last-receive-timestamp")
    if isinstance(received, int) and received > 0:
        write_setting(transaction, account_data.LAST_RECEIVE_MS, received)


def _adopt_device_name(transaction: Transaction, file: AccountFile, keys: AccountKeys) -> None:
    from sigcli.protocol.device_name import decrypt_device_name

    encrypted = file.data("encryptedDeviceName")
    if not encrypted:
        return
    try:
        name = decrypt_device_name(encrypted, keys.aci_identity.private_key)
    except ProtocolError:
        return  # the service has it all the same
    write_setting(transaction, account_data.DEVICE_NAME, name)
    write_setting(transaction, account_data.ENCRYPTED_DEVICE_NAME, encrypted.hex())


def _service_id(text: object, kind: ServiceIdKind) -> ServiceId:
    try:
        found = ServiceId.parse(text) if isinstance(text, str) else None
        if found is not None and kind is ServiceIdKind.PNI:
            found = ServiceId.pni(found.uuid_bytes)
    except InvalidServiceId:
        found = None
    if found is None or found.kind is not kind:
        raise SignalCliDataDamaged(
            "signal-cli's account file names no account",
            hint="finish the registration with signal-cli, or register with sigcli",
        )
    return found


def _uuid_text(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise SignalCliDataDamaged(
            "signal-cli's account file has a damaged username link"
        ) from None


def _required(value: _T | None, what: str) -> _T:
    if value is None:
        raise SignalCliDataDamaged(f"signal-cli's account file has no {what}")
    return value
