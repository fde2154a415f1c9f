"""Taking part in a group, which group a content is for, and who may say it there.

What strangers write to a group that the user takes part in is fetched, as of people they know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.content.data_messages import said_in
from sigcli.client.groups.identifiers import group_identifier
from sigcli.lazy_dataclass import replace
from sigcli.store.groups import accept_group, is_accepted_group
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.content import DataMessage
from sigcli.wire.key_types import GroupIdentifier

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.store.database import Database, Transaction
    from sigcli.wire.content import Content
    from sigcli.wire.content.message_parts import GroupContext


NOBODYS = GroupIdentifier(b"")
"""Stands for the identifier that a damaged master key would give."""


def take_part(account: Account, transaction: Transaction, group_id: GroupIdentifier) -> None:
    """The user takes part in a group from now on, and their other devices hear of it."""
    if accept_group(transaction, group_id):
        add_task(transaction, TaskKind.STORAGE_SYNC, now_ms=account.now_ms())


def takes_part(database: Database, group: GroupContext) -> bool:
    """Whether the group of a message is one that the user has made, joined, written to or accepted elsewhere.

    What its members send is treated as that of people they know then.
    """
    group_id = group_identifier(group)
    return group_id is not None and is_accepted_group(database, group_id)


def group_of(content: Content) -> GroupContext | None:
    """The group that a message, a new version of one, or a story is for."""
    data = said_in(content)
    if data is not None:
        return data.group
    return None if content.story_message is None else content.story_message.group


def group_id_of(content: Content) -> GroupIdentifier | None:
    """The identifier of the group that a content is for, a typing indicator's too; None for what is for no group."""
    group = group_of(content)
    if group is not None:
        return group_identifier(group) or NOBODYS
    typing = content.typing_message
    return None if typing is None else typing.group_id


def only_administrators_may(data: DataMessage) -> bool:
    """Whether members without a role may not say this where only administrators write.

    They may react, vote, and take back or end what is their own. Source: what Android refuses in announcement groups
    (``hasDisallowedAnnouncementOnlyContent``), and what else starts something new.
    """
    return not says_nothing(
        replace(
            data,
            reaction=None,
            delete=None,
            poll_vote=None,
            poll_terminate=None,
            group_call_update=None,
            story_context=None,
        )
    )


def says_nothing(data: DataMessage) -> bool:
    """Whether a message holds nothing but what every message of a group holds."""
    bare = replace(
        data,
        group=None,
        profile_key=None,
        expire_timer_s=0,
        expire_timer_version=None,
        flags=0,
        required_protocol_version=None,
    )
    return bare == DataMessage(timestamp_ms=data.timestamp_ms)
