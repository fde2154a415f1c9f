"""v0: the requests without a version, whose answers have types of their own.

Importing this package adds them to ``declaring.REQUESTS``.
"""

from __future__ import annotations

from sigcli.daemon.signald.older import (
    accounts,
    devices,
    groups,
    messages,
    people,
    subscriptions,
)

__all__ = ["accounts", "devices", "groups", "messages", "people", "subscriptions"]
