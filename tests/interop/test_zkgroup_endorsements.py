"""Group send endorsements against the official library, both as client and as server."""

from __future__ import annotations

import pytest

from sigcli.errors import ZkProofFailed
from sigcli.wire.addresses import ServiceId
from sigcli.zkgroup.endorsements import (
    GroupSendDerivedKeyPair,
    GroupSendEndorsement,
    GroupSendEndorsementsResponse,
    GroupSendFullToken,
)
from tests.interop.oracle import Oracle, OracleError
from tests.interop.zkgroup_objects import EXPIRATION_S, NOW_MS, World
from tests.support.arithmetic import arithmetic

__all__ = ["arithmetic"]


def members_of(world: World, count: int) -> list[ServiceId]:
    others = [ServiceId.aci(i.to_bytes(16, "big")) for i in range(1, count)]
    return [*others[: count // 2], world.aci, *others[count // 2 :]]


@pytest.mark.parametrize("count", [1, 2, 20, 100])
def test_response_and_what_comes_of_it(oracle: Oracle, count: int) -> None:
    world = World(oracle, count)
    members = members_of(world, count)
    ciphertexts = [world.group.encrypt_service_id(member).serialize() for member in members]
    key_pair = GroupSendDerivedKeyPair.for_expiration(EXPIRATION_S, world.server_secret)
    response = GroupSendEndorsementsResponse.issue(ciphertexts, key_pair, world.random)
    theirs = world.call(
        """
        const keyPair = zk.GroupSendDerivedKeyPair.forExpiration(expiration, serverSecret);
        const members = ciphertexts.map((bytes) => new zk.UuidCiphertext(bytes));
        const response = zk.GroupSendEndorsementsResponse.issueWithRandom(members, keyPair, random32);
        const received = response.receiveWithCiphertexts(
            members, cipher.encryptServiceId(aci), serverPublic, now);
        return { keyPair, response, endorsements: received.endorsements,
                 combined: received.combinedEndorsement,
                 token: received.combinedEndorsement.toToken(group),
                 fullToken: received.combinedEndorsement.toFullToken(group, expiration) };
        """,
        ciphertexts=ciphertexts,
    )
    assert theirs["keyPair"] == key_pair.serialize()
    assert theirs["response"] == response.serialize()
    parsed = GroupSendEndorsementsResponse.deserialize(theirs["response"])
    local = ciphertexts[members.index(world.aci)]
    by_ciphertext = parsed.receive_with_ciphertexts(ciphertexts, local, NOW_MS, world.server_public)
    by_id = parsed.receive_with_service_ids(
        members, world.aci, NOW_MS, world.group, world.server_public
    )
    for received in (by_ciphertext, by_id):
        assert [e.serialize() for e in received.endorsements] == theirs["endorsements"]
        assert received.combined.serialize() == theirs["combined"]
    assert by_id.combined.to_token(world.group).serialize() == theirs["token"]
    full_token = by_id.combined.to_full_token(world.group, EXPIRATION_S)
    assert full_token.serialize() == theirs["fullToken"]
    others = [member for member in members if member != world.aci]
    full_token.verify(others, NOW_MS, key_pair)


def test_combining_and_removing(oracle: Oracle) -> None:
    world = World(oracle, 77)
    members = members_of(world, 6)
    ciphertexts = [world.group.encrypt_service_id(member).serialize() for member in members]
    key_pair = GroupSendDerivedKeyPair.for_expiration(EXPIRATION_S, world.server_secret)
    response = GroupSendEndorsementsResponse.issue(ciphertexts, key_pair)
    theirs = world.call(
        """
        const response = new zk.GroupSendEndorsementsResponse(bytes);
        const members = ciphertexts.map((bytes) => new zk.UuidCiphertext(bytes));
        const { endorsements: all, combinedEndorsement } = response.receiveWithCiphertexts(
            members, cipher.encryptServiceId(aci), serverPublic, now);
        return { all, combined: zk.GroupSendEndorsement.combine([all[0], all[5]]),
                 removed: combinedEndorsement.byRemoving(all[0]) };
        """,
        bytes=response.serialize(),
        ciphertexts=ciphertexts,
    )
    stored = [GroupSendEndorsement.deserialize(data) for data in theirs["all"]]
    combined = GroupSendEndorsement.combine([stored[0], stored[5]])
    assert combined.serialize() == theirs["combined"]
    everybody_else = GroupSendEndorsement.combine([*stored[:3], *stored[4:]])
    assert everybody_else.remove(stored[0]).serialize() == theirs["removed"]

    verify = """
        const keyPair = zk.GroupSendDerivedKeyPair.forExpiration(expiration, serverSecret);
        const ids = recipients.map((id) => lib.ServiceId.parseFromServiceIdFixedWidthBinary(id));
        new zk.GroupSendFullToken(token).verify(ids, keyPair, now);
    """
    token = combined.to_full_token(world.group, EXPIRATION_S).serialize()
    recipients = [members[0].to_fixed_width(), members[5].to_fixed_width()]
    world.call(verify, token=token, recipients=recipients)
    with pytest.raises(OracleError):
        world.call(verify, token=token, recipients=recipients[:1])
    with pytest.raises(ZkProofFailed):
        GroupSendFullToken.deserialize(token).verify(members[:1], NOW_MS, key_pair)
