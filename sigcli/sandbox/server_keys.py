"""The sandbox's own secrets: trust root, server certificate, zkgroup parameters, keys for tokens.

Created once and kept in the data directory, so that clients trust a restarted sandbox.
"""

from __future__ import annotations

import json
import secrets
from base64 import b64decode, b64encode
from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.crypto.curve import KeyPair
from sigcli.crypto.kdf import hmac_sha256
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.certificates import ServerCertificate
from sigcli.sandbox.authority import write_private
from sigcli.zkgroup.generic_credentials import GenericKeyPair
from sigcli.zkgroup.server_params import ServerSecretParams

if TYPE_CHECKING:
    from pathlib import Path

KEYS_FILE = "server-keys.json"
# Not one of the ids built into clients (2 and 3), nor the revoked one.
SERVER_CERTIFICATE_ID = 1001


@dataclass(frozen=True, slots=True)
class ServerKeys:
    """All secrets of one sandbox."""

    trust_root: KeyPair = field(repr=False)
    signing_key: KeyPair = field(repr=False)
    server_certificate: ServerCertificate
    zkgroup: ServerSecretParams = field(repr=False)
    token_key: bytes = field(repr=False)
    """32 bytes: seals link tokens, logins of the other services, upload permissions."""

    def generic_public_params(self, purpose: str) -> bytes:
        """Public parameters for credentials that the sandbox does not issue: call links (generic) and backups.

        Version 0, which all clients can read: libsignal ``rust/zkgroup/src/api/generic_server_params.rs``.
        """
        seed = hmac_sha256(self.token_key, b"generic-params", b"\x00", purpose.encode())
        return b"\x00" + GenericKeyPair.generate(seed).public_key.serialize()

    def tag(self, purpose: str, text: str) -> str:
        """32 hex characters that only this server can make for a text."""
        return hmac_sha256(self.token_key, purpose.encode(), b"\x00", text.encode())[:16].hex()

    def is_tag(self, tag: str, purpose: str, text: str) -> bool:
        return secrets.compare_digest(tag.encode(), self.tag(purpose, text).encode())


def load_server_keys(folder: Path) -> ServerKeys:
    """The secrets in a folder, created if there are none."""
    path = folder / KEYS_FILE
    if not path.exists():
        made = {
            "trustRoot": secrets.token_bytes(32),
            "signingKey": secrets.token_bytes(32),
            "zkgroup": ServerSecretParams.generate().serialize(),
            "tokenKey": secrets.token_bytes(32),
        }
        text = json.dumps({name: b64encode(value).decode() for name, value in made.items()})
        write_private(path, text.encode())
    held = {name: b64decode(text) for name, text in json.loads(path.read_bytes()).items()}
    trust_root = KeyPair.from_private(held["trustRoot"])
    signing_key = KeyPair.from_private(held["signingKey"])
    return ServerKeys(
        trust_root=trust_root,
        signing_key=signing_key,
        server_certificate=_certificate(folder, trust_root, signing_key),
        zkgroup=ServerSecretParams.deserialize(held["zkgroup"]),
        token_key=held["tokenKey"],
    )


def _certificate(folder: Path, trust_root: KeyPair, signing_key: KeyPair) -> ServerCertificate:
    # Kept, since every signature differs and clients may have stored the old bytes.
    path = folder / "server-certificate.bin"
    if not path.exists():
        issued = ServerCertificate.issue(
            SERVER_CERTIFICATE_ID, signing_key.public_key, trust_root.private_key
        )
        write_private(path, issued.serialized)
    return ServerCertificate.deserialize(path.read_bytes())
