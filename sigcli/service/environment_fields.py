"""Reading sections of an environment file by type; every error names the file, the section and the field."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from typing import TYPE_CHECKING, Any

from sigcli.errors import InvalidEnvironment
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.typed_fields import TypedFields

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

_DEFAULT_PORT = 443


@dataclass(frozen=True, slots=True)
class BaseUrl:
    """The URL of a part of a service: ``https://host:port/path``, without a slash at the end."""

    host: str
    port: int = _DEFAULT_PORT
    path: str = ""

    @property
    def authority(self) -> str:
        """The value of a ``Host`` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORT else f"{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this machine by its name alone; nothing is resolved."""
        octets = self.host.split(".")
        return self.host in ("localhost", "::1") or (
            octets[0] == "127" and len(octets) == 4 and all(part.isdigit() for part in octets)
        )

    def __str__(self) -> str:
        return f"https://{self.authority}{self.path}"


class Section(TypedFields):
    """One table of an environment file."""

    __slots__ = ("_name", "_source")

    def __init__(self, source: str, name: str, fields: Any) -> None:
        if not isinstance(fields, dict):
            raise InvalidEnvironment(f"{source}: [{name}] is not a table")
        super().__init__(fields)
        self._source = source
        self._name = name

    def failure(self, name: str, problem: str, hint: str | None = None) -> InvalidEnvironment:
        where = f"[{self._name}] {name}" if self._name else name
        return InvalidEnvironment(f"{self._source}: {where} {problem}", hint=hint)

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def has(self, name: str) -> bool:
        return name in self._fields

    def section(self, name: str) -> Section:
        """A sub-table, empty if absent."""
        full_name = f"{self._name}.{name}" if self._name else name
        return Section(self._source, full_name, self._fields.get(name, {}))

    def sections(self, name: str) -> Iterator[Section]:
        for value in self.list(name):
            yield Section(self._source, f"{self._name}.{name}", value)

    def optional_text(self, name: str) -> str | None:
        value = super().optional_text(name)
        if value == "":
            raise self.failure(name, "is empty")
        return value

    def optional_date(self, name: str) -> date | None:
        value = self._fields.get(name)
        if value is None:
            return None
        from datetime import date

        # By exact type: a moment is a day in Python as well.
        if type(value) is not date:
            raise self.failure(name, "must be a day: YYYY-MM-DD, without quotes")
        return value

    def choice(self, name: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        value = self.optional_text(name) or default
        if value not in allowed:
            raise self.failure(name, "must be one of " + ", ".join(f'"{word}"' for word in allowed))
        return value

    def data(self, name: str, length: int | None = None) -> bytes:
        return self._required(name, self.optional_data(name, length))

    def optional_data(self, name: str, length: int | None = None) -> bytes | None:
        text = self.optional_text(name)
        return None if text is None else self._decode(name, text, length)

    def data_list(self, name: str, length: int) -> tuple[bytes, ...]:
        return tuple(self._decode(name, text, length) for text in self.texts(name))

    def _decode(self, name: str, text: str, length: int | None) -> bytes:
        try:
            data = b64decode(text, validate=True)
        except (Base64Error, ValueError):
            raise self.failure(name, "is not base64") from None
        if length is not None and len(data) != length:
            raise self.failure(name, f"must have {length} bytes")
        return data

    def hex(self, name: str, length: int) -> bytes:
        try:
            data = bytes.fromhex(self.text(name))
        except ValueError:
            raise self.failure(name, "is not hexadecimal") from None
        if len(data) != length:
            raise self.failure(name, f"must have {length} bytes")
        return data

    def url(self, name: str) -> BaseUrl:
        """An ``https`` URL without user, query and fragment; the path may be empty."""
        text = self.text(name)
        from urllib.parse import urlsplit

        try:
            parts = urlsplit(text)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise self.failure(name, "is not a URL") from None
        if parts.scheme != "https":
            raise self.failure(name, "must begin with https://", "TLS cannot be switched off")
        if not host or parts.query or parts.fragment or parts.username is not None:
            raise self.failure(name, "must be https://HOST[:PORT][/PATH]")
        return BaseUrl(host, _DEFAULT_PORT if port is None else port, parts.path.rstrip("/"))
