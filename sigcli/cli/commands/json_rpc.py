"""``sigcli jsonRpc``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.cli.commands.serving import Serving
from sigcli.operations.declaring import operation

if TYPE_CHECKING:
    from sigcli.cli.options import GlobalOptions


@operation
class JsonRpc(Serving):
    """Take JSON-RPC requests on standard input, one a line, and answer on standard output.

    Received messages are printed there as well. Ends at the end of its input, once every request is answered.
    """

    def run(self, options: GlobalOptions) -> int:
        return self.serve(options, stdio=True)
