from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from sigcli.daemon.channels.sockets import default_path, inherited, listen_unix
from sigcli.errors import ChannelUnavailable


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_user_can_connect(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "socket"
    listening, remove = listen_unix(str(path))
    assert (mode_of(path), mode_of(path.parent)) == (0o600, 0o700)
    with pytest.raises(ChannelUnavailable, match="is listening on"):
        listen_unix(str(path))
    listening.close()
    again, remove_again = listen_unix(str(path))  # nobody listens there any more
    remove_again()
    again.close()
    assert not path.exists()
    remove()  # it has gone already


def test_a_socket_that_others_have_put_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    listening, remove = listen_unix(str(path))
    path.unlink()
    other, _ = listen_unix(str(path))
    remove()
    assert path.exists()
    listening.close()
    other.close()


def test_a_group_can_be_let_in(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "socket"
    listening, remove = listen_unix(str(path), str(os.getegid()))
    assert (mode_of(path), mode_of(path.parent)) == (0o660, 0o710)
    remove()
    listening.close()
    with pytest.raises(ChannelUnavailable, match="no group"):
        listen_unix(str(tmp_path / "other"), "no-such-group")


def test_what_is_no_socket_stays(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("mine")
    with pytest.raises(ChannelUnavailable, match="not a socket"):
        listen_unix(str(path))
    assert path.read_text() == "mine"
    with pytest.raises(ChannelUnavailable):
        listen_unix(str(tmp_path / ("x" * 120)))  # longer than a socket's path may be


def test_the_usual_place(tmp_path: Path) -> None:
    assert default_path({"XDG_RUNTIME_DIR": str(tmp_path)}) == f"{tmp_path}/signal-cli/socket"


def test_sockets_for_another_process_are_left_alone() -> None:
    one = socket.socket()
    with one:
        assert inherited({"LISTEN_FDS": "1", "LISTEN_PID": "1"}) == []
        assert inherited({}) == []
