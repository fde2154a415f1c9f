"""Signal's own mock server for tests, with production's behaviour where it differs (tests/node/mock).

Every mock primary in it runs official libsignal, so it proves what the client encrypts and feeds what it decrypts.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import tomli_w

from tests.support.json_lines import Big
from tests.support.mock_faults import FaultControl
from tests.support.mock_messages import Messages
from tests.support.mock_observation import Observation
from tests.support.mock_process import MockCrashed, MockError, MockProcess, NothingHappened
from tests.support.mock_values import (
    Attachment,
    Identity,
    LoggedRequest,
    MockDevice,
    MockGroup,
    MockPrimary,
    OpenSocket,
    ReceivedMessage,
    StoredItem,
)

__all__ = [
    "Attachment",
    "Big",
    "LoggedRequest",
    "MockCrashed",
    "MockDevice",
    "MockError",
    "MockGroup",
    "MockPrimary",
    "MockServer",
    "NothingHappened",
    "OpenSocket",
    "ReceivedMessage",
    "StoredItem",
]


class MockServer(FaultControl, Messages, Observation):
    """One mock server process; a context manager.

    The keyword arguments are options of tests/node/mock/options.mjs in snake case, and hold until `reset`:
    ``MockServer(attachment_cdn=2, server_receipts=True)``.
    """

    def __init__(self, **options: Any) -> None:
        """Starts it. Raises NodeUnavailable or MockCrashed."""
        self.process = MockProcess()
        self.url: str = self.process.ready["url"]
        self.port: int = self.process.ready["port"]
        self.ca_pem: str = self.process.ready["caPem"]
        if options:
            self.set_options(**options)

    def __enter__(self) -> MockServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the process."""
        self.process.close()

    def reset(self) -> None:
        """For the next test: sockets are cut, faults, options, logs and unread events go; accounts stay."""
        self.process.call("reset")
        self.process.forget_events()

    def set_options(self, **options: Any) -> None:
        """Changes options; see the class."""
        self.process.call(
            "setOptions", changes={_camel(name): value for name, value in options.items()}
        )

    # How a client reaches it

    def environment_file(
        self, path: Path, *, requests: Literal["websocket", "https"] = "websocket", **extra: Any
    ) -> Path:
        """Writes a sigcli environment file, and ca.pem beside it; returns the path.

        `extra` are further top-level tables, such as ``directory={…}``.
        """
        ready = self.process.ready
        path.with_name("ca.pem").write_text(self.ca_pem)
        document = {
            "name": "mock",
            "chat": {"url": self.url, "requests": requests},
            "cdn": {"0": self.url, "2": self.url, "3": f"{self.url}/cdn3"},
            "storage": {"url": f"{self.url}/storageService"},
            "tls": {"ca_file": "ca.pem"},
            "trust": {
                "unidentified_sender_roots": ready["trustRoots"],
                "zkgroup_server_public_params": ready["serverPublicParams"],
                "generic_server_public_params": ready["genericServerPublicParams"],
                "backup_server_public_params": ready["backupServerPublicParams"],
            },
            **extra,
        }
        path.write_text(tomli_w.dumps(document))
        return path

    def tls_context(self) -> ssl.SSLContext:
        """A context that trusts the server's CA, and nothing else."""
        context = ssl.create_default_context(cadata=self.ca_pem)
        # The CA has no Authority Key Identifier, which Python 3.13's default refuses.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        return context

    # Accounts

    def create_primary(
        self,
        name: str = "Alice",
        *,
        number: str | None = None,
        contacts: Iterable[MockPrimary] = (),
        has_number: bool = True,
    ) -> MockPrimary:
        """A new account whose device 1 lives in the mock server; the number is made up unless given.

        `contacts` is what it answers to a contact sync request.
        """
        return MockPrimary.parse(
            self.process.call(
                "createPrimary",
                name=name,
                number=number,
                contacts=[contact.aci for contact in contacts],
                hasNumber=has_number,
            )
        )

    def complete_provision(
        self, url: str, primary: MockPrimary, *, timeout_s: float = 60
    ) -> MockDevice:
        """Scans a linking URL with the primary; returns when the new device has uploaded all its keys."""
        return MockDevice.parse(
            self.process.call(
                "completeProvision", url=url, primary=primary.aci, timeout_s=timeout_s
            )
        )

    def add_linked_device(self, aci: str, identity_key: bytes) -> MockDevice:
        """Links a device of libsignal's to an account whose primary device is the client under test.

        ``identity_key`` is the account's private key (32 bytes). It is asked for its messages, and sends, by its ACI.
        """
        return MockDevice.parse(
            self.process.call("addLinkedDevice", aci=aci, identityKey=identity_key)
        )

    def decode_contacts(self, data: bytes) -> list[dict[str, Any]]:
        """What the attachment of a contact sync says, with the names of the schema."""
        contacts: list[dict[str, Any]] = self.process.call("decodeContacts", data=data)
        return contacts

    def wait_for_sync(self, device: MockDevice, *, timeout_s: float = 60) -> None:
        """Waits until a linked device has asked for contacts, blocked list and configuration."""
        self.process.call(
            "waitForSync", primary=device.aci, deviceId=device.device_id, timeout_s=timeout_s
        )

    def set_contacts(self, primary: MockPrimary, contacts: Iterable[MockPrimary]) -> None:
        """What the primary answers to contact sync requests from now on."""
        acis = [contact.aci for contact in contacts]
        self.process.call("setContacts", primary=primary.aci, contacts=acis)

    def set_blocked(
        self,
        primary: MockPrimary,
        *,
        acis: Sequence[bytes] = (),
        numbers: Sequence[str] = (),
        group_ids: Sequence[bytes] = (),
    ) -> None:
        """What the primary answers to blocked-list sync requests; ACIs as 16 bytes."""
        answer = {"acisBinary": list(acis), "numbers": list(numbers), "groupIds": list(group_ids)}
        self.process.call("setSyncAnswer", primary=primary.aci, name="blocked", answer=answer)

    def set_configuration(self, primary: MockPrimary, **fields: bool) -> None:
        """What the primary answers to configuration sync requests: read_receipts=True, …"""
        answer = {_camel(name): value for name, value in fields.items()}
        self.process.call("setSyncAnswer", primary=primary.aci, name="configuration", answer=answer)

    def describe(self, primary: MockPrimary) -> MockPrimary:
        """The primary as it is now."""
        return MockPrimary.parse(self.process.call("describePrimary", primary=primary.aci))

    def change_number(self, primary: MockPrimary) -> MockPrimary:
        """Gives it a new number and PNI; its linked devices get the sync message."""
        return MockPrimary.parse(self.process.call("changeNumber", primary=primary.aci))

    def set_username(self, primary: MockPrimary, username: str) -> None:
        """Gives the account a username such as "alice.42"."""
        self.process.call("setUsername", primary=primary.aci, username=username)

    def prekey_counts(self, device: MockDevice) -> dict[Identity, dict[str, int]]:
        """One-time keys left on the server: ``{"ACI": {"preKeys": n, "kyberPreKeys": n}, …}``."""
        counts: dict[Identity, dict[str, int]] = self.process.call(
            "preKeyCounts", aci=device.aci, deviceId=device.device_id
        )
        return counts

    def take_prekeys(self, device: MockDevice, count: int, identity: Identity = "ACI") -> None:
        """Uses one-time keys up, as other people's first messages would."""
        self.process.call(
            "takePreKeys", aci=device.aci, deviceId=device.device_id, count=count, kind=identity
        )

    def set_storage(
        self,
        primary: MockPrimary,
        *,
        contacts: Iterable[tuple[MockPrimary, dict[str, Any]]] = (),
        groups: Iterable[tuple[MockGroup, dict[str, Any]]] = (),
        account: dict[str, Any] | None = None,
    ) -> int:
        """Writes the storage service as the primary; the dicts set record fields by their schema's names.

        Returns the manifest's version.
        """
        version: int = self.process.call(
            "setStorage",
            primary=primary.aci,
            contacts=[{"aci": contact.aci, **fields} for contact, fields in contacts],
            groups=[{"id": group.id, **fields} for group, fields in groups],
            account=account or {},
        )
        return version

    def storage_records(self, primary: MockPrimary) -> dict[str, Any] | None:
        """What lies in the storage service: ``{"version": n, "records": [{"contact": {…}}, …]}``."""
        records: dict[str, Any] | None = self.process.call("storageRecords", primary=primary.aci)
        return records

    def storage_items(self, primary: MockPrimary) -> list[StoredItem]:
        """What lies in the storage service, each record as its bytes: with whatever the mock itself does not know."""
        found = self.process.call("storageItems", primary=primary.aci)
        return [StoredItem(**item) for item in found["items"]]

    def write_storage_items(
        self,
        primary: MockPrimary,
        *,
        add: Iterable[tuple[int, bytes]] = (),
        remove: Iterable[bytes] = (),
    ) -> int:
        """Writes as the primary: records added by type and bytes, others deleted by id; gives the version."""
        version: int = self.process.call(
            "writeStorageItems",
            primary=primary.aci,
            add=[{"type": type, "record": record} for type, record in add],
            remove=list(remove),
        )
        return version

    def renew_entropy_pool(self, primary: MockPrimary) -> MockPrimary:
        """Gives the primary other secrets, under which it writes from now on; its devices hear of it when they ask."""
        return MockPrimary.parse(self.process.call("renewEntropyPool", primary=primary.aci))

    def set_remote_config(self, name: str, value: str | None = None) -> None:
        """Sets an entry of /v1/config and /v2/config."""
        self.process.call("setRemoteConfig", name=name, enabled=True, value=value)

    def set_upgrade_headers(self, headers: dict[str, str]) -> None:
        """Headers of every websocket's 101 answer, such as X-Signal-Alert."""
        self.process.call("setUpgradeHeaders", headers=headers)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
