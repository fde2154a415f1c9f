"""Reading the service's answers, lenient in form and strict in type.

Servers write base64 with either alphabet, padded or not (``ByteArrayAdapter``, ``ByteArrayBase64UrlAdapter`` in the
public Signal-Server); requests use the standard alphabet, padded. A field that does not fit raises MalformedAnswer with
its name, never a KeyError.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from typing import TYPE_CHECKING, Any

from sigcli.errors import InvalidServiceId, MalformedAnswer
from sigcli.wire.addresses import ServiceId
from sigcli.wire.typed_fields import TypedFields

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


class JsonObject(TypedFields):
    """A JSON object in an answer whose fields are read by type; null counts as absent."""

    __slots__ = ("_where",)

    def __init__(self, fields: dict[str, Any], where: str) -> None:
        super().__init__(fields)
        self._where = where

    def failure(self, name: str, problem: str) -> MalformedAnswer:
        return MalformedAnswer(f"the answer's {self._where}.{name} {problem}")

    @classmethod
    def of(cls, value: Any, where: str) -> JsonObject:
        if not isinstance(value, dict):
            raise MalformedAnswer(f"the answer's {where} is not a JSON object")
        return cls(value, where)

    @classmethod
    def from_response(cls, response: Response) -> JsonObject:
        """The object in an answer's body; raises MalformedAnswer."""
        return cls.of(parse_json(response.body), "body")

    def optional_data(self, name: str, length: int | None = None) -> bytes | None:
        """Bytes from base64; an empty text counts as absent."""
        text = self.optional_text(name)
        if not text:
            return None
        data = decode_base64(text, f"{self._where}.{name}")
        if length is not None and len(data) != length:
            raise self.failure(name, f"does not have {length} bytes")
        return data

    def data(self, name: str, length: int | None = None) -> bytes:
        return self._required(name, self.optional_data(name, length))

    def optional_object(self, name: str) -> JsonObject | None:
        value = self._fields.get(name)
        return None if value is None else JsonObject.of(value, f"{self._where}.{name}")

    def object(self, name: str) -> JsonObject:
        return self._required(name, self.optional_object(name))

    def objects(self, name: str) -> Iterator[JsonObject]:
        for index, value in enumerate(self.list(name)):
            yield JsonObject.of(value, f"{self._where}.{name}[{index}]")

    def items(self) -> Iterator[tuple[str, Any]]:
        yield from self._fields.items()

    def optional_aci(self, name: str) -> ServiceId | None:
        text = self.optional_text(name)
        return None if text is None else self._service_id(name, text, ServiceId.aci)

    def aci(self, name: str) -> ServiceId:
        return self._required(name, self.optional_aci(name))

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
            raise self.failure(name, "is not a service id") from None
        return service_id


def parse_json(body: bytes) -> Any:
    """The JSON value of a body; raises MalformedAnswer."""
    try:
        return json.loads(body)
    # Deep nesting raises RecursionError, a long number ValueError.
    except (ValueError, RecursionError):
        raise MalformedAnswer("the answer is not JSON") from None


def lenient_object(response: Response) -> JsonObject | None:
    """The object in the body of an error answer, if there is one: for details that may be missing."""
    try:
        return JsonObject.from_response(response)
    except MalformedAnswer:
        return None


def without_none(fields: dict[str, Any]) -> dict[str, Any]:
    """Drop what is None: servers tell absent from null."""
    return {name: value for name, value in fields.items() if value is not None}
