"""The data directory of a real signal-cli, changed in places, taken over without a network."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sigcli.client.account.account_secrets import stored_pin
from sigcli.client.base.account import Account, open_account
from sigcli.client.base.settings import Settings
from sigcli.client.moving.importing import cached_envelope, import_accounts
from sigcli.client.moving.report import ImportReport
from sigcli.client.people.blocked_groups import blocked_groups
from sigcli.errors import (
    InvalidEnvironment,
    MalformedMessage,
    NoSignalCliData,
    SignalCliDataDamaged,
    UnknownLocalAccount,
)
from sigcli.store import account_data
from sigcli.store.identity_keys import TrustLevel, find_identity
from sigcli.store.prekeys import PreKeyKind, active_signed_prekey
from sigcli.store.recipient_values import RequestState
from sigcli.store.recipients import find_by_service_id
from sigcli.store.settings import read_setting
from sigcli.store.sticker_packs import list_packs
from sigcli.wire.addresses import ServiceId, ServiceIdKind
from tests.support.signal_cli_archive import (
    GROUP,
    NUMBER,
    PEER1_ACI,
    PEER2_ACI,
    signal_cli_database,
    unpack,
)
from tests.support.stored import count_prekeys

PEER1, PEER2 = ServiceId.aci(PEER1_ACI), ServiceId.aci(PEER2_ACI)
TakeOver = Callable[[], tuple[ImportReport, Account]]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    unpack(tmp_path / "archive")
    return tmp_path / "archive"


@pytest.fixture
def source(archive: Path) -> Path:
    return archive / "signal-cli-data"


@pytest.fixture
def settings(tmp_path: Path, archive: Path) -> Settings:
    return Settings(
        data_dir=tmp_path / "data",
        warn=lambda text: pytest.fail(text),
        service_environment=str(archive / "env.toml"),
    )


@pytest.fixture
def take_over(source: Path, settings: Settings, request: pytest.FixtureRequest) -> TakeOver:
    def take() -> tuple[ImportReport, Account]:
        (report,) = import_accounts(settings, str(source), offline=True)
        account = open_account(settings)
        request.addfinalizer(account.close)
        return report, account

    return take


def change_database(source: Path, *statements: str) -> None:
    connection = sqlite3.connect(signal_cli_database(source))
    connection.executescript(";".join(statements))
    connection.close()


def change_file(source: Path, **values: Any) -> None:
    path = source / "data" / "969897"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_keys_and_settings(source: Path, take_over: TakeOver) -> None:
    document = json.loads((source / "data" / "969897").read_text())
    change_database(
        source,
        "INSERT INTO key_value (key, value) VALUES ('username-link-color', 'OLIVE')",
        "INSERT INTO key_value (key, value) VALUES ('config-phone-number-sharing-mode', 'NOBODY')",
        "UPDATE key_value SET value = 0 WHERE key = 'config-typing-indicators'",
    )
    report, account = take_over()
    keys, database = account.keys, account.database
    assert (report.number, keys.number, keys.device_id) == (NUMBER, NUMBER, 1)
    assert keys.password == document["password"]
    assert keys.account_entropy_pool == document["accountEntropyPool"]
    assert keys.registration_id == document["aciAccountData"]["registrationId"]
    assert read_setting(database, account_data.USERNAME) == "scpeer.01"
    assert read_setting(database, account_data.USERNAME_LINK_COLOR) == 4
    assert read_setting(database, account_data.TYPING_INDICATORS) is False
    assert read_setting(database, account_data.NUMBER_SHARING) is False
    assert read_setting(database, account_data.DISCOVERABLE_BY_NUMBER) is True
    assert read_setting(database, account_data.REGISTERED) is True


def test_the_pin_is_kept_sealed_and_goes_on_locking(source: Path, take_over: TakeOver) -> None:
    change_file(source, registrationLockPin="2580")
    _, account = take_over()
    assert stored_pin(account) == "2580"
    assert read_setting(account.database, account_data.LOCKS_REGISTRATION) is True
    assert read_setting(account.database, account_data.REGISTRATION_LOCK)
    (row,) = account.database.rows("SELECT value FROM key_value WHERE key = 'sealed_pin'")
    assert b"2580" not in row[0]


def test_people_with_what_is_noted_about_them(source: Path, take_over: TakeOver) -> None:
    change_database(
        source,
        f"UPDATE recipient SET nick_name = 'Nick', note = 'a note', blocked = 1, number = '+15550201'"
        f" WHERE aci = '{PEER1_ACI}'",
        f"UPDATE recipient SET profile_sharing = 0, mute_until = 99 WHERE aci = '{PEER2_ACI}'",
        f"UPDATE identity SET trust_level = 2 WHERE address = '{PEER1_ACI}'",
        f"UPDATE identity SET trust_level = 0 WHERE address = '{PEER2_ACI}'",
        "UPDATE group_v2 SET blocked = 1 WHERE _id = 1",
    )
    _, account = take_over()
    database = account.database
    first, second = find_by_service_id(database, PEER1), find_by_service_id(database, PEER2)
    assert first is not None
    assert second is not None
    assert first.number == "+15550201"
    assert (first.contact.nickname, first.contact.note) == ("Nick", "a note")
    assert first.contact.blocked
    assert first.contact.expire_timer_s == 3600
    assert first.contact.expire_timer_version == 2
    assert first.contact.request_state is RequestState.ACCEPTED
    assert first.profile.name == "Sig One"
    assert first.profile.key is not None
    assert second.contact.mute_until_ms == 99
    assert second.contact.request_state is RequestState.NONE
    levels = [find_identity(database, one) for one in (PEER1, PEER2)]
    assert [one and one.trust_level for one in levels] == [
        TrustLevel.TRUSTED_VERIFIED,
        TrustLevel.UNTRUSTED,
    ]
    assert find_identity(database, account.aci) is None
    assert len(blocked_groups(database)) == 1


def test_prekeys_go_on_and_are_due_to_be_replaced(take_over: TakeOver) -> None:
    report, account = take_over()
    assert report.taken["prekeys"] == 24
    for own in ServiceIdKind:
        assert count_prekeys(account.database, own, PreKeyKind.ONE_TIME) == 5
        assert count_prekeys(account.database, own, PreKeyKind.KYBER) == 5
        assert count_prekeys(account.database, own, PreKeyKind.KYBER_LAST_RESORT) == 1
        active = active_signed_prekey(account.database, own)
        assert active is not None
        assert active[1] == 0


def test_stickers_and_pictures(source: Path, take_over: TakeOver) -> None:
    pack = "0123456789abcdef0123456789abcdef"
    change_database(
        source,
        f"INSERT INTO sticker (pack_id, pack_key, installed) VALUES (x'{pack}', x'{'ab' * 32}', 1)",
    )
    (source / "stickers" / pack).mkdir(parents=True)
    (source / "stickers" / pack / "manifest.json").write_text("{}")
    (source / "stickers" / pack / "3").write_bytes(b"a sticker")
    (source / "stickers" / "no pack").mkdir()
    (source / "avatars").mkdir()
    (source / "avatars" / f"profile-{PEER1_ACI}").write_bytes(b"a picture")
    (source / "avatars" / f"group-{GROUP.replace('/', '_')}").write_bytes(b"of the group")
    (source / "avatars" / "contact-+15550999").write_bytes(b"of nobody")
    (source / "attachments" / "link").symlink_to("/etc/hostname")
    report, account = take_over()
    (known,) = list_packs(account.database)
    assert known.installed
    assert account.files.sticker(known.id, 3) is not None
    picture = account.files.profile_avatar(PEER1)
    assert picture is not None
    assert Path(picture).read_bytes() == b"a picture"
    assert Path(picture).stat().st_mode & 0o777 == 0o600
    assert (report.taken["avatars"], report.taken["stickers"]) == (2, 1)
    assert report.taken["attachments"] == 1
    assert [one.count for one in report.left_out if one.what == "pictures"] == [1]


def test_damaged_rows_cost_only_themselves(source: Path, take_over: TakeOver) -> None:
    change_database(
        source,
        "UPDATE session SET record = x'ffff' WHERE _id = 1",
        "UPDATE sender_key SET record = x'ffff' WHERE _id = 2",
        "UPDATE pre_key SET private_key = x'00' WHERE _id = (SELECT min(_id) FROM pre_key)",
        "UPDATE group_v2 SET master_key = x'00' WHERE _id = 1",
    )
    report, _ = take_over()
    assert (report.taken["sessions"], report.taken["senderKeys"]) == (3, 3)
    assert (report.taken["prekeys"], report.taken["groups"]) == (23, 1)
    assert {one.what: one.count for one in report.left_out} == {
        "sessions": 1,
        "sender keys": 1,
        "prekeys": 1,
        "groups": 1,
        "old groups": 3,
    }


def test_an_account_that_lost_its_login_is_taken_over_and_said_so(
    source: Path, take_over: TakeOver
) -> None:
    change_file(source, registered=False)
    report, account = take_over()
    assert not report.is_registered
    assert read_setting(account.database, account_data.REGISTERED) is False


@pytest.mark.parametrize(
    "values",
    [
        {"password": None},
        {"profileKey": "no base64!"},
        {"deviceId": "one"},
        {"aciAccountData": {}},
        {"accountEntropyPool": 5},
    ],
)
def test_an_account_file_that_lacks_something_is_refused(
    source: Path, settings: Settings, values: dict[str, Any]
) -> None:
    change_file(source, **values)
    with pytest.raises(SignalCliDataDamaged):
        import_accounts(settings, str(source), offline=True)
    assert settings.data_directory.accounts() == []


def test_accounts_are_found_by_number_or_aci(source: Path, settings: Settings) -> None:
    from dataclasses import replace

    for name in ("+15550999", PEER1_ACI):
        with pytest.raises(UnknownLocalAccount):
            import_accounts(replace(settings, account=name), str(source), offline=True)
    reports = import_accounts(replace(settings, account=NUMBER), str(source), offline=True)
    assert len(reports) == 1


def test_without_data_or_environment_nothing_is_made(
    tmp_path: Path, source: Path, settings: Settings
) -> None:
    from dataclasses import replace

    with pytest.raises(NoSignalCliData):
        import_accounts(settings, str(tmp_path), offline=True)
    broken = tmp_path / "broken.toml"
    broken.write_text("name = 1")
    elsewhere = replace(settings, service_environment=str(broken))
    with pytest.raises(InvalidEnvironment):
        import_accounts(elsewhere, str(source), offline=True)
    assert not list(settings.data_dir.glob("*/account.db"))


def test_files_of_the_message_cache() -> None:
    assert cached_envelope(b"\x00\x00\x00\x09" + b"\x00" * 7 + b"\x05rest") == (5, b"rest")
    for data in (b"", b"\x00\x00\x00\x08" + bytes(20), b"\x00\x00\x00\x0a" + bytes(20)):
        with pytest.raises(MalformedMessage):
            cached_envelope(data)
