"""How far a registration or a change of number has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass
from sigcli.operations.results import Nothing

if TYPE_CHECKING:
    from sigcli.client.account.new_account import Registered
    from sigcli.client.account.registration import Begun


@dataclass(frozen=True, slots=True)
class RegistrationBegun(Nothing):
    """A code is on its way, or was not needed."""

    begun: Begun
    voice: bool
    """Whether it comes in a call."""


@dataclass(frozen=True, slots=True)
class AccountRegistered(Nothing):
    """This is the primary device of an account now."""

    registered: Registered


@dataclass(frozen=True, slots=True)
class NumberChangeBegun(Nothing):
    """A code is on its way to the new number, or was accepted before."""

    number: str
    voice: bool
    verified: bool


@dataclass(frozen=True, slots=True)
class NumberChanged(Nothing):
    """The account has another number."""

    aci: str
    number: str | None
