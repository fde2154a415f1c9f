"""The objects of requests and answers. Strings are never null in answers, lists never absent."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

PERMISSIONS = ("every-member", "only-admins")
Permission = Literal["every-member", "only-admins"]
LinkState = Literal["disabled", "enabled", "enabled-with-approval"]
TrustMode = Literal["on-first-use", "always", "never"]


class Error(TypedDict):
    """Why a request was refused."""

    error: str
    code: NotRequired[str]


class ChallengeError(Error):
    """The service asks for proof, or for patience."""

    challenge_tokens: list[str]
    account: str


class TimestampAnswer(TypedDict):
    """The name of a message that was sent: milliseconds."""

    timestamp: str


class Sending(TypedDict):
    """For whom a message was sent at one moment."""

    recipients: list[str]


class FailedRecipient(TypedDict):
    """Somebody who was not reached."""

    number: str
    uuid: str
    username: str
    reason: str


class SendErrors(TypedDict):
    """Who was not reached."""

    recipients: list[FailedRecipient]


class SendAnswer(TimestampAnswer):
    """What became of a message; ``timestamps`` is the Python interface's."""

    timestamps: NotRequired[dict[str, Sending]]
    errors: NotRequired[SendErrors]


class Person(TypedDict):
    """Somebody in a group."""

    number: str
    uuid: str


class Permissions(TypedDict):
    """Who may do what in a group."""

    add_members: str
    edit_group: str
    send_messages: str


class GivenPermissions(TypedDict):
    """The same as a request gives it."""

    add_members: NotRequired[Permission]
    edit_group: NotRequired[Permission]
    send_messages: NotRequired[Permission]


class Group(TypedDict):
    """A group; people are numbers, or ids where no number is known; objects where ``expand`` asks for them."""

    id: str
    internal_id: str
    name: str
    description: str
    member: bool
    blocked: bool
    members: list[str | Person]
    admins: list[str | Person]
    pending_invites: list[str | Person]
    pending_requests: list[str | Person]
    invite_link: str
    permissions: Permissions


class ContactProfile(TypedDict):
    """What somebody shows."""

    given_name: str
    lastname: str
    about: str
    has_avatar: bool
    last_updated_timestamp: int


class Nickname(TypedDict):
    """What the account calls somebody."""

    name: str
    given_name: str
    family_name: str


class Contact(TypedDict):
    """Somebody as the account knows them."""

    number: str
    uuid: str
    name: str
    profile_name: str
    username: str
    color: str
    blocked: bool
    message_expiration: str
    note: str
    given_name: str
    profile: ContactProfile
    nickname: Nickname


class Identity(TypedDict):
    """A key and how far it is trusted; ``added`` in milliseconds."""

    number: str
    uuid: str
    status: str
    fingerprint: str
    added: str
    safety_number: str


class Device(TypedDict):
    """A device of the account; times in milliseconds."""

    id: int
    name: str
    last_seen_timestamp: int
    creation_timestamp: int


class Found(TypedDict):
    """Whether a number is on the service."""

    number: str
    registered: bool


class StickerPack(TypedDict):
    """A pack of stickers."""

    pack_id: str
    url: str
    installed: bool
    title: str
    author: str


class Received(TypedDict):
    """What has come, as signal-cli's ``receive`` prints it."""

    envelope: dict[str, Any]
    account: str


def text(value: str | None) -> str:
    """Never null."""
    return value or ""
