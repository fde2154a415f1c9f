"""What was taken over from another program."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.moving.report import ImportReport


class LeftOutShape(TypedDict):
    """Something that was not taken over, and what that means."""

    what: str
    count: int
    meaning: str


class ImportShape(TypedDict):
    """One account that is here now; ``taken``: how many of what."""

    number: str | None
    uuid: str
    deviceId: int
    environment: str
    registered: bool
    taken: dict[str, int]
    leftOut: list[LeftOutShape]
    retiredTo: str | None


def imports_json(reports: Sequence[ImportReport]) -> list[ImportShape]:
    """The accounts that were taken over."""
    return [_shape(report) for report in reports]


def _shape(report: ImportReport) -> ImportShape:
    return {
        "number": report.number,
        "uuid": str(report.aci),
        "deviceId": report.device_id,
        "environment": report.environment,
        "registered": report.is_registered,
        "taken": dict(report.taken),
        "leftOut": [
            {"what": one.what, "count": one.count, "meaning": one.meaning}
            for one in report.left_out
        ],
        "retiredTo": report.retired_to,
    }
