"""What the build adds to what stands in the checkout: the day of the release, and links that hold on PyPI."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

UNSETTLED = ".example"
"""Where no name can be registered."""
RELEASED = "sigcli/_released.py"
_RELATIVE_LINK = re.compile(r"\]\((?![a-z]+:|#)([^)\s]+)\)")


class ReleaseDay(BuildHookInterface[Any]):
    """Puts the day of the release into wheels and source archives; a checkout in use (``pip install -e``) has none."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        written = root / RELEASED
        if not written.exists():  # a source archive has it
            written = Path(tempfile.mkdtemp(), "_released.py")
            written.write_text(f'DAY = "{release_day(root)}"\n')
        # By name, for git is told to ignore it, and so the build would.
        build_data["force_include"][str(written)] = RELEASED

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        for source, target in build_data["force_include"].items():
            if target == RELEASED and not Path(source).is_relative_to(self.root):
                os.unlink(source)
                os.rmdir(os.path.dirname(source))


class LinksForPypi(MetadataHookInterface):
    """Gives the addresses of the project, and the README as PyPI shows it.

    What is a path in the checkout becomes a link to this version's sources. All addresses are made of that of the
    repository in pyproject.toml.
    """

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        repository = self.config["repository"]
        if repository.split("/")[2].endswith(UNSETTLED):
            print(
                f"not to be published: repository in pyproject.toml is {repository}",
                file=sys.stderr,
            )
        metadata["urls"] = {
            "Homepage": repository,
            "Documentation": f"{repository}/blob/main/docs/README.md",
            "Changelog": f"{repository}/blob/main/CHANGELOG.md",
            "Issues": f"{repository}/issues",
            "Source": repository,
        }
        sources = f"{repository}/blob/v{metadata['version']}/"
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": _RELATIVE_LINK.sub(rf"]({sources}\1)", text),
        }


def release_day(root: Path) -> str:
    """The day that SOURCE_DATE_EPOCH names, else that of the last commit, else of the newest source file; as ISO."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch and (root / ".git").exists():
        command = ["git", "-C", str(root), "log", "-1", "--format=%ct"]
        finished = subprocess.run(command, capture_output=True, text=True, check=False)
        epoch = finished.stdout.strip()
    seconds = int(epoch) if epoch else max(p.stat().st_mtime for p in root.glob("sigcli/**/*.py"))
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
