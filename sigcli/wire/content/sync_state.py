"""What an account's devices tell each other about contacts, settings, keys and read messages."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass
from sigcli.wire.addresses import ServiceId
from sigcli.wire.content.attachments import ATTACHMENT_POINTER, AttachmentPointer
from sigcli.wire.mapping import (
    Codec,
    Value,
    aci,
    acis,
    blobs,
    data,
    enumeration,
    flag,
    message,
    number,
    text,
    texts,
)

if TYPE_CHECKING:
    from sigcli.wire.key_types import GroupIdentifier, GroupMasterKey, StickerPackId


class SyncRequestType(enum.IntEnum):
    """What a linked device requests from the primary one."""

    UNKNOWN = 0
    CONTACTS = 1
    BLOCKED = 3
    CONFIGURATION = 4
    KEYS = 5


class VerifiedState(enum.IntEnum):
    """Whether a contact's safety number was compared."""

    DEFAULT = 0
    VERIFIED = 1
    UNVERIFIED = 2


class FetchLatestType(enum.IntEnum):
    """What has changed on the service and should be fetched."""

    UNKNOWN = 0
    LOCAL_PROFILE = 1
    STORAGE_MANIFEST = 2
    SUBSCRIPTION_STATUS = 3


class MessageRequestResponseType(enum.IntEnum):
    """The answer to a message request."""

    UNKNOWN = 0
    ACCEPT = 1
    DELETE = 2
    BLOCK = 3
    BLOCK_AND_DELETE = 4
    SPAM = 5
    BLOCK_AND_SPAM = 6


class StickerPackOperationType(enum.IntEnum):
    """Whether a sticker pack was installed or removed."""

    INSTALL = 0
    REMOVE = 1


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SyncContacts(Value):
    """The contacts, as an attachment of ContactDetails; all of them if ``complete``."""

    blob: AttachmentPointer | None = None
    complete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SyncRequest(Value):
    """A request to the primary device."""

    type: SyncRequestType | int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SyncBlocked(Value):
    """Everyone who is blocked: replaces the receiver's list."""

    acis: tuple[ServiceId, ...] = ()
    numbers: tuple[str, ...] = ()
    group_ids: tuple[GroupIdentifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SyncVerified(Value):
    """How far a contact's identity key (33 bytes) is trusted."""

    destination: ServiceId | None
    identity_key: bytes | None
    state: VerifiedState | int
    null_message: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SyncConfiguration(Value):
    """The settings of the account; None where the sender does not say."""

    read_receipts: bool | None = None
    unidentified_delivery_indicators: bool | None = None
    typing_indicators: bool | None = None
    link_previews: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MessageMark(Value):
    """A message (by sender and timestamp) that another of the account's devices has read, viewed or opened."""

    sender: ServiceId | None
    timestamp_ms: int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SyncFetchLatest(Value):
    """Something has changed on the service."""

    type: FetchLatestType | int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SyncKeys(Value):
    """The secrets of the account; ``master_key`` is retired but still sent by some."""

    account_entropy_pool: str | None = None
    media_root_backup_key: bytes | None = None
    master_key: GroupMasterKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SyncMessageRequestResponse(Value):
    """A message request from an account or for a group was answered."""

    type: MessageRequestResponseType | int
    thread: ServiceId | None = None
    group_id: GroupIdentifier | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SyncStickerPackOperation(Value):
    """A sticker pack was installed or removed."""

    pack_id: StickerPackId
    pack_key: bytes | None
    type: StickerPackOperationType | int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SyncPniChangeNumber(Value):
    """The keys of this device for a new number; each a record of libsignal, serialised."""

    identity_key_pair: bytes | None = None
    signed_prekey: bytes | None = None
    last_resort_kyber_prekey: bytes | None = None
    registration_id: int | None = None
    new_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SyncDeviceNameChange(Value):
    """A device has a new name."""

    device_id: int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SyncUsernameChange(Value):
    """The account has a new username, or none any more."""


SYNC_CONTACTS = Codec(
    SyncContacts, {"blob": message("blob", ATTACHMENT_POINTER), "complete": flag("complete")}
)
SYNC_REQUEST = Codec(SyncRequest, {"type": enumeration("type", SyncRequestType)})
SYNC_BLOCKED = Codec(
    SyncBlocked,
    {
        "acis": acis("acisBinary", "acis"),
        "numbers": texts("numbers"),
        "group_ids": blobs("groupIds"),
    },
)
SYNC_VERIFIED = Codec(
    SyncVerified,
    {
        "destination": aci("destinationAciBinary", "destinationAci"),
        "identity_key": data("identityKey"),
        "state": enumeration("state", VerifiedState),
        "null_message": data("nullMessage"),
    },
)
SYNC_CONFIGURATION = Codec(
    SyncConfiguration,
    {
        "read_receipts": flag("readReceipts"),
        "unidentified_delivery_indicators": flag("unidentifiedDeliveryIndicators"),
        "typing_indicators": flag("typingIndicators"),
        "link_previews": flag("linkPreviews"),
    },
)
MESSAGE_MARK = Codec(
    MessageMark,
    {"sender": aci("senderAciBinary", "senderAci"), "timestamp_ms": number("timestamp")},
)
SYNC_FETCH_LATEST = Codec(SyncFetchLatest, {"type": enumeration("type", FetchLatestType)})
SYNC_KEYS = Codec(
    SyncKeys,
    {
        "account_entropy_pool": text("accountEntropyPool"),
        "media_root_backup_key": data("mediaRootBackupKey"),
        "master_key": data("master"),
    },
)
SYNC_MESSAGE_REQUEST_RESPONSE = Codec(
    SyncMessageRequestResponse,
    {
        "type": enumeration("type", MessageRequestResponseType),
        "thread": aci("threadAciBinary", "threadAci"),
        "group_id": data("groupId"),
    },
)
SYNC_STICKER_PACK_OPERATION = Codec(
    SyncStickerPackOperation,
    {
        "pack_id": data("packId"),
        "pack_key": data("packKey"),
        "type": enumeration("type", StickerPackOperationType),
    },
)
SYNC_PNI_CHANGE_NUMBER = Codec(
    SyncPniChangeNumber,
    {
        "identity_key_pair": data("identityKeyPair"),
        "signed_prekey": data("signedPreKey"),
        "last_resort_kyber_prekey": data("lastResortKyberPreKey"),
        "registration_id": number("registrationId"),
        "new_number": text("newE164"),
    },
)
SYNC_DEVICE_NAME_CHANGE = Codec(SyncDeviceNameChange, {"device_id": number("deviceId")})
SYNC_USERNAME_CHANGE = Codec(SyncUsernameChange, {})
