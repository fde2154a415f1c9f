"""``attachments`` in the data directory: where programs written for signal-cli look for the files of messages.

signal-cli keeps the attachments of all accounts in one folder. Where a data directory has such a folder, it holds a
link to each attachment of its accounts, under the same name; files that are already there stay. The command that
stands in for signal-cli makes the folder.
"""

from __future__ import annotations

import os
from contextlib import suppress

from sigcli.store.private_files import make_private_folder

FOLDER = "attachments"


def share_attachments(data_dir: str, attachments: str) -> None:
    """Make the folder, and the links that it lacks to the files in an account's folder of attachments.

    Raises DiskFull or StorageUnwritable.
    """
    folder = os.path.join(data_dir, FOLDER)
    make_private_folder(folder)
    for name in set(_names(attachments)).difference(_names(folder)):
        if not name.startswith("."):
            _link(folder, name, os.path.join(attachments, name))


def link_attachment(data_dir: str, name: str, path: str) -> None:
    """Make the link to an attachment, if there is such a folder."""
    folder = os.path.join(data_dir, FOLDER)
    if os.path.isdir(folder):
        _link(folder, name, path)


def drop_broken_links(data_dir: str) -> None:
    """Remove the links to attachments that are gone."""
    folder = os.path.join(data_dir, FOLDER)
    for name in _names(folder):
        path = os.path.join(folder, name)
        if os.path.islink(path) and not os.path.exists(path):
            with suppress(OSError):  # another process was faster
                os.unlink(path)


def _link(folder: str, name: str, path: str) -> None:
    # A file of signal-cli's is left; where links are not to be had (Windows), the attachment is where it is.
    with suppress(OSError):
        os.symlink(os.path.relpath(path, folder), os.path.join(folder, name))


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
