"""Signal's own mock server for tests, with production's behaviour where it differs (tests/node/mock).

Every mock primary in it runs official libsignal, so it proves what the client encrypts and feeds what it decrypts.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import tomli_w

from tests.support.json_lines import Big
from tests.support.mock_faults import FaultControl
from tests.support.mock_process import MockCrashed, MockError, MockProcess, NothingHappened
from tests.support.mock_values import (
    LoggedRequest,
    MockDevice,
    MockGroup,
    MockPrimary,
    OpenSocket,
    ReceivedMessage,
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
    "ReceivedMessage",
]

Identity = Literal["ACI", "PNI"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something a mock primary attaches to a text, laid at CDN 3 or another."""

    data: bytes
    content_type: str = "application/octet-stream"
    file_name: str | None = None
    cdn: int = 3


class MockServer(FaultControl):
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

    def wait_for_sync(self, device: MockDevice, *, timeout_s: float = 30) -> None:
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

    # Messages from primaries

    def send_text(
        self,
        primary: MockPrimary,
        to: MockDevice | str,
        text: str,
        *,
        sealed: bool = False,
        count: int = 1,
        identity: Identity = "ACI",
        timestamp_ms: int | None = None,
        group: MockGroup | None = None,
        sender_key: bool = False,
        with_profile_key: bool = False,
        attachments: Iterable[Attachment] = (),
        fields: dict[str, Any] | None = None,
        timeout_s: float = 120,
    ) -> int:
        """Queues a text for one device, or for all of an account's (given its ACI).

        Returns the timestamp in ms. With `count` the texts are "<text> 0", "<text> 1", … and timestamps rise by one
        from the returned one. `fields` sets further fields of the DataMessage by their schema's names.
        """
        timestamp: int = self.process.call(
            "sendText",
            **_source_and_target(primary, to),
            text=text,
            sealed=sealed,
            count=count,
            serviceIdKind=identity,
            timestamp=timestamp_ms,
            group=None if group is None else group.id,
            senderKey=sender_key,
            withProfileKey=with_profile_key,
            attachments=[_attachment(attachment) for attachment in attachments],
            fields=fields or {},
            timeout_s=timeout_s,
        )
        return timestamp

    def send_content(
        self,
        primary: MockPrimary,
        to: MockDevice | str,
        content: bytes | dict[str, Any],
        *,
        sealed: bool = False,
        identity: Identity = "ACI",
        timestamp_ms: int | None = None,
    ) -> int:
        """Queues any Content: encoded, or as ``{"content": {"typingMessage": {"timestamp": Big(…)}}}``.

        In the dict form oneofs nest under their own name, and 64-bit fields must be `Big`.
        """
        timestamp: int = self.process.call(
            "sendContent",
            **_source_and_target(primary, to),
            content=content,
            sealed=sealed,
            serviceIdKind=identity,
            timestamp=timestamp_ms,
        )
        return timestamp

    def send_envelope(self, to: MockDevice, envelope: bytes | dict[str, Any]) -> None:
        """Queues an envelope as it is, for hostile input; only GUID and server time are added."""
        self.process.call("sendEnvelope", to=to.aci, deviceId=to.device_id, envelope=envelope)

    def send_sync_text(
        self, device: MockDevice, text: str, destination: str, *, timestamp_ms: int | None = None
    ) -> int:
        """The primary's transcript of a text it sent to `destination` (a service id), for a linked device."""
        timestamp: int = self.process.call(
            "sendSyncText",
            primary=device.aci,
            deviceId=device.device_id,
            text=text,
            destination=destination,
            timestamp=timestamp_ms,
        )
        return timestamp

    def send_receipt(
        self,
        primary: MockPrimary,
        to: MockDevice | str,
        kind: Literal["Delivery", "Read"],
        timestamps_ms: Sequence[int],
        *,
        sealed: bool = True,
    ) -> None:
        """Queues an encrypted receipt."""
        self.process.call(
            "sendReceipt",
            **_source_and_target(primary, to),
            type=kind,
            timestamps=list(timestamps_ms),
            sealed=sealed,
        )

    def send_server_receipt(
        self, primary: MockPrimary, to: MockDevice | str, timestamp_ms: int
    ) -> None:
        """Queues the server's own delivery receipt (type 5)."""
        self.process.call(
            "sendServerReceipt", **_source_and_target(primary, to), timestamp=timestamp_ms
        )

    def send_fetch_storage(self, primary: MockPrimary) -> None:
        """Tells the primary's linked devices that the storage service has news."""
        self.process.call("sendFetchStorage", primary=primary.aci)

    # Groups

    def create_group(
        self, primary: MockPrimary, title: str, members: Iterable[MockPrimary] = ()
    ) -> MockGroup:
        """A group of the primary and others; all are administrators. A linked device is in its primary's."""
        acis = [member.aci for member in members]
        return MockGroup.parse(
            self.process.call("createGroup", primary=primary.aci, title=title, members=acis)
        )

    def adopt_group(self, master_key: bytes) -> MockGroup:
        """A group that the client under test made."""
        return MockGroup.parse(self.process.call("adoptGroup", masterKey=master_key))

    def describe_group(self, group: MockGroup) -> MockGroup:
        """The group as the server has it now."""
        return MockGroup.parse(self.process.call("describeGroup", id=group.id))

    def invite_to_group(
        self, primary: MockPrimary, group: MockGroup, aci: str, *, identity: Identity = "ACI"
    ) -> MockGroup:
        """Adds a pending member, by ACI or PNI; nobody is told."""
        return MockGroup.parse(
            self.process.call(
                "inviteToGroup",
                primary=primary.aci,
                id=group.id,
                aci=aci,
                serviceIdKind=identity,
            )
        )

    # What clients did

    def received(
        self, primary: MockPrimary, *, kind: str | None = None, timeout_s: float = 15
    ) -> ReceivedMessage:
        """The next message that the primary decrypted, of that kind if given; others wait.

        Raises NothingHappened.
        """

        def matches(event: dict[str, Any]) -> bool:
            if event["primary"] != primary.aci:
                return False
            return kind is None or kind in event["content"]

        event = self.process.event("received", timeout_s=timeout_s, matching=matches)
        return ReceivedMessage.parse(event)

    def all_received(self) -> list[ReceivedMessage]:
        """Everything that primaries decrypted and nobody has asked for yet."""
        return [ReceivedMessage.parse(event) for event in self.process.events("received")]

    def decryption_failures(self) -> list[dict[str, Any]]:
        """What primaries could not decrypt: ``{"primary", "source", "envelopeType", "error"}``."""
        return self.process.events("decryptionFailed")

    def attachment(self, pointer: dict[str, Any]) -> bytes:
        """The plaintext behind an attachment pointer of a received message, checked and decrypted."""
        return self._decrypt_attachment(pointer)["plaintext"]  # type: ignore[no-any-return]

    def attachment_sizes(self, pointer: dict[str, Any]) -> tuple[int, int]:
        """Length of the padded plaintext and of the uploaded blob."""
        found = self._decrypt_attachment(pointer)
        return found["paddedLength"], found["blobLength"]

    def store_attachment(self, attachment: Attachment) -> dict[str, Any]:
        """Lays a blob at a CDN and returns the pointer to it, with the names of the schema."""
        pointer: dict[str, Any] = self.process.call("storeAttachment", **_attachment(attachment))
        return pointer

    def requests(self, path: str = ".*", *, verb: str | None = None) -> list[LoggedRequest]:
        """The requests so far whose path and query match the regular expression, oldest first."""
        found = self.process.call("requests", verb=verb, path=path)
        return [LoggedRequest.parse(entry) for entry in found]

    def wait_for_request(
        self, path: str, *, verb: str | None = None, count: int = 1, timeout_s: float = 15
    ) -> list[LoggedRequest]:
        """Waits until that many matching requests were answered; returns them."""
        found = self.process.call(
            "waitForRequest", verb=verb, path=path, count=count, timeout_s=timeout_s
        )
        return [LoggedRequest.parse(entry) for entry in found]

    def sockets(self, device: MockDevice | None = None) -> list[OpenSocket]:
        """The websockets that are open, of one device or all."""
        found = self.process.call(
            "sockets",
            aci=None if device is None else device.aci,
            deviceId=None if device is None else device.device_id,
        )
        return [OpenSocket.parse(entry) for entry in found]

    def opened_sockets(self) -> list[dict[str, Any]]:
        """Every websocket since the last reset.

        ``{"connection", "path", "headers"}`` of the upgrade and, once closed, ``"aci", "deviceId", "closeCode"``.
        """
        sockets: list[dict[str, Any]] = self.process.call("openedSockets")
        return sockets

    def wait_for_reader(self, device: MockDevice, *, timeout_s: float = 15) -> None:
        """Waits until a websocket of the device is logged in and reads messages."""
        self._wait_for_sockets(device, count=1, reading=True, timeout_s=timeout_s)

    def wait_for_close(self, device: MockDevice, *, timeout_s: float = 15) -> int:
        """Waits until no websocket of the device is open; returns the last one's code (1006: broken)."""
        self._wait_for_sockets(device, count=0, reading=False, timeout_s=timeout_s)
        codes = [
            socket["closeCode"]
            for socket in self.opened_sockets()
            if (socket["aci"], socket["deviceId"]) == (device.aci, device.device_id)
        ]
        code: int = codes[-1]
        return code

    def queue_size(self, device: MockDevice) -> int:
        """How many messages the server still holds for a device."""
        size: int = self.process.call("queueSize", aci=device.aci, deviceId=device.device_id)
        return size

    def wait_for_queue(
        self, device: MockDevice, *, at_most: int = 0, timeout_s: float = 30
    ) -> None:
        """Waits until at most so many messages are left unacknowledged."""
        self.process.call(
            "waitForQueue",
            aci=device.aci,
            deviceId=device.device_id,
            size=at_most,
            timeout_s=timeout_s,
        )

    def set_remote_config(self, name: str, value: str | None = None) -> None:
        """Sets an entry of /v1/config and /v2/config."""
        self.process.call("setRemoteConfig", name=name, enabled=True, value=value)

    def set_upgrade_headers(self, headers: dict[str, str]) -> None:
        """Headers of every websocket's 101 answer, such as X-Signal-Alert."""
        self.process.call("setUpgradeHeaders", headers=headers)

    def _wait_for_sockets(
        self, device: MockDevice, *, count: int, reading: bool, timeout_s: float
    ) -> None:
        self.process.call(
            "waitForSockets",
            aci=device.aci,
            deviceId=device.device_id,
            count=count,
            reading=reading,
            timeout_s=timeout_s,
        )

    def _decrypt_attachment(self, pointer: dict[str, Any]) -> dict[str, Any]:
        identifier = pointer.get("attachmentIdentifier", pointer)
        found: dict[str, Any] = self.process.call(
            "decryptAttachment",
            cdn=pointer.get("cdnNumber", 0),
            cdnKey=identifier["cdnKey"],
            key=pointer["key"],
            digest=pointer.get("digest"),
            size=pointer.get("size"),
        )
        return found


def _source_and_target(primary: MockPrimary, to: MockDevice | str) -> dict[str, Any]:
    if isinstance(to, str):
        return {"primary": primary.aci, "to": to, "deviceId": None}
    return {"primary": primary.aci, "to": to.aci, "deviceId": to.device_id}


def _attachment(attachment: Attachment) -> dict[str, Any]:
    return {
        "data": attachment.data,
        "contentType": attachment.content_type,
        "fileName": attachment.file_name,
        "cdn": attachment.cdn,
    }


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
