"""``getAttachment``, ``listAttachments`` and ``removeAttachment``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import NoSuchFile, UsageError
from sigcli.operations.declaring import (
    GROUPS,
    RECIPIENTS,
    Many,
    Operation,
    argument,
    operation,
    option,
)
from sigcli.operations.file_output import GivesFile
from sigcli.operations.shapes.data import Data
from sigcli.operations.shapes.stored_attachments import Located, Removed, StoredAttachments

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


@operation
class GetAttachment(GivesFile):
    """Print an attachment in base64.

    What receive --ignore-attachments left at the service, and what a stranger sent, is fetched now.
    """

    id: str = option("--id", metavar="ID", help="as receive and listAttachments print it")
    recipient: str | None = option(
        "--recipient",
        default=None,
        completes=RECIPIENTS,
        help="accepted for compatibility: the id alone counts",
    )
    group_id: str | None = option(
        "-g",
        "--group-id",
        default=None,
        completes=GROUPS,
        help="accepted for compatibility: the id alone counts",
    )

    def run(self, account: Account) -> Data:
        from sigcli.client.applying.stored_attachments import attachment_path

        path = attachment_path(account, self.id, account.stop)
        try:
            with open(path, "rb") as file:
                return Data(file.read())
        except OSError as error:
            raise NoSuchFile("the attachment has been removed in the meantime") from error


@operation
class LocateAttachment(Operation):
    """The same for channels that stream the file: where it lies on this machine, fetched first if need be."""

    id: str = option("--id", help="as receive and listAttachments print it")

    def run(self, account: Account) -> Located:
        from sigcli.client.applying.stored_attachments import attachment_path

        return Located(attachment_path(account, self.id, account.stop))


@operation
class ListAttachments(Operation):
    """List the attachments on this device; needs neither network nor lock."""

    def run(self, account: Account) -> StoredAttachments:
        from sigcli.client.applying.stored_attachments import list_attachments

        return StoredAttachments(list_attachments(account))


@operation
class RemoveAttachment(Operation):
    """Delete attachments from this device.

    With keep_attachments = "90d" in config.toml receive deletes old ones by itself.
    """

    attachment_ids: Many[str] = argument(default=(), json="id", help="attachments, by their ids")
    older_than: str | None = option(
        "--older-than",
        default=None,
        metavar="DURATION",
        help="all that are older than 12h, 30d, 8w",
    )

    def check(self) -> None:
        if not self.attachment_ids and self.older_than is None:
            raise UsageError("give the ids of attachments, or --older-than")

    def run(self, account: Account) -> Removed:
        from sigcli.client.applying.stored_attachments import remove_attachments

        return Removed(remove_attachments(account, self.attachment_ids, self.older_than))
