"""What is to be changed in a group, and the people that it is about."""

from __future__ import annotations

import enum
from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.client.content.limits import (
    GROUP_DESCRIPTION,
    GROUP_TITLE,
    MEMBER_LABEL,
    MEMBER_LABEL_EMOJI,
    check_emoji,
    check_texts,
)
from sigcli.client.people.recipients import resolve, resolve_known
from sigcli.errors import UsageError
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.limits import MAX_EXPIRE_TIMER_S
from sigcli.wire.group_access import AccessRequired

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sigcli.client.base.account import Account
    from sigcli.store.recipient_values import Recipient
    from sigcli.wire.addresses import ServiceId


class LinkState(enum.Enum):
    """Whether the group can be joined by its link."""

    ENABLED = "enabled"
    ENABLED_WITH_APPROVAL = "enabled-with-approval"
    DISABLED = "disabled"

    @property
    def access(self) -> AccessRequired:
        return _LINK_ACCESS[self]


class Permission(enum.Enum):
    """Who may do something."""

    EVERY_MEMBER = "every-member"
    ONLY_ADMINS = "only-admins"

    @property
    def access(self) -> AccessRequired:
        if self is Permission.ONLY_ADMINS:
            return AccessRequired.ADMINISTRATOR
        return AccessRequired.MEMBER


_LINK_ACCESS = {
    LinkState.ENABLED: AccessRequired.ANY,
    LinkState.ENABLED_WITH_APPROVAL: AccessRequired.ADMINISTRATOR,
    LinkState.DISABLED: AccessRequired.UNSATISFIABLE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupOptions:
    """What to change; None leaves something as it is. People are words as ``recipients.resolve`` takes them.

    ``avatar_path``: a file, or empty to remove the picture.
    """

    title: str | None = None
    description: str | None = None
    avatar_path: str | None = None
    timer_s: int | None = None
    members: tuple[str, ...] = ()
    remove_members: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()
    remove_admins: tuple[str, ...] = ()
    ban: tuple[str, ...] = ()
    unban: tuple[str, ...] = ()
    reset_link: bool = False
    link: LinkState | None = None
    add_members: Permission | None = None
    edit_details: Permission | None = None
    send_messages: Permission | None = None
    label_emoji: str | None = None
    label_text: str | None = None
    terminate: bool = False


@dataclass(frozen=True, slots=True)
class People:
    """The people of some options, by service id and in their order."""

    members: dict[ServiceId, Recipient] = field(default_factory=dict)
    remove_members: dict[ServiceId, Recipient] = field(default_factory=dict)
    admins: dict[ServiceId, Recipient] = field(default_factory=dict)
    remove_admins: dict[ServiceId, Recipient] = field(default_factory=dict)
    ban: dict[ServiceId, Recipient] = field(default_factory=dict)
    unban: dict[ServiceId, Recipient] = field(default_factory=dict)


def resolve_people(account: Account, options: GroupOptions) -> People:
    """Look the people up; raises UnknownRecipient, AmbiguousRecipient, ServiceError.

    Options that cannot be carried out raise UsageError, AppLimitExceeded or NotOneEmoji.
    """
    check_texts(
        (options.title, GROUP_TITLE),
        (options.description, GROUP_DESCRIPTION),
        (options.label_text, MEMBER_LABEL),
    )
    if options.label_emoji:
        check_emoji(options.label_emoji, "the label's emoji", MEMBER_LABEL_EMOJI)
    if options.timer_s is not None and not 0 <= options.timer_s <= MAX_EXPIRE_TIMER_S:
        raise UsageError("the time after which messages vanish is in seconds, from 0")
    people = People(
        _resolved(account, options.members, resolve),
        _resolved(account, options.remove_members, resolve_known),
        _resolved(account, options.admins, resolve_known),
        _resolved(account, options.remove_admins, resolve_known),
        _resolved(account, options.ban, resolve_known),
        _resolved(account, options.unban, resolve_known),
    )
    if account.aci in people.remove_members or account.aci in people.ban:
        raise UsageError(
            "your own account cannot be removed", hint="sigcli quitGroup leaves a group"
        )
    for kind in (people.admins, people.remove_admins):
        for service_id in kind:
            if not service_id.is_aci:
                raise UsageError(
                    f"{service_id} cannot be an administrator: only the number is known"
                )
    return people


def _resolved(
    account: Account, words: Iterable[str], find: Callable[[Account, str], Recipient]
) -> dict[ServiceId, Recipient]:
    found: dict[ServiceId, Recipient] = {}
    for word in words:
        recipient = find(account, word)
        # Resolving gives nobody who has neither ACI nor PNI.
        assert recipient.service_id is not None
        found[recipient.service_id] = recipient
    return found
