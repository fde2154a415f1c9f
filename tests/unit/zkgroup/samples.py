"""One object of each kind from fixed randomness, as both the client and the server make them."""

from __future__ import annotations

from functools import cache
from typing import Protocol, Self

from sigcli.durations import DAY_S
from sigcli.wire.addresses import ServiceId
from sigcli.zkgroup.auth_credentials import (
    AuthCredentialPresentation,
    AuthCredentialWithPni,
    AuthCredentialWithPniResponse,
    issue_auth_credential,
)
from sigcli.zkgroup.endorsements import (
    GroupSendDerivedKeyPair,
    GroupSendEndorsementsResponse,
)
from sigcli.zkgroup.groups import GroupPublicParams, GroupSecretParams
from sigcli.zkgroup.profile_credentials import (
    ExpiringProfileKeyCredentialResponse,
    ProfileKeyCredentialRequestContext,
    issue_expiring_profile_key_credential,
)
from sigcli.zkgroup.profile_key import ProfileKey
from sigcli.zkgroup.profile_presentations import (
    ExpiringProfileKeyCredential,
    ProfileKeyCredentialPresentation,
)
from sigcli.zkgroup.server_params import ServerPublicParams, ServerSecretParams

NOW_S = 20_000 * DAY_S
NOW_MS = NOW_S * 1000
EXPIRATION_S = NOW_S + 2 * DAY_S
ACI = ServiceId.aci(bytes(range(16)))
PNI = ServiceId.pni(bytes(range(16)))
PROFILE_KEY = ProfileKey(bytes(range(100, 132)))
MEMBERS = [ACI] + [ServiceId.aci(bytes([i]) * 16) for i in range(1, 6)]


class Serializable(Protocol):
    def serialize(self) -> bytes: ...

    @classmethod
    def deserialize(cls, data: bytes) -> Self: ...


def fixed_random(count: int) -> bytes:
    return bytes(range(count))


@cache
def server_secret() -> ServerSecretParams:
    return ServerSecretParams.generate(fixed_random)


@cache
def server_public() -> ServerPublicParams:
    return server_secret().get_public_params()


@cache
def group() -> GroupSecretParams:
    return GroupSecretParams.derive_from_master_key(bytes(range(32)))


@cache
def group_public() -> GroupPublicParams:
    return group().get_public_params()


@cache
def auth_response() -> AuthCredentialWithPniResponse:
    return issue_auth_credential(server_secret(), ACI, PNI, NOW_S, fixed_random)


@cache
def auth_credential() -> AuthCredentialWithPni:
    return auth_response().receive(server_public(), ACI, PNI, NOW_S)


@cache
def auth_presentation() -> AuthCredentialPresentation:
    return auth_credential().present(server_public(), group(), fixed_random)


@cache
def request_context() -> ProfileKeyCredentialRequestContext:
    return ProfileKeyCredentialRequestContext.create(ACI, PROFILE_KEY, fixed_random)


@cache
def profile_response() -> ExpiringProfileKeyCredentialResponse:
    return issue_expiring_profile_key_credential(
        server_secret(),
        request_context().get_request(),
        ACI,
        PROFILE_KEY.get_commitment(ACI),
        EXPIRATION_S,
        fixed_random,
    )


@cache
def profile_credential() -> ExpiringProfileKeyCredential:
    return request_context().receive(server_public(), profile_response(), NOW_MS)


@cache
def profile_presentation() -> ProfileKeyCredentialPresentation:
    return profile_credential().present(server_public(), group(), fixed_random)


@cache
def member_ciphertexts() -> tuple[bytes, ...]:
    return tuple(group().encrypt_service_id(member).serialize() for member in MEMBERS)


@cache
def endorsement_key() -> GroupSendDerivedKeyPair:
    return GroupSendDerivedKeyPair.for_expiration(EXPIRATION_S, server_secret())


@cache
def endorsements_response() -> GroupSendEndorsementsResponse:
    return GroupSendEndorsementsResponse.issue(
        member_ciphertexts(), endorsement_key(), fixed_random
    )


@cache
def every_object() -> tuple[Serializable, ...]:
    received = endorsements_response().receive_with_ciphertexts(
        member_ciphertexts(), member_ciphertexts()[0], NOW_MS, server_public()
    )
    return (
        PROFILE_KEY,
        PROFILE_KEY.get_commitment(ACI),
        group(),
        group_public(),
        group().encrypt_service_id(PNI),
        group().encrypt_profile_key(PROFILE_KEY, ACI),
        server_secret(),
        server_public(),
        auth_response(),
        auth_credential(),
        auth_presentation(),
        request_context(),
        request_context().get_request(),
        profile_response(),
        profile_credential(),
        profile_presentation(),
        endorsement_key(),
        endorsements_response(),
        received.combined,
        received.combined.to_token(group()),
        received.combined.to_full_token(group(), EXPIRATION_S),
    )
