"""Identity keys, registration of numbers, reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.cli.terminal import print_line, tell, timestamp_text

if TYPE_CHECKING:
    from sigcli.operations.shapes.identities import Identities
    from sigcli.operations.shapes.spam import Reported
    from sigcli.operations.shapes.user_status import UserStatuses


def show_identities(result: Identities) -> None:
    """One line a key."""
    for identity in result.identities:
        person = identity.person
        # Only the key of the ACI takes part in safety numbers; a key of the PNI is marked as such.
        is_other = person.aci is not None and identity.service_id != person.aci
        print_line(
            f"{identity.service_id if is_other else person.identifier}: {identity.trust_level}"
            f" Added: {timestamp_text(identity.added_ms)}"
            f" Fingerprint: {identity.fingerprint_hex}"
            f" Safety Number: {identity.safety_number}"
        )


def show_user_statuses(result: UserStatuses) -> None:
    """One line for each person that was asked about."""
    for status in result.statuses:
        sealed = " (unrestricted sealed sender)" if status.unrestricted else ""
        print_line(f"{status.recipient}: {str(status.registered).lower()}{sealed}")


def show_reported(result: Reported) -> None:
    """Say how many messages were reported."""
    count = len(result.messages)
    tell(f"{count} message{'' if count == 1 else 's'} reported")
