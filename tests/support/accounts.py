"""Accounts that tests begin with, registered or linked in this process: what the command itself does there has tests of
its own, and each start of it costs.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sigcli.client.account.devices.linking import link_device
from sigcli.client.base.settings import Settings
from sigcli.operations.declaring import load
from sigcli.sandbox.captcha import solved_captcha
from sigcli.sandbox.control import RunningSandbox

CAPTCHA = f"signalcaptcha://{solved_captcha('registration')}"


def settings_of(
    environment_file: str | Path, data_dir: Path, account: str | None = None
) -> Settings:
    """Settings of a data directory at a server."""
    return Settings(
        data_dir=data_dir,
        warn=lambda _: None,
        account=account,
        service_environment=str(environment_file),
    )


def register_account(environment_file: str | Path, data_dir: Path, number: str) -> None:
    """Register a number at a sandbox, anew if somebody has it; its account in a data directory."""
    settings = settings_of(environment_file, data_dir, number)
    load("register").from_json({"captcha": CAPTCHA}).run(settings)
    code = RunningSandbox.find(Path(environment_file)).code(number)
    load("verify").from_json({"verificationCode": code}).run(settings)


def link_account(
    environment_file: str | Path, data_dir: Path, scan: Callable[[str], None], *, name: str
) -> None:
    """Link a data directory as a further device; ``scan`` gets the URI, and must return at once."""
    link_device(settings_of(environment_file, data_dir), device_name=name, show=scan)
