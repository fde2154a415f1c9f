"""The file by which clients find and trust a sandbox, and the secret by which its owner controls it."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sigcli.sandbox.authority import write_private

if TYPE_CHECKING:
    from sigcli.sandbox.server_keys import ServerKeys

REQUEST_MODES = ("https", "websocket")
CDN_PATHS = {0: "/cdn0", 2: "/cdn2", 3: "/cdn3"}
STORAGE_PATH = "/storage"
DIRECTORY_PATH = "/cdsi"
SVR2_PATH = "/svr2"
SVR2_GENERATIONS = {"03" * 32: 3, "02" * 32: 2, "01" * 32: 1}
"""The measurement (hex) and the group id of each simulated enclave, newest first."""
REGISTRATION_CAPTCHA_PATH = "/captcha/registration"
CHALLENGE_CAPTCHA_PATH = "/captcha/challenge"


def write_environment(path: Path, url: str, ca_file: Path, keys: ServerKeys, requests: str) -> None:
    """Write the environment file of a sandbox at this URL."""
    zkgroup_params = _base64(keys.zkgroup.get_public_params().serialize())
    certificate = keys.server_certificate
    lines = [
        "# A sandbox of sigcli on this machine, not a production service.",
        'name = "sandbox"',
        "[chat]",
        f"url = {_quoted(url)}",
        f"requests = {_quoted(requests)}",
        "[cdn]",
        *(f"{number} = {_quoted(url + path)}" for number, path in CDN_PATHS.items()),
        "[storage]",
        f"url = {_quoted(url + STORAGE_PATH)}",
        "[tls]",
        f"ca_file = {_quoted(os.path.relpath(ca_file, path.parent))}",
        "[trust]",
        f'unidentified_sender_roots = ["{_base64(keys.trust_root.public_key.serialize())}"]',
        f'zkgroup_server_public_params = "{zkgroup_params}"',
        f'generic_server_public_params = "{_base64(keys.generic_public_params("generic"))}"',
        f'backup_server_public_params = "{_base64(keys.generic_public_params("backup"))}"',
        "[trust.server_certificates]",
        f'{certificate.key_id} = "{_base64(certificate.serialized)}"',
        *_enclaves(url),
        "[captcha]",
        f"registration_url = {_quoted(url + REGISTRATION_CAPTCHA_PATH)}",
        f"challenge_url = {_quoted(url + CHALLENGE_CAPTCHA_PATH)}",
    ]
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(path, "\n".join((*lines, "")).encode())


def _enclaves(url: str) -> tuple[str, ...]:
    # Clients accept a stand-in for an enclave on this machine only, and refuse files that name one on another host.
    if not is_loopback(urlsplit(url).hostname or ""):
        return ()
    return (
        "[directory]",
        'attestation = "none"',
        f"url = {_quoted(url + DIRECTORY_PATH)}",
        "[svr2]",
        'attestation = "none"',
        f"url = {_quoted(url + SVR2_PATH)}",
        *(line for name, group in SVR2_GENERATIONS.items() for line in _generation(name, group)),
    )


def _generation(name: str, group: int) -> tuple[str, ...]:
    raft = (
        f'group_id = "{group}", min_voting_replicas = 1, max_voting_replicas = 1, super_majority = 0,'
        " db_version = 2, attestation_timeout_s = 604800, simulated = true"
    )
    return "[[svr2.enclaves]]", f'mrenclave = "{name}"', f"raft = {{ {raft} }}"


def is_loopback(host: str) -> bool:
    """Whether an address or ``localhost`` means this machine alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def token_path(environment_file: Path) -> Path:
    """Where the control token of a sandbox is: beside its environment file."""
    return environment_file.with_name(environment_file.name + ".control")


def write_token(environment_file: Path, token: str) -> None:
    """Keep the control token where only the owner can read it."""
    write_private(token_path(environment_file), token.encode())


def _quoted(text: str) -> str:
    # The escapes of a JSON text are valid in a TOML one.
    return json.dumps(text)


def _base64(data: bytes) -> str:
    return b64encode(data).decode()
