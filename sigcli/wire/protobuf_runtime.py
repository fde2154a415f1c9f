"""The protobuf library without what nothing here uses, and the builder of the generated modules.

The library always imports its second implementation, in pure Python, which is a third of its start-up time, but uses it
only if there is no compiled one. Its builder makes all classes of a generated module on import, for
``signal_service_pb2`` more than a hundred, of which a command uses a few; the one here makes each on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from google.protobuf.internal import api_implementation

from sigcli.leaving_out import left_out

if TYPE_CHECKING:
    from google.protobuf.descriptor import FileDescriptor

if api_implementation.Type() == "python":
    from google.protobuf.internal.builder import (
        BuildMessageAndEnumDescriptors,
        BuildTopDescriptorsAndMessages,
    )
else:
    with left_out(
        "google.protobuf.internal.python_message",
        "google.protobuf.internal.python_edition_defaults",
        "google.protobuf.descriptor_database",
        "google.protobuf.text_encoding",
    ):
        from google.protobuf.message import Message
        from google.protobuf.reflection import GeneratedProtocolMessageType
    # It names days in JSON, which sigcli does not write with this library.
    with left_out("calendar"):
        from google.protobuf.internal import well_known_types as well_known_types

    def BuildMessageAndEnumDescriptors(file_des: FileDescriptor, module: dict[str, Any]) -> None:
        """Do nothing: only the implementation in Python uses these names."""

    def BuildTopDescriptorsAndMessages(
        file_des: FileDescriptor, module_name: str, module: dict[str, Any]
    ) -> None:
        """Let a module make each of its top messages when it is asked for; they make what is nested in them."""

        def make(name: str) -> type[Message]:
            descriptor = file_des.message_types_by_name.get(name)
            if descriptor is None:
                raise AttributeError(f"module {module_name!r} has no attribute {name!r}")
            # Not by GetMessageClass, which makes those of all fields as well.
            contents = {"DESCRIPTOR": descriptor, "__module__": module_name}
            made = cast("type[Message]", GeneratedProtocolMessageType(name, (Message,), contents))
            module[name] = made
            return made

        module["__getattr__"] = make


__all__ = ["BuildMessageAndEnumDescriptors", "BuildTopDescriptorsAndMessages"]
