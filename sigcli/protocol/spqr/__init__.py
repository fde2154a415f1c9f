"""The sparse post-quantum ratchet (SPQR): the third ratchet, which adds ML-KEM secrets to a
session.

The public entry. States are values: nothing here changes one in place.
"""

from sigcli.protocol.spqr.ratchet import SpqrState, initial_state, receive, send
from sigcli.wire.spqr_state import Direction

__all__ = [
    "Direction",
    "SpqrState",
    "initial_state",
    "receive",
    "send",
]
