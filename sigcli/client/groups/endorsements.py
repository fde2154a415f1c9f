"""Group send endorsements: received with a group, kept with its members, turned into tokens for sending."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.groups.credentials import server_params
from sigcli.durations import HOUR_S
from sigcli.errors import InvalidCredential, ProtocolError
from sigcli.service.credentials import GroupSendToken
from sigcli.store.group_members import Endorsements
from sigcli.zkgroup.endorsements import GroupSendEndorsement, GroupSendEndorsementsResponse

if TYPE_CHECKING:
    from collections.abc import Collection

    from sigcli.client.base.account import Account
    from sigcli.store.group_values import GroupDetails
    from sigcli.wire.addresses import ServiceId
    from sigcli.zkgroup.groups import GroupSecretParams

RENEWED_BEFORE_S = 2 * HOUR_S
"""Endorsements are not used in the last part of their life, this long."""


def receive_endorsements(
    account: Account, params: GroupSecretParams, details: GroupDetails, response: bytes
) -> Endorsements | None:
    """What the service vouches for about these members; None if it says nothing, or nothing valid.

    Takes about 0.2 ms a member, and 0.5 ms for one whose encrypted id is not at hand.
    """
    if not response or details.member(account.aci) is None:
        return None
    from sigcli.client.groups.attributes import encrypt_service_id

    ciphertexts = [
        member.user_id_ciphertext or encrypt_service_id(params, member.aci)
        for member in details.members
    ]
    own = next(
        ciphertext
        for ciphertext, member in zip(ciphertexts, details.members, strict=True)
        if member.aci == account.aci
    )
    try:
        received = GroupSendEndorsementsResponse.deserialize(response).receive_with_ciphertexts(
            ciphertexts, own, account.now_ms(), server_params(account)
        )
    except InvalidCredential:
        # They expire too soon to be of use: sending asks for others.
        return None
    except ProtocolError as error:
        account.warn(f"the group's send endorsements do not hold: {error.message}")
        return None
    by_member = {
        member.aci: endorsement.serialize()
        for member, endorsement in zip(details.members, received.endorsements, strict=True)
        if member.aci != account.aci
    }
    return Endorsements(by_member, received.combined.serialize(), received.expiration_s)


def are_fresh(endorsements: Endorsements | None, now_ms: int) -> bool:
    """Whether they can still be used for a while."""
    if endorsements is None:
        return False
    return now_ms // 1000 < endorsements.expire_s - RENEWED_BEFORE_S


def tokens_for_each(
    params: GroupSecretParams, endorsements: Endorsements, recipients: Collection[ServiceId]
) -> dict[ServiceId, GroupSendToken]:
    """A token for each of these members alone, who are endorsed; raises MalformedMessage."""
    tokens = GroupSendEndorsement.to_full_tokens(
        [GroupSendEndorsement.deserialize(endorsements.by_member[member]) for member in recipients],
        params,
        endorsements.expire_s,
    )
    return {
        member: GroupSendToken(token.serialize())
        for member, token in zip(recipients, tokens, strict=True)
    }


def token_for(
    params: GroupSecretParams, endorsements: Endorsements, recipients: Collection[ServiceId]
) -> GroupSendToken:
    """The token that covers exactly these members, each of whom is endorsed; raises MalformedMessage."""
    combined = GroupSendEndorsement.combine(
        [GroupSendEndorsement.deserialize(endorsements.by_member[member]) for member in recipients]
    )
    token = combined.to_full_token(params, endorsements.expire_s)
    return GroupSendToken(token.serialize())
