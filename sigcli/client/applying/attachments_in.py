"""Attachments of what was received: downloaded, verified, decrypted, and only then given their names.

Downloaded are those of people whom the account talks to, and of the account's other devices.
"""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING

from sigcli.client.base.waiting import pause
from sigcli.client.content.data_messages import data_of
from sigcli.client.people.attachment_names import attachment_id
from sigcli.errors import (
    Forbidden,
    Gone,
    InvalidMessage,
    NotFound,
    ProtocolError,
    ServiceError,
    UserError,
)
from sigcli.lazy_dataclass import replace
from sigcli.protocol.limits import MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS
from sigcli.store.files import read_small_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sigcli.client.base.account import Account
    from sigcli.client.base.waiting import Stop
    from sigcli.service.cdn import Cdn
    from sigcli.wire.content import AttachmentPointer, Content, DataMessage

MAX_BYTES = MAX_ATTACHMENT_BYTES
LONG_TEXT_TYPE = "text/x-signal-plain"
MAX_LONG_TEXT_BYTES = 1024 * 1024
RETRY_MS = 10 * 60 * 1000
GONE = (NotFound, Forbidden, Gone)
"""What the stores of files say of one that is not there: CDN 0 forbids what it does not have."""
_SHOWN_NAME = 80
MAX_OF_STRANGERS = 2_000
"""How many files of people who are not accepted are remembered, the newest."""
_PADDED_EMPTY_BYTES = 541
_ON_REQUEST = "sigcli getAttachment --id fetches it"
PAUSE_S = 60.0
"""After a failed download the next messages do not wait for another one."""


class Stopped(Exception):
    """Told to stop in the middle of a download; never leaves this file."""


class AttachmentFetcher:
    """Downloads what messages point at; ``ignored``: nothing unless it is asked for."""

    def __init__(self, account: Account, stop: Stop, *, ignored: bool = False) -> None:
        self._account = account
        self._stop = stop
        self._ignored = ignored
        self._cdn: Cdn | None = None
        self._origin = ""
        self._paused_until = 0.0
        self.left: dict[str, str] = {}
        """Why attachments of the last message are not here, by their ids."""

    def fetch(self, content: Content, origin: str = "") -> Content:
        """Download what is not here yet; gives the content with long texts in the place of their beginnings.

        What cannot be had now is left for a task, and what is ignored until the user asks for it. Warnings name the
        message by ``origin``: when it was sent, and by whom.
        """
        self._origin = origin
        self.left = {}
        left: list[AttachmentPointer] = []
        for pointer in pointers(content):
            if self._stop.requested() or self._is_here(pointer):
                continue
            if self._was_put_off(pointer):
                self._say_why(pointer, f"it was left before; {_ON_REQUEST}")
                continue
            if not self._is_wanted(pointer):
                left.append(pointer)
                self._say_why(pointer, self._why_unwanted(pointer))
                continue
            self._fetch_or_put_off(pointer)
        self._leave(left)
        return self.with_long_texts(content)

    def _is_wanted(self, pointer: AttachmentPointer) -> bool:
        """Whether it is downloaded without being asked for: not where its sender announces no size."""
        limit = self._account.settings.max_attachment_bytes
        return not self._ignored and (limit is None or 0 < (pointer.size or 0) <= limit)

    def leave(self, content: Content) -> None:
        """Download nothing of a stranger, but remember where it lies: the user may ask for it."""
        from sigcli.store.tasks import STRANGERS_ON_DEMAND_MS

        left = [pointer for pointer in pointers(content) if not self._is_here(pointer)]
        self.left = {}
        for pointer in left:
            self._say_why(pointer, f"its sender is a stranger; {_ON_REQUEST}")
        self._remember(left, STRANGERS_ON_DEMAND_MS)

    def _why_unwanted(self, pointer: AttachmentPointer) -> str:
        if self._ignored:
            return f"--ignore-attachments; {_ON_REQUEST}"
        limit = self._account.settings.max_attachment_bytes or 0
        size = f"it has {pointer.size:,} bytes" if pointer.size else "its sender announces no size"
        return f"{size}, and max_attachment_size is {limit:,}; {_ON_REQUEST}"

    def _say_why(self, pointer: AttachmentPointer, why: str) -> None:
        name = attachment_id(pointer)
        if name is not None:
            self.left[name] = why

    def download(self, pointer: AttachmentPointer, max_bytes: int = MAX_BYTES) -> None:
        """Download one attachment, unless it is here or larger than ``max_bytes``.

        Raises ServiceError, StoreError, and ProtocolError if it is not what the sender says.
        """
        name = attachment_id(pointer)
        if name is None or self._account.files.find_attachment(name) is not None:
            return
        report = self._account.settings.progress
        what, done = f"fetching {pointer.file_name or name}", 0
        try:
            with self._account.files.attachment_writer(name) as writer:
                pieces = self.pieces(pointer, max_bytes)
                for piece in pieces if pointer.size else without_mere_padding(pieces):
                    writer.write(piece)
                    done += len(piece)
                    if report is not None:
                        report(what, done, pointer.size or 0)
        finally:
            if report is not None:
                report(what, None, 0)

    def pieces(self, pointer: AttachmentPointer, max_bytes: int) -> Iterator[bytes]:
        """The plaintext, to be held as provisional until the end; raises ServiceError, ProtocolError."""
        from sigcli.protocol.attachment_cipher import AttachmentKey, blob_size, decrypt_attachment
        from sigcli.service.resources.attachments import download_path

        if pointer.key is None or pointer.digest is None:
            raise InvalidMessage(
                "the pointer lacks what an attachment is decrypted and verified with"
            )
        size = pointer.size or 0
        if size > max_bytes:
            raise InvalidMessage(
                f"it has {size:,} bytes, more than the {max_bytes:,} that are taken"
            )
        path = download_path(pointer.cdn_key, pointer.cdn_id or 0)
        # Not every client pads as the apps do: the announced size only bounds what is worth reading.
        chunks = self._open_cdn().chunks(pointer.cdn_number, path)
        return decrypt_attachment(
            self._taken(chunks, blob_size(max_bytes)),
            AttachmentKey(pointer.key),
            digest=pointer.digest,
            # Nothing would be left of a file whose sender announces no size.
            plaintext_size=pointer.size or None,
        )

    def close(self) -> None:
        if self._cdn is not None:
            self._cdn.close()
            self._cdn = None

    # --- one of them -------------------------------------------------------------------------

    def _fetch_or_put_off(self, pointer: AttachmentPointer) -> None:
        if time.monotonic() < self._paused_until:
            self._say_why(pointer, "it is fetched later")
            self._put_off(pointer)
            return
        limit = self._account.settings.max_attachment_bytes
        try:
            self.download(pointer, MAX_BYTES if limit is None else min(limit, MAX_BYTES))
        except Stopped:
            self._put_off(pointer)
        except GONE:
            # The CDN's servers do not all have a new file at once: it is asked for a few times more.
            self._warn(pointer, "is not at the service; it will be asked for again later")
            self._put_off(pointer)
        except ServiceError as error:
            self._warn(pointer, f"and those after it are fetched later: {error.message}")
            self._say_why(pointer, f"it is fetched later: {error.message}")
            self._paused_until = time.monotonic() + PAUSE_S
            self._put_off(pointer)
        except (ProtocolError, UserError) as error:
            self._warn(pointer, f"was not taken: {error.message}")
            self._leave([pointer])
        except (OSError, ValueError) as problem:
            self._warn(pointer, f"was not taken: {type(problem).__name__}")

    def _warn(self, pointer: AttachmentPointer, what: str) -> None:
        self._say_why(pointer, f"it {what}")
        message = f" of the message {self._origin}" if self._origin else ""
        self._account.warn(f"the attachment {name_of(pointer)}{message} {what}")

    def _put_off(self, pointer: AttachmentPointer) -> None:
        self._remember([pointer], self._account.now_ms() + RETRY_MS)

    def _leave(self, left: Sequence[AttachmentPointer]) -> None:
        from sigcli.store.tasks import ON_DEMAND_MS

        self._remember(left, ON_DEMAND_MS)

    def _remember(self, left: Sequence[AttachmentPointer], due_ms: int) -> None:
        """Write a task for each of them, in one transaction."""
        from sigcli.store.tasks import STRANGERS_ON_DEMAND_MS, TaskKind, add_tasks, drop_oldest
        from sigcli.wire.content import Content, DataMessage, encode_content

        items = []
        for pointer in left:
            if (name := attachment_id(pointer)) is not None:
                data = DataMessage(timestamp_ms=0, attachments=(pointer,))
                items.append((name.encode(), encode_content(Content(data_message=data))))
        if not items:
            return
        now_ms = self._account.now_ms()
        with self._account.database.transaction() as database:
            add_tasks(database, TaskKind.ATTACHMENT_DOWNLOAD, items, now_ms=now_ms, due_ms=due_ms)
            if due_ms == STRANGERS_ON_DEMAND_MS:
                drop_oldest(database, due_ms, MAX_OF_STRANGERS)

    def _was_put_off(self, pointer: AttachmentPointer) -> bool:
        """Whether another attempt is due anyway: a file that is never fetched in time holds up no line for ever."""
        from sigcli.store.tasks import TaskKind, is_scheduled

        name = attachment_id(pointer)
        return name is not None and is_scheduled(
            self._account.database, TaskKind.ATTACHMENT_DOWNLOAD, name.encode()
        )

    def _is_here(self, pointer: AttachmentPointer) -> bool:
        name = attachment_id(pointer)
        return name is None or self._account.files.find_attachment(name) is not None

    def _open_cdn(self) -> Cdn:
        if self._cdn is None:
            from sigcli.service.cdn import Cdn

            self._cdn = Cdn(self._account.network, sleep=self._pause)
        return self._cdn

    def _pause(self, seconds: float) -> None:
        pause(self._stop, seconds)
        if self._stop.requested():
            raise Stopped

    def _taken(self, chunks: Iterator[bytes], limit: int) -> Iterator[bytes]:
        """The chunks until told to stop, and no more than that many bytes."""
        taken = 0
        for chunk in chunks:
            if self._stop.requested():
                raise Stopped
            taken += len(chunk)
            if taken > limit:
                raise InvalidMessage("the attachment is larger than its sender says")
            yield chunk

    # --- long texts --------------------------------------------------------------------------

    def with_long_texts(self, content: Content) -> Content:
        """The content with the long texts that are here in the place of their beginnings."""
        from sigcli.client.content.data_messages import with_data

        return with_data(content, self._with_long_text)

    def _with_long_text(self, data: DataMessage) -> DataMessage:
        """The message with its whole text; the attachment that holds it stays one of its attachments."""
        for pointer in data.attachments:
            text = self._long_text(pointer) if _is_long_text(pointer) else None
            if text is not None:
                return replace(data, body=text)
        return data

    def _long_text(self, pointer: AttachmentPointer) -> str | None:
        name = attachment_id(pointer)
        path = None if name is None else self._account.files.find_attachment(name)
        if path is None:
            return None
        text = read_small_file(path, MAX_LONG_TEXT_BYTES)
        return None if text is None else text.decode(errors="replace")


def name_of(pointer: AttachmentPointer) -> str:
    """How people find an attachment again: what the sender calls it, and its id."""
    id = attachment_id(pointer) or "without a place"
    return f'"{pointer.file_name[:_SHOWN_NAME]}" ({id})' if pointer.file_name else id


def without_mere_padding(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """A file of no announced size: empty if it consists only of the zeros that an empty file is padded with."""
    zeros: int | None = 0
    for piece in pieces:
        if zeros is None:
            yield piece
        elif piece.strip(b"\0"):
            yield from _zeros(zeros)
            zeros = None
            yield piece
        else:
            zeros += len(piece)
            if zeros > _PADDED_EMPTY_BYTES:
                yield from _zeros(zeros)
                zeros = None


def _zeros(count: int) -> Iterator[bytes]:
    if count:
        yield bytes(count)


def pointers(content: Content) -> Iterator[AttachmentPointer]:
    """What a message points at and can be decrypted, as much of it as a message may have."""
    usable = (one for one in _pointers(content) if one.key and one.digest)
    return islice(usable, 2 * MAX_ATTACHMENTS)


def _pointers(content: Content) -> Iterator[AttachmentPointer]:
    data, sync = data_of(content), content.sync_message
    if data is not None:
        yield from _of_data(data)
    stories = [content.story_message]
    if sync is not None and sync.sent is not None:
        stories.append(sync.sent.story_message)
    for story in stories:
        if story is None:
            continue
        if story.file_attachment is not None:
            yield story.file_attachment
        text = story.text_attachment
        if text is not None and text.preview is not None and text.preview.image is not None:
            yield text.preview.image


def _of_data(data: DataMessage) -> Iterator[AttachmentPointer]:
    yield from data.attachments
    for preview in data.previews:
        if preview.image is not None:
            yield preview.image
    if data.sticker is not None and data.sticker.data is not None:
        yield data.sticker.data
    if data.quote is not None:
        for quoted in data.quote.attachments:
            if quoted.thumbnail is not None:
                yield quoted.thumbnail
    for contact in data.contacts:
        if contact.avatar is not None and contact.avatar.attachment is not None:
            yield contact.avatar.attachment


def _is_long_text(pointer: AttachmentPointer) -> bool:
    return pointer.content_type == LONG_TEXT_TYPE and (pointer.size or 0) <= MAX_LONG_TEXT_BYTES
