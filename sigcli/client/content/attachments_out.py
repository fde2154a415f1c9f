"""Uploading attachments: encrypted as a stream, laid at the CDN that the service names, described by a pointer."""

from __future__ import annotations

import io
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

from sigcli.client.content.attachment_sources import from_bytes, open_sources
from sigcli.errors import AttachmentTooLarge, AttachmentUnreadable, InvalidMessage, PayloadTooLarge
from sigcli.protocol.attachment_cipher import AttachmentEncryptor, blob_size, generate_key
from sigcli.service.cdn import Cdn
from sigcli.service.cdn_upload import upload
from sigcli.service.resources.attachments import request_upload
from sigcli.store.private_files import TEMPORARY_PREFIX, create_private_file, storage_error
from sigcli.store.service_limits import read_service_limits
from sigcli.wire.content import AttachmentPointer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sigcli.client.base.account import Account
    from sigcli.client.content.attachment_sources import Source
    from sigcli.service.resources.attachments import UploadForm

LONG_TEXT = "text/x-signal-plain"
"""The content type of a text that is too long for a message's body."""
_IN_MEMORY = 1024 * 1024


def upload_attachments(
    account: Account, words: Sequence[str], check: Callable[[Sequence[Source]], None] | None = None
) -> tuple[AttachmentPointer, ...]:
    """Upload files and data URIs, each once, in their order.

    All are opened, and looked at by ``check``, before the first is uploaded. Raises AttachmentUnreadable,
    AttachmentRefused, AttachmentTooLarge, ServiceError, and what ``check`` refuses them with.
    """
    sources = open_sources(account, words)
    try:
        if check is not None:
            check(sources)
        return _upload_all(account, sources)
    finally:
        for source in sources:
            source.close()


def upload_data(account: Account, data: bytes, content_type: str) -> AttachmentPointer:
    """Upload bytes that are not a file; raises AttachmentRefused, ServiceError."""
    return _upload_all(account, [from_bytes(data, content_type)])[0]


def upload_long_text(account: Account, text: str) -> AttachmentPointer:
    """Upload the whole of a text of which the body holds the beginning; raises AttachmentRefused, ServiceError."""
    return upload_data(account, text.encode(), LONG_TEXT)


def _upload_all(account: Account, sources: Sequence[Source]) -> tuple[AttachmentPointer, ...]:
    limit = read_service_limits(account.database).attachment_bytes
    for source in sources:
        if limit is not None and source.size > limit:
            raise _too_large(account, source)
    with Cdn(account.network) as cdn:
        return tuple(_upload(account, cdn, source) for source in sources)


def _upload(account: Account, cdn: Cdn, source: Source) -> AttachmentPointer:
    encryptor = AttachmentEncryptor(
        generate_key(account.random), plaintext_size=source.size, random=account.random
    )
    what = source.file_name or "the attachment"
    with _blob_file(account, blob_size(source.size)) as blob:
        try:
            _fill(blob, encryptor.encrypt(source.chunks()))
        except InvalidMessage:
            raise AttachmentUnreadable(f"{what} changed while it was read") from None
        encrypted = encryptor.result()
        try:
            form = request_upload(account.identified, encrypted.blob_size)
            _send(account, cdn, form, blob, encrypted.blob_size, what)
        except PayloadTooLarge:
            raise _too_large(account, source) from None
    mac = encrypted.incremental_mac
    return AttachmentPointer(
        cdn_key=form.key,
        cdn_number=form.cdn,
        content_type=source.content_type,
        key=encrypted.key,
        size=encrypted.plaintext_size,
        digest=encrypted.digest,
        incremental_mac=mac.macs if mac else None,
        chunk_size=mac.chunk_size if mac else None,
        file_name=source.file_name,
        width=source.width,
        height=source.height,
        upload_timestamp_ms=account.now_ms(),
        client_uuid=account.random(16),
    )


def _send(
    account: Account, cdn: Cdn, form: UploadForm, blob: BinaryIO, size: int, what: str
) -> None:
    """Upload the encrypted bytes, and tell how far they have come."""
    report = account.settings.progress
    if report is None:
        upload(cdn, form, blob, size)
        return
    from sigcli.client.base.progress import ReportedReader

    what = f"sending {what}"
    try:
        upload(cdn, form, cast("BinaryIO", ReportedReader(blob, what, size, report)), size)
    finally:
        report(what, None, size)


def _too_large(account: Account, source: Source) -> AttachmentTooLarge:
    limit = read_service_limits(account.database).attachment_bytes
    most = "" if limit is None or limit >= source.size else f": it accepts at most {limit:,}"
    what = source.file_name or "the attachment"
    return AttachmentTooLarge(
        f"{what} has {source.size:,} bytes, more than the service takes{most}"
    )


@contextmanager
def _blob_file(account: Account, size: int) -> Iterator[BinaryIO]:
    """Where the encrypted bytes go until they are uploaded: memory, or a file that has no name any more."""
    if size <= _IN_MEMORY:
        yield io.BytesIO()
        return
    path = os.path.join(account.files.folder, TEMPORARY_PREFIX + account.random(8).hex())
    with os.fdopen(create_private_file(path), "w+b") as blob:
        if os.name == "posix":
            os.unlink(path)
        try:
            yield blob
        finally:
            if os.name != "posix":
                blob.close()
                os.unlink(path)


def _fill(blob: BinaryIO, pieces: Iterable[bytes]) -> None:
    """Write everything and go back to the start; raises DiskFull or StorageUnwritable."""
    try:
        for piece in pieces:
            blob.write(piece)
        blob.seek(0)
    except OSError as error:
        raise storage_error(error) from error
