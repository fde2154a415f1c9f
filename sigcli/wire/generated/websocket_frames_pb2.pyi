from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WebSocketRequestMessage(_message.Message):
    __slots__ = ("verb", "path", "body", "id", "headers")
    VERB_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    verb: str
    path: str
    body: bytes
    id: int
    headers: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, verb: _Optional[str] = ..., path: _Optional[str] = ..., body: _Optional[bytes] = ..., id: _Optional[int] = ..., headers: _Optional[_Iterable[str]] = ...) -> None: ...

class WebSocketResponseMessage(_message.Message):
    __slots__ = ("id", "status", "message", "body", "headers")
    ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    id: int
    status: int
    message: str
    body: bytes
    headers: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, id: _Optional[int] = ..., status: _Optional[int] = ..., message: _Optional[str] = ..., body: _Optional[bytes] = ..., headers: _Optional[_Iterable[str]] = ...) -> None: ...

class WebSocketMessage(_message.Message):
    __slots__ = ("type", "request", "response")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    type: int
    request: WebSocketRequestMessage
    response: WebSocketResponseMessage
    def __init__(self, type: _Optional[int] = ..., request: _Optional[_Union[WebSocketRequestMessage, _Mapping]] = ..., response: _Optional[_Union[WebSocketResponseMessage, _Mapping]] = ...) -> None: ...
