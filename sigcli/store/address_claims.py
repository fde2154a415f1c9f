"""Addresses that belong to an account until the user says otherwise, and who claims them.

A number, a PNI and a username are parts of somebody's identity here: messages that are addressed by them go to the
account that was known by them first. That one of them is another account's now is a *claim*, no matter who makes it: a
sender certificate, a signature by a PNI's key, the directory, a username lookup, a storage record, a linked device.
It is treated as a changed key is:

    policy            the holder's key was verified    otherwise
    on-first-use      kept                             kept
    unless-verified   kept                             moves, with a notice
    always            kept                             moves, with a notice
    never             kept                             kept

A claim that is kept stands here until the user confirms it (``confirm_claim``), or the holder has the address again. An
address that its holder gave up stays theirs in this sense: who comes next has to be confirmed as well. A row that is
known without an ACI becomes part of the account that turns out to be the same person, unless a key stands against it.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass, replace
from sigcli.store.identity_keys import TrustPolicy, find_identity, is_trusted
from sigcli.store.recipient_merging import (
    Ids,
    ids_without,
    is_same_username,
    keeper_of,
    resolve_recipient,
    rows_with,
    take_from,
)
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigcli.store.database import Database, Transaction


class AddressKind(enum.IntEnum):
    """What kind of address it is."""

    NUMBER = 0
    PNI = 1
    USERNAME = 2


Address = str | ServiceId


@dataclass(frozen=True, slots=True)
class Claim:
    """An address that is another account's by what was heard since; ``claimant`` None: it was given up."""

    kind: AddressKind
    address: Address
    holder: ServiceId
    claimant: ServiceId | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of ids that are one person's by a claim: their row, what moves, and what is to be confirmed first.

    ``kept`` are the claims that are news.
    """

    id: int
    moved: tuple[Claim, ...] = ()
    kept: tuple[Claim, ...] = ()


def take_ids(
    database: Transaction,
    given: Ids,
    policy: TrustPolicy,
    now_ms: int,
    *,
    proven: bool = False,
    apart_from: ServiceId | None = None,
) -> Taken:
    """The row for ids that somebody claims to be one person's, made or merged as far as that is trusted.

    ``proven``: the key of the PNI itself has signed that it belongs to the ACI; ``apart_from``: the
    ACI of somebody whom the ids, given without an ACI, are known not to be.
    """
    if given.service_id is None:
        # One address alone names the person who has it.
        return Taken(_resolve(database, given))
    found = rows_with(database, given)
    for ids in found.values():
        if is_same_username(ids, given):
            given = replace(given, username=ids.username)
    claimant, own_row = _claimant(found, given, apart_from)
    moved: list[Claim] = []
    kept: list[Claim] = []
    for row_id, ids in found.items():
        holder = ids.service_id
        if holder is None or row_id == own_row or holder == claimant:
            continue
        lost = [Claim(*one, holder, claimant) for one in _lost(ids, given, claimant)]
        if ids.aci is None and claimant.is_aci:
            if _stands_against_merge(database, holder, claimant, policy, proven=proven):
                kept += lost
        elif stays_with(database, holder, policy):
            kept += lost
        else:
            moved += lost
    for kind, address in _addresses(given):
        former = find_claim(database, kind, address)
        if former is None or any((kind, address) == (c.kind, c.address) for c in (*kept, *moved)):
            continue
        if former.holder == claimant:
            _drop(database, kind, address)
            continue
        claim = replace(former, claimant=claimant)
        (kept if stays_with(database, former.holder, policy) else moved).append(claim)
    news = tuple(claim for claim in kept if _note(database, claim, now_ms))
    for claim in moved:
        _drop(database, claim.kind, claim.address)
        take_from(database, claim.holder, _ids_of(claim))
    rest = _without(given, kept)
    if rest == Ids():
        rest = _named(kept[0].holder)
    if rest.aci is not None:
        for ids in rows_with(database, Ids(aci=rest.aci)).values():
            _note_given_up(database, ids, rest, now_ms)
    return Taken(_resolve(database, rest), tuple(moved), news)


def find_claim(database: Database, kind: AddressKind, address: Address) -> Claim | None:
    """The claim on an address; one without a claimant if it was only given up."""
    row = database.row(
        "SELECT holder, claimant FROM address_claim WHERE kind = ? AND address = ?",
        (int(kind), _stored(kind, address)),
    )
    if row is None:
        return None
    claimant = None if row[1] is None else ServiceId.from_fixed_width(row[1])
    return Claim(kind, address, ServiceId.from_fixed_width(row[0]), claimant)


def claims_between(database: Database, holder: ServiceId, claimant: ServiceId) -> list[Claim]:
    """Everything of one account that another one claims."""
    rows = database.rows(
        "SELECT kind, address FROM address_claim WHERE holder = ? AND claimant = ? ORDER BY kind",
        (holder.to_fixed_width(), claimant.to_fixed_width()),
    )
    return [
        Claim(AddressKind(kind), _loaded(AddressKind(kind), address), holder, claimant)
        for kind, address in rows
    ]


def is_disputed(database: Database, service_id: ServiceId) -> bool:
    """Whether the user still has to decide on an address that an account holds, or claims."""
    row = database.row(
        "SELECT 1 FROM address_claim WHERE claimant IS NOT NULL AND (holder = ?1 OR claimant = ?1)",
        (service_id.to_fixed_width(),),
    )
    return row is not None


def confirm_claim(database: Transaction, claim: Claim) -> int:
    """Let everything that the claimant claims of this holder be theirs; gives the claimant's row."""
    assert claim.claimant is not None
    ids = _named(claim.claimant)
    for one in claims_between(database, claim.holder, claim.claimant):
        address = _ids_of(one)
        if not (one.holder.is_pni and claim.claimant.is_aci):
            take_from(database, one.holder, address)
        _drop(database, one.kind, one.address)
        ids = Ids(
            aci=ids.aci,
            pni=ids.pni or address.pni,
            number=ids.number or address.number,
            username=ids.username or address.username,
        )
    return _resolve(database, ids)


def reject_claim(database: Transaction, claim: Claim) -> None:
    """Let the holder keep everything that this claimant claims."""
    assert claim.claimant is not None
    for one in claims_between(database, claim.holder, claim.claimant):
        _drop(database, one.kind, one.address)


def note_given_up(
    database: Transaction, kind: AddressKind, address: Address, holder: ServiceId, now_ms: int
) -> None:
    """Remember the last owner of an address that nobody has now."""
    _note(database, Claim(kind, address, holder, None), now_ms)


def forget_claims(database: Transaction, service_id: ServiceId) -> None:
    """Forget all claims that concern an account: for somebody who is forgotten."""
    database.write(
        "DELETE FROM address_claim WHERE holder = ?1 OR claimant = ?1",
        (service_id.to_fixed_width(),),
    )


# --- judging --------------------------------------------------------------------------------------


def _claimant(
    found: dict[int, Ids], given: Ids, apart_from: ServiceId | None
) -> tuple[ServiceId, int | None]:
    """Whose the given ids are by the claim, and the row that is theirs already."""
    if given.aci is not None:
        own = next((row_id for row_id, ids in found.items() if ids.aci == given.aci), None)
        return given.aci, own
    assert given.pni is not None  # one of the two is given
    if apart_from is not None:
        found = {row_id: ids for row_id, ids in found.items() if ids.aci != apart_from}
    keeper = keeper_of(found, given)
    if keeper is None or found[keeper].pni not in (None, given.pni):
        # A number that has another PNI is not that person's any more.
        return given.pni, None
    return found[keeper].aci or given.pni, keeper


def _lost(ids: Ids, given: Ids, claimant: ServiceId) -> list[tuple[AddressKind, Address]]:
    """The addresses of a row that are somebody else's by the given ids; number and PNI go together."""
    left = ids_without(ids, given)
    if ids.aci is None and not claimant.is_aci:
        left = replace(left, pni=ids.pni)  # by which alone they are known
    return [one for one in _addresses(ids) if one not in _addresses(left)]


def stays_with(database: Database, holder: ServiceId, policy: TrustPolicy) -> bool:
    """Whether what an account has stays its own until the user confirms that it is another one's."""
    known = find_identity(database, holder)
    if known is not None and known.was_verified:
        return True
    return policy in (TrustPolicy.ON_FIRST_USE, TrustPolicy.NEVER)


def _stands_against_merge(
    database: Database, pni: ServiceId, aci: ServiceId, policy: TrustPolicy, *, proven: bool
) -> bool:
    """Whether somebody known by a PNI must not become part of an account: a key says no.

    Their own key is not trusted, or was verified and has not signed; or that of the account is not trusted.
    """
    own = find_identity(database, pni)
    if own is None:
        return False
    if not is_trusted(own, own.identity_key, policy) or (own.was_verified and not proven):
        return True
    other = find_identity(database, aci)
    return other is not None and not is_trusted(other, other.identity_key, policy)


# --- ids ------------------------------------------------------------------------------------------


def _addresses(ids: Ids) -> list[tuple[AddressKind, Address]]:
    pairs: tuple[tuple[AddressKind, Address | None], ...] = (
        (AddressKind.NUMBER, ids.number),
        (AddressKind.PNI, ids.pni),
        (AddressKind.USERNAME, ids.username),
    )
    return [(kind, address) for kind, address in pairs if address is not None]


def _ids_of(claim: Claim) -> Ids:
    address = claim.address
    if isinstance(address, ServiceId):
        return Ids(pni=address)
    if claim.kind is AddressKind.NUMBER:
        return Ids(number=address)
    return Ids(username=address)


def _named(service_id: ServiceId) -> Ids:
    return Ids(aci=service_id) if service_id.is_aci else Ids(pni=service_id)


def _resolve(database: Transaction, ids: Ids) -> int:
    return resolve_recipient(
        database, aci=ids.aci, pni=ids.pni, number=ids.number, username=ids.username
    ).id


def _without(given: Ids, kept: Iterable[Claim]) -> Ids:
    """What remains of the given ids while some of them are to be confirmed."""
    addresses = [claim.address for claim in kept]
    return Ids(
        aci=given.aci,
        pni=None if given.pni in addresses else given.pni,
        number=None if given.number in addresses else given.number,
        username=None if given.username in addresses else given.username,
    )


def _note_given_up(database: Transaction, before: Ids, given: Ids, now_ms: int) -> None:
    """Remember the addresses that an account has exchanged for the given ones."""
    assert before.aci is not None
    kinds = (
        (AddressKind.NUMBER, before.number, given.number),
        (AddressKind.USERNAME, before.username, given.username),
    )
    for kind, old, new in kinds:
        if old is not None and new is not None and old != new:
            note_given_up(database, kind, old, before.aci, now_ms)


# --- rows -----------------------------------------------------------------------------------------


def _note(database: Transaction, claim: Claim, now_ms: int) -> bool:
    """Keep a claim; false if it stands already."""
    claimant = None if claim.claimant is None else claim.claimant.to_fixed_width()
    return bool(
        database.write(
            "INSERT INTO address_claim (kind, address, holder, claimant, claimed_ms) "
            "VALUES (?, ?, ?, ?, ?) ON CONFLICT (kind, address) DO UPDATE SET "
            "claimant = excluded.claimant, claimed_ms = excluded.claimed_ms "
            "WHERE claimant IS NOT excluded.claimant",
            (
                int(claim.kind),
                _stored(claim.kind, claim.address),
                claim.holder.to_fixed_width(),
                claimant,
                now_ms,
            ),
        )
    )


def _drop(database: Transaction, kind: AddressKind, address: Address) -> None:
    database.write(
        "DELETE FROM address_claim WHERE kind = ? AND address = ?",
        (int(kind), _stored(kind, address)),
    )


def _stored(kind: AddressKind, address: Address) -> str | bytes:
    if isinstance(address, ServiceId):
        return address.uuid_bytes
    return address.lower() if kind is AddressKind.USERNAME else address


def _loaded(kind: AddressKind, address: str | bytes) -> Address:
    if isinstance(address, bytes):
        return ServiceId.pni(address)
    del kind
    return address
