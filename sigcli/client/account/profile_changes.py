"""The account's own profile: storing one replaces all of it, so the present one is read, changed and written back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.people.profiles import have_own_profile_fetched, profile_version
from sigcli.errors import NoProfileName, ProtocolError, UsageError
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol import profile_fields
from sigcli.protocol.profile_fields import ProfileName
from sigcli.service.resources import profiles as service_profiles
from sigcli.service.resources.profiles import Profile, ProfileWrite
from sigcli.store.recipient_merging import resolve_recipient
from sigcli.store.recipients import update_recipient
from sigcli.store.tasks import TaskKind, add_task

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.base.account import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChange:
    """What to change in the account's profile; None leaves a field as it is, empty text clears it."""

    given_name: str | None = None
    family_name: str | None = None
    about: str | None = None
    about_emoji: str | None = None
    mobile_coin_address: str | None = None
    """Base64 of a serialised PaymentAddress."""
    avatar_path: str | None = None
    remove_avatar: bool = False
    number_sharing: bool | None = None


def update_profile(account: Account, change: ProfileChange) -> None:
    """Write the account's profile with some fields changed, and tell the other devices; that failing is a warning.

    Raises NoProfileName if it has none yet and none is given, FileUnreadable, PictureTooLarge, AppLimitExceeded,
    NotOneEmoji, ValueTooLong and ServiceError.
    """
    from sigcli.client.base.user_files import read_picture
    from sigcli.protocol.limits import MAX_PROFILE_AVATAR_BYTES
    from sigcli.zkgroup.profile_key import ProfileKey

    _check(change)
    key = account.keys.profile_key
    avatar = (
        None
        if change.avatar_path is None
        else read_picture(account, change.avatar_path, MAX_PROFILE_AVATAR_BYTES)
    )
    present = service_profiles.get(
        account.identified, account.aci, profile_version(key, account.aci)
    )
    address = _payment_address(change.mobile_coin_address)
    name = _own_name(account, present, change)
    form = service_profiles.put(
        account.identified,
        ProfileWrite(
            version=profile_version(key, account.aci),
            commitment=ProfileKey(key).get_commitment(account.aci).serialize(),
            name=profile_fields.encrypt_name(key, name, account.random),
            about=_changed(change.about, present.about, account, profile_fields.encrypt_about),
            about_emoji=_changed(
                change.about_emoji, present.about_emoji, account, profile_fields.encrypt_emoji
            ),
            payment_address=present.payment_address
            if address is None
            else profile_fields.encrypt_payment_address(key, address, account.random)
            if address
            else None,
            phone_number_sharing=present.phone_number_sharing
            if change.number_sharing is None
            else profile_fields.encrypt_boolean(key, change.number_sharing, account.random),
            avatar="replace" if avatar is not None else "clear" if change.remove_avatar else "keep",
        ),
    )
    if avatar is not None and form is not None:
        from sigcli.service.cdn import Cdn

        with Cdn(account.network) as cdn:
            cdn.post_form(form, profile_fields.encrypt_bytes(key, avatar, account.random))
    avatar_path = None if change.remove_avatar else form.key if form is not None else present.avatar
    _keep_own(account, name, avatar_path)
    if avatar_path != present.avatar:
        account.files.write_profile_avatar(account.aci, None)  # of the picture before
    _tell_other_devices(account)


def _check(change: ProfileChange) -> None:
    """Raises AppLimitExceeded and NotOneEmoji."""
    from sigcli.client.content.limits import (
        PROFILE_ABOUT,
        PROFILE_EMOJI,
        PROFILE_NAME,
        check_emoji,
        check_texts,
    )

    check_texts(
        (change.given_name, PROFILE_NAME),
        (change.family_name, PROFILE_NAME),
        (change.about, PROFILE_ABOUT),
    )
    if change.about_emoji:
        check_emoji(change.about_emoji, "the profile's emoji", PROFILE_EMOJI)


def _keep_own(account: Account, name: ProfileName, avatar_path: str | None) -> None:
    """What the account's record in the storage service is to say; the rest is fetched by the next ``receive``."""
    keys = account.keys
    with account.database.transaction() as database:
        row = resolve_recipient(database, aci=keys.aci, pni=keys.pni, number=keys.number).id
        update_recipient(
            database,
            row,
            profile_given_name=name.given or None,
            profile_family_name=name.family or None,
            avatar_path=avatar_path,
        )
        have_own_profile_fetched(account, database)
        add_task(database, TaskKind.STORAGE_SYNC, now_ms=account.now_ms())


def _own_name(account: Account, present: Profile, change: ProfileChange) -> ProfileName:
    key = account.keys.profile_key
    name = ProfileName("")
    if present.name is not None:
        try:
            name = profile_fields.decrypt_name(key, present.name)
        except ProtocolError:
            account.warn("the present profile name cannot be read and is replaced")
    given = name.given if change.given_name is None else change.given_name
    family = name.family if change.family_name is None else change.family_name
    if not given:
        raise NoProfileName
    return ProfileName(given, family)


def _changed(
    value: str | None,
    present: bytes | None,
    account: Account,
    encrypt: Callable[[bytes, str], bytes],
) -> bytes | None:
    """A field's ciphertext: as it is, none, or made anew."""
    if value is None:
        return present
    return encrypt(account.keys.profile_key, value) if value else None


def _payment_address(text: str | None) -> bytes | None:
    import base64

    if text is None:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise UsageError("the payment address is not base64") from None


def _tell_other_devices(account: Account) -> None:
    from sigcli.client.sending.sync_sending import tell_other_devices
    from sigcli.wire.content.sync_message import SyncMessage
    from sigcli.wire.content.sync_state import FetchLatestType, SyncFetchLatest

    latest = SyncFetchLatest(type=FetchLatestType.LOCAL_PROFILE)
    tell_other_devices(account, SyncMessage(fetch_latest=latest), "of the new profile")
