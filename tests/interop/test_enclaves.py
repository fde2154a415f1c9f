"""Attestation and Noise against the official clients.

The attestation data that libsignal publishes with its own tests are no part of this project: they are checked where
their folder is at hand, named by SIGCLI_ATTESTATION_DATA or beside the checkout.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sigcli.crypto.curve import KeyPair
from sigcli.errors import AttestationFailed
from sigcli.protocol.attestation.enclave import attested_key, attested_svr2_key
from sigcli.protocol.attestation.verification import ExpectedEnclave
from sigcli.protocol.noise import NoisePattern, NoiseResponder
from sigcli.wire.enclave_attestation import (
    HandshakeStart,
    decode_raft_group_config,
    encode_handshake_start,
)
from sigcli.wire.raft_group import RaftGroupConfig
from tests.support.enclave import MRENCLAVE, NOW_S, Authority, Enclave

if TYPE_CHECKING:
    from tests.interop.oracle import Oracle

DAY_S = 86400
_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "attestation"
FOLDER = Path(os.environ.get("SIGCLI_ATTESTATION_DATA") or _BESIDE)
DECIDE = """
    const client = svr2 ? lib.Svr2Client : lib.Cds2Client;
    return cases.map(([position, value, seconds]) => {
        const message = new Uint8Array(start);
        if (position >= 0) message[position] = value;
        try {
            return client.new(mrenclave, message, new Date(seconds * 1000)).initialRequest().length;
        } catch (error) {
            return 0;
        }
    });
"""


@dataclass(frozen=True)
class Attestation:
    """A server's first message with what belongs to it; ``key`` is what must come out of it, if anything."""

    name: str
    start: bytes
    mrenclave: bytes
    now_s: int
    key: bytes | None = None
    advisories: tuple[str, ...] = ()
    raft: RaftGroupConfig | None = None

    def verify(self, start: bytes, now_s: int) -> bytes | str:
        """Our decision: the key, or the name of the check that failed."""
        expected = ExpectedEnclave(self.mrenclave, self.advisories)
        try:
            if self.raft is not None:
                return attested_svr2_key(start, expected, self.raft, now_s)
            return attested_key(start, expected, now_s)
        except AttestationFailed as failure:
            return failure.check

    def is_in_root_copy(self, position: int) -> bool:
        """Whether a byte is in the last certificate of a chain, whose place the trusted root takes."""
        end = self.start.find(b"-----END CERTIFICATE-----\n", position)
        begins = self.start.find(b"-----BEGIN CERTIFICATE-----\n", position, end)
        last = self.start[end : end + 27].endswith(b"\n\0")
        return end > 0 and begins < 0 and last


def attestations() -> list[Attestation]:
    """The published ones where they are at hand, and one of our own, which nobody may accept."""
    made = Enclave.make(Authority(), bytes(range(32)))
    start = encode_handshake_start(HandshakeStart(made.quote.encode(), made.collateral.encode()))
    found = [Attestation("own", start, MRENCLAVE, NOW_S)]
    for name in ("cdsi", "svr2"):
        if (FOLDER / f"{name}.handshakestart").is_file():
            found.append(_published(name))
    return found


def _published(name: str) -> Attestation:
    def read(kind: str) -> bytes:
        return (FOLDER / f"{name}.{kind}").read_bytes()

    return Attestation(
        name,
        read("handshakestart"),
        read("mrenclave"),
        int.from_bytes(read("timestamp"), "big"),
        read("pubkey"),
        tuple(read("advisories").decode().split()),
        decode_raft_group_config(read("group_config")) if name == "svr2" else None,
    )


@pytest.mark.parametrize("given", attestations(), ids=lambda given: given.name)
def test_attestations_are_decided_as_by_libsignal(given: Attestation, oracle: Oracle) -> None:
    ours = given.verify(given.start, given.now_s)
    assert ours == given.key or (given.key is None and isinstance(ours, str))
    cases = [(-1, 0, given.now_s + days * DAY_S) for days in (0, 3, 7, 15, 30, 60, 400, -30, -400)]
    cases += [
        (position, given.start[position] ^ 1 << position % 8, given.now_s)
        for position in range(5, len(given.start), 53)
    ]
    theirs = oracle.call(
        DECIDE,
        start=given.start,
        mrenclave=given.mrenclave,
        svr2=given.raft is not None,
        cases=[list(case) for case in cases],
    )
    differing = []
    for (position, value, now_s), accepted in zip(cases, theirs, strict=True):
        start = bytearray(given.start)
        if position >= 0:
            start[position] = value
        ours = given.verify(bytes(start), now_s)
        # We also refuse some damaged copies of the root; libsignal does not look at all of a copy.
        stricter = isinstance(ours, str) and given.is_in_root_copy(position)
        if isinstance(ours, bytes) != bool(accepted) and not (stricter and accepted):
            differing.append((position, now_s - given.now_s, accepted, ours))
    assert differing == []
    assert bool(theirs[0]) == (given.key is not None)
    assert not any(theirs[6:9])
    if given.key is not None:
        assert theirs[0] == 1632


def test_noise_with_the_client_of_an_hsm(oracle: Oracle) -> None:
    keys, code_hash = KeyPair.generate(), bytes(range(32))
    first = oracle.call(
        "state.client = lib.HsmEnclaveClient.new(key, [hash, other]);"
        "return state.client.initialRequest();",
        key=keys.public_key.raw,
        hash=code_hash,
        other=bytes(32),
    )
    responder = NoiseResponder(NoisePattern.NK, keys.private_key.raw)
    assert responder.read(first) == code_hash + bytes(32)
    oracle.call("state.client.completeHandshake(answer)", answer=responder.write(code_hash))
    channel = responder.transport()
    for message in (b"x", bytes(range(256)) * 600):
        sent = oracle.call("return state.client.establishedSend(message)", message=message)
        assert channel.decrypt(sent) == message
        packets = channel.encrypt(message)
        received = oracle.call("return state.client.establishedRecv(packets)", packets=packets)
        assert received == message
