"""Cryptographic primitives on bytes: no state, no protobuf, no I/O."""
