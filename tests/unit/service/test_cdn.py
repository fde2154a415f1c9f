from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from sigcli.errors import (
    ConnectionLost,
    MalformedAnswer,
    NotFound,
    NotOffered,
    ServerUnavailable,
    TlsRejected,
)
from sigcli.service.cdn import Cdn
from sigcli.service.network import Network
from sigcli.service.resources.post_forms import PostForm
from tests.support.loopback_server import Answer, ConnectProxy, LoopbackServer, Received, authority

FILE = bytes(range(256)) * 1000


def open_cdn(server: LoopbackServer, **variables: str) -> Cdn:
    return Cdn(Network(server.environment(), variables=variables), sleep=lambda _: None)


class Store:
    """Serves one file; ``cuts`` are the body lengths after which the next answers break off."""

    def __init__(self, *cuts: int | None, ranges: bool = True) -> None:
        self.cuts = list(cuts)
        self.ranges = ranges

    def __call__(self, got: Received) -> Answer:
        start, headers = 0, {}
        if self.ranges and "range" in got.headers:
            start = int(got.headers["range"].removeprefix("bytes=").removesuffix("-"))
            if start >= len(FILE):
                return Answer(416, b"", {})
            headers["Content-Range"] = f"bytes {start}-{len(FILE) - 1}/{len(FILE)}"
        cut = self.cuts.pop(0) if self.cuts else None
        return Answer(206 if headers else 200, FILE[start:], headers, cut_after=cut)


def download(store: Callable[[Received], Answer], start: int = 0) -> tuple[bytes, LoopbackServer]:
    sink = io.BytesIO()
    with LoopbackServer(store) as server, open_cdn(server) as cdn:
        assert cdn.download(3, "/attachments/key", sink, start=start) == len(FILE) - start
    return sink.getvalue(), server


def test_a_download_goes_below_the_base_path_without_a_login() -> None:
    content, server = download(Store())
    assert content == FILE
    (got,) = server.received
    assert got.path == "/cdn3/attachments/key"
    assert "authorization" not in got.headers
    assert got.headers["user-agent"].startswith("sigcli/")


@pytest.mark.parametrize("ranges", [True, False])
def test_a_download_goes_on_where_it_broke_off(ranges: bool) -> None:
    content, server = download(Store(100_000, 150_000, ranges=ranges))
    assert content == FILE
    assert len(server.received) == 3
    assert "range" in server.received[1].headers


def test_a_download_can_begin_later() -> None:
    assert download(Store(), start=1000)[0] == FILE[1000:]
    assert download(Store(), start=len(FILE))[0] == b""


def test_progress_starts_the_count_of_attempts_again() -> None:
    content, _ = download(Store(*[20_000] * 3 + [90_000] * 2))
    assert content == FILE


def test_without_progress_the_error_is_raised() -> None:
    with LoopbackServer(Store(*[0] * 9)) as server, open_cdn(server) as cdn:
        with pytest.raises(ConnectionLost):
            cdn.download(2, "/attachments/key", io.BytesIO())
        assert len(server.received) == 5


def test_trouble_of_the_server_passes() -> None:
    answers = [Answer(503, b"", {}), Answer(200, FILE, {})]
    assert download(lambda _: answers.pop(0))[0] == FILE
    trouble = LoopbackServer(lambda _: Answer(500, b"", {}))
    with trouble as server, open_cdn(server) as cdn, pytest.raises(ServerUnavailable):
        b"".join(cdn.chunks(0, "/x"))


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize("number", [0, 2, 3])
def test_what_is_gone_is_not_there_whatever_the_cdn_calls_it(status: int, number: int) -> None:
    with LoopbackServer(lambda _: Answer(status, b"", {})) as server, open_cdn(server) as cdn:
        with pytest.raises(NotFound) as caught:
            b"".join(cdn.chunks(number, "/x"))
        assert caught.value.status == status


def test_what_no_cdn_has_and_what_is_too_large_is_told() -> None:
    with LoopbackServer() as server, open_cdn(server) as cdn, pytest.raises(NotOffered):
        b"".join(cdn.chunks(7, "/x"))
    with LoopbackServer(Store()) as server, open_cdn(server) as cdn, pytest.raises(MalformedAnswer):
        cdn.download(0, "/x", io.BytesIO(), limit=len(FILE) - 1)


def test_another_part_than_asked_for_is_refused() -> None:
    wrong = Answer(206, b"xx", {"Content-Range": "bytes 5-6/7"})
    with (
        LoopbackServer(lambda _: wrong) as server,
        open_cdn(server) as cdn,
        pytest.raises(MalformedAnswer),
    ):
        b"".join(cdn.chunks(0, "/x", start=3))


def test_a_foreign_certificate_is_refused_and_a_proxy_used() -> None:
    with LoopbackServer(Store(), signed_by=authority("Foreign CA")) as server:
        network = Network(server.environment(ca_pem=authority().ca_pem), variables={})
        with Cdn(network, sleep=lambda _: None) as cdn, pytest.raises(TlsRejected):
            b"".join(cdn.chunks(0, "/x"))
    with LoopbackServer(Store()) as server, ConnectProxy() as proxy:
        with open_cdn(server, HTTPS_PROXY=proxy.url) as cdn:
            assert b"".join(cdn.chunks(0, "/x")) == FILE
        assert proxy.targets == [f"127.0.0.1:{server.port}"]


def test_a_server_name_of_the_environment_is_what_the_certificate_must_carry() -> None:
    with LoopbackServer(Store(), signed_by=authority("Named CA", "chat.test")) as server:
        network = Network(server.environment(server_name="chat.test"), variables={})
        with Cdn(network) as cdn:
            assert b"".join(cdn.chunks(0, "/x")) == FILE


def test_a_form_is_posted_with_the_file_last() -> None:
    with LoopbackServer(lambda _: Answer(204, b"", {})) as server, open_cdn(server) as cdn:
        cdn.post_form(
            PostForm("profiles/x", (("key", "profiles/x"), ("policy", "p"))), b"\x00avatar"
        )
        (got,) = server.received
    assert got.path == "/"
    boundary = got.headers["content-type"].partition("boundary=")[2].encode()
    parts = got.body.split(b"--" + boundary)
    assert b'name="key"\r\n\r\nprofiles/x\r\n' in parts[1]
    assert parts[-2].endswith(b"\r\n\r\n\x00avatar\r\n")
    assert b'name="file"' in parts[-2]
    assert parts[-1] == b"--\r\n"
