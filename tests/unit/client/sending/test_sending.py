from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.client.account.challenges import captcha_action
from sigcli.client.base.outcomes import ResultType
from sigcli.client.content.long_text import MAX_BODY_BYTES, body_of, is_long
from sigcli.client.sending.access import access_key_of
from sigcli.client.sending.outgoing import failure_type
from sigcli.client.sending.pni_proof import pni_signature_for
from sigcli.client.sending.sender_certificate import is_fresh
from sigcli.client.sending.sending import _begin, send_message
from sigcli.errors import (
    BadRequest,
    ChallengeRequired,
    ClientRefused,
    ConnectionLost,
    DiscoveryUnavailable,
    InvalidKey,
    InvalidSignature,
    LockTimeout,
    LoginRefused,
    MalformedAnswer,
    NoSession,
    NotFound,
    PayloadTooLarge,
    RateLimited,
    ServerUnavailable,
    SigcliError,
    Unauthorized,
    UntrustedIdentity,
)
from sigcli.protocol.access_keys import derive_access_key
from sigcli.protocol.pni_signature import verify_pni_signature
from sigcli.store.recipient_merging import recipient_id_of
from sigcli.store.recipient_values import AccessMode, RequestState
from sigcli.store.recipients import load_recipient, set_profile_key, update_recipient
from sigcli.wire.addresses import ServiceId
from sigcli.wire.key_types import ProfileKeyBytes
from tests.support.loopback_server import LoopbackServer

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.store.recipient_values import Recipient

ACI = ServiceId.aci(UUID(int=0xA))
DAY_MS = 24 * 3600 * 1000


@given(st.text(min_size=400))
def test_a_body_holds_as_much_of_a_text_as_fits(text: str) -> None:
    body = body_of(text)
    assert text.startswith(body)
    assert is_long(text) == (body != text) == (len(text.encode()) > MAX_BODY_BYTES)
    assert len(body.encode()) <= MAX_BODY_BYTES
    if body != text:
        assert len((body + text[len(body)]).encode()) > MAX_BODY_BYTES


def test_bodies_at_the_limit() -> None:
    assert not is_long("x" * MAX_BODY_BYTES)
    assert is_long("x" * (MAX_BODY_BYTES + 1))
    assert body_of("x" + "\N{PILE OF POO}" * 500) == "x" + "\N{PILE OF POO}" * 499


@pytest.mark.parametrize(
    ("error", "type"),
    [
        (NotFound(), ResultType.UNREGISTERED_FAILURE),
        (RateLimited(), ResultType.RATE_LIMIT_FAILURE),
        (ChallengeRequired(token="t"), ResultType.RATE_LIMIT_FAILURE),
        (PayloadTooLarge(), ResultType.RATE_LIMIT_FAILURE),
        (ServerUnavailable(), ResultType.NETWORK_FAILURE),
        (ConnectionLost(), ResultType.NETWORK_FAILURE),
        (MalformedAnswer(), ResultType.NETWORK_FAILURE),
        (BadRequest(), ResultType.NETWORK_FAILURE),
        (UntrustedIdentity(), ResultType.IDENTITY_FAILURE),
        (InvalidKey(), ResultType.INVALID_PRE_KEY_FAILURE),
        (InvalidSignature(), ResultType.INVALID_PRE_KEY_FAILURE),
        (NoSession(), ResultType.INVALID_PRE_KEY_FAILURE),
        # These are not about one recipient.
        (LoginRefused(), None),
        (Unauthorized(), None),
        (ClientRefused(), None),
        (LockTimeout(), None),
    ],
)
def test_what_an_error_means_for_a_recipient(error: SigcliError, type: ResultType | None) -> None:
    assert failure_type(error) is type


@pytest.mark.parametrize(
    ("life_ms", "fresh_for_ms"),
    [(DAY_MS, DAY_MS // 2), (7 * DAY_MS, 6 * DAY_MS), (2**53 - 1, 2**53 - 1 - DAY_MS)],
)
def test_how_long_a_certificate_is_used(life_ms: int, fresh_for_ms: int) -> None:
    assert is_fresh(1000, 1000, 1000 + life_ms)
    assert is_fresh(1000 + fresh_for_ms - 1, 1000, 1000 + life_ms)
    assert not is_fresh(1000 + fresh_for_ms, 1000, 1000 + life_ms)
    # The clock was set back: nothing is known about its age.
    assert not is_fresh(999, 1000, 1000 + life_ms)


def test_what_a_captcha_was_solved_for() -> None:
    assert captcha_action("signal-hcaptcha.5fad97ac.registration.P1_x.y") == "registration"
    assert captcha_action("signal-hcaptcha.5fad97ac.challenge.P1_x") == "challenge"
    assert captcha_action("anything") is None


def person(account: Account, **change: object) -> Recipient:
    with account.database.transaction() as database:
        row = recipient_id_of(database, ACI)
        if change:
            update_recipient(database, row, **change)  # type: ignore[arg-type]
        found = load_recipient(database, row)
    assert found is not None
    return found


def test_who_is_written_to_sealed(account: Account) -> None:
    assert access_key_of(None, ACI) is None
    stranger = person(account)
    assert access_key_of(stranger, ACI) is None
    with account.database.transaction() as database:
        set_profile_key(database, stranger.id, ProfileKeyBytes(bytes(range(32))))
    known = person(account)
    key = access_key_of(known, ACI)
    assert key is not None
    assert key.raw == derive_access_key(bytes(range(32)))
    # A phone number identity never takes sealed messages.
    assert access_key_of(known, ServiceId.pni(UUID(int=0xB))) is None
    assert access_key_of(person(account, access_mode=AccessMode.DISABLED), ACI) is None
    open_to_all = access_key_of(person(account, access_mode=AccessMode.UNRESTRICTED), ACI)
    assert open_to_all is not None
    assert open_to_all.raw == bytes(16)


def test_writing_to_somebody_accepts_them(account: Account) -> None:
    stranger = person(account, request_state=RequestState.PENDING, hidden=True)
    first, (accepted,) = _begin(account, [stranger])
    contact = accepted.contact
    assert (contact.is_contact, contact.profile_sharing, contact.hidden) == (True, True, False)
    assert contact.request_state is RequestState.ACCEPTED
    second, _ = _begin(account, [accepted])
    # The clock stands still; timestamps are names and never come twice.
    assert second == first + 1
    _, (blocked,) = _begin(account, [person(account, blocked=True, profile_sharing=False)])
    assert not blocked.contact.profile_sharing


def test_the_proof_that_two_ids_are_one_account(account: Account) -> None:
    person(account)
    assert pni_signature_for(account, ACI) is None
    person(account, needs_pni_signature=True)
    proof = pni_signature_for(account, ACI)
    assert proof is not None
    assert proof.pni == account.pni
    keys = account.keys
    assert keys.pni_identity is not None
    assert verify_pni_signature(
        keys.pni_identity.public_key, keys.aci_identity.public_key, proof.signature
    )


def test_an_unknown_number_has_a_result_where_nobody_can_be_asked(account: Account) -> None:
    with LoopbackServer() as server:
        account.__dict__["environment"] = server.environment()
        outcome = send_message(account, recipients=["+15550123456"], text="x")
        with pytest.raises(DiscoveryUnavailable):
            # Nobody gets a message whose other recipient is a mistake.
            send_message(account, recipients=["+15550123456", str(account.aci)], text="x")
    (result,) = outcome.results
    assert (result.type.value, result.recipient.number) == ("UNREGISTERED_FAILURE", "+15550123456")
    failure = outcome.failure()
    assert failure is not None
    assert (failure.code, failure.exit_code) == ("discoveryUnavailable", 1)
