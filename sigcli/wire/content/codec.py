"""Content: the decrypted and unpadded inside of an envelope, bytes to a typed value and back.

Format: Signal's ``SignalService.proto``. Account ids are read in their binary form, else as strings,
and written in the binary form; an id that is not valid reads as None. An enumeration's number without a
name stays a number.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass
from sigcli.wire.addresses import ServiceId
from sigcli.wire.content.data_message import DATA_MESSAGE, EDIT_MESSAGE, DataMessage, EditMessage
from sigcli.wire.generated import signal_service_pb2 as pb
from sigcli.wire.mapping import Codec, Value, data, message, untyped_pni

if TYPE_CHECKING:
    from sigcli.wire.content.call_message import CallMessage
    from sigcli.wire.content.receipts import NullMessage, ReceiptMessage, TypingMessage
    from sigcli.wire.content.stories import StoryMessage
    from sigcli.wire.content.sync_message import SyncMessage


_SHORT = 16 * 1024


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PniSignature(Value):
    """The proof that a PNI belongs to the sender: its identity key signed the sender's (64 bytes)."""

    pni: ServiceId | None
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Content(Value):
    """What one message carries; the messages exclude one another, the last three go with any of them."""

    data_message: DataMessage | None = None
    sync_message: SyncMessage | None = None
    call_message: CallMessage | None = None
    null_message: NullMessage | None = None
    receipt_message: ReceiptMessage | None = None
    typing_message: TypingMessage | None = None
    story_message: StoryMessage | None = None
    edit_message: EditMessage | None = None
    decryption_error_message: bytes | None = None
    """A retry request: see ``sigcli.wire.ciphertexts.decode_retry_request``."""
    sender_key_distribution_message: bytes | None = None
    pni_signature: PniSignature | None = None
    unknown_fields: tuple[int, ...] = ()
    """Numbers of fields that this schema lacks, including newer kinds of messages; read only."""


PNI_SIGNATURE = Codec(PniSignature, {"pni": untyped_pni("pni"), "signature": data("signature")})
CONTENT = Codec(
    Content,
    {
        "data_message": message("dataMessage", DATA_MESSAGE),
        "sync_message": message("syncMessage", "sigcli.wire.content.sync_message:SYNC_MESSAGE"),
        "call_message": message("callMessage", "sigcli.wire.content.call_message:CALL_MESSAGE"),
        "null_message": message("nullMessage", "sigcli.wire.content.receipts:NULL_MESSAGE"),
        "receipt_message": message(
            "receiptMessage", "sigcli.wire.content.receipts:RECEIPT_MESSAGE"
        ),
        "typing_message": message("typingMessage", "sigcli.wire.content.receipts:TYPING_MESSAGE"),
        "story_message": message("storyMessage", "sigcli.wire.content.stories:STORY_MESSAGE"),
        "edit_message": message("editMessage", EDIT_MESSAGE),
        "decryption_error_message": data("decryptionErrorMessage"),
        "sender_key_distribution_message": data("senderKeyDistributionMessage"),
        "pni_signature": message("pniSignatureMessage", PNI_SIGNATURE),
    },
)


def decode_content(content: bytes) -> Content:
    """Parse unpadded content; raises MalformedMessage."""
    return _decode_again(content) if len(content) <= _SHORT else CONTENT.decode(pb.Content, content)


def decode_to_keep(content: bytes) -> tuple[Content, bytes]:
    """Parse unpadded content, and give it as it is to be kept; raises MalformedMessage.

    Of more parts than a message may have, the rest is not kept if it is most of the message.
    """
    if len(content) <= _SHORT:
        return _decode_again(content), content
    value, shortened = CONTENT.decode_and_shorten(pb.Content, content)
    if len(shortened) * 2 >= len(content):
        return value, content
    if len(shortened) <= _SHORT:
        _decode_again(_Decoded(shortened, value))
    return value, shortened


class _Decoded(bytes):
    """A serialised content beside the content."""

    value: Content

    def __new__(cls, serialised: bytes, value: Content) -> _Decoded:
        made = super().__new__(cls, serialised)
        made.value = value
        return made


@lru_cache(64)
def _decode_again(content: bytes) -> Content:
    """A message taken in a batch is usually printed right after it."""
    if isinstance(content, _Decoded):
        return content.value
    return CONTENT.decode(pb.Content, content)


def encode_content(content: Content) -> bytes:
    """Serialise content, unpadded; raises MalformedMessage for what a field cannot hold."""
    return CONTENT.encode(pb.Content, content)
