"""Registrations that have begun and are no accounts yet: a file each, beside the accounts' folders.

``register`` and ``verify`` are two runs of the program: what the first asked the service for is kept here for the
second, and for as many more as a wrong code takes. A file is replaced as a whole, readable by the owner alone.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import field

from sigcli.lazy_dataclass import dataclass
from sigcli.store.private_files import make_private_folder, storage_error, write_private_file

FOLDER = "registrations"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class PendingRegistration:
    """A number under verification with one service; ``session_id`` is the service's name for that."""

    number: str = field(repr=False)
    environment: str
    session_id: str = field(repr=False)
    created_ms: int


def load_pending(data_dir: str, environment: str, number: str) -> PendingRegistration | None:
    """What is under way for a number, None if nothing is; a damaged file counts as nothing.

    Raises StorageUnwritable.
    """
    try:
        with open(_path(data_dir, environment, number), "rb") as file:
            document = json.loads(file.read())
    except (FileNotFoundError, ValueError, RecursionError):
        return None
    except OSError as error:
        raise storage_error(error) from error
    match document:
        case {"version": 1, "session": str(session_id), "created": int(created_ms)}:
            return PendingRegistration(number, environment, session_id, created_ms)
    return None


def save_pending(data_dir: str, pending: PendingRegistration) -> None:
    """Remember it, in place of an earlier one; raises DiskFull or StorageUnwritable."""
    path = _path(data_dir, pending.environment, pending.number)
    make_private_folder(os.path.dirname(path))
    document = {
        "version": _FORMAT,
        "number": pending.number,
        "environment": pending.environment,
        "session": pending.session_id,
        "created": pending.created_ms,
    }
    write_private_file(path, (json.dumps(document).encode(), b"\n"))


def forget_pending(data_dir: str, environment: str, number: str) -> None:
    """Forget what is under way for a number; raises StorageUnwritable."""
    path = _path(data_dir, environment, number)
    try:
        os.unlink(path)
        os.rmdir(os.path.dirname(path))
    except FileNotFoundError:
        return
    except OSError as error:
        if os.path.exists(path):
            raise storage_error(error) from error


def _path(data_dir: str, environment: str, number: str) -> str:
    # Not the number itself: an environment can be the path of a file, and both go into the name.
    name = hashlib.sha256(f"{environment}\n{number}".encode()).hexdigest()[:24]
    return os.path.join(data_dir, FOLDER, f"{name}.json")
