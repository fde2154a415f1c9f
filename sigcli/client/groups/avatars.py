"""Pictures of groups: encrypted with the group's key, kept on CDN 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.base.user_files import read_picture
from sigcli.client.content.limits import check_picture
from sigcli.client.groups import attributes
from sigcli.client.groups.credentials import authorization
from sigcli.protocol.limits import MAX_GROUP_AVATAR_BYTES

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.zkgroup.groups import GroupSecretParams


def upload_avatar(account: Account, params: GroupSecretParams, path: str) -> str:
    """Upload a file or data URI as a group's picture; gives the URL that the group names, empty for an empty path.

    Raises FileUnreadable, AttachmentRefused, PictureTooLarge, ServiceError.
    """
    if not path:
        return ""
    from sigcli.service.cdn import Cdn

    picture = attributes.encrypt_avatar(
        params, read_picture(account, path, MAX_GROUP_AVATAR_BYTES), account.random
    )
    check_picture(len(picture), MAX_GROUP_AVATAR_BYTES)
    form = account.groups.avatar_form(authorization(account, params))
    with Cdn(account.network) as cdn:
        cdn.post_form(form, picture)
    return form.key
