"""`sigcli sandbox run` as a process of its own, and accounts that are registered with it."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from tests.support.accounts import link_account, register_account
from tests.support.sigcli_process import Finished, RunningSigcli, Sigcli

_numbers = itertools.count(15550300)


class SandboxProcess:
    """A sandbox, the commands that control it, and the devices that use it; a context manager."""

    def __init__(self, directory: Path, *options: str) -> None:
        """Starts it with options of ``sandbox run``."""
        self._directory = directory
        self.operator = Sigcli(directory / "operator")
        self._devices: list[Sigcli] = []
        self.process: RunningSigcli
        self.ready: dict[str, Any]
        self.start(*options)

    def __enter__(self) -> SandboxProcess:
        return self

    def __exit__(self, *_: object) -> None:
        for runner in (*self._devices, self.operator):
            runner.dispose()

    def start(self, *options: str) -> None:
        """Starts it, again if it has ended; returns when it listens."""
        self.process = self.operator.start("sandbox", "run", *options)
        self.ready = self.process.read_json()

    @property
    def environment_file(self) -> Path:
        return Path(self.ready["environmentFile"])

    @property
    def port(self) -> str:
        return str(self.ready["url"].rpartition(":")[2])

    def code(self, number: str) -> str:
        """What `sandbox code` prints."""
        return self._control("code", number).stdout

    def fault(self, *words: str) -> str:
        """What `sandbox fault` prints."""
        return self._control("fault", *words).stdout

    def age(self, account: str, days: int, device: int | None = None) -> None:
        """Makes an account, or one device of it, look unseen for some days."""
        only = () if device is None else ("--devices", str(device))
        self._control("age", account, "--days", str(days), *only)

    def account(self) -> Sigcli:
        """A device with an account of its own."""
        return self.account_of(f"+{next(_numbers)}")

    def account_of(self, number: str) -> Sigcli:
        """A device that registers a number, anew if somebody has it."""
        device = self._device()
        device.account = number
        register_account(self.environment_file, device.data_dir, number)
        return device

    def linked(self, primary: Sigcli) -> Sigcli:
        """A further device of an account."""
        device = self._device()
        adding: list[RunningSigcli] = []

        def scan(uri: str) -> None:
            adding.append(primary.start("addDevice", "--uri", uri))

        link_account(self.environment_file, device.data_dir, scan, name="laptop")
        adding[0].wait().expect(0)
        device.account = primary.account
        return device

    def _device(self) -> Sigcli:
        self._devices.append(
            Sigcli(self._directory / f"device{len(self._devices)}", self.environment_file)
        )
        return self._devices[-1]

    def _control(self, *words: str) -> Finished:
        return self.operator.run(
            "sandbox", *words, "--environment-file", str(self.environment_file)
        )


def envelopes(device: Sigcli, *options: str) -> list[dict[str, Any]]:
    """What `receive` prints, without the lines' wrapping."""
    lines = device.run("--json", "receive", *options).json_lines
    return [line["envelope"] for line in lines]


def texts(device: Sigcli) -> list[str]:
    """The texts of others that wait for a device."""
    messages = [envelope.get("dataMessage", {}) for envelope in envelopes(device)]
    return [message["message"] for message in messages if message.get("message")]
