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
    (0, b"%PDF-", "application/pdf"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
)
_BRANDS = {
    b"M4A ": "audio/mp4",
    b"qt  ": "video/quicktime",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heic",
    b"avif": "image/avif",
}
_JPEG_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
# Start of frame; C4, C8 and CC in between mean other things.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def content_type_of(head: bytes) -> str | None:
    """The content type that the first bytes of a file tell, if they do."""
    for offset, signature, content_type in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            is_riff = offset == 0 or head[:4] == b"RIFF"
            return content_type if is_riff else None
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return "video/3gpp" if brand[:3] == b"3gp" else _BRANDS.get(brand, "video/mp4")
    return None


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
