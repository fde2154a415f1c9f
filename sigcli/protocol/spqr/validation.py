"""Whether a stored state is possible: lengths by phase, and epochs that fit each other."""

from __future__ import annotations

from typing import NamedTuple

from sigcli.crypto import mlkem768
from sigcli.errors import InvalidSession
from sigcli.protocol.spqr import authenticator, chain, erasure, states
from sigcli.wire.spqr_state import Chain, Exchange, Phase


class _Lengths(NamedTuple):
    """The lengths of a phase's values in bytes; ``receiving`` is that of the value being collected."""

    sending: int = 0
    receiving: int = 0
    seed: int = 0
    header: int = 0
    encapsulation: int = 0
    ct1: int = 0
    ct2: int = 0


_SEED = mlkem768.SEED_LENGTH
_HEADER = mlkem768.HEADER_LENGTH
_STATE = mlkem768.ENCAPSULATION_STATE_LENGTH
_HEADER_VALUE = states.HEADER_VALUE_LENGTH
_EK = states.EK_VALUE_LENGTH
_CT1 = states.CT1_VALUE_LENGTH
_CT2 = states.CT2_VALUE_LENGTH

_LENGTHS = {
    Phase.KEYS_UNSAMPLED: _Lengths(),
    Phase.KEYS_SAMPLED: _Lengths(sending=_HEADER_VALUE, seed=_SEED),
    Phase.HEADER_SENT: _Lengths(sending=_EK, receiving=_CT1, seed=_SEED),
    Phase.CT1_RECEIVED: _Lengths(sending=_EK, seed=_SEED, ct1=_CT1),
    Phase.EK_SENT_CT1_RECEIVED: _Lengths(receiving=_CT2, seed=_SEED, ct1=_CT1),
    Phase.NO_HEADER_RECEIVED: _Lengths(receiving=_HEADER_VALUE),
    Phase.HEADER_RECEIVED: _Lengths(header=_HEADER),
    Phase.CT1_SAMPLED: _Lengths(_CT1, _EK, header=_HEADER, encapsulation=_STATE),
    Phase.EK_RECEIVED_CT1_SAMPLED: _Lengths(sending=_CT1, ct2=_CT2),
    Phase.CT1_ACKNOWLEDGED: _Lengths(0, _EK, header=_HEADER, encapsulation=_STATE, ct1=_CT1),
    Phase.CT2_SAMPLED: _Lengths(sending=_CT2),
}
# A session begun by another client has the expanded key instead of a seed.
_KEY_LENGTHS = {0: (0,), _SEED: (_SEED, mlkem768.EXPANDED_LENGTH)}
# In these phases the secret of the current epoch is already in the chains.
SECRET_KNOWN = frozenset(
    (
        Phase.CT1_SAMPLED,
        Phase.EK_RECEIVED_CT1_SAMPLED,
        Phase.CT1_ACKNOWLEDGED,
        Phase.CT2_SAMPLED,
    )
)
_MAX_EPOCH = 0xFFFFFFFFFFFFFFFF - 1


def check(exchange: Exchange, chains: Chain) -> None:
    """Raises InvalidSession for a state that the ratchet never produces."""
    if not (_exchange_fits(exchange) and _chain_fits(chains) and _epochs_fit(exchange, chains)):
        raise InvalidSession("the stored state of the post-quantum ratchet is damaged")


def _exchange_fits(exchange: Exchange) -> bool:
    expected = _LENGTHS[exchange.phase]
    received = len(exchange.received)
    return (
        len(exchange.root_key) == len(exchange.mac_key) == authenticator.KEY_LENGTH
        and len(exchange.sending) == expected.sending
        and len(exchange.seed) in _KEY_LENGTHS[expected.seed]
        and len(exchange.header) == expected.header
        and len(exchange.encapsulation) == expected.encapsulation
        and len(exchange.ct1) == expected.ct1
        and len(exchange.ct2) == expected.ct2
        and received % erasure.RECORD_LENGTH == 0
        # A value is taken out as soon as there are enough chunks.
        and received // erasure.RECORD_LENGTH
        <= max(expected.receiving // erasure.CHUNK_LENGTH - 1, 0)
    )


def _chain_fits(chains: Chain) -> bool:
    return (
        len(chains.next_root) == chain.KEY_LENGTH
        and 0 < len(chains.links) <= chains.current_epoch + 1
        and all(
            len(link.send_next) in (0, chain.KEY_LENGTH)
            and len(link.receive_next) == chain.KEY_LENGTH
            and len(link.skipped) % chain.SKIPPED_RECORD_LENGTH == 0
            for link in chains.links
        )
    )


def _epochs_fit(exchange: Exchange, chains: Chain) -> bool:
    sending = exchange.epoch - 1
    known = exchange.epoch if exchange.phase in SECRET_KNOWN else sending
    return (
        1 <= exchange.epoch <= _MAX_EPOCH
        and chains.current_epoch == known
        and chains.current_epoch - len(chains.links) < chains.send_epoch <= sending
    )
