"""What a group's link leads to, for somebody who has not joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.groups.attributes import decrypt_description, decrypt_title
from sigcli.client.groups.credentials import authorization
from sigcli.client.groups.lookup import parse_link
from sigcli.errors import Forbidden, GroupLinkInactive, NotFound
from sigcli.lazy_dataclass import dataclass
from sigcli.zkgroup.groups import GroupSecretParams

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.wire.group_access import AccessRequired
    from sigcli.wire.key_types import GroupIdentifier


@dataclass(frozen=True, slots=True)
class LinkPreview:
    """``access``: who gets in, everybody or whom an administrator approves; ``is_pending``: this account has asked."""

    group_id: GroupIdentifier
    title: str
    description: str
    member_count: int
    access: AccessRequired | int
    revision: int
    is_pending: bool


def preview_link(account: Account, link_text: str) -> LinkPreview:
    """Ask the service; raises InvalidGroupLink, GroupLinkInactive, ServiceError."""
    link = parse_link(link_text)
    params = GroupSecretParams.derive_from_master_key(link.master_key)
    try:
        info = account.groups.join_info(authorization(account, params), link.password)
    except (Forbidden, NotFound) as error:
        raise GroupLinkInactive from error
    return LinkPreview(
        params.get_group_identifier(),
        decrypt_title(params, info.title),
        decrypt_description(params, info.description),
        info.member_count,
        info.add_from_invite_link,
        info.revision,
        info.pending_admin_approval,
    )
