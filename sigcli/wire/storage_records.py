"""The records of the storage service, decrypted: bytes to typed values and back.

Format: Signal's ``StorageService.proto``. A record keeps the bytes from which it was read: what has no name here (other
kinds of records, other fields, fields newer than the schema) survives a change.
"""

from __future__ import annotations

import enum

from sigcli.lazy_dataclass import dataclass, replace
from sigcli.wire.addresses import ServiceId
from sigcli.wire.generated import storage_service_pb2 as pb
from sigcli.wire.key_types import GroupMasterKey, ProfileKeyBytes, StickerPackId
from sigcli.wire.mapping import (
    Codec,
    Value,
    aci,
    acis,
    data,
    enumeration,
    flag,
    message,
    number,
    text,
    untyped_pni,
)


class IdentityState(enum.IntEnum):
    """Whether a contact's safety number was compared."""

    DEFAULT = 0
    VERIFIED = 1
    UNVERIFIED = 2


class PhoneNumberSharing(enum.IntEnum):
    """Who sees the account's number."""

    UNKNOWN = 0
    EVERYBODY = 1
    NOBODY = 2


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Nickname(Value):
    """The name that the owner of the account gives to a contact."""

    given: str = ""
    family: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ContactRecord(Value):
    """A contact."""

    aci: ServiceId | None = None
    pni: ServiceId | None = None
    number: str = ""
    profile_key: ProfileKeyBytes = ProfileKeyBytes(b"")
    identity_key: bytes = b""
    identity_state: IdentityState | int = IdentityState.DEFAULT
    given_name: str = ""
    family_name: str = ""
    nickname: Nickname | None = None
    note: str = ""
    username: str = ""
    blocked: bool = False
    whitelisted: bool = False
    archived: bool = False
    hidden: bool = False
    marked_unread: bool = False
    muted_until_ms: int = 0
    hide_story: bool = False
    unregistered_at_ms: int = 0
    system_given_name: str = ""
    system_family_name: str = ""
    system_nickname: str = ""
    pni_signature_verified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GroupV2Record(Value):
    """A group by its master key (32 bytes)."""

    master_key: GroupMasterKey = GroupMasterKey(b"")
    blocked: bool = False
    whitelisted: bool = False
    archived: bool = False
    marked_unread: bool = False
    muted_until_ms: int = 0
    dont_notify_for_mentions_if_muted: bool = False
    hide_story: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StoredUsernameLink(Value):
    """The secret (32 bytes) and the handle (16 bytes) of a username's link."""

    entropy: bytes = b""
    server_id: bytes = b""
    color: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AccountRecord(Value):
    """The account's profile and settings."""

    profile_key: ProfileKeyBytes = ProfileKeyBytes(b"")
    given_name: str = ""
    family_name: str = ""
    avatar_url_path: str = ""
    read_receipts: bool = False
    sealed_sender_indicators: bool = False
    typing_indicators: bool = False
    link_previews: bool = False
    phone_number_sharing: PhoneNumberSharing | int = PhoneNumberSharing.UNKNOWN
    unlisted_phone_number: bool = False
    universal_expire_timer_s: int = 0
    username: str = ""
    username_link: StoredUsernameLink | None = None
    note_to_self_archived: bool = False
    note_to_self_marked_unread: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StoryListRecord(Value):
    """Who sees the stories of a list (named by 16 bytes): these people or, with ``is_block_list``, everyone else."""

    identifier: bytes = b""
    recipients: tuple[ServiceId, ...] = ()
    is_block_list: bool = False
    allows_replies: bool = False
    deleted_at_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StickerPackRecord(Value):
    """An installed sticker pack, or one that was removed."""

    pack_id: StickerPackId = StickerPackId(b"")
    pack_key: bytes = b""
    position: int = 0
    deleted_at_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StorageRecord(Value):
    """What an item holds: one of these, or something that only ``original`` has."""

    contact: ContactRecord | None = None
    group_v2: GroupV2Record | None = None
    account: AccountRecord | None = None
    story_list: StoryListRecord | None = None
    sticker_pack: StickerPackRecord | None = None
    original: bytes = b""


_NICKNAME = Codec(Nickname, {"given": text("given"), "family": text("family")})
_CONTACT = Codec(
    ContactRecord,
    {
        "aci": aci("aciBinary", "aci"),
        "pni": untyped_pni("pniBinary", "pni"),
        "number": text("e164"),
        "profile_key": data("profileKey"),
        "identity_key": data("identityKey"),
        "identity_state": enumeration("identityState", IdentityState),
        "given_name": text("givenName"),
        "family_name": text("familyName"),
        "nickname": message("nickname", _NICKNAME),
        "note": text("note"),
        "username": text("username"),
        "blocked": flag("blocked"),
        "whitelisted": flag("whitelisted"),
        "archived": flag("archived"),
        "hidden": flag("hidden"),
        "marked_unread": flag("markedUnread"),
        "muted_until_ms": number("mutedUntilTimestamp"),
        "hide_story": flag("hideStory"),
        "unregistered_at_ms": number("unregisteredAtTimestamp"),
        "system_given_name": text("systemGivenName"),
        "system_family_name": text("systemFamilyName"),
        "system_nickname": text("systemNickname"),
        "pni_signature_verified": flag("pniSignatureVerified"),
    },
)
_GROUP_V2 = Codec(
    GroupV2Record,
    {
        "master_key": data("masterKey"),
        "blocked": flag("blocked"),
        "whitelisted": flag("whitelisted"),
        "archived": flag("archived"),
        "marked_unread": flag("markedUnread"),
        "muted_until_ms": number("mutedUntilTimestamp"),
        "dont_notify_for_mentions_if_muted": flag("dontNotifyForMentionsIfMuted"),
        "hide_story": flag("hideStory"),
    },
)
_USERNAME_LINK = Codec(
    StoredUsernameLink,
    {"entropy": data("entropy"), "server_id": data("serverId"), "color": number("color")},
)
_ACCOUNT = Codec(
    AccountRecord,
    {
        "profile_key": data("profileKey"),
        "given_name": text("givenName"),
        "family_name": text("familyName"),
        "avatar_url_path": text("avatarUrlPath"),
        "read_receipts": flag("readReceipts"),
        "sealed_sender_indicators": flag("sealedSenderIndicators"),
        "typing_indicators": flag("typingIndicators"),
        "link_previews": flag("linkPreviews"),
        "phone_number_sharing": enumeration("phoneNumberSharingMode", PhoneNumberSharing),
        "unlisted_phone_number": flag("unlistedPhoneNumber"),
        "universal_expire_timer_s": number("universalExpireTimer"),
        "username": text("username"),
        "username_link": message("usernameLink", _USERNAME_LINK),
        "note_to_self_archived": flag("noteToSelfArchived"),
        "note_to_self_marked_unread": flag("noteToSelfMarkedUnread"),
    },
)
_STORY_LIST = Codec(
    StoryListRecord,
    {
        "identifier": data("identifier"),
        "recipients": acis("recipientServiceIdsBinary", "recipientServiceIds"),
        "is_block_list": flag("isBlockList"),
        "allows_replies": flag("allowsReplies"),
        "deleted_at_ms": number("deletedAtTimestamp"),
    },
)
_STICKER_PACK = Codec(
    StickerPackRecord,
    {
        "pack_id": data("packId"),
        "pack_key": data("packKey"),
        "position": number("position"),
        "deleted_at_ms": number("deletedAtTimestamp"),
    },
)
_STORAGE_RECORD = Codec(
    StorageRecord,
    {
        "contact": message("contact", _CONTACT),
        "group_v2": message("groupV2", _GROUP_V2),
        "account": message("account", _ACCOUNT),
        "story_list": message("storyDistributionList", _STORY_LIST),
        "sticker_pack": message("stickerPack", _STICKER_PACK),
    },
)


def decode_storage_record(serialised: bytes) -> StorageRecord:
    """Parse a decrypted record; raises MalformedMessage."""
    record = _STORAGE_RECORD.decode(pb.StorageRecord, serialised)
    return replace(record, original=serialised)


def encode_storage_record(record: StorageRecord) -> bytes:
    """Serialise a record over its original; raises MalformedMessage."""
    return _STORAGE_RECORD.encode_over(pb.StorageRecord, record.original, record)
