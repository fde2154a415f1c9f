"""A daemon that is killed (SIGKILL, by itself) the moment it comes to a certain place in its code.

Run as ``python -m tests.support.dying_daemon MODULE:FUNCTION before|after DATA_DIR``; ``ready`` on stdout says that it
takes commands.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any


def die_at(place: str, when: str) -> None:
    """Put the end of this process before or after a function."""
    module, _, path = place.partition(":")
    owner: Any = import_module(module)
    *parents, name = path.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    function = getattr(owner, name)

    @functools.wraps(function)
    def dying(*args: Any, **kwargs: Any) -> Any:
        if when == "after":
            function(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, dying)


def main(place: str, when: str, data_dir: str) -> None:
    from sigcli.cli.app import main as run_words
    from sigcli.client.base.settings import Settings
    from sigcli.daemon.core import Core
    from sigcli.daemon.handover.listening import HandOver

    die_at(place, when)
    core = Core(Settings(data_dir=Path(data_dir), warn=lambda _: None))
    core.start()
    HandOver(core, lambda words, visit: run_words(words, None, visit)).start()
    os.write(1, b"ready\n")
    signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
