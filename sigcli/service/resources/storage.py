"""The storage service: a versioned manifest, and the records that it names, all encrypted.

It has its own login, which the chat service issues. Facts: the public storage service (``StorageController``,
``StorageManager``) and clients (libsignal-service-java ``StorageServiceApi``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import MalformedAnswer, MalformedMessage, NotFound, PayloadTooLarge
from sigcli.service.credentials import basic_authorization
from sigcli.service.status_errors import believed, require_success
from sigcli.wire import storage_manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from sigcli.service.exchange import Response
    from sigcli.service.http import HttpClient
    from sigcli.service.resources.certificates import ServiceLogin
    from sigcli.wire.storage_manifest import StorageItem, StorageManifest, StorageWrite

    T = TypeVar("T")

READ_TOGETHER = 2500
"""The most records in one request; the public service accepts twice as many."""
MAX_ANSWER = 64 * 1024 * 1024
_PATH = "/v1/storage"
_PROTOBUF = "application/x-protobuf"


class StorageService:
    """Requests with one login; all raise Unreachable, TimedOut, RateLimited."""

    def __init__(self, client: HttpClient, login: ServiceLogin) -> None:
        self._client = client
        self._authorization = basic_authorization(login.username, login.password)

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> StorageService:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def manifest(self) -> StorageManifest | None:
        """The manifest; None if the account has none."""
        response = self._request("GET", "/manifest")
        try:
            require_success(response, "show the storage manifest")
        except NotFound:
            return None
        return _read(storage_manifest.decode_storage_manifest, response)

    def other_manifest(self, version: int) -> StorageManifest | None:
        """The manifest if it has another version; None if it has this one, or if there is no manifest."""
        response = self._request("GET", f"/manifest/version/{version}")
        try:
            require_success(response, "show the storage manifest")
        except NotFound:
            return None
        if response.status == 204:
            return None
        return _read(storage_manifest.decode_storage_manifest, response)

    def read(self, raw_ids: Sequence[bytes]) -> list[StorageItem]:
        """The records with these ids, except those that do not exist; in several requests if there are many."""
        items: list[StorageItem] = []
        waiting = [
            raw_ids[start : start + READ_TOGETHER]
            for start in range(0, len(raw_ids), READ_TOGETHER)
        ]
        while waiting:
            part = waiting.pop()
            try:
                items += self._read_part(part)
            except PayloadTooLarge:
                if len(part) == 1:
                    raise
                half = len(part) // 2
                waiting += [part[:half], part[half:]]
        return items

    def write(self, write: StorageWrite) -> StorageManifest | None:
        """Write one version; None if it was accepted, else the stored manifest, whose version conflicts."""
        body = storage_manifest.encode_storage_write(write)
        # With the slash, which not every server removes.
        response = self._request("PUT", "/", body)
        if response.status == 409:
            return _read(storage_manifest.decode_storage_manifest, response)
        require_success(response, "store the account's records")
        return None

    def _read_part(self, raw_ids: Sequence[bytes]) -> tuple[StorageItem, ...]:
        response = self._request("PUT", "/read", storage_manifest.encode_storage_read(raw_ids))
        require_success(response, "show the account's records")
        return _read(storage_manifest.decode_storage_items, response)

    def _request(self, method: str, path: str, body: bytes | None = None) -> Response:
        headers = {"Authorization": self._authorization}
        if body is not None:
            headers["Content-Type"] = _PROTOBUF
        full_path = f"{self._client.url.path}{_PATH}{path}"
        response = self._client.request(
            method, full_path, headers=headers, body=body, limit=MAX_ANSWER
        )
        # A missing manifest has consequences: the answer must come from the service itself.
        return believed(response, self._client.url.host)


def _read(decode: Callable[[bytes], T], response: Response) -> T:
    try:
        return decode(response.body)
    except MalformedMessage as error:
        raise MalformedAnswer("the storage service's answer is not a protobuf") from error
