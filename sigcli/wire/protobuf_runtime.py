"""Loads the protobuf library without its second implementation, in pure Python.

The library imports that one always, a third of its start-up time, and uses it only where it has no compiled one.
"""

from __future__ import annotations

import google.protobuf.internal
from google.protobuf.internal import api_implementation

from sigcli.leaving_out import left_out

if api_implementation.Type() != "python":
    with left_out(f"{google.protobuf.internal.__name__}.python_message"):
        import google.protobuf.internal.builder
