"""Usernames: their rules, their hash and its proof, suggestions, and encrypted links.

A username is a nickname and a discriminator of at least two digits, such as ``signal_user.42``. The service knows only
its hash, a group element; a client that sets a username proves that it knows what is in the hash. Source: libsignal
``rust/usernames/src``.
"""

from __future__ import annotations

from hashlib import sha512

from sigcli.crypto import constant_time, scalars
from sigcli.crypto.ciphers import cbc_decrypt, cbc_encrypt
from sigcli.crypto.kdf import hkdf_sha256, hmac_sha256
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.crypto.ristretto import RistrettoPoint, sum_of_products
from sigcli.crypto.scalars import Scalar
from sigcli.errors import (
    BadDiscriminator,
    BadUsernameCharacter,
    InvalidMessage,
    InvalidUsername,
    UsernameStartsWithDigit,
    UsernameTooLong,
    UsernameTooShort,
)
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.username_links import decode_username, encode_username
from sigcli.zkgroup import fixed_points as g
from sigcli.zkgroup.statement import Statement

HASH_LENGTH = 32
LINK_ENTROPY_LENGTH = 32
MIN_NICKNAME_LENGTH = 3
MAX_NICKNAME_LENGTH = 32
# A longer nickname would not fit into a scalar.
_LONGEST_NICKNAME = 48
_LARGEST_DISCRIMINATOR = 2**64 - 1
_ALPHABET = "_abcdefghijklmnopqrstuvwxyz0123456789"
_CHARACTER_NUMBERS = {character: number for number, character in enumerate(_ALPHABET, 1)}
_FIRST_CHARACTERS, _CHARACTERS = 27, 37
# How many suggestions have a discriminator of 2, 3, … digits.
_SUGGESTIONS = (
    (1, 100, 4),
    (100, 1_000, 3),
    (1_000, 10_000, 3),
    *((10**digits, 10 ** (digits + 1), 2) for digits in range(4, 9)),
)
_IV_LENGTH = 16
_MAC_LENGTH = 32
_LONGEST_LINK_PLAINTEXT = 63
_POINTS = {"G1": g.USERNAME_1, "G2": g.USERNAME_2, "G3": g.USERNAME_3}
_NAMES = ("username_sha_scalar", "nickname_scalar", "discriminator_scalar")
_PROOF = Statement(("username_hash", list(zip(_NAMES, _POINTS, strict=True))))


@dataclass(frozen=True, slots=True)
class Username:
    """A valid username; the nickname keeps its case, which is otherwise ignored."""

    nickname: str
    discriminator: int

    def __str__(self) -> str:
        return f"{self.nickname}.{self.discriminator:02}"

    @classmethod
    def parse(cls, text: str) -> Username:
        """Read ``nickname.discriminator``; raises InvalidUsername."""
        nickname, dot, discriminator = text.rpartition(".")
        if not dot:
            raise InvalidUsername("a username has a dot and a number at its end")
        _validate_nickname(nickname)
        return cls(nickname, _parse_discriminator(discriminator))

    @classmethod
    def from_parts(
        cls,
        nickname: str,
        discriminator: str,
        min_length: int = MIN_NICKNAME_LENGTH,
        max_length: int = MAX_NICKNAME_LENGTH,
    ) -> Username:
        """A username from its two parts, with the service's limits; raises InvalidUsername."""
        _validate_nickname(nickname)
        _validate_length(nickname, min_length, max_length)
        return cls(nickname, _parse_discriminator(discriminator))

    def hash(self) -> bytes:
        """The 32 bytes by which the service knows the username."""
        points = _POINTS.values()
        return sum_of_products(zip(self._scalars(), points, strict=True)).encode()

    def proof(self, random: RandomSource = secure_random) -> bytes:
        """A proof of knowing the username behind the hash, 128 bytes."""
        values = self._scalars()
        point = sum_of_products(zip(values, _POINTS.values(), strict=True))
        secrets = dict(zip(_NAMES, values, strict=True))
        arguments = {"username_hash": point, **_POINTS}
        return _PROOF.prove(secrets, arguments, random(32), point.encode())

    def _scalars(self) -> tuple[Scalar, Scalar, Scalar]:
        nickname = self.nickname.lower()
        hashed = nickname.encode() + b"\x00" + self.discriminator.to_bytes(8, "big")
        number = 0
        for character in reversed(nickname[1:]):
            number = number * _CHARACTERS + _CHARACTER_NUMBERS[character]
        number = number * _FIRST_CHARACTERS + _CHARACTER_NUMBERS[nickname[0]]
        return (
            scalars.from_wide(sha512(hashed).digest()),
            scalars.from_int(number),
            scalars.from_int(self.discriminator),
        )


def verify_proof(proof: bytes, username_hash: bytes) -> None:
    """Verify a proof as the server; raises ZkProofFailed, or MalformedMessage for an invalid hash."""
    arguments = {"username_hash": RistrettoPoint.decode(username_hash), **_POINTS}
    _PROOF.verify(proof, arguments, username_hash)


def generate_candidates(
    nickname: str,
    random: RandomSource = secure_random,
    min_length: int = MIN_NICKNAME_LENGTH,
    max_length: int = MAX_NICKNAME_LENGTH,
) -> list[Username]:
    """Usernames with this nickname, of which one is to be reserved, short ones first; raises InvalidUsername."""
    _validate_nickname(nickname)
    _validate_length(nickname, min_length, max_length)
    candidates = []
    for start, end, count in _SUGGESTIONS:
        chosen: dict[int, None] = {}
        while len(chosen) < count:
            chosen[start + int.from_bytes(random(16), "big") % (end - start)] = None
        candidates += [Username(nickname, discriminator) for discriminator in chosen]
    return candidates


def create_username_link(
    username: Username | str,
    random: RandomSource = secure_random,
    previous_entropy: bytes | None = None,
) -> tuple[bytes, bytes]:
    """The secret of a link (32 bytes, or the previous one) and the data that the service keeps for it.

    Raises InvalidUsername if the username is too long for a link.
    """
    plaintext = encode_username(str(username))
    if len(plaintext) > _LONGEST_LINK_PLAINTEXT:
        raise InvalidUsername("the username is too long for a link")
    entropy = random(LINK_ENTROPY_LENGTH) if previous_entropy is None else previous_entropy
    encryption_key, mac_key = _link_keys(entropy)
    iv = random(_IV_LENGTH)
    authenticated = iv + cbc_encrypt(encryption_key, iv, plaintext)
    return entropy, authenticated + hmac_sha256(mac_key, authenticated)


def decrypt_username_link(entropy: bytes, encrypted_username: bytes) -> str:
    """The username of a link, not validated; raises InvalidMessage or MalformedMessage."""
    if len(entropy) != LINK_ENTROPY_LENGTH:
        raise InvalidMessage("the secret of a username link has 32 bytes")
    if len(encrypted_username) <= _IV_LENGTH + _MAC_LENGTH:
        raise InvalidMessage("the encrypted username is too short")
    encryption_key, mac_key = _link_keys(entropy)
    authenticated, mac = encrypted_username[:-_MAC_LENGTH], encrypted_username[-_MAC_LENGTH:]
    if not constant_time.equal(hmac_sha256(mac_key, authenticated), mac):
        raise InvalidMessage("the encrypted username does not belong to this link")
    iv, ciphertext = authenticated[:_IV_LENGTH], authenticated[_IV_LENGTH:]
    return decode_username(cbc_decrypt(encryption_key, iv, ciphertext))


def _link_keys(entropy: bytes) -> tuple[bytes, bytes]:
    return (
        hkdf_sha256(entropy, b"Signal Username Link Encryption Key", 32),
        hkdf_sha256(entropy, b"Signal Username Link Authentication Key", 32),
    )


def _validate_nickname(nickname: str) -> None:
    if not nickname:
        raise InvalidUsername("a username needs a nickname before its dot")
    if nickname[0] in "0123456789":
        raise UsernameStartsWithDigit
    # Some letters outside ASCII become ASCII letters in lower case.
    if not nickname.isascii() or any(c not in _CHARACTER_NUMBERS for c in nickname.lower()):
        raise BadUsernameCharacter
    if len(nickname) > _LONGEST_NICKNAME:
        raise UsernameTooLong


def _validate_length(nickname: str, min_length: int, max_length: int) -> None:
    if len(nickname) < min_length:
        raise UsernameTooShort
    if len(nickname) > max_length:
        raise UsernameTooLong


def _parse_discriminator(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise BadDiscriminator("after its dot a username has only digits")
    if len(text) < 2 or (len(text) > 2 and text[0] == "0"):
        raise BadDiscriminator(
            "the number of a username has two digits, or more without leading zeros"
        )
    # Converting an absurdly long number would fail or take too long.
    if len(text) > len(str(_LARGEST_DISCRIMINATOR)) or int(text) > _LARGEST_DISCRIMINATOR:
        raise BadDiscriminator("the number of a username is too large")
    if int(text) == 0:
        raise BadDiscriminator("the number of a username cannot be zero")
    return int(text)
