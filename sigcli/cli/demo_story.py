"""What ``sigcli demo`` does: three devices of two accounts write to each other over a sandbox of their own.

Each device is this program, run as a user would run it, with its own data directory.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sigcli
from sigcli.errors import DemoFailed
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sigcli.sandbox.server import Sandbox

ALICE, BOB = "+15550100", "+15550101"
_TIMEOUT_S = 60.0
_LOOPBACK = "127.0.0.1"
_FROM_ALICE = "Hello Bob, can you read this?"
_FROM_BOB = "Hello Alice, I can. Here is a list."
_WITH_FILE = "Thank you. Here is mine."


@dataclass
class Device:
    """One device; ``environment`` holds its program's environment variables."""

    name: str
    environment: Mapping[str, str] = field(repr=False)
    tell: Callable[[str], None] = field(repr=False)
    received: list[dict[str, Any]] = field(default_factory=list, repr=False)

    @classmethod
    def create(
        cls, name: str, folder: Path, sandbox: Sandbox, tell: Callable[[str], None]
    ) -> Device:
        """A device without an account, in its own folder."""
        home = folder / name.replace(" ", "-").lower()
        home.mkdir(mode=0o700)
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("SIGCLI_")}
        exempt = ",".join(filter(None, (os.environ.get("NO_PROXY"), _LOOPBACK)))
        environment = inherited | {
            "NO_PROXY": exempt,
            "XDG_CONFIG_HOME": str(home / "config"),
            "SIGCLI_DATA_DIR": str(home / "data"),
            "SIGCLI_SERVICE_ENVIRONMENT": str(sandbox.environment_file),
            "PYTHONIOENCODING": "utf-8",
            # This very program, wherever it runs from, and nothing from the working directory.
            "PYTHONPATH": str(Path(sigcli.__file__).parent.parent),
            "PYTHONSAFEPATH": "1",
        }
        environment.pop("no_proxy", None)
        return cls(name, environment, tell)

    def run(self, *words: str) -> str:
        """Run the program to its end and return what it printed; raises DemoFailed."""
        with self.start(*words) as process:
            return self.finish(process)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start the program."""
        self.tell(f"{self.name}: sigcli {shlex.join(words)}")
        return subprocess.Popen(
            [sys.executable, "-m", "sigcli", *words],
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def finish(self, process: subprocess.Popen[str]) -> str:
        """Wait for its end and return what it printed; raises DemoFailed."""
        try:
            printed, said = process.communicate(timeout=_TIMEOUT_S)
        except BaseException as problem:
            process.kill()
            if isinstance(problem, subprocess.TimeoutExpired):
                raise DemoFailed(f"{self.name} did not finish in {_TIMEOUT_S:.0f} s") from None
            raise
        if process.returncode != 0:
            for line in said.splitlines():
                self.tell(f"    {line}")
            raise DemoFailed(f"{self.name}: sigcli ended with {process.returncode}")
        return printed


@dataclass
class Story:
    """The steps of the demo; ``show`` is called with each line that a device's ``receive --json`` prints."""

    sandbox: Sandbox
    folder: Path
    show: Callable[[str], None] = field(repr=False)
    tell: Callable[[str], None] = field(repr=False)

    def play(self) -> None:
        """From two numbers to attachments on three devices; raises DemoFailed unless everything arrives."""
        self.tell(f"a sandbox of its own serves on {self.sandbox.url}; nothing leaves this machine")
        alice, laptop, bob = (
            Device.create(name, self.folder, self.sandbox, self.tell)
            for name in ("Alice", "Alice's laptop", "Bob")
        )
        self._register(alice, ALICE)
        self._register(bob, BOB)
        self._link(alice, laptop)
        self._receive(alice)  # answers the laptop's requests
        self._receive(laptop)

        alice.run("send", "-m", _FROM_ALICE, BOB)
        self._receive(bob)
        bobs = self._file("from-bob.txt", "bread\nmilk\n")
        bob.run("send", "-m", _FROM_BOB, "-a", str(bobs), ALICE)
        self._receive(alice)
        alices = self._file("from-alice.txt", "apples\nonions\n" * 1000)
        alice.run("send", "-m", _WITH_FILE, "-a", str(alices), BOB)
        self._receive(bob)
        self._receive(laptop)

        _expect(bob, "dataMessage", _FROM_ALICE)
        _expect(alice, "dataMessage", _FROM_BOB, bobs)
        _expect(bob, "dataMessage", _WITH_FILE, alices)
        _expect(laptop, "sentMessage", _FROM_ALICE)
        _expect(laptop, "dataMessage", _FROM_BOB, bobs)
        _expect(laptop, "sentMessage", _WITH_FILE, alices)
        self.tell("all three devices have received everything")

    def _register(self, device: Device, number: str) -> None:
        from sigcli.sandbox.captcha import solved_captcha
        from sigcli.sandbox.control import RunningSandbox

        captcha = f"signalcaptcha://{solved_captcha('registration')}"
        device.run("-a", number, "register", "--captcha", captcha)
        code = RunningSandbox.find(self.sandbox.environment_file).code(number)
        device.run("-a", number, "verify", code)
        device.run("updateProfile", "--given-name", device.name)

    def _link(self, primary: Device, other: Device) -> None:
        with other.start("link", "-n", "laptop") as linking:
            try:
                assert linking.stdout is not None
                uri = linking.stdout.readline().strip()
                if uri:
                    primary.run("addDevice", "--uri", uri)
            except BaseException:
                linking.kill()
                raise
            other.finish(linking)

    def _receive(self, device: Device) -> None:
        for line in device.run("--json", "receive").splitlines():
            device.received.append(json.loads(line))
            self.show(line)

    def _file(self, name: str, content: str) -> Path:
        path = self.folder / name
        path.write_text(content)
        return path


def _expect(device: Device, kind: str, text: str, attachment: Path | None = None) -> None:
    """Raises DemoFailed unless the device has received this text and the attachment with it."""
    for line in device.received:
        envelope = line["envelope"]
        message = envelope.get(kind) or envelope.get("syncMessage", {}).get(kind) or {}
        if message.get("message") != text:
            continue
        if attachment is None:
            return
        paths = [found.get("localPath") for found in message.get("attachments", ())]
        if any(path and Path(path).read_bytes() == attachment.read_bytes() for path in paths):
            return
    raise DemoFailed(f"{device.name} has not received {text!r} as it was sent")
