"""Keys: agreement, signatures, key encapsulation, safety numbers."""

from __future__ import annotations

from sigcli.crypto import mlkem768
from sigcli.crypto.curve import KeyPair, PrivateKey
from sigcli.crypto.kem import KyberKeyPair
from sigcli.crypto.randomness import secure_random
from sigcli.protocol.fingerprint import safety_number
from tests.bench.comparison import Operation
from tests.bench.timing import Work
from tests.support.devices import ALICE, BOB

_MESSAGE = bytes(range(33))


def _agree() -> Work:
    raw, other = KeyPair.generate().private_key.raw, KeyPair.generate().public_key
    return Work(lambda: PrivateKey(raw).agree(other))


def _sign() -> Work:
    key = KeyPair.generate().private_key
    return Work(lambda: key.sign(_MESSAGE))


def _verify() -> Work:
    keys = KeyPair.generate()
    signature = keys.private_key.sign(_MESSAGE)
    assert keys.public_key.verify(signature, _MESSAGE)
    return Work(lambda: keys.public_key.verify(signature, _MESSAGE))


def _encapsulate() -> Work:
    return Work(KyberKeyPair.generate().public_key.encapsulate)


def _decapsulate() -> Work:
    keys = KyberKeyPair.generate()
    _, ciphertext = keys.public_key.encapsulate()
    return Work(lambda: keys.decapsulate(ciphertext))


def _decapsulate_stored() -> Work:
    keys = KyberKeyPair.generate()
    _, ciphertext = keys.public_key.encapsulate()
    seed = keys.seed
    return Work(lambda: KyberKeyPair.from_seed(seed).decapsulate(ciphertext))


def _encapsulate_1() -> Work:
    keys = mlkem768.generate(secure_random)
    return Work(lambda: mlkem768.encaps1(keys.header, secure_random))


def _encapsulate_2() -> Work:
    keys = mlkem768.generate(secure_random)
    state = mlkem768.encaps1(keys.header, secure_random)[0]
    return Work(lambda: mlkem768.encaps2(state, keys.vector))


def _decapsulate_768() -> Work:
    keys = mlkem768.generate(secure_random)
    state, first, _ = mlkem768.encaps1(keys.header, secure_random)
    second = mlkem768.encaps2(state, keys.vector)
    return Work(lambda: mlkem768.decaps(keys.seed, first, second))


def _fingerprint() -> Work:
    ours, theirs = KeyPair.generate().public_key, KeyPair.generate().public_key
    return Work(lambda: safety_number(ALICE.service_id, ours, BOB.service_id, theirs))


OPERATIONS = (
    Operation(
        "curve key pair",
        lambda: Work(KeyPair.generate),
        "return { step: () => lib.PrivateKey.generate().getPublicKey() };",
    ),
    Operation(
        "curve agree",
        _agree,
        """
        const own = lib.PrivateKey.generate(), other = lib.PrivateKey.generate().getPublicKey();
        return { step: () => own.agree(other) };
        """,
    ),
    Operation(
        "sign (XEdDSA)",
        _sign,
        "const key = lib.PrivateKey.generate(); return { step: () => key.sign(message) };",
        lambda: {"message": _MESSAGE},
    ),
    Operation(
        "verify (XEdDSA)",
        _verify,
        """
        const key = lib.PrivateKey.generate(), signature = key.sign(message);
        const publicKey = key.getPublicKey();
        return { step: () => publicKey.verify(message, signature) };
        """,
        lambda: {"message": _MESSAGE},
    ),
    Operation(
        "Kyber-1024 key pair",
        lambda: Work(KyberKeyPair.generate),
        "return { step: () => lib.KEMKeyPair.generate() };",
    ),
    Operation("Kyber-1024 encapsulate", _encapsulate),
    Operation("Kyber-1024 decapsulate", _decapsulate),
    Operation("Kyber-1024 decapsulate, key from its seed", _decapsulate_stored),
    Operation("SPQR's ML-KEM-768 key pair", lambda: Work(lambda: mlkem768.generate(secure_random))),
    Operation("SPQR's ML-KEM-768 encapsulate, first part", _encapsulate_1),
    Operation("SPQR's ML-KEM-768 encapsulate, second part", _encapsulate_2),
    Operation("SPQR's ML-KEM-768 decapsulate", _decapsulate_768),
    Operation(
        "safety number",
        _fingerprint,
        """
        const [own, other] = [1, 2].map(() => lib.PrivateKey.generate().getPublicKey());
        return { step: () => lib.Fingerprint.new(5200, 2, ids[0], own, ids[1], other)
            .displayableFingerprint().toString() };
        """,
        lambda: {"ids": [ALICE.service_id.to_binary(), BOB.service_id.to_binary()]},
    ),
)
