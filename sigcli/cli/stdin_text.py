"""The message text from stdin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.cli.surroundings import here
from sigcli.errors import UsageError
from sigcli.lazy_dataclass import replace

if TYPE_CHECKING:
    from sigcli.operations.send import Send


def with_text(send: Send) -> Send:
    """The operation with the text of stdin, if it is to be read from there; raises UsageError."""
    if not send.message_from_stdin or send.end_session:
        return send
    if {"-", "/dev/stdin"} & set(send.attachments):
        raise UsageError("standard input can be the text or an attachment, not both")
    surroundings = here()
    surroundings.input_begins()
    try:
        text = surroundings.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise UsageError("the text on stdin is not UTF-8") from None
    text = text.removesuffix("\n").removesuffix("\r")
    return replace(send, message=text, message_from_stdin=False)
