"""Loads the protobuf library without its second implementation, in pure Python.

The library always imports that one, which is a third of its start-up time, but uses it only if there is no compiled
one.
"""

from __future__ import annotations

import google.protobuf.internal
from google.protobuf.internal import api_implementation

from sigcli.leaving_out import left_out

if api_implementation.Type() != "python":
    with left_out(f"{google.protobuf.internal.__name__}.python_message"):
        import google.protobuf.internal.builder
    # It names days in JSON, which sigcli does not write with this library.
    with left_out("calendar"):
        import google.protobuf.internal.well_known_types
