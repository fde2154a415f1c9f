"""Pictures of people and groups: kept where they are here, fetched where they are not or are old."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.people.recipients import is_self, resolve_known
from sigcli.errors import NoSuchFile, NotFound, ProtocolError, ServiceError
from sigcli.protocol.limits import MAX_PROFILE_AVATAR_BYTES

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.store.recipient_values import Recipient

_OVERHEAD = 64
"""A ciphertext is longer by its nonce and tag, a group's by its padding as well."""


def contact_avatar(account: Account, word: str) -> bytes:
    """The picture in the user's address book; raises NoSuchFile, UnknownRecipient, AmbiguousRecipient."""
    person = resolve_known(account, word)
    path = account.files.contact_avatar(person.aci) if person.aci is not None else None
    return _read(path, "this contact has no picture here")


def profile_avatar(account: Account, word: str) -> bytes:
    """The picture that somebody shows, fetched if it is not here or the profile is old.

    Opens transactions of its own. Raises NoSuchFile if they have no picture, UnknownRecipient, ServiceError.
    """
    person = resolve_known(account, word)
    aci = person.aci
    if aci is None:
        raise NoSuchFile("somebody without an ACI shows no picture")
    if is_self(account, person):
        return _own_avatar(account)
    person = _refreshed(account, person)
    path = account.files.profile_avatar(aci)
    key, place = person.profile.key, person.profile.avatar_path
    if path is None and key is not None and place is not None:
        try:
            picture = download_profile_avatar(account, place, key)
        except (NotFound, ProtocolError) as error:
            raise NoSuchFile("the picture is not, or no longer, there") from error
        account.files.write_profile_avatar(aci, [picture])
        return picture
    return _read(path, "this profile has no picture, or its key is not known here")


def group_avatar(account: Account, group_id: str) -> bytes:
    """A group's picture, fetched if the group is known to have one.

    Raises InvalidGroupId, UnknownGroup, NoSuchFile if there is none, ServiceError.
    """
    from sigcli.client.groups.attributes import decrypt_avatar
    from sigcli.client.groups.lookup import require_group

    group = require_group(account, group_id)
    if group.details is None or not group.details.avatar_url:
        raise NoSuchFile("the group has no picture")
    params = group.params
    try:
        picture = decrypt_avatar(params, _download(account, group.details.avatar_url))
    except (NotFound, ProtocolError) as error:
        raise NoSuchFile("the group's picture is not, or no longer, there") from error
    except ServiceError as error:
        path = account.files.group_avatar(group.group_id)
        if path is None:
            raise
        account.warn(f"this is the picture as it was last seen: {error.message}")
        return _read(path, "the group has no picture")
    account.files.write_group_avatar(group.group_id, [picture])
    return picture


def download_profile_avatar(account: Account, place: str, key: bytes) -> bytes:
    """The picture of a profile, by its path on CDN 0 and the profile key.

    Raises NotFound, ServiceError, and ProtocolError for what was not encrypted with this key.
    """
    from sigcli.protocol.profile_fields import decrypt_bytes

    return decrypt_bytes(key, _download(account, place))


def _own_avatar(account: Account) -> bytes:
    from sigcli.client.people.profiles import profile_version
    from sigcli.service.resources import profiles

    key = account.keys.profile_key
    version = profile_version(key, account.aci)
    place = profiles.get(account.identified, account.aci, version).avatar
    if place is None:
        raise NoSuchFile("your profile has no picture")
    return download_profile_avatar(account, place, key)


def _refreshed(account: Account, person: Recipient) -> Recipient:
    """The person with a profile that is not old; as they are known if the service cannot be asked."""
    from sigcli.client.people.profiles import fetch_due, fetch_profile
    from sigcli.store.recipients import load_recipient

    if not fetch_due(account, person):
        return person
    try:
        fetch_profile(account, person)
    except ServiceError as error:
        account.warn(f"the profile was not fetched: {error.message}")
    return load_recipient(account.database, person.id) or person


def _download(account: Account, place: str) -> bytes:
    from sigcli.service.cdn import Cdn

    with Cdn(account.network) as cdn:
        chunks = cdn.chunks(0, f"/{place.lstrip('/')}", limit=MAX_PROFILE_AVATAR_BYTES + _OVERHEAD)
        return b"".join(chunks)


def _read(path: str | None, what: str) -> bytes:
    if path is None:
        raise NoSuchFile(what)
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise NoSuchFile(what) from error
