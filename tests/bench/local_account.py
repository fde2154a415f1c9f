"""An account on this machine that no service knows, full of contacts."""

from __future__ import annotations

from pathlib import Path
from random import Random
from uuid import UUID

from sigcli.crypto.curve import KeyPair
from sigcli.store.account_data import AccountKeys, store_account_keys
from sigcli.store.accounts import DataDirectory
from sigcli.store.recipient_merging import resolve_recipient
from sigcli.store.recipients import set_profile_key, update_recipient
from sigcli.wire.addresses import ServiceId
from sigcli.wire.key_types import ProfileKeyBytes


def account_with_contacts(data_dir: Path, count: int, environment: str = "live") -> None:
    """Make an account that no service knows, with contacts as a contact sync leaves them."""
    random = Random("contacts").randbytes
    aci, number = ServiceId.aci(UUID(int=1)), "+15550100"
    keys = AccountKeys(
        aci=aci,
        device_id=2,
        password="secret",
        aci_identity=KeyPair.generate(random),
        registration_id=4711,
        profile_key=ProfileKeyBytes(random(32)),
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
                )
                set_profile_key(database, person.id, ProfileKeyBytes(random(32)))
        new.register(aci, number, environment)
