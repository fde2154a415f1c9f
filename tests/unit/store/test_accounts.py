from __future__ import annotations

import contextlib
import os
import stat
import tomllib
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.errors import (
    AccountExists,
    AccountsFileDamaged,
    DatabaseMissing,
    DataDirectoryUnsafe,
    LockTimeout,
    NoLocalAccount,
    SeveralLocalAccounts,
    UnknownLocalAccount,
)
from sigcli.store.accounts import DataDirectory
from sigcli.store.accounts_file import LocalAccount, parse_accounts, read_plain
from sigcli.wire.addresses import ServiceId
from tests.unit.store.children import Child

if TYPE_CHECKING:
    from pathlib import Path

ALICE = ServiceId.aci(UUID(int=10))
BOB = ServiceId.aci(UUID(int=11))


@pytest.fixture
def directory(tmp_path: Path) -> DataDirectory:
    return DataDirectory(tmp_path / "a" / "data")


def _add(
    directory: DataDirectory, aci: ServiceId, number: str | None, environment: str = "live"
) -> LocalAccount:
    with directory.new_account() as new:
        return new.register(aci, number, environment)


def _modes(folder: str) -> dict[str, int]:
    return {
        os.path.join(base, name): stat.S_IMODE(os.stat(os.path.join(base, name)).st_mode)
        for base, folders, files in os.walk(folder)
        for name in folders + files
    }


def test_an_account_exists_once_it_is_registered(directory: DataDirectory) -> None:
    with directory.new_account() as new:
        with new.database.transaction() as transaction:
            transaction.write("INSERT INTO key_value VALUES ('a', 1)")
        assert directory.accounts() == []
        account = new.register(ALICE, None, "live")
    assert directory.accounts() == [account]
    assert account.label == str(ALICE)
    with directory.open_database(account) as database:
        assert database.rows("SELECT * FROM key_value") == [("a", 1)]
    assert sorted(os.listdir(directory.path)) == sorted(
        ["accounts.lock", "accounts.toml", account.folder]
    )


def test_one_that_is_given_up_leaves_nothing(directory: DataDirectory) -> None:
    with pytest.raises(ZeroDivisionError), directory.new_account():
        raise ZeroDivisionError
    assert os.listdir(directory.path) == []


def test_folders_and_files_are_created_private(directory: DataDirectory) -> None:
    before = os.umask(0)
    try:
        account = _add(directory, ALICE, "+15550100")
        with directory.open_database(account), directory.files_of(account).attachment_writer("a"):
            modes = _modes(os.path.dirname(directory.path))
    finally:
        os.umask(before)
    assert len(modes) >= 8
    for path, mode in modes.items():
        assert mode == (0o700 if os.path.isdir(path) else 0o600), path


def test_without_a_name_there_must_be_exactly_one(directory: DataDirectory) -> None:
    with pytest.raises(NoLocalAccount) as nothing:
        directory.choose(None)
    assert nothing.value.exit_code == 1
    alice = _add(directory, ALICE, "+15550100")
    assert directory.choose(None) == alice
    bob = _add(directory, BOB, None)
    with pytest.raises(SeveralLocalAccounts):
        directory.choose(None)
    assert directory.choose("+15550100") == alice
    assert directory.choose(str(BOB).upper()) == bob
    for name in ("+15550199", str(UUID(int=99)), "alice", ""):
        with pytest.raises(UnknownLocalAccount):
            directory.choose(name)


@pytest.mark.parametrize(
    "word", ["15550100", "0015550100", "tel:+15550100", "\u202a+15550100\u202c", "+1555-0100"]
)
def test_a_number_in_another_form_is_explained(directory: DataDirectory, word: str) -> None:
    _add(directory, ALICE, "+15550100")
    with pytest.raises(UnknownLocalAccount) as caught:
        directory.choose(word)
    assert "+15550100" in (caught.value.hint or "")
    with pytest.raises(UnknownLocalAccount) as caught:
        directory.choose(word + "1")
    assert caught.value.hint == UnknownLocalAccount.hint


def test_the_same_account_may_be_in_two_environments(directory: DataDirectory) -> None:
    live = _add(directory, ALICE, "+15550100", "live")
    sandbox = _add(directory, ALICE, "+15550100", "sandbox")
    with pytest.raises(SeveralLocalAccounts):
        directory.choose("+15550100")
    assert directory.choose("+15550100", "live") == live
    assert directory.choose(None, "sandbox") == sandbox
    with pytest.raises(AccountExists):
        _add(directory, BOB, "+15550100", "live")
    assert len(os.listdir(directory.path)) == 4  # the refused one's folder has gone


def test_an_account_changes_its_number_and_is_removed_whole(directory: DataDirectory) -> None:
    account = _add(directory, ALICE, "+15550100")
    bob = _add(directory, BOB, "+15550101")
    moved = LocalAccount(ALICE, "+15550102", "live", account.folder)
    directory.update(moved)
    assert directory.accounts() == [moved, bob]
    directory.remove(moved)
    assert directory.accounts() == [bob]
    assert not os.path.exists(directory.folder_of(moved))
    with pytest.raises(UnknownLocalAccount):
        directory.update(moved)
    with pytest.raises(DatabaseMissing):
        directory.open_database(moved)


@pytest.mark.parametrize(
    "text",
    [
        "no toml [",
        "version = 2",
        "accounts = 3\nversion = 1",
        "version = 1\n[[accounts]]\naci = 'x'\nenvironment = 'live'\nfolder = 'f'",
        f"version = 1\n[[accounts]]\naci = '{ALICE}'\nenvironment = 'live'",
        f"version = 1\n[[accounts]]\naci = '{ALICE}'\nenvironment = 'live'\nfolder = '../x'",
        f"version = 1\n[[accounts]]\naci = '{ALICE}'\nenvironment = 'live'\nfolder = 7",
    ],
)
def test_a_damaged_list_is_named_and_left_alone(directory: DataDirectory, text: str) -> None:
    account = _add(directory, ALICE, None)
    path = os.path.join(directory.path, "accounts.toml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    with pytest.raises(AccountsFileDamaged) as caught:
        directory.accounts()
    assert caught.value.exit_code == 1
    assert caught.value.hint
    with pytest.raises(AccountsFileDamaged):
        directory.remove(account)
    with open(path, encoding="utf-8") as file:
        assert file.read() == text


@given(st.binary(max_size=200))
def test_hostile_bytes_give_named_errors_only(data: bytes) -> None:
    with contextlib.suppress(AccountsFileDamaged):
        parse_accounts(data)


@given(
    st.lists(
        st.from_regex(r'(aci|number|environment|folder|x) = "[^"\\]{0,6}"', fullmatch=True),
        max_size=5,
    )
)
def test_the_short_way_to_read_the_list_agrees_with_toml(lines: list[str]) -> None:
    text = "\n".join(["version = 1", "", "[[accounts]]", *lines, ""])
    document = read_plain(text)
    if document is None:
        return
    assert document == tomllib.loads(text)


def test_what_is_written_is_read_the_short_way(directory: DataDirectory) -> None:
    accounts = [_add(directory, ALICE, None), _add(directory, BOB, "+15550100", "/a b/ü.toml")]
    with open(os.path.join(directory.path, "accounts.toml"), encoding="utf-8") as file:
        text = file.read()
    assert read_plain(text) == tomllib.loads(text)
    assert directory.accounts() == accounts


def test_a_list_written_by_hand_is_read_as_toml(directory: DataDirectory) -> None:
    account = _add(directory, ALICE, "+15550100")
    with open(os.path.join(directory.path, "accounts.toml"), "w", encoding="utf-8") as file:
        file.write(
            "# mine\nversion = 1\naccounts = [{ aci = '''" + str(ALICE) + "''', number = "
            "'+15550100', 'environment' = \"li\\u0076e\", folder = '" + account.folder + "' }]\n"
        )
    assert directory.accounts() == [account]


_HOLD = """
import fcntl
file = open(arguments[0])
fcntl.flock(file, fcntl.LOCK_EX)
say("locked")
wait()
"""


def test_the_list_is_changed_by_one_process_at_a_time(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path, lock_timeout_s=0.05)
    account = _add(directory, ALICE, None)
    with Child(_HOLD, tmp_path / "accounts.lock") as child:
        assert child.hear() == "locked"
        with pytest.raises(LockTimeout):
            directory.remove(account)
        assert directory.accounts() == [account]


def test_what_a_killed_link_left_goes_after_a_day(directory: DataDirectory) -> None:
    account = _add(directory, ALICE, None)
    folder = directory.new_account()
    folder.database.close()
    written_ms = int(os.stat(directory.path).st_mtime * 1000)
    directory.clean_up(written_ms + 3600 * 1000)
    assert len(os.listdir(directory.path)) == 4
    directory.clean_up(written_ms + 25 * 3600 * 1000)
    assert sorted(os.listdir(directory.path)) == sorted(
        ["accounts.lock", "accounts.toml", account.folder]
    )


# --- whose directory it is ------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [0o702, 0o720, 0o777, 0o1777])
def test_a_directory_that_others_write_to_is_refused(directory: DataDirectory, mode: int) -> None:
    account = _add(directory, ALICE, "+15550100")
    for folder in (directory.path, directory.folder_of(account)):
        os.chmod(folder, mode)
        with pytest.raises(DataDirectoryUnsafe, match="others can write") as refused:
            directory.open_database(directory.choose(None))
        assert (refused.value.exit_code, folder in (refused.value.hint or "")) == (1, True)
        os.chmod(folder, 0o755)
    with directory.open_database(directory.choose(None)):
        pass
    os.chmod(directory.path, mode)
    with pytest.raises(DataDirectoryUnsafe):
        directory.new_account()


def test_a_directory_of_another_user_is_refused(
    directory: DataDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    _add(directory, ALICE, "+15550100")
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    with pytest.raises(DataDirectoryUnsafe, match="another user"):
        directory.accounts()
