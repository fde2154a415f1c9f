"""Ids that somebody other than the user says are one person's: believed as far as ``store.address_claims`` allows.

What moves, and what the user has to decide on first, is said on stderr.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import AddressMoved
from sigcli.store.address_claims import AddressKind, find_claim, take_ids
from sigcli.store.recipient_merging import Ids, resolve_recipient
from sigcli.store.recipients import find_by_service_id
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigcli.client.base.account import Account
    from sigcli.store.address_claims import Claim
    from sigcli.store.database import Transaction


def take_claimed_ids(
    account: Account,
    transaction: Transaction,
    *,
    aci: ServiceId | None = None,
    pni: ServiceId | None = None,
    number: str | None = None,
    username: str | None = None,
    proven: bool = False,
    apart_from: ServiceId | None = None,
) -> int:
    """The row of the person that the ids are said to be; at least one is given.

    The account's own number and PNI are nobody else's. ``proven``: the key of the PNI has signed for the ACI;
    ``apart_from``: the ACI of somebody who is not meant, where no ACI is given.
    """
    own = account.keys
    if aci is not None and aci == own.aci:
        return resolve_recipient(transaction, aci=own.aci, pni=own.pni, number=own.number).id
    is_phone_own = (number is not None and number == own.number) or (
        pni is not None and pni == own.pni
    )
    given = Ids(aci, pni, number, username)
    if is_phone_own:
        if aci is None:
            return resolve_recipient(transaction, aci=own.aci, pni=own.pni, number=own.number).id
        given = Ids(aci, username=username)
    taken = take_ids(
        transaction,
        given,
        account.trust_policy,
        account.now_ms(),
        proven=proven,
        apart_from=apart_from,
    )
    for claim in _told(taken.moved):
        account.warn(
            f"{described(claim)} belongs to another account now: {claim.claimant}; it was that of"
            f" {_name(account, claim.holder)}"
        )
    for claim in _told(taken.kept):
        account.warn(
            f"{described(claim)} is said to belong to another account now: {claim.claimant}; it stays that of"
            f" {_name(account, claim.holder)}, and nothing is sent to it, until you confirm: {AddressMoved.hint}"
        )
    if taken.moved or taken.kept:
        account.forget_people()
    return taken.id


def disputed(account: Account, kind: AddressKind, address: str) -> Claim | None:
    """The claim on an address that the user has to decide on; None if there is none."""
    claim = find_claim(account.database, kind, address)
    return None if claim is None or claim.claimant is None else claim


def require_undisputed(account: Account, kind: AddressKind, address: str) -> None:
    """Raise AddressMoved if an address is another account's by what was heard, and the user has not decided."""
    claim = disputed(account, kind, address)
    if claim is not None:
        raise AddressMoved(
            f"{described(claim)} is said to belong to another account now: {claim.claimant}; it was that of"
            f" {_name(account, claim.holder)}",
            number=address if kind is AddressKind.NUMBER else None,
            username=address if kind is AddressKind.USERNAME else None,
        )


def described(claim: Claim) -> str:
    """An address in a sentence; a number by its end."""
    if isinstance(claim.address, ServiceId):
        return f"the number with the id {claim.address}"
    if claim.kind is AddressKind.NUMBER:
        return f"the number ending in {claim.address[-4:]}"
    return f"the username {claim.address}"


def _told(claims: Iterable[Claim]) -> list[Claim]:
    """One claim for each pair of accounts: a number and its PNI are one thing to the user."""
    told: dict[tuple[ServiceId, ServiceId | None], Claim] = {}
    for claim in sorted(claims, key=lambda one: one.kind is AddressKind.PNI):
        told.setdefault((claim.holder, claim.claimant), claim)
    return list(told.values())


def _name(account: Account, holder: ServiceId) -> str:
    """What the user calls the holder, else their id; never a name that they chose themselves."""
    person = find_by_service_id(account.database, holder)
    name = "" if person is None else person.contact.name
    return f"{name} ({holder})" if name else str(holder)
