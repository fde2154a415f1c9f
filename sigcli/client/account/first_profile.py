"""The profile of an account that has just been registered: without one nobody can add it to a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.store.settings import Setting, read_setting, write_setting

if TYPE_CHECKING:
    from sigcli.client.base.account import Account

FIRST_PROFILE_DUE = Setting("first_profile_due", bool)
"""Set by the registration, until the service has taken the profile."""


def put_first_profile(account: Account) -> None:
    """Write what is known here of the account's profile, else an empty one, where that is due; raises ServiceError."""
    if not read_setting(account.database, FIRST_PROFILE_DUE):
        return
    from sigcli.client.people.profiles import profile_version
    from sigcli.protocol import profile_fields
    from sigcli.protocol.profile_fields import ProfileName
    from sigcli.service.resources import profiles as service_profiles
    from sigcli.service.resources.profiles import ProfileWrite
    from sigcli.store.account_data import NUMBER_SHARING
    from sigcli.store.recipient_values import Profile
    from sigcli.store.recipients import find_by_service_id
    from sigcli.zkgroup.profile_key import ProfileKey

    key, random = account.keys.profile_key, account.random
    own = find_by_service_id(account.database, account.aci)
    known = own.profile if own is not None else Profile()
    name = ProfileName(known.given_name or "", known.family_name or "")
    shares_number = bool(read_setting(account.database, NUMBER_SHARING))
    service_profiles.put(
        account.identified,
        ProfileWrite(
            version=profile_version(key, account.aci),
            commitment=ProfileKey(key).get_commitment(account.aci).serialize(),
            name=profile_fields.encrypt_name(key, name, random),
            about=profile_fields.encrypt_about(key, known.about, random) if known.about else None,
            about_emoji=profile_fields.encrypt_emoji(key, known.about_emoji, random)
            if known.about_emoji
            else None,
            phone_number_sharing=profile_fields.encrypt_boolean(key, shares_number, random),
            avatar="clear",
        ),
    )
    with account.database.transaction() as database:
        write_setting(database, FIRST_PROFILE_DUE, None)
