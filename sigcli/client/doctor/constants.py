"""How old the constants of the service are: enclaves, roots and parameters, which it replaces every few months."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sigcli.client.doctor.findings import Finding, ok, warning
from sigcli.service.environments import environment_path, newer_constants_path

if TYPE_CHECKING:
    from sigcli.service.environments import Environment

_OLD_DAYS = 183


def check_constants(
    environment: Environment, name: str, data_dir: str | os.PathLike[str], now_ms: int
) -> Finding:
    """Whether they date from the last half year; ``environment`` is what the name stands for in this data directory."""
    as_of = environment.constants_as_of
    if as_of is None:
        return ok("constants", f"the environment {name} does not say how old its constants are")
    days = (datetime.fromtimestamp(now_ms / 1000, UTC).date() - as_of).days
    message = f"the constants of {name} date from {as_of.isoformat()}"
    path = newer_constants_path(name, data_dir)
    if days > _OLD_DAYS:
        return warning(
            "constants",
            f"{message}, {days} days old: the service may have other enclaves and roots by now",
            _use_newer(environment_path(name, data_dir), path),
        )
    if path is None or not os.path.exists(path):
        return ok("constants", message)
    if environment.source == path:
        return ok("constants", f"{message}, from {path}")
    return warning(
        "constants",
        f"{message}, as shipped: those in {path} are not newer, so they are not used",
        f"remove {path}, or give it a later constants_as_of",
    )


def _use_newer(shipped: str, path: str | None) -> str:
    if path is None:
        return f"bring {shipped} up to date, with a later constants_as_of"
    return (
        "install the newest version of sigcli; until there is one, copy"
        f" {shipped} and its ca_file into {os.path.dirname(path)}, put the newer constants of a published client there"
        " and give it a later constants_as_of"
    )
