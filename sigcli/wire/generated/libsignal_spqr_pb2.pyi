from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RatchetState(_message.Message):
    __slots__ = ("version_negotiation", "chain", "v1")
    VERSION_NEGOTIATION_FIELD_NUMBER: _ClassVar[int]
    CHAIN_FIELD_NUMBER: _ClassVar[int]
    V1_FIELD_NUMBER: _ClassVar[int]
    version_negotiation: VersionNegotiation
    chain: LibsignalChain
    v1: LibsignalPhases
    def __init__(self, version_negotiation: _Optional[_Union[VersionNegotiation, _Mapping]] = ..., chain: _Optional[_Union[LibsignalChain, _Mapping]] = ..., v1: _Optional[_Union[LibsignalPhases, _Mapping]] = ...) -> None: ...

class VersionNegotiation(_message.Message):
    __slots__ = ("auth_key", "direction", "min_version", "chain_params")
    AUTH_KEY_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    MIN_VERSION_FIELD_NUMBER: _ClassVar[int]
    CHAIN_PARAMS_FIELD_NUMBER: _ClassVar[int]
    auth_key: bytes
    direction: int
    min_version: int
    chain_params: ChainParams
    def __init__(self, auth_key: _Optional[bytes] = ..., direction: _Optional[int] = ..., min_version: _Optional[int] = ..., chain_params: _Optional[_Union[ChainParams, _Mapping]] = ...) -> None: ...

class ChainParams(_message.Message):
    __slots__ = ("max_jump", "max_ooo_keys")
    MAX_JUMP_FIELD_NUMBER: _ClassVar[int]
    MAX_OOO_KEYS_FIELD_NUMBER: _ClassVar[int]
    max_jump: int
    max_ooo_keys: int
    def __init__(self, max_jump: _Optional[int] = ..., max_ooo_keys: _Optional[int] = ...) -> None: ...

class LibsignalChain(_message.Message):
    __slots__ = ("direction", "current_epoch", "links", "next_root", "send_epoch", "params")
    class Direction(_message.Message):
        __slots__ = ("ctr", "next", "prev")
        CTR_FIELD_NUMBER: _ClassVar[int]
        NEXT_FIELD_NUMBER: _ClassVar[int]
        PREV_FIELD_NUMBER: _ClassVar[int]
        ctr: int
        next: bytes
        prev: bytes
        def __init__(self, ctr: _Optional[int] = ..., next: _Optional[bytes] = ..., prev: _Optional[bytes] = ...) -> None: ...
    class Link(_message.Message):
        __slots__ = ("send", "recv")
        SEND_FIELD_NUMBER: _ClassVar[int]
        RECV_FIELD_NUMBER: _ClassVar[int]
        send: LibsignalChain.Direction
        recv: LibsignalChain.Direction
        def __init__(self, send: _Optional[_Union[LibsignalChain.Direction, _Mapping]] = ..., recv: _Optional[_Union[LibsignalChain.Direction, _Mapping]] = ...) -> None: ...
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    CURRENT_EPOCH_FIELD_NUMBER: _ClassVar[int]
    LINKS_FIELD_NUMBER: _ClassVar[int]
    NEXT_ROOT_FIELD_NUMBER: _ClassVar[int]
    SEND_EPOCH_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    direction: int
    current_epoch: int
    links: _containers.RepeatedCompositeFieldContainer[LibsignalChain.Link]
    next_root: bytes
    send_epoch: int
    params: ChainParams
    def __init__(self, direction: _Optional[int] = ..., current_epoch: _Optional[int] = ..., links: _Optional[_Iterable[_Union[LibsignalChain.Link, _Mapping]]] = ..., next_root: _Optional[bytes] = ..., send_epoch: _Optional[int] = ..., params: _Optional[_Union[ChainParams, _Mapping]] = ...) -> None: ...

class Encoder(_message.Message):
    __slots__ = ("idx", "pts", "polys")
    IDX_FIELD_NUMBER: _ClassVar[int]
    PTS_FIELD_NUMBER: _ClassVar[int]
    POLYS_FIELD_NUMBER: _ClassVar[int]
    idx: int
    pts: _containers.RepeatedScalarFieldContainer[bytes]
    polys: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, idx: _Optional[int] = ..., pts: _Optional[_Iterable[bytes]] = ..., polys: _Optional[_Iterable[bytes]] = ...) -> None: ...

class Decoder(_message.Message):
    __slots__ = ("pts_needed", "polys", "pts", "is_complete")
    PTS_NEEDED_FIELD_NUMBER: _ClassVar[int]
    POLYS_FIELD_NUMBER: _ClassVar[int]
    PTS_FIELD_NUMBER: _ClassVar[int]
    IS_COMPLETE_FIELD_NUMBER: _ClassVar[int]
    pts_needed: int
    polys: int
    pts: _containers.RepeatedScalarFieldContainer[bytes]
    is_complete: bool
    def __init__(self, pts_needed: _Optional[int] = ..., polys: _Optional[int] = ..., pts: _Optional[_Iterable[bytes]] = ..., is_complete: _Optional[bool] = ...) -> None: ...

class Authenticator(_message.Message):
    __slots__ = ("root_key", "mac_key")
    ROOT_KEY_FIELD_NUMBER: _ClassVar[int]
    MAC_KEY_FIELD_NUMBER: _ClassVar[int]
    root_key: bytes
    mac_key: bytes
    def __init__(self, root_key: _Optional[bytes] = ..., mac_key: _Optional[bytes] = ...) -> None: ...

class Unchunked(_message.Message):
    __slots__ = ("epoch", "auth", "third", "fourth", "fifth")
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    AUTH_FIELD_NUMBER: _ClassVar[int]
    THIRD_FIELD_NUMBER: _ClassVar[int]
    FOURTH_FIELD_NUMBER: _ClassVar[int]
    FIFTH_FIELD_NUMBER: _ClassVar[int]
    epoch: int
    auth: Authenticator
    third: bytes
    fourth: bytes
    fifth: bytes
    def __init__(self, epoch: _Optional[int] = ..., auth: _Optional[_Union[Authenticator, _Mapping]] = ..., third: _Optional[bytes] = ..., fourth: _Optional[bytes] = ..., fifth: _Optional[bytes] = ...) -> None: ...

class Chunked(_message.Message):
    __slots__ = ("uc", "second", "third")
    UC_FIELD_NUMBER: _ClassVar[int]
    SECOND_FIELD_NUMBER: _ClassVar[int]
    THIRD_FIELD_NUMBER: _ClassVar[int]
    uc: Unchunked
    second: bytes
    third: bytes
    def __init__(self, uc: _Optional[_Union[Unchunked, _Mapping]] = ..., second: _Optional[bytes] = ..., third: _Optional[bytes] = ...) -> None: ...

class LibsignalPhases(_message.Message):
    __slots__ = ("keys_unsampled", "keys_sampled", "header_sent", "ct1_received", "ek_sent_ct1_received", "no_header_received", "header_received", "ct1_sampled", "ek_received_ct1_sampled", "ct1_acknowledged", "ct2_sampled")
    KEYS_UNSAMPLED_FIELD_NUMBER: _ClassVar[int]
    KEYS_SAMPLED_FIELD_NUMBER: _ClassVar[int]
    HEADER_SENT_FIELD_NUMBER: _ClassVar[int]
    CT1_RECEIVED_FIELD_NUMBER: _ClassVar[int]
    EK_SENT_CT1_RECEIVED_FIELD_NUMBER: _ClassVar[int]
    NO_HEADER_RECEIVED_FIELD_NUMBER: _ClassVar[int]
    HEADER_RECEIVED_FIELD_NUMBER: _ClassVar[int]
    CT1_SAMPLED_FIELD_NUMBER: _ClassVar[int]
    EK_RECEIVED_CT1_SAMPLED_FIELD_NUMBER: _ClassVar[int]
    CT1_ACKNOWLEDGED_FIELD_NUMBER: _ClassVar[int]
    CT2_SAMPLED_FIELD_NUMBER: _ClassVar[int]
    keys_unsampled: Chunked
    keys_sampled: Chunked
    header_sent: Chunked
    ct1_received: Chunked
    ek_sent_ct1_received: Chunked
    no_header_received: Chunked
    header_received: Chunked
    ct1_sampled: Chunked
    ek_received_ct1_sampled: Chunked
    ct1_acknowledged: Chunked
    ct2_sampled: Chunked
    def __init__(self, keys_unsampled: _Optional[_Union[Chunked, _Mapping]] = ..., keys_sampled: _Optional[_Union[Chunked, _Mapping]] = ..., header_sent: _Optional[_Union[Chunked, _Mapping]] = ..., ct1_received: _Optional[_Union[Chunked, _Mapping]] = ..., ek_sent_ct1_received: _Optional[_Union[Chunked, _Mapping]] = ..., no_header_received: _Optional[_Union[Chunked, _Mapping]] = ..., header_received: _Optional[_Union[Chunked, _Mapping]] = ..., ct1_sampled: _Optional[_Union[Chunked, _Mapping]] = ..., ek_received_ct1_sampled: _Optional[_Union[Chunked, _Mapping]] = ..., ct1_acknowledged: _Optional[_Union[Chunked, _Mapping]] = ..., ct2_sampled: _Optional[_Union[Chunked, _Mapping]] = ...) -> None: ...
