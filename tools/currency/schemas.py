"""Protobuf schemas: those that Signal's mock server comes with, against an older version of it and against sigcli's.

A package may hold ``.proto`` files; where it does not, the fields are read out of the JavaScript that its own compiler
has made of them (``protos/compiled.js``).
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorSet

Schema = Mapping[str, Mapping[int, str]]
"""The fields of each message, by number; a nested message is called ``Outer_Inner``, one of another package with it."""

_PACKAGE = "signalservice"
_COMPILED = "protos/compiled.js"
_DECODER = re.compile(r"\$decode\(data, (\w+)\$SPEC,.*?\n {0,6}\}, start, end\);", re.DOTALL)
_FIELD = re.compile(r"case (\d+):\s*res\.(\w+)(?: = \{\s*(\w+):)?")


class NoSchema(Exception):
    """A package holds no schema that can be read here."""


def schema_of_package(package: Path) -> Schema:
    """The schema of an installed package; raises NoSchema."""
    files = sorted(
        path
        for path in package.rglob("*.proto")
        if "node_modules" not in path.parts[len(package.parts) :]
    )
    if files:
        return _of_files(files)
    compiled = package / _COMPILED
    if compiled.exists():
        found = schema_of_javascript(compiled.read_text())
        if found:
            return found
    raise NoSchema(f"{package} holds no schema in a form that is known here")


def schema_of_javascript(text: str) -> Schema:
    """The fields that the decoders of a compiled schema know."""
    found = {}
    for decoder in _DECODER.finditer(text):
        name = decoder[1].removeprefix(f"{_PACKAGE}_")
        found[name] = {
            int(number): inner or outer for number, outer, inner in _FIELD.findall(decoder[0])
        }
    return found


def own_schema() -> Schema:
    """What sigcli reads and writes."""
    import sigcli.wire.generated as generated

    found: dict[str, Mapping[int, str]] = {}
    for module in pkgutil.iter_modules(generated.__path__):
        descriptor = importlib.import_module(f"{generated.__name__}.{module.name}").DESCRIPTOR
        for message in descriptor.message_types_by_name.values():
            found.update(_of_descriptor(message))
    return found


def changes(before: Schema, after: Schema) -> Iterator[str]:
    """What one version has that another has not."""
    for name in sorted(after.keys() | before.keys()):
        if name not in before:
            yield f"a new message: {name}"
        elif name not in after:
            yield f"no longer there: the message {name}"
        else:
            yield from _field_changes(name, before[name], after[name])


def conflicts(own: Schema, other: Schema) -> Iterator[str]:
    """Numbers that mean one field here and another one there."""
    for name, fields in sorted(own.items()):
        theirs = other.get(name, {})
        for number in sorted(fields.keys() & theirs.keys()):
            if not _same_name(fields[number], theirs[number]):
                yield f"{name} {number} is {fields[number]} here, {theirs[number]} there"


def unknown_fields(own: Schema, other: Schema) -> Iterator[str]:
    """Fields of messages that sigcli knows which it does not."""
    for name, fields in sorted(other.items()):
        if name in own:
            for number in sorted(fields.keys() - own[name].keys()):
                yield f"{name} {number} {fields[number]}"


def _field_changes(name: str, before: Mapping[int, str], after: Mapping[int, str]) -> Iterator[str]:
    for number in sorted(before.keys() | after.keys()):
        old, new = before.get(number), after.get(number)
        if old is None:
            yield f"a new field: {name} {number} {new}"
        elif new is None:
            yield f"no longer there: {name} {number} {old}"
        elif not _same_name(old, new):
            yield f"another field: {name} {number} {old} is now {new}"


def _same_name(one: str, other: str) -> bool:
    return one.replace("_", "").lower() == other.replace("_", "").lower()


def _of_descriptor(message: Descriptor, outer: str = "") -> Iterator[tuple[str, dict[int, str]]]:
    name = outer + message.name
    yield name, {field.number: field.name for field in message.fields}
    for inner in message.nested_types:
        yield from _of_descriptor(inner, f"{name}_")


def _of_files(files: Iterable[Path]) -> Schema:
    found: dict[str, dict[int, str]] = {}
    for path in files:
        with tempfile.NamedTemporaryFile() as described:
            command = [
                *(sys.executable, "-m", "grpc_tools.protoc", f"--proto_path={path.parent}"),
                *(f"--descriptor_set_out={described.name}", path.name),
            ]
            finished = subprocess.run(command, capture_output=True, text=True, check=False)
            if finished.returncode != 0:
                raise NoSchema(f"{path} is not understood: {finished.stderr.strip()}")
            for file in FileDescriptorSet.FromString(Path(described.name).read_bytes()).file:
                outer = "" if file.package == _PACKAGE else file.package.replace(".", "_") + "_"
                for message in file.message_type:
                    found.update(_of_proto(message, outer))
    return found


def _of_proto(message: DescriptorProto, outer: str = "") -> Iterator[tuple[str, dict[int, str]]]:
    name = outer + message.name
    yield name, {field.number: field.name for field in message.field}
    for inner in message.nested_type:
        yield from _of_proto(inner, f"{name}_")
