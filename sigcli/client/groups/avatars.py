"""Pictures of groups: encrypted with the group's key, kept on CDN 0."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sigcli.client.content.limits import GROUP_PICTURE_BYTES, check_picture
from sigcli.client.groups import attributes
from sigcli.client.groups.credentials import authorization
from sigcli.errors import FileUnreadable

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.zkgroup.groups import GroupSecretParams


def upload_avatar(account: Account, params: GroupSecretParams, path: str) -> str:
    """Upload a file as a group's picture; gives the URL that the group names, empty for an empty path.

    Raises FileUnreadable, PictureTooLarge, ServiceError.
    """
    if not path:
        return ""
    from sigcli.service.cdn import Cdn

    picture = attributes.encrypt_avatar(params, _read(path), account.random)
    check_picture(len(picture), GROUP_PICTURE_BYTES)
    form = account.groups.avatar_form(authorization(account, params))
    with Cdn(account.network) as cdn:
        cdn.post_form(form, picture)
    return form.key


def _read(path: str) -> bytes:
    try:
        check_picture(os.path.getsize(path), GROUP_PICTURE_BYTES)
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise FileUnreadable(f"{path} cannot be read: {error.strerror}") from error
