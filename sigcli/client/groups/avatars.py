"""Pictures of groups: encrypted with the group's key, kept on CDN 0."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sigcli.client.groups import attributes
from sigcli.client.groups.credentials import authorization
from sigcli.errors import FileUnreadable, PayloadTooLarge

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.zkgroup.groups import GroupSecretParams

MAX_AVATAR_BYTES = 5 * 1024 * 1024


def upload_avatar(account: Account, params: GroupSecretParams, path: str) -> str:
    """Upload a file as a group's picture; gives the URL that the group names, empty for an empty path.

    Raises FileUnreadable, PayloadTooLarge, ServiceError.
    """
    if not path:
        return ""
    from sigcli.service.cdn import Cdn

    picture = _read(path)
    form = account.groups.avatar_form(authorization(account, params))
    with Cdn(account.network) as cdn:
        cdn.post_form(form, attributes.encrypt_avatar(params, picture, account.random))
    return form.key


def _read(path: str) -> bytes:
    try:
        if os.path.getsize(path) > MAX_AVATAR_BYTES:
            raise PayloadTooLarge("the picture is larger than 5 MiB", status=413)
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise FileUnreadable(f"{path} cannot be read: {error.strerror}") from error
