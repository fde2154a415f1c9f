"""Generate ``completions/``, ``man/sigcli.1`` and parts of ``docs/``, tidy the other man pages, or check that.

python -m tools.generate_docs            write the files
python -m tools.generate_docs --check    exit 1 if what is committed differs
"""

from __future__ import annotations

import sys
from pathlib import Path

from sigcli import __version__
from tools.bash_completion import bash_completion
from tools.command_tree import command_tree
from tools.fish_completion import fish_completion
from tools.man_sections import option_sections, tidy
from tools.reference import error_page, method_page
from tools.zsh_completion import zsh_completion

ROOT = Path(__file__).resolve().parent.parent
PROSE = ROOT / "man" / "sigcli.1.in"
WRITTEN = ("sigcli-json.5", "sigcli-webhook.5", "sigcli-daemon.8")
_OPTIONS_MARK = "@OPTIONS@\n"


def generated() -> dict[Path, str]:
    """Every generated file with its text."""
    tree = command_tree()
    completions = {
        "sigcli.bash": bash_completion(tree),
        "_sigcli": zsh_completion(tree),
        "sigcli.fish": fish_completion(tree),
    }
    files = {ROOT / "completions" / name: text for name, text in completions.items()}
    page = PROSE.read_text().replace(_OPTIONS_MARK, option_sections(tree))
    files[ROOT / "man" / "sigcli.1"] = tidy(page)
    for name in WRITTEN:
        written = ROOT / "man" / name
        files[written] = tidy(written.read_text())
    files[ROOT / "docs" / "errors.md"] = error_page()
    files[ROOT / "docs" / "openrpc.json"] = method_page()
    return files


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
