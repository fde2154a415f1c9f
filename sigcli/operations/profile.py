"""``updateProfile``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import UsageError
from sigcli.operations.declaring import FILES, Operation, operation, option
from sigcli.operations.editing import editing
from sigcli.operations.results import Nothing

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


@operation
class UpdateProfile(Operation):
    """Change the profile that others see; what is not named stays as it is."""

    given_name: str | None = option("--given-name", "--name", default=None, help="first name")
    family_name: str | None = option("--family-name", default=None, help="last name")
    about: str | None = option("--about", default=None, help="the text under About")
    about_emoji: str | None = option(
        "--about-emoji", default=None, help="the emoji before that text"
    )
    mobile_coin_address: str | None = option(
        "--mobile-coin-address", default=None, help="payment address, base64"
    )
    avatar: str | None = option(
        "--avatar", default=None, completes=FILES, reads_path=True, help="a picture file"
    )
    remove_avatar: bool = option("--remove-avatar", default=False, help="remove the picture")

    def check(self) -> None:
        if self.avatar is not None and self.remove_avatar:
            raise UsageError("--avatar and --remove-avatar cannot be used together")

    def run(self, account: Account) -> Nothing:
        from sigcli.client.account.profile_changes import ProfileChange, update_profile

        change = ProfileChange(
            given_name=self.given_name,
            family_name=self.family_name,
            about=self.about,
            about_emoji=self.about_emoji,
            mobile_coin_address=self.mobile_coin_address,
            avatar_path=self.avatar,
            remove_avatar=self.remove_avatar,
        )
        with editing(account):
            update_profile(account, change)
        return Nothing()
