"""What clients did at the mock server: messages, requests, sockets, queues."""

from __future__ import annotations

from typing import Any

from tests.support.mock_process import MockProcess
from tests.support.mock_values import (
    Attachment,
    LoggedRequest,
    MockDevice,
    MockPrimary,
    OpenSocket,
    ReceivedMessage,
)


class Observation:
    """Everything a test can look at or wait for. Waiting ends at the event; timeouts only bound it."""

    process: MockProcess

    def received(
        self, primary: MockPrimary | MockDevice, *, kind: str | None = None, timeout_s: float = 60
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

    def received_sync(
        self, primary: MockPrimary, name: str, *, timeout_s: float = 60
    ) -> dict[str, Any]:
        """The next sync message of a kind (``request``, ``fetchLatest``, …) it decrypted; raises NothingHappened."""

        def matches(event: dict[str, Any]) -> bool:
            content = event["content"]
            return event["primary"] == primary.aci and name in content.get("syncMessage", {})

        event = self.process.event("received", timeout_s=timeout_s, matching=matches)
        found: dict[str, Any] = event["content"]["syncMessage"][name]
        return found

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
        pointer: dict[str, Any] = self.process.call("storeAttachment", **attachment.arguments())
        return pointer

    def requests(self, path: str = ".*", *, verb: str | None = None) -> list[LoggedRequest]:
        """The requests so far whose path and query match the regular expression, oldest first."""
        found = self.process.call("requests", verb=verb, path=path)
        return [LoggedRequest.parse(entry) for entry in found]

    def wait_for_request(
        self, path: str, *, verb: str | None = None, count: int = 1, timeout_s: float = 60
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

    def wait_for_reader(self, device: MockDevice, *, timeout_s: float = 60) -> None:
        """Waits until a websocket of the device is logged in and reads messages."""
        self._wait_for_sockets(device, count=1, reading=True, timeout_s=timeout_s)

    def wait_for_close(self, device: MockDevice, *, timeout_s: float = 60) -> int:
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
        self, device: MockDevice, *, at_most: int = 0, timeout_s: float = 60
    ) -> None:
        """Waits until at most so many messages are left unacknowledged."""
        self.process.call(
            "waitForQueue",
            aci=device.aci,
            deviceId=device.device_id,
            size=at_most,
            timeout_s=timeout_s,
        )

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
