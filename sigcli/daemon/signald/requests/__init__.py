"""The v1 requests, each declared once; importing this package fills ``declaring.REQUESTS`` with them."""

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
