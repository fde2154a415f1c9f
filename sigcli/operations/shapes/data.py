"""The contents of a file."""

from __future__ import annotations

from dataclasses import field
from typing import TypedDict

from sigcli.lazy_dataclass import dataclass
from sigcli.operations.results import Result


class DataShape(TypedDict):
    """The bytes in base64."""

    data: str


@dataclass(frozen=True, slots=True)
class Data(Result):
    """A picture or another file."""

    data: bytes = field(repr=False)

    @property
    def base64(self) -> str:
        from sigcli.operations.shapes.scalars import base64_text

        return base64_text(self.data)

    def to_json(self) -> DataShape:
        return {"data": self.base64}
