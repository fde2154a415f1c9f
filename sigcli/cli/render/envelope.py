"""One event: who sent it, why it could not be read, and what is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.cli.render.lines import Lines, contact
from sigcli.cli.standing_in import manner
from sigcli.cli.terminal import timestamp_text

if TYPE_CHECKING:
    from sigcli.client.base.events import Directory, Failure, ReceivedEvent
    from sigcli.wire.content import Content


def envelope_text(event: ReceivedEvent, directory: Directory) -> str:
    """The text of one event, with the blank line that ends it."""
    lines = Lines(left=event.left)
    source = "unknown source" if event.source is None else contact(event.source)
    own = event.account.identifier
    lines.line(f"Envelope from: {source} (device: {event.source_device or 0}) to {own}")
    lines.time("Timestamp", event.timestamp_ms)
    lines.line(
        f"Server timestamps: received: {timestamp_text(event.server_received_ms)}"
        f" delivered: {timestamp_text(event.server_delivered_ms)}"
    )
    if event.sealed:
        lines.line("Sent by unidentified/sealed sender")
    if event.message_request:
        lines.line("Message request: nothing was sent to this person or accepted from them yet")
    if event.failure is not None:
        _failure(lines, event, event.failure)
    else:
        if event.is_delivery_receipt:
            from sigcli.cli.render.receipts import print_server_receipt

            print_server_receipt(lines, event)
        if event.withdrawn is not None:
            from sigcli.cli.render.withdrawn import print_withdrawn

            print_withdrawn(lines, event.withdrawn)
        if event.content is not None:
            _content(lines, event, event.content, directory)
    return lines.joined() + "\n"


def _failure(lines: Lines, event: ReceivedEvent, failure: Failure) -> None:
    if not failure.untrusted_identity:
        lines.line(f"Exception: {failure.message} ({failure.type})")
        return
    lines.line(
        "The sender’s identity key is untrusted: they have reinstalled Signal,"
        " or someone else sent this."
    )
    sender = event.source.identifier if event.source else None
    if sender is None:
        return
    command = f"{manner().program} -a {event.account.identifier}"
    lines.line(
        f"To compare it, run '{command} listIdentities -n {sender}', then, if the number is right,"
        f" '{command} trust -v SAFETY_NUMBER {sender}'"
    )
    lines.line(f"To trust it without comparing, run '{command} trust -a {sender}'")


def _content(lines: Lines, event: ReceivedEvent, content: Content, directory: Directory) -> None:
    if content.data_message is not None:
        from sigcli.cli.render.data_message import print_data_message

        print_data_message(lines, content.data_message, directory)
    if content.edit_message is not None:
        from sigcli.cli.render.data_message import print_edit_message

        print_edit_message(lines, content.edit_message, directory)
    if content.story_message is not None:
        from sigcli.cli.render.stories import print_story_message

        print_story_message(lines.deeper(), content.story_message, directory)
    if content.sync_message is not None:
        from sigcli.cli.render.sync_messages import print_sync_message

        lines.line("Received a sync message")
        print_sync_message(lines, content.sync_message, directory)
    if content.call_message is not None:
        from sigcli.cli.render.calls import print_call_message

        lines.line("Received a call message")
        print_call_message(lines.deeper(), content.call_message)
    if content.receipt_message is not None:
        from sigcli.cli.render.receipts import print_receipt_message

        print_receipt_message(lines, content.receipt_message, event.timestamp_ms)
    if content.typing_message is not None:
        from sigcli.cli.render.receipts import print_typing_message

        print_typing_message(lines, content.typing_message, directory)
    if content.unknown_fields:
        lines.line(f"Unknown fields: {', '.join(map(str, content.unknown_fields))}")
