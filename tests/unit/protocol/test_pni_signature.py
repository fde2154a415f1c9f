"""The signature between the two identities of an account."""

from __future__ import annotations

from random import Random

from sigcli.crypto.curve import KeyPair
from sigcli.protocol.pni_signature import sign_pni_identity, verify_pni_signature

RANDOM = Random("pni").randbytes
PNI, ACI = KeyPair.generate(RANDOM), KeyPair.generate(RANDOM)


def test_one_identity_signs_the_other() -> None:
    signature = sign_pni_identity(PNI.private_key, ACI.public_key, RANDOM)
    assert len(signature) == 64
    assert verify_pni_signature(PNI.public_key, ACI.public_key, signature)
    assert not verify_pni_signature(ACI.public_key, PNI.public_key, signature)
    assert not verify_pni_signature(PNI.public_key, ACI.public_key, signature[:-1])
    # A plain signature over the key does not do.
    plain = PNI.private_key.sign(ACI.public_key.serialize())
    assert not verify_pni_signature(PNI.public_key, ACI.public_key, plain)
