"""Targets: what services answer, the enclaves' proofs among it."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any

from sigcli.crypto.curve import KeyPair
from sigcli.errors import AttestationFailed, ProtocolError, ServiceError, SigcliError, UserError
from sigcli.protocol.attestation.enclave import attested_key, attested_svr2_key
from sigcli.protocol.attestation.verification import ExpectedEnclave, verify_attestation
from sigcli.protocol.noise import NoiseInitiator, NoisePattern, NoiseResponder
from sigcli.service.answers import parse_json
from sigcli.service.credentials import AccessKey
from sigcli.service.exchange import Response
from sigcli.service.resources import (
    accounts,
    attachments,
    certificates,
    config,
    devices,
    keys,
    profiles,
    stickers,
    usernames,
    verification,
)
from sigcli.service.status_errors import error_for
from sigcli.wire.addresses import ServiceId
from sigcli.wire.contact_discovery import decode_lookup_response
from sigcli.wire.enclave_attestation import (
    HandshakeStart,
    encode_handshake_start,
    encode_minimum_limits,
    encode_raft_group_config,
)
from sigcli.wire.generated import contact_discovery_pb2, svr2_pb2
from sigcli.wire.raft_group import RaftGroupConfig
from sigcli.wire.svr2 import decode_svr2_response
from tests.fuzz.contents import filled
from tests.fuzz.target import Target
from tests.support.enclave import MRENCLAVE, NOW_S, Authority, Enclave
from tests.unit.service.resources.scripted_chat import ACI_TEXT, PNI_TEXT, Script

_ACI = ServiceId.aci(ACI_TEXT)
_RAFT = RaftGroupConfig(77, 4, 13, 2, 2, 604_800, False)
_EXPECTED = ExpectedEnclave(MRENCLAVE)


@cache
def _authority() -> Authority:
    return Authority()


@cache
def _enclave() -> Enclave:
    limits = {"sgx_tcb_evaluation_data_number": (99).to_bytes(8, "big")}
    claims = {
        "config": encode_raft_group_config(_RAFT),
        "minimum_limits": encode_minimum_limits(limits),
    }
    return Enclave.make(_authority(), bytes(range(100, 132)), **claims)


def _quote(data: bytes) -> None:
    collateral = _enclave().collateral.encode()
    verify_attestation(data, collateral, _EXPECTED, NOW_S, _authority().root_key)


def _endorsements(data: bytes) -> None:
    quote = _enclave().quote.encode()
    verify_attestation(quote, data, _EXPECTED, NOW_S, _authority().root_key)


def _handshake(data: bytes) -> None:
    attested_key(data, _EXPECTED, NOW_S, _authority().root_key)
    attested_svr2_key(data, _EXPECTED, _RAFT, NOW_S, root_key=_authority().root_key)


def _handshake_seeds() -> list[bytes]:
    enclave = _enclave()
    start = HandshakeStart(
        public_key=bytes(32),
        evidence=enclave.quote.encode(),
        endorsement=enclave.collateral.encode(),
    )
    return [encode_handshake_start(start)]


_STATIC = KeyPair.generate(Random(21).randbytes)


def _initiator(pattern: NoisePattern) -> NoiseInitiator:
    return NoiseInitiator(pattern, _STATIC.public_key.raw, random=Random(22).randbytes)


def _responder(pattern: NoisePattern) -> NoiseResponder:
    return NoiseResponder(pattern, _STATIC.private_key.raw, random=Random(23).randbytes)


def _noise(pattern: NoisePattern, data: bytes) -> None:
    """The enclave's answer, then packets."""
    initiator = _initiator(pattern)
    initiator.write()
    length = len(_noise_answer(pattern))
    initiator.read(data[:length])
    initiator.transport().decrypt(data[length:])


@cache
def _noise_answer(pattern: NoisePattern) -> bytes:
    responder = _responder(pattern)
    responder.read(_initiator(pattern).write())
    return responder.write()


def _noise_seeds(pattern: NoisePattern) -> list[bytes]:
    responder = _responder(pattern)
    responder.read(_initiator(pattern).write())
    answer = responder.write()
    return [answer, answer + responder.transport().encrypt(b"answer")]


def _text(data: bytes) -> str:
    return b64encode(data).decode()


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


_CURVE = _text(_STATIC.public_key.serialize())
_ANSWERS: tuple[tuple[Callable[[Script], object], Any], ...] = (
    (
        lambda script: accounts.whoami(script.identified),
        {
            "uuid": ACI_TEXT,
            "number": "+15550100",
            "pni": PNI_TEXT,
            "usernameHash": _text(bytes(32)),
            "usernameLinkHandle": ACI_TEXT,
            "entitlements": {"badges": []},
        },
    ),
    (
        lambda script: attachments.request_upload(script.identified, 100),
        {
            "cdn": 3,
            "key": "abc",
            "headers": {"a": "b"},
            "signedUploadLocation": "https://127.0.0.1:1/x",
        },
    ),
    (
        lambda script: certificates.delivery_certificate(script.identified, include_number=False),
        {"certificate": _text(bytes(40))},
    ),
    (
        lambda script: certificates.group_credentials(script.identified, 0, 86_400),
        {
            "credentials": [{"credential": _text(bytes(40)), "redemptionTime": 86_400}],
            "pni": PNI_TEXT,
        },
    ),
    (
        lambda script: certificates.service_login(script.identified, "/v1/storage/auth"),
        {"username": "name", "password": "word"},
    ),
    (
        lambda script: config.fetch(script.identified),
        {"config": {"global.a": "1"}, "serverEpochTime": 1_750_000_000},
    ),
    (
        lambda script: devices.list_devices(script.identified),
        {
            "devices": [
                {
                    "id": 1,
                    "name": _text(b"name"),
                    "lastSeen": 1,
                    "registrationId": 7,
                    "createdAtCiphertext": _text(bytes(60)),
                }
            ]
        },
    ),
    (
        lambda script: devices.wait_for_linked_device(script.identified, "x" * 40),
        {
            "id": 2,
            "name": _text(b"name"),
            "lastSeen": 1,
            "registrationId": 7,
            "createdAtCiphertext": _text(bytes(60)),
        },
    ),
    (lambda script: keys.count(script.identified, "aci"), {"count": 7, "pqCount": 8}),
    (
        lambda script: keys.fetch(script.identified, _ACI).bundles(),
        {
            "identityKey": _CURVE,
            "devices": [
                {
                    "deviceId": 2,
                    "registrationId": 4711,
                    "signedPreKey": {
                        "keyId": 5,
                        "publicKey": _CURVE,
                        "signature": _text(bytes(64)),
                    },
                    "pqPreKey": {
                        "keyId": 6,
                        "publicKey": _text(b"\x08" + bytes(1568)),
                        "signature": _text(bytes(64)),
                    },
                    "preKey": {"keyId": 7, "publicKey": _CURVE},
                }
            ],
        },
    ),
    (
        lambda script: profiles.get_anonymously(script.unidentified, _ACI, AccessKey(bytes(16))),
        {
            "identityKey": _CURVE,
            "name": _text(bytes(81)),
            "about": "",
            "aboutEmoji": None,
            "avatar": "profiles/abc",
            "unidentifiedAccess": _text(bytes(32)),
            "unrestrictedUnidentifiedAccess": False,
            "capabilities": {"spqr": True},
            "badges": [],
            "uuid": ACI_TEXT,
            "credential": _text(bytes(497)),
            "phoneNumberSharing": _text(bytes(29)),
            "paymentAddress": None,
        },
    ),
    (
        lambda script: profiles.differing_identity_keys(script.unidentified, {}),
        {"elements": [{"uuid": ACI_TEXT, "identityKey": _CURVE}]},
    ),
    (
        lambda script: stickers.request_upload(script.identified, 1),
        {
            "packId": "00" * 16,
            "manifest": {
                "id": -1,
                "key": "k",
                "credential": "c",
                "acl": "a",
                "algorithm": "g",
                "date": "d",
                "policy": "p",
                "signature": "s",
            },
            "stickers": [],
        },
    ),
    (
        lambda script: usernames.reserve(script.identified, [bytes(32)]),
        {"usernameHash": _text(bytes(32))},
    ),
    (lambda script: usernames.look_up(script.unidentified, bytes(32)), {"uuid": ACI_TEXT}),
    (
        lambda script: usernames.follow_link(script.unidentified, ACI_TEXT),
        {"usernameLinkEncryptedValue": _text(bytes(80))},
    ),
    (
        lambda script: verification.fetch(script.unlinked, "session"),
        {
            "id": "session",
            "nextSms": 0,
            "nextCall": None,
            "nextVerificationAttempt": 7,
            "allowedToRequestCode": True,
            "requestedInformation": ["captcha"],
            "verified": False,
        },
    ),
)


def _answer(data: bytes) -> None:
    """A byte that says which request the rest answers."""
    ask, _ = _ANSWERS[(data[0] if data else 0) % len(_ANSWERS)]
    ask(Script(body=data[1:]))


def _answer_seeds() -> list[bytes]:
    return [bytes([number]) + _json(body) for number, (_, body) in enumerate(_ANSWERS)]


_STATUSES = (401, 403, 409, 410, 411, 413, 418, 423, 428, 429, 440, 441, 499, 500, 508)


def _status(data: bytes) -> None:
    """A byte for the status, a line for Retry-After, and the body of a refusal."""
    retry_after, _, body = data[1:].partition(b"\n")
    headers = {"retry-after": retry_after.decode("latin-1")}
    status = _STATUSES[(data[0] if data else 0) % len(_STATUSES)]
    error = error_for(Response(status, headers, body), "do it")
    assert isinstance(error, SigcliError)
    assert error.message


def _status_seeds() -> list[bytes]:
    bodies = (
        {"missingDevices": [2], "extraDevices": [3]},
        {"staleDevices": [1]},
        [{"uuid": ACI_TEXT, "devices": {"staleDevices": [1]}}],
        {"timeRemaining": 7, "svr2Credentials": {"username": "a", "password": "b"}},
        {"token": "t", "options": ["captcha"]},
        {"current": 5, "max": 5},
        {"reason": "providerRejected", "permanentFailure": False},
    )
    return [bytes([number]) + b"60\n" + _json(bodies[number % len(bodies)]) for number in range(15)]


TARGETS = (
    Target("quote", _quote, lambda: [_enclave().quote.encode()], (AttestationFailed,)),
    Target(
        "quote-endorsements",
        _endorsements,
        lambda: [_enclave().collateral.encode()],
        (AttestationFailed,),
    ),
    Target("handshake-start", _handshake, _handshake_seeds, (AttestationFailed,)),
    Target(
        "noise",
        lambda data: _noise(NoisePattern.NK, data),
        lambda: _noise_seeds(NoisePattern.NK),
    ),
    Target(
        "noise-hybrid",
        lambda data: _noise(NoisePattern.NK_HYBRID, data),
        lambda: _noise_seeds(NoisePattern.NK_HYBRID),
    ),
    Target(
        "contact-discovery",
        decode_lookup_response,
        lambda: [b"", *filled(contact_discovery_pb2.ClientResponse, 3)],
    ),
    Target("svr2", decode_svr2_response, lambda: filled(svr2_pb2.Response)),
    Target("json", parse_json, lambda: [b"{}", b"[1, 2.5e3, null]"], (ServiceError,)),
    Target("answers", _answer, _answer_seeds, (ServiceError, ProtocolError, UserError)),
    Target("refusals", _status, _status_seeds, ()),
)
