"""The PIN between this machine, three generations of enclaves and the registration lock of a service."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from sigcli.client.account.account_check import check_account
from sigcli.client.account.account_secrets import (
    has_pin,
    lost_login_hint,
    master_key_in_force,
    stored_pin,
)
from sigcli.client.account.pin import keep_pin, remove_pin, set_pin
from sigcli.client.account.pin_recovery import (
    Recovered,
    note_recovered,
    recover_master_key,
    with_master_key,
)
from sigcli.client.account.update_account import account_attributes
from sigcli.client.doctor.upkeep import check_pin
from sigcli.errors import (
    AttestationFailed,
    DatabaseDamaged,
    LoginRefused,
    NotOffered,
    PinBackupRefused,
    PinDataMissing,
    PrimaryOnly,
    ServerUnavailable,
    ServiceError,
    WeakPin,
    WrongPin,
)
from sigcli.protocol.account_entropy import (
    AccountEntropyPool,
    MasterKey,
    recovery_password,
    registration_lock,
)
from sigcli.protocol.pin import PinHash
from sigcli.service.enclaves import Enclave, Svr2Settings
from sigcli.service.resources.certificates import ServiceLogin
from sigcli.store import account_data
from sigcli.store.account_data import store_account_keys
from sigcli.store.pin_backups import BackupState, pin_backups
from sigcli.store.settings import read_setting, write_setting
from sigcli.wire.raft_group import RaftGroupConfig
from sigcli.wire.svr2 import (
    BackupRequest,
    DeleteRequest,
    ExposeRequest,
    ExposeResponse,
    RestoreRequest,
    Svr2Request,
    Svr2Response,
)
from tests.support.enclave_service import Svr2StandIn
from tests.support.loopback_server import Answer, LoopbackServer, Received

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.client.base.account import Account
    from tests.unit.client.conftest import Clock, Warnings

NEWEST, BEFORE, OLDER = (Enclave(bytes([number]) * 32) for number in (3, 2, 1))
POOL, NEXT_POOL = "a" * 64, "b" * 64
PIN, OTHER_PIN = "correct horse", "battery staple"
LOGIN = ServiceLogin("00" * 16, "p")


@dataclass
class Service:
    """What the chat service was told of the lock; ``fails`` makes it refuse that. Enclaves in ``gone`` are 404."""

    enclaves: Svr2StandIn = field(default_factory=Svr2StandIn)
    locks: list[str | None] = field(default_factory=list)
    fails: bool = False
    gone: set[str] = field(default_factory=set)

    def respond(self, request: Received) -> Answer:
        if request.path == "/v2/svr/auth":
            login = {"username": LOGIN.username, "password": LOGIN.password}
            return Answer(body=json.dumps(login).encode())
        if request.path != "/v1/accounts/registration_lock":
            return Answer(404)
        if self.fails:
            return Answer(503)
        sent = request.method == "PUT" and json.loads(request.body)["registrationLock"]
        self.locks.append(sent or None)
        return Answer(204)

    def refuse_upgrade(self, request: Received) -> Answer | None:
        return Answer(404) if request.path.removeprefix("/v1/") in self.gone else None


@pytest.fixture(autouse=True)
def quick_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real one takes half a second, and has its own tests."""

    def hash_for(enclave: Enclave, login: ServiceLogin, pin: str) -> PinHash:
        text = f"{enclave.mrenclave.hex()[:2]} {login.username} {pin}".encode()
        return PinHash(text.ljust(32)[-32:], text.rjust(32)[-32:])

    monkeypatch.setattr("sigcli.service.svr2.hash_for", hash_for)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def primary(account: Account, service: Service) -> Iterator[Account]:
    """The account as a primary device with an entropy pool, whose service knows three enclaves."""
    with account.database.transaction() as database:
        keys = replace(account.keys, device_id=1, account_entropy_pool=POOL)
        store_account_keys(database, keys)
    account.reload_keys()
    with LoopbackServer(
        service.respond, service.enclaves, refuse_upgrade=service.refuse_upgrade
    ) as server:
        know(account, server, NEWEST, BEFORE, OLDER)
        yield account
        account.close()


def know(account: Account, server: LoopbackServer | None, *enclaves: Enclave) -> None:
    """The enclaves of the environment, newest first."""
    if server is None:
        before = account.environment.svr2
        assert before is not None
        account.environment = replace(account.environment, svr2=replace(before, enclaves=enclaves))
    else:
        svr2 = Svr2Settings(server.url, enclaves, False)
        account.environment = server.environment(svr2=svr2)
    account.__dict__.pop("network", None)


def rotate_pool(account: Account) -> None:
    with account.database.transaction() as database:
        write_setting(database, account_data.ACCOUNT_ENTROPY_POOL, NEXT_POOL)
    account.reload_keys()


def recovered(account: Account, pin: str = PIN) -> MasterKey:
    now_ms = account.now_ms()
    return recover_master_key(account.network, LOGIN, pin, now_ms, account.random).master_key


def master_key(pool: str = POOL) -> MasterKey:
    return AccountEntropyPool(pool).master_key()


# --- setting --------------------------------------------------------------------------------------


def test_a_pin_is_kept_by_the_newest_enclave_and_the_one_before_and_locks_the_number(
    primary: Account, service: Service
) -> None:
    set_pin(primary, PIN)
    assert service.enclaves.asked(NEWEST.mrenclave) == [BackupRequest, ExposeRequest]
    assert service.enclaves.asked(BEFORE.mrenclave) == [BackupRequest, ExposeRequest]
    assert service.enclaves.asked(OLDER.mrenclave) == [DeleteRequest]
    assert service.locks == [registration_lock(master_key())]
    assert account_attributes(primary).registration_lock == service.locks[0]
    assert recovered(primary) == master_key()
    assert stored_pin(primary) == PIN
    assert PIN.encode() not in (read_setting(primary.database, account_data.SEALED_PIN) or b"")


def test_without_a_pin_no_attribute_says_lock(primary: Account, service: Service) -> None:
    assert account_attributes(primary).registration_lock is None
    assert not has_pin(primary.database)
    keep_pin(primary)
    assert service.enclaves.requests == []


def test_the_same_pin_again_costs_nothing_and_another_takes_its_place(
    primary: Account, service: Service
) -> None:
    set_pin(primary, PIN)
    set_pin(primary, f" {PIN} ")
    assert len(service.enclaves.requests) == 5
    set_pin(primary, OTHER_PIN)
    with pytest.raises(WrongPin):
        recovered(primary)
    assert recovered(primary, OTHER_PIN) == master_key()
    assert len(service.locks) == 1  # the key is the same, and so is its lock


@pytest.mark.parametrize("pin", ["", "123", " 12 3 "[:4], "1234", "9876", "7777", "٤٤٤٤"])
def test_a_weak_pin_is_refused(primary: Account, service: Service, pin: str) -> None:
    with pytest.raises(WeakPin):
        set_pin(primary, pin)
    assert service.enclaves.requests == []


@pytest.mark.parametrize("pin", ["1235", "12a4", "9870", "aaaa"])
def test_a_pin_of_letters_or_mixed_digits_is_taken(primary: Account, pin: str) -> None:
    set_pin(primary, pin)
    assert stored_pin(primary) == pin


def test_only_a_primary_device_has_a_pin(account: Account) -> None:
    with pytest.raises(PrimaryOnly):
        set_pin(account, PIN)
    with pytest.raises(PrimaryOnly):
        remove_pin(account)
    keep_pin(account)


def test_an_environment_without_pin_recovery_says_so(primary: Account) -> None:
    primary.environment = replace(primary.environment, svr2=None)
    primary.__dict__.pop("network", None)
    with pytest.raises(NotOffered):
        set_pin(primary, PIN)
    keep_pin(primary)


def test_an_enclave_that_proves_nothing_is_told_nothing(primary: Account, service: Service) -> None:
    before = primary.environment.svr2
    assert before is not None
    enclave = replace(NEWEST, raft=RaftGroupConfig(1, 4, 13, 2, 2, 604_800, False))
    attested = replace(before, enclaves=(enclave,), attested=True)
    primary.environment = replace(primary.environment, svr2=attested)
    primary.__dict__.pop("network", None)
    with pytest.raises(AttestationFailed) as caught:
        set_pin(primary, PIN)
    assert caught.value.check == "handshake message"
    assert (service.enclaves.requests, service.locks) == ([], [])
    assert not has_pin(primary.database)


# --- what goes wrong on the way -------------------------------------------------------------------


def test_a_backup_is_never_sent_again_once_it_was_taken(primary: Account, service: Service) -> None:
    def lose_exposure(request: Svr2Request, answer: Svr2Response) -> Svr2Response | None:
        return None if isinstance(request, ExposeRequest) else answer

    service.enclaves.answer = lose_exposure
    with pytest.raises(ServerUnavailable):
        set_pin(primary, PIN)
    assert service.locks == []
    assert account_attributes(primary).registration_lock is None
    service.enclaves.answer = Svr2StandIn.answer
    set_pin(primary, PIN)
    assert service.enclaves.asked(NEWEST.mrenclave).count(BackupRequest) == 1
    assert recovered(primary) == master_key()


def test_a_backup_that_has_vanished_is_made_anew_by_the_user_alone(
    primary: Account, service: Service
) -> None:
    know(primary, None, NEWEST)
    service.enclaves.answer = lambda request, answer: (
        ExposeResponse(False) if isinstance(request, ExposeRequest) else answer
    )
    with pytest.raises(PinBackupRefused):
        set_pin(primary, PIN)
    asked = len(service.enclaves.requests)
    service.enclaves.answer = Svr2StandIn.answer
    # Else somebody who destroys it by guesses would be given new tries again and again.
    with pytest.raises(PinBackupRefused):
        keep_pin(primary)
    assert len(service.enclaves.requests) == asked
    set_pin(primary, PIN)
    assert service.enclaves.asked(NEWEST.mrenclave).count(BackupRequest) == 2
    assert recovered(primary) == master_key()


def test_a_lock_that_was_not_taken_is_set_by_the_next_check(
    primary: Account, service: Service
) -> None:
    service.fails = True
    with pytest.raises(ServiceError):
        set_pin(primary, PIN)
    assert account_attributes(primary).registration_lock is None
    service.fails = False
    keep_pin(primary)
    assert account_attributes(primary).registration_lock == service.locks[0]


def test_an_older_enclave_that_cannot_be_asked_is_asked_again(
    primary: Account, service: Service, warnings: Warnings
) -> None:
    service.enclaves.answer = lambda request, answer: (
        None if isinstance(request, DeleteRequest) else answer
    )
    set_pin(primary, PIN)
    assert "an older enclave may still keep" in warnings.texts[0]
    service.enclaves.answer = Svr2StandIn.answer
    keep_pin(primary)
    keep_pin(primary)
    assert service.enclaves.asked(OLDER.mrenclave) == [DeleteRequest, DeleteRequest]


def test_an_enclave_that_is_no_longer_run_keeps_nothing(primary: Account, service: Service) -> None:
    service.gone.add(OLDER.mrenclave.hex())
    set_pin(primary, PIN)
    assert pin_backups(primary.database)[OLDER.mrenclave].state is BackupState.DELETED


def test_a_damaged_store_is_named(primary: Account) -> None:
    set_pin(primary, PIN)
    for damaged in (b"", b"short", bytes(40)):
        with primary.database.transaction() as database:
            write_setting(database, account_data.SEALED_PIN, damaged)
        with pytest.raises(DatabaseDamaged):
            stored_pin(primary)


# --- a new generation, a new key ------------------------------------------------------------------


def test_when_the_newest_enclave_changes_the_key_moves_there(
    primary: Account, service: Service
) -> None:
    know(primary, None, BEFORE, OLDER)
    set_pin(primary, PIN)
    know(primary, None, NEWEST, BEFORE, OLDER)
    check_account(primary)
    assert recovered(primary) == master_key()
    # What the one before keeps stays as it is: sent again, it would give new tries.
    assert service.enclaves.asked(BEFORE.mrenclave) == [BackupRequest, ExposeRequest]
    assert service.enclaves.asked(OLDER.mrenclave)[-1] is DeleteRequest
    assert set(service.enclaves.kept) == {NEWEST.mrenclave.hex(), BEFORE.mrenclave.hex()}
    before = len(service.enclaves.requests)
    keep_pin(primary)
    assert len(service.enclaves.requests) == before
    assert len(service.locks) == 1


def test_an_app_with_an_older_list_finds_the_key(primary: Account) -> None:
    set_pin(primary, PIN)
    know(primary, None, BEFORE, OLDER)
    assert recovered(primary) == master_key()
    rotate_pool(primary)
    know(primary, None, NEWEST, BEFORE, OLDER)
    keep_pin(primary)
    know(primary, None, BEFORE, OLDER)
    assert recovered(primary) == master_key(NEXT_POOL)


def test_what_the_one_before_does_not_take_is_a_warning_and_made_up_for(
    primary: Account, service: Service, warnings: Warnings
) -> None:
    def only_newest(request: Svr2Request, answer: Svr2Response) -> Svr2Response | None:
        return answer if service.enclaves.requests[-1][0] == NEWEST.mrenclave.hex() else None

    service.enclaves.answer = only_newest
    set_pin(primary, PIN)
    assert "apps that only know an older enclave" in warnings.texts[0]
    assert service.locks == [registration_lock(master_key())]
    service.enclaves.answer = Svr2StandIn.answer
    keep_pin(primary)
    know(primary, None, BEFORE)
    assert recovered(primary) == master_key()


def test_the_one_before_is_the_newest_of_the_older_ones_that_is_run(
    primary: Account, service: Service
) -> None:
    service.gone.add(BEFORE.mrenclave.hex())
    set_pin(primary, PIN)
    assert set(service.enclaves.kept) == {NEWEST.mrenclave.hex(), OLDER.mrenclave.hex()}
    asked = len(service.enclaves.requests)
    keep_pin(primary)
    assert len(service.enclaves.requests) == asked
    service.gone.clear()
    set_pin(primary, OTHER_PIN)
    know(primary, None, BEFORE)
    assert recovered(primary, OTHER_PIN) == master_key()


def test_a_new_key_takes_the_old_lock_away_before_it_is_kept(
    primary: Account, service: Service
) -> None:
    set_pin(primary, PIN)
    rotate_pool(primary)
    # The lock of the former key holds as long as that is what the PIN brings back.
    assert account_attributes(primary).registration_lock == registration_lock(master_key())
    steps: list[tuple[type[Svr2Request], str | None]] = []

    def watch(request: Svr2Request, answer: Svr2Response) -> Svr2Response:
        steps.append((type(request), service.locks[-1]))
        return answer

    service.enclaves.answer = watch
    keep_pin(primary)
    assert steps == [(BackupRequest, None), (ExposeRequest, None)] * 2
    assert service.locks[1:] == [None, registration_lock(master_key(NEXT_POOL))]
    assert recovered(primary) == master_key(NEXT_POOL)


def test_what_enclaves_kept_before_a_registration_is_kept_anew(
    primary: Account, service: Service
) -> None:
    set_pin(primary, PIN)
    with pytest.raises(WrongPin):
        recovered(primary, OTHER_PIN)
    with primary.database.transaction() as database:
        note_recovered(database, primary.keys, Recovered(master_key(), PIN), 1, locks=True)
    keep_pin(primary)
    assert service.enclaves.kept[NEWEST.mrenclave.hex()].tries == 10


def test_a_lost_login_of_a_locked_number_has_its_own_hint(primary: Account) -> None:
    assert lost_login_hint(primary.database) == LoginRefused.hint
    set_pin(primary, PIN)
    assert "without the PIN" in lost_login_hint(primary.database)


def test_a_restored_key_holds_until_the_pool_takes_over(primary: Account) -> None:
    restored = MasterKey(b"r" * 32)
    keys = with_master_key(primary.keys, restored)
    assert master_key_in_force(keys) == restored
    with primary.database.transaction() as database:
        store_account_keys(database, keys)
    primary.reload_keys()
    assert account_attributes(primary).recovery_password == recovery_password(restored)
    assert with_master_key(primary.keys, master_key()).master_key is None
    linked = replace(keys, device_id=2)
    assert master_key_in_force(linked) == master_key()


def test_the_doctor_sees_what_the_pin_would_bring_back(primary: Account, clock: Clock) -> None:
    def finding() -> tuple[str, str]:
        found = check_pin(primary)
        return found.status.value, found.message

    assert finding() == ("ok", "none is set")
    set_pin(primary, PIN)
    assert finding() == ("ok", "the newest enclave has the data that it protects")
    rotate_pool(primary)
    assert finding()[0] == "warning"
    keep_pin(primary)
    know(primary, None, Enclave(b"\x04" * 32), NEWEST)
    assert "does not yet have" in finding()[1]
    keep_pin(primary)
    assert finding()[0] == "ok"
    with primary.database.transaction() as database:
        until_ms = clock.now_ms + 36 * 3600 * 1000
        write_setting(database, account_data.PIN_RESTORE_UNTIL_MS, until_ms)
    assert "for 2 more days" in finding()[1]


# --- removing, restoring --------------------------------------------------------------------------


def test_removing_unlocks_and_has_every_enclave_forget(primary: Account, service: Service) -> None:
    set_pin(primary, PIN)
    remove_pin(primary)
    assert service.locks[-1] is None
    assert service.enclaves.kept == {}
    assert account_attributes(primary).registration_lock is None
    assert stored_pin(primary) is None
    with pytest.raises(PinDataMissing):
        recovered(primary)
    keep_pin(primary)
    remove_pin(primary)


def test_a_removal_that_an_enclave_did_not_take_is_told_and_made_up_for(
    primary: Account, service: Service
) -> None:
    set_pin(primary, PIN)
    service.enclaves.answer = lambda request, answer: (
        None if isinstance(request, DeleteRequest) else answer
    )
    with pytest.raises(ServerUnavailable):
        remove_pin(primary)
    assert not has_pin(primary.database)
    asked = len(service.enclaves.requests)
    service.enclaves.answer = Svr2StandIn.answer
    for _ in range(2):
        keep_pin(primary)
    assert len(service.enclaves.requests) == asked + 3
    assert service.enclaves.kept == {}


def test_an_older_generation_is_asked_where_the_newest_keeps_nothing(
    primary: Account, service: Service
) -> None:
    know(primary, None, OLDER)
    set_pin(primary, PIN)
    know(primary, None, NEWEST, BEFORE, OLDER)
    found = recover_master_key(primary.network, LOGIN, PIN, primary.now_ms(), primary.random)
    assert found.master_key == master_key()
    assert PIN not in repr(found)
    with pytest.raises(WrongPin) as caught:
        recovered(primary, OTHER_PIN)
    assert caught.value.tries_left == 9
    service.gone.add(NEWEST.mrenclave.hex())
    assert recovered(primary) == master_key()
    service.gone.add(BEFORE.mrenclave.hex())
    assert recovered(primary) == master_key()
    assert service.enclaves.asked(OLDER.mrenclave)[-3:] == [RestoreRequest] * 3


def test_a_wrong_pin_at_the_newest_is_not_tried_at_an_older_one(
    primary: Account, service: Service
) -> None:
    set_pin(primary, PIN)
    service.enclaves.requests.clear()
    with pytest.raises(WrongPin):
        recovered(primary, OTHER_PIN)
    assert service.enclaves.requests == [
        (NEWEST.mrenclave.hex(), RestoreRequest(service.enclaves.requests[0][1].access_key))  # type: ignore[union-attr]
    ]


def test_when_no_known_enclave_is_run_a_newer_version_is_needed(
    primary: Account, service: Service
) -> None:
    service.gone |= {enclave.mrenclave.hex() for enclave in (NEWEST, BEFORE, OLDER)}
    with pytest.raises(NotOffered) as caught:
        recovered(primary)
    assert "newest version" in (caught.value.hint or "")
