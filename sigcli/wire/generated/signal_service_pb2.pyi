from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Envelope(_message.Message):
    __slots__ = ("type", "clientTimestamp", "sourceDeviceId", "content", "serverGuid", "serverTimestamp", "sourceServiceId", "ephemeral", "destinationServiceId", "urgent", "updatedPni", "story", "report_spam_token", "sourceServiceIdBinary", "destinationServiceIdBinary", "serverGuidBinary", "updatedPniBinary")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    CLIENTTIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    SOURCEDEVICEID_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    SERVERGUID_FIELD_NUMBER: _ClassVar[int]
    SERVERTIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    SOURCESERVICEID_FIELD_NUMBER: _ClassVar[int]
    EPHEMERAL_FIELD_NUMBER: _ClassVar[int]
    DESTINATIONSERVICEID_FIELD_NUMBER: _ClassVar[int]
    URGENT_FIELD_NUMBER: _ClassVar[int]
    UPDATEDPNI_FIELD_NUMBER: _ClassVar[int]
    STORY_FIELD_NUMBER: _ClassVar[int]
    REPORT_SPAM_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SOURCESERVICEIDBINARY_FIELD_NUMBER: _ClassVar[int]
    DESTINATIONSERVICEIDBINARY_FIELD_NUMBER: _ClassVar[int]
    SERVERGUIDBINARY_FIELD_NUMBER: _ClassVar[int]
    UPDATEDPNIBINARY_FIELD_NUMBER: _ClassVar[int]
    type: int
    clientTimestamp: int
    sourceDeviceId: int
    content: bytes
    serverGuid: str
    serverTimestamp: int
    sourceServiceId: str
    ephemeral: bool
    destinationServiceId: str
    urgent: bool
    updatedPni: str
    story: bool
    report_spam_token: bytes
    sourceServiceIdBinary: bytes
    destinationServiceIdBinary: bytes
    serverGuidBinary: bytes
    updatedPniBinary: bytes
    def __init__(self, type: _Optional[int] = ..., clientTimestamp: _Optional[int] = ..., sourceDeviceId: _Optional[int] = ..., content: _Optional[bytes] = ..., serverGuid: _Optional[str] = ..., serverTimestamp: _Optional[int] = ..., sourceServiceId: _Optional[str] = ..., ephemeral: _Optional[bool] = ..., destinationServiceId: _Optional[str] = ..., urgent: _Optional[bool] = ..., updatedPni: _Optional[str] = ..., story: _Optional[bool] = ..., report_spam_token: _Optional[bytes] = ..., sourceServiceIdBinary: _Optional[bytes] = ..., destinationServiceIdBinary: _Optional[bytes] = ..., serverGuidBinary: _Optional[bytes] = ..., updatedPniBinary: _Optional[bytes] = ...) -> None: ...

class Content(_message.Message):
    __slots__ = ("dataMessage", "syncMessage", "callMessage", "nullMessage", "receiptMessage", "typingMessage", "decryptionErrorMessage", "storyMessage", "editMessage", "senderKeyDistributionMessage", "pniSignatureMessage")
    DATAMESSAGE_FIELD_NUMBER: _ClassVar[int]
    SYNCMESSAGE_FIELD_NUMBER: _ClassVar[int]
    CALLMESSAGE_FIELD_NUMBER: _ClassVar[int]
    NULLMESSAGE_FIELD_NUMBER: _ClassVar[int]
    RECEIPTMESSAGE_FIELD_NUMBER: _ClassVar[int]
    TYPINGMESSAGE_FIELD_NUMBER: _ClassVar[int]
    DECRYPTIONERRORMESSAGE_FIELD_NUMBER: _ClassVar[int]
    STORYMESSAGE_FIELD_NUMBER: _ClassVar[int]
    EDITMESSAGE_FIELD_NUMBER: _ClassVar[int]
    SENDERKEYDISTRIBUTIONMESSAGE_FIELD_NUMBER: _ClassVar[int]
    PNISIGNATUREMESSAGE_FIELD_NUMBER: _ClassVar[int]
    dataMessage: DataMessage
    syncMessage: SyncMessage
    callMessage: CallMessage
    nullMessage: NullMessage
    receiptMessage: ReceiptMessage
    typingMessage: TypingMessage
    decryptionErrorMessage: bytes
    storyMessage: StoryMessage
    editMessage: EditMessage
    senderKeyDistributionMessage: bytes
    pniSignatureMessage: PniSignatureMessage
    def __init__(self, dataMessage: _Optional[_Union[DataMessage, _Mapping]] = ..., syncMessage: _Optional[_Union[SyncMessage, _Mapping]] = ..., callMessage: _Optional[_Union[CallMessage, _Mapping]] = ..., nullMessage: _Optional[_Union[NullMessage, _Mapping]] = ..., receiptMessage: _Optional[_Union[ReceiptMessage, _Mapping]] = ..., typingMessage: _Optional[_Union[TypingMessage, _Mapping]] = ..., decryptionErrorMessage: _Optional[bytes] = ..., storyMessage: _Optional[_Union[StoryMessage, _Mapping]] = ..., editMessage: _Optional[_Union[EditMessage, _Mapping]] = ..., senderKeyDistributionMessage: _Optional[bytes] = ..., pniSignatureMessage: _Optional[_Union[PniSignatureMessage, _Mapping]] = ...) -> None: ...

class NullMessage(_message.Message):
    __slots__ = ("padding",)
    PADDING_FIELD_NUMBER: _ClassVar[int]
    padding: bytes
    def __init__(self, padding: _Optional[bytes] = ...) -> None: ...

class PniSignatureMessage(_message.Message):
    __slots__ = ("pni", "signature")
    PNI_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    pni: bytes
    signature: bytes
    def __init__(self, pni: _Optional[bytes] = ..., signature: _Optional[bytes] = ...) -> None: ...

class EditMessage(_message.Message):
    __slots__ = ("targetSentTimestamp", "dataMessage")
    TARGETSENTTIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    DATAMESSAGE_FIELD_NUMBER: _ClassVar[int]
    targetSentTimestamp: int
    dataMessage: DataMessage
    def __init__(self, targetSentTimestamp: _Optional[int] = ..., dataMessage: _Optional[_Union[DataMessage, _Mapping]] = ...) -> None: ...

class ReceiptMessage(_message.Message):
    __slots__ = ("type", "timestamp")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    type: int
    timestamp: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, type: _Optional[int] = ..., timestamp: _Optional[_Iterable[int]] = ...) -> None: ...

class TypingMessage(_message.Message):
    __slots__ = ("timestamp", "action", "groupId")
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    GROUPID_FIELD_NUMBER: _ClassVar[int]
    timestamp: int
    action: int
    groupId: bytes
    def __init__(self, timestamp: _Optional[int] = ..., action: _Optional[int] = ..., groupId: _Optional[bytes] = ...) -> None: ...

class AttachmentPointer(_message.Message):
    __slots__ = ("cdnId", "cdnKey", "contentType", "key", "size", "thumbnail", "digest", "fileName", "flags", "width", "height", "caption", "blurHash", "uploadTimestamp", "cdnNumber", "chunkSize", "incrementalMac", "clientUuid")
    CDNID_FIELD_NUMBER: _ClassVar[int]
    CDNKEY_FIELD_NUMBER: _ClassVar[int]
    CONTENTTYPE_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    THUMBNAIL_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    FILENAME_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    CAPTION_FIELD_NUMBER: _ClassVar[int]
    BLURHASH_FIELD_NUMBER: _ClassVar[int]
    UPLOADTIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    CDNNUMBER_FIELD_NUMBER: _ClassVar[int]
    CHUNKSIZE_FIELD_NUMBER: _ClassVar[int]
    INCREMENTALMAC_FIELD_NUMBER: _ClassVar[int]
    CLIENTUUID_FIELD_NUMBER: _ClassVar[int]
    cdnId: int
    cdnKey: str
    contentType: str
    key: bytes
    size: int
    thumbnail: bytes
    digest: bytes
    fileName: str
    flags: int
    width: int
    height: int
    caption: str
    blurHash: str
    uploadTimestamp: int
    cdnNumber: int
    chunkSize: int
    incrementalMac: bytes
    clientUuid: bytes
    def __init__(self, cdnId: _Optional[int] = ..., cdnKey: _Optional[str] = ..., contentType: _Optional[str] = ..., key: _Optional[bytes] = ..., size: _Optional[int] = ..., thumbnail: _Optional[bytes] = ..., digest: _Optional[bytes] = ..., fileName: _Optional[str] = ..., flags: _Optional[int] = ..., width: _Optional[int] = ..., height: _Optional[int] = ..., caption: _Optional[str] = ..., blurHash: _Optional[str] = ..., uploadTimestamp: _Optional[int] = ..., cdnNumber: _Optional[int] = ..., chunkSize: _Optional[int] = ..., incrementalMac: _Optional[bytes] = ..., clientUuid: _Optional[bytes] = ...) -> None: ...

class BodyRange(_message.Message):
    __slots__ = ("start", "length", "mentionAci", "style", "mentionAciBinary")
    START_FIELD_NUMBER: _ClassVar[int]
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    MENTIONACI_FIELD_NUMBER: _ClassVar[int]
    STYLE_FIELD_NUMBER: _ClassVar[int]
    MENTIONACIBINARY_FIELD_NUMBER: _ClassVar[int]
    start: int
    length: int
    mentionAci: str
    style: int
    mentionAciBinary: bytes
    def __init__(self, start: _Optional[int] = ..., length: _Optional[int] = ..., mentionAci: _Optional[str] = ..., style: _Optional[int] = ..., mentionAciBinary: _Optional[bytes] = ...) -> None: ...

class GroupContextV2(_message.Message):
    __slots__ = ("masterKey", "revision", "groupChange")
    MASTERKEY_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    GROUPCHANGE_FIELD_NUMBER: _ClassVar[int]
    masterKey: bytes
    revision: int
    groupChange: bytes
    def __init__(self, masterKey: _Optional[bytes] = ..., revision: _Optional[int] = ..., groupChange: _Optional[bytes] = ...) -> None: ...

class Preview(_message.Message):
    __slots__ = ("url", "title", "image", "description", "date")
    URL_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    url: str
    title: str
    image: AttachmentPointer
    description: str
    date: int
    def __init__(self, url: _Optional[str] = ..., title: _Optional[str] = ..., image: _Optional[_Union[AttachmentPointer, _Mapping]] = ..., description: _Optional[str] = ..., date: _Optional[int] = ...) -> None: ...

class DataMessage(_message.Message):
    __slots__ = ("body", "attachments", "flags", "expireTimer", "profileKey", "timestamp", "quote", "contact", "preview", "sticker", "requiredProtocolVersion", "isViewOnce", "groupV2", "reaction", "delete", "bodyRanges", "groupCallUpdate", "payment", "storyContext", "giftBadge", "expireTimerVersion", "pollCreate", "pollTerminate", "pollVote", "pinMessage", "unpinMessage", "adminDelete")
    class Quote(_message.Message):
        __slots__ = ("id", "text", "attachments", "authorAci", "bodyRanges", "type", "authorAciBinary")
        class QuotedAttachment(_message.Message):
            __slots__ = ("contentType", "fileName", "thumbnail")
            CONTENTTYPE_FIELD_NUMBER: _ClassVar[int]
            FILENAME_FIELD_NUMBER: _ClassVar[int]
            THUMBNAIL_FIELD_NUMBER: _ClassVar[int]
            contentType: str
            fileName: str
            thumbnail: AttachmentPointer
            def __init__(self, contentType: _Optional[str] = ..., fileName: _Optional[str] = ..., thumbnail: _Optional[_Union[AttachmentPointer, _Mapping]] = ...) -> None: ...
        ID_FIELD_NUMBER: _ClassVar[int]
        TEXT_FIELD_NUMBER: _ClassVar[int]
        ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
        AUTHORACI_FIELD_NUMBER: _ClassVar[int]
        BODYRANGES_FIELD_NUMBER: _ClassVar[int]
        TYPE_FIELD_NUMBER: _ClassVar[int]
        AUTHORACIBINARY_FIELD_NUMBER: _ClassVar[int]
        id: int
        text: str
        attachments: _containers.RepeatedCompositeFieldContainer[DataMessage.Quote.QuotedAttachment]
        authorAci: str
        bodyRanges: _containers.RepeatedCompositeFieldContainer[BodyRange]
        type: int
        authorAciBinary: bytes
        def __init__(self, id: _Optional[int] = ..., text: _Optional[str] = ..., attachments: _Optional[_Iterable[_Union[DataMessage.Quote.QuotedAttachment, _Mapping]]] = ..., authorAci: _Optional[str] = ..., bodyRanges: _Optional[_Iterable[_Union[BodyRange, _Mapping]]] = ..., type: _Optional[int] = ..., authorAciBinary: _Optional[bytes] = ...) -> None: ...
    class Contact(_message.Message):
        __slots__ = ("name", "number", "email", "address", "avatar", "organization")
        class Name(_message.Message):
            __slots__ = ("givenName", "familyName", "prefix", "suffix", "middleName", "nickname")
            GIVENNAME_FIELD_NUMBER: _ClassVar[int]
            FAMILYNAME_FIELD_NUMBER: _ClassVar[int]
            PREFIX_FIELD_NUMBER: _ClassVar[int]
            SUFFIX_FIELD_NUMBER: _ClassVar[int]
            MIDDLENAME_FIELD_NUMBER: _ClassVar[int]
            NICKNAME_FIELD_NUMBER: _ClassVar[int]
            givenName: str
            familyName: str
            prefix: str
            suffix: str
            middleName: str
            nickname: str
            def __init__(self, givenName: _Optional[str] = ..., familyName: _Optional[str] = ..., prefix: _Optional[str] = ..., suffix: _Optional[str] = ..., middleName: _Optional[str] = ..., nickname: _Optional[str] = ...) -> None: ...
        class Phone(_message.Message):
            __slots__ = ("value", "type", "label")
            VALUE_FIELD_NUMBER: _ClassVar[int]
            TYPE_FIELD_NUMBER: _ClassVar[int]
            LABEL_FIELD_NUMBER: _ClassVar[int]
            value: str
            type: int
            label: str
            def __init__(self, value: _Optional[str] = ..., type: _Optional[int] = ..., label: _Optional[str] = ...) -> None: ...
        class Email(_message.Message):
            __slots__ = ("value", "type", "label")
            VALUE_FIELD_NUMBER: _ClassVar[int]
            TYPE_FIELD_NUMBER: _ClassVar[int]
            LABEL_FIELD_NUMBER: _ClassVar[int]
            value: str
            type: int
            label: str
            def __init__(self, value: _Optional[str] = ..., type: _Optional[int] = ..., label: _Optional[str] = ...) -> None: ...
        class PostalAddress(_message.Message):
            __slots__ = ("type", "label", "street", "pobox", "neighborhood", "city", "region", "postcode", "country")
            TYPE_FIELD_NUMBER: _ClassVar[int]
            LABEL_FIELD_NUMBER: _ClassVar[int]
            STREET_FIELD_NUMBER: _ClassVar[int]
            POBOX_FIELD_NUMBER: _ClassVar[int]
            NEIGHBORHOOD_FIELD_NUMBER: _ClassVar[int]
            CITY_FIELD_NUMBER: _ClassVar[int]
            REGION_FIELD_NUMBER: _ClassVar[int]
            POSTCODE_FIELD_NUMBER: _ClassVar[int]
            COUNTRY_FIELD_NUMBER: _ClassVar[int]
            type: int
            label: str
            street: str
            pobox: str
            neighborhood: str
            city: str
            region: str
            postcode: str
            country: str
            def __init__(self, type: _Optional[int] = ..., label: _Optional[str] = ..., street: _Optional[str] = ..., pobox: _Optional[str] = ..., neighborhood: _Optional[str] = ..., city: _Optional[str] = ..., region: _Optional[str] = ..., postcode: _Optional[str] = ..., country: _Optional[str] = ...) -> None: ...
        class Avatar(_message.Message):
            __slots__ = ("avatar", "isProfile")
            AVATAR_FIELD_NUMBER: _ClassVar[int]
            ISPROFILE_FIELD_NUMBER: _ClassVar[int]
            avatar: AttachmentPointer
            isProfile: bool
            def __init__(self, avatar: _Optional[_Union[AttachmentPointer, _Mapping]] = ..., isProfile: _Optional[bool] = ...) -> None: ...
        NAME_FIELD_NUMBER: _ClassVar[int]
        NUMBER_FIELD_NUMBER: _ClassVar[int]
        EMAIL_FIELD_NUMBER: _ClassVar[int]
        ADDRESS_FIELD_NUMBER: _ClassVar[int]
        AVATAR_FIELD_NUMBER: _ClassVar[int]
        ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
        name: DataMessage.Contact.Name
        number: _containers.RepeatedCompositeFieldContainer[DataMessage.Contact.Phone]
        email: _containers.RepeatedCompositeFieldContainer[DataMessage.Contact.Email]
        address: _containers.RepeatedCompositeFieldContainer[DataMessage.Contact.PostalAddress]
        avatar: DataMessage.Contact.Avatar
        organization: str
        def __init__(self, name: _Optional[_Union[DataMessage.Contact.Name, _Mapping]] = ..., number: _Optional[_Iterable[_Union[DataMessage.Contact.Phone, _Mapping]]] = ..., email: _Optional[_Iterable[_Union[DataMessage.Contact.Email, _Mapping]]] = ..., address: _Optional[_Iterable[_Union[DataMessage.Contact.PostalAddress, _Mapping]]] = ..., avatar: _Optional[_Union[DataMessage.Contact.Avatar, _Mapping]] = ..., organization: _Optional[str] = ...) -> None: ...
    class Sticker(_message.Message):
        __slots__ = ("packId", "packKey", "stickerId", "data", "emoji")
        PACKID_FIELD_NUMBER: _ClassVar[int]
        PACKKEY_FIELD_NUMBER: _ClassVar[int]
        STICKERID_FIELD_NUMBER: _ClassVar[int]
        DATA_FIELD_NUMBER: _ClassVar[int]
        EMOJI_FIELD_NUMBER: _ClassVar[int]
        packId: bytes
        packKey: bytes
        stickerId: int
        data: AttachmentPointer
        emoji: str
        def __init__(self, packId: _Optional[bytes] = ..., packKey: _Optional[bytes] = ..., stickerId: _Optional[int] = ..., data: _Optional[_Union[AttachmentPointer, _Mapping]] = ..., emoji: _Optional[str] = ...) -> None: ...
    class Reaction(_message.Message):
        __slots__ = ("emoji", "remove", "targetAuthorAci", "targetSentTimestamp", "targetAuthorAciBinary")
        EMOJI_FIELD_NUMBER: _ClassVar[int]
        REMOVE_FIELD_NUMBER: _ClassVar[int]
        TARGETAUTHORACI_FIELD_NUMBER: _ClassVar[int]
        TARGETSENTTIMESTAMP_FIELD_NUMBER: _ClassVar[int]
        TARGETAUTHORACIBINARY_FIELD_NUMBER: _ClassVar[int]
        emoji: str
        remove: bool
        targetAuthorAci: str
        targetSentTimestamp: int
        targetAuthorAciBinary: bytes
        def __init__(self, emoji: _Optional[str] = ..., remove: _Optional[bool] = ..., targetAuthorAci: _Optional[str] = ..., targetSentTimestamp: _Optional[int] = ..., targetAuthorAciBinary: _Optional[bytes] = ...) -> None: ...
    class Delete(_message.Message):
        __slots__ = ("targetSentTimestamp",)
        TARGETSENTTIMESTAMP_FIELD_NUMBER: _ClassVar[int]
        targetSentTimestamp: int
        def __init__(self, targetSentTimestamp: _Optional[int] = ...) -> None: ...
    class GroupCallUpdate(_message.Message):
        __slots__ = ("eraId",)
        ERAID_FIELD_NUMBER: _ClassVar[int]
        eraId: str
        def __init__(self, eraId: _Optional[str] = ...) -> None: ...
    class Payment(_message.Message):
        __slots__ = ("notification", "activation")
        class Amount(_message.Message):
            __slots__ = ("mobileCoin",)
            class MobileCoin(_message.Message):
                __slots__ = ("picoMob",)
                PICOMOB_FIELD_NUMBER: _ClassVar[int]
                picoMob: int
                def __init__(self, picoMob: _Optional[int] = ...) -> None: ...
            MOBILECOIN_FIELD_NUMBER: _ClassVar[int]
            mobileCoin: DataMessage.Payment.Amount.MobileCoin
            def __init__(self, mobileCoin: _Optional[_Union[DataMessage.Payment.Amount.MobileCoin, _Mapping]] = ...) -> None: ...
        class Notification(_message.Message):
            __slots__ = ("mobileCoin", "note")
            class MobileCoin(_message.Message):
                __slots__ = ("receipt",)
                RECEIPT_FIELD_NUMBER: _ClassVar[int]
                receipt: bytes
                def __init__(self, receipt: _Optional[bytes] = ...) -> None: ...
            MOBILECOIN_FIELD_NUMBER: _ClassVar[int]
            NOTE_FIELD_NUMBER: _ClassVar[int]
            mobileCoin: DataMessage.Payment.Notification.MobileCoin
            note: str
            def __init__(self, mobileCoin: _Optional[_Union[DataMessage.Payment.Notification.MobileCoin, _Mapping]] = ..., note: _Optional[str] = ...) -> None: ...
        class Activation(_message.Message):
            __slots__ = ("type",)
            TYPE_FIELD_NUMBER: _ClassVar[int]
            type: int
            def __init__(self, type: _Optional[int] = ...) -> None: ...
        NOTIFICATION_FIELD_NUMBER: _ClassVar[int]
        ACTIVATION_FIELD_NUMBER: _ClassVar[int]
        notification: DataMessage.Payment.Notification
        activation: DataMessage.Payment.Activation
        def __init__(self, notification: _Optional[_Union[DataMessage.Payment.Notification, _Mapping]] = ..., activation: _Optional[_Union[DataMessage.Payment.Activation, _Mapping]] = ...) -> None: ...
    class StoryContext(_message.Message):
        __slots__ = ("authorAci", "sentTimestamp", "authorAciBinary")
        AUTHORACI_FIELD_NUMBER: _ClassVar[int]
        SENTTIMESTAMP_FIELD_NUMBER: _ClassVar[int]
        AUTHORACIBINARY_FIELD_NUMBER: _ClassVar[int]
        authorAci: str
        sentTimestamp: int
        authorAciBinary: bytes
        def __init__(self, authorAci: _Optional[str] = ..., sentTimestamp: _Optional[int] = ..., authorAciBinary: _Optional[bytes] = ...) -> None: ...
    class GiftBadge(_message.Message):
        __slots__ = ("receiptCredentialPresentation",)
        RECEIPTCREDENTIALPRESENTATION_FIELD_NUMBER: _ClassVar[int]
        receiptCredentialPresentation: bytes
        def __init__(self, receiptCredentialPresentation: _Optional[bytes] = ...) -> None: ...
    class PollCreate(_message.Message):
        __slots__ = ("question", "allowMultiple", "options")
        QUESTION_FIELD_NUMBER: _ClassVar[int]
        ALLOWMULTIPLE_FIELD_NUMBER: _ClassVar[int]
        OPTIONS_FIELD_NUMBER: _ClassVar[int]
        question: str
        allowMultiple: bool
        options: _containers.RepeatedScalarFieldContainer[str]
        def __init__(self, question: _Optional[str] = ..., allowMultiple: _Optional[bool] = ..., options: _Optional[_Iterable[str]] = ...) -> None: ...
    class PollTerminate(_message.Message):
        __slots__ = ("targetSentTimestamp",)
        TARGETSENTTIMESTAMP_FIELD_NUMBER: _ClassVar[int]
        targetSentTimestamp: int
        def __init__(self, targetSentTimestamp: _Optional[int] = ...) -> None: ...
    class PollVote(_message.Message):
        __slots__ = ("targetAuthorAciBinary", "targetSentTimestamp", "optionIndexes", "voteCount")
        TARGETAUTHORACIBINARY_FIELD_NUMBER: _ClassVar[int]
        TARGETSENTTIMESTAMP_FIELD_NUMBER: _ClassVar[int]
        OPTIONINDEXES_FIELD_NUMBER: _ClassVar[int]
        VOTECOUNT_FIELD_NUMBER: _ClassVar[int]
        targetAuthorAciBinary: bytes
        targetSentTimestamp: int
        optionIndexes: _containers.RepeatedScalarFieldContainer[int]
        voteCount: int
        def __init__(self, targetAuthorAciBinary: _Optional[bytes] = ..., targetSentTimestamp: _Optional[int] = ..., optionIndexes: _Optional[_Iterable[int]] = ..., voteCount: _Optional[int] = ...) -> None: ...
    class PinMessage(_message.Message):
        __slots__ = ("targetAuthorAciBinary", "targetSentTimestamp", "pinDurationSeconds", "pinDurationForever")
        TARGETAUTHORACIBINARY_FIELD_NUMBER: _ClassVar[int]
        TARGETSENTTIMESTAMP_FIELD_NUMBER: _ClassVar[int]
        PINDURATIONSECONDS_FIELD_NUMBER: _ClassVar[int]
        PINDURATIONFOREVER_FIELD_NUMBER: _ClassVar[int]
        targetAuthorAciBinary: bytes
        targetSentTimestamp: int
        pinDurationSeconds: int
        pinDurationForever: bool
        def __init__(self, targetAuthorAciBinary: _Optional[bytes] = ..., targetSentTimestamp: _Optional[int] = ..., pinDurationSeconds: _Optional[int] = ..., pinDurationForever: _Optional[bool] = ...) -> None: ...
    class UnpinMessage(_message.Message):
        __slots__ = ("targetAuthorAciBinary", "targetSentTimestamp")
        TARGETAUTHORACIBINARY_FIELD_NUMBER: _ClassVar[int]
        TARGETSENTTIMESTAMP_FIELD_NUMBER: _ClassVar[int]
        targetAuthorAciBinary: bytes
        targetSentTimestamp: int
        def __init__(self, targetAuthorAciBinary: _Optional[bytes] = ..., targetSentTimestamp: _Optional[int] = ...) -> None: ...
    class AdminDelete(_message.Message):
        __slots__ = ("targetAuthorAciBinary", "targetSentTimestamp")
        TARGETAUTHORACIBINARY_FIELD_NUMBER: _ClassVar[int]
        TARGETSENTTIMESTAMP_FIELD_NUMBER: _ClassVar[int]
        targetAuthorAciBinary: bytes
        targetSentTimestamp: int
        def __init__(self, targetAuthorAciBinary: _Optional[bytes] = ..., targetSentTimestamp: _Optional[int] = ...) -> None: ...
    BODY_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    EXPIRETIMER_FIELD_NUMBER: _ClassVar[int]
    PROFILEKEY_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    QUOTE_FIELD_NUMBER: _ClassVar[int]
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    PREVIEW_FIELD_NUMBER: _ClassVar[int]
    STICKER_FIELD_NUMBER: _ClassVar[int]
    REQUIREDPROTOCOLVERSION_FIELD_NUMBER: _ClassVar[int]
    ISVIEWONCE_FIELD_NUMBER: _ClassVar[int]
    GROUPV2_FIELD_NUMBER: _ClassVar[int]
    REACTION_FIELD_NUMBER: _ClassVar[int]
    DELETE_FIELD_NUMBER: _ClassVar[int]
    BODYRANGES_FIELD_NUMBER: _ClassVar[int]
    GROUPCALLUPDATE_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_FIELD_NUMBER: _ClassVar[int]
    STORYCONTEXT_FIELD_NUMBER: _ClassVar[int]
    GIFTBADGE_FIELD_NUMBER: _ClassVar[int]
    EXPIRETIMERVERSION_FIELD_NUMBER: _ClassVar[int]
    POLLCREATE_FIELD_NUMBER: _ClassVar[int]
    POLLTERMINATE_FIELD_NUMBER: _ClassVar[int]
    POLLVOTE_FIELD_NUMBER: _ClassVar[int]
    PINMESSAGE_FIELD_NUMBER: _ClassVar[int]
    UNPINMESSAGE_FIELD_NUMBER: _ClassVar[int]
    ADMINDELETE_FIELD_NUMBER: _ClassVar[int]
    body: str
    attachments: _containers.RepeatedCompositeFieldContainer[AttachmentPointer]
    flags: int
    expireTimer: int
    profileKey: bytes
    timestamp: int
    quote: DataMessage.Quote
    contact: _containers.RepeatedCompositeFieldContainer[DataMessage.Contact]
    preview: _containers.RepeatedCompositeFieldContainer[Preview]
    sticker: DataMessage.Sticker
    requiredProtocolVersion: int
    isViewOnce: bool
    groupV2: GroupContextV2
    reaction: DataMessage.Reaction
    delete: DataMessage.Delete
    bodyRanges: _containers.RepeatedCompositeFieldContainer[BodyRange]
    groupCallUpdate: DataMessage.GroupCallUpdate
    payment: DataMessage.Payment
    storyContext: DataMessage.StoryContext
    giftBadge: DataMessage.GiftBadge
    expireTimerVersion: int
    pollCreate: DataMessage.PollCreate
    pollTerminate: DataMessage.PollTerminate
    pollVote: DataMessage.PollVote
    pinMessage: DataMessage.PinMessage
    unpinMessage: DataMessage.UnpinMessage
    adminDelete: DataMessage.AdminDelete
    def __init__(self, body: _Optional[str] = ..., attachments: _Optional[_Iterable[_Union[AttachmentPointer, _Mapping]]] = ..., flags: _Optional[int] = ..., expireTimer: _Optional[int] = ..., profileKey: _Optional[bytes] = ..., timestamp: _Optional[int] = ..., quote: _Optional[_Union[DataMessage.Quote, _Mapping]] = ..., contact: _Optional[_Iterable[_Union[DataMessage.Contact, _Mapping]]] = ..., preview: _Optional[_Iterable[_Union[Preview, _Mapping]]] = ..., sticker: _Optional[_Union[DataMessage.Sticker, _Mapping]] = ..., requiredProtocolVersion: _Optional[int] = ..., isViewOnce: _Optional[bool] = ..., groupV2: _Optional[_Union[GroupContextV2, _Mapping]] = ..., reaction: _Optional[_Union[DataMessage.Reaction, _Mapping]] = ..., delete: _Optional[_Union[DataMessage.Delete, _Mapping]] = ..., bodyRanges: _Optional[_Iterable[_Union[BodyRange, _Mapping]]] = ..., groupCallUpdate: _Optional[_Union[DataMessage.GroupCallUpdate, _Mapping]] = ..., payment: _Optional[_Union[DataMessage.Payment, _Mapping]] = ..., storyContext: _Optional[_Union[DataMessage.StoryContext, _Mapping]] = ..., giftBadge: _Optional[_Union[DataMessage.GiftBadge, _Mapping]] = ..., expireTimerVersion: _Optional[int] = ..., pollCreate: _Optional[_Union[DataMessage.PollCreate, _Mapping]] = ..., pollTerminate: _Optional[_Union[DataMessage.PollTerminate, _Mapping]] = ..., pollVote: _Optional[_Union[DataMessage.PollVote, _Mapping]] = ..., pinMessage: _Optional[_Union[DataMessage.PinMessage, _Mapping]] = ..., unpinMessage: _Optional[_Union[DataMessage.UnpinMessage, _Mapping]] = ..., adminDelete: _Optional[_Union[DataMessage.AdminDelete, _Mapping]] = ...) -> None: ...

class TextAttachment(_message.Message):
    __slots__ = ("text", "textStyle", "textForegroundColor", "textBackgroundColor", "preview", "gradient", "color")
    class Gradient(_message.Message):
        __slots__ = ("startColor", "endColor", "angle", "colors", "positions")
        STARTCOLOR_FIELD_NUMBER: _ClassVar[int]
        ENDCOLOR_FIELD_NUMBER: _ClassVar[int]
        ANGLE_FIELD_NUMBER: _ClassVar[int]
        COLORS_FIELD_NUMBER: _ClassVar[int]
        POSITIONS_FIELD_NUMBER: _ClassVar[int]
        startColor: int
        endColor: int
        angle: int
        colors: _containers.RepeatedScalarFieldContainer[int]
        positions: _containers.RepeatedScalarFieldContainer[float]
        def __init__(self, startColor: _Optional[int] = ..., endColor: _Optional[int] = ..., angle: _Optional[int] = ..., colors: _Optional[_Iterable[int]] = ..., positions: _Optional[_Iterable[float]] = ...) -> None: ...
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TEXTSTYLE_FIELD_NUMBER: _ClassVar[int]
    TEXTFOREGROUNDCOLOR_FIELD_NUMBER: _ClassVar[int]
    TEXTBACKGROUNDCOLOR_FIELD_NUMBER: _ClassVar[int]
    PREVIEW_FIELD_NUMBER: _ClassVar[int]
    GRADIENT_FIELD_NUMBER: _ClassVar[int]
    COLOR_FIELD_NUMBER: _ClassVar[int]
    text: str
    textStyle: int
    textForegroundColor: int
    textBackgroundColor: int
    preview: Preview
    gradient: TextAttachment.Gradient
    color: int
    def __init__(self, text: _Optional[str] = ..., textStyle: _Optional[int] = ..., textForegroundColor: _Optional[int] = ..., textBackgroundColor: _Optional[int] = ..., preview: _Optional[_Union[Preview, _Mapping]] = ..., gradient: _Optional[_Union[TextAttachment.Gradient, _Mapping]] = ..., color: _Optional[int] = ...) -> None: ...

class StoryMessage(_message.Message):
    __slots__ = ("profileKey", "group", "fileAttachment", "textAttachment", "allowsReplies", "bodyRanges")
    PROFILEKEY_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    FILEATTACHMENT_FIELD_NUMBER: _ClassVar[int]
    TEXTATTACHMENT_FIELD_NUMBER: _ClassVar[int]
    ALLOWSREPLIES_FIELD_NUMBER: _ClassVar[int]
    BODYRANGES_FIELD_NUMBER: _ClassVar[int]
    profileKey: bytes
    group: GroupContextV2
    fileAttachment: AttachmentPointer
    textAttachment: TextAttachment
    allowsReplies: bool
    bodyRanges: _containers.RepeatedCompositeFieldContainer[BodyRange]
    def __init__(self, profileKey: _Optional[bytes] = ..., group: _Optional[_Union[GroupContextV2, _Mapping]] = ..., fileAttachment: _Optional[_Union[AttachmentPointer, _Mapping]] = ..., textAttachment: _Optional[_Union[TextAttachment, _Mapping]] = ..., allowsReplies: _Optional[bool] = ..., bodyRanges: _Optional[_Iterable[_Union[BodyRange, _Mapping]]] = ...) -> None: ...

class CallMessage(_message.Message):
    __slots__ = ("offer", "answer", "iceUpdate", "busy", "hangup", "destinationDeviceId", "opaque")
    class Offer(_message.Message):
        __slots__ = ("id", "type", "opaque")
        ID_FIELD_NUMBER: _ClassVar[int]
        TYPE_FIELD_NUMBER: _ClassVar[int]
        OPAQUE_FIELD_NUMBER: _ClassVar[int]
        id: int
        type: int
        opaque: bytes
        def __init__(self, id: _Optional[int] = ..., type: _Optional[int] = ..., opaque: _Optional[bytes] = ...) -> None: ...
    class Answer(_message.Message):
        __slots__ = ("id", "opaque")
        ID_FIELD_NUMBER: _ClassVar[int]
        OPAQUE_FIELD_NUMBER: _ClassVar[int]
        id: int
        opaque: bytes
        def __init__(self, id: _Optional[int] = ..., opaque: _Optional[bytes] = ...) -> None: ...
    class IceUpdate(_message.Message):
        __slots__ = ("id", "opaque")
        ID_FIELD_NUMBER: _ClassVar[int]
        OPAQUE_FIELD_NUMBER: _ClassVar[int]
        id: int
        opaque: bytes
        def __init__(self, id: _Optional[int] = ..., opaque: _Optional[bytes] = ...) -> None: ...
    class Busy(_message.Message):
        __slots__ = ("id",)
        ID_FIELD_NUMBER: _ClassVar[int]
        id: int
        def __init__(self, id: _Optional[int] = ...) -> None: ...
    class Hangup(_message.Message):
        __slots__ = ("id", "type", "deviceId")
        ID_FIELD_NUMBER: _ClassVar[int]
        TYPE_FIELD_NUMBER: _ClassVar[int]
        DEVICEID_FIELD_NUMBER: _ClassVar[int]
        id: int
        type: int
        deviceId: int
        def __init__(self, id: _Optional[int] = ..., type: _Optional[int] = ..., deviceId: _Optional[int] = ...) -> None: ...
    class Opaque(_message.Message):
        __slots__ = ("data", "urgency")
        DATA_FIELD_NUMBER: _ClassVar[int]
        URGENCY_FIELD_NUMBER: _ClassVar[int]
        data: bytes
        urgency: int
        def __init__(self, data: _Optional[bytes] = ..., urgency: _Optional[int] = ...) -> None: ...
    OFFER_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    ICEUPDATE_FIELD_NUMBER: _ClassVar[int]
    BUSY_FIELD_NUMBER: _ClassVar[int]
    HANGUP_FIELD_NUMBER: _ClassVar[int]
    DESTINATIONDEVICEID_FIELD_NUMBER: _ClassVar[int]
    OPAQUE_FIELD_NUMBER: _ClassVar[int]
    offer: CallMessage.Offer
    answer: CallMessage.Answer
    iceUpdate: _containers.RepeatedCompositeFieldContainer[CallMessage.IceUpdate]
    busy: CallMessage.Busy
    hangup: CallMessage.Hangup
    destinationDeviceId: int
    opaque: CallMessage.Opaque
    def __init__(self, offer: _Optional[_Union[CallMessage.Offer, _Mapping]] = ..., answer: _Optional[_Union[CallMessage.Answer, _Mapping]] = ..., iceUpdate: _Optional[_Iterable[_Union[CallMessage.IceUpdate, _Mapping]]] = ..., busy: _Optional[_Union[CallMessage.Busy, _Mapping]] = ..., hangup: _Optional[_Union[CallMessage.Hangup, _Mapping]] = ..., destinationDeviceId: _Optional[int] = ..., opaque: _Optional[_Union[CallMessage.Opaque, _Mapping]] = ...) -> None: ...

class Verified(_message.Message):
    __slots__ = ("identityKey", "state", "nullMessage", "destinationAci", "destinationAciBinary")
    IDENTITYKEY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    NULLMESSAGE_FIELD_NUMBER: _ClassVar[int]
    DESTINATIONACI_FIELD_NUMBER: _ClassVar[int]
    DESTINATIONACIBINARY_FIELD_NUMBER: _ClassVar[int]
    identityKey: bytes
    state: int
    nullMessage: bytes
    destinationAci: str
    destinationAciBinary: bytes
    def __init__(self, identityKey: _Optional[bytes] = ..., state: _Optional[int] = ..., nullMessage: _Optional[bytes] = ..., destinationAci: _Optional[str] = ..., destinationAciBinary: _Optional[bytes] = ...) -> None: ...

class AddressableMessage(_message.Message):
    __slots__ = ("authorServiceId", "authorE164", "authorServiceIdBinary", "sentTimestamp")
    AUTHORSERVICEID_FIELD_NUMBER: _ClassVar[int]
    AUTHORE164_FIELD_NUMBER: _ClassVar[int]
    AUTHORSERVICEIDBINARY_FIELD_NUMBER: _ClassVar[int]
    SENTTIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    authorServiceId: str
    authorE164: str
    authorServiceIdBinary: bytes
    sentTimestamp: int
    def __init__(self, authorServiceId: _Optional[str] = ..., authorE164: _Optional[str] = ..., authorServiceIdBinary: _Optional[bytes] = ..., sentTimestamp: _Optional[int] = ...) -> None: ...

class ConversationIdentifier(_message.Message):
    __slots__ = ("threadServiceId", "threadGroupId", "threadE164", "threadServiceIdBinary")
    THREADSERVICEID_FIELD_NUMBER: _ClassVar[int]
    THREADGROUPID_FIELD_NUMBER: _ClassVar[int]
    THREADE164_FIELD_NUMBER: _ClassVar[int]
    THREADSERVICEIDBINARY_FIELD_NUMBER: _ClassVar[int]
    threadServiceId: str
    threadGroupId: bytes
    threadE164: str
    threadServiceIdBinary: bytes
    def __init__(self, threadServiceId: _Optional[str] = ..., threadGroupId: _Optional[bytes] = ..., threadE164: _Optional[str] = ..., threadServiceIdBinary: _Optional[bytes] = ...) -> None: ...

class SyncMessage(_message.Message):
    __slots__ = ("sent", "contacts", "request", "blocked", "verified", "configuration", "viewOnceOpen", "fetchLatest", "keys", "messageRequestResponse", "outgoingPayment", "pniChangeNumber", "callEvent", "callLinkUpdate", "callLogEvent", "deleteForMe", "deviceNameChange", "attachmentBackfillRequest", "attachmentBackfillResponse", "usernameChange", "read", "padding", "stickerPackOperation", "viewed")
    class Sent(_message.Message):
        __slots__ = ("destinationE164", "timestamp", "message", "expirationStartTimestamp", "unidentifiedStatus", "isRecipientUpdate", "destinationServiceId", "storyMessage", "storyMessageRecipients", "editMessage", "destinationServiceIdBinary")
        class UnidentifiedDeliveryStatus(_message.Message):
            __slots__ = ("unidentified", "destinationServiceId", "destinationPniIdentityKey", "destinationServiceIdBinary")
            UNIDENTIFIED_FIELD_NUMBER: _ClassVar[int]
            DESTINATIONSERVICEID_FIELD_NUMBER: _ClassVar[int]
            DESTINATIONPNIIDENTITYKEY_FIELD_NUMBER: _ClassVar[int]
            DESTINATIONSERVICEIDBINARY_FIELD_NUMBER: _ClassVar[int]
            unidentified: bool
            destinationServiceId: str
            destinationPniIdentityKey: bytes
            destinationServiceIdBinary: bytes
            def __init__(self, unidentified: _Optional[bool] = ..., destinationServiceId: _Optional[str] = ..., destinationPniIdentityKey: _Optional[bytes] = ..., destinationServiceIdBinary: _Optional[bytes] = ...) -> None: ...
        class StoryMessageRecipient(_message.Message):
            __slots__ = ("destinationServiceId", "distributionListIds", "isAllowedToReply", "destinationServiceIdBinary")
            DESTINATIONSERVICEID_FIELD_NUMBER: _ClassVar[int]
            DISTRIBUTIONLISTIDS_FIELD_NUMBER: _ClassVar[int]
            ISALLOWEDTOREPLY_FIELD_NUMBER: _ClassVar[int]
            DESTINATIONSERVICEIDBINARY_FIELD_NUMBER: _ClassVar[int]
            destinationServiceId: str
            distributionListIds: _containers.RepeatedScalarFieldContainer[str]
            isAllowedToReply: bool
            destinationServiceIdBinary: bytes
            def __init__(self, destinationServiceId: _Optional[str] = ..., distributionListIds: _Optional[_Iterable[str]] = ..., isAllowedToReply: _Optional[bool] = ..., destinationServiceIdBinary: _Optional[bytes] = ...) -> None: ...
        DESTINATIONE164_FIELD_NUMBER: _ClassVar[int]
        TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
        MESSAGE_FIELD_NUMBER: _ClassVar[int]
        EXPIRATIONSTARTTIMESTAMP_FIELD_NUMBER: _ClassVar[int]
        UNIDENTIFIEDSTATUS_FIELD_NUMBER: _ClassVar[int]
        ISRECIPIENTUPDATE_FIELD_NUMBER: _ClassVar[int]
        DESTINATIONSERVICEID_FIELD_NUMBER: _ClassVar[int]
        STORYMESSAGE_FIELD_NUMBER: _ClassVar[int]
        STORYMESSAGERECIPIENTS_FIELD_NUMBER: _ClassVar[int]
        EDITMESSAGE_FIELD_NUMBER: _ClassVar[int]
        DESTINATIONSERVICEIDBINARY_FIELD_NUMBER: _ClassVar[int]
        destinationE164: str
        timestamp: int
        message: DataMessage
        expirationStartTimestamp: int
        unidentifiedStatus: _containers.RepeatedCompositeFieldContainer[SyncMessage.Sent.UnidentifiedDeliveryStatus]
        isRecipientUpdate: bool
        destinationServiceId: str
        storyMessage: StoryMessage
        storyMessageRecipients: _containers.RepeatedCompositeFieldContainer[SyncMessage.Sent.StoryMessageRecipient]
        editMessage: EditMessage
        destinationServiceIdBinary: bytes
        def __init__(self, destinationE164: _Optional[str] = ..., timestamp: _Optional[int] = ..., message: _Optional[_Union[DataMessage, _Mapping]] = ..., expirationStartTimestamp: _Optional[int] = ..., unidentifiedStatus: _Optional[_Iterable[_Union[SyncMessage.Sent.UnidentifiedDeliveryStatus, _Mapping]]] = ..., isRecipientUpdate: _Optional[bool] = ..., destinationServiceId: _Optional[str] = ..., storyMessage: _Optional[_Union[StoryMessage, _Mapping]] = ..., storyMessageRecipients: _Optional[_Iterable[_Union[SyncMessage.Sent.StoryMessageRecipient, _Mapping]]] = ..., editMessage: _Optional[_Union[EditMessage, _Mapping]] = ..., destinationServiceIdBinary: _Optional[bytes] = ...) -> None: ...
    class Contacts(_message.Message):
        __slots__ = ("blob", "complete")
        BLOB_FIELD_NUMBER: _ClassVar[int]
        COMPLETE_FIELD_NUMBER: _ClassVar[int]
        blob: AttachmentPointer
        complete: bool
        def __init__(self, blob: _Optional[_Union[AttachmentPointer, _Mapping]] = ..., complete: _Optional[bool] = ...) -> None: ...
    class Blocked(_message.Message):
        __slots__ = ("numbers", "groupIds", "acis", "acisBinary")
        NUMBERS_FIELD_NUMBER: _ClassVar[int]
        GROUPIDS_FIELD_NUMBER: _ClassVar[int]
        ACIS_FIELD_NUMBER: _ClassVar[int]
        ACISBINARY_FIELD_NUMBER: _ClassVar[int]
        numbers: _containers.RepeatedScalarFieldContainer[str]
        groupIds: _containers.RepeatedScalarFieldContainer[bytes]
        acis: _containers.RepeatedScalarFieldContainer[str]
        acisBinary: _containers.RepeatedScalarFieldContainer[bytes]
        def __init__(self, numbers: _Optional[_Iterable[str]] = ..., groupIds: _Optional[_Iterable[bytes]] = ..., acis: _Optional[_Iterable[str]] = ..., acisBinary: _Optional[_Iterable[bytes]] = ...) -> None: ...
    class Request(_message.Message):
        __slots__ = ("type",)
        TYPE_FIELD_NUMBER: _ClassVar[int]
        type: int
        def __init__(self, type: _Optional[int] = ...) -> None: ...
    class Read(_message.Message):
        __slots__ = ("timestamp", "senderAci", "senderAciBinary")
        TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
        SENDERACI_FIELD_NUMBER: _ClassVar[int]
        SENDERACIBINARY_FIELD_NUMBER: _ClassVar[int]
        timestamp: int
        senderAci: str
        senderAciBinary: bytes
        def __init__(self, timestamp: _Optional[int] = ..., senderAci: _Optional[str] = ..., senderAciBinary: _Optional[bytes] = ...) -> None: ...
    class Viewed(_message.Message):
        __slots__ = ("timestamp", "senderAci", "senderAciBinary")
        TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
        SENDERACI_FIELD_NUMBER: _ClassVar[int]
        SENDERACIBINARY_FIELD_NUMBER: _ClassVar[int]
        timestamp: int
        senderAci: str
        senderAciBinary: bytes
        def __init__(self, timestamp: _Optional[int] = ..., senderAci: _Optional[str] = ..., senderAciBinary: _Optional[bytes] = ...) -> None: ...
    class Configuration(_message.Message):
        __slots__ = ("readReceipts", "unidentifiedDeliveryIndicators", "typingIndicators", "linkPreviews")
        READRECEIPTS_FIELD_NUMBER: _ClassVar[int]
        UNIDENTIFIEDDELIVERYINDICATORS_FIELD_NUMBER: _ClassVar[int]
        TYPINGINDICATORS_FIELD_NUMBER: _ClassVar[int]
        LINKPREVIEWS_FIELD_NUMBER: _ClassVar[int]
        readReceipts: bool
        unidentifiedDeliveryIndicators: bool
        typingIndicators: bool
        linkPreviews: bool
        def __init__(self, readReceipts: _Optional[bool] = ..., unidentifiedDeliveryIndicators: _Optional[bool] = ..., typingIndicators: _Optional[bool] = ..., linkPreviews: _Optional[bool] = ...) -> None: ...
    class StickerPackOperation(_message.Message):
        __slots__ = ("packId", "packKey", "type")
        PACKID_FIELD_NUMBER: _ClassVar[int]
        PACKKEY_FIELD_NUMBER: _ClassVar[int]
        TYPE_FIELD_NUMBER: _ClassVar[int]
        packId: bytes
        packKey: bytes
        type: int
        def __init__(self, packId: _Optional[bytes] = ..., packKey: _Optional[bytes] = ..., type: _Optional[int] = ...) -> None: ...
    class ViewOnceOpen(_message.Message):
        __slots__ = ("timestamp", "senderAci", "senderAciBinary")
        TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
        SENDERACI_FIELD_NUMBER: _ClassVar[int]
        SENDERACIBINARY_FIELD_NUMBER: _ClassVar[int]
        timestamp: int
        senderAci: str
        senderAciBinary: bytes
        def __init__(self, timestamp: _Optional[int] = ..., senderAci: _Optional[str] = ..., senderAciBinary: _Optional[bytes] = ...) -> None: ...
    class FetchLatest(_message.Message):
        __slots__ = ("type",)
        TYPE_FIELD_NUMBER: _ClassVar[int]
        type: int
        def __init__(self, type: _Optional[int] = ...) -> None: ...
    class Keys(_message.Message):
        __slots__ = ("master", "accountEntropyPool", "mediaRootBackupKey")
        MASTER_FIELD_NUMBER: _ClassVar[int]
        ACCOUNTENTROPYPOOL_FIELD_NUMBER: _ClassVar[int]
        MEDIAROOTBACKUPKEY_FIELD_NUMBER: _ClassVar[int]
        master: bytes
        accountEntropyPool: str
        mediaRootBackupKey: bytes
        def __init__(self, master: _Optional[bytes] = ..., accountEntropyPool: _Optional[str] = ..., mediaRootBackupKey: _Optional[bytes] = ...) -> None: ...
    class MessageRequestResponse(_message.Message):
        __slots__ = ("threadAci", "groupId", "type", "threadAciBinary")
        THREADACI_FIELD_NUMBER: _ClassVar[int]
        GROUPID_FIELD_NUMBER: _ClassVar[int]
        TYPE_FIELD_NUMBER: _ClassVar[int]
        THREADACIBINARY_FIELD_NUMBER: _ClassVar[int]
        threadAci: str
        groupId: bytes
        type: int
        threadAciBinary: bytes
        def __init__(self, threadAci: _Optional[str] = ..., groupId: _Optional[bytes] = ..., type: _Optional[int] = ..., threadAciBinary: _Optional[bytes] = ...) -> None: ...
    class OutgoingPayment(_message.Message):
        __slots__ = ("recipientServiceId", "note", "mobileCoin")
        class MobileCoin(_message.Message):
            __slots__ = ("recipientAddress", "amountPicoMob", "feePicoMob", "receipt", "ledgerBlockTimestamp", "ledgerBlockIndex", "spentKeyImages", "outputPublicKeys")
            RECIPIENTADDRESS_FIELD_NUMBER: _ClassVar[int]
            AMOUNTPICOMOB_FIELD_NUMBER: _ClassVar[int]
            FEEPICOMOB_FIELD_NUMBER: _ClassVar[int]
            RECEIPT_FIELD_NUMBER: _ClassVar[int]
            LEDGERBLOCKTIMESTAMP_FIELD_NUMBER: _ClassVar[int]
            LEDGERBLOCKINDEX_FIELD_NUMBER: _ClassVar[int]
            SPENTKEYIMAGES_FIELD_NUMBER: _ClassVar[int]
            OUTPUTPUBLICKEYS_FIELD_NUMBER: _ClassVar[int]
            recipientAddress: bytes
            amountPicoMob: int
            feePicoMob: int
            receipt: bytes
            ledgerBlockTimestamp: int
            ledgerBlockIndex: int
            spentKeyImages: _containers.RepeatedScalarFieldContainer[bytes]
            outputPublicKeys: _containers.RepeatedScalarFieldContainer[bytes]
            def __init__(self, recipientAddress: _Optional[bytes] = ..., amountPicoMob: _Optional[int] = ..., feePicoMob: _Optional[int] = ..., receipt: _Optional[bytes] = ..., ledgerBlockTimestamp: _Optional[int] = ..., ledgerBlockIndex: _Optional[int] = ..., spentKeyImages: _Optional[_Iterable[bytes]] = ..., outputPublicKeys: _Optional[_Iterable[bytes]] = ...) -> None: ...
        RECIPIENTSERVICEID_FIELD_NUMBER: _ClassVar[int]
        NOTE_FIELD_NUMBER: _ClassVar[int]
        MOBILECOIN_FIELD_NUMBER: _ClassVar[int]
        recipientServiceId: str
        note: str
        mobileCoin: SyncMessage.OutgoingPayment.MobileCoin
        def __init__(self, recipientServiceId: _Optional[str] = ..., note: _Optional[str] = ..., mobileCoin: _Optional[_Union[SyncMessage.OutgoingPayment.MobileCoin, _Mapping]] = ...) -> None: ...
    class PniChangeNumber(_message.Message):
        __slots__ = ("identityKeyPair", "signedPreKey", "registrationId", "newE164", "lastResortKyberPreKey")
        IDENTITYKEYPAIR_FIELD_NUMBER: _ClassVar[int]
        SIGNEDPREKEY_FIELD_NUMBER: _ClassVar[int]
        REGISTRATIONID_FIELD_NUMBER: _ClassVar[int]
        NEWE164_FIELD_NUMBER: _ClassVar[int]
        LASTRESORTKYBERPREKEY_FIELD_NUMBER: _ClassVar[int]
        identityKeyPair: bytes
        signedPreKey: bytes
        registrationId: int
        newE164: str
        lastResortKyberPreKey: bytes
        def __init__(self, identityKeyPair: _Optional[bytes] = ..., signedPreKey: _Optional[bytes] = ..., registrationId: _Optional[int] = ..., newE164: _Optional[str] = ..., lastResortKyberPreKey: _Optional[bytes] = ...) -> None: ...
    class CallEvent(_message.Message):
        __slots__ = ("conversationId", "callId", "timestamp", "type", "direction", "event")
        CONVERSATIONID_FIELD_NUMBER: _ClassVar[int]
        CALLID_FIELD_NUMBER: _ClassVar[int]
        TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
        TYPE_FIELD_NUMBER: _ClassVar[int]
        DIRECTION_FIELD_NUMBER: _ClassVar[int]
        EVENT_FIELD_NUMBER: _ClassVar[int]
        conversationId: bytes
        callId: int
        timestamp: int
        type: int
        direction: int
        event: int
        def __init__(self, conversationId: _Optional[bytes] = ..., callId: _Optional[int] = ..., timestamp: _Optional[int] = ..., type: _Optional[int] = ..., direction: _Optional[int] = ..., event: _Optional[int] = ...) -> None: ...
    class CallLinkUpdate(_message.Message):
        __slots__ = ("rootKey", "adminPasskey", "type")
        ROOTKEY_FIELD_NUMBER: _ClassVar[int]
        ADMINPASSKEY_FIELD_NUMBER: _ClassVar[int]
        TYPE_FIELD_NUMBER: _ClassVar[int]
        rootKey: bytes
        adminPasskey: bytes
        type: int
        def __init__(self, rootKey: _Optional[bytes] = ..., adminPasskey: _Optional[bytes] = ..., type: _Optional[int] = ...) -> None: ...
    class CallLogEvent(_message.Message):
        __slots__ = ("type", "timestamp", "conversationId", "callId")
        TYPE_FIELD_NUMBER: _ClassVar[int]
        TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
        CONVERSATIONID_FIELD_NUMBER: _ClassVar[int]
        CALLID_FIELD_NUMBER: _ClassVar[int]
        type: int
        timestamp: int
        conversationId: bytes
        callId: int
        def __init__(self, type: _Optional[int] = ..., timestamp: _Optional[int] = ..., conversationId: _Optional[bytes] = ..., callId: _Optional[int] = ...) -> None: ...
    class DeleteForMe(_message.Message):
        __slots__ = ("messageDeletes", "conversationDeletes", "localOnlyConversationDeletes", "attachmentDeletes")
        class MessageDeletes(_message.Message):
            __slots__ = ("conversation", "messages")
            CONVERSATION_FIELD_NUMBER: _ClassVar[int]
            MESSAGES_FIELD_NUMBER: _ClassVar[int]
            conversation: ConversationIdentifier
            messages: _containers.RepeatedCompositeFieldContainer[AddressableMessage]
            def __init__(self, conversation: _Optional[_Union[ConversationIdentifier, _Mapping]] = ..., messages: _Optional[_Iterable[_Union[AddressableMessage, _Mapping]]] = ...) -> None: ...
        class AttachmentDelete(_message.Message):
            __slots__ = ("conversation", "targetMessage", "clientUuid", "fallbackDigest", "fallbackPlaintextHash")
            CONVERSATION_FIELD_NUMBER: _ClassVar[int]
            TARGETMESSAGE_FIELD_NUMBER: _ClassVar[int]
            CLIENTUUID_FIELD_NUMBER: _ClassVar[int]
            FALLBACKDIGEST_FIELD_NUMBER: _ClassVar[int]
            FALLBACKPLAINTEXTHASH_FIELD_NUMBER: _ClassVar[int]
            conversation: ConversationIdentifier
            targetMessage: AddressableMessage
            clientUuid: bytes
            fallbackDigest: bytes
            fallbackPlaintextHash: bytes
            def __init__(self, conversation: _Optional[_Union[ConversationIdentifier, _Mapping]] = ..., targetMessage: _Optional[_Union[AddressableMessage, _Mapping]] = ..., clientUuid: _Optional[bytes] = ..., fallbackDigest: _Optional[bytes] = ..., fallbackPlaintextHash: _Optional[bytes] = ...) -> None: ...
        class ConversationDelete(_message.Message):
            __slots__ = ("conversation", "mostRecentMessages", "isFullDelete", "mostRecentNonExpiringMessages")
            CONVERSATION_FIELD_NUMBER: _ClassVar[int]
            MOSTRECENTMESSAGES_FIELD_NUMBER: _ClassVar[int]
            ISFULLDELETE_FIELD_NUMBER: _ClassVar[int]
            MOSTRECENTNONEXPIRINGMESSAGES_FIELD_NUMBER: _ClassVar[int]
            conversation: ConversationIdentifier
            mostRecentMessages: _containers.RepeatedCompositeFieldContainer[AddressableMessage]
            isFullDelete: bool
            mostRecentNonExpiringMessages: _containers.RepeatedCompositeFieldContainer[AddressableMessage]
            def __init__(self, conversation: _Optional[_Union[ConversationIdentifier, _Mapping]] = ..., mostRecentMessages: _Optional[_Iterable[_Union[AddressableMessage, _Mapping]]] = ..., isFullDelete: _Optional[bool] = ..., mostRecentNonExpiringMessages: _Optional[_Iterable[_Union[AddressableMessage, _Mapping]]] = ...) -> None: ...
        class LocalOnlyConversationDelete(_message.Message):
            __slots__ = ("conversation",)
            CONVERSATION_FIELD_NUMBER: _ClassVar[int]
            conversation: ConversationIdentifier
            def __init__(self, conversation: _Optional[_Union[ConversationIdentifier, _Mapping]] = ...) -> None: ...
        MESSAGEDELETES_FIELD_NUMBER: _ClassVar[int]
        CONVERSATIONDELETES_FIELD_NUMBER: _ClassVar[int]
        LOCALONLYCONVERSATIONDELETES_FIELD_NUMBER: _ClassVar[int]
        ATTACHMENTDELETES_FIELD_NUMBER: _ClassVar[int]
        messageDeletes: _containers.RepeatedCompositeFieldContainer[SyncMessage.DeleteForMe.MessageDeletes]
        conversationDeletes: _containers.RepeatedCompositeFieldContainer[SyncMessage.DeleteForMe.ConversationDelete]
        localOnlyConversationDeletes: _containers.RepeatedCompositeFieldContainer[SyncMessage.DeleteForMe.LocalOnlyConversationDelete]
        attachmentDeletes: _containers.RepeatedCompositeFieldContainer[SyncMessage.DeleteForMe.AttachmentDelete]
        def __init__(self, messageDeletes: _Optional[_Iterable[_Union[SyncMessage.DeleteForMe.MessageDeletes, _Mapping]]] = ..., conversationDeletes: _Optional[_Iterable[_Union[SyncMessage.DeleteForMe.ConversationDelete, _Mapping]]] = ..., localOnlyConversationDeletes: _Optional[_Iterable[_Union[SyncMessage.DeleteForMe.LocalOnlyConversationDelete, _Mapping]]] = ..., attachmentDeletes: _Optional[_Iterable[_Union[SyncMessage.DeleteForMe.AttachmentDelete, _Mapping]]] = ...) -> None: ...
    class DeviceNameChange(_message.Message):
        __slots__ = ("deviceId",)
        DEVICEID_FIELD_NUMBER: _ClassVar[int]
        deviceId: int
        def __init__(self, deviceId: _Optional[int] = ...) -> None: ...
    class AttachmentBackfillRequest(_message.Message):
        __slots__ = ("targetMessage", "targetConversation")
        TARGETMESSAGE_FIELD_NUMBER: _ClassVar[int]
        TARGETCONVERSATION_FIELD_NUMBER: _ClassVar[int]
        targetMessage: AddressableMessage
        targetConversation: ConversationIdentifier
        def __init__(self, targetMessage: _Optional[_Union[AddressableMessage, _Mapping]] = ..., targetConversation: _Optional[_Union[ConversationIdentifier, _Mapping]] = ...) -> None: ...
    class AttachmentBackfillResponse(_message.Message):
        __slots__ = ("targetMessage", "targetConversation", "attachments", "error")
        class AttachmentData(_message.Message):
            __slots__ = ("attachment", "status")
            ATTACHMENT_FIELD_NUMBER: _ClassVar[int]
            STATUS_FIELD_NUMBER: _ClassVar[int]
            attachment: AttachmentPointer
            status: int
            def __init__(self, attachment: _Optional[_Union[AttachmentPointer, _Mapping]] = ..., status: _Optional[int] = ...) -> None: ...
        class AttachmentDataList(_message.Message):
            __slots__ = ("attachments", "longText")
            ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
            LONGTEXT_FIELD_NUMBER: _ClassVar[int]
            attachments: _containers.RepeatedCompositeFieldContainer[SyncMessage.AttachmentBackfillResponse.AttachmentData]
            longText: SyncMessage.AttachmentBackfillResponse.AttachmentData
            def __init__(self, attachments: _Optional[_Iterable[_Union[SyncMessage.AttachmentBackfillResponse.AttachmentData, _Mapping]]] = ..., longText: _Optional[_Union[SyncMessage.AttachmentBackfillResponse.AttachmentData, _Mapping]] = ...) -> None: ...
        TARGETMESSAGE_FIELD_NUMBER: _ClassVar[int]
        TARGETCONVERSATION_FIELD_NUMBER: _ClassVar[int]
        ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
        ERROR_FIELD_NUMBER: _ClassVar[int]
        targetMessage: AddressableMessage
        targetConversation: ConversationIdentifier
        attachments: SyncMessage.AttachmentBackfillResponse.AttachmentDataList
        error: int
        def __init__(self, targetMessage: _Optional[_Union[AddressableMessage, _Mapping]] = ..., targetConversation: _Optional[_Union[ConversationIdentifier, _Mapping]] = ..., attachments: _Optional[_Union[SyncMessage.AttachmentBackfillResponse.AttachmentDataList, _Mapping]] = ..., error: _Optional[int] = ...) -> None: ...
    class UsernameChange(_message.Message):
        __slots__ = ()
        def __init__(self) -> None: ...
    SENT_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    BLOCKED_FIELD_NUMBER: _ClassVar[int]
    VERIFIED_FIELD_NUMBER: _ClassVar[int]
    CONFIGURATION_FIELD_NUMBER: _ClassVar[int]
    VIEWONCEOPEN_FIELD_NUMBER: _ClassVar[int]
    FETCHLATEST_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    MESSAGEREQUESTRESPONSE_FIELD_NUMBER: _ClassVar[int]
    OUTGOINGPAYMENT_FIELD_NUMBER: _ClassVar[int]
    PNICHANGENUMBER_FIELD_NUMBER: _ClassVar[int]
    CALLEVENT_FIELD_NUMBER: _ClassVar[int]
    CALLLINKUPDATE_FIELD_NUMBER: _ClassVar[int]
    CALLLOGEVENT_FIELD_NUMBER: _ClassVar[int]
    DELETEFORME_FIELD_NUMBER: _ClassVar[int]
    DEVICENAMECHANGE_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTBACKFILLREQUEST_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTBACKFILLRESPONSE_FIELD_NUMBER: _ClassVar[int]
    USERNAMECHANGE_FIELD_NUMBER: _ClassVar[int]
    READ_FIELD_NUMBER: _ClassVar[int]
    PADDING_FIELD_NUMBER: _ClassVar[int]
    STICKERPACKOPERATION_FIELD_NUMBER: _ClassVar[int]
    VIEWED_FIELD_NUMBER: _ClassVar[int]
    sent: SyncMessage.Sent
    contacts: SyncMessage.Contacts
    request: SyncMessage.Request
    blocked: SyncMessage.Blocked
    verified: Verified
    configuration: SyncMessage.Configuration
    viewOnceOpen: SyncMessage.ViewOnceOpen
    fetchLatest: SyncMessage.FetchLatest
    keys: SyncMessage.Keys
    messageRequestResponse: SyncMessage.MessageRequestResponse
    outgoingPayment: SyncMessage.OutgoingPayment
    pniChangeNumber: SyncMessage.PniChangeNumber
    callEvent: SyncMessage.CallEvent
    callLinkUpdate: SyncMessage.CallLinkUpdate
    callLogEvent: SyncMessage.CallLogEvent
    deleteForMe: SyncMessage.DeleteForMe
    deviceNameChange: SyncMessage.DeviceNameChange
    attachmentBackfillRequest: SyncMessage.AttachmentBackfillRequest
    attachmentBackfillResponse: SyncMessage.AttachmentBackfillResponse
    usernameChange: SyncMessage.UsernameChange
    read: _containers.RepeatedCompositeFieldContainer[SyncMessage.Read]
    padding: bytes
    stickerPackOperation: _containers.RepeatedCompositeFieldContainer[SyncMessage.StickerPackOperation]
    viewed: _containers.RepeatedCompositeFieldContainer[SyncMessage.Viewed]
    def __init__(self, sent: _Optional[_Union[SyncMessage.Sent, _Mapping]] = ..., contacts: _Optional[_Union[SyncMessage.Contacts, _Mapping]] = ..., request: _Optional[_Union[SyncMessage.Request, _Mapping]] = ..., blocked: _Optional[_Union[SyncMessage.Blocked, _Mapping]] = ..., verified: _Optional[_Union[Verified, _Mapping]] = ..., configuration: _Optional[_Union[SyncMessage.Configuration, _Mapping]] = ..., viewOnceOpen: _Optional[_Union[SyncMessage.ViewOnceOpen, _Mapping]] = ..., fetchLatest: _Optional[_Union[SyncMessage.FetchLatest, _Mapping]] = ..., keys: _Optional[_Union[SyncMessage.Keys, _Mapping]] = ..., messageRequestResponse: _Optional[_Union[SyncMessage.MessageRequestResponse, _Mapping]] = ..., outgoingPayment: _Optional[_Union[SyncMessage.OutgoingPayment, _Mapping]] = ..., pniChangeNumber: _Optional[_Union[SyncMessage.PniChangeNumber, _Mapping]] = ..., callEvent: _Optional[_Union[SyncMessage.CallEvent, _Mapping]] = ..., callLinkUpdate: _Optional[_Union[SyncMessage.CallLinkUpdate, _Mapping]] = ..., callLogEvent: _Optional[_Union[SyncMessage.CallLogEvent, _Mapping]] = ..., deleteForMe: _Optional[_Union[SyncMessage.DeleteForMe, _Mapping]] = ..., deviceNameChange: _Optional[_Union[SyncMessage.DeviceNameChange, _Mapping]] = ..., attachmentBackfillRequest: _Optional[_Union[SyncMessage.AttachmentBackfillRequest, _Mapping]] = ..., attachmentBackfillResponse: _Optional[_Union[SyncMessage.AttachmentBackfillResponse, _Mapping]] = ..., usernameChange: _Optional[_Union[SyncMessage.UsernameChange, _Mapping]] = ..., read: _Optional[_Iterable[_Union[SyncMessage.Read, _Mapping]]] = ..., padding: _Optional[bytes] = ..., stickerPackOperation: _Optional[_Iterable[_Union[SyncMessage.StickerPackOperation, _Mapping]]] = ..., viewed: _Optional[_Iterable[_Union[SyncMessage.Viewed, _Mapping]]] = ...) -> None: ...

class ContactDetails(_message.Message):
    __slots__ = ("number", "name", "avatar", "expireTimer", "aci", "inboxPosition", "expireTimerVersion", "aciBinary")
    class Avatar(_message.Message):
        __slots__ = ("contentType", "length")
        CONTENTTYPE_FIELD_NUMBER: _ClassVar[int]
        LENGTH_FIELD_NUMBER: _ClassVar[int]
        contentType: str
        length: int
        def __init__(self, contentType: _Optional[str] = ..., length: _Optional[int] = ...) -> None: ...
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    AVATAR_FIELD_NUMBER: _ClassVar[int]
    EXPIRETIMER_FIELD_NUMBER: _ClassVar[int]
    ACI_FIELD_NUMBER: _ClassVar[int]
    INBOXPOSITION_FIELD_NUMBER: _ClassVar[int]
    EXPIRETIMERVERSION_FIELD_NUMBER: _ClassVar[int]
    ACIBINARY_FIELD_NUMBER: _ClassVar[int]
    number: str
    name: str
    avatar: ContactDetails.Avatar
    expireTimer: int
    aci: str
    inboxPosition: int
    expireTimerVersion: int
    aciBinary: bytes
    def __init__(self, number: _Optional[str] = ..., name: _Optional[str] = ..., avatar: _Optional[_Union[ContactDetails.Avatar, _Mapping]] = ..., expireTimer: _Optional[int] = ..., aci: _Optional[str] = ..., inboxPosition: _Optional[int] = ..., expireTimerVersion: _Optional[int] = ..., aciBinary: _Optional[bytes] = ...) -> None: ...

class PaymentAddress(_message.Message):
    __slots__ = ("mobileCoin",)
    class MobileCoin(_message.Message):
        __slots__ = ("publicAddress", "signature")
        PUBLICADDRESS_FIELD_NUMBER: _ClassVar[int]
        SIGNATURE_FIELD_NUMBER: _ClassVar[int]
        publicAddress: bytes
        signature: bytes
        def __init__(self, publicAddress: _Optional[bytes] = ..., signature: _Optional[bytes] = ...) -> None: ...
    MOBILECOIN_FIELD_NUMBER: _ClassVar[int]
    mobileCoin: PaymentAddress.MobileCoin
    def __init__(self, mobileCoin: _Optional[_Union[PaymentAddress.MobileCoin, _Mapping]] = ...) -> None: ...
