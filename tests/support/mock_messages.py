"""What mock primaries send, and the groups they make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from tests.support.mock_process import MockProcess
from tests.support.mock_values import Attachment, Identity, MockDevice, MockGroup, MockPrimary


class Messages:
    """Messages to the devices that clients run. They are queued; nothing waits for their delivery."""

    process: MockProcess

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
            attachments=[attachment.arguments() for attachment in attachments],
            fields=fields or {},
            timeout_s=timeout_s,
        )
        return timestamp

    def send_content(
        self,
        primary: MockPrimary | MockDevice,
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

    # Stickers

    def store_sticker_pack(
        self,
        pack_id: bytes,
        pack_key: bytes,
        stickers: Iterable[tuple[str, bytes]],
        *,
        title: str = "Cats",
        author: str = "Ada",
    ) -> None:
        """Puts a pack on CDN 0, its PNG pictures with their emojis."""
        self.process.call(
            "storeStickerPack",
            id=pack_id,
            key=pack_key,
            title=title,
            author=author,
            stickers=[
                {"emoji": emoji, "contentType": "image/png", "content": content}
                for emoji, content in stickers
            ],
        )

    def send_sticker_pack_sync(
        self,
        primary: MockPrimary,
        pack_id: bytes,
        pack_key: bytes,
        kind: Literal["install", "remove"],
    ) -> None:
        """Tells the primary's linked devices that it has installed or removed a pack."""
        self.process.call(
            "sendStickerPackSync",
            primary=primary.aci,
            packId=pack_id,
            packKey=pack_key,
            type=kind,
        )

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


def _source_and_target(primary: MockPrimary | MockDevice, to: MockDevice | str) -> dict[str, Any]:
    if isinstance(to, str):
        return {"primary": primary.aci, "to": to, "deviceId": None}
    return {"primary": primary.aci, "to": to.aci, "deviceId": to.device_id}
