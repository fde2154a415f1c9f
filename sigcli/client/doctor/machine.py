"""The program itself: its age, the libraries it stands on, and where its text goes."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import sigcli
from sigcli import __version__
from sigcli.client.doctor.findings import Check, Finding, failed, ok, warning

if TYPE_CHECKING:
    from collections.abc import Sequence

_OLD_DAYS = 180
_SQLITE = (3, 37, 0)
"""The first with strict tables."""
_PYTHON = (3, 11)
_INSTALL = "install the newest version of sigcli"


def machine_checks(now_ms: int, encoding: str) -> list[Check]:
    """``encoding`` is that of standard output."""
    return [
        Check("release", lambda: check_release(now_ms, sigcli.__released__)),
        Check("libraries", check_libraries),
        Check("terminal", lambda: check_terminal(encoding)),
    ]


def check_release(now_ms: int, released: str | None) -> Finding:
    """Whether this version of sigcli is recent: the service changes over time. ``released`` is None for a checkout."""
    if released is None:
        return ok("release", f"sigcli {__version__} from a checkout")
    today = datetime.fromtimestamp(now_ms / 1000, UTC).date()
    days = (today - date.fromisoformat(released)).days
    message = f"sigcli {__version__} of {released}"
    if days < -1:
        return warning("release", f"{message} is in the future", "set this machine's clock")
    if days > _OLD_DAYS:
        return warning("release", f"{message} is {days} days old", _INSTALL)
    return ok("release", message)


def check_libraries() -> Finding:
    """Whether the native libraries have what the protocol needs; names their versions."""
    from sigcli.crypto.probe import missing_primitives

    missing = [*missing_primitives(), *_missing_in_python()]
    if missing:
        hint = "install the wheels of cryptography and PyNaCl from PyPI, for a newer Python"
        return failed("libraries", f"there is no {'; no '.join(missing)}", hint)
    return ok("libraries", ", ".join(_versions()))


def check_terminal(encoding: str) -> Finding:
    """Whether standard output takes every letter."""
    if encoding.lower().replace("-", "").replace("_", "") == "utf8":
        return ok("terminal", "standard output is UTF-8")
    return warning(
        "terminal",
        f"standard output is {encoding}: not every character can be shown",
        "set LANG=C.UTF-8, also for cron jobs and services",
    )


def _missing_in_python() -> Sequence[str]:
    import sqlite3

    missing = []
    if sys.version_info < _PYTHON:
        missing.append(f"Python {_text(_PYTHON)}")
    if sqlite3.sqlite_version_info < _SQLITE:
        missing.append(f"SQLite {_text(_SQLITE)}")
    return missing


def _versions() -> list[str]:
    import sqlite3

    import cryptography
    import nacl
    from cryptography.hazmat.backends.openssl.backend import backend

    openssl = " ".join(backend.openssl_version_text().split()[:2])
    return [
        f"Python {_text(sys.version_info[:3])}",
        f"cryptography {cryptography.__version__} ({openssl})",
        f"PyNaCl {nacl.__version__}",
        f"SQLite {sqlite3.sqlite_version}",
    ]


def _text(version: Sequence[object]) -> str:
    return ".".join(map(str, version))
