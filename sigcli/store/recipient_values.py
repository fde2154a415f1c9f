"""What is known of a person."""

from __future__ import annotations

import enum
from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.key_types import ProfileKeyBytes


class AccessMode(enum.IntEnum):
    """How a peer takes sealed messages, as far as known from its profile."""

    UNKNOWN = 0
    DISABLED = 1
    ENABLED = 2
    """With the access key that follows from the profile key."""
    UNRESTRICTED = 3


class RequestState(enum.IntEnum):
    """Whether the account has accepted to talk to somebody who wrote first."""

    NONE = 0
    PENDING = 1
    ACCEPTED = 2


@dataclass(frozen=True, slots=True)
class Contact:
    """What the user, or another device of theirs, has noted about somebody."""

    is_contact: bool = False
    """Whether the user has given them a name or written to them; others are merely known."""
    given_name: str | None = None
    family_name: str | None = None
    nickname: str | None = None
    nickname_given: str | None = None
    nickname_family: str | None = None
    note: str | None = None
    color: str | None = None
    blocked: bool = False
    hidden: bool = False
    archived: bool = False
    expire_timer_s: int = 0
    expire_timer_version: int = 1
    mute_until_ms: int = 0
    profile_sharing: bool = False
    """Whether they may have the account's profile key."""
    request_state: RequestState = RequestState.NONE
    unregistered_ms: int | None = None
    """When the service last said that they have no account."""
    needs_pni_signature: bool = False
    """Whether they know this account by its PNI and must be told that the ACI is the same."""

    @property
    def name(self) -> str:
        """The name that the user has given, empty if none."""
        return given_name(
            self.given_name,
            self.family_name,
            self.nickname,
            self.nickname_given,
            self.nickname_family,
        )

    @property
    def given_and_family_name(self) -> str:
        """The same without nicknames."""
        return _joined(self.given_name, self.family_name)


@dataclass(frozen=True, slots=True)
class Profile:
    """What somebody says about themselves."""

    key: ProfileKeyBytes | None = field(default=None, repr=False)
    key_credential: bytes | None = field(default=None, repr=False)
    given_name: str | None = None
    family_name: str | None = None
    about: str | None = None
    about_emoji: str | None = None
    avatar_path: str | None = None
    """Where the service keeps the picture."""
    mobile_coin_address: bytes | None = None
    capabilities: frozenset[str] = frozenset()
    access_mode: AccessMode = AccessMode.UNKNOWN
    shares_number: bool | None = None
    discoverable: bool | None = None
    fetched_ms: int = 0
    """When the profile was last fetched, 0 for never."""

    @property
    def name(self) -> str:
        """The name in the profile, empty if none is known."""
        return _joined(self.given_name, self.family_name)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody; ``id`` names the row, and stays with the person when ids change."""

    id: int
    aci: ServiceId | None
    pni: ServiceId | None
    number: str | None
    username: str | None
    contact: Contact
    profile: Profile
    username_checked_ms: int = 0
    """When the service last said that the username is theirs, 0 for never."""
    number_checked_ms: int = 0
    """When the directory was last asked whose the number is, 0 for never."""

    @property
    def service_id(self) -> ServiceId | None:
        """Where messages go: the ACI, else the PNI."""
        return self.aci or self.pni

    @property
    def name(self) -> str:
        """The user's name for them, else their own, else empty."""
        return self.contact.name or self.profile.name


def given_name(
    given: str | None,
    family: str | None,
    nickname: str | None,
    nickname_given: str | None,
    nickname_family: str | None,
) -> str:
    """The name that the user has given somebody, empty if none."""
    return _joined(nickname_given, nickname_family) or _joined(given, family) or nickname or ""


def _joined(*names: str | None) -> str:
    return " ".join(name for name in names if name)
