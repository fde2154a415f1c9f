"""What the account shows the group service: a credential for each day, kept until a week has passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import GroupCredentialUnavailable, MalformedMessage, ProtocolError
from sigcli.service.resources.groups import GroupAuthorization
from sigcli.store.groups import load_group_credential, replace_group_credentials
from sigcli.zkgroup.auth_credentials import AuthCredentialWithPni, AuthCredentialWithPniResponse
from sigcli.zkgroup.server_params import ServerPublicParams

if TYPE_CHECKING:
    from sigcli.client.account import Account
    from sigcli.zkgroup.groups import GroupSecretParams

_DAY_S = 86_400
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
    today_s = account.now_ms() // 1000 // _DAY_S * _DAY_S
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
    return account.aci.uuid_bytes, b"" if pni is None else pni.uuid_bytes


def _fetch(account: Account, today_s: int) -> AuthCredentialWithPni:
    from sigcli.service.resources.certificates import group_credentials

    pni = account.pni
    if pni is None:
        raise GroupCredentialUnavailable(
            "groups need an account with a phone number", hint="use an account that has one"
        )
    issued = group_credentials(account.identified, today_s, today_s + _DAYS_AHEAD * _DAY_S)
    server = server_params(account)
    received: dict[int, AuthCredentialWithPni] = {}
    try:
        for dated in issued.groups:
            response = AuthCredentialWithPniResponse.deserialize(dated.credential)
            day_s = dated.redemption_time_s
            received[day_s] = response.receive(server, account.aci, pni, day_s)
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
