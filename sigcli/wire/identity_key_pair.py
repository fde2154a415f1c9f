"""An identity key pair as an account's devices pass it on: bytes to its halves and back.

Format: libsignal ``rust/protocol/src/proto/storage.proto``.
"""

from __future__ import annotations

from google.protobuf.message import DecodeError

from sigcli.errors import MalformedMessage
from sigcli.wire.generated import identity_key_pair_pb2 as pb


def decode_identity_key_pair(data: bytes) -> tuple[bytes, bytes]:
    """The public key (33 bytes) and the private one; raises MalformedMessage."""
    try:
        message = pb.IdentityKeyPairStructure.FromString(data)
    except DecodeError as error:
        raise MalformedMessage from error
    if not (message.HasField("public_key") and message.HasField("private_key")):
        raise MalformedMessage("the identity key pair lacks a half")
    return message.public_key, message.private_key


def encode_identity_key_pair(public_key: bytes, private_key: bytes) -> bytes:
    """Serialise the two halves."""
    return pb.IdentityKeyPairStructure(
        public_key=public_key, private_key=private_key
    ).SerializeToString()
