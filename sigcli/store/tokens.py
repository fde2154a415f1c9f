"""The tokens of a data directory, in ``daemon.tokens.json``: of each its hash, and what it allows.

The secret itself is shown once, when it is made; the first one also stands in ``daemon.token``, for the user's
programs.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from typing import TYPE_CHECKING, Any

from sigcli.crypto.constant_time import equal
from sigcli.errors import InvalidTokenName, TokenExists, TokensDamaged, UnknownToken
from sigcli.lazy_dataclass import dataclass
from sigcli.store.accounts_file import FileLock
from sigcli.store.consumers import COMMAND_LINE, DEFAULT
from sigcli.store.database import DEFAULT_LOCK_TIMEOUT_S
from sigcli.store.private_files import storage_error, write_private_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

TOKENS_FILE = "daemon.tokens.json"
FIRST_TOKEN_FILE = "daemon.token"  # noqa: S105
_FORMAT = 1
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_START = "sigcli_"
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Token:
    """What a token allows; ``accounts`` are ACIs, None for all, ``per_minute`` how many requests, None for any."""

    name: str
    hash: str
    """SHA-256 of the secret, in hex: 256 random bits need no slow hash."""
    scopes: frozenset[str]
    accounts: frozenset[str] | None = None
    per_minute: int | None = None
    created_ms: int = 0


class Tokens:
    """Reads the file again when it has changed; safe from several threads."""

    def __init__(self, data_dir: Path | str) -> None:
        self._folder = os.fspath(data_dir)
        self._path = os.path.join(self._folder, TOKENS_FILE)
        self._read: tuple[object, tuple[Token, ...]] = (None, ())

    def all(self) -> tuple[Token, ...]:
        """All tokens; raises TokensDamaged."""
        state = self._state()
        if state is None:
            return ()
        if self._read[0] != state:
            self._read = (state, self._load())
        return self._read[1]

    def find(self, secret: str) -> Token | None:
        """The token with this secret; takes the same time for any; raises TokensDamaged."""
        digest = _hash(secret).encode()
        found = None
        for token in self.all():
            if equal(token.hash.encode(), digest):
                found = token
        return found

    def create(
        self,
        name: str,
        random: Callable[[int], bytes],
        now_ms: int,
        *,
        scopes: frozenset[str],
        accounts: frozenset[str] | None = None,
        per_minute: int | None = None,
    ) -> str:
        """Make a token and give its secret; raises InvalidTokenName, TokenExists, LockTimeout, DiskFull."""
        if not _NAME.fullmatch(name) or name == COMMAND_LINE:
            raise InvalidTokenName
        secret = _START + base64.urlsafe_b64encode(random(_SECRET_BYTES)).rstrip(b"=").decode()
        made = Token(name, _hash(secret), scopes, accounts, per_minute, now_ms)
        with FileLock(self._folder, DEFAULT_LOCK_TIMEOUT_S):
            known = self.all()
            if any(token.name == name for token in known):
                raise TokenExists
            self._write([*known, made])
        return secret

    def remove(self, name: str) -> None:
        """Take a token back: requests that begin later are refused; raises UnknownToken."""
        with FileLock(self._folder, DEFAULT_LOCK_TIMEOUT_S):
            known = self.all()
            left = [token for token in known if token.name != name]
            if len(left) == len(known):
                raise UnknownToken
            self._write(left)
        if name == DEFAULT:
            try:
                os.unlink(os.path.join(self._folder, FIRST_TOKEN_FILE))
            except FileNotFoundError:
                return
            except OSError as error:
                raise storage_error(error) from error

    def create_first(
        self, random: Callable[[int], bytes], now_ms: int, scopes: frozenset[str]
    ) -> str | None:
        """Where there never was a token, make one for all accounts; gives the path of the file that holds it."""
        if self._state() is not None:
            return None
        path = os.path.join(self._folder, FIRST_TOKEN_FILE)
        secret = self.create(DEFAULT, random, now_ms, scopes=scopes)
        write_private_file(path, (secret.encode() + b"\n",))
        return path

    # --- within ------------------------------------------------------------------------------

    def _state(self) -> object:
        try:
            found = os.stat(self._path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise storage_error(error) from error
        return found.st_mtime_ns, found.st_ino, found.st_size

    def _load(self) -> tuple[Token, ...]:
        try:
            with open(self._path, "rb") as file:
                document = json.load(file)
            if document["version"] != _FORMAT:
                raise TokensDamaged(
                    f"{TOKENS_FILE} has a format that this version of sigcli does not know",
                    hint="install the newest version of sigcli",
                )
            return tuple(map(_token, document["tokens"]))
        except OSError as error:
            raise storage_error(error) from error
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise TokensDamaged from error

    def _write(self, tokens: Iterable[Token]) -> None:
        document = {
            "version": _FORMAT,
            "tokens": [
                {
                    "name": one.name,
                    "hash": one.hash,
                    "scopes": sorted(one.scopes),
                    "accounts": None if one.accounts is None else sorted(one.accounts),
                    "perMinute": one.per_minute,
                    "created": one.created_ms,
                }
                for one in tokens
            ],
        }
        write_private_file(self._path, (json.dumps(document, indent=1).encode() + b"\n",))


def _token(entry: dict[str, Any]) -> Token:
    accounts, per_minute = entry["accounts"], entry["perMinute"]
    return Token(
        str(entry["name"]),
        str(entry["hash"]),
        frozenset(map(str, entry["scopes"])),
        None if accounts is None else frozenset(map(str, accounts)),
        None if per_minute is None else int(per_minute),
        int(entry["created"]),
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
