from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AvatarUploadAttributes(_message.Message):
    __slots__ = ("key", "credential", "acl", "algorithm", "date", "policy", "signature")
    KEY_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    ACL_FIELD_NUMBER: _ClassVar[int]
    ALGORITHM_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    key: str
    credential: str
    acl: str
    algorithm: str
    date: str
    policy: str
    signature: str
    def __init__(self, key: _Optional[str] = ..., credential: _Optional[str] = ..., acl: _Optional[str] = ..., algorithm: _Optional[str] = ..., date: _Optional[str] = ..., policy: _Optional[str] = ..., signature: _Optional[str] = ...) -> None: ...

class Member(_message.Message):
    __slots__ = ("userId", "role", "profileKey", "presentation", "joinedAtVersion", "labelEmoji", "labelString")
    USERID_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    PROFILEKEY_FIELD_NUMBER: _ClassVar[int]
    PRESENTATION_FIELD_NUMBER: _ClassVar[int]
    JOINEDATVERSION_FIELD_NUMBER: _ClassVar[int]
    LABELEMOJI_FIELD_NUMBER: _ClassVar[int]
    LABELSTRING_FIELD_NUMBER: _ClassVar[int]
    userId: bytes
    role: int
    profileKey: bytes
    presentation: bytes
    joinedAtVersion: int
    labelEmoji: bytes
    labelString: bytes
    def __init__(self, userId: _Optional[bytes] = ..., role: _Optional[int] = ..., profileKey: _Optional[bytes] = ..., presentation: _Optional[bytes] = ..., joinedAtVersion: _Optional[int] = ..., labelEmoji: _Optional[bytes] = ..., labelString: _Optional[bytes] = ...) -> None: ...

class MemberPendingProfileKey(_message.Message):
    __slots__ = ("member", "addedByUserId", "timestamp")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    ADDEDBYUSERID_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    member: Member
    addedByUserId: bytes
    timestamp: int
    def __init__(self, member: _Optional[_Union[Member, _Mapping]] = ..., addedByUserId: _Optional[bytes] = ..., timestamp: _Optional[int] = ...) -> None: ...

class MemberPendingAdminApproval(_message.Message):
    __slots__ = ("userId", "profileKey", "presentation", "timestamp")
    USERID_FIELD_NUMBER: _ClassVar[int]
    PROFILEKEY_FIELD_NUMBER: _ClassVar[int]
    PRESENTATION_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    userId: bytes
    profileKey: bytes
    presentation: bytes
    timestamp: int
    def __init__(self, userId: _Optional[bytes] = ..., profileKey: _Optional[bytes] = ..., presentation: _Optional[bytes] = ..., timestamp: _Optional[int] = ...) -> None: ...

class MemberBanned(_message.Message):
    __slots__ = ("userId", "timestamp")
    USERID_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    userId: bytes
    timestamp: int
    def __init__(self, userId: _Optional[bytes] = ..., timestamp: _Optional[int] = ...) -> None: ...

class AccessControl(_message.Message):
    __slots__ = ("attributes", "members", "addFromInviteLink", "memberLabel")
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    ADDFROMINVITELINK_FIELD_NUMBER: _ClassVar[int]
    MEMBERLABEL_FIELD_NUMBER: _ClassVar[int]
    attributes: int
    members: int
    addFromInviteLink: int
    memberLabel: int
    def __init__(self, attributes: _Optional[int] = ..., members: _Optional[int] = ..., addFromInviteLink: _Optional[int] = ..., memberLabel: _Optional[int] = ...) -> None: ...

class Group(_message.Message):
    __slots__ = ("publicKey", "title", "avatarUrl", "disappearingMessagesTimer", "accessControl", "version", "members", "membersPendingProfileKey", "membersPendingAdminApproval", "inviteLinkPassword", "description", "announcements_only", "members_banned", "terminated")
    PUBLICKEY_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    AVATARURL_FIELD_NUMBER: _ClassVar[int]
    DISAPPEARINGMESSAGESTIMER_FIELD_NUMBER: _ClassVar[int]
    ACCESSCONTROL_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    MEMBERSPENDINGPROFILEKEY_FIELD_NUMBER: _ClassVar[int]
    MEMBERSPENDINGADMINAPPROVAL_FIELD_NUMBER: _ClassVar[int]
    INVITELINKPASSWORD_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    ANNOUNCEMENTS_ONLY_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_BANNED_FIELD_NUMBER: _ClassVar[int]
    TERMINATED_FIELD_NUMBER: _ClassVar[int]
    publicKey: bytes
    title: bytes
    avatarUrl: str
    disappearingMessagesTimer: bytes
    accessControl: AccessControl
    version: int
    members: _containers.RepeatedCompositeFieldContainer[Member]
    membersPendingProfileKey: _containers.RepeatedCompositeFieldContainer[MemberPendingProfileKey]
    membersPendingAdminApproval: _containers.RepeatedCompositeFieldContainer[MemberPendingAdminApproval]
    inviteLinkPassword: bytes
    description: bytes
    announcements_only: bool
    members_banned: _containers.RepeatedCompositeFieldContainer[MemberBanned]
    terminated: bool
    def __init__(self, publicKey: _Optional[bytes] = ..., title: _Optional[bytes] = ..., avatarUrl: _Optional[str] = ..., disappearingMessagesTimer: _Optional[bytes] = ..., accessControl: _Optional[_Union[AccessControl, _Mapping]] = ..., version: _Optional[int] = ..., members: _Optional[_Iterable[_Union[Member, _Mapping]]] = ..., membersPendingProfileKey: _Optional[_Iterable[_Union[MemberPendingProfileKey, _Mapping]]] = ..., membersPendingAdminApproval: _Optional[_Iterable[_Union[MemberPendingAdminApproval, _Mapping]]] = ..., inviteLinkPassword: _Optional[bytes] = ..., description: _Optional[bytes] = ..., announcements_only: _Optional[bool] = ..., members_banned: _Optional[_Iterable[_Union[MemberBanned, _Mapping]]] = ..., terminated: _Optional[bool] = ...) -> None: ...

class GroupAttributeBlob(_message.Message):
    __slots__ = ("title", "avatar", "disappearingMessagesDuration", "descriptionText")
    TITLE_FIELD_NUMBER: _ClassVar[int]
    AVATAR_FIELD_NUMBER: _ClassVar[int]
    DISAPPEARINGMESSAGESDURATION_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTIONTEXT_FIELD_NUMBER: _ClassVar[int]
    title: str
    avatar: bytes
    disappearingMessagesDuration: int
    descriptionText: str
    def __init__(self, title: _Optional[str] = ..., avatar: _Optional[bytes] = ..., disappearingMessagesDuration: _Optional[int] = ..., descriptionText: _Optional[str] = ...) -> None: ...

class GroupInviteLink(_message.Message):
    __slots__ = ("contentsV1",)
    class GroupInviteLinkContentsV1(_message.Message):
        __slots__ = ("groupMasterKey", "inviteLinkPassword")
        GROUPMASTERKEY_FIELD_NUMBER: _ClassVar[int]
        INVITELINKPASSWORD_FIELD_NUMBER: _ClassVar[int]
        groupMasterKey: bytes
        inviteLinkPassword: bytes
        def __init__(self, groupMasterKey: _Optional[bytes] = ..., inviteLinkPassword: _Optional[bytes] = ...) -> None: ...
    CONTENTSV1_FIELD_NUMBER: _ClassVar[int]
    contentsV1: GroupInviteLink.GroupInviteLinkContentsV1
    def __init__(self, contentsV1: _Optional[_Union[GroupInviteLink.GroupInviteLinkContentsV1, _Mapping]] = ...) -> None: ...

class GroupJoinInfo(_message.Message):
    __slots__ = ("publicKey", "title", "avatar", "memberCount", "addFromInviteLink", "version", "pendingAdminApproval", "description", "pendingAdminApprovalFull")
    PUBLICKEY_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    AVATAR_FIELD_NUMBER: _ClassVar[int]
    MEMBERCOUNT_FIELD_NUMBER: _ClassVar[int]
    ADDFROMINVITELINK_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PENDINGADMINAPPROVAL_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    PENDINGADMINAPPROVALFULL_FIELD_NUMBER: _ClassVar[int]
    publicKey: bytes
    title: bytes
    avatar: str
    memberCount: int
    addFromInviteLink: int
    version: int
    pendingAdminApproval: bool
    description: bytes
    pendingAdminApprovalFull: bool
    def __init__(self, publicKey: _Optional[bytes] = ..., title: _Optional[bytes] = ..., avatar: _Optional[str] = ..., memberCount: _Optional[int] = ..., addFromInviteLink: _Optional[int] = ..., version: _Optional[int] = ..., pendingAdminApproval: _Optional[bool] = ..., description: _Optional[bytes] = ..., pendingAdminApprovalFull: _Optional[bool] = ...) -> None: ...

class GroupChange(_message.Message):
    __slots__ = ("actions", "serverSignature", "changeEpoch")
    class Actions(_message.Message):
        __slots__ = ("sourceUserId", "version", "addMembers", "deleteMembers", "modifyMemberRoles", "modifyMemberProfileKeys", "addMembersPendingProfileKey", "deleteMembersPendingProfileKey", "promoteMembersPendingProfileKey", "modifyTitle", "modifyAvatar", "modifyDisappearingMessageTimer", "modifyAttributesAccess", "modifyMemberAccess", "modifyAddFromInviteLinkAccess", "addMembersPendingAdminApproval", "deleteMembersPendingAdminApproval", "promoteMembersPendingAdminApproval", "modifyInviteLinkPassword", "modifyDescription", "modify_announcements_only", "add_members_banned", "delete_members_banned", "promote_members_pending_pni_aci_profile_key", "group_id", "modifyMemberLabels", "modifyMemberLabelAccess", "terminate_group")
        class AddMemberAction(_message.Message):
            __slots__ = ("added", "joinFromInviteLink")
            ADDED_FIELD_NUMBER: _ClassVar[int]
            JOINFROMINVITELINK_FIELD_NUMBER: _ClassVar[int]
            added: Member
            joinFromInviteLink: bool
            def __init__(self, added: _Optional[_Union[Member, _Mapping]] = ..., joinFromInviteLink: _Optional[bool] = ...) -> None: ...
        class DeleteMemberAction(_message.Message):
            __slots__ = ("deletedUserId",)
            DELETEDUSERID_FIELD_NUMBER: _ClassVar[int]
            deletedUserId: bytes
            def __init__(self, deletedUserId: _Optional[bytes] = ...) -> None: ...
        class ModifyMemberRoleAction(_message.Message):
            __slots__ = ("userId", "role")
            USERID_FIELD_NUMBER: _ClassVar[int]
            ROLE_FIELD_NUMBER: _ClassVar[int]
            userId: bytes
            role: int
            def __init__(self, userId: _Optional[bytes] = ..., role: _Optional[int] = ...) -> None: ...
        class ModifyMemberLabelAction(_message.Message):
            __slots__ = ("userId", "labelEmoji", "labelString")
            USERID_FIELD_NUMBER: _ClassVar[int]
            LABELEMOJI_FIELD_NUMBER: _ClassVar[int]
            LABELSTRING_FIELD_NUMBER: _ClassVar[int]
            userId: bytes
            labelEmoji: bytes
            labelString: bytes
            def __init__(self, userId: _Optional[bytes] = ..., labelEmoji: _Optional[bytes] = ..., labelString: _Optional[bytes] = ...) -> None: ...
        class ModifyMemberProfileKeyAction(_message.Message):
            __slots__ = ("presentation", "user_id", "profile_key")
            PRESENTATION_FIELD_NUMBER: _ClassVar[int]
            USER_ID_FIELD_NUMBER: _ClassVar[int]
            PROFILE_KEY_FIELD_NUMBER: _ClassVar[int]
            presentation: bytes
            user_id: bytes
            profile_key: bytes
            def __init__(self, presentation: _Optional[bytes] = ..., user_id: _Optional[bytes] = ..., profile_key: _Optional[bytes] = ...) -> None: ...
        class AddMemberPendingProfileKeyAction(_message.Message):
            __slots__ = ("added",)
            ADDED_FIELD_NUMBER: _ClassVar[int]
            added: MemberPendingProfileKey
            def __init__(self, added: _Optional[_Union[MemberPendingProfileKey, _Mapping]] = ...) -> None: ...
        class DeleteMemberPendingProfileKeyAction(_message.Message):
            __slots__ = ("deletedUserId",)
            DELETEDUSERID_FIELD_NUMBER: _ClassVar[int]
            deletedUserId: bytes
            def __init__(self, deletedUserId: _Optional[bytes] = ...) -> None: ...
        class PromoteMemberPendingProfileKeyAction(_message.Message):
            __slots__ = ("presentation", "user_id", "profile_key")
            PRESENTATION_FIELD_NUMBER: _ClassVar[int]
            USER_ID_FIELD_NUMBER: _ClassVar[int]
            PROFILE_KEY_FIELD_NUMBER: _ClassVar[int]
            presentation: bytes
            user_id: bytes
            profile_key: bytes
            def __init__(self, presentation: _Optional[bytes] = ..., user_id: _Optional[bytes] = ..., profile_key: _Optional[bytes] = ...) -> None: ...
        class PromoteMemberPendingPniAciProfileKeyAction(_message.Message):
            __slots__ = ("presentation", "user_id", "pni", "profile_key")
            PRESENTATION_FIELD_NUMBER: _ClassVar[int]
            USER_ID_FIELD_NUMBER: _ClassVar[int]
            PNI_FIELD_NUMBER: _ClassVar[int]
            PROFILE_KEY_FIELD_NUMBER: _ClassVar[int]
            presentation: bytes
            user_id: bytes
            pni: bytes
            profile_key: bytes
            def __init__(self, presentation: _Optional[bytes] = ..., user_id: _Optional[bytes] = ..., pni: _Optional[bytes] = ..., profile_key: _Optional[bytes] = ...) -> None: ...
        class AddMemberPendingAdminApprovalAction(_message.Message):
            __slots__ = ("added",)
            ADDED_FIELD_NUMBER: _ClassVar[int]
            added: MemberPendingAdminApproval
            def __init__(self, added: _Optional[_Union[MemberPendingAdminApproval, _Mapping]] = ...) -> None: ...
        class DeleteMemberPendingAdminApprovalAction(_message.Message):
            __slots__ = ("deletedUserId",)
            DELETEDUSERID_FIELD_NUMBER: _ClassVar[int]
            deletedUserId: bytes
            def __init__(self, deletedUserId: _Optional[bytes] = ...) -> None: ...
        class PromoteMemberPendingAdminApprovalAction(_message.Message):
            __slots__ = ("userId", "role")
            USERID_FIELD_NUMBER: _ClassVar[int]
            ROLE_FIELD_NUMBER: _ClassVar[int]
            userId: bytes
            role: int
            def __init__(self, userId: _Optional[bytes] = ..., role: _Optional[int] = ...) -> None: ...
        class AddMemberBannedAction(_message.Message):
            __slots__ = ("added",)
            ADDED_FIELD_NUMBER: _ClassVar[int]
            added: MemberBanned
            def __init__(self, added: _Optional[_Union[MemberBanned, _Mapping]] = ...) -> None: ...
        class DeleteMemberBannedAction(_message.Message):
            __slots__ = ("deletedUserId",)
            DELETEDUSERID_FIELD_NUMBER: _ClassVar[int]
            deletedUserId: bytes
            def __init__(self, deletedUserId: _Optional[bytes] = ...) -> None: ...
        class ModifyTitleAction(_message.Message):
            __slots__ = ("title",)
            TITLE_FIELD_NUMBER: _ClassVar[int]
            title: bytes
            def __init__(self, title: _Optional[bytes] = ...) -> None: ...
        class ModifyDescriptionAction(_message.Message):
            __slots__ = ("description",)
            DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
            description: bytes
            def __init__(self, description: _Optional[bytes] = ...) -> None: ...
        class ModifyAvatarAction(_message.Message):
            __slots__ = ("avatar",)
            AVATAR_FIELD_NUMBER: _ClassVar[int]
            avatar: str
            def __init__(self, avatar: _Optional[str] = ...) -> None: ...
        class ModifyDisappearingMessageTimerAction(_message.Message):
            __slots__ = ("timer",)
            TIMER_FIELD_NUMBER: _ClassVar[int]
            timer: bytes
            def __init__(self, timer: _Optional[bytes] = ...) -> None: ...
        class ModifyAttributesAccessControlAction(_message.Message):
            __slots__ = ("attributesAccess",)
            ATTRIBUTESACCESS_FIELD_NUMBER: _ClassVar[int]
            attributesAccess: int
            def __init__(self, attributesAccess: _Optional[int] = ...) -> None: ...
        class ModifyMembersAccessControlAction(_message.Message):
            __slots__ = ("membersAccess",)
            MEMBERSACCESS_FIELD_NUMBER: _ClassVar[int]
            membersAccess: int
            def __init__(self, membersAccess: _Optional[int] = ...) -> None: ...
        class ModifyAddFromInviteLinkAccessControlAction(_message.Message):
            __slots__ = ("addFromInviteLinkAccess",)
            ADDFROMINVITELINKACCESS_FIELD_NUMBER: _ClassVar[int]
            addFromInviteLinkAccess: int
            def __init__(self, addFromInviteLinkAccess: _Optional[int] = ...) -> None: ...
        class ModifyMemberLabelAccessControlAction(_message.Message):
            __slots__ = ("memberLabelAccess",)
            MEMBERLABELACCESS_FIELD_NUMBER: _ClassVar[int]
            memberLabelAccess: int
            def __init__(self, memberLabelAccess: _Optional[int] = ...) -> None: ...
        class ModifyInviteLinkPasswordAction(_message.Message):
            __slots__ = ("inviteLinkPassword",)
            INVITELINKPASSWORD_FIELD_NUMBER: _ClassVar[int]
            inviteLinkPassword: bytes
            def __init__(self, inviteLinkPassword: _Optional[bytes] = ...) -> None: ...
        class ModifyAnnouncementsOnlyAction(_message.Message):
            __slots__ = ("announcements_only",)
            ANNOUNCEMENTS_ONLY_FIELD_NUMBER: _ClassVar[int]
            announcements_only: bool
            def __init__(self, announcements_only: _Optional[bool] = ...) -> None: ...
        class TerminateGroupAction(_message.Message):
            __slots__ = ()
            def __init__(self) -> None: ...
        SOURCEUSERID_FIELD_NUMBER: _ClassVar[int]
        VERSION_FIELD_NUMBER: _ClassVar[int]
        ADDMEMBERS_FIELD_NUMBER: _ClassVar[int]
        DELETEMEMBERS_FIELD_NUMBER: _ClassVar[int]
        MODIFYMEMBERROLES_FIELD_NUMBER: _ClassVar[int]
        MODIFYMEMBERPROFILEKEYS_FIELD_NUMBER: _ClassVar[int]
        ADDMEMBERSPENDINGPROFILEKEY_FIELD_NUMBER: _ClassVar[int]
        DELETEMEMBERSPENDINGPROFILEKEY_FIELD_NUMBER: _ClassVar[int]
        PROMOTEMEMBERSPENDINGPROFILEKEY_FIELD_NUMBER: _ClassVar[int]
        MODIFYTITLE_FIELD_NUMBER: _ClassVar[int]
        MODIFYAVATAR_FIELD_NUMBER: _ClassVar[int]
        MODIFYDISAPPEARINGMESSAGETIMER_FIELD_NUMBER: _ClassVar[int]
        MODIFYATTRIBUTESACCESS_FIELD_NUMBER: _ClassVar[int]
        MODIFYMEMBERACCESS_FIELD_NUMBER: _ClassVar[int]
        MODIFYADDFROMINVITELINKACCESS_FIELD_NUMBER: _ClassVar[int]
        ADDMEMBERSPENDINGADMINAPPROVAL_FIELD_NUMBER: _ClassVar[int]
        DELETEMEMBERSPENDINGADMINAPPROVAL_FIELD_NUMBER: _ClassVar[int]
        PROMOTEMEMBERSPENDINGADMINAPPROVAL_FIELD_NUMBER: _ClassVar[int]
        MODIFYINVITELINKPASSWORD_FIELD_NUMBER: _ClassVar[int]
        MODIFYDESCRIPTION_FIELD_NUMBER: _ClassVar[int]
        MODIFY_ANNOUNCEMENTS_ONLY_FIELD_NUMBER: _ClassVar[int]
        ADD_MEMBERS_BANNED_FIELD_NUMBER: _ClassVar[int]
        DELETE_MEMBERS_BANNED_FIELD_NUMBER: _ClassVar[int]
        PROMOTE_MEMBERS_PENDING_PNI_ACI_PROFILE_KEY_FIELD_NUMBER: _ClassVar[int]
        GROUP_ID_FIELD_NUMBER: _ClassVar[int]
        MODIFYMEMBERLABELS_FIELD_NUMBER: _ClassVar[int]
        MODIFYMEMBERLABELACCESS_FIELD_NUMBER: _ClassVar[int]
        TERMINATE_GROUP_FIELD_NUMBER: _ClassVar[int]
        sourceUserId: bytes
        version: int
        addMembers: _containers.RepeatedCompositeFieldContainer[GroupChange.Actions.AddMemberAction]
        deleteMembers: _containers.RepeatedCompositeFieldContainer[GroupChange.Actions.DeleteMemberAction]
        modifyMemberRoles: _containers.RepeatedCompositeFieldContainer[GroupChange.Actions.ModifyMemberRoleAction]
        modifyMemberProfileKeys: _containers.RepeatedCompositeFieldContainer[GroupChange.Actions.ModifyMemberProfileKeyAction]
        addMembersPendingProfileKey: _containers.RepeatedCompositeFieldContainer[GroupChange.Actions.AddMemberPendingProfileKeyAction]
        deleteMembersPendingProfileKey: _containers.RepeatedCompositeFieldContainer[GroupChange.Actions.DeleteMemberPendingProfileKeyAction]
        promoteMembersPendingProfileKey: _containers.RepeatedCompositeFieldContainer[GroupChange.Actions.PromoteMemberPendingProfileKeyAction]
        modifyTitle: GroupChange.Actions.ModifyTitleAction
        modifyAvatar: GroupChange.Actions.ModifyAvatarAction
        modifyDisappearingMessageTimer: GroupChange.Actions.ModifyDisappearingMessageTimerAction
        modifyAttributesAccess: GroupChange.Actions.ModifyAttributesAccessControlAction
        modifyMemberAccess: GroupChange.Actions.ModifyMembersAccessControlAction
        modifyAddFromInviteLinkAccess: GroupChange.Actions.ModifyAddFromInviteLinkAccessControlAction
        addMembersPendingAdminApproval: _containers.RepeatedCompositeFieldContainer[GroupChange.Actions.AddMemberPendingAdminApprovalAction]
        deleteMembersPendingAdminApproval: _containers.RepeatedCompositeFieldContainer[GroupChange.Actions.DeleteMemberPendingAdminApprovalAction]
        promoteMembersPendingAdminApproval: _containers.RepeatedCompositeFieldContainer[GroupChange.Actions.PromoteMemberPendingAdminApprovalAction]
        modifyInviteLinkPassword: GroupChange.Actions.ModifyInviteLinkPasswordAction
        modifyDescription: GroupChange.Actions.ModifyDescriptionAction
        modify_announcements_only: GroupChange.Actions.ModifyAnnouncementsOnlyAction
        add_members_banned: _containers.RepeatedCompositeFieldContainer[GroupChange.Actions.AddMemberBannedAction]
        delete_members_banned: _containers.RepeatedCompositeFieldContainer[GroupChange.Actions.DeleteMemberBannedAction]
        promote_members_pending_pni_aci_profile_key: _containers.RepeatedCompositeFieldContainer[GroupChange.Actions.PromoteMemberPendingPniAciProfileKeyAction]
        group_id: bytes
        modifyMemberLabels: _containers.RepeatedCompositeFieldContainer[GroupChange.Actions.ModifyMemberLabelAction]
        modifyMemberLabelAccess: GroupChange.Actions.ModifyMemberLabelAccessControlAction
        terminate_group: GroupChange.Actions.TerminateGroupAction
        def __init__(self, sourceUserId: _Optional[bytes] = ..., version: _Optional[int] = ..., addMembers: _Optional[_Iterable[_Union[GroupChange.Actions.AddMemberAction, _Mapping]]] = ..., deleteMembers: _Optional[_Iterable[_Union[GroupChange.Actions.DeleteMemberAction, _Mapping]]] = ..., modifyMemberRoles: _Optional[_Iterable[_Union[GroupChange.Actions.ModifyMemberRoleAction, _Mapping]]] = ..., modifyMemberProfileKeys: _Optional[_Iterable[_Union[GroupChange.Actions.ModifyMemberProfileKeyAction, _Mapping]]] = ..., addMembersPendingProfileKey: _Optional[_Iterable[_Union[GroupChange.Actions.AddMemberPendingProfileKeyAction, _Mapping]]] = ..., deleteMembersPendingProfileKey: _Optional[_Iterable[_Union[GroupChange.Actions.DeleteMemberPendingProfileKeyAction, _Mapping]]] = ..., promoteMembersPendingProfileKey: _Optional[_Iterable[_Union[GroupChange.Actions.PromoteMemberPendingProfileKeyAction, _Mapping]]] = ..., modifyTitle: _Optional[_Union[GroupChange.Actions.ModifyTitleAction, _Mapping]] = ..., modifyAvatar: _Optional[_Union[GroupChange.Actions.ModifyAvatarAction, _Mapping]] = ..., modifyDisappearingMessageTimer: _Optional[_Union[GroupChange.Actions.ModifyDisappearingMessageTimerAction, _Mapping]] = ..., modifyAttributesAccess: _Optional[_Union[GroupChange.Actions.ModifyAttributesAccessControlAction, _Mapping]] = ..., modifyMemberAccess: _Optional[_Union[GroupChange.Actions.ModifyMembersAccessControlAction, _Mapping]] = ..., modifyAddFromInviteLinkAccess: _Optional[_Union[GroupChange.Actions.ModifyAddFromInviteLinkAccessControlAction, _Mapping]] = ..., addMembersPendingAdminApproval: _Optional[_Iterable[_Union[GroupChange.Actions.AddMemberPendingAdminApprovalAction, _Mapping]]] = ..., deleteMembersPendingAdminApproval: _Optional[_Iterable[_Union[GroupChange.Actions.DeleteMemberPendingAdminApprovalAction, _Mapping]]] = ..., promoteMembersPendingAdminApproval: _Optional[_Iterable[_Union[GroupChange.Actions.PromoteMemberPendingAdminApprovalAction, _Mapping]]] = ..., modifyInviteLinkPassword: _Optional[_Union[GroupChange.Actions.ModifyInviteLinkPasswordAction, _Mapping]] = ..., modifyDescription: _Optional[_Union[GroupChange.Actions.ModifyDescriptionAction, _Mapping]] = ..., modify_announcements_only: _Optional[_Union[GroupChange.Actions.ModifyAnnouncementsOnlyAction, _Mapping]] = ..., add_members_banned: _Optional[_Iterable[_Union[GroupChange.Actions.AddMemberBannedAction, _Mapping]]] = ..., delete_members_banned: _Optional[_Iterable[_Union[GroupChange.Actions.DeleteMemberBannedAction, _Mapping]]] = ..., promote_members_pending_pni_aci_profile_key: _Optional[_Iterable[_Union[GroupChange.Actions.PromoteMemberPendingPniAciProfileKeyAction, _Mapping]]] = ..., group_id: _Optional[bytes] = ..., modifyMemberLabels: _Optional[_Iterable[_Union[GroupChange.Actions.ModifyMemberLabelAction, _Mapping]]] = ..., modifyMemberLabelAccess: _Optional[_Union[GroupChange.Actions.ModifyMemberLabelAccessControlAction, _Mapping]] = ..., terminate_group: _Optional[_Union[GroupChange.Actions.TerminateGroupAction, _Mapping]] = ...) -> None: ...
    ACTIONS_FIELD_NUMBER: _ClassVar[int]
    SERVERSIGNATURE_FIELD_NUMBER: _ClassVar[int]
    CHANGEEPOCH_FIELD_NUMBER: _ClassVar[int]
    actions: bytes
    serverSignature: bytes
    changeEpoch: int
    def __init__(self, actions: _Optional[bytes] = ..., serverSignature: _Optional[bytes] = ..., changeEpoch: _Optional[int] = ...) -> None: ...

class ExternalGroupCredential(_message.Message):
    __slots__ = ("token",)
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: str
    def __init__(self, token: _Optional[str] = ...) -> None: ...

class GroupResponse(_message.Message):
    __slots__ = ("group", "group_send_endorsements_response")
    GROUP_FIELD_NUMBER: _ClassVar[int]
    GROUP_SEND_ENDORSEMENTS_RESPONSE_FIELD_NUMBER: _ClassVar[int]
    group: Group
    group_send_endorsements_response: bytes
    def __init__(self, group: _Optional[_Union[Group, _Mapping]] = ..., group_send_endorsements_response: _Optional[bytes] = ...) -> None: ...

class GroupChanges(_message.Message):
    __slots__ = ("groupChanges", "group_send_endorsements_response")
    class GroupChangeState(_message.Message):
        __slots__ = ("groupChange", "groupState")
        GROUPCHANGE_FIELD_NUMBER: _ClassVar[int]
        GROUPSTATE_FIELD_NUMBER: _ClassVar[int]
        groupChange: GroupChange
        groupState: Group
        def __init__(self, groupChange: _Optional[_Union[GroupChange, _Mapping]] = ..., groupState: _Optional[_Union[Group, _Mapping]] = ...) -> None: ...
    GROUPCHANGES_FIELD_NUMBER: _ClassVar[int]
    GROUP_SEND_ENDORSEMENTS_RESPONSE_FIELD_NUMBER: _ClassVar[int]
    groupChanges: _containers.RepeatedCompositeFieldContainer[GroupChanges.GroupChangeState]
    group_send_endorsements_response: bytes
    def __init__(self, groupChanges: _Optional[_Iterable[_Union[GroupChanges.GroupChangeState, _Mapping]]] = ..., group_send_endorsements_response: _Optional[bytes] = ...) -> None: ...

class GroupChangeResponse(_message.Message):
    __slots__ = ("group_change", "group_send_endorsements_response")
    GROUP_CHANGE_FIELD_NUMBER: _ClassVar[int]
    GROUP_SEND_ENDORSEMENTS_RESPONSE_FIELD_NUMBER: _ClassVar[int]
    group_change: GroupChange
    group_send_endorsements_response: bytes
    def __init__(self, group_change: _Optional[_Union[GroupChange, _Mapping]] = ..., group_send_endorsements_response: _Optional[bytes] = ...) -> None: ...
