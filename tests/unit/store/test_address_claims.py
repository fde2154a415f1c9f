"""Who has an address: what a claim moves, what it leaves until the user has decided, and what merges."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from sigcli.crypto.curve import KeyPair
from sigcli.store.address_claims import (
    AddressKind,
    Claim,
    claims_between,
    confirm_claim,
    find_claim,
    forget_claims,
    is_disputed,
    note_given_up,
    reject_claim,
    take_ids,
)
from sigcli.store.identity_keys import (
    TrustLevel,
    TrustPolicy,
    save_peer_identity,
    set_trust_level,
)
from sigcli.store.recipient_merging import Ids, resolve_recipient
from sigcli.store.recipients import list_recipients, update_recipient
from sigcli.wire.addresses import ServiceId
from tests.unit.store.conftest import NOW_MS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.store.address_claims import Taken
    from sigcli.store.database import Database, Transaction

A, B, C = (ServiceId.aci(UUID(int=number)) for number in (10, 11, 12))
P, Q = ServiceId.pni(UUID(int=20)), ServiceId.pni(UUID(int=21))
M, N = "+15550101", "+15550102"
FIRST_USE, UNLESS_VERIFIED = TrustPolicy.ON_FIRST_USE, TrustPolicy.UNLESS_VERIFIED


@pytest.fixture(autouse=True)
def _transaction(database: Database) -> Iterator[None]:
    with database.transaction():
        yield


def take(
    database: Transaction,
    ids: Ids,
    policy: TrustPolicy = FIRST_USE,
    *,
    proven: bool = False,
    apart_from: ServiceId | None = None,
) -> Taken:
    return take_ids(database, ids, policy, NOW_MS, proven=proven, apart_from=apart_from)


def know_key(database: Transaction, service_id: ServiceId, level: TrustLevel) -> None:
    key = KeyPair.generate().public_key
    save_peer_identity(database, service_id, key, FIRST_USE, NOW_MS)
    set_trust_level(database, service_id, key, level)


def people(database: Database) -> set[tuple[object, ...]]:
    return {(one.aci, one.pni, one.number) for one in list_recipients(database)}


@pytest.mark.parametrize(
    ("policy", "level", "moves"),
    [
        (TrustPolicy.ON_FIRST_USE, TrustLevel.TRUSTED_UNVERIFIED, False),
        (TrustPolicy.ON_FIRST_USE, TrustLevel.TRUSTED_VERIFIED, False),
        (TrustPolicy.UNLESS_VERIFIED, None, True),
        (TrustPolicy.UNLESS_VERIFIED, TrustLevel.TRUSTED_UNVERIFIED, True),
        (TrustPolicy.UNLESS_VERIFIED, TrustLevel.TRUSTED_VERIFIED, False),
        (TrustPolicy.ALWAYS, TrustLevel.TRUSTED_UNVERIFIED, True),
        (TrustPolicy.ALWAYS, TrustLevel.TRUSTED_VERIFIED, False),
        (TrustPolicy.NEVER, TrustLevel.TRUSTED_UNVERIFIED, False),
    ],
)
@pytest.mark.parametrize(
    "claimed", [Ids(B, P, N), Ids(B, number=N), Ids(B, pni=P), Ids(None, Q, N)]
)
def test_an_address_is_treated_as_a_key_is(
    database: Transaction, policy: TrustPolicy, level: TrustLevel | None, moves: bool, claimed: Ids
) -> None:
    holder = resolve_recipient(database, aci=A, pni=P, number=N).id
    if level is not None:
        know_key(database, A, level)
    update_recipient(database, holder, given_name="Ann", profile_sharing=True)
    taken = take(database, claimed, policy)
    assert bool(taken.moved) is moves
    assert bool(taken.kept) is not moves
    claimant = next(one for one in list_recipients(database) if one.id == taken.id)
    assert claimant.contact.given_name is None  # nothing but addresses ever moves
    assert not claimant.contact.profile_sharing
    if moves:
        assert (A, None, None) in people(database)
        assert not is_disputed(database, A)
        return
    assert (A, P, N) in people(database)
    assert is_disputed(database, A)
    # It is news once.
    assert take(database, claimed, policy).kept == ()


@pytest.mark.parametrize("policy", [FIRST_USE, UNLESS_VERIFIED])
def test_a_username_is_the_same_in_any_case(database: Transaction, policy: TrustPolicy) -> None:
    resolve_recipient(database, aci=A, username="Ann.01")
    taken = take(database, Ids(B, username="ann.01"), policy)
    claims = (*taken.kept, *taken.moved)
    assert [(one.kind, one.holder, one.claimant) for one in claims] == [
        (AddressKind.USERNAME, A, B)
    ]
    claim = find_claim(database, AddressKind.USERNAME, "ANN.01")
    if policy is FIRST_USE:
        assert {one.aci: one.username for one in list_recipients(database)} == {
            A: "Ann.01",
            B: None,
        }
        assert claim is not None
        confirm_claim(database, claim)
    names = {one.aci: one.username and one.username.lower() for one in list_recipients(database)}
    assert names == {A: None, B: "ann.01"}


def test_what_the_user_confirms_moves(database: Transaction) -> None:
    resolve_recipient(database, aci=A, pni=P, number=N)
    take(database, Ids(B, number=N))
    claim = find_claim(database, AddressKind.NUMBER, N)
    assert claim == Claim(AddressKind.NUMBER, N, A, B)
    assert len(claims_between(database, A, B)) == 2  # the PNI goes with its number
    confirm_claim(database, claim)
    assert people(database) == {(A, None, None), (B, P, N)}
    assert find_claim(database, AddressKind.NUMBER, N) is None
    assert find_claim(database, AddressKind.PNI, P) is None


def test_what_the_user_rejects_stays(database: Transaction) -> None:
    resolve_recipient(database, aci=A, pni=P, number=N)
    take(database, Ids(B, P, N))
    claim = find_claim(database, AddressKind.PNI, P)
    assert claim is not None
    reject_claim(database, claim)
    assert not is_disputed(database, A)
    assert (A, P, N) in people(database)


def test_the_holder_ends_a_claim(database: Transaction) -> None:
    resolve_recipient(database, aci=A, number=N)
    take(database, Ids(B, number=N))
    take(database, Ids(A, number=N))
    assert not is_disputed(database, A)


def test_a_later_claim_replaces_an_earlier_one(database: Transaction) -> None:
    resolve_recipient(database, aci=A, number=N)
    take(database, Ids(B, number=N))
    (news,) = take(database, Ids(C, number=N)).kept
    assert news.claimant == C
    assert not is_disputed(database, B)


@pytest.mark.parametrize("kind", ["number", "username"])
def test_what_was_given_up_is_still_part_of_who_had_it(database: Transaction, kind: str) -> None:
    """An account moves to another number or name: who comes after it on the old one is somebody else."""

    def ids(aci: ServiceId, address: str) -> Ids:
        is_number = kind == "number"
        return Ids(aci, number=address) if is_number else Ids(aci, username=address)

    take(database, ids(A, N))
    assert take(database, ids(A, M)).kept == ()
    (claim,) = take(database, ids(B, N)).kept
    assert (claim.holder, claim.claimant) == (A, B)
    assert all(getattr(one, kind) != N for one in list_recipients(database))
    confirm_claim(database, claim)
    assert {(one.aci, getattr(one, kind)) for one in list_recipients(database)} == {(A, M), (B, N)}


def test_who_takes_an_address_back_needs_no_word(database: Transaction) -> None:
    resolve_recipient(database, aci=A)
    note_given_up(database, AddressKind.USERNAME, "ann.01", A, NOW_MS)
    assert take(database, Ids(A, username="Ann.01")).kept == ()
    assert find_claim(database, AddressKind.USERNAME, "ann.01") is None


@pytest.mark.parametrize(
    ("pni_level", "aci_level", "proven", "merges"),
    [
        (None, None, False, True),
        (TrustLevel.TRUSTED_UNVERIFIED, TrustLevel.TRUSTED_UNVERIFIED, False, True),
        (TrustLevel.UNTRUSTED, None, True, False),
        (TrustLevel.UNTRUSTED, TrustLevel.TRUSTED_VERIFIED, False, False),
        (TrustLevel.TRUSTED_VERIFIED, TrustLevel.TRUSTED_UNVERIFIED, False, False),
        (TrustLevel.TRUSTED_VERIFIED, TrustLevel.TRUSTED_UNVERIFIED, True, True),
        (TrustLevel.TRUSTED_UNVERIFIED, TrustLevel.UNTRUSTED, True, False),
    ],
)
def test_people_merge_only_over_trusted_keys(
    database: Transaction,
    pni_level: TrustLevel | None,
    aci_level: TrustLevel | None,
    proven: bool,
    merges: bool,
) -> None:
    row = resolve_recipient(database, pni=P, number=N).id
    update_recipient(database, row, given_name="Ann", profile_sharing=True)
    for service_id, level in ((P, pni_level), (A, aci_level)):
        if level is not None:
            know_key(database, service_id, level)
    taken = take(database, Ids(A, P, None if proven else N), UNLESS_VERIFIED, proven=proven)
    if merges:
        assert people(database) == {(A, P, N)}
        return
    assert people(database) == {(None, P, N), (A, None, None)}
    assert {claim.kind for claim in taken.kept} == {AddressKind.NUMBER, AddressKind.PNI}
    claim = find_claim(database, AddressKind.NUMBER, N)
    assert claim is not None
    confirm_claim(database, claim)
    (person,) = list_recipients(database)
    assert (person.aci, person.pni, person.number) == (A, P, N)
    assert person.contact.given_name == "Ann"


def test_a_number_never_moves_by_its_pni_alone(database: Transaction) -> None:
    """The directory without ACIs: it names a PNI that is another account's, or does not name whom it would."""
    resolve_recipient(database, aci=A, number=N)
    resolve_recipient(database, aci=B, pni=P)
    (claim,) = take(database, Ids(None, P, N)).kept
    assert (claim.holder, claim.claimant) == (A, B)
    assert people(database) == {(A, None, N), (B, P, None)}
    # Where nobody has it, it is the PNI of the one with the number.
    resolve_recipient(database, aci=C, number=M)
    assert take(database, Ids(None, Q, M)).kept == ()
    assert (C, Q, M) in people(database)
    assert {claim.claimant for claim in take(database, Ids(None, Q, M), apart_from=C).kept} == {Q}
    assert (C, Q, M) in people(database)


def test_forgetting_somebody_forgets_their_claims(database: Transaction) -> None:
    resolve_recipient(database, aci=A, number=N)
    take(database, Ids(B, number=N))
    forget_claims(database, B)
    assert find_claim(database, AddressKind.NUMBER, N) is None
