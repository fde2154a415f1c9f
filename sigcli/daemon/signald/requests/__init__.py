"""The v1 requests, each declared once; importing this package adds them to ``declaring.REQUESTS``."""

from __future__ import annotations

from sigcli.daemon.signald.requests import (
    accounts,
    devices,
    groups,
    messages,
    people,
    refused,
    subscriptions,
)

__all__ = ["accounts", "devices", "groups", "messages", "people", "refused", "subscriptions"]
