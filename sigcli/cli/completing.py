"""``sigcli --complete recipients|groups|accounts``: what a shell offers at a TAB press, from the local store alone.

Prints a line for each: a value, a tab, what it is. Takes no lock, asks no service and reports no errors. Imports next
to nothing: a TAB press waits for it.
"""

from __future__ import annotations

import os

from sigcli.store.standard_places import config_path, default_data_dir

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping

RECIPIENTS, GROUPS, ACCOUNTS = "recipients", "groups", "accounts"
_PEOPLE = (
    "SELECT coalesce(nullif(trim(coalesce(nickname_given, '') || ' ' || coalesce(nickname_family, '')), ''),"
    " nullif(trim(coalesce(given_name, '') || ' ' || coalesce(family_name, '')), ''), nickname, ''),"
    " number, username, hex(aci) FROM recipient"
    " WHERE (is_contact OR profile_sharing OR blocked) AND NOT hidden ORDER BY id"
)
_GROUPS = (
    "SELECT title FROM signal_group"
    " WHERE revision IS NOT NULL AND accepted AND NOT access_lost AND NOT terminated ORDER BY id"
)


def completions(kind: str, environ: Mapping[str, str]) -> str:
    """The lines; none if there is nothing, or nothing can be read."""
    lines: dict[str, None] = {}
    try:
        for value, meaning in _found(kind, environ):
            if value and value.isprintable():
                lines[f"{value}\t{meaning if meaning.isprintable() else ''}"] = None
    except Exception:  # noqa: S110 - a damaged store is for commands to tell of, not for a TAB press
        pass
    return "".join(f"{line}\n" for line in lines)


def _found(kind: str, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    data_dir = environ.get("SIGCLI_DATA_DIR") or default_data_dir(environ)
    accounts = _accounts(data_dir)
    if kind == ACCOUNTS:
        for account in accounts:
            yield account.get("number") or account["aci"], account["aci"]
        return
    if kind in (RECIPIENTS, GROUPS):
        yield from _aliases(config_path(environ))
    named = environ.get("SIGCLI_ACCOUNT")
    for account in accounts:
        if named is None or named in account.values():
            yield from _of_account(kind, os.path.join(data_dir, account["folder"], "account.db"))


def _of_account(kind: str, path: str) -> Iterator[tuple[str, str]]:
    import sqlite3

    connection = sqlite3.connect(f"file:{_quoted(path)}?mode=ro", uri=True, timeout=0.1)
    try:
        if kind == RECIPIENTS:
            yield from _people(connection)
        elif kind == GROUPS:
            for (title,) in connection.execute(_GROUPS):
                yield title, "group"
    finally:
        connection.close()


def _people(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    for name, number, username, aci in connection.execute(_PEOPLE):
        address = number or (f"u:{username}" if username else _uuid(aci))
        yield address, name
        if name:
            yield name, address


def _uuid(digits: str | None) -> str:
    if not digits:
        return ""
    low = digits.lower()
    return "-".join((low[:8], low[8:12], low[12:16], low[16:20], low[20:]))


def _accounts(data_dir: str) -> list[dict[str, str]]:
    """What accounts.toml says about each account, as sigcli writes it; importing tomllib would cost too much."""
    accounts: list[dict[str, str]] = []
    with open(os.path.join(data_dir, "accounts.toml"), encoding="utf-8") as file:
        for line in file:
            if line.strip() == "[[accounts]]":
                accounts.append({})
            elif accounts:
                name, _, value = line.partition("=")
                accounts[-1][name.strip()] = value.strip().strip('"')
    return accounts


def _aliases(path: str) -> Iterator[tuple[str, str]]:
    """The aliases of config.toml, one a line in the usual form."""
    if not os.path.exists(path):
        return
    inside = False
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.strip()
            if line.startswith("["):
                inside = line.partition("#")[0].strip() == "[aliases]"
            elif inside and "=" in line and not line.startswith("#"):
                name, _, value = line.partition("=")
                yield name.strip().strip("\"'"), f"alias {value.strip()}"


def _quoted(path: str) -> str:
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
