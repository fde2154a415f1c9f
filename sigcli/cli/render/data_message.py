"""Data messages and edits, part by part in signal-cli's order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.operations.shapes.data_message import message_text
from sigcli.wire.content import CURRENT_PROTOCOL_VERSION

if TYPE_CHECKING:
    from sigcli.cli.render.lines import Lines
    from sigcli.client.base.events import Directory
    from sigcli.wire.content import DataMessage, EditMessage


def print_edit_message(lines: Lines, edit: EditMessage, directory: Directory) -> None:
    """An edit, and the new version below it."""
    lines.time("Edit: Target message timestamp", edit.target_timestamp_ms)
    if edit.data_message is not None:
        print_data_message(lines.deeper(), edit.data_message, directory)


def print_data_message(lines: Lines, message: DataMessage, directory: Directory) -> None:
    """A data message."""
    lines.time("Message timestamp", message.timestamp_ms)
    if message.is_view_once:
        lines.line("=VIEW ONCE=")
    body, is_cut = message_text(message, directory)
    if body is not None:
        lines.text("Body", body)
    if is_cut:
        lines.line("Body is incomplete: the attachment of type text/x-signal-plain has the whole")
    _conversation(lines, message, directory)
    _links_contacts_sticker(lines, message, directory)
    _flags(lines, message)
    _references(lines, message, directory)
    if message.attachments:
        from sigcli.cli.render.attachments import print_attachments

        print_attachments(lines, message.attachments, directory)
    _polls_and_pins(lines, message, directory)
    _beyond(lines, message)


def _conversation(lines: Lines, message: DataMessage, directory: Directory) -> None:
    if message.group is not None:
        from sigcli.cli.render.groups import print_group_context

        lines.line("Group info:")
        print_group_context(lines.deeper(), message.group, directory)
    if message.story_context is not None:
        from sigcli.cli.render.message_parts import print_story_context

        lines.line("Story reply:")
        print_story_context(lines.deeper(), message.story_context, directory)
    if message.group_call_update is not None:
        lines.line("Group call update:")
        lines.deeper().line(f"Era id: {message.group_call_update.era_id or ''}")


def _links_contacts_sticker(lines: Lines, message: DataMessage, directory: Directory) -> None:
    if message.previews:
        from sigcli.cli.render.message_parts import print_preview

        lines.line("Previews:")
        for preview in message.previews:
            lines.line("- Preview")
            print_preview(lines.deeper(), preview, directory)
    if message.contacts:
        from sigcli.cli.render.shared_contacts import print_shared_contact

        lines.line("Contacts:")
        for one in message.contacts:
            lines.line("- Contact:")
            print_shared_contact(lines.deeper(), one, directory)
    if message.sticker is not None:
        lines.line("Sticker:")
        lines.deeper().line(f"Pack id: {message.sticker.pack_id.hex()}")
        lines.deeper().line(f"Sticker id: {message.sticker.sticker_id}")
        lines.deeper().fields([("Emoji", message.sticker.emoji)])


def _flags(lines: Lines, message: DataMessage) -> None:
    if message.flags:
        if message.is_end_session:
            lines.line("Is end session")
        if message.is_expiration_update:
            lines.line("Is Expiration update: true")
    if message.expire_timer_s > 0:
        lines.line(f"Expires in: {message.expire_timer_s} seconds")
    if message.flags and message.is_profile_key_update:
        lines.line("Profile key update")
    if message.profile_key is not None:
        lines.line("With profile key")


def _references(lines: Lines, message: DataMessage, directory: Directory) -> None:
    if message.reaction is not None:
        from sigcli.cli.render.message_parts import print_reaction

        lines.line("Reaction:")
        print_reaction(lines.deeper(), message.reaction, directory)
    if message.quote is not None:
        from sigcli.cli.render.message_parts import print_quote

        lines.line("Quote:")
        print_quote(lines.deeper(), message.quote, directory)
    if message.delete is not None:
        target_ms = message.delete.target_timestamp_ms
        lines.line(f"Remote delete message: timestamp = {target_ms}")
    if message.body_ranges:
        from sigcli.cli.render.message_parts import print_mentions, print_text_styles

        print_mentions(lines, message.body_ranges, directory)
        print_text_styles(lines, message.body_ranges)


def _polls_and_pins(lines: Lines, message: DataMessage, directory: Directory) -> None:
    if message.poll_create is not None:
        from sigcli.cli.render.polls_and_pins import print_poll_create

        print_poll_create(lines, message.poll_create)
    if message.poll_vote is not None:
        from sigcli.cli.render.polls_and_pins import print_poll_vote

        print_poll_vote(lines, message.poll_vote, directory)
    if message.poll_terminate is not None:
        lines.time("Poll Terminate", message.poll_terminate.target_timestamp_ms)
    if message.pin_message is not None:
        from sigcli.cli.render.polls_and_pins import print_pin_message

        lines.line("Pin Message:")
        print_pin_message(lines.deeper(), message.pin_message, directory)
    if message.unpin_message is not None:
        from sigcli.cli.render.message_parts import print_target

        lines.line("Unpin Message:")
        print_target(lines.deeper(), message.unpin_message, directory)
    if message.admin_delete is not None:
        from sigcli.cli.render.message_parts import print_target

        lines.line("Admin Delete:")
        print_target(lines.deeper(), message.admin_delete, directory)


def _beyond(lines: Lines, message: DataMessage) -> None:
    """The parts that signal-cli does not print."""
    if message.payment is not None:
        from sigcli.cli.render.payments import print_payment

        print_payment(lines, message.payment)
    if message.gift_badge is not None:
        lines.line("Gift badge")
    version = message.required_protocol_version
    if version is not None and version > CURRENT_PROTOCOL_VERSION:
        lines.line(f"Needs a newer client: protocol version {version}")
    if message.unknown_fields:
        lines.line(f"Unknown fields: {', '.join(map(str, message.unknown_fields))}")
