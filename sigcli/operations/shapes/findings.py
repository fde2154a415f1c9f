"""What ``doctor`` has found."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from sigcli.lazy_dataclass import dataclass
from sigcli.operations.results import Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.doctor.findings import Finding


class CheckShape(TypedDict):
    """The outcome of one check."""

    name: str
    status: str
    message: str
    hint: str | None


class ExaminationShape(TypedDict):
    """All checks, and whether nothing must be mended."""

    ok: bool
    checks: list[CheckShape]


@dataclass(frozen=True, slots=True)
class Examination(Result):
    """What was looked at."""

    findings: Sequence[Finding]
    well: bool

    def to_json(self) -> ExaminationShape:
        return {
            "ok": self.well,
            "checks": [
                {
                    "name": finding.name,
                    "status": finding.status.value,
                    "message": finding.message,
                    "hint": finding.hint,
                }
                for finding in self.findings
            ],
        }
