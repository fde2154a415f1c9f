"""Which new identity keys an account trusts, where the account itself says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import UsageError
from sigcli.store.account_data import TRUST_POLICY
from sigcli.store.settings import write_setting

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


def set_trust_policy(account: Account, policy: str) -> None:
    """Note it in the account; raises UsageError where the option or config.toml says otherwise."""
    with account.database.transaction() as database:
        write_setting(database, TRUST_POLICY, policy)
    if account.trust_policy.value != policy:
        raise UsageError(
            f"--trust-new-identities {account.trust_policy.value} holds for this daemon",
            hint="start it without the option, and remove trust_new_identities from config.toml",
        )
