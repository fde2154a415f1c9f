"""What a file is by its first bytes: its content type, and the size of a picture.

Numbers from the formats' own specifications; nothing is decoded.
"""

from __future__ import annotations

HEAD_LENGTH = 64 * 1024
"""So many bytes are enough, save for pictures with more than that in front of their size."""
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (8, b"AVI ", "video/x-msvideo"),
    (0, b"BM", "image/bmp"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
)
# What is in an ISO file, by the brand that says it: its own, or one that it is compatible with.
_BRANDS = {
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"qt  ": "video/quicktime",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"hevc": "image/heic",
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"mif1": "image/heif",
    b"msf1": "image/heif",
}
_MAX_BRANDS = 32
_EBML = b"\x1a\x45\xdf\xa3"
_JPEG_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
# Start of frame; C4, C8 and CC in between mean other things.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def content_type_of(head: bytes, extension: str = "") -> str | None:
    """The content type that the first bytes of a file tell, if they do.

    Of containers that hold sound as well as pictures, ``extension`` (in lower case) and what they say of their tracks
    decide.
    """
    for offset, signature, content_type in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            if offset and head[:4] != b"RIFF":
                return None
            # Two letters alone are not enough.
            if content_type == "image/bmp" and head[6:10] != bytes(4):
                continue
            return content_type
    if head[4:8] == b"ftyp":
        return _iso_type(head, extension)
    if head[:4] == _EBML:
        return _matroska_type(head, extension)
    if head[:4] == b"OggS":
        return "video/ogg" if b"\x80theora" in head[:512] else "audio/ogg"
    return None


def _iso_type(head: bytes, extension: str) -> str:
    """Source: ISO/IEC 14496-12, the box ``ftyp``: major brand, version, compatible brands."""
    major = head[8:12]
    if major in _BRANDS and major not in (b"mif1", b"msf1"):
        return _BRANDS[major]
    if major[:3] in (b"3gp", b"3gr", b"3gs"):
        return "video/3gpp"
    if major[:3] == b"3g2":
        return "video/3gpp2"
    end = min(_big(head[:4]), 16 + 4 * _MAX_BRANDS, len(head))
    for at in range(16, end - 3, 4):
        named = _BRANDS.get(head[at : at + 4])
        if named is not None and head[at : at + 4] not in (b"mif1", b"msf1"):
            return named
    if major in _BRANDS:
        return _BRANDS[major]
    if extension in (".m4a", ".m4b"):
        return "audio/mp4"
    has_sound_alone = b"hdlr" in head and b"soun" in head and b"vide" not in head
    return "audio/mp4" if has_sound_alone else "video/mp4"


def _matroska_type(head: bytes, extension: str) -> str:
    """Source: RFC 9559, the kind of document and the names of codecs."""
    is_webm = b"webm" in head[:64]
    has_sound_alone = extension in (".weba", ".mka") or (
        extension not in (".webm", ".mkv") and b"A_" in head and b"V_" not in head
    )
    if is_webm and extension not in (".mkv", ".mka"):
        return "audio/webm" if has_sound_alone else "video/webm"
    return "audio/x-matroska" if has_sound_alone else "video/x-matroska"


def picture_size(head: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a PNG, GIF, WebP or JPEG; None if the bytes do not tell."""
    match content_type_of(head):
        case "image/png" if head[12:16] == b"IHDR":
            size = _big(head[16:20]), _big(head[20:24])
        case "image/gif":
            size = _little(head[6:8]), _little(head[8:10])
        case "image/webp":
            size = _webp_size(head)
        case "image/jpeg":
            size = _jpeg_size(head)
        case _:
            return None
    return size if 0 < size[0] < 1 << 31 and 0 < size[1] < 1 << 31 else None


def _webp_size(head: bytes) -> tuple[int, int]:
    match head[12:16]:
        case b"VP8X":
            return 1 + _little(head[24:27]), 1 + _little(head[27:30])
        case b"VP8L":
            bits = _little(head[21:25])
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case b"VP8 ":
            return _little(head[26:28]) & 0x3FFF, _little(head[28:30]) & 0x3FFF
    return 0, 0


def _jpeg_size(head: bytes) -> tuple[int, int]:
    position = 2
    while position + 9 <= len(head) and head[position] == 0xFF:
        marker = head[position + 1]
        if marker == 0xFF:
            position += 1
        elif marker in _JPEG_WITHOUT_LENGTH:
            position += 2
        elif marker in _JPEG_FRAMES:
            return _big(head[position + 7 : position + 9]), _big(head[position + 5 : position + 7])
        else:
            position += 2 + _big(head[position + 2 : position + 4])
    return 0, 0


def _big(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")
