"""The stateful hash object of libsignal's ``poksho``: absorb, ratchet, squeeze.

Two variants with one interface: on HMAC-SHA256, which everything uses, and on SHA-256, with which only the fixed points
of ``zkcredential`` were derived. Source: libsignal ``rust/poksho/src``.
"""

from __future__ import annotations

from hashlib import sha256
from hmac import digest

from sigcli.crypto import scalars
from sigcli.crypto.elligator import UNIFORM_LENGTH, from_uniform
from sigcli.crypto.ristretto import RistrettoPoint
from sigcli.crypto.scalars import WIDE_LENGTH, Scalar

_HASH_LENGTH = 32
_BLOCK_LENGTH = 64


class Sho:
    """The variant on HMAC-SHA256."""

    __slots__ = ("_absorbed", "_chain")

    def __init__(self, label: bytes, data: bytes | None = None) -> None:
        self._chain = bytes(_HASH_LENGTH)
        self._absorbed: list[bytes] = [label]
        self.ratchet()
        if data is not None:
            self.absorb_and_ratchet(data)

    def copy(self) -> Sho:
        """An independent object in the same state."""
        other = type(self).__new__(type(self))
        other._chain = self._chain
        other._absorbed = self._absorbed.copy()
        return other

    def absorb(self, data: bytes) -> None:
        """Take in bytes; :meth:`ratchet` ends a sequence of these."""
        self._absorbed.append(data)

    def ratchet(self) -> None:
        """Mix what was absorbed into the state; does nothing if nothing was."""
        if self._absorbed:
            self._chain = self._mix(b"".join(self._absorbed))
            self._absorbed = []

    def absorb_and_ratchet(self, data: bytes) -> None:
        """Absorb one byte string and mix it in."""
        self.absorb(data)
        self.ratchet()

    def derive(self, data: bytes, length: int) -> bytes:
        """The result of absorbing ``data`` and squeezing, without changing this object."""
        assert not self._absorbed
        other = type(self).__new__(type(self))
        other._chain = self._mix(data)
        return other._blocks(length)

    def squeeze(self, length: int) -> bytes:
        """Return ``length`` bytes and advance the state; everything absorbed must have been mixed in."""
        assert not self._absorbed
        output = self._blocks(length)
        self._chain = self._step(length)
        return output

    def scalar(self) -> Scalar:
        """A scalar from 64 squeezed bytes."""
        return scalars.from_wide(self.squeeze(WIDE_LENGTH))

    def point(self) -> RistrettoPoint:
        """An element from 64 squeezed bytes."""
        return from_uniform(self.squeeze(UNIFORM_LENGTH))

    def _blocks(self, length: int) -> bytes:
        blocks = (length + _HASH_LENGTH - 1) // _HASH_LENGTH
        return b"".join([self._block(i) for i in range(blocks)])[:length]

    def _mix(self, data: bytes) -> bytes:
        return digest(self._chain, data + b"\x00", "sha256")

    def _block(self, index: int) -> bytes:
        return digest(self._chain, index.to_bytes(8, "big") + b"\x01", "sha256")

    def _step(self, length: int) -> bytes:
        return digest(self._chain, length.to_bytes(8, "big") + b"\x02", "sha256")


class ShoSha256(Sho):
    """The variant on SHA-256."""

    __slots__ = ()

    def _mix(self, data: bytes) -> bytes:
        return sha256(sha256(bytes(_BLOCK_LENGTH) + self._chain + data).digest()).digest()

    def _block(self, index: int) -> bytes:
        prefix = bytes(_BLOCK_LENGTH - 1) + b"\x01"
        return sha256(prefix + self._chain + index.to_bytes(8, "big")).digest()

    def _step(self, length: int) -> bytes:
        prefix = bytes(_BLOCK_LENGTH - 1) + b"\x02"
        return sha256(prefix + self._chain + length.to_bytes(8, "big")).digest()
