"""Every object: its bytes and back, hostile bytes, and what damage does to a check."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sigcli.errors import MalformedMessage, SigcliError
from sigcli.zkgroup.auth_credentials import (
    AuthCredentialPresentation,
    AuthCredentialWithPniResponse,
)
from sigcli.zkgroup.endorsements import GroupSendEndorsementsResponse, GroupSendFullToken
from sigcli.zkgroup.groups import ProfileKeyCiphertext, UuidCiphertext
from sigcli.zkgroup.profile_credentials import (
    ExpiringProfileKeyCredentialResponse,
    ProfileKeyCredentialRequest,
    issue_expiring_profile_key_credential,
)
from sigcli.zkgroup.profile_presentations import ProfileKeyCredentialPresentation
from tests.unit.zkgroup import samples as s

LENGTHS = {
    "ProfileKey": 32,
    "ProfileKeyCommitment": 97,
    "GroupSecretParams": 289,
    "GroupPublicParams": 97,
    "UuidCiphertext": 65,
    "ProfileKeyCiphertext": 65,
    "ServerSecretParams": 2721,
    "ServerPublicParams": 673,
    "ProfileKeyCredentialRequestContext": 473,
    "ProfileKeyCredentialRequest": 329,
    "ExpiringProfileKeyCredentialResponse": 497,
    "ExpiringProfileKeyCredential": 153,
    "ProfileKeyCredentialPresentation": 721,
    "GroupSendEndorsement": 33,
}


@pytest.mark.parametrize("index", range(21))
def test_bytes_and_back(index: int) -> None:
    value = s.every_object()[index]
    kind = type(value)
    data = value.serialize()
    assert len(data) == LENGTHS.get(kind.__name__, len(data))
    again = kind.deserialize(data)
    assert again.serialize() == data
    assert again == value
    for wrong in (b"", data[:-1], data + b"\0"):
        with pytest.raises(SigcliError):
            kind.deserialize(wrong)


def test_no_secret_in_a_repr() -> None:
    secrets = [bytes(range(32)), s.PROFILE_KEY.contents, s.group().uid_key_pair.a1]
    for value in s.every_object():
        text = repr(value)
        assert not any(repr(secret)[2:-1] in text for secret in secrets)


@given(st.integers(0, 20), st.binary(max_size=800))
def test_hostile_bytes_give_only_errors_of_the_project(index: int, data: bytes) -> None:
    kind = type(s.every_object()[index])
    for candidate in (data, b"\x00" + data, b"\x03" + data):
        try:
            kind.deserialize(candidate)
        except SigcliError:
            continue


def check_auth_response(data: bytes) -> None:
    response = AuthCredentialWithPniResponse.deserialize(data)
    response.receive(s.server_public(), s.ACI, s.PNI, s.NOW_S)


def check_auth_presentation(data: bytes) -> None:
    presentation = AuthCredentialPresentation.deserialize(data)
    presentation.verify(s.server_secret(), s.group_public(), s.NOW_MS)


def check_request(data: bytes) -> None:
    issue_expiring_profile_key_credential(
        s.server_secret(),
        ProfileKeyCredentialRequest.deserialize(data),
        s.ACI,
        s.PROFILE_KEY.get_commitment(s.ACI),
        s.EXPIRATION_S,
    )


def check_profile_response(data: bytes) -> None:
    response = ExpiringProfileKeyCredentialResponse.deserialize(data)
    s.request_context().receive(s.server_public(), response, s.NOW_MS)


def check_profile_presentation(data: bytes) -> None:
    presentation = ProfileKeyCredentialPresentation.deserialize(data)
    presentation.verify(s.server_secret(), s.group_public(), s.NOW_MS)


def check_endorsements(data: bytes) -> None:
    GroupSendEndorsementsResponse.deserialize(data).receive_with_ciphertexts(
        s.member_ciphertexts(), s.member_ciphertexts()[0], s.NOW_MS, s.server_public()
    )


def check_full_token(data: bytes) -> None:
    token = GroupSendFullToken.deserialize(data)
    token.verify(s.MEMBERS[1:], s.NOW_MS, s.endorsement_key())


def check_uuid(data: bytes) -> None:
    s.group().decrypt_service_id(UuidCiphertext.deserialize(data))


def check_profile_key(data: bytes) -> None:
    s.group().decrypt_profile_key(ProfileKeyCiphertext.deserialize(data), s.ACI)


def check_blob(data: bytes) -> None:
    s.group().decrypt_blob_with_padding(data)


CHECKS: list[tuple[Callable[[], bytes], Callable[[bytes], None]]] = [
    (lambda: s.auth_response().serialize(), check_auth_response),
    (lambda: s.auth_presentation().serialize(), check_auth_presentation),
    (lambda: s.request_context().get_request().serialize(), check_request),
    (lambda: s.profile_response().serialize(), check_profile_response),
    (lambda: s.profile_presentation().serialize(), check_profile_presentation),
    (lambda: s.endorsements_response().serialize(), check_endorsements),
    (lambda: s.every_object()[-1].serialize(), check_full_token),
    (lambda: s.group().encrypt_service_id(s.PNI).serialize(), check_uuid),
    (lambda: s.group().encrypt_profile_key(s.PROFILE_KEY, s.ACI).serialize(), check_profile_key),
]


@cache
def _holds(check: Callable[[bytes], None], data: bytes) -> bool:
    check(data)
    return True


@pytest.mark.parametrize(("sample", "check"), CHECKS)
@given(position=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_flipped_bit_is_noticed(
    sample: Callable[[], bytes], check: Callable[[bytes], None], position: float, bit: int
) -> None:
    data = bytearray(sample())
    assert _holds(check, bytes(data))
    data[int(position * len(data))] ^= 1 << bit
    with pytest.raises(SigcliError):
        check(bytes(data))


@pytest.mark.parametrize(
    "encoding",
    [
        bytes(64),
        bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76") * 2,
    ],
)
def test_ciphertexts_that_hide_nothing_are_refused(encoding: bytes) -> None:
    for check in (check_uuid, check_profile_key):
        with pytest.raises(SigcliError):
            check(b"\0" + encoding)


@given(st.binary(max_size=60), st.integers(0, 300))
@settings(max_examples=30)
def test_blobs(plaintext: bytes, padding_length: int) -> None:
    encrypted = s.group().encrypt_blob_with_padding(plaintext, padding_length)
    assert s.group().decrypt_blob_with_padding(encrypted) == plaintext
    # The last byte is reserved, as in libsignal; everything else is authenticated.
    for wrong in (encrypted[:-2], encrypted[1:], plaintext, s.group().encrypt_blob(b"\0\0\0")):
        with pytest.raises(SigcliError):
            check_blob(wrong)


def test_damaged_server_params_raise_when_they_are_used() -> None:
    public = s.server_public().serialize()
    damaged = type(s.server_public()).deserialize(public[:1] + b"\xff" * (len(public) - 1))
    for use in (
        lambda: s.auth_response().receive(damaged, s.ACI, s.PNI, s.NOW_S),
        lambda: s.request_context().receive(damaged, s.profile_response(), s.NOW_MS),
        lambda: damaged.verify_signature(b"", bytes(64)),
        lambda: damaged.endorsement_key,
    ):
        with pytest.raises(MalformedMessage):
            use()
