from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class ProvisioningAddress(_message.Message):
    __slots__ = ("address",)
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    address: str
    def __init__(self, address: _Optional[str] = ...) -> None: ...

class ProvisionEnvelope(_message.Message):
    __slots__ = ("publicKey", "body")
    PUBLICKEY_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    publicKey: bytes
    body: bytes
    def __init__(self, publicKey: _Optional[bytes] = ..., body: _Optional[bytes] = ...) -> None: ...

class ProvisionMessage(_message.Message):
    __slots__ = ("aciIdentityKeyPublic", "aciIdentityKeyPrivate", "number", "provisioningCode", "userAgent", "profileKey", "readReceipts", "aci", "provisioningVersion", "pni", "pniIdentityKeyPublic", "pniIdentityKeyPrivate", "ephemeralBackupKey", "accountEntropyPool", "mediaRootBackupKey", "aciBinary", "pniBinary", "authCredentialSalt")
    ACIIDENTITYKEYPUBLIC_FIELD_NUMBER: _ClassVar[int]
    ACIIDENTITYKEYPRIVATE_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    PROVISIONINGCODE_FIELD_NUMBER: _ClassVar[int]
    USERAGENT_FIELD_NUMBER: _ClassVar[int]
    PROFILEKEY_FIELD_NUMBER: _ClassVar[int]
    READRECEIPTS_FIELD_NUMBER: _ClassVar[int]
    ACI_FIELD_NUMBER: _ClassVar[int]
    PROVISIONINGVERSION_FIELD_NUMBER: _ClassVar[int]
    PNI_FIELD_NUMBER: _ClassVar[int]
    PNIIDENTITYKEYPUBLIC_FIELD_NUMBER: _ClassVar[int]
    PNIIDENTITYKEYPRIVATE_FIELD_NUMBER: _ClassVar[int]
    EPHEMERALBACKUPKEY_FIELD_NUMBER: _ClassVar[int]
    ACCOUNTENTROPYPOOL_FIELD_NUMBER: _ClassVar[int]
    MEDIAROOTBACKUPKEY_FIELD_NUMBER: _ClassVar[int]
    ACIBINARY_FIELD_NUMBER: _ClassVar[int]
    PNIBINARY_FIELD_NUMBER: _ClassVar[int]
    AUTHCREDENTIALSALT_FIELD_NUMBER: _ClassVar[int]
    aciIdentityKeyPublic: bytes
    aciIdentityKeyPrivate: bytes
    number: str
    provisioningCode: str
    userAgent: str
    profileKey: bytes
    readReceipts: bool
    aci: str
    provisioningVersion: int
    pni: str
    pniIdentityKeyPublic: bytes
    pniIdentityKeyPrivate: bytes
    ephemeralBackupKey: bytes
    accountEntropyPool: str
    mediaRootBackupKey: bytes
    aciBinary: bytes
    pniBinary: bytes
    authCredentialSalt: bytes
    def __init__(self, aciIdentityKeyPublic: _Optional[bytes] = ..., aciIdentityKeyPrivate: _Optional[bytes] = ..., number: _Optional[str] = ..., provisioningCode: _Optional[str] = ..., userAgent: _Optional[str] = ..., profileKey: _Optional[bytes] = ..., readReceipts: _Optional[bool] = ..., aci: _Optional[str] = ..., provisioningVersion: _Optional[int] = ..., pni: _Optional[str] = ..., pniIdentityKeyPublic: _Optional[bytes] = ..., pniIdentityKeyPrivate: _Optional[bytes] = ..., ephemeralBackupKey: _Optional[bytes] = ..., accountEntropyPool: _Optional[str] = ..., mediaRootBackupKey: _Optional[bytes] = ..., aciBinary: _Optional[bytes] = ..., pniBinary: _Optional[bytes] = ..., authCredentialSalt: _Optional[bytes] = ...) -> None: ...
