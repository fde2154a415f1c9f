"""The constants of fixed_points.py, derived again from their labels."""

from __future__ import annotations

import pytest

from sigcli.crypto.ristretto import RistrettoPoint
from sigcli.zkgroup import fixed_points as g
from sigcli.zkgroup.sho import Sho, ShoSha256

_ZKGROUP = b"Signal_ZKGroup_20200424_Constant_%s_SystemParams_Generate"
# None: an element of the sequence that is not in use.
_CREDENTIAL_NAMES = [
    "W",
    "W_PRIME",
    "X0",
    "X1",
    "Y1",
    "Y2",
    "Y3",
    "Y4",
    "-",
    "-",
    "-",
    "-",
    "V",
    "-",
    "Y5",
    "Y6",
    "M5",
]
_GENERIC_NAMES = ["W", "W_PRIME", "X0", "X1", "V", "-", "Y0", "Y1", "Y2", "Y3", "Y4", "Y5", "Y6"]


@pytest.mark.parametrize(
    ("sho", "prefix", "names"),
    [
        (Sho(_ZKGROUP % b"Credentials", b""), "CREDENTIAL_", _CREDENTIAL_NAMES),
        (Sho(_ZKGROUP % b"UidEncryption", b""), "UID_", ["A1", "A2"]),
        (Sho(_ZKGROUP % b"ProfileKeyEncryption", b""), "PROFILE_KEY_", ["B1", "B2"]),
        (Sho(_ZKGROUP % b"ProfileKeyCommitment", b""), "COMMITMENT_", ["J1", "J2", "J3"]),
        (
            ShoSha256(b"Signal_ZKCredential_ConstantSystemParams_generate_20230410"),
            "GENERIC_",
            _GENERIC_NAMES,
        ),
        (
            Sho(b"Signal_Username_20230130_Constant_Points_Generate", b""),
            "USERNAME_",
            ["1", "2", "3"],
        ),
    ],
)
def test_derivation(sho: Sho, prefix: str, names: list[str]) -> None:
    sho = sho.copy()
    for name in names:
        derived = sho.point()
        if name != "-":
            constant = getattr(g, prefix + name)
            assert (constant.encode(), constant.half) == (derived.encode(), derived.half)


def test_negated_constants() -> None:
    for name in ("J1", "J2"):
        negated, constant = getattr(g, f"COMMITMENT_MINUS_{name}"), getattr(g, f"COMMITMENT_{name}")
        assert RistrettoPoint(half=negated.half).encode() == negated.encode()
        assert (negated + constant).is_identity()
