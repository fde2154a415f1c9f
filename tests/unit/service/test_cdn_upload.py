from __future__ import annotations

import io

import pytest

from sigcli.errors import ConnectionLost, NotOffered, PayloadTooLarge
from sigcli.service.cdn import Cdn
from sigcli.service.cdn_upload import target_on, upload
from sigcli.service.environment_fields import BaseUrl
from sigcli.service.network import Network
from sigcli.service.resources.attachments import UploadForm
from tests.support.loopback_server import Answer, CutRequest, LoopbackServer, Received

FILE = bytes(range(256)) * 1000
HALF = len(FILE) // 2


def run(server: LoopbackServer, form: UploadForm, content: bytes = FILE) -> None:
    source = io.BytesIO(b"head" + content)
    source.seek(4)
    with Cdn(Network(server.environment(), variables={}), sleep=lambda _: None) as cdn:
        upload(cdn, form, source, len(content))


class ResumableStore:
    """CDN 2. ``drops``: for each PUT of bytes, how many of them arrive before the connection breaks (None: all)."""

    def __init__(self, *drops: int | None) -> None:
        self.stored = b""
        self.drops = list(drops)
        self.asked = 0

    def __call__(self, got: Received) -> Answer | CutRequest:
        if got.method == "POST":
            assert got.headers["x-goog-resumable"] == "start"
            assert got.headers["host"] == "storage.example"
            assert got.headers["content-length"] == "0"
            return Answer(201, b"", {"Location": "https://storage.example/upload?id=7"})
        assert got.path == "/upload?id=7"
        wanted = got.headers.get("content-range", "")
        if wanted.startswith("bytes */"):
            self.asked += 1
            if len(self.stored) == int(wanted.partition("/")[2]):
                return Answer(200, b"", {})
            headers = {"Range": f"bytes=0-{len(self.stored) - 1}"} if self.stored else {}
            return Answer(308, b"", headers)
        if wanted:
            first = int(wanted.removeprefix("bytes ").partition("-")[0])
            assert first == len(self.stored)
            assert wanted == f"bytes {first}-{len(FILE) - 1}/{len(FILE)}"
        drop = self.drops.pop(0) if self.drops else None
        self.stored += got.body[:drop]
        return Answer(200, b"", {}) if drop is None else CutRequest()


FORM_2 = UploadForm(
    2,
    "key",
    (("host", "storage.example"), ("x-goog-resumable", "start")),
    "https://storage.example/begin?signature=1",
)


@pytest.mark.parametrize("drops", [(), (HALF,), (0, HALF, 0), (None,)])
def test_a_resumable_upload_goes_on_where_it_broke_off(drops: tuple[int | None, ...]) -> None:
    store = ResumableStore(*drops)
    with LoopbackServer(store) as server:
        run(server, FORM_2)
        assert all("authorization" not in got.headers for got in server.received)
    assert store.stored == FILE


def test_a_resumable_upload_whose_last_answer_was_lost_is_complete() -> None:
    store = ResumableStore(len(FILE))
    with LoopbackServer(store) as server:
        run(server, FORM_2)
    assert store.stored == FILE
    assert store.asked == 1


class TusStore:
    """CDN 3. ``drops`` as above; ``partial``: the creation says that it took only so many bytes."""

    def __init__(self, *drops: int | None, at: str, partial: int | None = None) -> None:
        self.stored = b""
        self.created = False
        self.drops = list(drops)
        self.at = at
        self.partial = partial

    def __call__(self, got: Received) -> Answer | CutRequest:
        assert got.headers["tus-resumable"] == "1.0.0"
        assert got.headers["authorization"] == "Bearer token"
        if got.method == "HEAD":
            assert got.path == self.at
            if not self.created:
                return Answer(404, b"", {})
            return Answer(200, b"", {"Upload-Offset": str(len(self.stored))})
        drop = self.drops.pop(0) if self.drops else None
        if got.method == "POST":
            assert got.headers["upload-length"] == str(len(FILE))
            assert got.headers["upload-metadata"] == "filename a2V5"
            if drop == 0:
                return CutRequest()
            self.created = True
            self.stored = got.body[: self.partial]
        else:
            assert (got.method, got.path) == ("PATCH", self.at)
            assert int(got.headers["upload-offset"]) == len(self.stored)
            self.stored += got.body
        if drop is not None:
            self.stored = self.stored[:drop]
            return CutRequest()
        headers = {
            "Upload-Offset": str(len(self.stored)),
            "Location": f"http://elsewhere:1{self.at}",
        }
        return Answer(201 if got.method == "POST" else 204, b"", headers)


@pytest.mark.parametrize("drops", [(), (HALF,), (0, HALF), (0, 0, None), (len(FILE),)])
@pytest.mark.parametrize(
    ("location", "at"),
    [
        ("https://cdn3.example/upload/attachments", "/cdn3/upload/attachments/key"),
        ("https://localhost:1/cdn3/attachments/key", "/cdn3/attachments/key"),
    ],
)
def test_a_tus_upload_goes_on_where_it_broke_off(
    drops: tuple[int | None, ...], location: str, at: str
) -> None:
    store = TusStore(*drops, at=at)
    form = UploadForm(
        3,
        "key",
        (("Authorization", "Bearer token"), ("Upload-Metadata", "filename a2V5")),
        location,
    )
    with LoopbackServer(store) as server:
        run(server, form)
    assert store.stored == FILE


def test_a_creation_that_took_only_a_part_is_continued() -> None:
    store = TusStore(at="/cdn3/a/key", partial=HALF)
    with LoopbackServer(store) as server:
        run(server, UploadForm(3, "key", (("Authorization", "Bearer token"),), "https://x/a"))
    assert store.stored == FILE


def test_without_progress_the_error_is_raised() -> None:
    with LoopbackServer(ResumableStore(*[0] * 9)) as server, pytest.raises(ConnectionLost):
        run(server, FORM_2)


def test_a_refusal_and_an_unknown_cdn_have_names() -> None:
    with LoopbackServer(lambda _: Answer(413, b"", {})) as server, pytest.raises(PayloadTooLarge):
        run(server, UploadForm(3, "key", (), "https://x/a"))
    with LoopbackServer() as server, pytest.raises(NotOffered):
        run(server, UploadForm(9, "key", (), "https://x/a"))


@pytest.mark.parametrize(
    ("base", "location", "expected"),
    [
        (BaseUrl("cdn"), "https://other/a/b?c=d", "/a/b?c=d"),
        (BaseUrl("cdn", 1, "/cdn3"), "http://cdn/cdn3/a", "/cdn3/a"),
        (BaseUrl("cdn", 1, "/cdn3"), "https://cdn/cdn33/a", "/cdn3/cdn33/a"),
        (BaseUrl("cdn", 1, "/cdn3"), "a/b", "/cdn3/a/b"),
        (BaseUrl("cdn"), "https://other", "/"),
    ],
)
def test_addresses_are_followed_on_the_environments_own_host(
    base: BaseUrl, location: str, expected: str
) -> None:
    assert target_on(base, location) == expected
