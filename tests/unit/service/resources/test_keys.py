from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.crypto.curve import KeyPair
from sigcli.crypto.kem import KyberKeyPair
from sigcli.errors import InvalidKey, MalformedAnswer, RateLimited, SigcliError, Unauthorized
from sigcli.service.credentials import AccessKey
from sigcli.service.resources import keys
from sigcli.service.resources.keys import PreKeyUpload, PublicPreKey
from sigcli.wire.addresses import ServiceId
from tests.unit.service.resources.scripted_chat import ACI_TEXT, PNI_TEXT, Script

CURVE = KeyPair.generate().public_key.serialize()
KYBER = KyberKeyPair.generate().public_key.serialize()
SIGNATURE = bytes(range(64))


def text(data: bytes) -> str:
    """Without padding, as the service writes keys."""
    return b64encode(data).decode().rstrip("=")


def answer(**changes: Any) -> dict[str, Any]:
    device = {
        "deviceId": 2,
        "registrationId": 4711,
        "signedPreKey": {"keyId": 5, "publicKey": text(CURVE), "signature": text(SIGNATURE)},
        "pqPreKey": {"keyId": 6, "publicKey": text(KYBER), "signature": text(SIGNATURE)},
        "preKey": {"keyId": 7, "publicKey": text(CURVE)},
    }
    return {"identityKey": text(CURVE), "devices": [device | changes]}


def test_keys_of_all_devices_become_bundles() -> None:
    script = Script(body=answer())
    response = keys.fetch(script.identified, ServiceId.aci(ACI_TEXT))
    assert script.line == f"GET /v2/keys/{ACI_TEXT}/*"
    (bundle,) = response.bundles()
    assert (bundle.device_id, bundle.registration_id) == (2, 4711)
    assert (bundle.prekey_id, bundle.signed_prekey_id, bundle.kyber_prekey_id) == (7, 5, 6)
    assert bundle.identity_key.serialize() == CURVE
    assert bundle.kyber_prekey.serialize() == KYBER
    assert bundle.signed_prekey_signature == bundle.kyber_prekey_signature == SIGNATURE


def test_keys_of_one_device_without_a_one_time_key_fetched_anonymously() -> None:
    script = Script(body=answer(preKey=None))
    response = keys.fetch_anonymously(
        script.unidentified, ServiceId.pni(PNI_TEXT), AccessKey(bytes(16)), 3
    )
    assert script.line == f"GET /v2/keys/PNI:{PNI_TEXT}/3"
    assert script.sent.headers["Unidentified-Access-Key"]
    (bundle,) = response.bundles()
    assert bundle.prekey is None
    assert bundle.prekey_id is None


@pytest.mark.parametrize(
    "changes",
    [
        {"deviceId": 0},
        {"deviceId": 128},
        {"deviceId": "2"},
        {"registrationId": -1},
        {"signedPreKey": None},
        {"pqPreKey": {"keyId": 6, "publicKey": text(CURVE), "signature": text(SIGNATURE)}},
        {"signedPreKey": {"keyId": 6, "publicKey": text(CURVE)}},
        {"preKey": {"keyId": 2**31, "publicKey": text(CURVE)}},
        {"preKey": {"keyId": 1, "publicKey": "?"}},
    ],
)
def test_malformed_keys_are_named(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedAnswer):
        keys.fetch(Script(body=answer(**changes)).identified, ServiceId.aci(ACI_TEXT))


def test_an_account_without_devices_is_malformed() -> None:
    body = answer() | {"devices": []}
    with pytest.raises(MalformedAnswer):
        keys.fetch(Script(body=body).identified, ServiceId.aci(ACI_TEXT))


def test_a_key_of_another_kind_is_refused_when_bundles_are_made() -> None:
    body = answer() | {"identityKey": text(b"\x06" + bytes(32))}
    with pytest.raises(InvalidKey):
        keys.fetch(Script(body=body).identified, ServiceId.aci(ACI_TEXT)).bundles()


def test_refusals() -> None:
    with pytest.raises(Unauthorized):
        keys.fetch_anonymously(
            Script(401).unidentified, ServiceId.aci(ACI_TEXT), AccessKey(bytes(16))
        )
    with pytest.raises(RateLimited) as caught:
        keys.fetch(Script(429, headers={"retry-after": "600"}).identified, ServiceId.aci(ACI_TEXT))
    assert caught.value.retry_after_s == 600


def test_counting() -> None:
    script = Script(body={"count": 3, "pqCount": 100})
    counts = keys.count(script.identified, "pni")
    assert (counts.curve, counts.kyber) == (3, 100)
    assert script.line == "GET /v2/keys?identity=pni"


def test_uploading_leaves_out_what_stays() -> None:
    script = Script(204)
    curve, kyber = PublicPreKey(1, CURVE), PublicPreKey(2, KYBER, SIGNATURE)
    keys.upload(script.identified, "aci", PreKeyUpload(one_time=[curve], kyber=[kyber]))
    assert script.line == "PUT /v2/keys?identity=aci"
    signature = b64encode(SIGNATURE).decode()
    assert script.json == {
        "preKeys": [{"keyId": 1, "publicKey": b64encode(CURVE).decode()}],
        "pqPreKeys": [{"keyId": 2, "publicKey": b64encode(KYBER).decode(), "signature": signature}],
    }
    script = Script(200)
    keys.upload(script.identified, "aci", PreKeyUpload(signed=kyber, kyber_last_resort=kyber))
    assert set(script.json) == {"preKeys", "pqPreKeys", "signedPreKey", "pqLastResortPreKey"}


def test_comparing_the_keys_of_repeated_use() -> None:
    script = Script(409)
    assert not keys.repeated_use_keys_agree(script.identified, "aci", bytes(32))
    assert script.json["identityType"] == "ACI"
    assert keys.repeated_use_keys_agree(Script(200).identified, "pni", bytes(32))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.just(text(CURVE)),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.fixed_dictionaries(
            {},
            optional=dict.fromkeys(
                [
                    "identityKey",
                    "devices",
                    "deviceId",
                    "registrationId",
                    "signedPreKey",
                    "pqPreKey",
                    "preKey",
                    "keyId",
                    "publicKey",
                    "signature",
                ],
                inner,
            ),
        )
    ),
    max_leaves=8,
)


@given(JSON)
def test_hostile_answers_give_named_errors(body: Any) -> None:
    with pytest.raises(SigcliError):
        keys.fetch(Script(body=body).identified, ServiceId.aci(ACI_TEXT))
