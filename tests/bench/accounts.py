"""Accounts for whole-process measurements: a local one full of contacts, and one linked at the mock server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from uuid import UUID

from sigcli.crypto.curve import KeyPair
from sigcli.store.account_data import AccountKeys, store_account_keys
from sigcli.store.accounts import DataDirectory
from sigcli.store.recipient_merging import resolve_recipient
from sigcli.store.recipients import update_recipient
from sigcli.wire.addresses import ServiceId
from tests.support.linking import link_device
from tests.support.mock_server import MockDevice, MockPrimary, MockServer
from tests.support.sigcli_process import Sigcli


def account_with_contacts(data_dir: Path, count: int) -> None:
    """Make an account that no service knows, with contacts as a contact sync leaves them."""
    random = Random("contacts").randbytes
    aci, number = ServiceId.aci(UUID(int=1)), "+15550100"
    keys = AccountKeys(
        aci=aci,
        device_id=2,
        password="secret",
        aci_identity=KeyPair.generate(random),
        registration_id=4711,
        profile_key=random(32),
        number=number,
        pni=ServiceId.pni(UUID(int=2)),
        pni_identity=KeyPair.generate(random),
        pni_registration_id=4712,
    )
    with DataDirectory(data_dir).new_account() as new:
        with new.database.transaction() as database:
            store_account_keys(database, keys)
            for n in range(count):
                person = resolve_recipient(
                    database,
                    aci=ServiceId.aci(random(16)),
                    pni=ServiceId.pni(random(16)),
                    number=f"+1555{200 + n:07}",
                )
                update_recipient(
                    database,
                    person.id,
                    is_contact=True,
                    given_name=f"Contact {n}",
                    profile_sharing=True,
                    profile_given_name=f"Somebody {n}",
                    profile_key=random(32),
                )
        new.register(aci, number, "live")


@dataclass(frozen=True, slots=True)
class Conversation:
    """`sigcli` linked to Alice at a mock server, in a running sealed conversation with Bob."""

    server: MockServer
    sigcli: Sigcli
    device: MockDevice
    bob: MockPrimary


@contextmanager
def conversation(folder: Path) -> Iterator[Conversation]:
    """Link, and let both sides write until their session needs no prekey messages."""
    with MockServer() as server:
        sigcli = Sigcli(folder / "sigcli", server.environment_file(folder / "mock.toml"))
        try:
            device = link_device(server, sigcli, server.create_primary("Alice"))
            bob = server.create_primary("Bob")
            for _ in range(2):
                server.send_text(bob, device, "hello", sealed=True, with_profile_key=True)
                sigcli.run("receive", "--json")
                sigcli.run("send", "-m", "hello", bob.aci)
                server.received(bob, kind="dataMessage")
            # Delivery receipts and whatever else the first messages left behind.
            sigcli.run("receive", "--json")
            yield Conversation(server, sigcli, device, bob)
        finally:
            sigcli.dispose()
