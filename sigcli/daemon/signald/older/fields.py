"""The fields by which v0 requests name the account and the recipient."""

from __future__ import annotations

from sigcli.daemon.signald.declaring import one, text
from sigcli.daemon.signald.structures import ADDRESS

ACCOUNT = text("username", required=True)
PEER = one("recipientAddress", ADDRESS)
PEER_REQUIRED = one("recipientAddress", ADDRESS, required=True)
GROUP = text("recipientGroupId")
GROUP_REQUIRED = text("recipientGroupId", required=True)
