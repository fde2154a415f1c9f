"""JSON with one member that is signed exactly as written, read by type: ``{"tcbInfo": {…}, "signature": "hex"}``."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

from sigcli.wire.typed_fields import TypedFields

if TYPE_CHECKING:
    from sigcli.protocol.attestation.checks import Check

_SIGNATURE_LENGTH = 64
_SPACE = re.compile(r"[ \t\n\r]*")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})*")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name is there twice")
    return members


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_unique)


def signed_object(data: bytes, name: str, check: Check) -> tuple[bytes, bytes]:
    """The member ``name`` exactly as written, and the signature (64 bytes); a NUL may follow. Fails the check."""
    try:
        members = _members(data.removesuffix(b"\0").decode())
        text = members[name].encode()
        signature = _hex(json.loads(members["signature"]))
    except (ValueError, KeyError, RecursionError):
        raise check.failed("it is not JSON with a signature") from None
    if len(signature) != _SIGNATURE_LENGTH:
        raise check.failed("its signature has the wrong length")
    return text, signature


class JsonFields(TypedFields):
    """An object whose members are read by type; a member that is missing or has the wrong type fails the check."""

    __slots__ = ("_check",)

    def __init__(self, members: Any, check: Check) -> None:
        if not isinstance(members, dict):
            raise check.failed("it is not a JSON object")
        super().__init__(members)
        self._check = check

    @classmethod
    def parse(cls, text: bytes, check: Check) -> JsonFields:
        try:
            return cls(_DECODER.decode(text.decode()), check)
        except (ValueError, RecursionError):
            raise check.failed("it is not JSON") from None

    def failure(self, name: str, problem: str) -> Exception:
        return self._check.failed(f"{name} {problem}")

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; empty if it is absent. Null is refused."""
        self._required(name, self._fields.get(name, ()))
        return super().texts(name)

    def data(self, name: str, length: int) -> bytes:
        try:
            data = _hex(self.text(name))
        except ValueError:
            raise self.failure(name, "is malformed") from None
        if len(data) != length:
            raise self.failure(name, "is malformed")
        return data

    def time(self, name: str) -> datetime:
        try:
            value = datetime.fromisoformat(self.text(name))
        except ValueError:
            raise self.failure(name, "is malformed") from None
        if value.tzinfo is None:
            raise self.failure(name, "is malformed")
        return value.astimezone(UTC)

    def object(self, name: str) -> JsonFields:
        return JsonFields(self._fields.get(name), self._check)

    def objects(self, name: str) -> list[JsonFields]:
        values = self._required(name, self._optional(name, list))
        return [JsonFields(value, self._check) for value in values]


def _hex(text: Any) -> bytes:
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise ValueError("not hexadecimal")
    return bytes.fromhex(text)


def _members(text: str) -> dict[str, str]:
    """The members of an object with their values as they are written; raises ValueError."""
    members: dict[str, str] = {}
    position = _skip(text, 0, "{")
    while True:
        start = _SPACE.match(text, position).end()  # type: ignore[union-attr]
        name, position = _DECODER.raw_decode(text, start)
        if not isinstance(name, str) or name in members:
            raise ValueError("a name is not a string or is there twice")
        position = _skip(text, position, ":")
        start = _SPACE.match(text, position).end()  # type: ignore[union-attr]
        _, position = _DECODER.raw_decode(text, start)
        members[name] = text[start:position]
        end = _SPACE.match(text, position).end()  # type: ignore[union-attr]
        if text[end : end + 1] == "}":
            break
        position = _skip(text, position, ",")
    if _SPACE.match(text, end + 1).end() != len(text):  # type: ignore[union-attr]
        raise ValueError("something follows")
    return members


def _skip(text: str, position: int, sign: str) -> int:
    """The position after spaces and this character."""
    start = _SPACE.match(text, position).end()  # type: ignore[union-attr]
    if text[start : start + 1] != sign:
        raise ValueError(f"{sign} is missing")
    return start + 1
