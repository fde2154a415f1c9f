"""Errors in the words that signald's clients know."""

from __future__ import annotations

from typing import Any

from sigcli import errors
from sigcli.errors import SigcliError, SignaldRefusal

_TYPES: dict[type[SigcliError], str] = {
    errors.NoLocalAccount: "NoSuchAccountError",
    errors.UnknownLocalAccount: "NoSuchAccountError",
    errors.SeveralLocalAccounts: "NoSuchAccountError",
    errors.AccountIncomplete: "NoSuchAccountError",
    errors.UnknownRecipient: "InvalidRecipientError",
    errors.AmbiguousRecipient: "InvalidRecipientError",
    errors.NoRecipients: "InvalidRecipientError",
    errors.InvalidNumber: "InvalidRecipientError",
    errors.InvalidServiceId: "InvalidRecipientError",
    errors.PersonNotRegistered: "UnregisteredUserError",
    errors.SendUnregistered: "UnregisteredUserError",
    errors.UnknownGroup: "UnknownGroupError",
    errors.InvalidGroupId: "UnknownGroupError",
    errors.NotAGroupMember: "NoSendPermissionError",
    errors.GroupSendRefused: "NoSendPermissionError",
    errors.GroupChangeRefused: "GroupPatchNotAcceptedError",
    errors.GroupConflict: "GroupPatchNotAcceptedError",
    errors.InvalidGroupChange: "GroupVerificationError",
    errors.ZkProofFailed: "GroupVerificationError",
    errors.InvalidGroupLink: "InvalidInviteURIError",
    errors.GroupLinkInactive: "GroupLinkNotActiveError",
    errors.AttachmentUnreadable: "InvalidAttachmentError",
    errors.AttachmentRefused: "InvalidAttachmentError",
    errors.FileUnreadable: "InvalidAttachmentError",
    errors.NoSuchFile: "InvalidAttachmentError",
    errors.PathNotAllowed: "InvalidAttachmentError",
    errors.AttachmentTooLarge: "AttachmentTooLargeError",
    errors.PictureTooLarge: "AttachmentTooLargeError",
    errors.UntrustedIdentity: "UntrustedIdentityError",
    errors.SendUntrusted: "UntrustedIdentityError",
    errors.AddressMoved: "UntrustedIdentityError",
    errors.UnknownIdentity: "UnknownIdentityKeyError",
    errors.SafetyNumberMismatch: "UnknownIdentityKeyError",
    errors.RateLimited: "RateLimitError",
    errors.SendRateLimited: "RateLimitError",
    errors.ChallengeRequired: "ProofRequiredError",
    errors.CaptchaRequired: "CaptchaRequiredError",
    errors.CaptchaRejected: "CaptchaRequiredError",
    errors.RegistrationLocked: "AccountLockedError",
    errors.AlreadyRegistered: "AccountAlreadyVerifiedError",
    errors.AlreadyVerified: "AccountAlreadyVerifiedError",
    errors.NothingToVerify: "AccountHasNoKeysError",
    errors.WrongVerificationCode: "AuthorizationFailedError",
    errors.AccountExists: "UserAlreadyExistsError",
    errors.LinkTimedOut: "ScanTimeoutError",
    errors.UnknownLinkUri: "NoSuchSessionError",
    errors.Unauthorized: "AuthorizationFailedError",
    errors.LoginRefused: "AuthorizationFailedError",
    errors.Forbidden: "AuthorizationFailedError",
    errors.UnsupportedProxy: "InvalidProxyError",
    errors.Unreachable: "NetworkError",
    errors.TimedOut: "NetworkError",
    errors.TlsRejected: "NetworkError",
    errors.ProxyRefused: "NetworkError",
    errors.ConnectionLost: "NetworkError",
    errors.SendNetworkFailed: "NetworkError",
    errors.ServiceError: "SignalServerError",
    errors.StoreError: "SQLError",
    errors.UserError: "InvalidRequestError",
}
_MORE = frozenset({"CaptchaRequiredError", "AccountLockedError"})
PROOF_OPTIONS = ["RECAPTCHA", "PUSH_CHALLENGE"]


def error_of(error: BaseException, asked: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """``error_type`` and ``error`` of an answer; ``asked``: the request as it came."""
    if isinstance(error, SignaldRefusal):
        return error.error_type, {"message": error.message, **error.fields}
    name = next((_TYPES[one] for one in type(error).__mro__ if one in _TYPES), "InternalError")
    message = error.message if isinstance(error, SigcliError) else "unexpected error inside sigcli"
    fields: dict[str, Any] = {"message": message}
    if name == "InternalError":
        fields["exceptions"] = [type(error).__name__]
    elif name == "NoSuchAccountError":
        account = asked.get("account") or asked.get("username")
        fields["account"] = account if isinstance(account, str) else None
    elif name in _MORE:
        fields["more"] = message
    elif name == "UnregisteredUserError":
        fields["e164_number"] = getattr(error, "number", None)
    elif name in ("InvalidAttachmentError", "AttachmentTooLargeError"):
        fields["filename"] = _file_name(asked)
    elif isinstance(error, errors.ChallengeRequired):
        fields |= {
            "token": error.token,
            "options": PROOF_OPTIONS,
            "retry_after": error.retry_after_s,
        }
    return name, fields


def validation_failure(problems: list[str]) -> SignaldRefusal:
    """The answer to a request with invalid fields."""
    return SignaldRefusal(
        "RequestValidationFailure",
        "input validation failed, please check the request and try again.",
        validationResults=problems,
    )


def _file_name(asked: dict[str, Any]) -> str | None:
    """The file that caused the error, if the request names only one."""
    attachments = asked.get("attachments")
    if isinstance(attachments, list) and len(attachments) == 1 and isinstance(attachments[0], dict):
        name = attachments[0].get("filename")
        return name if isinstance(name, str) else None
    for key in ("avatar", "avatarFile", "groupAvatar"):
        if isinstance(asked.get(key), str):
            return str(asked[key])
    return None
