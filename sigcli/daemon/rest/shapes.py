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
    """The service demands a challenge or a pause."""

    challenge_tokens: list[str]
    account: str


class TimestampAnswer(TypedDict):
    """The timestamp of a sent message, in milliseconds."""

    timestamp: str


class Sending(TypedDict):
    """The recipients of one sending, with its time."""

    recipients: list[str]


class FailedRecipient(TypedDict):
    """A recipient who was not reached."""

    number: str
    uuid: str
    username: str
    reason: str


class SendErrors(TypedDict):
    """The recipients who were not reached."""

    recipients: list[FailedRecipient]


class SendAnswer(TimestampAnswer):
    """The outcome of a message; ``timestamps`` belongs to the Python interface."""

    timestamps: NotRequired[dict[str, Sending]]
    errors: NotRequired[SendErrors]


class Person(TypedDict):
    """A person in a group."""

    number: str
    uuid: str


class Permissions(TypedDict):
    """Who may do what in a group."""

    add_members: str
    edit_group: str
    send_messages: str


class GivenPermissions(TypedDict):
    """The same as given in a request."""

    add_members: NotRequired[Permission]
    edit_group: NotRequired[Permission]
    send_messages: NotRequired[Permission]


class Group(TypedDict):
    """A group; people are numbers, or ids if no number is known; objects with ``expand``."""

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
    """The profile of a contact."""

    given_name: str
    lastname: str
    about: str
    has_avatar: bool
    last_updated_timestamp: int


class Nickname(TypedDict):
    """The account's own name for a contact."""

    name: str
    given_name: str
    family_name: str


class Contact(TypedDict):
    """A contact of the account."""

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
    """A received message, as signal-cli's ``receive`` prints it."""

    envelope: dict[str, Any]
    account: str


def text(value: str | None) -> str:
    """The text, or an empty one instead of null."""
    return value or ""
