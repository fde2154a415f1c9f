"""What is done at the service when an account has moved here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.base.account import open_account
from sigcli.lazy_dataclass import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.base.account import Account
    from sigcli.client.base.settings import Settings
    from sigcli.wire.addresses import ServiceId


def set_up(
    settings: Settings,
    aci: ServiceId,
    environment: str,
    then: Callable[[Account], None] | None = None,
) -> None:
    """Replace the prekeys at the service and read what has changed there, ``then`` what else is to be done.

    What fails is a warning: the next receive makes up for it.
    """
    from sigcli.client.account.account_check import check_account
    from sigcli.client.account.prekey_upkeep import own_identities, upload_prekeys

    moved = replace(settings, account=str(aci), service_environment=environment)
    with open_account(moved) as account:

        def replace_prekeys() -> None:
            for identity in own_identities(account):
                upload_prekeys(account, identity, rotate=True)
            check_account(account)
            if then is not None:
                then(account)

        account.attempt(replace_prekeys, "the account is here, but not all is set up yet")
