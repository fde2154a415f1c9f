"""``sigcli doctor``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from sigcli.cli import terminal
from sigcli.cli.opening import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.client.doctor.findings import Finding


def doctor(ctx: typer.Context) -> None:
    """Check machine, data, service and account, and say what to do; changes nothing.

    Ends with 1 if something must be mended.
    """
    from sigcli.client.doctor.examination import examine, is_well

    findings = examine(settings(ctx.obj), encoding=sys.stdout.encoding)
    well = is_well(findings)
    if ctx.obj.json:
        checks = [
            {
                "name": finding.name,
                "status": finding.status.value,
                "message": finding.message,
                "hint": finding.hint,
            }
            for finding in findings
        ]
        terminal.print_json({"ok": well, "checks": checks})
    else:
        for line in _lines(findings):
            terminal.print_line(line)
    if not well:
        raise typer.Exit(1)


def _lines(findings: list[Finding]) -> Iterator[str]:
    width = max(len(finding.name) for finding in findings)
    said = None
    for finding in findings:
        # What to do is said once where several checks fail for one reason.
        hint = "" if finding.hint in (None, said) else f"; {finding.hint}"
        said = finding.hint or said
        told = finding.message + hint
        yield terminal.neutral_line(f"{finding.status.value:<7}  {finding.name:<{width}}  {told}")


COMMANDS = {"doctor": doctor}
