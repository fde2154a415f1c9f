"""What each kind of job does; what it needs is imported when there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import TimedOut
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.key_types import GroupIdentifier, StickerPackId

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.receiving.follow_up import FollowUp
    from sigcli.store.tasks import Task

    Handler = Callable[[FollowUp, Task], None]


def _confirm_delivery(follow_up: FollowUp, task: Task) -> None:
    from sigcli.client.receiving.follow_up_messages import confirm_delivery

    confirm_delivery(follow_up.account, task)


def _ask_again(follow_up: FollowUp, task: Task) -> None:
    from sigcli.client.receiving.follow_up_messages import ask_again

    ask_again(follow_up.account, task)


def _answer_retry_requests(follow_up: FollowUp, task: Task) -> None:
    from sigcli.client.receiving.follow_up_messages import answer_retry_requests

    answer_retry_requests(follow_up.account, task)


def _renew_session(follow_up: FollowUp, task: Task) -> None:
    from sigcli.client.receiving.follow_up_messages import renew_session

    renew_session(follow_up.account, task)


def _refresh_prekeys(follow_up: FollowUp, task: Task) -> None:
    from sigcli.client.account.prekey_upkeep import refresh_prekeys

    refresh_prekeys(follow_up.account, force=True)
    follow_up.done.add(task.kind)


def _fetch_profile(follow_up: FollowUp, task: Task) -> None:
    from sigcli.client.base.task_items import read_account
    from sigcli.client.people.profiles import fetch_due, fetch_profile
    from sigcli.store.recipients import find_by_service_id

    person = find_by_service_id(follow_up.account.database, read_account(task.target))
    if person is not None and fetch_due(follow_up.account, person):
        fetch_profile(follow_up.account, person)
        if person.aci == follow_up.account.aci:
            # Its name and picture stand in the account's record at the storage service as well.
            with follow_up.account.database.transaction() as database:
                add_task(database, TaskKind.STORAGE_SYNC, now_ms=follow_up.account.now_ms())


def _download(follow_up: FollowUp, task: Task) -> None:
    from sigcli.client.applying.attachments_in import Stopped, pointers
    from sigcli.client.base.task_items import CONTACTS_TARGET
    from sigcli.client.people.contact_sync import take_contacts
    from sigcli.wire.content import decode_content

    try:
        for item in task.items:
            content = decode_content(item.item)
            if task.target == CONTACTS_TARGET:
                take_contacts(
                    follow_up.account,
                    follow_up.fetcher,
                    content,
                    ignore_avatars=follow_up.ignore_avatars,
                )
                continue
            for pointer in pointers(content):
                follow_up.fetcher.download(pointer)
    except Stopped:
        raise TimedOut("told to stop") from None


def _request_sync(follow_up: FollowUp, task: Task) -> None:
    from sigcli.client.sending.sync_requests import request_sync

    del task
    request_sync(follow_up.account)


def _answer_sync_request(follow_up: FollowUp, task: Task) -> None:
    from sigcli.client.base.task_items import BLOCKED_LIST_TARGET, USERNAME_TARGET

    if task.target == USERNAME_TARGET:
        from sigcli.client.account.own_username import send_username_change

        send_username_change(follow_up.account)
        return
    if task.target == BLOCKED_LIST_TARGET:
        from sigcli.client.account.people.blocking import send_blocked_list

        send_blocked_list(follow_up.account)
        return
    from sigcli.client.sending.sync_requests import answer_sync_request

    answer_sync_request(follow_up.account, int.from_bytes(task.target, "big"))


def _update_profile_key(follow_up: FollowUp, task: Task) -> None:
    """Show a person, or a group, the account's profile key; the target is an account, or a group's identifier."""
    from sigcli.client.base.task_items import read_account
    from sigcli.client.people.known_people import is_accepted
    from sigcli.store.groups import find_group
    from sigcli.store.recipients import find_by_service_id

    account = follow_up.account
    group = find_group(account.database, GroupIdentifier(task.target))
    if group is not None:
        from sigcli.client.account.groups.own_profile_key import present_profile_key

        present_profile_key(account, group)
        return
    person = find_by_service_id(account.database, read_account(task.target))
    if person is not None and person.aci and is_accepted(person) and not person.contact.blocked:
        from sigcli.client.sending.profile_key_sharing import send_profile_key

        send_profile_key(account, person.aci)


def _update_attributes(follow_up: FollowUp, task: Task) -> None:
    from sigcli.client.base.task_items import NEW_PROFILE_KEY_TARGET

    if not follow_up.account.keys.is_primary:
        return  # they are the account's, and the primary device's to write
    if task.target == NEW_PROFILE_KEY_TARGET:
        from sigcli.client.account.profile_key_rotation import rotate_profile_key

        rotate_profile_key(follow_up.account)
        return
    from sigcli.client.account.pin import keep_pin
    from sigcli.client.account.update_account import refresh_attributes

    refresh_attributes(follow_up.account)
    # Where the master key has changed, the PIN is to bring back the new one from now on.
    keep_pin(follow_up.account)


def _sync_storage(follow_up: FollowUp, task: Task) -> None:
    from sigcli.client.storage.syncing import sync_storage

    sync_storage(follow_up.account)
    follow_up.done.add(task.kind)


def _update_group(follow_up: FollowUp, task: Task) -> None:
    from sigcli.client.applying.group_updates import update_group

    if update_group(follow_up.account, task):
        follow_up.released = True


def _fetch_sticker_pack(follow_up: FollowUp, task: Task) -> None:
    if follow_up.ignore_stickers:
        return  # getSticker and send fetch what they need
    from sigcli.client.applying.received_stickers import fetch_noted

    fetch_noted(follow_up.account, StickerPackId(task.target), follow_up.pause)


HANDLERS: dict[TaskKind, Handler] = {
    TaskKind.DELIVERY_RECEIPT: _confirm_delivery,
    TaskKind.RETRY_REQUEST: _ask_again,
    TaskKind.RENEW_SESSION: _renew_session,
    TaskKind.RESEND: _answer_retry_requests,
    TaskKind.PREKEY_REFRESH: _refresh_prekeys,
    TaskKind.PROFILE_FETCH: _fetch_profile,
    TaskKind.ATTACHMENT_DOWNLOAD: _download,
    TaskKind.SYNC_REQUEST: _request_sync,
    TaskKind.GROUP_UPDATE: _update_group,
    TaskKind.GROUP_LOOKUP: _update_group,
    TaskKind.SYNC_ANSWER: _answer_sync_request,
    TaskKind.PROFILE_KEY_UPDATE: _update_profile_key,
    TaskKind.ATTRIBUTES_UPDATE: _update_attributes,
    TaskKind.STORAGE_SYNC: _sync_storage,
    TaskKind.STICKER_PACK_FETCH: _fetch_sticker_pack,
}
