"""What a one-shot send loads of this room, and what it must not load: start-up time is a feature."""

from __future__ import annotations

import subprocess
import sys

import pytest

COMMON = """
import sigcli.service.environments, sigcli.service.network, sigcli.service.chat
import sigcli.service.credentials, sigcli.service.resources.messages, sigcli.service.resources.keys
"""
BY_WEBSOCKET = COMMON + "import sigcli.service.chat_socket, sigcli.service.websocket\n"
BY_HTTPS = COMMON + "import sigcli.service.rest\n"
NEVER = {"asyncio", "httpx2", "rich", "pydantic", "importlib.metadata", "zipfile"}


def loaded(program: str) -> set[str]:
    script = program + "import sys; print('\\n'.join(sys.modules))"
    output = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    return set(output.stdout.split())


@pytest.mark.parametrize(
    ("program", "also_not"),
    [
        (COMMON, {"websockets", "http.client", "logging"}),
        (BY_HTTPS, {"websockets", "logging", "google.protobuf"}),
        (BY_WEBSOCKET, {"http.client", "email", "websockets.sync", "websockets.asyncio"}),
    ],
    ids=["common", "https", "websocket"],
)
def test_heavy_modules_stay_out_of_a_send(program: str, also_not: set[str]) -> None:
    assert loaded(program) & (NEVER | also_not) == set()


def test_the_placeholder_for_the_metadata_module_is_gone_afterwards() -> None:
    program = BY_WEBSOCKET + "import importlib.metadata; importlib.metadata.version('websockets')\n"
    assert "importlib.metadata" in loaded(program)
