"""``updateConfiguration``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.operations.declaring import Operation, operation, option
from sigcli.operations.editing import editing
from sigcli.operations.results import Nothing
from sigcli.operations.shapes.account_changes import ConfigurationTold

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


@operation
class UpdateConfiguration(Operation):
    """Change the settings that all devices share, as the primary device.

    Without an option: print what holds.
    """

    read_receipts: bool | None = option("--read-receipts", default=None, help="send read receipts")
    unidentified_delivery_indicators: bool | None = option(
        "--unidentified-delivery-indicators",
        default=None,
        help="show which messages used sealed sender",
    )
    typing_indicators: bool | None = option(
        "--typing-indicators", default=None, help="send typing indicators"
    )
    link_previews: bool | None = option("--link-previews", default=None, help="make link previews")

    def run(self, account: Account) -> ConfigurationTold | Nothing:
        from sigcli.client.sending.configuration import Configuration, update_configuration

        change = Configuration(
            read_receipts=self.read_receipts,
            unidentified_delivery_indicators=self.unidentified_delivery_indicators,
            typing_indicators=self.typing_indicators,
            link_previews=self.link_previews,
        )
        with editing(account):
            present = update_configuration(account, change)
        return ConfigurationTold(present) if change == Configuration() else Nothing()
