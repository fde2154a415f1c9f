"""The services that sigcli can use: their addresses, their trust roots, and how requests travel to them.

``live`` and ``staging`` ship with the package, ``sandbox`` is the file that a running sandbox wrote to the data
directory, and any other name is the path of a file of the same form. Every URL may carry a path. Services change their
enclaves and roots: ``environments/live.toml`` in the data directory replaces the shipped file if its constants have a
later date.
"""

from __future__ import annotations

import enum
import functools
import os
from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.errors import InvalidEnvironment, NotOffered, UnknownEnvironment
from sigcli.lazy_dataclass import dataclass
from sigcli.service.environment_fields import Section

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sigcli.service.enclaves import AttestationSettings, DirectorySettings, Svr2Settings
    from sigcli.service.environment_fields import BaseUrl

_PACKAGED = ("live", "staging")
_SANDBOX_FILE = os.path.join("sandbox", "environment.toml")
_NEWER_FILES = "environments"
_SERIALIZED_KEY_LENGTH = 33


class RequestMode(enum.Enum):
    """How chat requests travel: as REST calls, or all through the websocket's request framing."""

    HTTPS = "https"
    WEBSOCKET = "websocket"


@dataclass(frozen=True, slots=True)
class Environment:
    """One Signal service. Keys and parameters are bytes; ``None`` marks what the service does not offer.

    ``ca_pem`` is the text of the service's own roots, None for the system's store. ``server_name`` is the name in its
    certificate if it differs from the URL's host. ``constants_as_of`` is the day up to which its constants were
    compared with published clients, None if unknown; ``source`` is the file's path.
    """

    name: str
    chat_url: BaseUrl
    requests: RequestMode
    cdn_urls: Mapping[int, BaseUrl]
    storage_url: BaseUrl | None
    ca_pem: str | None = field(repr=False)
    server_name: str | None
    unidentified_sender_roots: tuple[bytes, ...] = field(repr=False)
    zkgroup_server_public_params: bytes = field(repr=False)
    generic_server_public_params: bytes | None = field(default=None, repr=False)
    backup_server_public_params: bytes | None = field(default=None, repr=False)
    server_certificates: Mapping[int, bytes] = field(default_factory=dict, repr=False)
    directory: DirectorySettings | None = None
    svr2: Svr2Settings | None = None
    attestation: AttestationSettings | None = None
    registration_captcha_url: str | None = None
    challenge_captcha_url: str | None = None
    constants_as_of: date | None = None
    source: str = ""

    def cdn_url(self, number: int) -> BaseUrl:
        """The CDN of this number; raises NotOffered."""
        url = self.cdn_urls.get(number)
        if url is None:
            raise NotOffered(f"the environment {self.name} has no CDN {number}")
        return url

    def require_storage_url(self) -> BaseUrl:
        """The URL for groups and the storage service; raises NotOffered."""
        if self.storage_url is None:
            raise NotOffered(f"the environment {self.name} has no storage service")
        return self.storage_url


def load_environment(name_or_path: str, data_dir: str | os.PathLike[str]) -> Environment:
    """The environment of this name, or in this file; raises UnknownEnvironment or InvalidEnvironment."""
    environment = (
        _packaged(name_or_path)
        if name_or_path in _PACKAGED
        else _read_file(name_or_path, environment_path(name_or_path, data_dir))
    )
    path = newer_constants_path(name_or_path, data_dir)
    if path is None or not os.path.exists(path):
        return environment
    newer = _read_file(name_or_path, path)
    return newer if _is_newer(newer, environment) else environment


@functools.cache
def _packaged(name: str) -> Environment:
    """Read once: many accounts of one process live there."""
    return _read_file(name, environment_path(name, ""))


def newer_constants_path(name: str, data_dir: str | os.PathLike[str]) -> str | None:
    """Where a file with newer constants than the shipped ones may be; None for other environments."""
    return os.path.join(data_dir, _NEWER_FILES, f"{name}.toml") if name in _PACKAGED else None


def _is_newer(environment: Environment, shipped: Environment) -> bool:
    here, there = environment.constants_as_of, shipped.constants_as_of
    return here is not None and (there is None or here > there)


def _read_file(name_or_path: str, path: str) -> Environment:
    try:
        with open(path, "rb") as stream:
            content = stream.read()
    except FileNotFoundError:
        if name_or_path == "sandbox":
            raise UnknownEnvironment(
                "no sandbox has been started in this data directory",
                hint="start one with `sigcli sandbox run`",
            ) from None
        raise UnknownEnvironment(f"there is no service environment {name_or_path}") from None
    except OSError as problem:
        raise UnknownEnvironment(f"{path} cannot be read: {problem.strerror}") from None
    return parse_environment(content, source=path)


def environment_path(name_or_path: str, data_dir: str | os.PathLike[str]) -> str:
    """The file of this environment."""
    if name_or_path in _PACKAGED:
        folder = os.path.join(os.path.dirname(__file__), "known_environments")
        return os.path.join(folder, f"{name_or_path}.toml")
    if name_or_path == "sandbox":
        return os.path.join(data_dir, _SANDBOX_FILE)
    return os.path.expanduser(name_or_path)


def parse_environment(content: bytes, source: str) -> Environment:
    """Read an environment file; ``source`` is its path, for messages and for ``ca_file``. Raises InvalidEnvironment."""
    import tomllib

    try:
        fields = tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as problem:
        raise InvalidEnvironment(f"{source} is not TOML: {problem}") from None
    top = Section(source, "", fields)
    chat, trust, tls = top.section("chat"), top.section("trust"), top.section("tls")
    captcha = top.section("captcha")
    default_mode = RequestMode.HTTPS.value
    mode = chat.choice("requests", tuple(mode.value for mode in RequestMode), default_mode)
    return Environment(
        name=top.text("name"),
        chat_url=chat.url("url"),
        requests=RequestMode(mode),
        cdn_urls=_read_cdns(top.section("cdn")),
        storage_url=top.section("storage").url("url") if top.has("storage") else None,
        ca_pem=_read_ca(tls, source),
        server_name=tls.optional_text("server_name"),
        unidentified_sender_roots=_read_roots(trust),
        zkgroup_server_public_params=trust.data("zkgroup_server_public_params"),
        generic_server_public_params=trust.optional_data("generic_server_public_params"),
        backup_server_public_params=trust.optional_data("backup_server_public_params"),
        server_certificates=_read_server_certificates(trust.section("server_certificates")),
        directory=_read_directory(top),
        svr2=_read_svr2(top),
        attestation=_read_attestation(top),
        registration_captcha_url=captcha.optional_text("registration_url"),
        challenge_captcha_url=captcha.optional_text("challenge_url"),
        constants_as_of=top.optional_date("constants_as_of"),
        source=source,
    )


def _read_roots(trust: Section) -> tuple[bytes, ...]:
    name = "unidentified_sender_roots"
    roots = trust.data_list(name, _SERIALIZED_KEY_LENGTH)
    if not roots:
        raise trust.failure(name, "is missing: a list of base64 public keys")
    return roots


def _read_cdns(section: Section) -> dict[int, BaseUrl]:
    return {_number(section, key): section.url(key) for key in section}


def _read_server_certificates(section: Section) -> dict[int, bytes]:
    return {_number(section, key): section.data(key) for key in section}


def _number(section: Section, key: str) -> int:
    if not (key.isascii() and key.isdigit() and len(key) < 10):
        raise section.failure(key, "must have a number for its name")
    return int(key)


def _read_ca(tls: Section, source: str) -> str | None:
    name = tls.optional_text("ca_file")
    if name is None:
        return None
    path = os.path.join(os.path.dirname(source), os.path.expanduser(name))
    try:
        with open(path, encoding="ascii") as stream:
            return stream.read()
    except (OSError, UnicodeDecodeError):
        raise tls.failure("ca_file", f"names {path}, which cannot be read as PEM") from None


def _read_directory(top: Section) -> DirectorySettings | None:
    if not top.has("directory"):
        return None
    from sigcli.service.enclaves import read_directory

    return read_directory(top.section("directory"))


def _read_svr2(top: Section) -> Svr2Settings | None:
    if not top.has("svr2"):
        return None
    from sigcli.service.enclaves import read_svr2

    return read_svr2(top.section("svr2"))


def _read_attestation(top: Section) -> AttestationSettings | None:
    if not top.has("attestation"):
        return None
    from sigcli.service.enclaves import read_attestation

    return read_attestation(top.section("attestation"))
