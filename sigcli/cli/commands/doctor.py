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

    Ends with 1 if something must be mended.
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
            for line in _lines(findings):
                terminal.print_line(line)
        return 0 if examination.well else 1


def _lines(findings: Sequence[Finding]) -> Iterator[str]:
    width = max(len(finding.name) for finding in findings)
    said = None
    for finding in findings:
        # What to do is said once where several checks fail for one reason.
        hint = "" if finding.hint in (None, said) else f"; {finding.hint}"
        said = finding.hint or said
        told = finding.message + hint
        yield terminal.neutral_line(f"{finding.status.value:<7}  {finding.name:<{width}}  {told}")
