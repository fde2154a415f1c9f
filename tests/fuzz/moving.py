"""Targets: what another program has left behind."""

from __future__ import annotations

import json
import math
import sqlite3
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from sigcli.client.groups.identifiers import identifier_of
from sigcli.client.moving import signal_cli_people, signal_cli_protocol
from sigcli.client.moving.importing import cached_envelope
from sigcli.client.moving.report import Tally
from sigcli.client.moving.signal_cli_account import AccountFile, adopt_account, adopt_configuration
from sigcli.crypto.curve import KeyPair
from sigcli.errors import StoreError, UserError
from sigcli.protocol.libsignal_records import convert_record
from sigcli.protocol.spqr import foreign
from sigcli.store.account_data import AccountKeys
from sigcli.store.database import Database
from sigcli.store.signal_cli import database as signal_cli_database
from sigcli.store.signal_cli.folder import _object as read_account_file
from sigcli.wire.key_types import GroupMasterKey
from sigcli.wire.libsignal_sessions import decode_libsignal_record
from tests.fuzz.target import Target
from tests.support.signal_cli_archive import signal_cli_database as signal_cli_source_database
from tests.support.signal_cli_archive import unpack

_ACI = "9d0652a3-dcc3-4d11-975f-74d61598733f"
_PNI = "796abedb-ca4e-4f18-8803-1fde5b921f9f"
_NOW_MS = 1_750_000_000_000
_T = TypeVar("_T")
_GROUP_ID = identifier_of(GroupMasterKey(bytes(32))) or b""


def _text(data: bytes) -> str:
    return b64encode(data).decode()


@cache
def _pair() -> KeyPair:
    return KeyPair.generate(Random(11).randbytes)


@cache
def _database() -> Database:
    return Database.create(Path(tempfile.mkdtemp(prefix="sigcli-fuzz-")) / "account.db")


class _TakenBack(Exception):
    """What was stored is to be forgotten again."""


# --- signal-cli's account file ---------------------------------------------------------------------


def _account_file() -> dict[str, Any]:
    identity = {
        "identityPrivateKey": _text(_pair().private_key.serialize()),
        "identityPublicKey": _text(_pair().public_key.serialize()),
        "registrationId": 4711,
        "nextPreKeyId": 7,
        "nextSignedPreKeyId": 8,
        "nextKyberPreKeyId": 9,
        "activeSignedPreKeyId": 3,
        "activeLastResortKyberPreKeyId": 4,
    }
    return {
        "version": 9,
        "serviceEnvironment": "LIVE",
        "registered": True,
        "number": "+15550100",
        "username": "ada.42",
        "deviceId": 1,
        "isMultiDevice": False,
        "password": "secret",
        "aciAccountData": {"serviceId": _ACI, **identity},
        "pniAccountData": {"serviceId": f"PNI:{_PNI}", **identity},
        "registrationLockPin": "1234",
        "pinMasterKey": _text(bytes(32)),
        "storageKey": _text(bytes(32)),
        "accountEntropyPool": "ab12" * 16,
        "mediaRootBackupKey": _text(bytes(32)),
        "profileKey": _text(bytes(32)),
        "usernameLinkEntropy": _text(bytes(32)),
        "usernameLinkServerId": _PNI,
        "encryptedDeviceName": _text(b"name"),
    }


def _read_account(data: bytes) -> None:
    random = Random(1).randbytes
    file = AccountFile(read_account_file(data))
    keys = file.keys(random)
    try:
        with _database().transaction() as transaction:
            adopt_account(transaction, file, keys, random)
            raise _TakenBack
    except _TakenBack:
        return


def _account_seeds() -> list[bytes]:
    whole = _account_file()
    linked = {key: value for key, value in whole.items() if key != "registrationLockPin"}
    linked |= {"version": 10, "deviceId": 2, "number": None}
    return [json.dumps(one).encode() for one in (whole, linked)]


# --- the rows of its database ---------------------------------------------------------------------


class _Rows:
    """Rows as JSON has them: ``{table: [{column: value}]}``; texts that begin with ``b64:`` are bytes."""

    def __init__(self, data: bytes) -> None:
        try:
            given = json.loads(data)
        except (ValueError, RecursionError):
            raise NotRows from None
        self._given = given if isinstance(given, dict) else {}

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        names = [one.strip() for one in signal_cli_database._COLUMNS[table].split(",")]
        kinds = _kinds()[table]
        found = self._given.get(table)
        for row in found if isinstance(found, list) else ():
            if isinstance(row, dict):
                yield {name: _stored(row.get(name), *kinds[name]) for name in names}


@cache
def _kinds() -> dict[str, dict[str, tuple[str, bool]]]:
    """Type and whether there is always a value, by table and column: the tables are strict."""
    return {
        table: {name: (kind, bool(needed)) for _, name, kind, needed, *_ in columns}
        for table, columns in _archived(_columns)
    }


def _columns(connection: sqlite3.Connection) -> list[tuple[str, list[Any]]]:
    return [
        (table, connection.execute(f"PRAGMA table_info({table})").fetchall())
        for table in signal_cli_database._COLUMNS
    ]


class NotRows(UserError):
    """Nothing that a database could hold."""


def _stored(value: Any, kind: str, needed: bool) -> Any:
    """As SQLite gives it back from a column of this kind."""
    if isinstance(value, str) and value.startswith("b64:"):
        try:
            value = b64decode(value[4:])
        except ValueError:
            value = b""
    elif isinstance(value, str):
        value = value.encode("utf-8", "replace").decode()
    elif isinstance(value, bool | float | int):
        value = max(-(2**63), min(int(value), 2**63 - 1)) if math.isfinite(value) else 0
    wanted = {"INTEGER": int, "TEXT": str, "BLOB": bytes}.get(kind)
    if isinstance(value, wanted or int | str | bytes):
        return value
    return wanted() if needed and wanted is not None else None


@cache
def _own_keys() -> AccountKeys:
    return AccountFile(_account_file()).keys(Random(1).randbytes)


def _adopt(data: bytes) -> None:
    source: Any = _Rows(data)
    keys, tally = _own_keys(), Tally()
    try:
        with _database().transaction() as transaction:
            adopt_configuration(transaction, source)
            signal_cli_people.adopt_people(transaction, source, keys, tally)
            known = signal_cli_protocol.adopt_identities(transaction, source, keys, tally)
            signal_cli_protocol.adopt_sessions(transaction, source, tally)
            file = AccountFile(_account_file())
            signal_cli_protocol.adopt_prekeys(transaction, source, file, _NOW_MS, tally)
            signal_cli_protocol.adopt_sender_keys(transaction, source, keys, tally)
            signal_cli_protocol.adopt_send_log(transaction, source, known, _NOW_MS, tally)
            signal_cli_people.adopt_groups(transaction, source, _NOW_MS, tally)
            signal_cli_people.adopt_packs(transaction, source, tally)
            raise _TakenBack
    except _TakenBack:
        return


def _row_seeds() -> list[bytes]:
    key = "b64:" + _text(_pair().public_key.serialize())
    private = "b64:" + _text(_pair().private_key.serialize())
    values: dict[str, Any] = {
        "_id": 1,
        "account_id_type": 0,
        "address": _ACI,
        "aci": _ACI,
        "pni": f"PNI:{_PNI}",
        "number": "+15550101",
        "device_id": 1,
        "key_id": 5,
        "identity_key": key,
        "public_key": key,
        "private_key": private,
        "signature": "b64:" + _text(bytes(64)),
        "record": "b64:" + _text(_records()[0]),
        "serialized": "b64:" + _text(bytes(40)),
        "distribution_id": "b64:" + _text(bytes(16)),
        "master_key": "b64:" + _text(bytes(32)),
        "group_id": "b64:" + _text(_GROUP_ID),
        "pack_id": "b64:" + _text(bytes(16)),
        "pack_key": "b64:" + _text(bytes(32)),
        "content": "b64:" + _text(b"content"),
        "profile_key": "b64:" + _text(bytes(32)),
        "timestamp": _NOW_MS,
        "key": "config-read-receipts",
        "value": 1,
        "trust_level": 1,
        "profile_unidentified_access_mode": "ENABLED",
    }
    tables = {}
    for table, columns in signal_cli_database._COLUMNS.items():
        names = [one.strip() for one in columns.split(",")]
        tables[table] = [{name: values.get(name) for name in names}]
    # As a whole, and each table alone.
    single = [json.dumps({name: rows}).encode() for name, rows in tables.items()]
    return [json.dumps(tables).encode(), *single]


_TIME_WITHOUT_END = b'{"signed_pre_key": [{"timestamp": 1e999}]}'
_SHORT_DISTRIBUTION = json.dumps(
    {
        "group_v2": [
            {
                "group_id": "b64:" + _text(_GROUP_ID),
                "master_key": "b64:" + _text(bytes(32)),
                "distribution_id": "b64:AAAA",
            }
        ]
    }
).encode()


# --- its sessions -----------------------------------------------------------------------------------


@cache
def _records() -> list[bytes]:
    """Those of a real one."""
    return _archived(
        lambda connection: [
            record for (record,) in connection.execute("SELECT record FROM session ORDER BY _id")
        ]
    )


def _archived(read: Callable[[sqlite3.Connection], _T]) -> _T:
    """What is in a real database of signal-cli."""
    with tempfile.TemporaryDirectory(prefix="sigcli-fuzz-") as folder:
        unpack(Path(folder) / "archive")
        path = signal_cli_source_database(Path(folder) / "archive" / "signal-cli-data")
        connection = sqlite3.connect(path)
        try:
            return read(connection)
        finally:
            connection.close()


def _states() -> list[bytes]:
    return [decode_libsignal_record(record).current_spqr for record in _records()]


TARGETS = (
    Target("signal-cli-account", _read_account, _account_seeds, (StoreError, UserError)),
    Target(
        "signal-cli-rows",
        _adopt,
        _row_seeds,
        (UserError, StoreError),
        found=(_SHORT_DISTRIBUTION, _TIME_WITHOUT_END),
        rounds=40,
    ),
    Target("libsignal-record", convert_record, _records),
    Target("cached-envelope", cached_envelope, lambda: [bytes([0, 0, 0, 9]) + bytes(8) + b"x"]),
    Target("libsignal-spqr", foreign.convert, _states),
)
