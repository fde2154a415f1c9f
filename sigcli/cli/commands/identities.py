"""``sigcli listIdentities`` and ``trust``."""

from __future__ import annotations

from typing import Annotated

import typer

from sigcli.cli import terminal
from sigcli.cli.opening import editing, opened
from sigcli.errors import UsageError


def list_identities(
    ctx: typer.Context,
    number: Annotated[
        str | None, typer.Option("-n", "--number", metavar="RECIPIENT", help="only this person's")
    ] = None,
) -> None:
    """List identity keys and how far they are trusted."""
    from sigcli.client.account.people.identities import list_identities as identities_of

    with opened(ctx.obj) as account:
        identities = identities_of(account, number)
    if ctx.obj.json:
        terminal.print_json(
            [
                {
                    "number": identity.person.number,
                    "uuid": identity.person.uuid,
                    "serviceId": str(identity.service_id),
                    "fingerprint": identity.fingerprint_hex,
                    "safetyNumber": identity.safety_number,
                    "scannableSafetyNumber": identity.scannable_base64,
                    "trustLevel": identity.trust_level,
                    "addedTimestamp": identity.added_ms,
                }
                for identity in identities
            ]
        )
        return
    for identity in identities:
        person = identity.person
        # Beside the key that safety numbers are compared of, the other one is named by what it belongs to.
        is_other = person.aci is not None and identity.service_id != person.aci
        terminal.print_line(
            f"{identity.service_id if is_other else person.identifier}: {identity.trust_level}"
            f" Added: {terminal.timestamp_text(identity.added_ms)}"
            f" Fingerprint: {identity.fingerprint_hex}"
            f" Safety Number: {identity.safety_number}"
        )


def trust(
    ctx: typer.Context,
    recipient: Annotated[
        str | None, typer.Argument(help="whose key to trust, or to whom a number has gone")
    ] = None,
    trust_all_known_keys: Annotated[
        bool, typer.Option("-a", "--trust-all-known-keys", help="trust without comparing")
    ] = False,
    verified_safety_number: Annotated[
        str | None,
        typer.Option(
            "-v",
            "--verified-safety-number",
            "--verified-fingerprint",
            help="the 60 digits that both sides see, or the scanned code in base64",
        ),
    ] = None,
    all_pending: Annotated[
        bool, typer.Option("--all-pending", help="trust every key that has kept messages back")
    ] = False,
) -> None:
    """Trust an identity key; messages that it kept back are printed by the next receive.

    A number or username that another account has now is that account's from then on.
    """
    ways = [trust_all_known_keys, verified_safety_number is not None, all_pending]
    if sum(ways) != 1 or all_pending == (recipient is not None):
        raise UsageError(
            "give a recipient with --trust-all-known-keys or --verified-safety-number, or --all-pending alone"
        )
    from sigcli.client.account.people.identities import trust_all_pending, trust_identity

    with editing(ctx.obj) as account:
        if recipient is None:
            trust_all_pending(account)
        else:
            trust_identity(account, recipient, verified_safety_number)


COMMANDS = {"listIdentities": list_identities, "trust": trust}
