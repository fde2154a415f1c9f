"""Safety numbers: what two people compare to verify each other's identity keys.

Source: libsignal ``rust/protocol/src/fingerprint.rs``. Clients use version 2 with the 16 bytes of the ACI as the stable
identifier.
"""

from __future__ import annotations

from hashlib import sha512
from typing import TYPE_CHECKING

from sigcli.crypto.constant_time import equal
from sigcli.errors import UnrecognisedMessageVersion
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.fingerprint import ScannableFingerprint, decode_scannable, encode_scannable

if TYPE_CHECKING:
    from sigcli.crypto.curve import PublicKey
    from sigcli.wire.addresses import ServiceId

VERSION = 2
ITERATIONS = 5200
_HASHED_VERSION = b"\x00\x00"
_GROUPS, _GROUP_BYTES, _GROUP_MODULUS = 6, 5, 100_000
_SCANNABLE_LENGTH = 32


@dataclass(frozen=True, slots=True)
class SafetyNumber:
    """A safety number in its two forms."""

    numeric: str
    """60 digits, the same on both sides."""
    scannable: bytes
    """The content of the code to scan; each side's is the mirror image of the other's."""

    def matches(self, scanned: bytes) -> bool:
        """Whether a code that the other person shows belongs to this safety number.

        Raises MalformedMessage, and UnrecognisedMessageVersion if the versions differ.
        """
        own, theirs = decode_scannable(self.scannable), decode_scannable(scanned)
        if own.version != theirs.version:
            raise UnrecognisedMessageVersion("the safety number has a different version")
        # Not short-circuited, so that the time reveals nothing.
        return equal(own.local, theirs.remote) & equal(own.remote, theirs.local)


def safety_number(
    local: ServiceId, local_key: PublicKey, remote: ServiceId, remote_key: PublicKey
) -> SafetyNumber:
    """The safety number of two accounts, as current clients compute it."""
    return safety_number_for_identifiers(
        local.to_binary(), local_key, remote.to_binary(), remote_key
    )


def safety_number_for_identifiers(
    local_identifier: bytes,
    local_key: PublicKey,
    remote_identifier: bytes,
    remote_key: PublicKey,
    *,
    version: int = VERSION,
    iterations: int = ITERATIONS,
) -> SafetyNumber:
    """The same over any stable identifiers (version 1: the phone numbers' bytes)."""
    local = _fingerprint(local_identifier, local_key.serialize(), iterations)
    remote = _fingerprint(remote_identifier, remote_key.serialize(), iterations)
    scannable = ScannableFingerprint(
        version=version, local=local[:_SCANNABLE_LENGTH], remote=remote[:_SCANNABLE_LENGTH]
    )
    halves = sorted((_digits(local), _digits(remote)))
    return SafetyNumber("".join(halves), encode_scannable(scannable))


def _fingerprint(identifier: bytes, key: bytes, iterations: int) -> bytes:
    digest = sha512(_HASHED_VERSION + key + identifier + key).digest()
    for _ in range(1, iterations):
        digest = sha512(digest + key).digest()
    return digest


def _digits(fingerprint: bytes) -> str:
    starts = range(0, _GROUPS * _GROUP_BYTES, _GROUP_BYTES)
    groups = (int.from_bytes(fingerprint[i : i + _GROUP_BYTES], "big") for i in starts)
    return "".join(f"{group % _GROUP_MODULUS:05d}" for group in groups)
