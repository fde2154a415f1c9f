"""Devices: linking this machine to a phone, and other devices to an account here."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from sigcli.daemon.rest import shapes
from sigcli.daemon.rest.accounts import delete_local_data
from sigcli.daemon.routes.declaring import Blob, Family, Media, Query
from sigcli.daemon.routes.refusing import NothingThere, Refused
from sigcli.errors import LinkTimedOut, SigcliError
from sigcli.operations.table import ADMIN

if TYPE_CHECKING:
    from sigcli.daemon.routes.call import Call

routes = Family("Devices")
_PIXELS = 256
_NAME = Query("device_name", required=True, help="the name under which the phone lists this device")
PNG = Media(("image/png",))


class LinkAnswer(TypedDict):
    """What the phone scans."""

    device_link_uri: str


class DeviceBody(TypedDict):
    """The linking URI of the new device."""

    uri: str


class LocalDataBody(TypedDict):
    """Confirmation for deleting data."""

    ignore_registered: NotRequired[bool]


@routes.add(
    "GET",
    "/v1/qrcodelink",
    query=(
        _NAME,
        Query("qrcode_version", int, default=10, minimum=1, help="size of the code, 1 to 40"),
    ),
    answer=PNG,
)
def qr_code(call: Call) -> Blob:
    """Begin to link this machine; returns a picture of the code that the phone scans."""
    if call.query["qrcode_version"] > 40:
        raise Refused("qrcode_version may be at most 40")
    uri = _begin_linking(call, call.query["device_name"])
    return Blob(_png(uri, call.query["qrcode_version"]), "image/png")


@routes.add("GET", "/v1/qrcodelink/raw", query=(_NAME,), answer=LinkAnswer)
def link_uri(call: Call) -> dict[str, str]:
    """Begin to link this machine; returns the URI in the code that the phone scans."""
    return {"device_link_uri": _begin_linking(call, call.query["device_name"])}


@routes.add("GET", "/v1/devices/{number}", answer=list[shapes.Device])
def devices(call: Call) -> list[dict[str, Any]]:
    """List the account's devices."""
    return [
        {
            "id": one["id"],
            "name": shapes.text(one["name"]),
            "last_seen_timestamp": one["lastSeenTimestamp"],
            "creation_timestamp": one["createdTimestamp"] or 0,
        }
        for one in call.run("listDevices")
    ]


@routes.add("POST", "/v1/devices/{number}", body=DeviceBody, status=204)
def add_device(call: Call) -> None:
    """Link another device to the account."""
    call.run("addDevice", uri=call.body["uri"])


@routes.add(
    "DELETE",
    "/v1/devices/{number}/local-data",
    body=LocalDataBody,
    is_body_required=False,
    status=204,
)
def remove_local_data(call: Call) -> None:
    """Delete the local data of an account."""
    delete_local_data(call, ignore_registered=bool(call.body.get("ignore_registered")))


@routes.add("DELETE", "/v1/devices/{number}/{device_id}", status=204)
def remove_device(call: Call) -> None:
    """Remove a linked device from the account."""
    word = call.path["device_id"]
    if not (word.isascii() and word.isdigit() and len(word) < 10):
        raise NothingThere("a device is identified by its number")
    call.run("removeDevice", deviceId=int(word))


def _begin_linking(call: Call, device_name: str) -> str:
    """The text of the code; linking continues in the background, and the daemon finds the new account by itself."""
    call.caller.require(ADMIN)
    links, warn = call.core.links, call.core.settings.warn
    uri = links.start()

    def finish() -> None:
        try:
            links.finish(uri, device_name)
        except LinkTimedOut:
            return  # nobody scanned it
        except SigcliError as error:
            warn(f"linking failed: {error.message}")

    threading.Thread(target=finish, name="sigcli-link", daemon=True).start()
    return uri


def _png(text: str, version: int) -> bytes:
    """A QR code of 256 pixels; a version too small for the text is raised."""
    import struct
    import zlib

    from qrcode import constants
    from qrcode.main import QRCode

    code = QRCode(version=version, error_correction=constants.ERROR_CORRECT_M, border=4)
    code.add_data(text)
    code.make(fit=True)
    modules = code.get_matrix()
    count = len(modules)
    size = max(_PIXELS, count)
    rows = bytearray()
    for y in range(size):
        row = modules[y * count // size]
        rows.append(0)
        rows += bytes(0 if row[x * count // size] else 255 for x in range(size))

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(rows), 9))
        + chunk(b"IEND", b"")
    )
