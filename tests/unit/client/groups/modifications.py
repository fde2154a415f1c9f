"""A change that does everything that a change can do."""

from __future__ import annotations

from uuid import UUID

from sigcli.client.groups import change_values as value
from sigcli.client.groups.change_values import AccessKind, Change
from sigcli.store.group_values import Ban, Invitation, JoinRequest, Member
from sigcli.wire.addresses import ServiceId
from sigcli.wire.group_access import AccessRequired, MemberRole
from sigcli.wire.key_types import ProfileKeyBytes

ALICE, BOB, CAROL = (ServiceId.aci(UUID(int=number)) for number in (11, 12, 13))
DAVE = ServiceId.pni(UUID(int=14))


def every_modification(text: str, revision: int = 1) -> Change:
    """Everything, with ``text`` for each text; Bob is a member already."""
    return Change(
        revision,
        BOB,
        (
            value.MemberAdded(Member(aci=ALICE)),
            value.MemberAdded(Member(aci=CAROL), by_link=True),
            value.MemberRemoved(CAROL),
            value.MemberRemoved(BOB),
            value.RoleChanged(ALICE, MemberRole.ADMINISTRATOR),
            value.RoleChanged(ALICE, MemberRole.DEFAULT),
            value.LabelChanged(ALICE, text, text),
            value.ProfileKeyChanged(ALICE, ProfileKeyBytes(b"k" * 32), b"c" * 65),
            value.PersonInvited(Invitation(service_id=DAVE, added_by=BOB)),
            value.InvitationRevoked(DAVE),
            value.PersonInvited(Invitation(service_id=BOB, role=MemberRole.ADMINISTRATOR)),
            value.InvitationRevoked(BOB),
            value.InvitationAccepted(Member(aci=BOB)),
            value.JoinRequested(JoinRequest(aci=CAROL)),
            value.JoinRequestDeleted(CAROL),
            value.JoinRequestDeleted(BOB),
            value.JoinRequested(JoinRequest(aci=CAROL)),
            value.JoinRequestApproved(CAROL, MemberRole.DEFAULT),
            value.PersonBanned(Ban(service_id=DAVE)),
            value.PersonUnbanned(DAVE),
            value.TitleChanged(text),
            value.DescriptionChanged(text),
            value.DescriptionChanged(""),
            value.AvatarChanged("groups/x"),
            value.AvatarChanged(""),
            value.TimerChanged(60),
            value.TimerChanged(0),
            *(
                value.AccessChanged(kind, access)
                for kind in AccessKind
                for access in (*AccessRequired, 99)
            ),
            value.LinkPasswordChanged(b"password"),
            value.AnnouncementsOnlyChanged(True),
            value.Terminated(),
        ),
    )
