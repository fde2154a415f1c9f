"""``submitRateLimitChallenge``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.operations.declaring import Operation, operation, option
from sigcli.operations.results import Nothing

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


@operation
class SubmitRateLimitChallenge(Operation):
    """Answer a captcha challenge of the service, so that it takes messages again."""

    challenge: str = option("--challenge", help="the token of the failed send")
    captcha: str = option(
        "--captcha",
        secret=True,
        help="the solved captcha, with or without signalcaptcha://",
    )

    def run(self, account: Account) -> Nothing:
        from sigcli.client.account.challenges import submit_challenge

        submit_challenge(account, self.challenge, self.captcha)
        return Nothing()
