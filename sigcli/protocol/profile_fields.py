"""The encrypted fields of a profile, padded so that their lengths reveal little.

Source: the ProfileCipher of Signal's clients (as in libsignal-service-rs ``src/profile_cipher.rs``) and the exact
ciphertext sizes that the service accepts. A field is nonce 12, AES-256-GCM ciphertext, tag 16, under the profile key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.crypto.ciphers import gcm_open, gcm_seal
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import MalformedMessage, ValueTooLong
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

PROFILE_KEY_LENGTH = 32
NAME_SIZES = (53, 257)
ABOUT_SIZES = (128, 254, 512)
EMOJI_SIZES = (32,)
PAYMENT_ADDRESS_SIZES = (554,)
_LENGTH_PREFIX = 4
_NAME_SEPARATOR = b"\x00"


@dataclass(frozen=True, slots=True)
class ProfileName:
    """A given and a family name; the latter may be empty."""

    given: str
    family: str = ""


def encrypt_name(
    profile_key: bytes, name: ProfileName, random: RandomSource = secure_random
) -> bytes:
    """81 or 285 bytes; raises ValueTooLong."""
    plaintext = name.given.encode()
    if name.family:
        plaintext += _NAME_SEPARATOR + name.family.encode()
    return _encrypt_padded(profile_key, plaintext, NAME_SIZES, random)


def decrypt_name(profile_key: bytes, field: bytes) -> ProfileName:
    """Read a name, padded or not; raises MalformedMessage, InvalidMessage."""
    given, _, family = _decrypt_padded(profile_key, field).partition(_NAME_SEPARATOR)
    return ProfileName(_text(given), _text(family))


def encrypt_about(profile_key: bytes, about: str, random: RandomSource = secure_random) -> bytes:
    """156, 282 or 540 bytes; raises ValueTooLong."""
    return _encrypt_padded(profile_key, about.encode(), ABOUT_SIZES, random)


def encrypt_emoji(profile_key: bytes, emoji: str, random: RandomSource = secure_random) -> bytes:
    """60 bytes; raises ValueTooLong."""
    return _encrypt_padded(profile_key, emoji.encode(), EMOJI_SIZES, random)


def decrypt_text(profile_key: bytes, field: bytes) -> str:
    """Read the about text or its emoji; raises MalformedMessage, InvalidMessage."""
    return _text(_decrypt_padded(profile_key, field))


def encrypt_payment_address(
    profile_key: bytes, address: bytes, random: RandomSource = secure_random
) -> bytes:
    """582 bytes around a serialised PaymentAddress; raises ValueTooLong."""
    prefixed = len(address).to_bytes(_LENGTH_PREFIX, "little") + address
    return _encrypt_padded(profile_key, prefixed, PAYMENT_ADDRESS_SIZES, random)


def decrypt_payment_address(profile_key: bytes, field: bytes) -> bytes:
    """The serialised PaymentAddress; raises MalformedMessage, InvalidMessage."""
    plaintext = decrypt_bytes(profile_key, field)
    length = int.from_bytes(plaintext[:_LENGTH_PREFIX], "little")
    address = plaintext[_LENGTH_PREFIX : _LENGTH_PREFIX + length]
    if len(plaintext) < _LENGTH_PREFIX or len(address) != length:
        raise MalformedMessage("the payment address is cut off")
    return address


def encrypt_boolean(profile_key: bytes, value: bool, random: RandomSource = secure_random) -> bytes:
    """29 bytes."""
    return encrypt_bytes(profile_key, bytes([value]), random)


def decrypt_boolean(profile_key: bytes, field: bytes) -> bool:
    """Read a boolean; raises MalformedMessage, InvalidMessage."""
    plaintext = decrypt_bytes(profile_key, field)
    if len(plaintext) != 1:
        raise MalformedMessage("the profile field is not a single byte")
    return plaintext != b"\x00"


def encrypt_bytes(
    profile_key: bytes, plaintext: bytes, random: RandomSource = secure_random
) -> bytes:
    """Anything without padding, such as the avatar: 28 bytes longer than the plaintext."""
    return gcm_seal(profile_key, plaintext, random)


def decrypt_bytes(profile_key: bytes, field: bytes) -> bytes:
    """The plaintext, padding included; raises MalformedMessage, InvalidMessage."""
    return gcm_open(profile_key, field)


def _encrypt_padded(
    profile_key: bytes, plaintext: bytes, sizes: Sequence[int], random: RandomSource
) -> bytes:
    size = next((size for size in sizes if size >= len(plaintext)), None)
    if size is None:
        raise ValueTooLong(f"the profile field has at most {sizes[-1]} bytes in UTF-8")
    return encrypt_bytes(profile_key, plaintext.ljust(size, b"\x00"), random)


def _decrypt_padded(profile_key: bytes, field: bytes) -> bytes:
    return decrypt_bytes(profile_key, field).rstrip(b"\x00")


def _text(data: bytes) -> str:
    return data.decode(errors="replace")
