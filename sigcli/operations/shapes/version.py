"""The version of the program."""

from __future__ import annotations

from typing import TypedDict

from sigcli.lazy_dataclass import dataclass
from sigcli.operations.results import Result


class VersionShape(TypedDict):
    """Digits and dots."""

    version: str


@dataclass(frozen=True, slots=True)
class VersionTold(Result):
    """Which version this is."""

    version: str

    def to_json(self) -> VersionShape:
        return {"version": self.version}
