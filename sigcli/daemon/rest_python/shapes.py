"""The objects of requests and answers. Group ids are signal-cli's own: base64 of 32 bytes."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

Permission = Literal["every-member", "only-admins"]
LinkState = Literal["disabled", "enabled", "enabled-with-approval"]
Level = Literal["CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG"]


class Error(TypedDict):
    """Why a request was refused, with the member names of both kinds of errors."""

    error: str
    description: str
    status: int
    message: str
    code: NotRequired[str]


class About(TypedDict):
    """What this interface is."""

    mode: str
    versions: list[str]
    signal_cli: str


class Logging(TypedDict):
    """How much is logged."""

    level: Level


class Configuration(TypedDict):
    """The configuration."""

    logging: Logging


class Found(TypedDict):
    """A number that is on the service."""

    number: str
    registered: bool


class SendBody(TypedDict):
    """A message; ``mentions`` are ``start:length:recipient``."""

    recipients: list[str]
    message: str
    number: NotRequired[str]
    base64_attachments: NotRequired[list[str]]
    mentions: NotRequired[list[str]]


class SendToBody(TypedDict):
    """A message for the recipient in the path."""

    message: str
    number: NotRequired[str]
    base64_attachments: NotRequired[list[str]]


class Sending(TypedDict):
    """The recipients of one sending, with its time."""

    recipients: list[str]


class SendAnswer(TypedDict):
    """What was sent, with milliseconds; ``timestamp`` is the first one."""

    timestamp: str
    timestamps: dict[str, Sending]


class Permissions(TypedDict):
    """Who may do what in a group."""

    add_members: NotRequired[Permission]
    edit_group: NotRequired[Permission]


class CreateGroupBody(TypedDict):
    """A new group; the timer in seconds."""

    name: str
    members: list[str]
    permissions: NotRequired[Permissions]
    group_link: NotRequired[LinkState]
    admins: NotRequired[list[str]]
    description: NotRequired[str]
    base64_avatar: NotRequired[str]
    message_expiration_timer: NotRequired[int]


class UpdateGroupBody(TypedDict):
    """What to change."""

    group_link: NotRequired[Literal["unchanged", "disabled", "enabled", "enabled-with-approval"]]
    add_admins: NotRequired[list[str]]
    add_members: NotRequired[list[str]]


class GroupCreated(TypedDict):
    """The new group's id, under both names."""

    id: str
    group_id: str


class Person(TypedDict):
    """A person who is not in the group yet."""

    number: str | None
    uuid: str


class Group(TypedDict):
    """A group; people are numbers, or ids if no number is known."""

    blocked: bool
    id: str
    invite_link: str | None
    members: list[str]
    name: str
    pending_invites: list[Person]
    pending_requests: list[Person]
    message_expiration_timer: int | None
    admins: list[str]
    description: str


class ReactionBody(TypedDict):
    """A reaction to a message; with ``groupid`` it is sent to the group as well."""

    reaction: str
    target_author: str
    timestamp: int
    recipient: str
    groupid: NotRequired[str]
    remove: NotRequired[bool]


class ReactionRemovalBody(TypedDict):
    """A message to remove the reaction from."""

    recipient: str
    target_author: str
    timestamp: int
    groupid: NotRequired[str]


class ReactionAnswer(TypedDict):
    """When it was sent, in milliseconds."""

    timestamp: int


class ProfileBody(TypedDict):
    """What other people see; what is absent stays as it is."""

    name: str
    family_name: NotRequired[str]
    base64_avatar: NotRequired[str]
    about: NotRequired[str]
