from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class ClientHandshakeStart(_message.Message):
    __slots__ = ("pubkey", "evidence", "endorsement")
    PUBKEY_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    ENDORSEMENT_FIELD_NUMBER: _ClassVar[int]
    pubkey: bytes
    evidence: bytes
    endorsement: bytes
    def __init__(self, pubkey: _Optional[bytes] = ..., evidence: _Optional[bytes] = ..., endorsement: _Optional[bytes] = ...) -> None: ...

class RaftGroupConfig(_message.Message):
    __slots__ = ("group_id", "min_voting_replicas", "max_voting_replicas", "super_majority", "db_version", "attestation_timeout", "simulated")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    MIN_VOTING_REPLICAS_FIELD_NUMBER: _ClassVar[int]
    MAX_VOTING_REPLICAS_FIELD_NUMBER: _ClassVar[int]
    SUPER_MAJORITY_FIELD_NUMBER: _ClassVar[int]
    DB_VERSION_FIELD_NUMBER: _ClassVar[int]
    ATTESTATION_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    SIMULATED_FIELD_NUMBER: _ClassVar[int]
    group_id: int
    min_voting_replicas: int
    max_voting_replicas: int
    super_majority: int
    db_version: int
    attestation_timeout: int
    simulated: bool
    def __init__(self, group_id: _Optional[int] = ..., min_voting_replicas: _Optional[int] = ..., max_voting_replicas: _Optional[int] = ..., super_majority: _Optional[int] = ..., db_version: _Optional[int] = ..., attestation_timeout: _Optional[int] = ..., simulated: _Optional[bool] = ...) -> None: ...

class MinimumLimits(_message.Message):
    __slots__ = ("lim",)
    class LimEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: bytes
        def __init__(self, key: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...
    LIM_FIELD_NUMBER: _ClassVar[int]
    lim: _containers.ScalarMap[str, bytes]
    def __init__(self, lim: _Optional[_Mapping[str, bytes]] = ...) -> None: ...
