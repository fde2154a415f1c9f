"""The scannable form of a safety number: bytes to a typed value and back.

Format: libsignal ``rust/protocol/src/proto/fingerprint.proto``.
"""

from __future__ import annotations

from google.protobuf.message import DecodeError

from sigcli.errors import MalformedMessage
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.generated import fingerprint_pb2 as pb


@dataclass(frozen=True, slots=True)
class ScannableFingerprint:
    """Both halves from the point of view of the device that shows the code: 32 bytes each."""

    version: int
    local: bytes
    remote: bytes


def encode_scannable(fingerprint: ScannableFingerprint) -> bytes:
    """What a safety number's code contains."""
    return pb.CombinedFingerprints(
        version=fingerprint.version,
        local_fingerprint=pb.LogicalFingerprint(content=fingerprint.local),
        remote_fingerprint=pb.LogicalFingerprint(content=fingerprint.remote),
    ).SerializeToString()


def decode_scannable(data: bytes) -> ScannableFingerprint:
    """Parse a scanned code; raises MalformedMessage."""
    try:
        message = pb.CombinedFingerprints.FromString(data)
    except DecodeError as error:
        raise MalformedMessage("this is not a safety number") from error
    if not (
        message.HasField("version")
        and message.local_fingerprint.HasField("content")
        and message.remote_fingerprint.HasField("content")
    ):
        raise MalformedMessage("the safety number lacks a required field")
    return ScannableFingerprint(
        version=message.version,
        local=message.local_fingerprint.content,
        remote=message.remote_fingerprint.content,
    )
