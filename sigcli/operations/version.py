"""``version``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli import __version__
from sigcli.operations.declaring import Operation, operation
from sigcli.operations.shapes.version import VersionTold

if TYPE_CHECKING:
    from sigcli.client.base.settings import Settings


@operation
class Version(Operation):
    """Print the version."""

    def run(self, settings: Settings) -> VersionTold:
        return VersionTold(settings.served_version or __version__)
