"""``contrib/container/Containerfile``: what it copies makes the wheel, what it starts serves, and is healthy.

Building it takes an image of Python from a registry; CONTRIBUTING.md has that for each release.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.support.sigcli_process import Sigcli
from tests.unit.test_packaging import build, checkout

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "contrib" / "container" / "Containerfile"
PORT = "8080"


def instructions() -> list[tuple[str, str]]:
    """Each instruction and what stands behind it, in one line."""
    lines = [line for line in FILE.read_text().splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    parted = (line.partition(" ") for line in joined.splitlines() if line)
    return [(word, rest.strip()) for word, _, rest in parted]


def only(word: str) -> str:
    (rest,) = (rest for found, rest in instructions() if found == word)
    return rest


def test_what_it_copies_makes_the_same_wheel(tmp_path: Path) -> None:
    context = tmp_path / "context"
    for word, rest in instructions():
        if word != "COPY" or rest.startswith("--from"):
            continue
        *sources, target = rest.split()
        for source in sources:
            place = context / target / ("" if (ROOT / source).is_dir() else source)
            if (ROOT / source).is_dir():
                leave_out = shutil.ignore_patterns("__pycache__", "_released.py")
                shutil.copytree(ROOT / source, place, ignore=leave_out)
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / source, place)
    (whole := tmp_path / "whole").mkdir()
    wheels = [
        build(root, "wheel", tmp_path / f"wheel of {root.name}")
        for root in (context, checkout(whole))
    ]
    assert wheels[0].read_bytes() == wheels[1].read_bytes()
    installs = [rest for word, rest in instructions() if word == "RUN" and "pip install" in rest]
    (lock,) = re.findall(r"--require-hashes .*? -r (\S+)", " ".join(installs))
    assert (context / lock).is_file()


def test_what_it_starts_serves_and_is_healthy(tmp_path: Path) -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert json.loads(only("ENTRYPOINT"))[0] in scripts
    variables = dict(word.split("=", 1) for word in shlex.split(only("ENV")))
    data_dir = variables.pop("SIGCLI_DATA_DIR")
    assert data_dir == only("VOLUME")
    assert any(data_dir in rest and "install -d -o sigcli" in rest for _, rest in instructions())
    assert only("EXPOSE") == PORT

    sigcli = Sigcli(tmp_path)
    words = [word.replace(f"0.0.0.0:{PORT}", "127.0.0.1:0") for word in json.loads(only("CMD"))]
    assert "127.0.0.1:0" in words
    # Before an account is linked, as well.
    daemon = sigcli.start(*words)
    daemon.wait_for_complaint("the daemon is ready", timeout_s=60)
    assert "warning" not in daemon.stderr_so_far
    (port,) = re.findall(r"listens on http://127\.0\.0\.1:(\d+)", daemon.stderr_so_far)
    check = json.loads(only("HEALTHCHECK").partition("CMD ")[2])
    program = [word.replace(f":{PORT}/", f":{port}/") for word in check[1:]]
    assert program != check[1:]
    subprocess.run([sys.executable, *program], check=True, timeout=60)
    daemon.terminate()
    daemon.wait().expect(0)
    after = subprocess.run([sys.executable, *program], capture_output=True, timeout=60)
    assert after.returncode == 1
    sigcli.dispose()
