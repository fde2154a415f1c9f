from __future__ import annotations

import base64
from typing import Any, cast

import pytest

from sigcli.errors import (
    Forbidden,
    MalformedAnswer,
    NotTheService,
    PayloadTooLarge,
    ServerUnavailable,
    Unauthorized,
)
from sigcli.service.environment_fields import BaseUrl
from sigcli.service.exchange import TIMESTAMP_HEADER, Response
from sigcli.service.resources.certificates import ServiceLogin
from sigcli.service.resources.storage import READ_TOGETHER, StorageService
from sigcli.wire.storage_manifest import (
    StorageItem,
    StorageManifest,
    StorageWrite,
    decode_storage_read,
    decode_storage_write,
    encode_storage_items,
    encode_storage_manifest,
)

MANIFEST = StorageManifest(version=7, value=b"encrypted")
STAMPED = {TIMESTAMP_HEADER: "1750000000000"}


class Host:
    """Answers by status, behind a URL with a path; reads of more than ``most`` records are too large for it."""

    url = BaseUrl("storage.test", 443, "/storage")

    def __init__(
        self, status: int = 200, body: bytes = b"", *, most: int = 1 << 20, stamped: bool = True
    ) -> None:
        self.answer = Response(status, STAMPED if stamped else {}, body)
        self.most = most
        self.requests: list[tuple[str, str, dict[str, str], bytes | None]] = []

    def request(self, method: str, path: str, **sent: Any) -> Response:
        self.requests.append((method, path, sent["headers"], sent["body"]))
        if path.endswith("/read"):
            return self._read(decode_storage_read(sent["body"]))
        return self.answer

    def _read(self, keys: tuple[bytes, ...]) -> Response:
        if len(keys) > self.most:
            return Response(413, STAMPED, b"")
        items = [StorageItem(key=key, value=b"v" + key) for key in keys if key[0] != 0xFF]
        return Response(200, STAMPED, encode_storage_items(items))

    @property
    def service(self) -> StorageService:
        return StorageService(cast(Any, self), ServiceLogin("user", "password"))


def test_the_manifest_is_asked_for_with_the_services_own_login() -> None:
    host = Host(body=encode_storage_manifest(MANIFEST))
    assert host.service.manifest() == MANIFEST
    assert host.service.other_manifest(6) == MANIFEST
    paths = [(method, path, body) for method, path, _, body in host.requests]
    base = "/storage/v1/storage/manifest"
    assert paths == [("GET", base, None), ("GET", f"{base}/version/6", None)]
    login = host.requests[0][2]["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(login) == b"user:password"


def test_no_manifest_and_none_that_is_newer() -> None:
    assert Host(404).service.manifest() is None
    assert Host(404).service.other_manifest(7) is None
    assert Host(204).service.other_manifest(7) is None


@pytest.mark.parametrize(
    ("status", "error"), [(401, Unauthorized), (403, Forbidden), (503, ServerUnavailable)]
)
def test_refusals(status: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        Host(status).service.manifest()


def test_that_there_is_no_manifest_is_believed_of_the_service_alone() -> None:
    with pytest.raises(NotTheService):
        Host(404, stamped=False).service.manifest()


def test_a_manifest_that_is_none() -> None:
    with pytest.raises(MalformedAnswer):
        Host(body=b"\xff").service.manifest()


def test_many_records_are_read_in_parts() -> None:
    ids = [number.to_bytes(16, "big") for number in range(READ_TOGETHER + 10)]
    host = Host(most=1000)
    items = host.service.read(ids)
    assert {item.key: item.value for item in items} == {raw: b"v" + raw for raw in ids}
    sizes = [len(decode_storage_read(body or b"")) for _, _, _, body in host.requests]
    assert sorted(size for size in sizes if size <= 1000) == [10, 625, 625, 625, 625]
    assert host.requests[0][:2] == ("PUT", "/storage/v1/storage/read")
    assert Host().service.read([b"\xff" * 16]) == []


def test_one_record_that_is_too_large() -> None:
    with pytest.raises(PayloadTooLarge):
        Host(most=0).service.read([b"a" * 16, b"b" * 16])


def test_a_write_is_taken_or_answered_with_what_is_there() -> None:
    write = StorageWrite(manifest=MANIFEST, delete_keys=(b"a" * 16,))
    host = Host()
    assert host.service.write(write) is None
    ((method, path, headers, body),) = host.requests
    # Not every server knows the path without the slash at its end.
    assert (method, path) == ("PUT", "/storage/v1/storage/")
    assert headers["Content-Type"] == "application/x-protobuf"
    assert decode_storage_write(body or b"") == write
    conflict = Host(409, encode_storage_manifest(MANIFEST))
    assert conflict.service.write(write) == MANIFEST
