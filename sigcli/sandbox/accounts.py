"""Accounts and their devices: frozen values, kept in memory and written through to the database."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import field
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sigcli.lazy_dataclass import dataclass, fields, replace
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sigcli.sandbox.database import Database

PRIMARY = 1
MAX_DEVICES = 6
_ACCOUNT = "account"
_NUMBER = "number"
_DELETED = "deleted-account"
_RECOVERY = "recovery-password"


@dataclass(frozen=True, slots=True, kw_only=True)
class SaltedHash:
    """A client's secret in the form in which the server keeps it."""

    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: str | bytes) -> SaltedHash:
        salt = secrets.token_bytes(16)
        return cls(salt=salt, digest=_digest(salt, secret))

    def matches(self, secret: str | bytes) -> bool:
        return hmac.compare_digest(self.digest, _digest(self.salt, secret))


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One device of an account; times in ms, ``last_seen_ms`` exact to the day."""

    id: int
    password: SaltedHash
    registration_id: int
    pni_registration_id: int | None
    created_ms: int
    last_seen_ms: int
    name: bytes | None = None
    capabilities: frozenset[str] = frozenset()
    fetches_messages: bool = True
    agent: str = ""
    created_at_ciphertext: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account; identity keys have 33 bytes. ``locked``: every login is refused (registration lock).

    Without a number it has neither a PNI nor the PNI's identity key, but a salt (16 bytes) for its group credentials.
    """

    aci: ServiceId
    pni: ServiceId | None
    number: str | None = field(repr=False)
    aci_identity: bytes = field(repr=False)
    pni_identity: bytes | None = field(repr=False)
    auth_credential_salt: bytes | None = field(default=None, repr=False)
    access_key: bytes | None = field(default=None, repr=False)
    unrestricted_access: bool = False
    discoverable: bool = True
    registration_lock: SaltedHash | None = None
    recovery_password: SaltedHash | None = None
    locked: bool = False
    profile_version: str | None = None
    username_hash: bytes | None = None
    reserved_hash: bytes | None = None
    reserved_until_ms: int = 0
    reclaims_username: bool = False
    """Whether the username belonged to the account before it was registered again; its link then comes back."""
    username_holds: tuple[tuple[str, int], ...] = ()
    """The hashes (hex) of former usernames, and until when other accounts cannot take them."""
    username_link: str | None = None
    encrypted_username: bytes | None = None
    devices: Mapping[int, Device] = field(default_factory=dict)

    @property
    def primary(self) -> Device:
        return self.devices[PRIMARY]

    @property
    def last_seen_ms(self) -> int:
        return max(device.last_seen_ms for device in self.devices.values())

    def with_device(self, device: Device) -> Account:
        return replace(self, devices={**self.devices, device.id: device})

    def identity_key(self, service_id: ServiceId) -> bytes:
        if service_id.is_aci:
            return self.aci_identity
        # An account without a PNI cannot be found by one.
        assert self.pni_identity is not None
        return self.pni_identity

    def registration_id(self, service_id: ServiceId, device_id: int) -> int | None:
        device = self.devices[device_id]
        return device.registration_id if service_id.is_aci else device.pni_registration_id


class Accounts:
    """All accounts, found by any of their identifiers."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._by_aci: dict[ServiceId, Account] = {}
        self._by_pni: dict[ServiceId, ServiceId] = {}
        self._by_number: dict[str, ServiceId] = {}
        for _, document in database.all(_ACCOUNT):
            self._index(_account_from_json(document))

    def __iter__(self) -> Iterator[Account]:
        return iter(tuple(self._by_aci.values()))

    def by_service_id(self, service_id: ServiceId) -> Account | None:
        aci = service_id if service_id.is_aci else self._by_pni.get(service_id)
        return None if aci is None else self._by_aci.get(aci)

    def by_number(self, number: str) -> Account | None:
        aci = self._by_number.get(number)
        return None if aci is None else self._by_aci[aci]

    def by_username_hash(self, username_hash: bytes) -> Account | None:
        return next((a for a in self._by_aci.values() if a.username_hash == username_hash), None)

    def by_username_link(self, handle: str) -> Account | None:
        return next((a for a in self._by_aci.values() if a.username_link == handle), None)

    def put(self, account: Account) -> Account:
        """Store an account in place of its older state."""
        before = self._by_aci.get(account.aci)
        if before is not None:
            self._forget(before)
        self._index(account)
        self._database.put(_ACCOUNT, str(account.aci), _account_to_json(account))
        return account

    def delete(self, account: Account) -> None:
        """Remove an account; its number gets the same ACI back if it registers again."""
        self._forget(account)
        self._database.delete(_ACCOUNT, str(account.aci))
        if account.pni is not None:
            self._database.put(_DELETED, str(account.pni), str(account.aci))
            self.forget_recovery_password(account.pni)

    def aci_for(self, pni: ServiceId | None) -> ServiceId:
        """The ACI for a new account with this PNI: the previous one, or a new one."""
        return (pni and self.deleted_aci(pni)) or ServiceId.aci(uuid4())

    def deleted_aci(self, pni: ServiceId) -> ServiceId | None:
        """The ACI that a new account with this PNI gets back."""
        before = self._database.get(_DELETED, str(pni))
        return ServiceId.aci(before) if before else None

    def displace(self, taken: ServiceId, left: ServiceId, displaced: ServiceId | None) -> None:
        """An account has moved to another PNI: the PNI that it left keeps the ACI of the displaced account."""
        self._database.delete(_DELETED, str(taken))
        if displaced is not None:
            self._database.put(_DELETED, str(left), str(displaced))

    def pni_for(self, number: str) -> ServiceId:
        """The PNI of a number, which never changes."""
        known = self._database.get(_NUMBER, number)
        if known is None:
            known = str(uuid4())
            self._database.put(_NUMBER, number, known)
        return ServiceId.pni(known)

    def recovery_password(self, pni: ServiceId) -> SaltedHash | None:
        """The password that registers the number of this PNI without a code."""
        return _hash_from_json(self._database.get(_RECOVERY, str(pni)))

    def store_recovery_password(self, pni: ServiceId, password: bytes) -> None:
        self._database.put(_RECOVERY, str(pni), _hash_to_json(SaltedHash.of(password)))

    def forget_recovery_password(self, pni: ServiceId) -> None:
        self._database.delete(_RECOVERY, str(pni))

    def _index(self, account: Account) -> None:
        self._by_aci[account.aci] = account
        if account.pni is not None:
            self._by_pni[account.pni] = account.aci
        if account.number is not None:
            self._by_number[account.number] = account.aci

    def _forget(self, account: Account) -> None:
        self._by_aci.pop(account.aci, None)
        if account.pni is not None:
            self._by_pni.pop(account.pni, None)
        if account.number is not None:
            self._by_number.pop(account.number, None)


def free_device_id(account: Account) -> int:
    """The lowest unused device id from 2 on."""
    return next(id for id in range(2, 128) if id not in account.devices)


def _digest(salt: bytes, secret: str | bytes) -> bytes:
    return hashlib.sha256(salt + (secret.encode() if isinstance(secret, str) else secret)).digest()


def _hash_to_json(value: SaltedHash | None) -> Any:
    return None if value is None else [value.salt.hex(), value.digest.hex()]


def _hash_from_json(value: Any) -> SaltedHash | None:
    if value is None:
        return None
    return SaltedHash(salt=bytes.fromhex(value[0]), digest=bytes.fromhex(value[1]))


def _to_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, SaltedHash):
        return {"hash": _hash_to_json(value)}
    if isinstance(value, ServiceId):
        return {"id": str(value)}
    if isinstance(value, frozenset):
        return {"set": sorted(value)}
    return value


def _from_json(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(tuple, value))
    if not isinstance(value, dict):
        return value
    ((kind, held),) = value.items()
    if kind == "hex":
        return bytes.fromhex(held)
    if kind == "hash":
        return _hash_from_json(held)
    if kind == "id":
        return ServiceId.parse(held)
    return frozenset(held)


def _account_to_json(account: Account) -> dict[str, Any]:
    document = {
        item.name: _to_json(getattr(account, item.name))
        for item in fields(Account)
        if item.name != "devices"
    }
    document["devices"] = [
        {item.name: _to_json(getattr(device, item.name)) for item in fields(Device)}
        for device in account.devices.values()
    ]
    return document


def _account_from_json(document: dict[str, Any]) -> Account:
    devices = [
        Device(**{name: _from_json(value) for name, value in device.items()})
        for device in document.pop("devices")
    ]
    values = {name: _from_json(value) for name, value in document.items()}
    return Account(**values, devices={device.id: device for device in devices})


def parse_uuid(text: str) -> UUID | None:
    """A UUID in its text form; None for anything else."""
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None
