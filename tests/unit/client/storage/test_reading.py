"""What follows from records beyond their fields: messages that were kept back are there once a key is verified."""

from __future__ import annotations

from pathlib import Path

from sigcli.client.storage.keys import candidate_keys
from sigcli.client.storage.syncing import StorageRounds
from sigcli.store import account_data
from sigcli.store.settings import write_setting
from sigcli.wire.storage_manifest import StorageItemType
from sigcli.wire.storage_records import (
    ContactRecord,
    IdentityState,
    StorageRecord,
    encode_storage_record,
)
from tests.unit.client.storage.service import ACCOUNT, POOL, MemoryStorage
from tests.unit.client.world import PEER_ACI, World


def test_what_was_kept_back_is_there_once_the_phone_has_verified_the_key(tmp_path: Path) -> None:
    world = World.create(tmp_path, policy="never")
    with world.account:
        peer = world.peer()
        world.take(peer.plain("kept back"))
        assert world.bodies() == [None]
        with world.database.transaction() as database:
            write_setting(database, account_data.ACCOUNT_ENTROPY_POOL, POOL)
        world.account.reload_keys()
        storage = MemoryStorage()
        for state in (IdentityState.DEFAULT, IdentityState.VERIFIED):
            assert world.bodies() == [None]
            record = ContactRecord(
                aci=PEER_ACI,
                identity_key=peer.device.identity.public_key.serialize(),
                identity_state=state,
            )
            encoded = encode_storage_record(StorageRecord(contact=record))
            storage.put(ACCOUNT, (int(StorageItemType.CONTACT), encoded))
            StorageRounds(world.account, storage, candidate_keys(world.account)).run()
        assert world.bodies() == ["kept back"]
        assert storage.writes == []
