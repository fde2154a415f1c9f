"""What a username link holds in encrypted form: bytes to a username and back.

Format: libsignal ``rust/usernames/src/proto/username.proto``.
"""

from __future__ import annotations

from google.protobuf.message import DecodeError

from sigcli.errors import MalformedMessage
from sigcli.wire.generated import username_pb2 as pb

_PADDED_LENGTH = 48


def encode_username(username: str) -> bytes:
    """The username, padded so that most have the same length."""
    padding = bytes(max(0, _PADDED_LENGTH - len(username.encode())))
    return pb.UsernameData(username=username, padding=padding or None).SerializeToString()


def decode_username(data: bytes) -> str:
    """Parse; raises MalformedMessage."""
    try:
        return pb.UsernameData.FromString(data).username
    except (DecodeError, UnicodeDecodeError) as error:
        raise MalformedMessage from error
