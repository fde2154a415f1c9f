"""``getAvatar``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import UsageError
from sigcli.operations.audience import group_option
from sigcli.operations.declaring import RECIPIENTS, operation, option
from sigcli.operations.file_output import GivesFile
from sigcli.operations.shapes.data import Data

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


@operation
class GetAvatar(GivesFile):
    """Print a picture in base64; one that is not here is fetched."""

    contact: str | None = option(
        "-c",
        "--contact",
        default=None,
        metavar="RECIPIENT",
        completes=RECIPIENTS,
        help="the picture in the address book",
    )
    profile: str | None = option(
        "-p",
        "--profile",
        default=None,
        metavar="RECIPIENT",
        completes=RECIPIENTS,
        help="the picture in their profile",
    )
    group_id: str | None = group_option("a group's picture")

    def check(self) -> None:
        if sum(word is not None for word in (self.contact, self.profile, self.group_id)) != 1:
            raise UsageError("give one of --contact, --profile and --group-id")

    def run(self, account: Account) -> Data:
        from sigcli.client.account.people import avatars

        if self.contact is not None:
            return Data(avatars.contact_avatar(account, self.contact))
        if self.profile is not None:
            return Data(avatars.profile_avatar(account, self.profile))
        return Data(avatars.group_avatar(account, self.group_id or ""))
