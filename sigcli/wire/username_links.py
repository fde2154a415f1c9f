"""Username links as text, and what they lead to: bytes to a username and back.

A link is ``https://signal.me/#eu/`` and, in base64 with the URL alphabet, its secret (32 bytes) and its handle at the
service (16 bytes). Format of the username: libsignal ``rust/usernames/src/proto/username.proto``.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import field
from uuid import UUID

from google.protobuf.message import DecodeError

from sigcli.errors import InvalidUsernameLink, MalformedMessage
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.generated import username_pb2 as pb

_PADDED_LENGTH = 48
_ENTROPY_LENGTH = 32
_PREFIX = "https://signal.me/#eu/"
_LINK = re.compile(r"(?:https?|sgnl)://signal\.me/?#eu/(.*)", re.IGNORECASE | re.DOTALL)
_CONTENT = re.compile(r"[A-Za-z0-9_-]{64}=*")


@dataclass(frozen=True, slots=True)
class UsernameLink:
    """A link that leads to a person's current username: its secret and its handle."""

    entropy: bytes = field(repr=False)
    handle: UUID

    @property
    def url(self) -> str:
        return _PREFIX + urlsafe_b64encode(self.serialize()).decode()

    def serialize(self) -> bytes:
        """The 48 bytes that a link holds."""
        return self.entropy + self.handle.bytes

    @classmethod
    def parse(cls, text: str) -> UsernameLink:
        """Read the text of a link; raises InvalidUsernameLink."""
        match = _LINK.fullmatch(text.strip())
        if match is None or not _CONTENT.fullmatch(match[1]):
            raise InvalidUsernameLink
        data = urlsafe_b64decode(match[1][:64])
        return cls(data[:_ENTROPY_LENGTH], UUID(bytes=data[_ENTROPY_LENGTH:]))


def looks_like_username_link(text: str) -> bool:
    """Whether a text is meant as a username link, valid or damaged."""
    return _LINK.fullmatch(text.strip()) is not None


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
