import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.outputs.control import ControlServer, Reply, Request, ask


@contextmanager
def served(
    path: Path, answer: Callable[[Request], Reply] = lambda asked: {"echo": asked.get("call")}
) -> Iterator[None]:
    stop, ready = threading.Event(), threading.Event()
    server = ControlServer(path, answer)
    thread = threading.Thread(target=server.run, args=(stop, ready.set))
    thread.start()
    assert ready.wait(5)
    try:
        yield
    finally:
        stop.set()
        thread.join(5)


def test_a_request_gets_its_reply_and_the_socket_goes_with_the_server(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    with served(path):
        assert ask(path, {"call": "status"}) == {"echo": "status"}
        assert path.stat().st_mode & 0o077 == 0
    assert not path.exists()


def test_an_answer_that_takes_long_keeps_nobody_waiting(tmp_path: Path) -> None:
    path, free = tmp_path / "control.sock", threading.Event()

    def slow_or_quick(request: Mapping[str, object]) -> Mapping[str, object]:
        assert request["call"] != "slow" or free.wait(30)
        return {"done": request["call"]}

    with served(path, slow_or_quick):
        answers: list[object] = []
        slow = threading.Thread(target=lambda: answers.append(ask(path, {"call": "slow"}, 30.0)))
        slow.start()
        assert [ask(path, {"call": "quick"}) for _ in range(20)] == [{"done": "quick"}] * 20
        free.set()
        slow.join(30)
        assert answers == [{"done": "slow"}]


def test_a_socket_left_by_a_killed_process_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    with served(path):
        assert ask(path, {"call": "again"}) == {"echo": "again"}


def test_the_folder_may_be_deeper_than_a_socket_address_is_long(tmp_path: Path) -> None:
    folder = tmp_path / ("deep" * 20) / ("deeper" * 20)
    folder.mkdir(parents=True)
    with served(folder / "control.sock"):
        assert ask(folder / "control.sock", {"call": "status"}) == {"echo": "status"}


def test_nobody_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        ask(tmp_path / "none.sock", {"call": "status"})


def test_nonsense_is_answered_or_dropped_and_the_server_lives(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"

    @given(st.binary(max_size=200))
    def send(nonsense: bytes) -> None:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            client.sendall(nonsense + b"\n")
            client.recv(1000)
        assert ask(path, {"call": "alive"}) == {"echo": "alive"}

    with served(path):
        send()
