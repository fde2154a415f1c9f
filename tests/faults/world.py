"""A sandbox and the devices of some people, in one folder that can be saved and brought back as it was."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sigcli.errors import SigcliError
from sigcli.sandbox.control import RunningSandbox
from sigcli.sandbox.server import Sandbox
from sigcli.store.account_data import load_account_keys
from sigcli.store.accounts import DataDirectory
from sigcli.wire.addresses import ServiceIdKind
from tests.faults.boundaries import Act
from tests.faults.ledger import Identities, keep_ledger, keys_used_twice, read_ledger
from tests.faults.processes import Ended, Forked, fork_command, fork_function
from tests.support.accounts import CAPTCHA
from tests.support.printed import exceptions_of, text_of

_FIRST_NUMBER = 15550900
_START_S = 60.0
NO_ACT: Callable[[], Act | None] = lambda: None  # noqa: E731


class Lost(AssertionError):
    """Something that had been promised is not there."""


class Stuck(AssertionError):
    """An honest run does not end well: a person would have to see to it."""


class Device:
    """A data directory and the environment of its commands."""

    def __init__(self, folder: Path, environment_file: Path, account: str | None) -> None:
        self.name = folder.name
        self.account = account or ""
        self.data_dir = folder / "data"
        self.home = folder / "home"
        self.home.mkdir(parents=True, exist_ok=True)
        self.environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self.home),
            "XDG_DATA_HOME": str(self.home / ".local" / "share"),
            "XDG_CONFIG_HOME": str(self.home / ".config"),
            "SIGCLI_DATA_DIR": str(self.data_dir),
            "SIGCLI_SERVICE_ENVIRONMENT": str(environment_file),
            "NO_PROXY": "127.0.0.1",
        }


class World:
    """See above; a context manager that ends what it has started. For one thread."""

    def __init__(self, folder: Path) -> None:
        self._saved = folder / "saved"
        self._scratch = folder / "output"
        self._scratch.mkdir(parents=True)
        self.root = folder / "world"
        self.root.mkdir()
        self.devices: dict[str, Device] = {}
        self._sandbox: int | None = None
        self._outputs = itertools.count()
        self._running: list[Forked] = []
        self._texts = itertools.count()

    def __enter__(self) -> World:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # --- the service ---------------------------------------------------------------------------

    @property
    def sandbox_folder(self) -> Path:
        return self.root / "sandbox"

    @property
    def environment_file(self) -> Path:
        return self.sandbox_folder / "environment.toml"

    @property
    def control(self) -> RunningSandbox:
        return RunningSandbox.find(self.environment_file)

    def start(self, prepare: Callable[[], None] = lambda: None) -> None:
        """Start the sandbox, in a process of its own in which ``prepare`` is done first; returns when it listens."""
        ready, told = os.pipe()

        def serve() -> None:
            os.close(ready)
            self.sandbox_folder.mkdir(exist_ok=True)
            keep_ledger(self.sandbox_folder / "ledger")
            prepare()
            with Sandbox(self.sandbox_folder, self.environment_file) as sandbox:
                sandbox.state.limits.enabled = False
                os.write(told, b"!")
                while os.getppid() == parent:
                    time.sleep(0.5)

        parent = os.getpid()
        self._sandbox = fork_function(serve)
        os.close(told)
        assert os.read(ready, 1) == b"!", "the sandbox does not start"
        os.close(ready)

    def stop(self) -> None:
        """Kill what runs."""
        for forked in self._running:
            if forked.poll() is None:
                os.kill(forked.pid, signal.SIGKILL)
                forked.wait()
        self._running.clear()
        if self._sandbox is not None:
            os.kill(self._sandbox, signal.SIGKILL)
            os.waitpid(self._sandbox, 0)
            self._sandbox = None

    # --- how things stand ----------------------------------------------------------------------

    def save(self, name: str) -> None:
        """Keep everything as it is; the sandbox is started again."""
        self.stop()
        shutil.copytree(self.root, self._saved / name, symlinks=True)
        self.start()

    def is_saved(self, name: str) -> bool:
        return (self._saved / name).exists()

    def is_as_saved(self, database: Path, name: str) -> bool:
        """Whether nobody has written to a database since a state was loaded."""
        return all(
            _stamp(Path(f"{database}{part}"))
            == _stamp(self._saved / name / f"{database.relative_to(self.root)}{part}")
            for part in ("", "-wal")
        )

    def load(self, name: str) -> None:
        """Have everything as it was when it was saved."""
        self.stop()
        shutil.rmtree(self.root)
        for path in self._scratch.iterdir():
            path.unlink()
        shutil.copytree(self._saved / name, self.root, symlinks=True)
        self.start()

    def queued(self, device: Device) -> int:
        """How much the service still holds for a device that is the first of its account."""
        found = [one for one in self.control.accounts() if one["number"] == device.account]
        return sum(int(one["queued"]) for one in found[0]["devices"] if one["id"] == 1)

    def check_database(self, device: Device) -> None:
        """Raises Lost if SQLite finds a device's database damaged."""
        for path in device.data_dir.glob("*/account.db"):
            database = sqlite3.connect(path)
            try:
                found = database.execute("PRAGMA integrity_check").fetchall()
                dangling = database.execute("PRAGMA foreign_key_check").fetchall()
            finally:
                database.close()
            if found != [("ok",)] or dangling:
                raise Lost(f"the database of {device.name}: {found} {dangling}")

    # --- devices -------------------------------------------------------------------------------

    def device(self, name: str, account: str | None = None) -> Device:
        """A device by its name, with an empty data directory if it is new."""
        if name not in self.devices:
            self.devices[name] = Device(self.root / name, self.environment_file, account)
        device = self.devices[name]
        device.home.mkdir(parents=True, exist_ok=True)
        return device

    def register(self, name: str) -> Device:
        """A device with an account of its own."""
        device = self.device(name, f"+{_FIRST_NUMBER + len(self.devices)}")
        self.run(device, *register_words(device))
        self.run(device, *self.verify_words(device))
        return device

    def verify_words(self, device: Device) -> tuple[str, ...]:
        return ("-a", device.account, "verify", self.control.code(device.account))

    # --- commands ------------------------------------------------------------------------------

    def begin(
        self,
        device: Device,
        *words: str,
        act: Callable[[], Act | None] = NO_ACT,
        prepare: Callable[[], None] = lambda: None,
    ) -> Forked:
        """Begin a command, with JSON output."""
        output = self._scratch / f"{next(self._outputs)}"
        words = ("--json", *words)
        forked = fork_command(words, device.environment, device.home, output, act, prepare)
        self._running.append(forked)
        return forked

    def attempt(
        self,
        device: Device,
        *words: str,
        act: Callable[[], Act | None] = NO_ACT,
        prepare: Callable[[], None] = lambda: None,
    ) -> Ended:
        """Run a command, which may end as it likes."""
        forked = self.begin(device, *words, act=act, prepare=prepare)
        ended = forked.wait()
        self._running.remove(forked)
        return ended

    def run(self, device: Device, *words: str) -> Ended:
        """Run a command that has to end well; raises Stuck."""
        ended = self.attempt(device, *words)
        if ended.exit_code != 0:
            raise Stuck(ended.describe())
        return ended

    def receive(self, device: Device) -> list[dict[str, Any]]:
        """The envelopes that a device prints; raises Stuck, and Lost for what could not be read."""
        return envelopes(self.run(device, "receive").json_lines)

    def texts(self, device: Device) -> list[str]:
        """The texts that others have sent to a device."""
        return texts_in(self.receive(device))

    def talk(self, one: Device, other: Device) -> None:
        """Each writes to the other and is read; raises Lost or Stuck."""
        for sender, reader in ((one, other), (other, one)):
            text = f"talk {next(self._texts)}"
            self.run(sender, "send", "-m", text, reader.account)
            if text not in self.texts(reader):
                raise Lost(f"{reader.name} did not get what {sender.name} wrote")

    def link(self, primary: Device, device: Device) -> None:
        """Make a device a linked one."""
        linking = self.begin(device, "link", "-n", device.name)
        uri = link_uri_of(linking)
        if uri is None:
            raise Stuck(linking.wait().describe())
        self.run(primary, "addDevice", "--uri", uri)
        ended = linking.wait()
        if ended.exit_code != 0:
            raise Stuck(ended.describe())

    # --- what was seen -------------------------------------------------------------------------

    def keys_used_twice(self) -> list[str]:
        """What the service was handed that used a key for the second time."""
        return keys_used_twice(read_ledger(self.sandbox_folder / "ledger"), self._identities())

    def _identities(self) -> Identities:
        found: Identities = {}
        for path in self.root.iterdir():
            if not (path / "data" / "accounts.toml").exists():
                continue
            directory = DataDirectory(path / "data")
            for account in directory.accounts():
                with suppress(SigcliError), directory.open_database(account) as database:
                    keys = load_account_keys(database)
                    for own in ServiceIdKind:
                        found[str(keys.service_id(own))] = keys.identity(own)
        return found


def _stamp(path: Path) -> tuple[int, int] | None:
    with suppress(FileNotFoundError):
        facts = path.stat()
        return facts.st_size, facts.st_mtime_ns
    return None


def register_words(device: Device, *options: str) -> tuple[str, ...]:
    return ("-a", device.account, "register", "--captcha", CAPTCHA, *options)


def link_uri_of(linking: Forked) -> str | None:
    """The address that a `link` shows; None if it ends before."""
    shown = linking.wait_for(lambda: "sgnl://" in linking.stdout_so_far())
    if not shown:
        return None
    output = linking.stdout_so_far()
    start = output.index("sgnl://")
    return output[start:].split()[0].strip('",}')


def envelopes(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without their wrapping; raises Lost for what could not be read."""
    lines = list(lines)
    if exceptions_of(lines):
        raise Lost(f"not readable: {exceptions_of(lines)}")
    return [line["envelope"] for line in lines]


def texts_in(found: Iterable[dict[str, Any]]) -> list[str]:
    """The texts of others in envelopes."""
    texts = (text_of({"envelope": one}) for one in found)
    return [text for text in texts if text is not None]


@contextmanager
def world_in(folder: Path) -> Iterator[World]:
    """A world with its sandbox running."""
    with World(folder) as world:
        world.start()
        yield world
