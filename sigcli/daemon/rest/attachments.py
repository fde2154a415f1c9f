"""Received attachments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.content.file_signatures import HEAD_LENGTH
from sigcli.daemon.rest import shapes
from sigcli.daemon.rest.base64_files import sniffed
from sigcli.daemon.routes.declaring import ANY_FILE, Family, StoredFile
from sigcli.daemon.routes.refusing import NothingThere, Refused
from sigcli.errors import NoSuchFile
from sigcli.operations.attachments import LocateAttachment
from sigcli.store.content_types import OCTETS, content_type_for

if TYPE_CHECKING:
    from sigcli.daemon.routes.call import Call

routes = Family("Attachments")
_PATH = "/v1/attachments/{attachment:path}"


@routes.add("GET", "/v1/attachments", answer=list[str])
def attachments(call: Call) -> list[str]:
    """List the attachments of all accounts."""
    found = {one["id"] for live in call.accounts() for one in call.run("listAttachments", live)}
    return sorted(found)


@routes.add("GET", _PATH, answer=ANY_FILE, also={404: shapes.Error})
def attachment(call: Call) -> StoredFile:
    """Get an attachment; one that was not downloaded yet is fetched from the service."""
    id = _id(call)
    for live in call.accounts():
        try:
            located = call.core.perform(call.caller, "getAttachment", LocateAttachment(id=id), live)
            path: str = located.path  # type: ignore[attr-defined]
            with open(path, "rb") as file:
                found = sniffed(file.read(HEAD_LENGTH))
        except (NoSuchFile, FileNotFoundError):
            continue
        by_name = content_type_for("." + id.rpartition(".")[2].lower())
        return StoredFile(path, by_name or OCTETS if found == OCTETS else found)
    raise NothingThere("No attachment with that id found")


@routes.add("DELETE", _PATH, status=204, also={404: shapes.Error})
def remove(call: Call) -> None:
    """Delete an attachment from this machine."""
    id = _id(call)
    for live in call.accounts():
        try:
            call.run("removeAttachment", live, id=[id])
        except NoSuchFile:
            continue
        return
    raise NothingThere("No attachment with that id found")


def _id(call: Call) -> str:
    id = call.path["attachment"]
    if not id or "/" in id or "\\" in id or "\0" in id or id in (".", ".."):
        raise Refused("Couldn't process request - this is not an attachment's id")
    return id
