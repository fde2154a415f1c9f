"""The whole table of routes of a sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.sandbox.endpoints.accounts import AccountEndpoints
from sigcli.sandbox.endpoints.attachments import AttachmentEndpoints
from sigcli.sandbox.endpoints.certificates import CertificateEndpoints
from sigcli.sandbox.endpoints.challenge import Challenges
from sigcli.sandbox.endpoints.change_number import ChangeNumberEndpoints
from sigcli.sandbox.endpoints.config import ConfigEndpoints
from sigcli.sandbox.endpoints.control import ControlEndpoints
from sigcli.sandbox.endpoints.devices import DeviceEndpoints
from sigcli.sandbox.endpoints.groups import GroupEndpoints
from sigcli.sandbox.endpoints.groups_v1 import GroupV1Endpoints
from sigcli.sandbox.endpoints.keys import KeyEndpoints
from sigcli.sandbox.endpoints.messages import MessageEndpoints
from sigcli.sandbox.endpoints.multi_recipient import MultiRecipientEndpoints
from sigcli.sandbox.endpoints.profiles import ProfileEndpoints
from sigcli.sandbox.endpoints.provisioning import ProvisioningEndpoints
from sigcli.sandbox.endpoints.registration import RegistrationEndpoints
from sigcli.sandbox.endpoints.stickers import StickerEndpoints
from sigcli.sandbox.endpoints.storage import StorageEndpoints
from sigcli.sandbox.endpoints.svr2 import Svr2Endpoints
from sigcli.sandbox.endpoints.usernames import UsernameEndpoints
from sigcli.sandbox.endpoints.verification import VerificationEndpoints
from sigcli.sandbox.router import Router

if TYPE_CHECKING:
    from sigcli.sandbox.state import State


def build_router(state: State) -> Router:
    """Every endpoint that a sandbox has."""
    verification = VerificationEndpoints(state)
    challenges = Challenges(state)
    groups = GroupEndpoints(state)
    parts = (
        verification,
        challenges,
        RegistrationEndpoints(state, verification.sessions),
        AccountEndpoints(state),
        ChangeNumberEndpoints(state, verification.sessions),
        UsernameEndpoints(state),
        DeviceEndpoints(state),
        ProvisioningEndpoints(state),
        KeyEndpoints(state),
        MessageEndpoints(state, challenges),
        MultiRecipientEndpoints(state),
        CertificateEndpoints(state),
        Svr2Endpoints(state),
        ProfileEndpoints(state),
        AttachmentEndpoints(state),
        StickerEndpoints(state),
        ConfigEndpoints(state),
        StorageEndpoints(state),
        groups,
        GroupV1Endpoints(groups),
        ControlEndpoints(state, verification.sessions),
    )
    return Router(route for part in parts for route in part.routes())
