"""Accounts without a network, and a group service that is the sandbox's: real proofs, real rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast
from uuid import UUID

import pytest

from sigcli.client.base.account import Account
from sigcli.client.base.settings import Settings
from sigcli.client.people.recipients import own_recipient
from sigcli.crypto.curve import KeyPair
from sigcli.durations import DAY_S
from sigcli.errors import Unreachable
from sigcli.sandbox.clock import Clock
from sigcli.sandbox.endpoints.groups import GroupEndpoints
from sigcli.sandbox.environment_file import STORAGE_PATH
from sigcli.sandbox.exchange import Refused, Request
from sigcli.sandbox.router import Router
from sigcli.sandbox.server_keys import ServerKeys, load_server_keys
from sigcli.sandbox.state import State
from sigcli.service.environment_fields import BaseUrl
from sigcli.service.environments import Environment, RequestMode
from sigcli.service.exchange import Response
from sigcli.service.resources.groups import GroupService
from sigcli.store.account_data import AccountKeys, store_account_keys
from sigcli.store.database import Database
from sigcli.store.files import AccountFiles
from sigcli.store.groups import replace_group_credentials
from sigcli.store.recipient_merging import resolve_recipient
from sigcli.store.recipients import set_profile_key, update_recipient
from sigcli.wire.addresses import ServiceId
from sigcli.wire.key_types import ProfileKeyBytes
from sigcli.zkgroup.auth_credentials import issue_auth_credential
from sigcli.zkgroup.profile_credentials import (
    ProfileKeyCredentialRequestContext,
    issue_expiring_profile_key_credential,
)
from sigcli.zkgroup.profile_key import ProfileKey

NOW_MS = 1_750_000_000_000
TODAY_S = NOW_MS // 1000 // DAY_S * DAY_S


class StillClock(Clock):
    def now_ms(self) -> int:
        return NOW_MS


@cache
def _server_keys() -> ServerKeys:
    """The service's secrets, the same in all tests of a process: what it issues is then made once for each person."""
    with TemporaryDirectory() as folder:
        return load_server_keys(Path(folder))


@cache
def _public_params() -> bytes:
    return _server_keys().zkgroup.get_public_params().serialize()


@cache
def _auth_credential(aci: ServiceId, pni: ServiceId) -> bytes:
    secrets = _server_keys().zkgroup
    issued = issue_auth_credential(secrets, aci, pni, TODAY_S)
    return issued.receive(secrets.get_public_params(), aci, pni, TODAY_S).serialize()


@cache
def _profile_key_credential(aci: ServiceId, profile_key: bytes) -> bytes:
    secrets = _server_keys().zkgroup
    key = ProfileKey(profile_key)
    context = ProfileKeyCredentialRequestContext.create(aci, key)
    response = issue_expiring_profile_key_credential(
        secrets, context.get_request(), aci, key.get_commitment(aci), TODAY_S + 3 * DAY_S
    )
    return context.receive(secrets.get_public_params(), response, NOW_MS).serialize()


class GroupHost:
    """The storage host: hands each request to the sandbox's group service."""

    url = BaseUrl("storage.test", 443, STORAGE_PATH)

    def __init__(self, folder: Path) -> None:
        keys = _server_keys()
        self.state = State.open(folder, "https://storage.test", keys, "", lambda _: None)
        self.state.clock = StillClock()
        self._router = Router(GroupEndpoints(self.state).routes())
        self.requests: list[str] = []

    def request(
        self, method: str, path: str, *, headers: dict[str, str], body: bytes | None = None
    ) -> Response:
        self.requests.append(f"{method} {path.removeprefix(STORAGE_PATH)}")
        plain, _, query = path.partition("?")
        match = self._router.find(method, plain, over_websocket=False)
        assert not isinstance(match, int), f"{method} {path}: {match}"
        pairs = (pair.partition("=") for pair in query.split("&") if pair)
        request = Request(
            method=method,
            path=plain,
            query={name: value for name, _, value in pairs},
            headers={name.lower(): value for name, value in headers.items()},
            body=body or b"",
            parameters=match.parameters,
        )
        try:
            answer: Any = match.route.handler(request)
        except Refused as refusal:
            answer = refusal.response
        lowered = {name.lower(): value for name, value in answer.headers.items()}
        return Response(answer.status, lowered, answer.body)

    def close(self) -> None:
        pass


class NoChat:
    """A chat service that cannot be reached."""

    was_in_touch = False

    @property
    def identified(self) -> NoChat:
        return self

    @property
    def unidentified(self) -> NoChat:
        return self

    def request(self, *_: object) -> Response:
        raise Unreachable("there is no network in this test")

    def close(self) -> None:
        pass


class People:
    """Accounts of one service, each of which knows the others' profile keys."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.host = GroupHost(folder)
        self.warnings: list[str] = []
        self._accounts: list[Account] = []

    def add(self, number: int) -> Account:
        """Another account; it knows everybody before it, and they know it."""
        folder = self._folder / f"account{number}"
        folder.mkdir()
        database = Database.create(folder / "account.db", lock_timeout_s=0.2)
        keys = AccountKeys(
            aci=ServiceId.aci(UUID(int=number)),
            device_id=1,
            password="secret",
            aci_identity=KeyPair.generate(),
            registration_id=4711,
            profile_key=ProfileKeyBytes(bytes([number]) * 32),
            number=f"+1555010{number:04d}",
            pni=ServiceId.pni(UUID(int=1000 + number)),
            pni_identity=KeyPair.generate(),
            pni_registration_id=4712,
        )
        with database.transaction() as transaction:
            store_account_keys(transaction, keys)
        settings = Settings(self._folder, self.warnings.append, lock_timeout_s=0.2)
        account = Account(
            settings, database, AccountFiles(folder), "none", clock=StillClock().now_ms
        )
        self._equip(account)
        for other in self._accounts:
            self.introduce(account, other)
            self.introduce(other, account)
        self._accounts.append(account)
        return account

    def introduce(self, knowing: Account, known: Account, *, with_key: bool = True) -> None:
        """Let one know another, with profile key and credential or by ids alone."""
        with knowing.database.transaction() as database:
            row = resolve_recipient(database, aci=known.aci, pni=known.pni, number=known.number).id
            if with_key:
                set_profile_key(database, row, known.keys.profile_key)
                credential = self._profile_key_credential(known)
                update_recipient(database, row, profile_key_credential=credential)

    def _equip(self, account: Account) -> None:
        account.__dict__["environment"] = Environment(
            name="test",
            chat_url=BaseUrl("chat.test"),
            requests=RequestMode.HTTPS,
            cdn_urls={},
            storage_url=None,
            ca_pem=None,
            server_name=None,
            unidentified_sender_roots=(),
            zkgroup_server_public_params=_public_params(),
        )
        account.__dict__["groups"] = GroupService(cast(Any, self.host))
        account._chat = cast(Any, NoChat())
        assert account.pni is not None
        credential = _auth_credential(account.aci, account.pni)
        with account.database.transaction() as database:
            replace_group_credentials(database, [(TODAY_S, credential)])
        own = own_recipient(account)
        with account.database.transaction() as database:
            credential_bytes = self._profile_key_credential(account)
            update_recipient(database, own.id, profile_key_credential=credential_bytes)

    def _profile_key_credential(self, account: Account) -> bytes:
        return _profile_key_credential(account.aci, account.keys.profile_key)

    def close(self) -> None:
        for account in self._accounts:
            account.close()
        self.host.state.close()


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    made = People(tmp_path)
    yield made
    made.close()


@pytest.fixture
def alice(people: People) -> Account:
    return people.add(1)


@pytest.fixture
def bob(people: People, alice: Account) -> Account:
    return people.add(2)


@pytest.fixture
def carol(people: People, bob: Account) -> Account:
    return people.add(3)


Make = Callable[..., str]
