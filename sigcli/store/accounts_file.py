"""``accounts.toml``: which accounts a data directory has."""

from __future__ import annotations

import os
import re
import time
from typing import Any

from sigcli.errors import AccountsFileDamaged, InvalidServiceId, LockTimeout
from sigcli.lazy_dataclass import dataclass
from sigcli.store.private_files import FILE_MODE, make_private_folder, storage_error
from sigcli.system import try_lock
from sigcli.wire.addresses import ServiceId

ACCOUNTS_FILE = "accounts.toml"
_LOCK_FILE = "accounts.lock"
_LOCK_POLL_S = 0.02
FORMAT = 1
_PAIR = re.compile(r'([a-z]+) = "([^"\\\x00-\x1f\x7f]*)"\n')
_PLAIN = re.compile(rf"version = {FORMAT}\n(?:\n\[\[accounts\]\]\n(?:{_PAIR.pattern})+)*")


@dataclass(frozen=True, slots=True)
class LocalAccount:
    """One account of this data directory; the ACI is its key, a number is not always there."""

    aci: ServiceId
    number: str | None
    environment: str
    folder: str
    """The folder's name in the data directory."""

    @property
    def label(self) -> str:
        """The number, else the ACI."""
        return self.number or str(self.aci)

    def is_called(self, name: str) -> bool:
        """Whether the user's word (a number or an ACI) names this account."""
        if self.number is not None and name.strip() == self.number:
            return True
        try:
            return ServiceId.parse(name.strip()) == self.aci
        except InvalidServiceId:
            return False


def parse_accounts(data: bytes) -> list[LocalAccount]:
    """The accounts in the file's bytes; raises AccountsFileDamaged."""
    try:
        text = data.decode()
        document = read_plain(text)
        if document is None:
            import tomllib

            document = tomllib.loads(text)
        if document.get("version") != FORMAT:
            raise AccountsFileDamaged(
                f"{ACCOUNTS_FILE} has a format that this version of sigcli does not know",
                hint="install the newest version of sigcli",
            )
        return [_account(table) for table in document.get("accounts", [])]
    except (ArithmeticError, AttributeError, LookupError, RecursionError) as error:
        raise AccountsFileDamaged from error
    except (TypeError, ValueError, InvalidServiceId) as error:
        raise AccountsFileDamaged from error


def read_plain(text: str) -> dict[str, Any] | None:
    """The document if it has the form in which it is written here; None for other TOML.

    Every command reads this file: it spares them a TOML parser.
    """
    if not _PLAIN.fullmatch(text):
        return None
    tables = []
    for block in text.split("[[accounts]]\n")[1:]:
        pairs = _PAIR.findall(block)
        tables.append(dict(pairs))
        if len(tables[-1]) != len(pairs):
            return None  # a key twice: not valid, as the parser will say
    return {"version": FORMAT, "accounts": tables}


def _account(table: dict[str, Any]) -> LocalAccount:
    number, environment, folder = table.get("number"), table["environment"], table["folder"]
    if not isinstance(environment, str) or not (number is None or isinstance(number, str)):
        raise ValueError("number and environment must be strings")
    if folder in ("", ".", "..") or os.path.basename(folder) != folder:
        raise ValueError("the folder must be a plain name")
    return LocalAccount(ServiceId.aci(str(table["aci"])), number, environment, folder)


class FileLock:
    """Excludes other processes while ``accounts.toml`` is read, changed and written."""

    __slots__ = ("_descriptor", "_path", "_timeout_s")

    def __init__(self, folder: str, timeout_s: float) -> None:
        make_private_folder(folder)
        self._path = os.path.join(folder, _LOCK_FILE)
        self._timeout_s = timeout_s
        self._descriptor = -1

    def __enter__(self) -> None:
        try:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, FILE_MODE)
        except OSError as error:
            raise storage_error(error) from error
        deadline = time.monotonic() + self._timeout_s
        try:
            while not try_lock(self._descriptor):
                if time.monotonic() >= deadline:
                    message = f"{ACCOUNTS_FILE} was locked for more than {self._timeout_s:g} s"
                    raise LockTimeout(message)
                time.sleep(_LOCK_POLL_S)
        except OSError as error:
            os.close(self._descriptor)
            raise storage_error(error) from error
        except BaseException:
            os.close(self._descriptor)
            raise

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)
