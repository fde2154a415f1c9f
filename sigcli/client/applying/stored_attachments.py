"""Attachments by their ids: read, fetched on demand if they were left at the service, listed, removed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sigcli.durations import parse_duration_ms
from sigcli.errors import NoSuchFile, ProtocolError, UsageError
from sigcli.lazy_dataclass import dataclass
from sigcli.store.content_types import content_type_for
from sigcli.store.tasks import TaskKind, drop_tasks, find_items

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.base.account import Account
    from sigcli.client.base.waiting import Stop


@dataclass(frozen=True, slots=True)
class StoredAttachment:
    """A file of a message; ``stored_ms`` is when it was downloaded."""

    id: str
    content_type: str | None
    size: int
    stored_ms: int
    path: str


def attachment_path(account: Account, id: str, stop: Stop) -> str:
    """Where an attachment is, downloaded first if a message that has come points at it.

    Opens transactions of its own. Raises NoSuchFile for one that is unknown, removed or no longer at the service,
    ServiceError.
    """
    path = account.files.find_attachment(id)
    if path is not None:
        return path
    target = id.encode(errors="replace")
    items = find_items(account.database, TaskKind.ATTACHMENT_DOWNLOAD, target)
    if not items:
        raise NoSuchFile(f"there is no attachment {id}", hint="sigcli receive prints their ids")
    from sigcli.client.applying.attachments_in import GONE, AttachmentFetcher, Stopped, pointers
    from sigcli.wire.content import decode_content

    fetcher = AttachmentFetcher(account, stop)
    try:
        for item in items:
            for pointer in pointers(decode_content(item)):
                fetcher.download(pointer)
    except GONE as error:
        raise NoSuchFile("the service does not have this attachment, or no longer") from error
    except ProtocolError as error:
        raise NoSuchFile(f"the attachment was not taken: {error.message}") from error
    except Stopped:
        raise NoSuchFile("stopped before the attachment was here") from None
    finally:
        fetcher.close()
    with account.database.transaction() as database:
        drop_tasks(database, TaskKind.ATTACHMENT_DOWNLOAD, target)
    return account.files.attachment_path(id)


def list_attachments(account: Account) -> list[StoredAttachment]:
    """The attachments that are here, by their ids."""
    return [
        StoredAttachment(
            id=name,
            content_type=content_type_for(os.path.splitext(name)[1]),
            size=size,
            stored_ms=int(modified_s * 1000),
            path=os.path.abspath(path),
        )
        for name, size, modified_s in account.files.list_attachments()
        # Another process may be removing it.
        if (path := account.files.find_attachment(name)) is not None
    ]


def remove_attachments(account: Account, ids: Sequence[str], older_than: str | None) -> int:
    """Delete attachments from this device: those that are named, and those that came longer ago; gives how many.

    Raises NoSuchFile, before any is deleted, for one that is not here; UsageError for what is no duration.
    """
    keep_ms = None
    if older_than is not None:
        keep_ms = parse_duration_ms(older_than)
        if keep_ms is None:
            raise UsageError(f"{older_than!r} is not a duration", hint="write 12h, 30d or 8w")
    wanted = list(dict.fromkeys(ids))
    for id in wanted:
        account.files.attachment_path(id)
    for id in wanted:
        account.files.remove_attachment(id)
    pruned = (
        0 if keep_ms is None else len(account.files.prune_attachments(account.now_ms(), keep_ms))
    )
    return len(wanted) + pruned
