"""Strict reading of request bodies and headers, with the statuses that Signal-Server gives.

Malformed JSON is 400, a wrong type or a value out of range 422, another content type 415. Bytes are
base64 with the standard alphabet, padding optional; fields named so use the URL alphabet.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any

from sigcli.errors import InvalidServiceId
from sigcli.sandbox.exchange import JSON_TYPE, Refused
from sigcli.wire.addresses import ServiceId
from sigcli.wire.typed_fields import TypedFields

if TYPE_CHECKING:
    from collections.abc import Container, ItemsView, Iterator

    from sigcli.sandbox.exchange import Request

_STANDARD = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_URL_SAFE = re.compile(r"[A-Za-z0-9_-]*={0,2}")
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_MIN_INT64, _MAX_INT64 = -(2**63), 2**63 - 1


def invalid() -> Refused:
    """422: the request does not pass validation."""
    return Refused(422)


def decode_standard(text: str) -> bytes | None:
    """Base64 with the standard alphabet; None for anything else."""
    return _decode(text, url_safe=False)


def decode_url_safe(text: str) -> bytes | None:
    """Base64 with the URL alphabet; None for anything else."""
    return _decode(text, url_safe=True)


def encode_standard(data: bytes | None) -> str | None:
    """Padded base64; None stays None."""
    return None if data is None else b64encode(data).decode()


def encode_unpadded(data: bytes | None) -> str | None:
    """Base64 without padding; None stays None."""
    return None if data is None else b64encode(data).decode().rstrip("=")


def encode_url_safe(data: bytes) -> str:
    """Base64 with the URL alphabet, without padding."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def path_service_id(request: Request, name: str) -> ServiceId:
    """A service id in the path; 404 for anything else."""
    try:
        return ServiceId.parse(request.parameters[name])
    except InvalidServiceId:
        raise Refused(404) from None


def path_aci(request: Request, name: str) -> ServiceId:
    """An ACI in the path; 404 for anything else."""
    service_id = path_service_id(request, name)
    if not service_id.is_aci:
        raise Refused(404)
    return service_id


def path_integer(request: Request, name: str) -> int:
    """A number of 64 bits in the path, with or without a sign; 404 for anything else."""
    text = request.parameters[name]
    if not _INTEGER.fullmatch(text) or not _MIN_INT64 <= int(text) <= _MAX_INT64:
        raise Refused(404)
    return int(text)


def query_integer(request: Request, name: str, default: int | None = None) -> int:
    """A number in the query; 404 for anything else (as Jersey), 400 if it is missing."""
    text = request.query.get(name)
    if text is None:
        if default is None:
            raise Refused(400)
        return default
    if not _INTEGER.fullmatch(text):
        raise Refused(404)
    return int(text)


def query_flag(request: Request, name: str, *, default: bool = False) -> bool:
    """A boolean in the query; anything except ``true`` is false."""
    text = request.query.get(name)
    return default if text is None else text.lower() == "true"


class Fields(TypedFields):
    """A JSON object in a request; ``null`` counts as absent. Every reader raises Refused (422)."""

    __slots__ = ()

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__({name: value for name, value in values.items() if value is not None})

    def failure(self, name: str, problem: str) -> Refused:
        return invalid()

    @classmethod
    def of(cls, request: Request) -> Fields:
        """The body of a request; raises Refused with 415, 400 or 422."""
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type != JSON_TYPE:
            raise Refused(415)
        try:
            values = json.loads(request.body)
        except (ValueError, RecursionError):
            raise Refused(400 if request.body.strip() else 422) from None
        if not isinstance(values, dict):
            raise invalid()
        return cls(values)

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def items(self) -> ItemsView[str, Any]:
        """Names and values as they were sent."""
        return self._fields.items()

    def has(self, name: str) -> bool:
        return name in self._fields

    def text(self, name: str, minimum: int = 1, maximum: int = 1 << 20) -> str:
        return self._required(name, self.optional_text(name, minimum, maximum))

    def optional_text(self, name: str, minimum: int = 0, maximum: int = 1 << 20) -> str | None:
        value = super().optional_text(name)
        if value is not None and not minimum <= len(value) <= maximum:
            raise invalid()
        return value

    def optional_integer(
        self, name: str, minimum: int = _MIN_INT64, maximum: int = _MAX_INT64
    ) -> int | None:
        return super().optional_integer(name, minimum, maximum)

    def data(self, name: str, sizes: Container[int], *, url_safe: bool = False) -> bytes:
        return self._required(name, self.optional_data(name, sizes, url_safe=url_safe))

    def optional_data(
        self, name: str, sizes: Container[int], *, url_safe: bool = False
    ) -> bytes | None:
        """Bytes in base64, or as a list of numbers; their length must be one of ``sizes``."""
        value = self._fields.get(name)
        if value is None:
            return None
        if isinstance(value, list):
            found = _from_numbers(value)
        elif isinstance(value, str):
            found = _decode(value, url_safe=url_safe)
        else:
            found = None
        if found is None or len(found) not in sizes:
            raise invalid()
        return found

    def optional_fields(self, name: str) -> Fields | None:
        value = self._fields.get(name)
        return None if value is None else self._as_fields(value)

    def fields(self, name: str) -> Fields:
        return self._required(name, self.optional_fields(name))

    def list_of_fields(self, name: str, maximum: int = 1 << 16) -> list[Fields]:
        """A list of objects; absent is empty."""
        return [self._as_fields(entry) for entry in self.values(name, maximum)]

    def values(self, name: str, maximum: int = 1 << 16) -> list[Any]:
        """A list of anything; absent is empty."""
        values = self.list(name)
        if len(values) > maximum:
            raise invalid()
        return values

    def flags(self) -> frozenset[str]:
        """The names of this object's members that are true."""
        for value in self._fields.values():
            if not isinstance(value, bool):
                raise invalid()
        return frozenset(name for name, value in self._fields.items() if value)

    @staticmethod
    def _as_fields(entry: Any) -> Fields:
        if not isinstance(entry, dict):
            raise invalid()
        return Fields(entry)


def _from_numbers(values: list[Any]) -> bytes | None:
    try:
        # Java's bytes are signed.
        return bytes(value & 0xFF for value in values if -128 <= value <= 255 or None)
    except TypeError:
        return None


def _decode(text: str, *, url_safe: bool) -> bytes | None:
    if not (_URL_SAFE if url_safe else _STANDARD).fullmatch(text):
        return None
    bare = text.rstrip("=")
    if len(bare) % 4 == 1:
        return None
    padded = bare + "=" * (-len(bare) % 4)
    return urlsafe_b64decode(padded) if url_safe else b64decode(padded)
