"""What changes to the account bring about: its username, and what all devices share."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from sigcli.lazy_dataclass import dataclass
from sigcli.operations.results import Nothing, Result

if TYPE_CHECKING:
    from sigcli.client.account.own_username import OwnUsername
    from sigcli.client.sending.configuration import Configuration


class UsernameShape(TypedDict):
    """The new username and the link to it."""

    username: str
    usernameLink: str | None


class ConfigurationShape(TypedDict):
    """What holds; null where nothing was ever set."""

    readReceipts: bool | None
    unidentifiedDeliveryIndicators: bool | None
    typingIndicators: bool | None
    linkPreviews: bool | None


@dataclass(frozen=True, slots=True)
class Named(Result):
    """The account has a new username."""

    name: OwnUsername

    @property
    def link(self) -> str | None:
        return None if self.name.link is None else self.name.link.url

    def to_json(self) -> UsernameShape:
        return {"username": self.name.username, "usernameLink": self.link}


@dataclass(frozen=True, slots=True)
class ConfigurationTold(Result):
    """What all devices share."""

    configuration: Configuration

    def to_json(self) -> ConfigurationShape:
        held = self.configuration
        return {
            "readReceipts": held.read_receipts,
            "unidentifiedDeliveryIndicators": held.unidentified_delivery_indicators,
            "typingIndicators": held.typing_indicators,
            "linkPreviews": held.link_previews,
        }


@dataclass(frozen=True, slots=True)
class PinSet(Nothing):
    """The account has a PIN."""


@dataclass(frozen=True, slots=True)
class PinRemoved(Nothing):
    """The account has no PIN."""
