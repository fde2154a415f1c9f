"""A new profile key for the account, so that somebody who was blocked can neither read the profile nor write sealed.

The primary device makes it. Order: the profile's new version, then the account's access key, then the store, then
everybody who may have the key. Until the access key is written, sealed senders who have the new one are refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sigcli.client.base.task_items import account_target
from sigcli.client.people.profiles import have_own_profile_fetched, profile_version
from sigcli.errors import NotFound, ProtocolError
from sigcli.lazy_dataclass import replace
from sigcli.protocol import profile_fields
from sigcli.protocol.profile_fields import ProfileName
from sigcli.service.resources import accounts as service_accounts
from sigcli.service.resources import profiles as service_profiles
from sigcli.service.resources.profiles import ProfileWrite
from sigcli.store.account_data import PROFILE_KEY
from sigcli.store.groups import groups_of
from sigcli.store.recipients import list_recipients
from sigcli.store.settings import Setting, read_setting, write_setting
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.key_types import ProfileKeyBytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.base.account import Account
    from sigcli.crypto.randomness import RandomSource
    from sigcli.service.resources.profiles import Profile
    from sigcli.store.database import Transaction

_T = TypeVar("_T")
_KEY_LENGTH = 32
_NEXT_KEY = Setting("next_profile_key", bytes)
"""The key that the service is being told of: also after a crash it is this one."""


def rotate_profile_key(account: Account) -> None:
    """Give the account a new profile key; the people who may have it are told by tasks. Nothing on a linked device.

    Opens transactions of its own; raises ServiceError. Called again after a failure it goes on with the same key.
    """
    if not account.keys.is_primary:
        return
    with account.database.transaction() as database:
        begun = read_setting(database, _NEXT_KEY)
        key = ProfileKeyBytes(account.random(_KEY_LENGTH) if begun is None else begun)
        if begun is None:
            write_setting(database, _NEXT_KEY, key)
    if not (begun is not None and _is_written(account, key)):
        _write_profile(account, key)
    _write_attributes(account, key)
    with account.database.transaction() as database:
        write_setting(database, PROFILE_KEY, key)
        write_setting(database, _NEXT_KEY, None)
        account.reload_keys()
        _have_everybody_told(account, database)


def _is_written(account: Account, key: ProfileKeyBytes) -> bool:
    version = profile_version(key, account.aci)
    try:
        return service_profiles.get(account.identified, account.aci, version).name is not None
    except NotFound:
        return False


def _write_profile(account: Account, key: ProfileKeyBytes) -> None:
    """Store what the present profile says under the version of a new key."""
    from sigcli.zkgroup.profile_key import ProfileKey

    old, random = account.keys.profile_key, account.random
    present = service_profiles.get(
        account.identified, account.aci, profile_version(old, account.aci)
    )

    def again(
        field: bytes | None,
        decrypt: Callable[[bytes, bytes], _T],
        encrypt: Callable[[bytes, _T, RandomSource], bytes],
    ) -> bytes | None:
        if not field:
            return None
        try:
            return encrypt(key, decrypt(old, field), random)
        except ProtocolError:
            account.warn("a field of the profile cannot be read and is left out")
            return None

    avatar = _avatar(account, present)
    name = again(present.name, profile_fields.decrypt_name, profile_fields.encrypt_name)
    form = service_profiles.put(
        account.identified,
        ProfileWrite(
            version=profile_version(key, account.aci),
            commitment=ProfileKey(key).get_commitment(account.aci).serialize(),
            # The group service takes no profile without a name.
            name=name or profile_fields.encrypt_name(key, ProfileName(""), random),
            about=again(present.about, profile_fields.decrypt_text, profile_fields.encrypt_about),
            about_emoji=again(
                present.about_emoji, profile_fields.decrypt_text, profile_fields.encrypt_emoji
            ),
            payment_address=again(
                present.payment_address,
                profile_fields.decrypt_payment_address,
                profile_fields.encrypt_payment_address,
            ),
            phone_number_sharing=again(
                present.phone_number_sharing,
                profile_fields.decrypt_boolean,
                profile_fields.encrypt_boolean,
            ),
            avatar="clear" if avatar is None else "replace",
        ),
    )
    if avatar is not None and form is not None:
        from sigcli.service.cdn import Cdn

        with Cdn(account.network) as cdn:
            cdn.post_form(form, profile_fields.encrypt_bytes(key, avatar, random))


def _avatar(account: Account, present: Profile) -> bytes | None:
    if present.avatar is None:
        return None
    from sigcli.client.account.people.avatars import download_profile_avatar

    try:
        return download_profile_avatar(account, present.avatar, account.keys.profile_key)
    except (NotFound, ProtocolError):
        account.warn("the profile's picture cannot be read and is left out")
        return None


def _write_attributes(account: Account, key: ProfileKeyBytes) -> None:
    from sigcli.client.account.update_account import attributes_of

    attributes = attributes_of(replace(account.keys, profile_key=key), account.database)
    service_accounts.put_attributes(account.identified, attributes)


def _have_everybody_told(account: Account, database: Transaction) -> None:
    now_ms = account.now_ms()
    have_own_profile_fetched(account, database)
    # The linked devices find the new key there.
    add_task(database, TaskKind.STORAGE_SYNC, now_ms=now_ms)
    kind = TaskKind.PROFILE_KEY_UPDATE
    for person in list_recipients(database, blocked=False):
        if person.aci is not None and person.aci != account.aci and person.contact.profile_sharing:
            add_task(database, kind, account_target(person.aci), now_ms=now_ms)
    for group_id in groups_of(database, account.aci):
        add_task(database, kind, group_id, now_ms=now_ms)
