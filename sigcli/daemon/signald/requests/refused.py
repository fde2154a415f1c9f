"""Requests of signald that are not served: the answer says why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.daemon.signald.declaring import number, served, text
from sigcli.errors import SignaldRefusal

if TYPE_CHECKING:
    from sigcli.daemon.signald.call import Call

_ACCOUNT = text("account", required=True)


def _refuse(type: str, fields: list[Any], why: str) -> None:
    def refuse(call: Call) -> Any:
        raise SignaldRefusal("InvalidRequestError", why)

    refuse.__doc__ = f"Refused: {why}."
    served(type, fields)(refuse)


_refuse("add_server", [], "the service environment is chosen when the daemon starts")
_refuse("delete_server", [], "the service environment is chosen when the daemon starts")
_refuse("send_sync_message", [_ACCOUNT], "transcripts are sent with the messages themselves")
_refuse(
    "get_group_revision_pages",
    [_ACCOUNT, text("group_id", required=True), number("from_revision", required=True)],
    "a group's history is not kept",
)
