"""What the account's devices tell each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.cli.render.lines import contact
from sigcli.cli.render.message_parts import contact_of
from sigcli.cli.terminal import timestamp_text
from sigcli.operations.shapes.people import look_up
from sigcli.operations.shapes.scalars import base64_text, label
from sigcli.operations.shapes.sync_messages import blocked_people

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigcli.cli.render.lines import Lines
    from sigcli.client.base.events import Directory
    from sigcli.wire.content.sync_message import SyncMessage
    from sigcli.wire.content.sync_sent import SyncSent
    from sigcli.wire.content.sync_state import MessageMark, SyncMessageRequestResponse


def print_sync_message(lines: Lines, sync: SyncMessage, directory: Directory) -> None:
    """The parts of it that concern the user."""
    if sync.contacts is not None:
        kind = "complete" if sync.contacts.complete else "partial"
        lines.line(f"Received {kind} sync contacts:")
    _print_marks(lines, "read", sync.read, directory)
    _print_marks(lines, "viewed", sync.viewed, directory)
    if sync.sent is not None:
        lines.line("Received sync sent message")
        _print_sent(lines.deeper(), sync.sent, directory)
    if sync.blocked is not None:
        lines.line("Received sync message with block list")
        lines.line("Blocked:")
        for person in blocked_people(sync.blocked):
            lines.line(f"- {person}")
        for group_id in sync.blocked.group_ids:
            lines.line(f"- {base64_text(group_id)}")
    if sync.view_once_open is not None:
        lines.line("Received sync message with view once open message:")
        inner = lines.deeper()
        inner.line(f"Sender: {contact_of(sync.view_once_open.sender, directory)}")
        inner.time("Timestamp", sync.view_once_open.timestamp_ms)
    if sync.message_request_response is not None:
        lines.line("Received message request response:")
        _print_response(lines, sync.message_request_response, directory)
    from sigcli.cli.render.sync_changes import print_changes

    print_changes(lines, sync, directory)
    if sync.unknown_fields:
        lines.line(f"Unknown fields: {', '.join(map(str, sync.unknown_fields))}")


def _print_marks(
    lines: Lines, kind: str, marks: Iterable[MessageMark], directory: Directory
) -> None:
    for number, mark in enumerate(marks):
        if not number:
            lines.line(f"Received sync {kind} messages list")
        sender = contact_of(mark.sender, directory)
        lines.line(f"- From: {sender} Message timestamp: {timestamp_text(mark.timestamp_ms)}")


def _print_sent(lines: Lines, sent: SyncSent, directory: Directory) -> None:
    destination = look_up(sent.destination, directory, sent.destination_number)
    recipients = sent.unidentified_statuses or sent.story_recipients
    if destination is not None:
        to = contact(destination)
    else:
        to = ", ".join(contact_of(one.destination, directory) for one in recipients) or "<unknown>"
    lines.line(f"To: {to}")
    lines.time("Timestamp", sent.timestamp_ms)
    if sent.expiration_start_timestamp_ms:
        lines.time("Expiration started at", sent.expiration_start_timestamp_ms)
    if sent.message is not None:
        from sigcli.cli.render.data_message import print_data_message

        print_data_message(lines, sent.message, directory)
    if sent.edit_message is not None:
        from sigcli.cli.render.data_message import print_edit_message

        print_edit_message(lines, sent.edit_message, directory)
    if sent.story_message is not None:
        from sigcli.cli.render.stories import print_story_message

        print_story_message(lines, sent.story_message, directory)


def _print_response(
    lines: Lines, response: SyncMessageRequestResponse, directory: Directory
) -> None:
    lines.deeper().line(f"Type: {label(response.type)}")
    if response.group_id:
        from sigcli.cli.render.groups import print_group

        lines.line("For group:")
        print_group(lines.deeper(), response.group_id, directory)
    if response.thread is not None:
        lines.deeper().line(f"For Person: {contact_of(response.thread, directory)}")
