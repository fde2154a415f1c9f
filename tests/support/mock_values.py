"""What the mock server's driver reports, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Identity = Literal["ACI", "PNI"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something a mock primary attaches to a text, laid at CDN 3 or another."""

    data: bytes
    content_type: str = "application/octet-stream"
    file_name: str | None = None
    cdn: int = 3

    def arguments(self) -> dict[str, Any]:
        """As the driver takes it."""
        return {
            "data": self.data,
            "contentType": self.content_type,
            "fileName": self.file_name,
            "cdn": self.cdn,
        }


@dataclass(frozen=True, slots=True)
class StoredItem:
    """A record of the storage service: its id, its type by the manifest, its bytes (None if it is not there)."""

    raw: bytes
    type: int
    record: bytes | None


@dataclass(frozen=True, slots=True)
class MockDevice:
    """One device as the mock server knows it. `pni` has its `PNI:` prefix."""

    aci: str
    pni: str | None
    number: str | None
    device_id: int
    registration_id: int
    pni_registration_id: int | None

    @classmethod
    def parse(cls, value: dict[str, Any]) -> MockDevice:
        """From the driver's description."""
        return cls(
            value["aci"],
            value["pni"],
            value["number"],
            value["deviceId"],
            value["registrationId"],
            value["pniRegistrationId"],
        )


@dataclass(frozen=True, slots=True)
class MockPrimary:
    """A primary device inside the mock server, running official libsignal, as it was when described.

    `name` is the profile's, given and family name separated by NUL. Public keys are 33 bytes.
    """

    device: MockDevice
    name: str
    profile_key: bytes = field(repr=False)
    access_key: bytes = field(repr=False)
    identity_key: bytes = field(repr=False)
    pni_identity_key: bytes | None = field(repr=False)
    master_key: bytes = field(repr=False)
    account_entropy_pool: str = field(repr=False)

    @property
    def aci(self) -> str:
        """The account's id."""
        return self.device.aci

    @property
    def pni(self) -> str | None:
        """The phone number identity, with its prefix."""
        return self.device.pni

    @property
    def number(self) -> str:
        """The phone number; raises ValueError for an account without one."""
        if self.device.number is None:
            raise ValueError(f"{self.aci} has no number")
        return self.device.number

    @classmethod
    def parse(cls, value: dict[str, Any]) -> MockPrimary:
        """From the driver's description."""
        return cls(
            MockDevice.parse(value),
            value["name"],
            value["profileKey"],
            value["accessKey"],
            value["identityKey"],
            value["pniIdentityKey"],
            value["masterKey"],
            value["accountEntropyPool"],
        )


@dataclass(frozen=True, slots=True)
class MockGroup:
    """A group on the mock server. Members are (service id, role) with role 1 default, 2 administrator."""

    id: str
    master_key: bytes = field(repr=False)
    public_params: bytes = field(repr=False)
    revision: int
    title: str
    members: tuple[tuple[str, int], ...]
    pending: tuple[str, ...]

    @classmethod
    def parse(cls, value: dict[str, Any]) -> MockGroup:
        """From the driver's description."""
        return cls(
            value["id"],
            value["masterKey"],
            value["publicParams"],
            value["revision"],
            value["title"],
            tuple((member["serviceId"], member["role"]) for member in value["members"]),
            tuple(value["pending"]),
        )


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """A message that a mock primary decrypted.

    `content` is the Content protobuf with the field names of its schema, empty fields left out, the oneof in place of
    its contents: ``{"dataMessage": {"body": "hi", "timestamp": 17…}}``; bytes are bytes, 64-bit numbers ints. A
    retry request carries ``{"decryptionError": {"timestamp", "deviceId", "ratchetKey"}}`` as well.
    """

    primary: str
    source: MockDevice
    sealed: bool
    envelope_type: str
    identity: str
    content: dict[str, Any]

    @property
    def kind(self) -> str:
        """Which member of Content it is: dataMessage, syncMessage, receiptMessage, typingMessage, …"""
        extras = {"senderKeyDistributionMessage", "pniSignatureMessage", "decryptionError"}
        for name in self.content:
            if name not in extras:
                return name
        return next(iter(self.content), "")

    @property
    def data(self) -> dict[str, Any]:
        """The data message; KeyError if it is something else."""
        data: dict[str, Any] = self.content["dataMessage"]
        return data

    @property
    def text(self) -> str:
        """The data message's body; KeyError if it is something else."""
        text: str = self.data["body"]
        return text

    @classmethod
    def parse(cls, value: dict[str, Any]) -> ReceivedMessage:
        """From the driver's event."""
        return cls(
            value["primary"],
            MockDevice.parse(value["source"]),
            value["sealed"],
            value["envelopeType"],
            value["serviceIdKind"],
            value["content"],
        )


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request that a client made.

    `transport` is "websocket" or "http"; `connection` numbers the websockets; `status` is what was answered, or
    "cut"/"ignored"; header names are in lower case; bodies beyond 256 KiB and those of CDN transfers are None.
    """

    transport: str
    connection: int | None
    verb: str
    path: str
    status: int | str
    authenticated: bool
    aci: str | None
    device_id: int | None
    headers: dict[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)

    @classmethod
    def parse(cls, value: dict[str, Any]) -> LoggedRequest:
        """From the driver's log."""
        return cls(
            value["transport"],
            value["connection"],
            value["verb"],
            value["path"],
            value["status"],
            value["authenticated"],
            value["aci"],
            value["deviceId"],
            value["headers"],
            value["body"],
        )


@dataclass(frozen=True, slots=True)
class OpenSocket:
    """A chat or provisioning websocket that is open now."""

    connection: int
    path: str
    aci: str | None
    device_id: int | None
    reads_messages: bool

    @classmethod
    def parse(cls, value: dict[str, Any]) -> OpenSocket:
        """From the driver's description."""
        return cls(
            value["connection"],
            value["path"],
            value["aci"],
            value["deviceId"],
            value["readsMessages"],
        )
