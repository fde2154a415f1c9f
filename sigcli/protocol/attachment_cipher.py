"""Encrypting and decrypting attachments as streams of chunks, in constant memory and without I/O.

Source: signal.org attachment format as in libsignal-service-rs ``src/attachment_cipher.rs`` and
Signal's mock server, and libsignal ``rust/protocol/src/incremental_mac.rs``. A 64-byte key is an
AES-256 key and a MAC key. The blob is IV 16, AES-256-CBC of the zero-padded plaintext, HMAC-SHA256
of both, 32; the digest is the SHA-256 of the blob. The incremental MAC is a second HMAC over the
whole blob, its value after each chunk and at the end.
"""

from __future__ import annotations

import hmac
import math
from dataclasses import field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NewType

from sigcli.crypto.constant_time import equal
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import InvalidKey, InvalidMessage
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

AttachmentKey = NewType("AttachmentKey", bytes)

KEY_LENGTH = 64
IV_LENGTH = 16
MAC_LENGTH = 32
DIGEST_LENGTH = 32
BLOCK_LENGTH = 16
MINIMUM_PADDED_SIZE = 541
_AES_KEY_LENGTH = 32
_PADDING_BASE = 1.05
_PADDING_PIECE = bytes(64 * 1024)
_MINIMUM_MAC_CHUNK = 64 * 1024
_MAXIMUM_MAC_CHUNK = 2 * 1024 * 1024
_TARGET_MAC_CHUNKS = 256


@dataclass(frozen=True, slots=True)
class IncrementalMac:
    """MACs of a growing prefix of the blob, 32 bytes for each chunk, and the chunks' size."""

    macs: bytes
    chunk_size: int


@dataclass(frozen=True, slots=True)
class EncryptedAttachment:
    """What the pointer to an uploaded attachment must contain."""

    key: AttachmentKey = field(repr=False)
    digest: bytes
    plaintext_size: int
    blob_size: int
    incremental_mac: IncrementalMac | None = field(default=None, repr=False)


def generate_key(random: RandomSource = secure_random) -> AttachmentKey:
    """A new 64-byte key."""
    return AttachmentKey(random(KEY_LENGTH))


def padded_size(plaintext_size: int) -> int:
    """The size that a plaintext is padded to: steps of 5 %, at least 541 bytes."""
    if plaintext_size <= MINIMUM_PADDED_SIZE:
        return MINIMUM_PADDED_SIZE
    step = math.ceil(math.log(plaintext_size) / math.log(_PADDING_BASE))
    # Rounding must never shorten the plaintext.
    return max(plaintext_size, math.floor(_PADDING_BASE**step))


def blob_size(plaintext_size: int) -> int:
    """The size of the encrypted blob of a plaintext of this size."""
    blocks = padded_size(plaintext_size) // BLOCK_LENGTH + 1
    return IV_LENGTH + blocks * BLOCK_LENGTH + MAC_LENGTH


def mac_chunk_size(blob_bytes: int) -> int:
    """The incremental MAC's chunk size for a blob: at most 256 chunks of 64 KiB to 2 MiB."""
    return min(
        max(_MINIMUM_MAC_CHUNK, -(-blob_bytes // _TARGET_MAC_CHUNKS)),
        _MAXIMUM_MAC_CHUNK,
    )


class AttachmentEncryptor:
    """One encryption: consume :meth:`encrypt`, then ask for the :meth:`result`.

    The same key, IV and plaintext give the same blob, so an interrupted upload can be continued. With
    ``plaintext_size`` the incremental MAC is computed too: its chunk size depends on the size of the blob.
    """

    def __init__(
        self,
        key: AttachmentKey,
        *,
        iv: bytes | None = None,
        plaintext_size: int | None = None,
        random: RandomSource = secure_random,
    ) -> None:
        aes_key, self._mac_key = _split_key(key)
        self._key = key
        self._iv = random(IV_LENGTH) if iv is None else iv
        self._encryptor = _aes_cbc(aes_key, self._iv).encryptor()
        self._expected_size = plaintext_size
        self._result: EncryptedAttachment | None = None

    @property
    def iv(self) -> bytes:
        """The IV, for repeating the same encryption."""
        return self._iv

    def encrypt(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the blob in pieces about as large as the chunks.

        Raises InvalidMessage at the end if the chunks do not add up to the announced size.
        """
        blob = _BlobSums(self._mac_key, self._mac_chunk())
        yield blob.add(self._iv)
        size = 0
        for chunk in chunks:
            size += len(chunk)
            yield blob.add(self._encryptor.update(chunk))
        if self._expected_size is not None and size != self._expected_size:
            raise InvalidMessage("the attachment changed its size while it was being read")
        padding = padded_size(size) - size
        while padding:
            piece = _PADDING_PIECE[:padding]
            padding -= len(piece)
            yield blob.add(self._encryptor.update(piece))
        last = BLOCK_LENGTH - padded_size(size) % BLOCK_LENGTH
        yield blob.add(self._encryptor.update(bytes([last]) * last) + self._encryptor.finalize())
        yield blob.add(blob.mac())
        self._result = EncryptedAttachment(
            key=self._key,
            digest=blob.digest(),
            plaintext_size=size,
            blob_size=blob.size,
            incremental_mac=blob.incremental_mac(),
        )

    def result(self) -> EncryptedAttachment:
        """What the pointer needs, once :meth:`encrypt` is exhausted (InvalidMessage before)."""
        if self._result is None:
            raise InvalidMessage("the attachment has not been encrypted to its end")
        return self._result

    def _mac_chunk(self) -> int | None:
        if self._expected_size is None:
            return None
        return mac_chunk_size(blob_size(self._expected_size))


def decrypt_attachment(
    chunks: Iterable[bytes],
    key: AttachmentKey,
    *,
    digest: bytes | None,
    plaintext_size: int | None = None,
    incremental_mac: IncrementalMac | None = None,
) -> Iterator[bytes]:
    """Yield the plaintext of a blob in pieces, cut to ``plaintext_size`` if that is given.

    MAC, digest and padding are checked after the last chunk and *before the last piece*: the caller must treat the
    pieces as provisional until the iterator has ended, and discard all of them if it raises. With an incremental MAC a
    forged blob is noticed within a chunk. Raises InvalidKey, InvalidMessage.
    """
    aes_key, mac_key = _split_key(key)
    if digest is not None and len(digest) != DIGEST_LENGTH:
        raise InvalidMessage("the attachment's digest has a wrong length")
    checker = None if incremental_mac is None else _IncrementalChecker(incremental_mac)
    blob = _BlobSums(mac_key, None if incremental_mac is None else incremental_mac.chunk_size)
    body = _without_mac(chunks, blob, checker)
    trimmed = _Trimmer(plaintext_size)
    held = b""
    for piece in _cbc_pieces(aes_key, body):
        data = trimmed.take(piece)
        if data:
            if held:
                yield held
            held = data
    if checker is not None:
        checker.finish(blob)
    if digest is not None and not equal(blob.digest(), digest):
        raise InvalidMessage("the attachment's digest does not match")
    trimmed.finish()
    if held:
        yield held


class _BlobSums:
    """The sums over a blob as it passes by: digest, MAC and the MACs of its prefixes.

    One HMAC serves both: the MAC is its value before the last 32 bytes, the incremental MAC continues over these.
    """

    def __init__(self, mac_key: bytes, mac_chunk: int | None) -> None:
        self._sha = sha256()
        self._hmac = hmac.new(mac_key, digestmod="sha256")
        self._mac_chunk = mac_chunk
        self._missing = mac_chunk
        self.prefix_macs: list[bytes] = []
        self.size = 0

    def add(self, data: bytes) -> bytes:
        """Add a piece, and return it."""
        self._sha.update(data)
        self.size += len(data)
        view = memoryview(data)
        while self._missing is not None and len(view) >= self._missing:
            self._hmac.update(view[: self._missing])
            view = view[self._missing :]
            self._missing = self._mac_chunk
            self.prefix_macs.append(self._hmac.digest())
        self._hmac.update(view)
        if self._missing is not None:
            self._missing -= len(view)
        return data

    def mac(self) -> bytes:
        return self._hmac.digest()

    def digest(self) -> bytes:
        return self._sha.digest()

    def incremental_mac(self) -> IncrementalMac | None:
        if self._mac_chunk is None:
            return None
        return IncrementalMac(b"".join((*self.prefix_macs, self.mac())), self._mac_chunk)


class _IncrementalChecker:
    """Compares the MACs of a blob's prefixes with the expected ones as they are computed."""

    def __init__(self, expected: IncrementalMac) -> None:
        if expected.chunk_size <= 0 or not expected.macs or len(expected.macs) % MAC_LENGTH:
            raise InvalidMessage("the attachment's incremental MAC is malformed")
        self._expected = expected.macs
        self._checked = 0

    def check(self, blob: _BlobSums) -> None:
        for mac in blob.prefix_macs:
            # The last value stands for the end of the blob.
            if self._at_last() or not self._next_is(mac):
                raise InvalidMessage("a part of the attachment does not authenticate")
        blob.prefix_macs.clear()

    def finish(self, blob: _BlobSums) -> None:
        self.check(blob)
        if not self._at_last() or not self._next_is(blob.mac()):
            raise InvalidMessage("the attachment's end does not authenticate")

    def _at_last(self) -> bool:
        return self._checked == len(self._expected) - MAC_LENGTH

    def _next_is(self, mac: bytes) -> bool:
        expected = self._expected[self._checked : self._checked + MAC_LENGTH]
        self._checked += MAC_LENGTH
        return equal(expected, mac)


class _Trimmer:
    """Removes the padding: lets ``size`` bytes through, or everything if the size is unknown."""

    def __init__(self, size: int | None) -> None:
        self._left = size

    def take(self, data: bytes) -> bytes:
        if self._left is None:
            return data
        kept = data[: self._left]
        self._left -= len(kept)
        return kept

    def finish(self) -> None:
        if self._left:
            raise InvalidMessage("the attachment is shorter than announced")


def _without_mac(
    chunks: Iterable[bytes], blob: _BlobSums, checker: _IncrementalChecker | None
) -> Iterator[bytes]:
    """The blob without its MAC, which is verified before this ends."""
    tail = b""
    for chunk in chunks:
        data = tail + chunk
        tail = data[-MAC_LENGTH:]
        body = blob.add(data[:-MAC_LENGTH])
        if checker is not None:
            checker.check(blob)
        if body:
            yield body
    if not equal(blob.mac(), tail):
        raise InvalidMessage("the attachment does not authenticate")
    blob.add(tail)


def _cbc_pieces(aes_key: bytes, body: Iterable[bytes]) -> Iterator[bytes]:
    """Decrypt IV and ciphertext; the last block's padding is removed once the body has ended."""
    head = b""
    decryptor: Any = None
    held = b""
    size = 0
    for piece in body:
        if decryptor is None:
            head += piece
            if len(head) < IV_LENGTH:
                continue
            decryptor = _aes_cbc(aes_key, head[:IV_LENGTH]).decryptor()
            piece = head[IV_LENGTH:]
        size += len(piece)
        held += decryptor.update(piece)
        if len(held) > BLOCK_LENGTH:
            yield held[:-BLOCK_LENGTH]
            held = held[-BLOCK_LENGTH:]
    if decryptor is None or not size or size % BLOCK_LENGTH:
        raise InvalidMessage("the attachment is not a whole number of blocks")
    held += decryptor.finalize()
    count = held[-1]
    if not 1 <= count <= BLOCK_LENGTH or held[-count:] != bytes([count]) * count:
        raise InvalidMessage("the padding of the attachment is wrong")
    yield held[:-count]


def _aes_cbc(aes_key: bytes, iv: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import CBC

    return Cipher(AES(aes_key), CBC(iv))


def _split_key(key: AttachmentKey) -> tuple[bytes, bytes]:
    if len(key) != KEY_LENGTH:
        raise InvalidKey("an attachment key has 64 bytes")
    return key[:_AES_KEY_LENGTH], key[_AES_KEY_LENGTH:]
