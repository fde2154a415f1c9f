"""Permissions to upload a small file (an avatar, a sticker) to CDN 0, which is an S3 bucket."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from sigcli.service.answers import JsonObject


@dataclass(frozen=True, slots=True)
class PostForm:
    """A form for uploading one file to CDN 0: the fields of a multipart POST, ``key`` first."""

    key: str
    fields: tuple[tuple[str, str], ...] = field(repr=False)


def read_post_form(body: JsonObject) -> PostForm:
    """The form in an answer, or in part of one; raises MalformedAnswer."""
    # S3 wants the policy's fields under its own names; Signal names them by their meaning.
    key = body.text("key")
    return PostForm(
        key,
        (
            ("key", key),
            ("acl", body.text("acl")),
            ("x-amz-algorithm", body.text("algorithm")),
            ("x-amz-credential", body.text("credential")),
            ("x-amz-date", body.text("date")),
            ("policy", body.text("policy")),
            ("x-amz-signature", body.text("signature")),
        ),
    )
