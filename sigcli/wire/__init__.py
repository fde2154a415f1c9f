"""Bytes to typed values and back; the generated protobuf modules are private to this package."""
