"""Deleting a message for everybody: at the recipients' devices, and here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.applying.withdrawing import apply_own_deletion
from sigcli.client.sending.sending import send_composed

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.client.base.outcomes import SendOutcome
    from sigcli.client.sending.audience import Audience
    from sigcli.wire.content import DataMessage


def send_deletion(account: Account, audience: Audience, message: DataMessage) -> SendOutcome:
    """Send a composed deletion; unless it failed as a whole, what it names goes here as well.

    Raises NotAGroupMember, GroupSendRefused, ServiceError.
    """
    outcome = send_composed(account, audience, message)
    if not outcome.failure():
        apply_own_deletion(account, audience, message)
    return outcome
