import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from edge.outputs.rest.app import all_routes
from edge.outputs.rest.context import Route
from edge.outputs.rest.guard import Limits
from edge.outputs.rest.server import ListenError, RestServer
from edge.settings import ApiSettings
from tests.support.calls import answer_of, ask, call, eventually
from tests.support.rest import CHANNEL, Device, demo_channel, device, event, serving

EVENTS = "/v1/json/events"
UTC = ZoneInfo("UTC")


@contextmanager
def unserved(folder: Path, **api: object) -> Iterator[Device]:
    settings = ApiSettings(**({"host": "127.0.0.1", "port": 0} | api))  # type: ignore[arg-type] # settings by name
    with device(folder, api=settings, channels=[demo_channel()], zone=UTC) as made:
        yield made


def silent() -> None:
    """Beat for nobody."""


def closed_by_server(connection: socket.socket) -> bool:
    connection.settimeout(0.01)
    try:
        return connection.recv(65536) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


def test_one_waiting_client_too_many_is_refused_at_once_while_others_are_served(tmp_path: Path) -> None:
    with serving(tmp_path, api=ApiSettings(host="127.0.0.1", port=0, max_waiting=3)) as made:
        waiting = [ask(made.port, f"{EVENTS}?timeout=60") for _ in range(3)]
        eventually(lambda: made.context.log.waiting() == 3)
        refused = call(made.port, f"{EVENTS}?timeout=60", timeout_s=10.0)
        assert (refused.status, refused.headers["retry-after"]) == (503, "1")
        assert call(made.port, EVENTS).json == []
        assert call(made.port, "/v1/json/channels").status == 200
        made.commit(event())
        assert [answer_of(each).status for each in waiting] == [200, 200, 200]
        assert len(call(made.port, f"{EVENTS}?timeout=60", timeout_s=10.0).json) == 1


def test_stop_answers_who_waits_and_frees_the_port(tmp_path: Path) -> None:
    with unserved(tmp_path) as made:
        server = RestServer(made.context, all_routes(made.context))
        port = 0
        for _ in range(2):
            stop = threading.Event()
            thread = threading.Thread(target=server.run, args=(stop, silent))
            thread.start()
            port = server.address(10.0)[1]
            waiting = [ask(port, f"{EVENTS}?timeout=60") for _ in range(20)]
            eventually(lambda: made.context.log.waiting() == 20)
            stop.set()
            answers = [answer_of(each) for each in waiting]
            assert {(answer.status, answer.body) for answer in answers} == {(200, b"[]")}
            thread.join(20)
            assert not thread.is_alive()
            assert made.context.log.waiting() == 0
        with socket.create_server(("127.0.0.1", port)):
            pass


def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with unserved(tmp_path, port=port) as made, pytest.raises(ListenError, match=f"port {port}.*in use.*api.port"):
            RestServer(made.context, []).run(threading.Event(), silent)


@pytest.mark.parametrize("host", ["192.0.2.1", "not a host", "x" * 300])
def test_a_host_that_is_not_ours_is_said_in_one_line(tmp_path: Path, host: str) -> None:
    with unserved(tmp_path, host=host) as made, pytest.raises(ListenError, match=r"api\.host"):
        RestServer(made.context, []).run(threading.Event(), silent)


def test_a_fault_of_ours_shows_nothing_of_the_inside(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def fault() -> str:
        raise ZeroDivisionError("inside")

    with unserved(tmp_path) as made:
        stop = threading.Event()
        server = RestServer(made.context, [Route("GET", "/v1/json/fault", fault)])
        thread = threading.Thread(target=server.run, args=(stop, silent))
        thread.start()
        answer = call(server.address(10.0)[1], "/v1/json/fault")
        stop.set()
        thread.join(20)
    assert answer.status == 500
    assert list(answer.json) == ["error", "parameter"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert b"inside" not in answer.body
    assert "ZeroDivisionError: inside" in capfd.readouterr().err


def test_threads_of_clients_that_went_away_are_free_again(tmp_path: Path) -> None:
    with serving(tmp_path) as made:
        with ExitStack() as stack:
            for _ in range(200):
                stack.enter_context(ask(made.port, f"{EVENTS}?timeout=60"))
            eventually(lambda: made.context.log.waiting() == 200)
        eventually(lambda: made.context.log.waiting() == 0)
        started = threading.active_count()
        waiting = [ask(made.port, f"{EVENTS}?timeout=60") for _ in range(100)]
        eventually(lambda: made.context.log.waiting() == 100)
        assert threading.active_count() <= started
        made.commit(event())
        assert all(answer_of(each).json for each in waiting)


def test_viewers_that_went_away_leave_their_seats(tmp_path: Path) -> None:
    with serving(tmp_path) as made:
        for _ in range(2):
            viewers = [ask(made.port, "/v1/sse/events") for _ in range(16)]
            eventually(lambda: made.context.log.waiting() == 16)
            refused = call(made.port, "/v1/sse/events")
            assert (refused.status, refused.headers["content-type"]) == (503, "application/problem+json")
            for each in viewers:
                each.close()
            eventually(lambda: made.context.log.waiting() == 0)


def test_clients_that_drip_bytes_do_not_keep_others_waiting(tmp_path: Path) -> None:
    head = b"GET /v1/json/channels HTTP/1.1\r\nX-Slow: "
    with serving(tmp_path) as made, ExitStack() as stack:
        dripping = [stack.enter_context(socket.create_connection(("127.0.0.1", made.port))) for _ in range(150)]
        for each in dripping:
            each.sendall(head)
        waiting = [ask(made.port, f"{EVENTS}?timeout=60") for _ in range(200)]
        eventually(lambda: made.context.log.waiting() == 200)
        began_s = time.monotonic()
        made.commit(event())
        assert all(len(answer_of(each).json) == 1 for each in waiting)
        assert time.monotonic() - began_s < 15
        eventually(lambda: sum(closed_by_server(each) for each in dripping) >= 150 - Limits().per_address)


def test_a_request_that_is_never_complete_is_closed(tmp_path: Path) -> None:
    with serving(tmp_path, limits=Limits(request_s=1.0)) as made, ExitStack() as stack:
        silent_one, half, body = (
            stack.enter_context(socket.create_connection(("127.0.0.1", made.port))) for _ in range(3)
        )
        half.sendall(b"GET / HT")
        body.sendall(b"POST /x HTTP/1.1\r\nHost: edge\r\nContent-Length: 10\r\n\r\n12")
        waiting = ask(made.port, f"{EVENTS}?timeout=60")
        for each in (silent_one, half, body):
            eventually(lambda each=each: closed_by_server(each))  # type: ignore[misc] # a lambda with a default
        made.commit(event())
        assert len(answer_of(waiting).json) == 1


def test_a_client_that_never_reads_loses_its_connection(tmp_path: Path) -> None:
    with serving(tmp_path, limits=Limits(output_s=1.0)) as made, ExitStack() as stack:
        made.commit(*(event(rule_name="x" * 2000, rule_id="r") for _ in range(1000)))
        stuck = stack.enter_context(socket.socket())
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.connect(("127.0.0.1", made.port))
        stuck.sendall(f"GET {EVENTS}?limit=1000 HTTP/1.1\r\nHost: edge\r\n\r\n".encode() * 2)
        eventually(lambda: _reset(stuck))


def _reset(connection: socket.socket) -> bool:
    """Tell whether the other side has closed, without reading what it sent."""
    state = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
    return state != 1


def test_open_files_are_bounded_by_the_limit_on_connections(tmp_path: Path) -> None:
    with serving(tmp_path, limits=Limits(connections=60, request_s=2.0)) as made, ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(socket.create_connection(("127.0.0.1", made.port)))
        open_files = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - only how many
        assert open_files < 100 + 60 + 40
        assert call(made.port, "/v1/json/channels").json[0]["channel_id"] == CHANNEL
