"""A data directory of signal-cli 0.13.19 with its server and the people it talks to, unpacked and running."""

from __future__ import annotations

import sqlite3
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.sigcli_process import Sigcli

if TYPE_CHECKING:
    from types import TracebackType

ARCHIVE = Path(__file__).parents[1] / "e2e" / "data" / "signal-cli-0.13.19.tar.xz"
NUMBER = "+15550101"
ACI = "6ab9e05a-83ce-4cdf-931e-1cf6b5556741"
PEER1 = "+15550201"
PEER1_ACI = "c3b8857c-be08-4fcd-abb8-bb34cdaf7d58"
PEER2 = "+15550202"
PEER2_ACI = "3534b226-9fc3-4a1e-8f7e-90405a6c7c2d"
GROUP = "o1GhOp+RDPm8IGQMiyVJopmTxdu8mAli3LHlJFZJrrM="
WAITING = {
    "unread 1: for the importer",
    "unread 2: for the importer",
    "unread 3: in the group",
}


def unpack(folder: Path) -> None:
    """All of it, into a folder that is made."""
    folder.mkdir()
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")


def signal_cli_database(source: Path) -> Path:
    """The database of the one account in a data directory of signal-cli."""
    (path,) = source.glob("data/*.d/account.db")
    return path


def make_version_27(source: Path) -> None:
    """Take out what version 28 has added: the endorsements of groups."""
    connection = sqlite3.connect(signal_cli_database(source))
    connection.executescript(
        "DROP TABLE group_v2_member; ALTER TABLE group_v2 DROP COLUMN endorsement_expiration_time;"
        "PRAGMA user_version = 27;"
    )
    connection.close()


class SignalCliArchive:
    """The archive with its server running; a context manager that ends everything."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "archive"
        unpack(self.folder)
        self.environment_file = self.folder / "env.toml"
        self._folder = folder
        self._made: list[Sigcli] = []
        server = self._sigcli("server", None)
        data, environment = str(self.folder / "sandbox"), str(self.environment_file)
        options = ("--data-dir", data, "--environment-file", environment)
        server.start("sandbox", "run", *options).read_json()
        self.peer1 = self._peer("peer1")
        self.peer2 = self._peer("peer2")

    def __enter__(self) -> SignalCliArchive:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for one in self._made:
            one.dispose()

    @property
    def source(self) -> Path:
        """The data directory of the primary device."""
        return self.folder / "signal-cli-data"

    @property
    def linked_source(self) -> Path:
        """The data directory of a linked device of the second peer."""
        return self.folder / "signal-cli-linked-data"

    def waiting_envelopes(self) -> list[bytes]:
        """What waits on the server for the primary device, oldest first."""
        connection = sqlite3.connect(self.folder / "sandbox" / "sandbox.db")
        rows = connection.execute(
            "SELECT envelope FROM messages WHERE account = ? AND device = 1 ORDER BY position",
            (ACI,),
        ).fetchall()
        connection.close()
        return [envelope for (envelope,) in rows]

    def device(self, name: str = "moved") -> Sigcli:
        """An empty data directory of sigcli, with the environment of the archive's server."""
        return self._sigcli(name, None)

    def _peer(self, name: str) -> Sigcli:
        data = self.folder / name
        accounts = data / "accounts.toml"
        text = accounts.read_text().replace("/ENVIRONMENT/env.toml", str(self.environment_file))
        accounts.write_text(text)
        return self._sigcli(name, data)

    def _sigcli(self, name: str, data: Path | None) -> Sigcli:
        made = Sigcli(self._folder / name, self.environment_file)
        if data is not None:
            made.data_dir = data
            made.environment["SIGCLI_DATA_DIR"] = str(data)
        self._made.append(made)
        return made
