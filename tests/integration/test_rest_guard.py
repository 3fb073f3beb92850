"""What the guard does with many connections; each limit alone, made small."""

import socket
from contextlib import ExitStack
from pathlib import Path

from edge.outputs.rest.guard import Limits
from tests.support.calls import call, eventually
from tests.support.rest import Device, event, serving

FAR_S = 600.0
PATIENT = Limits(request_s=FAR_S, grace_s=FAR_S, output_s=FAR_S)


def connect(stack: ExitStack, device: Device, sent: bytes = b"") -> socket.socket:
    connection = stack.enter_context(socket.socket())
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", device.port))
    connection.sendall(sent)
    return connection


def established(connections: list[socket.socket]) -> list[bool]:
    """Tell of each connection whether the server still has it, without reading what it sent."""
    return [each.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == 1 for each in connections]


def test_the_oldest_incomplete_requests_of_an_address_go(tmp_path: Path) -> None:
    limits = Limits(request_s=FAR_S, grace_s=0.2, per_address=3)
    with serving(tmp_path, limits=limits) as made, ExitStack() as stack:
        halves = [connect(stack, made, b"GET / HTTP/1.1\r\nX") for _ in range(8)]
        eventually(lambda: sum(established(halves)) == 3)
        assert call(made.port, "/v1/json/channels").status == 200


def test_the_largest_answers_that_nobody_takes_go(tmp_path: Path) -> None:
    limits = Limits(request_s=FAR_S, output_s=FAR_S, output_bytes=64 * 1024)
    with serving(tmp_path, limits=limits) as made, ExitStack() as stack:
        made.commit(*(event(rule_id="r", rule_name="x" * 6000) for _ in range(1000)))
        request = b"GET /v1/json/events?limit=%d HTTP/1.1\r\n\r\n"
        small = [connect(stack, made, request % 1) for _ in range(3)]
        large = [connect(stack, made, request % 1000) for _ in range(3)]
        eventually(lambda: not any(established(large)))
        assert all(established(small))


def test_connections_idle_for_longest_make_room(tmp_path: Path) -> None:
    limits = Limits(request_s=FAR_S, grace_s=FAR_S, connections=40)
    with serving(tmp_path, limits=limits) as made, ExitStack() as stack:
        request = b"GET /v1/json/channels HTTP/1.1\r\n\r\n"
        idle = [connect(stack, made, request) for _ in range(38)]
        for each in idle:
            each.settimeout(30.0)
            assert each.recv(12) == b"HTTP/1.1 200"
        eventually(lambda: sum(established(idle)) <= 36)
        assert sum(established(idle)) > 30
        assert call(made.port, "/v1/json/channels").status == 200


def test_patience_keeps_everyone(tmp_path: Path) -> None:
    with serving(tmp_path, limits=PATIENT) as made, ExitStack() as stack:
        halves = [connect(stack, made, b"GET / HTTP/1.1\r\nX") for _ in range(40)]
        for _ in range(3):
            assert call(made.port, "/v1/json/channels").status == 200
        assert all(established(halves))
