"""A message to a group: who may send, what it carries, and its transcript to the own devices."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sigcli.client.base.outcomes import SendResult
from sigcli.client.base.steps import run
from sigcli.client.groups.fetching import require_fresh_endorsements
from sigcli.client.groups.taking_part import take_part
from sigcli.client.sending.composing import content_of, edit_of
from sigcli.client.sending.delivery import Outgoing
from sigcli.client.sending.group_identity_check import check_identities
from sigcli.client.sending.sender_key_sending import deliver_to_members
from sigcli.client.sending.sync_sending import has_other_devices, sync_delivery
from sigcli.errors import GroupSendRefused, NotAGroupMember, ServiceError, SigcliError
from sigcli.protocol.sealed_sender import ContentHint
from sigcli.wire.content import DataMessage, encode_content
from sigcli.wire.content.message_parts import GroupContext
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_sent import SyncSent, UnidentifiedStatus
from sigcli.zkgroup.groups import GroupSecretParams

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sigcli.client.base.account import Account
    from sigcli.client.sending.delivery import DeliveryResult
    from sigcli.store.group_values import Group, GroupDetails
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content import Content


def require_may_send(account: Account, group: Group) -> GroupDetails:
    """What is known of a group, if this account may send to it; raises NotAGroupMember or GroupSendRefused.

    A group of which nothing but the key is known is fetched: raises as ``fetching.fetch_group``.
    """
    if group.details is None:
        from sigcli.client.groups.fetching import fetch_group

        group = fetch_group(account, group.master_key)
    details = group.details
    member = None if details is None or group.access_lost else details.member(account.aci)
    if details is None or member is None:
        raise NotAGroupMember
    if details.terminated:
        raise GroupSendRefused("the group has been ended by an administrator")
    if details.announcements_only and not member.is_administrator:
        raise GroupSendRefused
    return details


def brought_up_to_date(account: Account, group: Group) -> Group:
    """The group with endorsements that hold, if they can be had; raises as ``require_may_send``."""
    require_may_send(account, group)
    try:
        return require_fresh_endorsements(account, group)
    except ServiceError as error:
        # They save requests; without them each member gets a message of their own.
        account.warn(f"the group could not be brought up to date: {error.message}")
        return group


def send_to_group(
    account: Account,
    group: Group,
    message: DataMessage,
    *,
    edit_of_ms: int | None = None,
    urgent: bool = True,
    only: Collection[ServiceId] | None = None,
    notify_self: bool = False,
    is_recipient_update: bool = False,
) -> list[SendResult]:
    """Send a message to all other members, and its transcript to the own devices; one result for each member.

    The message's group, timer and profile key are filled in. With ``edit_of_ms`` it is the new version of an earlier
    message, with ``only`` it goes to these members alone; with ``notify_self`` the own devices get the message itself
    as well, with ``is_recipient_update`` a transcript that adds recipients to an earlier one. Opens transactions of
    its own. Raises as ``require_may_send``, and what concerns the account itself.
    """
    group = brought_up_to_date(account, group)
    details = require_may_send(account, group)
    with account.database.transaction():
        take_part(account, group.group_id)
    context = GroupContext(master_key=group.master_key, revision=details.revision)
    message = replace(
        message,
        group=context,
        expire_timer_s=details.timer_s,
        profile_key=account.keys.profile_key,
    )
    wanted = [member.aci for member in details.members if only is None or member.aci in only]
    others = [member for member in wanted if member != account.aci]
    check_identities(account, group, others)
    return send_group_content(
        account,
        group,
        others,
        message,
        outsiders=(account.aci,) if notify_self and account.aci in wanted else (),
        edit_of_ms=edit_of_ms,
        urgent=urgent,
        is_recipient_update=is_recipient_update,
    )


def send_group_content(
    account: Account,
    group: Group,
    members: Sequence[ServiceId],
    message: DataMessage,
    *,
    outsiders: Sequence[ServiceId] = (),
    hint: ContentHint = ContentHint.RESENDABLE,
    edit_of_ms: int | None = None,
    urgent: bool = True,
    is_recipient_update: bool = False,
) -> list[SendResult]:
    """Send a finished message to these members, to ``outsiders`` one by one, and its transcript to the own devices."""
    params = GroupSecretParams.derive_from_master_key(group.master_key)
    outgoing = Outgoing(
        encode_content(content_of(message, edit_of_ms)),
        message.timestamp_ms,
        hint,
        urgent,
        group_id=group.group_id,
        # What answers a story is for those who want stories.
        story=message.story_context is not None,
    )
    delivered = deliver_to_members(account, group, params, members, outgoing)
    if outsiders:
        from sigcli.client.sending.sender_key_sending import deliver_one_by_one

        delivered += deliver_one_by_one(account, outsiders, outgoing)
    if has_other_devices(account) and (
        not delivered or any(result.succeeded for result in delivered)
    ):
        sent = SyncSent(
            timestamp_ms=message.timestamp_ms,
            message=message if edit_of_ms is None else None,
            edit_message=edit_of(message, edit_of_ms),
            expiration_start_timestamp_ms=account.now_ms() if message.expire_timer_s else None,
            unidentified_statuses=tuple(
                UnidentifiedStatus(destination=result.recipient, unidentified=result.sealed)
                for result in delivered
                if result.succeeded
            ),
            is_recipient_update=is_recipient_update,
        )
        _send_transcript(account, sent, urgent)
    return member_results(account, group, delivered)


def send_passing(
    account: Account, group: Group, content: Content, timestamp_ms: int
) -> list[SendResult]:
    """Send what is worth nothing later to the other members who are online; one result for each.

    Opens transactions of its own. Raises as ``require_may_send``, and what concerns the account itself.
    """
    details = require_may_send(account, group)
    params = GroupSecretParams.derive_from_master_key(group.master_key)
    outgoing = Outgoing(
        encode_content(content),
        timestamp_ms,
        ContentHint.IMPLICIT,
        urgent=False,
        online=True,
        group_id=group.group_id,
        logged=False,
    )
    others = [member.aci for member in details.members if member.aci != account.aci]
    return member_results(
        account, group, deliver_to_members(account, group, params, others, outgoing)
    )


def member_results(
    account: Account, group: Group, delivered: Iterable[DeliveryResult]
) -> list[SendResult]:
    """What became of a message, for each member."""
    from sigcli.client.groups.people_directory import PeopleDirectory

    people = PeopleDirectory(account)
    return [
        SendResult(
            recipient=people.person(result.recipient),
            type=result.type,
            sealed=result.sealed,
            token=result.token,
            retry_after_s=result.retry_after_s,
            error=result.error,
            group_id=group.group_id,
        )
        for result in delivered
    ]


def _send_transcript(account: Account, sent: SyncSent, urgent: bool) -> None:
    """Tell the other own devices; that they do not get it is a warning."""
    steps = sync_delivery(
        account,
        SyncMessage(sent=sent),
        sent.timestamp_ms,
        urgent=urgent,
        hint=ContentHint.RESENDABLE,
    )
    try:
        problem = run(steps).error
    except SigcliError as error:
        problem = error
    if problem is not None:
        account.warn(f"the own other devices do not see this message: {problem.message}")
