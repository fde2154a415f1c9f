"""For the tests of programs that use sigcli: a server on this machine, and accounts that are registered there.

As pytest fixtures, by one line in ``conftest.py``::

    pytest_plugins = ["sigcli.testing"]

and then ``signal_account``, ``new_signal_account`` and ``signal_sandbox`` as parameters of tests. Without pytest, or
in your own session, as context managers::

    with sigcli.testing.accounts(2) as (alice, bob):
        alice.send(bob.aci, "hello")
"""

from __future__ import annotations

from importlib.util import find_spec

from sigcli.library.sandboxes import TestSandbox, accounts

__all__ = ["TestSandbox", "accounts"]

if find_spec("pytest") is not None:
    from sigcli.library.fixtures import new_signal_account, signal_account, signal_sandbox

    __all__ += ["new_signal_account", "signal_account", "signal_sandbox"]
