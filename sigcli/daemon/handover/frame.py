"""What caller and daemon send each other.

The caller sends one frame: its length (4 bytes, big-endian), then its fields, separated by zero bytes (which they
cannot contain); its descriptors 0 to 2 come with the first bytes (SCM_RIGHTS). Later it sends ``STOP`` for a signal.
The daemon answers in lines: the words below, finally ``exit`` with the code. Imports next to nothing: every command
waits for it.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # a command that is handed over does not wait for typing to be imported
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_BYTES = 8 << 20
"""More than the arguments of a process may have."""
LENGTH_BYTES = 4
DESCRIPTORS = 3

# From the daemon.
ACCEPTED = b"accepted"
DECLINED = b"declined"
"""Nothing was done: the caller runs the command itself."""
INPUT = b"input"
"""Something is about to be read from stdin."""
OUTPUT = b"output"
"""Something is about to be written to stdout."""
HEEDS = b"heeds"
"""The command ends after its current step when it is told to stop."""
EXIT = b"exit "
# From the caller.
STOP = b"stop\n"

_FIXED = 8


class Frame:
    """A command as given, and the caller's context; ``streams``: encoding and error handler of its three streams.

    A plain class: a command that is handed over does not wait for an import.
    """

    __slots__ = ("environ", "folder", "id", "streams", "umask", "version", "words")

    def __init__(
        self,
        version: str,
        id: bytes,
        folder: str,
        umask: int,
        streams: Sequence[tuple[str, str]],
        words: Sequence[str],
        environ: Mapping[str, str],
    ) -> None:
        self.version = version
        self.id = id
        self.folder = folder
        self.umask = umask
        self.streams = streams
        self.words = words
        self.environ = environ


def encode_frame(frame: Frame) -> bytes:
    """The frame as bytes, with its length."""
    streams = [f"{encoding}/{errors}" for encoding, errors in frame.streams]
    environ = [f"{name}={value}" for name, value in frame.environ.items()]
    fields: Sequence[str] = (
        frame.version,
        frame.id.hex(),
        frame.folder,
        f"{frame.umask:o}",
        *streams,
        str(len(frame.words)),
        *frame.words,
        *environ,
    )
    body = b"\0".join(map(os.fsencode, fields))
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def decode_frame(body: bytes) -> Frame | None:
    """The frame from bytes without the length; None if they are not a valid frame."""
    fields = [os.fsdecode(field) for field in body.split(b"\0")]
    try:
        version, id, folder, umask, *streams, count = fields[:_FIXED]
        words, environ = fields[_FIXED : _FIXED + int(count)], fields[_FIXED + int(count) :]
        pairs = [stream.partition("/") for stream in streams]
        return Frame(
            version,
            bytes.fromhex(id),
            folder,
            int(umask, 8),
            [(encoding, errors) for encoding, _, errors in pairs],
            words,
            dict(entry.split("=", 1) for entry in environ),
        )
    except ValueError:
        return None


def peer_of(credentials: bytes) -> tuple[int, int]:
    """Process and user from the bytes of SO_PEERCRED (struct ucred: pid, uid, gid)."""
    pid, uid = credentials[:4], credentials[4:8]
    return int.from_bytes(pid, sys.byteorder), int.from_bytes(uid, sys.byteorder)
