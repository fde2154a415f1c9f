"""What commands print in text mode, one module a family."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sigcli.client.base.events import Directory, ReceivedEvent


def event_text(event: ReceivedEvent, directory: Directory) -> str:
    """What ``receive`` prints for one event; never raises, whatever the content.

    Without a line end, except for the blank line between two events.
    """
    from sigcli.cli.render.envelope import envelope_text

    return envelope_text(event, directory)
