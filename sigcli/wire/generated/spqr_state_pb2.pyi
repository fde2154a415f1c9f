from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SpqrState(_message.Message):
    __slots__ = ("version", "exchange", "chain")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    EXCHANGE_FIELD_NUMBER: _ClassVar[int]
    CHAIN_FIELD_NUMBER: _ClassVar[int]
    version: int
    exchange: Exchange
    chain: Chain
    def __init__(self, version: _Optional[int] = ..., exchange: _Optional[_Union[Exchange, _Mapping]] = ..., chain: _Optional[_Union[Chain, _Mapping]] = ...) -> None: ...

class Exchange(_message.Message):
    __slots__ = ("phase", "epoch", "root_key", "mac_key", "sending", "sending_index", "received", "seed", "header", "encapsulation", "ct1", "ct2")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    ROOT_KEY_FIELD_NUMBER: _ClassVar[int]
    MAC_KEY_FIELD_NUMBER: _ClassVar[int]
    SENDING_FIELD_NUMBER: _ClassVar[int]
    SENDING_INDEX_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    HEADER_FIELD_NUMBER: _ClassVar[int]
    ENCAPSULATION_FIELD_NUMBER: _ClassVar[int]
    CT1_FIELD_NUMBER: _ClassVar[int]
    CT2_FIELD_NUMBER: _ClassVar[int]
    phase: int
    epoch: int
    root_key: bytes
    mac_key: bytes
    sending: bytes
    sending_index: int
    received: bytes
    seed: bytes
    header: bytes
    encapsulation: bytes
    ct1: bytes
    ct2: bytes
    def __init__(self, phase: _Optional[int] = ..., epoch: _Optional[int] = ..., root_key: _Optional[bytes] = ..., mac_key: _Optional[bytes] = ..., sending: _Optional[bytes] = ..., sending_index: _Optional[int] = ..., received: _Optional[bytes] = ..., seed: _Optional[bytes] = ..., header: _Optional[bytes] = ..., encapsulation: _Optional[bytes] = ..., ct1: _Optional[bytes] = ..., ct2: _Optional[bytes] = ...) -> None: ...

class Chain(_message.Message):
    __slots__ = ("direction", "current_epoch", "send_epoch", "next_root", "links", "max_jump", "max_skipped")
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    CURRENT_EPOCH_FIELD_NUMBER: _ClassVar[int]
    SEND_EPOCH_FIELD_NUMBER: _ClassVar[int]
    NEXT_ROOT_FIELD_NUMBER: _ClassVar[int]
    LINKS_FIELD_NUMBER: _ClassVar[int]
    MAX_JUMP_FIELD_NUMBER: _ClassVar[int]
    MAX_SKIPPED_FIELD_NUMBER: _ClassVar[int]
    direction: int
    current_epoch: int
    send_epoch: int
    next_root: bytes
    links: _containers.RepeatedCompositeFieldContainer[ChainLink]
    max_jump: int
    max_skipped: int
    def __init__(self, direction: _Optional[int] = ..., current_epoch: _Optional[int] = ..., send_epoch: _Optional[int] = ..., next_root: _Optional[bytes] = ..., links: _Optional[_Iterable[_Union[ChainLink, _Mapping]]] = ..., max_jump: _Optional[int] = ..., max_skipped: _Optional[int] = ...) -> None: ...

class ChainLink(_message.Message):
    __slots__ = ("send_counter", "send_next", "receive_counter", "receive_next", "skipped")
    SEND_COUNTER_FIELD_NUMBER: _ClassVar[int]
    SEND_NEXT_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_COUNTER_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_NEXT_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_FIELD_NUMBER: _ClassVar[int]
    send_counter: int
    send_next: bytes
    receive_counter: int
    receive_next: bytes
    skipped: bytes
    def __init__(self, send_counter: _Optional[int] = ..., send_next: _Optional[bytes] = ..., receive_counter: _Optional[int] = ..., receive_next: _Optional[bytes] = ..., skipped: _Optional[bytes] = ...) -> None: ...
