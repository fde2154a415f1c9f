"""``/v1/storage`` of the storage service: an encrypted manifest with a version, and encrypted items.

Checks, statuses and their order: the public storage service (``StorageController``, ``StorageManager``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import MalformedMessage
from sigcli.sandbox.environment_file import STORAGE_PATH
from sigcli.sandbox.exchange import NO_CONTENT, OK, Refused, protobuf_response
from sigcli.sandbox.fields import path_integer
from sigcli.sandbox.login import BasicLogin
from sigcli.sandbox.router import Door, Login, Route
from sigcli.sandbox.service_logins import STORAGE, check_login
from sigcli.sandbox.stored_records import MANIFEST_KIND, clear_items, delete_stored
from sigcli.wire.storage_manifest import (
    StorageItem,
    StorageManifest,
    decode_storage_read,
    decode_storage_write,
    encode_storage_items,
    encode_storage_manifest,
)

if TYPE_CHECKING:
    from sigcli.sandbox.exchange import Request, Response
    from sigcli.sandbox.state import State

_MAX_MUTATIONS = 100_000
_MUTATIONS_PER_INSERT = 2


class StorageEndpoints:
    """One account's storage at a time, by the login from ``/v1/storage/auth``."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[Route]:
        base = f"{STORAGE_PATH}/v1/storage"
        table = [
            ("GET", f"{base}/manifest", self._get_manifest),
            ("GET", f"{base}/manifest/version/{{version}}", self._get_newer_manifest),
            ("PUT", base, self._write),
            ("DELETE", base, self._delete),
            ("PUT", f"{base}/read", self._read),
        ]
        return [
            Route(method, path, Login.IGNORED, handler, Door.REST)
            for method, path, handler in table
        ]

    def _get_manifest(self, request: Request) -> Response:
        manifest = self._manifest(self._account(request))
        if manifest is None:
            raise Refused(404)
        return protobuf_response(encode_storage_manifest(manifest))

    def _get_newer_manifest(self, request: Request) -> Response:
        manifest = self._manifest(self._account(request))
        version = path_integer(request, "version")
        if manifest is None or manifest.version == version:
            return NO_CONTENT
        return protobuf_response(encode_storage_manifest(manifest))

    def _write(self, request: Request) -> Response:
        account = self._account(request)
        try:
            write = decode_storage_write(request.body)
        except MalformedMessage:
            raise Refused(400) from None
        if write.manifest is None:
            raise Refused(400)
        mutations = len(write.insert_items) * _MUTATIONS_PER_INSERT + len(write.delete_keys)
        if mutations > _MAX_MUTATIONS:
            raise Refused(413)
        held = self._manifest(account)
        if write.clear_all:
            # Before the version is checked, as in the public service: a write that then fails has cleared everything.
            clear_items(self._state.database, account)
        # The first write may have any version: the account may have existed before.
        if held is not None and write.manifest.version != held.version + 1:
            return protobuf_response(encode_storage_manifest(held), 409)
        database = self._state.database
        database.execute_many(
            "INSERT OR REPLACE INTO storage_items VALUES (?, ?, ?)",
            [(account, item.key, item.value) for item in write.insert_items],
        )
        database.execute_many(
            "DELETE FROM storage_items WHERE account = ? AND key = ?",
            [(account, key) for key in write.delete_keys],
        )
        manifest = {"version": write.manifest.version, "value": write.manifest.value.hex()}
        database.put(MANIFEST_KIND, account, manifest)
        return OK

    def _read(self, request: Request) -> Response:
        account = self._account(request)
        try:
            keys = decode_storage_read(request.body)
        except MalformedMessage:
            raise Refused(400) from None
        if not keys:
            raise Refused(400)
        if len(keys) > self._state.switches.storage_read_limit:
            raise Refused(413)
        items = []
        for key in keys:
            row = self._state.database.execute(
                "SELECT value FROM storage_items WHERE account = ? AND key = ?", (account, key)
            ).fetchone()
            if row is not None:
                items.append(StorageItem(key=key, value=row[0]))
        return protobuf_response(encode_storage_items(items))

    def _delete(self, request: Request) -> Response:
        delete_stored(self._state.database, self._account(request))
        return OK

    def _account(self, request: Request) -> str:
        login = BasicLogin.parse(request.headers.get("authorization"))
        account = check_login(self._state, STORAGE, login)
        if account is None:
            raise Refused(401)
        return str(account)

    def _manifest(self, account: str) -> StorageManifest | None:
        held = self._state.database.get(MANIFEST_KIND, account)
        if held is None:
            return None
        return StorageManifest(version=held["version"], value=bytes.fromhex(held["value"]))
