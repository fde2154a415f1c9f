"""Content types and the extensions of file names, both ways.

What messages carry most is written down here, so that the name of a stored file is the same on every system and with
every Python; the standard ``mimetypes`` knows the rest. Its built-in tables alone are used: what a system adds to them
would make names differ.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mimetypes import MimeTypes

OCTETS = "application/octet-stream"
PLAIN_TEXT = "text/plain"
# The first extension of a type is the one that a file of it gets.
_TYPES: dict[str, tuple[str, ...]] = {
    "application/epub+zip": (".epub",),
    "application/geo+json": (".geojson",),
    "application/gpx+xml": (".gpx",),
    "application/gzip": (".gz", ".tgz"),
    "application/json": (".json",),
    "application/msword": (".doc",),
    "application/pdf": (".pdf",),
    "application/pgp-signature": (".sig",),
    "application/rtf": (".rtf",),
    "application/sql": (".sql",),
    "application/toml": (".toml",),
    "application/vnd.android.package-archive": (".apk",),
    "application/vnd.debian.binary-package": (".deb",),
    "application/vnd.google-earth.kml+xml": (".kml",),
    "application/vnd.ms-excel": (".xls",),
    "application/vnd.ms-powerpoint": (".ppt",),
    "application/vnd.oasis.opendocument.graphics": (".odg",),
    "application/vnd.oasis.opendocument.presentation": (".odp",),
    "application/vnd.oasis.opendocument.spreadsheet": (".ods",),
    "application/vnd.oasis.opendocument.text": (".odt",),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": (".pptx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx",),
    "application/vnd.rar": (".rar",),
    "application/vnd.sqlite3": (".sqlite",),
    "application/x-7z-compressed": (".7z",),
    "application/x-bzip2": (".bz2",),
    "application/x-pem-file": (".pem",),
    "application/x-tar": (".tar",),
    "application/x-xz": (".xz",),
    "application/xml": (".xml",),
    "application/yaml": (".yaml", ".yml"),
    "application/zip": (".zip",),
    "application/zstd": (".zst",),
    "audio/3gpp": (".3ga",),
    "audio/aac": (".aac",),
    "audio/amr": (".amr",),
    "audio/flac": (".flac",),
    "audio/midi": (".mid", ".midi"),
    "audio/mp4": (".m4a", ".m4b"),
    "audio/mpeg": (".mp3",),
    "audio/ogg": (".ogg", ".oga", ".opus"),
    "audio/wav": (".wav",),
    "audio/webm": (".weba",),
    "audio/x-matroska": (".mka",),
    "font/ttf": (".ttf",),
    "font/woff2": (".woff2",),
    "image/apng": (".apng",),
    "image/avif": (".avif",),
    "image/bmp": (".bmp",),
    "image/gif": (".gif",),
    "image/heic": (".heic",),
    "image/heif": (".heif",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/jxl": (".jxl",),
    "image/png": (".png",),
    "image/svg+xml": (".svg",),
    "image/tiff": (".tif", ".tiff"),
    "image/vnd.microsoft.icon": (".ico",),
    "image/webp": (".webp",),
    "message/rfc822": (".eml",),
    "text/calendar": (".ics",),
    "text/css": (".css",),
    "text/csv": (".csv",),
    "text/html": (".html", ".htm"),
    "text/markdown": (".md",),
    PLAIN_TEXT: (".txt", ".text", ".log", ".conf", ".cfg", ".ini", ".diff", ".patch", ".asc"),
    "text/tab-separated-values": (".tsv",),
    "text/vcard": (".vcf",),
    "video/3gpp": (".3gp",),
    "video/3gpp2": (".3g2",),
    "video/mp4": (".mp4", ".m4v"),
    "video/mpeg": (".mpeg", ".mpg"),
    "video/ogg": (".ogv",),
    "video/quicktime": (".mov",),
    "video/webm": (".webm",),
    "video/x-matroska": (".mkv",),
    "video/x-ms-wmv": (".wmv",),
    "video/x-msvideo": (".avi",),
}
# Other names that programs give to the same types.
_ALIASES = {
    "application/x-yaml": "application/yaml",
    "application/x-gzip": "application/gzip",
    "application/x-zip-compressed": "application/zip",
    "application/x-rar-compressed": "application/vnd.rar",
    "application/x-bzip": "application/x-bzip2",
    "audio/m4a": "audio/mp4",
    "audio/mp3": "audio/mpeg",
    "audio/opus": "audio/ogg",
    "audio/wave": "audio/wav",
    "audio/x-flac": "audio/flac",
    "audio/x-m4a": "audio/mp4",
    "audio/x-wav": "audio/wav",
    "image/jpg": "image/jpeg",
    "image/x-icon": "image/vnd.microsoft.icon",
    "image/x-ms-bmp": "image/bmp",
    "text/directory": "text/vcard",
    "text/x-signal-plain": PLAIN_TEXT,
    "text/x-vcard": "text/vcard",
    "text/xml": "application/xml",
    "text/yaml": "application/yaml",
    "video/matroska": "video/x-matroska",
    "video/x-m4v": "video/mp4",
}


def content_type_for(extension: str) -> str | None:
    """The content type for an extension with its dot, in any case; None for one that is not known."""
    wanted = extension.lower()
    return _by_extension().get(wanted) or _standard().types_map[1].get(wanted)


def extension_for(content_type: str | None, file_name: str | None = None) -> str:
    """The extension, with its dot, for a content type; empty for one that is not known.

    Of a type that says little, any text or any bytes, the extension of ``file_name`` is kept if it is one that this
    table has: nothing else of the name is used.
    """
    plain = (content_type or "").partition(";")[0].strip().lower()
    plain = _ALIASES.get(plain, plain)
    if file_name is not None and plain in ("", OCTETS, PLAIN_TEXT):
        named = os.path.splitext(file_name)[1].lower()
        if (_by_extension().get(named) or "") == plain or (
            plain != PLAIN_TEXT and named in _by_extension()
        ):
            return named
    if plain in _TYPES:
        return _TYPES[plain][0]
    if plain in ("", OCTETS):
        return ""
    known = sorted(one for one, kind in _standard().types_map[1].items() if kind == plain)
    named = os.path.splitext(file_name or "")[1].lower()
    return named if named in known else known[0] if known else ""


@cache
def _by_extension() -> dict[str, str]:
    return {one: kind for kind, extensions in _TYPES.items() for one in extensions}


@cache
def _standard() -> MimeTypes:
    import mimetypes

    # Its own tables: what the system adds goes to the module's functions alone.
    return mimetypes.MimeTypes()
