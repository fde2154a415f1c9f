"""What the operations share that give the contents of a file."""

from __future__ import annotations

from sigcli.operations.declaring import FILES, Operation, operation, option


@operation
class GivesFile(Operation):
    """The contents of a file, which the command line can write into one."""

    output_file: str | None = option(
        "-O",
        "--output-file",
        default=None,
        metavar="FILE",
        completes=FILES,
        cli_only=True,
        help="write it there instead (-: to stdout, as it is)",
    )
