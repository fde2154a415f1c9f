from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Request(_message.Message):
    __slots__ = ("backup", "restore", "delete", "expose", "tries")
    BACKUP_FIELD_NUMBER: _ClassVar[int]
    RESTORE_FIELD_NUMBER: _ClassVar[int]
    DELETE_FIELD_NUMBER: _ClassVar[int]
    EXPOSE_FIELD_NUMBER: _ClassVar[int]
    TRIES_FIELD_NUMBER: _ClassVar[int]
    backup: BackupRequest
    restore: RestoreRequest
    delete: DeleteRequest
    expose: ExposeRequest
    tries: TriesRequest
    def __init__(self, backup: _Optional[_Union[BackupRequest, _Mapping]] = ..., restore: _Optional[_Union[RestoreRequest, _Mapping]] = ..., delete: _Optional[_Union[DeleteRequest, _Mapping]] = ..., expose: _Optional[_Union[ExposeRequest, _Mapping]] = ..., tries: _Optional[_Union[TriesRequest, _Mapping]] = ...) -> None: ...

class Response(_message.Message):
    __slots__ = ("backup", "restore", "delete", "expose", "tries")
    BACKUP_FIELD_NUMBER: _ClassVar[int]
    RESTORE_FIELD_NUMBER: _ClassVar[int]
    DELETE_FIELD_NUMBER: _ClassVar[int]
    EXPOSE_FIELD_NUMBER: _ClassVar[int]
    TRIES_FIELD_NUMBER: _ClassVar[int]
    backup: BackupResponse
    restore: RestoreResponse
    delete: DeleteResponse
    expose: ExposeResponse
    tries: TriesResponse
    def __init__(self, backup: _Optional[_Union[BackupResponse, _Mapping]] = ..., restore: _Optional[_Union[RestoreResponse, _Mapping]] = ..., delete: _Optional[_Union[DeleteResponse, _Mapping]] = ..., expose: _Optional[_Union[ExposeResponse, _Mapping]] = ..., tries: _Optional[_Union[TriesResponse, _Mapping]] = ...) -> None: ...

class BackupRequest(_message.Message):
    __slots__ = ("data", "pin", "max_tries")
    DATA_FIELD_NUMBER: _ClassVar[int]
    PIN_FIELD_NUMBER: _ClassVar[int]
    MAX_TRIES_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    pin: bytes
    max_tries: int
    def __init__(self, data: _Optional[bytes] = ..., pin: _Optional[bytes] = ..., max_tries: _Optional[int] = ...) -> None: ...

class BackupResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: int
    def __init__(self, status: _Optional[int] = ...) -> None: ...

class RestoreRequest(_message.Message):
    __slots__ = ("pin",)
    PIN_FIELD_NUMBER: _ClassVar[int]
    pin: bytes
    def __init__(self, pin: _Optional[bytes] = ...) -> None: ...

class RestoreResponse(_message.Message):
    __slots__ = ("status", "data", "tries")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    TRIES_FIELD_NUMBER: _ClassVar[int]
    status: int
    data: bytes
    tries: int
    def __init__(self, status: _Optional[int] = ..., data: _Optional[bytes] = ..., tries: _Optional[int] = ...) -> None: ...

class DeleteRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DeleteResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ExposeRequest(_message.Message):
    __slots__ = ("data",)
    DATA_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    def __init__(self, data: _Optional[bytes] = ...) -> None: ...

class ExposeResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: int
    def __init__(self, status: _Optional[int] = ...) -> None: ...

class TriesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class TriesResponse(_message.Message):
    __slots__ = ("status", "tries", "exposed")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    TRIES_FIELD_NUMBER: _ClassVar[int]
    EXPOSED_FIELD_NUMBER: _ClassVar[int]
    status: int
    tries: int
    exposed: bool
    def __init__(self, status: _Optional[int] = ..., tries: _Optional[int] = ..., exposed: _Optional[bool] = ...) -> None: ...
