"""Reading what a service answers, leniently in form and strictly in type.

Servers write base64 with either alphabet, padded or not (``ByteArrayAdapter``, ``ByteArrayBase64UrlAdapter`` in the
public Signal-Server); requests use the standard alphabet, padded. Whatever does not fit raises MalformedAnswer that
names the field, never a KeyError.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from typing import TYPE_CHECKING, Any

from sigcli.errors import InvalidServiceId, MalformedAnswer
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.service.exchange import Response

_URL_TO_STANDARD = str.maketrans("-_", "+/")


def encode_base64(data: bytes) -> str:
    """Standard alphabet, padded: what every endpoint accepts."""
    return b64encode(data).decode("ascii")


def encode_base64url(data: bytes) -> str:
    """URL alphabet without padding: for the few endpoints that want it."""
    return b64encode(data, altchars=b"-_").decode("ascii").rstrip("=")


def decode_base64(text: str, field: str = "bytes") -> bytes:
    """Read base64 of either alphabet, padded or not; raises MalformedAnswer."""
    standard = text.translate(_URL_TO_STANDARD).rstrip("=")
    try:
        return b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (Base64Error, ValueError):
        raise MalformedAnswer(f"the answer's {field} is not base64") from None


class JsonObject:
    """A JSON object of an answer whose fields are read by type; a null counts as absent."""

    __slots__ = ("_fields", "_where")

    def __init__(self, fields: dict[str, Any], where: str) -> None:
        self._fields = fields
        self._where = where

    @classmethod
    def of(cls, value: Any, where: str) -> JsonObject:
        if not isinstance(value, dict):
            raise MalformedAnswer(f"the answer's {where} is not a JSON object")
        return cls(value, where)

    @classmethod
    def from_response(cls, response: Response) -> JsonObject:
        """The object in an answer's body; raises MalformedAnswer."""
        return cls.of(parse_json(response.body), "body")

    def _typed(self, name: str, kind: type, what: str) -> Any:
        value = self._fields.get(name)
        # By exact type: a JSON boolean is an int in Python, but it is no number.
        if value is None or type(value) is kind:
            return value
        raise MalformedAnswer(f"the answer's {self._where}.{name} is not {what}")

    def _required(self, name: str, value: Any) -> Any:
        if value is None:
            raise MalformedAnswer(f"the answer's {self._where} lacks {name}")
        return value

    def optional_text(self, name: str) -> str | None:
        value: str | None = self._typed(name, str, "a text")
        return value

    def text(self, name: str) -> str:
        value: str = self._required(name, self.optional_text(name))
        return value

    def optional_integer(self, name: str, minimum: int = 0, maximum: int = 2**63 - 1) -> int | None:
        value: int | None = self._typed(name, int, "a whole number")
        if value is not None and not minimum <= value <= maximum:
            raise MalformedAnswer(f"the answer's {self._where}.{name} is out of range")
        return value

    def integer(self, name: str, minimum: int = 0, maximum: int = 2**63 - 1) -> int:
        value: int = self._required(name, self.optional_integer(name, minimum, maximum))
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value: bool | None = self._typed(name, bool, "true or false")
        return default if value is None else value

    def optional_data(self, name: str, length: int | None = None) -> bytes | None:
        """Bytes from base64; an empty text counts as absent."""
        text = self.optional_text(name)
        if not text:
            return None
        data = decode_base64(text, f"{self._where}.{name}")
        if length is not None and len(data) != length:
            raise MalformedAnswer(f"the answer's {self._where}.{name} does not have {length} bytes")
        return data

    def data(self, name: str, length: int | None = None) -> bytes:
        value: bytes = self._required(name, self.optional_data(name, length))
        return value

    def optional_object(self, name: str) -> JsonObject | None:
        value = self._fields.get(name)
        return None if value is None else JsonObject.of(value, f"{self._where}.{name}")

    def object(self, name: str) -> JsonObject:
        value: JsonObject = self._required(name, self.optional_object(name))
        return value

    def list(self, name: str) -> list[Any]:
        """The elements of a list, unread; none if it is absent."""
        value: list[Any] | None = self._typed(name, list, "a list")
        return [] if value is None else value

    def objects(self, name: str) -> Iterator[JsonObject]:
        for index, value in enumerate(self.list(name)):
            yield JsonObject.of(value, f"{self._where}.{name}[{index}]")

    def integers(self, name: str) -> tuple[int, ...]:
        values = self.list(name)
        if any(type(value) is not int for value in values):
            raise MalformedAnswer(f"the answer's {self._where}.{name} is not a list of numbers")
        return tuple(values)

    def texts(self, name: str) -> tuple[str, ...]:
        values = self.list(name)
        if any(type(value) is not str for value in values):
            raise MalformedAnswer(f"the answer's {self._where}.{name} is not a list of strings")
        return tuple(values)

    def items(self) -> Iterator[tuple[str, Any]]:
        yield from self._fields.items()

    def optional_aci(self, name: str) -> ServiceId | None:
        text = self.optional_text(name)
        return None if text is None else self._service_id(name, text, ServiceId.aci)

    def aci(self, name: str) -> ServiceId:
        value: ServiceId = self._required(name, self.optional_aci(name))
        return value

    def optional_pni(self, name: str) -> ServiceId | None:
        """A PNI, with or without its prefix: account answers write the bare UUID."""
        text = self.optional_text(name)
        return None if text is None else self._service_id(name, text, ServiceId.pni)

    def service_id(self, name: str) -> ServiceId:
        return self._service_id(name, self.text(name), ServiceId.parse)

    def service_ids(self, name: str) -> tuple[ServiceId, ...]:
        return tuple(self._service_id(name, text, ServiceId.parse) for text in self.texts(name))

    def _service_id(self, name: str, text: str, read: Any) -> ServiceId:
        try:
            service_id: ServiceId = read(text)
        except InvalidServiceId:
            where = f"{self._where}.{name}"
            raise MalformedAnswer(f"the answer's {where} is not a service id") from None
        return service_id


def parse_json(body: bytes) -> Any:
    """Any JSON value; raises MalformedAnswer."""
    try:
        return json.loads(body)
    # Deep nesting raises RecursionError, a long number ValueError.
    except (ValueError, RecursionError):
        raise MalformedAnswer("the answer is not JSON") from None


def lenient_object(response: Response) -> JsonObject | None:
    """The object in an error answer's body, if there is one: for details that may be missing."""
    try:
        return JsonObject.from_response(response)
    except MalformedAnswer:
        return None


def without_none(fields: dict[str, Any]) -> dict[str, Any]:
    """Drop what is None: servers tell absent from null."""
    return {name: value for name, value in fields.items() if value is not None}
