"""``sigcli submitRateLimitChallenge``."""

from __future__ import annotations

from typing import Annotated

import typer

from sigcli.cli.opening import opened


def submit_rate_limit_challenge(
    ctx: typer.Context,
    challenge: Annotated[str, typer.Option("--challenge", help="the token of the failed send")],
    captcha: Annotated[
        str, typer.Option("--captcha", help="the solved captcha, with or without signalcaptcha://")
    ],
) -> None:
    """Answer a captcha challenge of the service, so that it takes messages again."""
    from sigcli.client.account.challenges import submit_challenge

    with opened(ctx.obj) as account:
        submit_challenge(account, challenge, captcha)


COMMANDS = {"submitRateLimitChallenge": submit_rate_limit_challenge}
