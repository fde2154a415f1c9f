"""Groups by what the user says: their ids in base64, aliases, titles, and links."""

from __future__ import annotations

import base64
import binascii
from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.errors import (
    AmbiguousGroup,
    InvalidGroupId,
    InvalidGroupLink,
    MalformedMessage,
    UnknownGroup,
)
from sigcli.lazy_dataclass import dataclass
from sigcli.store.groups import find_group, groups_called, is_accepted_group
from sigcli.wire.group_access import AccessRequired
from sigcli.wire.key_types import GroupIdentifier, GroupMasterKey

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.store.group_values import Group, GroupDetails

_ID_LENGTH = 32
_MASTER_KEY_LENGTH = 32
_OLD_ID_LENGTH = 16
_LINK_PREFIXES = ("https://signal.group/#", "sgnl://signal.group/#")
_URL_TO_STANDARD = str.maketrans("-_", "+/")
LINK_OPEN = (AccessRequired.ANY, AccessRequired.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class GroupLink:
    """What a link says."""

    master_key: GroupMasterKey = field(repr=False)
    password: bytes = field(repr=False)


def parse_group_id(text: str) -> GroupIdentifier:
    """The 32 bytes of a group id; raises InvalidGroupId."""
    try:
        group_id = _decode(text.strip())
    except (binascii.Error, ValueError):
        raise InvalidGroupId(
            f"{_shown(text)} is neither the id nor the name of a group", hint=_hint(text)
        ) from None
    if len(group_id) == _OLD_ID_LENGTH:
        raise InvalidGroupId(
            "this is the id of an old group (v1), which no client can use any more", hint=None
        )
    if len(group_id) != _ID_LENGTH:
        raise InvalidGroupId(
            f"{_shown(text)} is not a group id: it does not have 32 bytes", hint=_hint(text)
        )
    return GroupIdentifier(group_id)


def format_group_id(group_id: GroupIdentifier) -> str:
    """As the user reads and writes it."""
    return base64.b64encode(group_id).decode()


def meant_group_id(account: Account, text: str) -> GroupIdentifier:
    """The id of the group that a word means: an alias, an id, or the exact title of one that the user takes part in.

    A title that a stranger has chosen, of a group that was not accepted, names nothing. Raises InvalidGroupId,
    AmbiguousGroup.
    """
    text = account.settings.aliases.get(text, text)
    try:
        return parse_group_id(text)
    except InvalidGroupId as error:
        called = groups_called(account.database, text)
        named = [group for group in called if _takes_part(account, group)]
        if len(named) == 1:
            return named[0].group_id
        if named:
            raise AmbiguousGroup(
                f"{len(named)} groups are called {_shown(text)}: "
                + ", ".join(format_group_id(group.group_id) for group in named)
            ) from None
        if called:
            ids = ", ".join(format_group_id(group.group_id) for group in called[:3])
            error.hint = f"you are not a member of the group with this title, or have not accepted it: its id is {ids}"
        raise


def require_group(account: Account, text: str) -> Group:
    """The stored group that a word means; raises InvalidGroupId, UnknownGroup."""
    group = find_group(account.database, meant_group_id(account, text))
    if group is None:
        raise UnknownGroup(f"no group {text} is known here")
    return group


def parse_link(text: str) -> GroupLink:
    """Read a link to a group; raises InvalidGroupLink."""
    from sigcli.wire.group_state import decode_invite_link

    stripped = text.strip()
    prefix = next((one for one in _LINK_PREFIXES if stripped.startswith(one)), None)
    if prefix is None:
        raise InvalidGroupLink(f"{text!r} is not a link to a group")
    try:
        contents = decode_invite_link(_decode(stripped[len(prefix) :])).contents
    except (MalformedMessage, binascii.Error, ValueError):
        raise InvalidGroupLink("the group's link is damaged") from None
    if contents is None or len(contents.master_key) != _MASTER_KEY_LENGTH:
        raise InvalidGroupLink("the group's link is of a kind that this program does not know")
    return GroupLink(GroupMasterKey(contents.master_key), contents.password)


def format_link(master_key: GroupMasterKey, details: GroupDetails) -> str | None:
    """The group's link; None while joining by link is off."""
    if not details.invite_link_password or details.access.invite_link not in LINK_OPEN:
        return None
    from sigcli.wire.group_state import GroupInviteLink, InviteLinkContents, encode_invite_link

    contents = InviteLinkContents(master_key=master_key, password=details.invite_link_password)
    payload = encode_invite_link(GroupInviteLink(contents=contents))
    return _LINK_PREFIXES[0] + base64.urlsafe_b64encode(payload).decode().rstrip("=")


def _takes_part(account: Account, group: Group) -> bool:
    """Whether the account is a member of a group and the user has accepted it."""
    details = group.details
    is_member = details is not None and details.member(account.aci) is not None
    return (
        is_member and not group.access_lost and is_accepted_group(account.database, group.group_id)
    )


def _shown(text: str) -> str:
    from sigcli.client.base.user_files import shown

    return repr(shown(text))


def _hint(text: str) -> str | None:
    from sigcli.client.people.meant_words import hint_for_group

    return hint_for_group(text.strip())


def _decode(text: str) -> bytes:
    standard = text.translate(_URL_TO_STANDARD).rstrip("=")
    return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
