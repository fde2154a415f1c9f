"""Generate ``sigcli/wire/generated`` from ``sigcli/wire/schemas``, or check that they match.

python -m tools.generate_wire            write the modules and their stubs
python -m tools.generate_wire --check    exit 1 if what is committed differs
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from grpc_tools import protoc

WIRE = Path(__file__).resolve().parent.parent / "sigcli" / "wire"
SCHEMAS = WIRE / "schemas"
GENERATED = WIRE / "generated"
# Generated modules import one another by bare name; inside the package they need to be relative.
_SIBLING_IMPORT = re.compile(r"^import (\w+_pb2) as (\w+)$", re.MULTILINE)
_BUILDER = "from google.protobuf.internal import builder as _builder\n"
_LAZY_BUILDER = "from sigcli.wire import protobuf_runtime as _builder\n"
# The generated text names the compiler that made it, not only the schema: a newer compiler must not fail the check.
_VERSION_LINES = re.compile(r"^# Protobuf Python Version: .*\n|^    \d+,\n", re.MULTILINE)


def generate(target: Path) -> None:
    """Compile every schema into ``target``."""
    arguments = ["protoc", f"-I{SCHEMAS}", f"--python_out={target}", f"--pyi_out={target}"]
    arguments += [path.name for path in sorted(SCHEMAS.glob("*.proto"))]
    if protoc.main(arguments) != 0:
        sys.exit("the protobuf compiler refused a schema")
    for path in [*target.glob("*_pb2.py"), *target.glob("*_pb2.pyi")]:
        text = _SIBLING_IMPORT.sub(r"from . import \1 as \2", path.read_text())
        path.write_text(text.replace(_BUILDER, _LAZY_BUILDER))


def modules(folder: Path) -> dict[str, str]:
    """The generated files of a folder by name, without the lines that only name the compiler."""
    return {p.name: _VERSION_LINES.sub("", p.read_text()) for p in sorted(folder.glob("*_pb2.py*"))}


def main() -> None:
    if "--check" not in sys.argv[1:]:
        for old in GENERATED.glob("*_pb2.py*"):
            old.unlink()
        generate(GENERATED)
        return
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        generate(fresh)
        if modules(fresh) != modules(GENERATED):
            sys.exit(
                "sigcli/wire/generated does not match its schemas: run python -m tools.generate_wire"
            )


if __name__ == "__main__":
    main()
