"""The accounts in the data directory."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from sigcli.lazy_dataclass import dataclass
from sigcli.operations.results import Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.store.accounts_file import LocalAccount


class AccountShape(TypedDict):
    """An account; ``environment`` is the name of its service, or the path of its file."""

    number: str | None
    uuid: str
    environment: str


@dataclass(frozen=True, slots=True)
class Accounts(Result):
    """The accounts that are here."""

    accounts: Sequence[LocalAccount]

    def to_json(self) -> list[AccountShape]:
        return [
            {"number": one.number, "uuid": str(one.aci), "environment": one.environment}
            for one in self.accounts
        ]
