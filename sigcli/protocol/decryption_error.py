"""Retry requests: telling a sender that one of its messages could not be decrypted.

Source: libsignal ``rust/protocol/src/protocol.rs`` (DecryptionErrorMessage, PlaintextContent).
"""

from __future__ import annotations

from sigcli.crypto.curve import PublicKey
from sigcli.errors import InvalidMessage
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.ciphertext import CiphertextMessageType
from sigcli.wire.ciphertexts import (
    PLAINTEXT_CONTENT_BYTE,
    RetryRequest,
    decode_plaintext_content,
    decode_prekey_signal_message,
    decode_retry_request,
    decode_signal_message,
    encode_plaintext_content,
    encode_retry_request,
)


@dataclass(frozen=True, slots=True)
class DecryptionErrorMessage:
    """Identifies the message that failed: by its timestamp, its sender's device and its ratchet key."""

    ratchet_key: PublicKey | None
    """Only for session messages: the sender compares it with its current one."""
    timestamp_ms: int
    device_id: int
    """The device that sent the message that failed."""

    @classmethod
    def for_original(
        cls, body: bytes, type: CiphertextMessageType, timestamp_ms: int, device_id: int
    ) -> DecryptionErrorMessage:
        """The retry request for a message that failed.

        Raises InvalidMessage, InvalidKey, MalformedMessage, LegacyMessage, UnrecognisedMessageVersion.
        """
        match type:
            case CiphertextMessageType.WHISPER:
                key: bytes | None = decode_signal_message(body).ratchet_key
            case CiphertextMessageType.PREKEY:
                key = decode_prekey_signal_message(body).message.ratchet_key
            case CiphertextMessageType.SENDER_KEY:
                key = None
            case CiphertextMessageType.PLAINTEXT:
                raise InvalidMessage("a plaintext message cannot fail to decrypt")
        ratchet_key = None if key is None else PublicKey.deserialize(key)
        return cls(ratchet_key, timestamp_ms, device_id)

    def serialize(self) -> bytes:
        """The protobuf."""
        key = None if self.ratchet_key is None else self.ratchet_key.serialize()
        return encode_retry_request(RetryRequest(key, self.timestamp_ms, self.device_id))

    @classmethod
    def deserialize(cls, data: bytes) -> DecryptionErrorMessage:
        """Parse the protobuf; raises MalformedMessage or InvalidKey."""
        request = decode_retry_request(data)
        key = None if request.ratchet_key is None else PublicKey.deserialize(request.ratchet_key)
        return cls(key, request.timestamp_ms, request.device_id)


@dataclass(frozen=True, slots=True)
class PlaintextContent:
    """Content that is sent unencrypted: only retry requests may be."""

    content: bytes
    """The Content with its padding (a single 0x80)."""

    @classmethod
    def of(cls, error: DecryptionErrorMessage) -> PlaintextContent:
        """The content with a retry request."""
        return cls(encode_plaintext_content(error.serialize()))

    def serialize(self) -> bytes:
        """Header byte 0xC0, Content, padding."""
        return bytes([PLAINTEXT_CONTENT_BYTE]) + self.content

    @classmethod
    def deserialize(cls, data: bytes) -> PlaintextContent:
        """Check the header byte; raises MalformedMessage or UnrecognisedMessageVersion."""
        return cls(decode_plaintext_content(data))
