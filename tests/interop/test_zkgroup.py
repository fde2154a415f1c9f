"""zkgroup against the official library: each object as the client and as the server makes it.

Where randomness is given both sides must give the same bytes; where it is not, each must accept what the
other made, and refuse what it must.
"""

from __future__ import annotations

import tomllib
from base64 import b64decode
from pathlib import Path

import pytest

import sigcli
from sigcli.errors import InvalidCredential, ZkProofFailed
from sigcli.protocol.access_keys import derive_access_key
from sigcli.wire.addresses import ServiceId
from sigcli.zkgroup.auth_credentials import (
    AuthCredentialPresentation,
    AuthCredentialWithPni,
    AuthCredentialWithPniResponse,
    issue_auth_credential,
    issue_auth_credential_without_pni,
)
from sigcli.zkgroup.groups import ProfileKeyCiphertext, UuidCiphertext
from sigcli.zkgroup.profile_credentials import (
    ExpiringProfileKeyCredentialResponse,
    ProfileKeyCredentialRequestContext,
    issue_expiring_profile_key_credential,
)
from sigcli.zkgroup.profile_key import ProfileKeyCommitment
from sigcli.zkgroup.profile_presentations import (
    ExpiringProfileKeyCredential,
    ProfileKeyCredentialPresentation,
)
from sigcli.zkgroup.server_params import ServerPublicParams
from tests.interop.oracle import Oracle, OracleError
from tests.interop.zkgroup_objects import EXPIRATION_S, NOW_MS, NOW_S, World
from tests.support.arithmetic import arithmetic

__all__ = ["arithmetic"]

SEEDS = range(1, 6)


@pytest.fixture(params=SEEDS)
def world(oracle: Oracle, request: pytest.FixtureRequest) -> World:
    return World(oracle, request.param)


def test_server_params_and_signatures(world: World) -> None:
    theirs = world.call(
        """
        return { secret: serverSecret, public: serverPublic,
                 signature: serverSecret.signWithRandom(random32, profileKey) };
        """
    )
    assert theirs["secret"] == world.server_secret.serialize()
    assert theirs["public"] == world.server_public.serialize()
    assert theirs["signature"] == world.server_secret.sign(world.profile_key.contents, world.random)
    world.server_public.verify_signature(world.profile_key.contents, theirs["signature"])
    with pytest.raises(ZkProofFailed):
        world.server_public.verify_signature(b"other", theirs["signature"])


@pytest.mark.parametrize("name", ["live", "staging"])
def test_keys_of_the_known_services(oracle: Oracle, name: str) -> None:
    folder = Path(sigcli.__file__).parent / "service" / "known_environments"
    trust = tomllib.loads((folder / f"{name}.toml").read_text())["trust"]
    data = b64decode(trust["zkgroup_server_public_params"])
    params = ServerPublicParams.deserialize(data)
    theirs = World(oracle, 1).call(
        "return new zk.ServerPublicParams(data).getEndorsementPublicKey();", data=data
    )
    assert theirs[1:] == params.endorsement_key.encode()
    generic, profile = params.generic_credential_key, params.profile_key_credential_key
    keys = [generic.c_w, *generic.ladder, profile.c_w, profile.i]
    assert not any(key.is_identity() for key in keys)


def test_profile_key(world: World) -> None:
    theirs = world.call(
        """
        return { version: key.getProfileKeyVersion(aci).toString(), access: key.deriveAccessKey(),
                 commitment: key.getCommitment(aci) };
        """
    )
    key = world.profile_key
    assert theirs["version"] == key.get_profile_key_version(world.aci)
    assert theirs["access"] == derive_access_key(key.serialize())
    assert theirs["commitment"] == key.get_commitment(world.aci).serialize()
    assert ProfileKeyCommitment.deserialize(theirs["commitment"]) == key.get_commitment(world.aci)


def test_group_params_and_ciphertexts(world: World) -> None:
    blob = world.group.encrypt_blob_with_padding(b"title", 100)
    theirs = world.call(
        """
        return { secret: group, public: groupPublic,
                 aci: cipher.encryptServiceId(aci), pni: cipher.encryptServiceId(pni),
                 key: cipher.encryptProfileKey(key, aci), blob: cipher.encryptBlobWithRandom(random32, profileKey),
                 decrypted: cipher.decryptBlob(blob) };
        """,
        blob=blob,
    )
    group = world.group
    assert theirs["secret"] == group.serialize()
    assert theirs["public"] == group.get_public_params().serialize()
    assert theirs["decrypted"] == b"title"
    assert theirs["blob"] == group.encrypt_blob_with_padding(
        world.profile_key.contents, random=world.random
    )
    assert group.decrypt_blob_with_padding(theirs["blob"]) == world.profile_key.contents
    for service_id, ciphertext in ((world.aci, theirs["aci"]), (world.pni, theirs["pni"])):
        assert group.encrypt_service_id(service_id).serialize() == ciphertext
        assert group.decrypt_service_id(UuidCiphertext.deserialize(ciphertext)) == service_id
    assert group.encrypt_profile_key(world.profile_key, world.aci).serialize() == theirs["key"]
    encrypted_key = ProfileKeyCiphertext.deserialize(theirs["key"])
    assert group.decrypt_profile_key(encrypted_key, world.aci) == world.profile_key


def test_auth_credential_is_byte_equal(world: World) -> None:
    response = issue_auth_credential(world.server_secret, world.aci, world.pni, NOW_S, world.random)
    credential = response.receive(world.server_public, world.aci, world.pni, NOW_S)
    presentation = credential.present(world.server_public, world.group, world.random)
    theirs = world.call(
        """
        const response = serverAuth.issueAuthCredentialWithPniZkcWithRandom(random32, aci, pni, nowS);
        const credential = clientAuth.receiveAuthCredentialWithPniAsServiceId(aci, pni, nowS, response);
        const presentation = clientAuth.createAuthCredentialWithPniPresentationWithRandom(
            random32, group, credential);
        return { response, credential, presentation,
                 aci: presentation.getUuidCiphertext(), pni: presentation.getPniCiphertext() };
        """
    )
    assert theirs["response"] == response.serialize()
    assert theirs["credential"] == credential.serialize()
    assert theirs["presentation"] == presentation.serialize()
    assert theirs["aci"] == presentation.get_aci_ciphertext().serialize()
    assert theirs["pni"] == presentation.get_pni_ciphertext().serialize()
    assert AuthCredentialWithPni.deserialize(theirs["credential"]) == credential


def test_auth_credential_between_the_two(world: World) -> None:
    response = issue_auth_credential(world.server_secret, world.aci, world.pni, NOW_S)
    theirs = world.call(
        """
        const credential = clientAuth.receiveAuthCredentialWithPniAsServiceId(
            aci, pni, nowS, new zk.AuthCredentialWithPniResponse(response));
        return { presentation: clientAuth.createAuthCredentialWithPniPresentation(group, credential),
                 response: serverAuth.issueAuthCredentialWithPniZkc(aci, pni, nowS) };
        """,
        response=response.serialize(),
    )
    presented = AuthCredentialPresentation.deserialize(theirs["presentation"])
    group_public = world.group.get_public_params()
    presented.verify(world.server_secret, group_public, NOW_MS)
    for late_ms in (NOW_MS + 172_801_000, NOW_MS - 86_401_000):
        with pytest.raises(InvalidCredential):
            presented.verify(world.server_secret, group_public, late_ms)
    received = AuthCredentialWithPniResponse.deserialize(theirs["response"])
    with pytest.raises(ZkProofFailed):
        received.receive(world.server_public, world.aci, world.pni, NOW_S + 86_400)
    credential = received.receive(world.server_public, world.aci, world.pni, NOW_S)
    presentation = credential.present(world.server_public, world.group).serialize()
    verify = """
        serverAuth.verifyAuthCredentialPresentation(
            groupPublic, new zk.AuthCredentialPresentation(presentation), now);
    """
    world.call(verify, presentation=presentation)
    damaged = bytearray(presentation)
    damaged[300] ^= 1
    with pytest.raises(OracleError):
        world.call(verify, presentation=bytes(damaged))


def test_auth_credential_without_a_number(world: World) -> None:
    salt = world.random32[:16]
    response = issue_auth_credential_without_pni(
        world.server_secret, world.aci, salt, NOW_S, world.random
    )
    credential = response.receive_without_pni(world.server_public, world.aci, salt, NOW_S)
    presentation = credential.present(world.server_public, world.group, world.random)
    theirs = world.call(
        """
        const response = serverAuth.issueAuthCredentialZkcWithoutPniWithRandom(
            random32, aci, salt, nowS);
        const credential = clientAuth.receiveAuthCredentialWithoutPni(aci, salt, nowS, response);
        const presentation = clientAuth.createAuthCredentialWithPniPresentationWithRandom(
            random32, group, credential);
        return { response, credential, presentation };
        """,
        salt=salt,
    )
    assert theirs["response"] == response.serialize()
    assert theirs["credential"] == credential.serialize()
    assert theirs["presentation"] == presentation.serialize()


def test_profile_key_credential_is_byte_equal(world: World) -> None:
    context = ProfileKeyCredentialRequestContext.create(world.aci, world.profile_key, world.random)
    response = issue_expiring_profile_key_credential(
        world.server_secret,
        context.get_request(),
        world.aci,
        world.profile_key.get_commitment(world.aci),
        EXPIRATION_S,
        world.random,
    )
    credential = context.receive(world.server_public, response, NOW_MS)
    presentation = credential.present(world.server_public, world.group, world.random)
    theirs = world.call(
        """
        const context = clientProfile.createProfileKeyCredentialRequestContextWithRandom(
            random32, aci, key);
        const request = context.getRequest();
        const response = serverProfile.issueExpiringProfileKeyCredentialWithRandom(
            random32, request, aci, key.getCommitment(aci), expirationS);
        const credential = clientProfile.receiveExpiringProfileKeyCredential(context, response, now);
        const presentation = clientProfile.createExpiringProfileKeyCredentialPresentationWithRandom(
            random32, group, credential);
        return { context, request, response, credential, presentation };
        """
    )
    assert theirs["context"] == context.serialize()
    assert theirs["request"] == context.get_request().serialize()
    assert theirs["response"] == response.serialize()
    assert theirs["credential"] == credential.serialize()
    assert theirs["presentation"] == presentation.serialize()
    assert ProfileKeyCredentialRequestContext.deserialize(theirs["context"]) == context
    assert ExpiringProfileKeyCredential.deserialize(theirs["credential"]) == credential


def test_profile_key_credential_between_the_two(world: World) -> None:
    context = ProfileKeyCredentialRequestContext.create(world.aci, world.profile_key)
    ours = context.get_request().serialize()
    issued = world.call(
        """
        const request = new zk.ProfileKeyCredentialRequest(ours);
        return serverProfile.issueExpiringProfileKeyCredential(
            request, aci, key.getCommitment(aci), expirationS);
        """,
        ours=ours,
    )
    response = ExpiringProfileKeyCredentialResponse.deserialize(issued)
    with pytest.raises(InvalidCredential):
        context.receive(world.server_public, response, EXPIRATION_S * 1000)
    credential = context.receive(world.server_public, response, NOW_MS)
    presentation = credential.present(world.server_public, world.group).serialize()
    theirs = world.call(
        """
        serverProfile.verifyProfileKeyCredentialPresentation(
            groupPublic, new zk.ProfileKeyCredentialPresentation(presentation), now);
        state.context = clientProfile.createProfileKeyCredentialRequestContext(aci, key);
        return { request: state.context.getRequest(), commitment: key.getCommitment(aci) };
        """,
        presentation=presentation,
    )
    request = type(context.get_request()).deserialize(theirs["request"])
    commitment = ProfileKeyCommitment.deserialize(theirs["commitment"])
    reply = issue_expiring_profile_key_credential(
        world.server_secret, request, world.aci, commitment, EXPIRATION_S
    )
    shown = world.call(
        """
        const credential = clientProfile.receiveExpiringProfileKeyCredential(
            state.context, new zk.ExpiringProfileKeyCredentialResponse(reply), now);
        return clientProfile.createExpiringProfileKeyCredentialPresentation(group, credential);
        """,
        reply=reply.serialize(),
    )
    presented = ProfileKeyCredentialPresentation.deserialize(shown)
    presented.verify(world.server_secret, world.group.get_public_params(), NOW_MS)
    assert world.group.decrypt_service_id(presented.get_uuid_ciphertext()) == world.aci
    shown_key = presented.get_profile_key_ciphertext()
    assert world.group.decrypt_profile_key(shown_key, world.aci) == world.profile_key
    with pytest.raises(InvalidCredential):
        presented.verify(world.server_secret, world.group.get_public_params(), EXPIRATION_S * 1000)
    other_commitment = world.profile_key.get_commitment(ServiceId.aci(bytes(16)))
    with pytest.raises(ZkProofFailed):
        issue_expiring_profile_key_credential(
            world.server_secret, request, world.aci, other_commitment, EXPIRATION_S
        )
