"""Received events as signal-cli's JSON: its names, types and rules for null and omission, and more fields.

One module a family, imported only when a message has something of it. What signal-cli's objects lack
is added under names of its own; secrets (profile keys, master keys, attachment keys) are in none.
"""

from sigcli.client.shapes.envelope import event_json

__all__ = ["event_json"]
