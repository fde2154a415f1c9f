from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class SignalMessage(_message.Message):
    __slots__ = ("ratchet_key", "counter", "previous_counter", "ciphertext", "pq_ratchet", "addresses")
    RATCHET_KEY_FIELD_NUMBER: _ClassVar[int]
    COUNTER_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_COUNTER_FIELD_NUMBER: _ClassVar[int]
    CIPHERTEXT_FIELD_NUMBER: _ClassVar[int]
    PQ_RATCHET_FIELD_NUMBER: _ClassVar[int]
    ADDRESSES_FIELD_NUMBER: _ClassVar[int]
    ratchet_key: bytes
    counter: int
    previous_counter: int
    ciphertext: bytes
    pq_ratchet: bytes
    addresses: bytes
    def __init__(self, ratchet_key: _Optional[bytes] = ..., counter: _Optional[int] = ..., previous_counter: _Optional[int] = ..., ciphertext: _Optional[bytes] = ..., pq_ratchet: _Optional[bytes] = ..., addresses: _Optional[bytes] = ...) -> None: ...

class PreKeySignalMessage(_message.Message):
    __slots__ = ("pre_key_id", "base_key", "identity_key", "message", "registration_id", "signed_pre_key_id", "kyber_pre_key_id", "kyber_ciphertext")
    PRE_KEY_ID_FIELD_NUMBER: _ClassVar[int]
    BASE_KEY_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_KEY_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    REGISTRATION_ID_FIELD_NUMBER: _ClassVar[int]
    SIGNED_PRE_KEY_ID_FIELD_NUMBER: _ClassVar[int]
    KYBER_PRE_KEY_ID_FIELD_NUMBER: _ClassVar[int]
    KYBER_CIPHERTEXT_FIELD_NUMBER: _ClassVar[int]
    pre_key_id: int
    base_key: bytes
    identity_key: bytes
    message: bytes
    registration_id: int
    signed_pre_key_id: int
    kyber_pre_key_id: int
    kyber_ciphertext: bytes
    def __init__(self, pre_key_id: _Optional[int] = ..., base_key: _Optional[bytes] = ..., identity_key: _Optional[bytes] = ..., message: _Optional[bytes] = ..., registration_id: _Optional[int] = ..., signed_pre_key_id: _Optional[int] = ..., kyber_pre_key_id: _Optional[int] = ..., kyber_ciphertext: _Optional[bytes] = ...) -> None: ...

class DecryptionErrorMessage(_message.Message):
    __slots__ = ("ratchet_key", "timestamp", "device_id")
    RATCHET_KEY_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    ratchet_key: bytes
    timestamp: int
    device_id: int
    def __init__(self, ratchet_key: _Optional[bytes] = ..., timestamp: _Optional[int] = ..., device_id: _Optional[int] = ...) -> None: ...

class DecryptionErrorContent(_message.Message):
    __slots__ = ("decryption_error_message",)
    DECRYPTION_ERROR_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    decryption_error_message: bytes
    def __init__(self, decryption_error_message: _Optional[bytes] = ...) -> None: ...
