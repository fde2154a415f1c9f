"""Content: everything that can be inside a message, as frozen values, one module a family.

What nearly every command needs is exported here; the other families are imported from their modules, so that a command
loads only those that it needs.
"""

from sigcli.wire.content.attachments import AttachmentFlag, AttachmentPointer
from sigcli.wire.content.codec import (
    Content,
    PniSignature,
    decode_content,
    decode_to_keep,
    encode_content,
)
from sigcli.wire.content.data_message import (
    CURRENT_PROTOCOL_VERSION,
    DataMessage,
    DataMessageFlag,
    EditMessage,
)
from sigcli.wire.content.ranges import BodyRange, TextStyle

__all__ = [
    "CURRENT_PROTOCOL_VERSION",
    "AttachmentFlag",
    "AttachmentPointer",
    "BodyRange",
    "Content",
    "DataMessage",
    "DataMessageFlag",
    "EditMessage",
    "PniSignature",
    "TextStyle",
    "decode_content",
    "decode_to_keep",
    "encode_content",
]
