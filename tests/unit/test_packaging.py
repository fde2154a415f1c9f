"""What the wheel brings: the same bytes each time, man pages, completions, units, its day, links that hold on PyPI."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

import sigcli

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", ".gitignore")
FOLDERS = ("completions", "contrib", "man", "sigcli")
DAY_S = 1_766_000_000  # 2025-12-17
SHARED = {
    "share/man/man1/sigcli.1",
    "share/man/man5/sigcli-json.5",
    "share/man/man5/sigcli-webhook.5",
    "share/man/man8/sigcli-daemon.8",
    "share/bash-completion/completions/sigcli",
    "share/zsh/site-functions/_sigcli",
    "share/fish/vendor_completions.d/sigcli.fish",
    "lib/systemd/user/sigcli.service",
    "lib/systemd/system/sigcli@.service",
}


def checkout(folder: Path) -> Path:
    """A copy of what is packed, elsewhere and with times of its own."""
    leave_out = shutil.ignore_patterns("__pycache__", "*.pyc", "_released.py")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=leave_out, copy_function=shutil.copyfile)
    for name in PARTS:
        shutil.copyfile(ROOT / name, folder / name)
    return folder


def build(root: Path, kind: str, into: Path) -> Path:
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(DAY_S)}
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(into)]
    finished = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    (built,) = into.iterdir()
    return built


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packaging")


@pytest.fixture(scope="module")
def wheel(folder: Path) -> Path:
    return build(checkout(folder / "first"), "wheel", folder / "wheel")


def test_the_same_sources_give_the_same_bytes_also_out_of_the_source_archive(
    wheel: Path, folder: Path
) -> None:
    archive = build(checkout(folder / "second"), "sdist", folder / "archive")
    unpacked = folder / "unpacked"
    shutil.unpack_archive(archive, unpacked, filter="data")
    (root,) = unpacked.iterdir()
    again = build(root, "wheel", folder / "again")
    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
        (metadata_name,) = (name for name in names if name.endswith("dist-info/METADATA"))
        metadata = packed.read(metadata_name).decode()
        assert packed.read("sigcli/_released.py") == b'DAY = "2025-12-17"\n'
    assert "sigcli/py.typed" in names
    assert not [name for name in names if "/tests/" in name or name.startswith("tests/")]
    for line in (
        "Requires-Python: >=3.11",
        "Classifier: Typing :: Typed",
        "Keywords: ",
        "Author: ",
    ):
        assert f"\n{line}" in metadata
    urls = dict(re.findall(r"^Project-URL: (\w+), (\S+)$", metadata, re.MULTILINE))
    assert set(urls) == {"Homepage", "Documentation", "Changelog", "Issues", "Source"}
    # One constant of pyproject.toml is in all of them, and in what README links to.
    hooks = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["metadata"]
    repository = hooks["hooks"]["custom"]["repository"]
    assert all(url.startswith(repository) for url in urls.values())
    links = [one for one in re.findall(r"\]\(([^)]+)\)", metadata) if not one.startswith("#")]
    assert links
    own = f"{repository}/blob/v{sigcli.__version__}/"
    assert [one for one in links if not one.startswith(own)] == []


def test_what_the_readme_links_to_is_there() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for link in re.findall(r"\]\((?![a-z]+:|#)([^)#]+)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_an_environment_of_its_own_gets_command_man_pages_and_completions(
    wheel: Path, folder: Path
) -> None:
    own = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", own], check=True)
    # What it depends on it finds where the tests do.
    (packages,) = own.glob("lib/python*/site-packages")
    (packages / "beside.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [sys.executable, "-m", "pip", "--python", str(own / "bin" / "python"), "install"]
    quiet = ("--quiet", "--no-deps", "--no-index", "--no-compile", "--disable-pip-version-check")
    subprocess.run([*pip, *quiet, wheel], check=True, capture_output=True)
    assert {name for name in SHARED if not (own / name).is_file()} == set()
    version = subprocess.run([own / "bin" / "sigcli", "--version"], capture_output=True, text=True)
    assert version.stdout == f"sigcli {sigcli.__version__}\n"
    told = subprocess.run(
        [
            own / "bin" / "python",
            "-c",
            "import sigcli; print(sigcli.__file__, sigcli.__released__)",
        ],
        capture_output=True,
        text=True,
        cwd=folder,
    )
    assert told.stdout == f"{packages / 'sigcli' / '__init__.py'} 2025-12-17\n"


def test_pipx_offers_command_man_pages_and_completions(
    wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """It shows only what the wheel has in the places that it knows."""
    home = tmp_path_factory.mktemp("pipx")
    folders = {"BIN": home / "bin", "MAN": home / "man", "COMPLETION": home / "completions"}
    environment = {
        **os.environ,
        **{f"PIPX_{name}_DIR": str(folder) for name, folder in folders.items()},
        "PIPX_HOME": str(home / "pipx"),
        "PIPX_SHARED_LIBS": str(_shared_libraries(home / "shared")),
        "PIPX_DISABLE_SHARED_LIBS_AUTO_UPGRADE": "1",
        "PIPX_DEFAULT_PYTHON": sys.executable,
        "PIPX_DEFAULT_BACKEND": "pip",
        "PATH": f"{folders['BIN']}:{os.environ['PATH']}",
    }
    pip_options = "--pip-args=--no-deps --no-index --no-compile"
    for words in (["install", pip_options, str(wheel)], ["uninstall", "sigcli"]):
        finished = subprocess.run(
            [sys.executable, "-m", "pipx", *words],
            env=environment,
            cwd=home,
            capture_output=True,
            text=True,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        offered = {
            str(path.relative_to(home))
            for folder in folders.values()
            for path in folder.rglob("*")
            if path.is_file()
        }
        if words[0] == "uninstall":
            assert offered == set()
            break
        man_pages = {f"man/{name.removeprefix('share/man/')}" for name in SHARED if "/man/" in name}
        assert offered == man_pages | {
            "bin/sigcli",
            "completions/bash-completion/completions/sigcli",
            "completions/zsh/site-functions/_sigcli",
            "completions/fish/vendor_completions.d/sigcli.fish",
        }
        command = [str(folders["BIN"] / "sigcli"), "--version"]
        version = subprocess.run(command, env=environment, capture_output=True)
        assert version.stdout.decode() == f"sigcli {sigcli.__version__}\n"
        page = (folders["MAN"] / "man1" / "sigcli.1").read_text()
        assert page == (ROOT / "man" / "sigcli.1").read_text()


def _shared_libraries(folder: Path) -> Path:
    """What pipx keeps for all its environments; what sigcli depends on is there as well, so nothing is downloaded."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    for found in Path(sysconfig.get_path("purelib")).iterdir():
        if "sigcli" not in found.name:
            (packages / found.name).symlink_to(found)
    (folder / "bin" / "pip").symlink_to(Path(sysconfig.get_path("scripts"), "pip"))
    return folder


def test_a_checkout_has_no_day() -> None:
    if (ROOT / "sigcli" / "_released.py").exists():
        pytest.skip("this is a source archive")
    assert sigcli.__released__ is None


def test_an_old_python_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    source = (ROOT / "sigcli" / "__init__.py").read_text()
    ast.parse(source, feature_version=(3, 8))  # which must get as far as the sentence
    monkeypatch.setattr(sys, "version_info", (3, 10, 12, "final", 0))
    program = compile(source, "__init__.py", "exec", dont_inherit=True)
    with pytest.raises(ImportError, match=r"needs Python 3\.11 or newer; this is Python 3\.10$"):
        exec(program, {"__name__": "sigcli"})
    monkeypatch.setattr(sys, "argv", ["-m", "demo"])
    with pytest.raises(SystemExit, match=r"^sigcli: error: sigcli needs Python 3\.11"):
        exec(program, {"__name__": "sigcli"})


def test_the_lock_names_every_dependency_with_hashes_and_no_host() -> None:
    lock = (ROOT / "contrib" / "requirements.lock").read_text()
    assert "://" not in lock
    pinned = re.findall(r"^([a-z0-9-]+)==[\w.]+.*\\$", lock, re.MULTILINE)
    assert lock.count("--hash=sha256:") > len(pinned)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[<>=]", line)[0].lower() for line in project["dependencies"]}
    assert wanted <= set(pinned)
