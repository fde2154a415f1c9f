"""What the account shows the group service: a credential for each day, kept until a week has passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.durations import DAY_S
from sigcli.errors import GroupCredentialUnavailable, MalformedMessage, ProtocolError
from sigcli.service.resources.groups import GroupAuthorization
from sigcli.store.groups import load_group_credential, replace_group_credentials
from sigcli.zkgroup.auth_credentials import AuthCredentialWithPni, AuthCredentialWithPniResponse
from sigcli.zkgroup.server_params import ServerPublicParams

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.zkgroup.groups import GroupSecretParams

_DAYS_AHEAD = 7


def server_params(account: Account) -> ServerPublicParams:
    """The public keys of the service's credentials; raises MalformedMessage for a wrong environment."""
    return ServerPublicParams.deserialize(account.environment.zkgroup_server_public_params)


def authorization(account: Account, params: GroupSecretParams) -> GroupAuthorization:
    """What one request to the group service carries; opens a transaction if new credentials are needed.

    Raises GroupCredentialUnavailable, ServiceError.
    """
    credential = _credential_of_today(account)
    presentation = credential.present(server_params(account), params, account.random)
    return GroupAuthorization(params.get_public_params().serialize(), presentation.serialize())


def _credential_of_today(account: Account) -> AuthCredentialWithPni:
    today_s = account.now_ms() // 1000 // DAY_S * DAY_S
    kept = load_group_credential(account.database, today_s)
    if kept is not None:
        try:
            credential = AuthCredentialWithPni.deserialize(kept)
        except MalformedMessage:
            pass
        else:
            # After a change of number the credentials are for another PNI.
            if credential.uuids == _uuids(account):
                return credential
    return _fetch(account, today_s)


def _uuids(account: Account) -> tuple[bytes, bytes]:
    pni = account.pni
    return account.aci.uuid_bytes, bytes(16) if pni is None else pni.uuid_bytes


def _fetch(account: Account, today_s: int) -> AuthCredentialWithPni:
    from sigcli.service.resources.certificates import group_credentials

    issued = group_credentials(account.identified, today_s, today_s + _DAYS_AHEAD * DAY_S)
    server = server_params(account)
    received: dict[int, AuthCredentialWithPni] = {}
    try:
        for dated in issued.groups:
            response = AuthCredentialWithPniResponse.deserialize(dated.credential)
            day_s = dated.redemption_time_s
            received[day_s] = _received(account, server, response, day_s)
    except ProtocolError as error:
        raise GroupCredentialUnavailable(
            "the service's group credentials are not for this account",
            hint="check the account with sigcli listAccounts, and the clock of this computer",
        ) from error
    if today_s not in received:
        raise GroupCredentialUnavailable(
            "the service gave no group credential for today",
            hint="check the clock of this computer",
        )
    with account.database.transaction() as database:
        replace_group_credentials(
            database, [(day_s, one.serialize()) for day_s, one in received.items()]
        )
    return received[today_s]


def _received(
    account: Account,
    server: ServerPublicParams,
    response: AuthCredentialWithPniResponse,
    day_s: int,
) -> AuthCredentialWithPni:
    """The credential of a day: for ACI and PNI, or without a number for ACI and the account's salt."""
    if account.pni is not None:
        return response.receive(server, account.aci, account.pni, day_s)
    salt = account.keys.auth_credential_salt
    if salt is None:
        raise GroupCredentialUnavailable(
            "this account has no phone number, and what its group credentials depend on is not known here",
            hint="run sigcli receive, or link this machine again",
        )
    return response.receive_without_pni(server, account.aci, salt, day_s)
