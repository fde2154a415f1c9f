"""The hash objects and the proofs, against the vectors in libsignal's own tests."""

from __future__ import annotations

import pytest

from sigcli.crypto import scalars
from sigcli.crypto.ristretto import BASE_POINT
from sigcli.errors import ZkProofFailed
from sigcli.zkgroup.sho import Sho, ShoSha256
from sigcli.zkgroup.statement import Statement

SIGNATURE_VECTOR = (
    "a08f6b34a282dd4c7cfc40b918f224a6b631ca5f6480a10b42bd1408602a7e00"
    "8a23a1e32479befb5e26b9f0f4fe0e9e9e9ec9afad269143acb03a22c6364f03"
)


@pytest.mark.parametrize(
    ("kind", "start", "end"),
    [(Sho, "392cb94493730", "98c4fe7a"), (ShoSha256, "ebe4ef29e1", "e6af6448")],
)
def test_hash_object(kind: type[Sho], start: str, end: str) -> None:
    output = kind(b"asd", b"asdasd").squeeze(65).hex()
    assert len(output) == 130
    assert output.startswith(start)
    assert output.endswith(end)


@pytest.mark.parametrize(
    ("kind", "start", "end"),
    [(Sho, "c5c13bcc6596c25f", "da9fb7"), (ShoSha256, "0ddeea973f3210f7", "0df7d9")],
)
def test_hash_object_after_many_steps(kind: type[Sho], start: str, end: str) -> None:
    sho = kind(b"", b"abc")
    lengths = (63, 64, 65, 127, 128, 129)
    for length in lengths:
        sho.absorb_and_ratchet(bytes(length))
    for length in lengths:
        sho.squeeze(length)
    sho.absorb_and_ratchet(b"def")
    output = sho.squeeze(63).hex()
    assert (output[: len(start)], output[-len(end) :]) == (start, end)


def test_signature_vector_and_its_verification() -> None:
    statement = Statement(("public_key", [("private_key", "G")]))
    private_key = scalars.from_wide(bytes(range(64)))
    points = {"public_key": BASE_POINT * private_key}
    message = bytes(range(100))
    proof = statement.prove({"private_key": private_key}, points, bytes(range(32)), message)
    assert proof.hex() == SIGNATURE_VECTOR
    statement.verify(proof, points, message)
    other = {"public_key": BASE_POINT}
    damaged = [proof[:i] + bytes([proof[i] ^ 1]) + proof[i + 1 :] for i in (0, 31, 32, 63)]
    for wrong, arguments, text in [
        *((bad, points, message) for bad in (b"", proof[:-1], proof + b"\0", *damaged)),
        (b"\xff" * 64, points, message),
        (proof, other, message),
        (proof, points, message + b"\0"),
    ]:
        with pytest.raises(ZkProofFailed):
            statement.verify(wrong, arguments, text)
