"""Profile key credentials: what shows the group service that a member's profile key is the one that they registered.

One is valid for up to a week and is kept with the person. Somebody whose profile key is not known, or is not the
present one, has none: they can only be invited.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sigcli.client.base.steps import run, run_all
from sigcli.client.groups.credentials import server_params
from sigcli.client.people.recipients import is_self, own_recipient
from sigcli.durations import HOUR_S
from sigcli.errors import (
    GroupCredentialUnavailable,
    InvalidKey,
    MalformedMessage,
    NotFound,
    ProtocolError,
    SigcliError,
    Unauthorized,
)
from sigcli.service.credentials import AccessKey
from sigcli.service.resources import profiles
from sigcli.store.recipients import update_recipient
from sigcli.zkgroup.profile_credentials import (
    ExpiringProfileKeyCredentialResponse,
    ProfileKeyCredentialRequestContext,
)
from sigcli.zkgroup.profile_key import ProfileKey
from sigcli.zkgroup.profile_presentations import ExpiringProfileKeyCredential

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.base.account import Account
    from sigcli.client.base.steps import Steps
    from sigcli.service.resources.profiles import Profile
    from sigcli.store.recipient_values import Recipient
    from sigcli.wire.addresses import ServiceId
    from sigcli.zkgroup.groups import GroupSecretParams

_LEFT_S = HOUR_S
"""For how long a kept credential must still be valid."""


def own_presentation(account: Account, params: GroupSecretParams) -> bytes:
    """What shows the account's profile key to a group's server; raises GroupCredentialUnavailable, ServiceError."""
    credential = run(_credential(account, own_recipient(account)))
    if credential is None:
        raise GroupCredentialUnavailable
    return credential.present(server_params(account), params, account.random).serialize()


def presentations(
    account: Account, params: GroupSecretParams, people: Sequence[Recipient]
) -> dict[ServiceId, bytes]:
    """A presentation for each of these people that there is a credential for; opens transactions of its own.

    Raises ServiceError.
    """
    outcomes = run_all(_credential(account, person) for person in people)
    shown: dict[ServiceId, bytes] = {}
    for person, credential in zip(people, outcomes, strict=True):
        if isinstance(credential, SigcliError):
            raise credential
        if credential is not None and person.aci is not None:
            presentation = credential.present(server_params(account), params, account.random)
            shown[person.aci] = presentation.serialize()
    return shown


def _credential(account: Account, person: Recipient) -> Steps[ExpiringProfileKeyCredential | None]:
    """The stored credential, or a new one; None if the service gives none."""
    own = is_self(account, person)
    key = account.keys.profile_key if own else person.profile.key
    aci = person.aci
    if aci is None or key is None:
        return None
    kept = _kept(account, person, key)
    if kept is not None:
        return kept
    try:
        profile_key = ProfileKey(key)
    except InvalidKey:
        return None
    context = ProfileKeyCredentialRequestContext.create(aci, profile_key, account.random)
    try:
        answer = yield from _ask(account, aci, profile_key, context, own=own)
    except NotFound:
        return None
    if answer.credential is None:
        return None
    try:
        response = ExpiringProfileKeyCredentialResponse.deserialize(answer.credential)
        credential = context.receive(server_params(account), response, account.now_ms())
    except ProtocolError as error:
        account.warn(f"the service's credential for {aci} does not hold: {error.message}")
        return None
    with account.database.transaction() as database:
        update_recipient(database, person.id, profile_key_credential=credential.serialize())
    return credential


def _kept(account: Account, person: Recipient, key: bytes) -> ExpiringProfileKeyCredential | None:
    serialised = person.profile.key_credential
    if serialised is None:
        return None
    try:
        credential = ExpiringProfileKeyCredential.deserialize(serialised)
    except MalformedMessage:
        return None
    still_valid = credential.expiration_s > account.now_ms() // 1000 + _LEFT_S
    fits = credential.aci == person.aci and credential.profile_key.contents == key
    return credential if still_valid and fits else None


def _ask(
    account: Account,
    aci: ServiceId,
    profile_key: ProfileKey,
    context: ProfileKeyCredentialRequestContext,
    *,
    own: bool,
) -> Steps[Profile]:
    version = profile_key.get_profile_key_version(aci)
    request = context.get_request().serialize()
    if not own:
        access = AccessKey.of(profile_key.serialize())
        try:
            answer: Profile = yield partial(
                profiles.get_anonymously, account.unidentified, aci, access, version, request
            )
        except Unauthorized:
            pass
        else:
            return answer
    answer = yield partial(profiles.get, account.identified, aci, version, request)
    return answer
