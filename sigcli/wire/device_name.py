"""The encrypted name of a linked device: bytes to a typed value and back.

Format: Signal's ``DeviceName.proto``.
"""

from __future__ import annotations

from dataclasses import field

from google.protobuf.message import DecodeError

from sigcli.errors import MalformedMessage
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.generated import device_name_pb2 as pb


@dataclass(frozen=True, slots=True)
class EncryptedDeviceName:
    """An ephemeral key (33 bytes), the synthetic IV (16) and the ciphertext."""

    ephemeral_key: bytes
    synthetic_iv: bytes
    ciphertext: bytes = field(repr=False)


def encode_device_name(name: EncryptedDeviceName) -> bytes:
    """The form in which the service stores a device's name."""
    return pb.DeviceName(
        ephemeralPublic=name.ephemeral_key,
        syntheticIv=name.synthetic_iv,
        ciphertext=name.ciphertext,
    ).SerializeToString()


def decode_device_name(data: bytes) -> EncryptedDeviceName:
    """Parse a device's name; raises MalformedMessage."""
    try:
        message = pb.DeviceName.FromString(data)
    except DecodeError as error:
        raise MalformedMessage from error
    if not (message.HasField("ephemeralPublic") and message.HasField("syntheticIv")):
        raise MalformedMessage("the device name lacks a required field")
    # An empty name has an empty ciphertext, which some encoders leave out.
    return EncryptedDeviceName(message.ephemeralPublic, message.syntheticIv, message.ciphertext)
