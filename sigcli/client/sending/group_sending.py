"""A message to a group: who may send, what it carries, and its transcript to the account's other devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.base.steps import run
from sigcli.client.groups.acceptance import only_administrators_may, take_part
from sigcli.client.groups.fetching import catch_up, fetch_group, require_fresh_endorsements
from sigcli.client.sending.composing import content_of, edit_of, encoded, kept_for_ms
from sigcli.client.sending.group_identity_check import check_identities
from sigcli.client.sending.outgoing import Outgoing
from sigcli.client.sending.resuming import transcript_of, was_begun
from sigcli.client.sending.send_results import result_for
from sigcli.client.sending.sender_key_sending import deliver_to_members
from sigcli.client.sending.sync_sending import has_other_devices, try_transcript
from sigcli.durations import DAY_MS, HOUR_MS
from sigcli.errors import GroupSendRefused, NotAGroupMember, ServiceError
from sigcli.lazy_dataclass import replace
from sigcli.protocol.sealed_sender import ContentHint
from sigcli.wire.content import DataMessage, encode_content
from sigcli.wire.content.message_parts import GroupContext
from sigcli.wire.content.sync_sent import SyncSent, UnidentifiedStatus

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sigcli.client.base.account import Account
    from sigcli.client.base.outcomes import SendResult
    from sigcli.client.sending.outgoing import DeliveryResult
    from sigcli.store.group_values import Group, GroupDetails
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content import Content

STALE_MS = HOUR_MS
"""A group that was fetched longer ago is fetched again before something is sent to it."""
INVITATION_MS = 14 * DAY_MS
"""For how long somebody who was invited, or asks to join, may become a member any moment."""


def require_may_send(
    account: Account, group: Group, message: DataMessage | None = None
) -> GroupDetails:
    """What is known of a group, if this account may send to it; raises NotAGroupMember or GroupSendRefused.

    ``message`` is None for a story and for a typing indicator.
    """
    details = group.details
    member = None if details is None or group.access_lost else details.member(account.aci)
    if details is None or member is None:
        raise NotAGroupMember
    if details.terminated:
        raise GroupSendRefused("the group has been ended by an administrator", hint=None)
    if member.is_administrator:
        return details
    if message is not None and message.admin_delete is not None:
        raise GroupSendRefused(
            "only administrators may delete what others wrote",
            hint="your own message is deleted with sigcli remoteDelete",
        )
    if details.announcements_only and (message is None or only_administrators_may(message)):
        raise GroupSendRefused
    return details


def admitted(account: Account, group: Group, message: DataMessage | None = None) -> Group:
    """The group, if this account may send this to it; fetched where what is known says no, which may be old.

    Opens transactions of its own. Raises NotAGroupMember, GroupSendRefused; and ServiceError where nothing but
    the group's key was known.
    """
    try:
        require_may_send(account, group, message)
    except (NotAGroupMember, GroupSendRefused) as refusal:
        try:
            group = fetch_group(account, group.master_key)
        except ServiceError:
            if group.details is None:
                raise
            raise refusal from None
        require_may_send(account, group, message)
    return group


def brought_up_to_date(account: Account, group: Group, message: DataMessage | None = None) -> Group:
    """The group as it is now, if possible with endorsements that hold; raises NotAGroupMember, GroupSendRefused.

    New members get the message, those who have left do not.
    """
    group = admitted(account, group, message)
    try:
        if _may_have_changed(account, group):
            group = catch_up(account, group)
        group = require_fresh_endorsements(account, group)
    except ServiceError as error:
        # They save requests; without them each member gets a message of their own.
        account.warn(f"the group could not be brought up to date: {error.message}")
        return group
    require_may_send(account, group, message)
    return group


def _may_have_changed(account: Account, group: Group) -> bool:
    """Whether there is reason to think that others are members by now: it was not looked at for long, somebody has yet
    to accept an invitation or to be let in, or there is nobody to send to."""
    details, now_ms = group.details, account.now_ms()
    if details is None or not 0 <= now_ms - group.fetched_ms < STALE_MS:
        return True
    if all(member.aci == account.aci for member in details.members):
        return True
    since_ms = [one.since_ms for one in details.invitations]
    since_ms += [one.since_ms for one in details.requests]
    return any(now_ms - one < INVITATION_MS for one in since_ms)


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
    """Send a message to all other members, and show it to the account's other devices; one result for each member.

    The message's group, timer and profile key are filled in. With ``edit_of_ms`` it is the new version of an earlier
    message, with ``only`` it goes to these members alone; with ``notify_self`` the account's other devices get the
    message itself as well, with ``is_recipient_update`` a transcript that adds recipients to an earlier one. Opens
    transactions of its own. Raises NotAGroupMember, GroupSendRefused; LoginRefused, ClientRefused, StoreError.
    """
    group = brought_up_to_date(account, group, message)
    details = require_may_send(account, group, message)
    with account.database.transaction() as transaction:
        take_part(account, transaction, group.group_id)
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
    """Send a finished message to members, to ``outsiders`` one by one, and show it to the account's other devices."""
    outgoing = Outgoing(
        encoded(content_of(message, edit_of_ms)),
        message.timestamp_ms,
        hint,
        urgent,
        group_id=group.group_id,
        # What answers a story is for those who want stories.
        story=message.story_context is not None,
        part=group.group_id,
        kept_ms=kept_for_ms(message),
    )
    delivered = deliver_to_members(account, group, members, outgoing)
    if outsiders:
        from sigcli.client.sending.sender_key_sending import deliver_one_by_one

        delivered += deliver_one_by_one(account, outsiders, outgoing)
    reached = [result for result in delivered if result.succeeded]
    if has_other_devices(account) and (reached or not delivered):
        sent = SyncSent(
            timestamp_ms=message.timestamp_ms,
            message=message if edit_of_ms is None else None,
            edit_message=edit_of(message, edit_of_ms),
            expiration_start_timestamp_ms=account.now_ms() if message.expire_timer_s else None,
            unidentified_statuses=_statuses(reached),
        )
        _show_other_devices(account, group, sent, reached, urgent, is_update=is_recipient_update)
    return member_results(account, group, delivered)


def _show_other_devices(
    account: Account,
    group: Group,
    sent: SyncSent,
    reached: Sequence[DeliveryResult],
    urgent: bool,
    *,
    is_update: bool,
) -> None:
    """Show the account's other devices what was sent, or, once they have seen it, who has got it since."""
    part = transcript_of(group.group_id)
    if not is_update:
        run(try_transcript(account, sent, urgent=urgent, part=part))
        if not was_begun(account, part, account.aci):
            return
        # A daemon has shown it, and has not come to these.
        reached = [one for one in reached if not was_begun(account, group.group_id, one.recipient)]
        if not reached:
            return
    update = replace(sent, unidentified_statuses=_statuses(reached), is_recipient_update=True)
    run(try_transcript(account, update, urgent=urgent))


def _statuses(reached: Iterable[DeliveryResult]) -> tuple[UnidentifiedStatus, ...]:
    return tuple(
        UnidentifiedStatus(destination=one.recipient, unidentified=one.sealed) for one in reached
    )


def send_passing(
    account: Account, group: Group, content: Content, timestamp_ms: int
) -> list[SendResult]:
    """Send what is worth nothing later to the other members who are online; one result for each.

    Opens transactions of its own. Raises NotAGroupMember, GroupSendRefused; LoginRefused, ClientRefused, StoreError.
    """
    group = admitted(account, group)
    details = require_may_send(account, group)
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
    return member_results(account, group, deliver_to_members(account, group, others, outgoing))


def member_results(
    account: Account, group: Group, delivered: Iterable[DeliveryResult]
) -> list[SendResult]:
    """What became of a message, for each member."""
    from sigcli.client.groups.people_directory import PeopleDirectory

    people = PeopleDirectory(account)
    return [
        result_for(people.person(result.recipient), result, group.group_id) for result in delivered
    ]
