"""Generate ``completions/`` and ``man/sigcli.1`` from the command tree, or check that they match.

python -m tools.generate_docs            write the files
python -m tools.generate_docs --check    exit 1 if what is committed differs
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import shtab
from argparse_manpage.manpage import Manpage

from sigcli import __version__
from tools.command_tree import command_tree

ROOT = Path(__file__).resolve().parent.parent
COMPLETIONS = {"bash": "sigcli.bash", "zsh": "_sigcli", "fish": "sigcli.fish"}
PROSE = ROOT / "man" / "sigcli.1.in"
_OPTIONS_MARK = "@OPTIONS@\n"


def generated() -> dict[Path, str]:
    """Every generated file with its text."""
    tree = command_tree()
    files = {
        ROOT / "completions" / name: shtab.complete(tree, shell=shell) + "\n"
        for shell, name in COMPLETIONS.items()
        if shell in shtab.SUPPORTED_SHELLS
    }
    files[ROOT / "man" / "sigcli.1"] = PROSE.read_text().replace(_OPTIONS_MARK, _option_sections())
    return files


def _option_sections() -> str:
    """The sections on options and commands, as argparse-manpage writes them."""
    tree = command_tree()
    tree.man_short_description = "Signal messenger client"  # type: ignore[attr-defined]
    page = str(Manpage(tree, format="single-commands-section"))
    start = re.search(r"^\.SH OPTIONS", page, re.MULTILINE)
    assert start is not None
    return page[start.start() :].rstrip() + "\n"


def main() -> None:
    check = "--check" in sys.argv[1:]
    for path, text in generated().items():
        text = text.replace("@VERSION@", __version__)
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            sys.exit(
                f"{path.relative_to(ROOT)} is not up to date: run python -m tools.generate_docs"
            )


if __name__ == "__main__":
    main()
