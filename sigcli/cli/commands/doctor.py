"""``sigcli doctor``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.cli import terminal
from sigcli.cli.declared_commands import Command
from sigcli.cli.surroundings import here
from sigcli.operations.declaring import operation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sigcli.cli.options import GlobalOptions
    from sigcli.client.doctor.findings import Finding


@operation
class Doctor(Command):
    """Check machine, data, service and account, and say what to do; changes nothing.

    Prints what is not as it should be and then a verdict; with -v every check. Ends with 1 if something must be fixed.
    """

    def run(self, options: GlobalOptions) -> int:
        from sigcli.cli.opening import settings
        from sigcli.client.doctor.examination import examine, is_well
        from sigcli.operations.shapes.findings import Examination

        findings = examine(settings(options), encoding=here().stdout.encoding)
        examination = Examination(findings, is_well(findings))
        if options.json:
            terminal.print_json(examination.to_json())
        else:
            for line in _lines(findings, every=bool(options.verbose)):
                terminal.print_line(line)
            terminal.print_line(_verdict(findings))
        return 0 if examination.well else 1


def _lines(findings: Sequence[Finding], *, every: bool) -> Iterator[str]:
    shown = [finding for finding in findings if every or finding.status.value != "ok"]
    width = max((len(finding.name) for finding in shown), default=0)
    said, skipped = None, set()
    for finding in shown:
        if not every and finding.status.value == "skipped":
            # One cause often prevents many checks.
            if finding.message in skipped:
                continue
            skipped.add(finding.message)
        # What to do is said once where several checks fail for one reason.
        hint = "" if finding.hint in (None, said) else f"; {finding.hint}"
        said = finding.hint or said
        told = finding.message + hint
        yield terminal.neutral_line(f"{finding.status.value:<7}  {finding.name:<{width}}  {told}")


def _verdict(findings: Sequence[Finding]) -> str:
    """The verdict, in one line."""
    count = dict.fromkeys(("ok", "warning", "failed", "skipped"), 0)
    for finding in findings:
        count[finding.status.value] += 1
    if count["ok"] == len(findings):
        checks = "1 check" if len(findings) == 1 else f"{len(findings)} checks"
        return f"all is well: {checks} (-v shows them)"
    found = ", ".join(f"{number} {word}" for word, number in count.items() if number)
    if count["failed"]:
        return f"something must be fixed: {found}"
    return f"it works: {found}"
