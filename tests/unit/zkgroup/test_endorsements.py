"""Group send endorsements: chunks, combinations, times, and who may not use them."""

from __future__ import annotations

import pytest

from sigcli.errors import InvalidCredential, MalformedMessage, SigcliError, ZkProofFailed
from sigcli.wire.addresses import ServiceId
from sigcli.zkgroup.endorsements import (
    GroupSendDerivedKeyPair,
    GroupSendEndorsement,
    GroupSendEndorsementsResponse,
    ReceivedEndorsements,
)
from tests.unit.zkgroup import samples as s


def receive(now_ms: int = s.NOW_MS) -> ReceivedEndorsements:
    return s.endorsements_response().receive_with_ciphertexts(
        s.member_ciphertexts(), s.member_ciphertexts()[0], now_ms, s.server_public()
    )


def test_tokens_of_one_several_and_all_but_some() -> None:
    received = receive()
    one, *others = received.endorsements
    stored = [GroupSendEndorsement.deserialize(e.serialize()) for e in received.endorsements]
    cases = [
        (one, s.MEMBERS[:1]),
        (received.combined, s.MEMBERS[1:]),
        (GroupSendEndorsement.combine(stored[2:4]), s.MEMBERS[2:4]),
        (received.combined.remove(stored[5]), s.MEMBERS[1:5]),
        (GroupSendEndorsement.combine([one, *others]), s.MEMBERS),
    ]
    for endorsement, recipients in cases:
        token = endorsement.to_full_token(s.group(), received.expiration_s)
        token.verify(recipients, s.NOW_MS, s.endorsement_key())
        token.verify(recipients[::-1], s.NOW_MS, s.endorsement_key())
        for wrong in (recipients[1:], [*recipients, ServiceId.pni(bytes(16))]):
            with pytest.raises(ZkProofFailed):
                token.verify(wrong, s.NOW_MS, s.endorsement_key())
        with pytest.raises(InvalidCredential):
            token.verify(recipients, (s.EXPIRATION_S + 1) * 1000, s.endorsement_key())


def test_tokens_made_together_are_those_made_one_by_one() -> None:
    received = receive()
    stored = [GroupSendEndorsement.deserialize(e.serialize()) for e in received.endorsements]
    expected = [one.to_full_token(s.group(), s.EXPIRATION_S) for one in received.endorsements]
    for together in (stored, received.endorsements):
        made = GroupSendEndorsement.to_full_tokens(together, s.group(), s.EXPIRATION_S)
        assert made == expected
    damaged = GroupSendEndorsement.deserialize(bytes(1) + b"\xff" * 32)
    with pytest.raises(MalformedMessage):
        GroupSendEndorsement.to_full_tokens([stored[0], damaged], s.group(), s.EXPIRATION_S)


def test_wrong_keys_and_members() -> None:
    response = s.endorsements_response()
    ciphertexts = s.member_ciphertexts()
    other_key = GroupSendDerivedKeyPair.for_expiration(s.EXPIRATION_S + 86_400, s.server_secret())
    token = receive().combined.to_full_token(s.group(), s.EXPIRATION_S)
    with pytest.raises(ZkProofFailed):
        token.verify(s.MEMBERS[1:], s.NOW_MS, other_key)
    stranger = s.group().encrypt_service_id(ServiceId.aci(b"\xee" * 16)).serialize()
    for members, local in [
        (ciphertexts[:-1], ciphertexts[0]),
        ((*ciphertexts[:-1], stranger), ciphertexts[0]),
        (ciphertexts, stranger),
        ((), stranger),
    ]:
        with pytest.raises(ZkProofFailed):
            response.receive_with_ciphertexts(members, local, s.NOW_MS, s.server_public())
    empty = GroupSendEndorsementsResponse((), response.proof, response.expiration_s)
    with pytest.raises(SigcliError):
        empty.receive_with_ciphertexts((), b"", s.NOW_MS, s.server_public())
    with pytest.raises(InvalidCredential):
        receive(s.EXPIRATION_S * 1000)


def test_the_order_of_the_members_decides_the_order_of_the_endorsements() -> None:
    forwards = receive()
    backwards = s.endorsements_response().receive_with_ciphertexts(
        s.member_ciphertexts()[::-1], s.member_ciphertexts()[0], s.NOW_MS, s.server_public()
    )
    assert backwards.endorsements == forwards.endorsements[::-1]
    assert backwards.combined == forwards.combined


def test_many_members_in_chunks_and_at_once() -> None:
    members = [ServiceId.aci(i.to_bytes(16, "big")) for i in range(100)]
    ciphertexts = [s.group().encrypt_service_id(member).serialize() for member in members]
    response = GroupSendEndorsementsResponse.issue(ciphertexts, s.endorsement_key())
    calls = []

    def map_chunks(function, *chunks):  # type: ignore[no-untyped-def]
        calls.append(len(chunks[0]))
        return map(function, *chunks)

    chunked = response.receive_with_ciphertexts(
        ciphertexts,
        ciphertexts[3],
        s.NOW_MS,
        s.server_public(),
        map_chunks=map_chunks,
        chunk_length=30,
    )
    by_id = response.receive_with_service_ids(
        members, members[3], s.NOW_MS, s.group(), s.server_public()
    )
    assert calls == [4, 4]
    assert chunked == by_id
    token = by_id.combined.to_full_token(s.group(), s.EXPIRATION_S)
    token.verify(members[:3] + members[4:], s.NOW_MS, s.endorsement_key())
