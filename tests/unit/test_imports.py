"""Which modules stay out of which commands: a command pays for what it uses.

The interpreter itself reports what the installed command imports, through PYTHONPROFILEIMPORTTIME.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.local_account import account_with_contacts
from tests.support.sigcli_process import Finished, Sigcli

# Nowhere near the commands that people wait for.
HEAVY = {
    "asyncio",
    "httpx2",
    "importlib.metadata",
    "logging",
    "pydantic",
    "rich",
    "tomli_w",
    "platformdirs",
    "qrcode",
    "PIL",
    "typing_extensions",
}
CRYPTOGRAPHY = {"cryptography", "nacl", "cffi", "_cffi_backend"}
PROTOBUF = {"google.protobuf", "google"}
NETWORK = {"socket", "ssl", "http", "http.client", "websockets", "email", "concurrent.futures"}
UNUSED = {"inspect", "traceback", "calendar", "locale", "ipaddress"}
"""Imported by what sigcli uses, for what it does not use."""
TYPER = {"typer", "difflib", "gettext", "subprocess"}
"""Loaded for help and for what is wrong with the words."""
AT_MOST_FOR_A_SEND = 320
"""Modules, the interpreter's own among them; each costs a third of a millisecond."""
SECOND_PROTOBUF = {
    *("google.protobuf.internal.python_message", "google.protobuf.text_format"),
    *("google.protobuf.internal.builder", "google.protobuf.text_encoding"),
}
"""The library's implementation in Python, which nothing uses where there is a compiled one."""
STORE = {"sqlite3", "sigcli.store.database", "sigcli.store.accounts"}
# What config.toml says about output holds for help and usage errors as well.
CONFIGURATION = {
    "sigcli.store",
    "sigcli.store.config",
    "sigcli.store.setting_table",
    "sigcli.store.standard_places",
}

# Nothing listens at port 1, and the address is reserved for loopback.
DEAD_ENVIRONMENT = """\
name = "dead"
[chat]
url = "https://127.0.0.1:1"
requests = "{requests}"
[cdn]
0 = "https://127.0.0.1:1"
[storage]
url = "https://127.0.0.1:1"
[trust]
unidentified_sender_roots = ["BQAJAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
zkgroup_server_public_params = "AA=="
"""

AUDITED = """
import sys

FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "sqlite3.")
IMPORTED = (".py", ".pyc", ".so")
touched = []

def hook(event, arguments):
    if event.startswith(FORBIDDEN):
        touched.append((event, arguments))
    elif event == "open" and not str(arguments[0]).endswith(IMPORTED):
        touched.append((event, arguments))

sys.addaudithook(hook)

import importlib, pkgutil

for room in rooms:
    package = importlib.import_module(f"sigcli.{room}")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
# Not socket: cryptography.x509 imports it for its parser of addresses. Its use is what the hook reports.
loaded = sorted({"ssl", "sqlite3", "asyncio", "subprocess"} & set(sys.modules))
"""
CONVERSATION = """
from tests.support.devices import ALICE, BOB, Device

touched.clear()
alice, bob = Device.create(ALICE), Device.create(BOB)
alice.start(BOB, bob.bundle())
for text in (b"one", b"two"):
    assert bob.decrypt(ALICE, alice.encrypt(BOB, text)) == text
    assert alice.decrypt(BOB, bob.encrypt(ALICE, text)) == text
"""
STANDARD_DATACLASSES = """
import dataclasses, sys

make = dataclasses._process_class

def note(cls, *rest):
    if cls.__module__.startswith("sigcli."):
        print("standard dataclass:", cls.__qualname__, file=sys.stderr)
    return make(cls, *rest)

dataclasses._process_class = note

from sigcli.__main__ import run

run()
"""
REPORT = """
import json
print(json.dumps([touched, loaded], default=str))
"""


def imported(finished: Finished) -> set[str]:
    """What the interpreter reported, with the packages around each module."""
    names = {
        line.rpartition("|")[2].strip()
        for line in finished.stderr.splitlines()
        if line.startswith("import time:")
    }
    assert "sigcli" in names
    return names


def run(sigcli: Sigcli, *arguments: str, exit_code: int = 0) -> set[str]:
    profile = {"PYTHONPROFILEIMPORTTIME": "1"}
    return imported(sigcli.run(*arguments, env=profile, exit_code=exit_code))


@pytest.fixture
def sigcli(tmp_path: Path) -> Sigcli:
    return Sigcli(tmp_path)


@pytest.fixture
def with_account(sigcli: Sigcli) -> Sigcli:
    account_with_contacts(sigcli.data_dir, 3)
    return sigcli


def audited(program: str) -> str:
    finished = subprocess.run(
        [sys.executable, "-B", "-c", program], check=False, capture_output=True, text=True
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.strip()


@pytest.mark.parametrize("room", ["crypto", "wire", "protocol", "zkgroup"])
def test_importing_a_pure_room_touches_neither_sockets_nor_files(room: str) -> None:
    assert audited(f"rooms = [{room!r}]\n{AUDITED}{REPORT}") == "[[], []]"


def test_a_conversation_touches_neither_sockets_nor_files() -> None:
    assert audited(f"rooms = []\n{AUDITED}{CONVERSATION}{REPORT}") == "[[], []]"


def test_the_audit_would_notice() -> None:
    program = "import socket; socket.socket().close(); open('/dev/null').close()"
    noticed = audited(f"rooms = []\n{AUDITED}\n{program}\n{REPORT}")
    assert "socket.__new__" in noticed
    assert "/dev/null" in noticed


@pytest.mark.parametrize("word", ["--version", "--help"])
def test_fast_answers_load_next_to_nothing(sigcli: Sigcli, word: str) -> None:
    loaded = run(sigcli, word)
    forbidden = {"typer", "json", "dataclasses", "pathlib", "subprocess", "sigcli.cli.app"}
    assert loaded & (forbidden | HEAVY | CRYPTOGRAPHY | PROTOBUF | NETWORK | STORE) == set()


def test_help_of_a_command_loads_only_the_command_line(sigcli: Sigcli) -> None:
    loaded = run(sigcli, "send", "--help")
    assert loaded & (HEAVY | CRYPTOGRAPHY | PROTOBUF | NETWORK | STORE) == set()
    rooms = {name for name in loaded if name.startswith("sigcli.")}
    own = ("sigcli.cli", "sigcli.operations", "sigcli.__main__", "sigcli.errors")
    rooms -= {name for name in rooms if name.startswith(own)}
    small = {"lazy_dataclass", "leaving_out", "durations", "system"}
    assert rooms <= {f"sigcli.{name}" for name in small} | CONFIGURATION
    assert loaded & {"subprocess", "platform", "shellingham"} == set()


def test_a_usage_error_loads_only_the_command_line(sigcli: Sigcli) -> None:
    loaded = run(sigcli, "send", "--no-such-option", exit_code=1)
    assert loaded & (HEAVY | CRYPTOGRAPHY | PROTOBUF | NETWORK | STORE) == set()


@pytest.mark.parametrize(
    "arguments", [("listContacts", "--json"), ("listAccounts", "--json"), ("listContacts",)]
)
def test_local_lists_need_neither_network_nor_cryptography(
    with_account: Sigcli, arguments: tuple[str, ...]
) -> None:
    loaded = run(with_account, *arguments)
    assert loaded & (HEAVY | TYPER | CRYPTOGRAPHY | PROTOBUF | NETWORK | UNUSED) == set()
    assert "sigcli.store.accounts" in loaded


@pytest.mark.parametrize("requests", ["websocket", "https"])
def test_a_send_loads_one_transport(sigcli: Sigcli, tmp_path: Path, requests: str) -> None:
    environment = tmp_path / "dead.toml"
    environment.write_text(DEAD_ENVIRONMENT.format(requests=requests))
    account_with_contacts(sigcli.data_dir, 1, str(environment))
    to = "9d0652a3-dcc3-4d11-975f-74d61598733f"
    loaded = run(sigcli, "send", "-m", "hello", to, exit_code=3)
    assert "sigcli.client.sending.delivery" in loaded
    assert loaded & (TYPER | SECOND_PROTOBUF | UNUSED) == set()
    assert len(loaded) < AT_MOST_FOR_A_SEND, len(loaded)
    if requests == "https":
        assert loaded & HEAVY == set()
        assert "sigcli.service.rest" in loaded
        assert loaded & {"websockets", "sigcli.service.websocket", "uuid", "platform"} == set()
    else:
        assert loaded & HEAVY <= {"logging"}  # websockets.protocol wants it
        assert "sigcli.service.websocket" in loaded
        assert loaded & {"http.client", "email", "websockets.sync", "websockets.asyncio"} == set()


@pytest.mark.parametrize("requests", ["websocket", "https"])
def test_no_value_of_a_send_is_prepared_as_a_standard_dataclass(
    sigcli: Sigcli, tmp_path: Path, requests: str
) -> None:
    environment = tmp_path / "dead.toml"
    environment.write_text(DEAD_ENVIRONMENT.format(requests=requests))
    account_with_contacts(sigcli.data_dir, 1, str(environment))
    words = ("send", "-m", "hello", "9d0652a3-dcc3-4d11-975f-74d61598733f")
    finished = subprocess.run(
        [sys.executable, "-c", STANDARD_DATACLASSES, *words],
        env=sigcli.environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 3, finished.stderr
    assert "standard dataclass" not in finished.stderr
