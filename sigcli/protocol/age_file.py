"""The age file format, version 1: encrypted and authenticated, a chunk at a time, for a passphrase or a key pair.

Source: https://age-encryption.org/v1. A file begins with a header: lines that hold the file's key, wrapped for each
recipient, and a MAC. The payload is a stream of chunks of 64 KiB (ChaCha20-Poly1305), the last of them marked.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import field
from typing import NamedTuple

from sigcli.crypto.ciphers import chacha20poly1305_decrypt, chacha20poly1305_encrypt
from sigcli.crypto.constant_time import equal
from sigcli.crypto.curve import KeyPair, PrivateKey, PublicKey
from sigcli.crypto.kdf import hkdf_sha256, hmac_sha256
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import BackupFileInvalid, BackupNotOpened, InvalidKey, InvalidMessage
from sigcli.lazy_dataclass import dataclass

CHUNK_LENGTH = 64 * 1024
SCRYPT_LOG_N = 17
"""Guessing a passphrase costs 128 MiB and up to a second for each try."""
_MAX_SCRYPT_LOG_N = 20
_VERSION_LINE = b"age-encryption.org/v1"
_KEY_LENGTH = 16
_SALT_LENGTH = 16
_NONCE_LENGTH = 16
_TAG_LENGTH = 16
_LINE_LENGTH = 64
_MAX_HEADER = 64 * 1024
_STEP = 4096
_NO_NONCE = bytes(12)
_CURVE_TYPE = b"\x05"
_HUMAN_PART = "age-secret-key-"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


@dataclass(frozen=True, slots=True)
class Passphrase:
    """A passphrase, which a person remembers."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """The private key of a key pair (32 bytes), as age-keygen makes it."""

    secret: bytes = field(repr=False)


Opener = Passphrase | Identity


class _Stanza(NamedTuple):
    arguments: list[str]
    body: bytes


def read_identity(text: str) -> Identity:
    """The first identity in the text of a key file; raises BackupNotOpened if there is none."""
    for line in text.splitlines():
        word = line.strip()
        if word and not word.startswith("#"):
            return Identity(_decode_bech32(word))
    raise BackupNotOpened("the key file does not hold an age identity")


# --- writing --------------------------------------------------------------------------------------


class Encryptor:
    """Returns the bytes of a file, part by part: the header, the results of ``update``, and that of ``finish``."""

    def __init__(self, opener: Opener, random: RandomSource = secure_random) -> None:
        file_key = random(_KEY_LENGTH)
        stanza = _wrap(opener, file_key, random)
        head = _VERSION_LINE + b"\n" + _serialized(stanza) + b"---"
        nonce = random(_NONCE_LENGTH)
        self.header = head + b" " + _encoded(_header_mac(file_key, head)) + b"\n" + nonce
        self._key = _payload_key(file_key, nonce)
        self._counter = 0
        self._waiting = bytearray()

    def update(self, data: bytes) -> bytes:
        """Encrypt more; the last chunk is kept until more data or the end follows."""
        self._waiting += data
        parts = []
        while len(self._waiting) > CHUNK_LENGTH:
            parts.append(self._seal(bytes(self._waiting[:CHUNK_LENGTH]), last=False))
            del self._waiting[:CHUNK_LENGTH]
        return b"".join(parts)

    def finish(self) -> bytes:
        """The last chunk."""
        return self._seal(bytes(self._waiting), last=True)

    def _seal(self, chunk: bytes, *, last: bool) -> bytes:
        nonce = _chunk_nonce(self._counter, last=last)
        self._counter += 1
        return chacha20poly1305_encrypt(self._key, nonce, chunk)


# --- reading --------------------------------------------------------------------------------------


def decrypt(read: Callable[[int], bytes], opener: Opener) -> Iterator[bytes]:
    """The content, chunk by chunk; ``read`` returns at most that many bytes, none at the end.

    Each chunk is authentic; whether the content is complete is known only at the end. Raises BackupFileInvalid and
    BackupNotOpened.
    """
    source = _Source(read)
    file_key = _open_header(source, opener)
    key = _payload_key(file_key, source.take(_NONCE_LENGTH))
    sealed_length = CHUNK_LENGTH + _TAG_LENGTH
    counter = 0
    chunk = source.up_to(sealed_length)
    while True:
        following = source.up_to(sealed_length) if len(chunk) == sealed_length else b""
        last = not following
        try:
            plain = chacha20poly1305_decrypt(key, _chunk_nonce(counter, last=last), chunk)
        except InvalidMessage:
            raise BackupFileInvalid from None
        if last and not plain and counter:
            raise BackupFileInvalid
        yield plain
        if last:
            return
        counter += 1
        chunk = following


class _Source:
    """Reads input by number of bytes and by line."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._ahead = b""

    def up_to(self, length: int) -> bytes:
        while len(self._ahead) < length and self._read_more(length - len(self._ahead)):
            pass
        return self._taken(length)

    def take(self, length: int) -> bytes:
        data = self.up_to(length)
        if len(data) != length:
            raise BackupFileInvalid
        return data

    def line(self) -> bytes:
        while (end := self._ahead.find(b"\n")) < 0:
            if len(self._ahead) > _MAX_HEADER or not self._read_more(_STEP):
                raise BackupFileInvalid
        return self._taken(end + 1)[:-1]

    def _read_more(self, length: int) -> bool:
        piece = self._read(length)
        self._ahead += piece
        return bool(piece)

    def _taken(self, length: int) -> bytes:
        taken, self._ahead = self._ahead[:length], self._ahead[length:]
        return taken


def _open_header(source: _Source, opener: Opener) -> bytes:
    head = source.up_to(len(_VERSION_LINE) + 1)
    if head != _VERSION_LINE + b"\n":
        raise BackupFileInvalid("this is not a backup made by sigcli")
    stanzas = []
    while True:
        line = source.line()
        if line.startswith(b"--- "):
            head += b"---"
            mac = _decoded(line[4:])
            break
        if not line.startswith(b"-> ") or len(head) > _MAX_HEADER:
            raise BackupFileInvalid
        arguments = line[3:].decode("ascii", "replace").split(" ")
        head += line + b"\n"
        encoded = b""
        while True:
            part = source.line()
            head += part + b"\n"
            encoded += part
            if len(part) < _LINE_LENGTH:
                break
            if len(encoded) > _MAX_HEADER:
                raise BackupFileInvalid
        stanzas.append(_Stanza(arguments, _decoded(encoded)))
    if len(stanzas) > 1 and any(stanza.arguments[0] == "scrypt" for stanza in stanzas):
        # The format has it alone: each would cost as much as the first.
        raise BackupFileInvalid
    for stanza in stanzas:
        file_key = _unwrap(opener, stanza)
        if file_key is not None:
            if not equal(_header_mac(file_key, head), mac):
                raise BackupFileInvalid
            return file_key
    raise BackupNotOpened


# --- the file's key -------------------------------------------------------------------------------


def _wrap(opener: Opener, file_key: bytes, random: RandomSource) -> _Stanza:
    if isinstance(opener, Passphrase):
        salt = random(_SALT_LENGTH)
        arguments = ["scrypt", _encoded(salt).decode(), str(SCRYPT_LOG_N)]
        key = _scrypt(opener.text, salt, SCRYPT_LOG_N)
    else:
        ephemeral = random(32)
        share, recipient = _public(ephemeral), _public(opener.secret)
        arguments = ["X25519", _encoded(share).decode()]
        key = _x25519_key(ephemeral, recipient, share, recipient)
    return _Stanza(arguments, chacha20poly1305_encrypt(key, _NO_NONCE, file_key))


def _unwrap(opener: Opener, stanza: _Stanza) -> bytes | None:
    """The file's key; None if the stanza is for another recipient."""
    kind, *arguments = stanza.arguments
    if isinstance(opener, Passphrase):
        if kind != "scrypt" or len(arguments) != 2:
            return None
        salt, log_n = _decoded(arguments[0].encode()), arguments[1]
        if not log_n.isdecimal() or len(log_n) > 2 or not 1 <= int(log_n) <= _MAX_SCRYPT_LOG_N:
            raise BackupFileInvalid("opening the file would take more work than is allowed")
        key = _scrypt(opener.text, salt, int(log_n))
    else:
        if kind != "X25519" or len(arguments) != 1:
            return None
        share = _decoded(arguments[0].encode())
        key = _x25519_key(opener.secret, share, share, _public(opener.secret))
    try:
        file_key = chacha20poly1305_decrypt(key, _NO_NONCE, stanza.body)
    except InvalidMessage:
        return None
    return file_key if len(file_key) == _KEY_LENGTH else None


def _scrypt(passphrase: str, salt: bytes, log_n: int) -> bytes:
    return hashlib.scrypt(
        passphrase.encode(),
        salt=_VERSION_LINE + b"/scrypt" + salt,
        n=1 << log_n,
        r=8,
        p=1,
        maxmem=(1 << log_n) * 1024 + (1 << 20),
        dklen=32,
    )


def _x25519_key(secret: bytes, other: bytes, share: bytes, recipient: bytes) -> bytes:
    try:
        agreed = PrivateKey.deserialize(secret).agree(PublicKey.deserialize(_CURVE_TYPE + other))
    except InvalidKey:
        raise BackupFileInvalid from None
    return hkdf_sha256(agreed, _VERSION_LINE + b"/X25519", 32, share + recipient)


def _public(secret: bytes) -> bytes:
    return KeyPair.from_private(secret).public_key.serialize()[1:]


def _header_mac(file_key: bytes, head: bytes) -> bytes:
    return hmac_sha256(hkdf_sha256(file_key, b"header", 32), head)


def _payload_key(file_key: bytes, nonce: bytes) -> bytes:
    return hkdf_sha256(file_key, b"payload", 32, nonce)


def _chunk_nonce(counter: int, *, last: bool) -> bytes:
    return counter.to_bytes(11, "big") + bytes([last])


# --- texts ----------------------------------------------------------------------------------------


def _serialized(stanza: _Stanza) -> bytes:
    encoded = _encoded(stanza.body)
    lines: Iterable[bytes] = (
        encoded[at : at + _LINE_LENGTH] for at in range(0, len(encoded) + 1, _LINE_LENGTH)
    )
    return b"-> " + " ".join(stanza.arguments).encode() + b"\n" + b"\n".join(lines) + b"\n"


def _encoded(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise BackupFileInvalid from None


def _decode_bech32(text: str) -> bytes:
    """The 32 bytes of an age identity (BIP 173); raises BackupNotOpened."""
    folded = text.lower()
    prefix, _, data = folded.rpartition("1")
    values = [_BECH32.find(letter) for letter in data]
    is_valid = (
        text in (folded, text.upper())
        and prefix == _HUMAN_PART
        and min(values, default=-1) >= 0
        and _bech32_checksum(prefix, values) == 1
    )
    if not is_valid:
        raise BackupNotOpened("the key file does not hold an age identity")
    bits = 0
    for value in values[:-6]:
        bits = bits << 5 | value
    surplus = 5 * len(values[:-6]) - 256
    if not 0 <= surplus < 5 or bits & ((1 << surplus) - 1):
        raise BackupNotOpened("the key file does not hold an age identity")
    return (bits >> surplus).to_bytes(32, "big")


def _bech32_checksum(prefix: str, values: list[int]) -> int:
    generators = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
    expanded = [ord(letter) >> 5 for letter in prefix] + [0]
    expanded += [ord(letter) & 31 for letter in prefix]
    checksum = 1
    for value in (*expanded, *values):
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(generators):
            if top >> place & 1:
                checksum ^= generator
    return checksum
